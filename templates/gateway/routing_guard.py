"""Gateway guard: what is meant for the local model reaches no other one, by whatever route.

Written by claude-routing-install. LiteLLM loads it as a callback, and it puts itself around LiteLLM's whole web application, in
front of authentication and of every route: LiteLLM's own hooks are not called on all routes that dial out.

1. A request that carries the mark of a session that must stay local is refused, unless its route is one of the few in MARKED and
   its model one of LOCAL_ONLY_NAMES.
2. Whatever names a local model, marked or not, is rebuilt from the fields of the public APIs alone. A body, a query or a header
   that would lead LiteLLM elsewhere (fallbacks, addresses, credentials …) is refused in words; what neither is is left out.
   In a request to a cloud such fields and headers are left out: whoever stands in for it is the person's choice.
3. Everybody else is kept to the routes that a gateway for Claude Code needs (OPEN). LiteLLM has hundreds of others, among them
   passages to providers that were never configured.
4. The person's own rules may lead a request to another model than it names; routing_rules.py. What is marked is led nowhere, and
   what names a local model to a cloud only where that was agreed to.
5. Where a ceiling of what may be spent is reached, a request that names a cloud's model is refused, or asks the local model instead.
6. A conversation with text of a sealed folder is led to the local model before any of this, whatever it names; sealed_folders.py.
7. What was judged is what LiteLLM gets: a body is read once, as JSON, and handed on as it was read. LiteLLM has names of its own
   making for Claude Code; here they are listed to nobody, and each is judged, and handed on, as the name that it stands for.

It shows that it stands by GUARD_HEADER on the answers of /health and on refusals. Model calls that did not pass it are refused by
the callback below, so that a LiteLLM that puts the guard aside serves nobody rather than everybody.
"""

import contextvars
import json
import os
import re
from urllib.parse import parse_qsl

import litellm
import sitecustomize
from fastapi import HTTPException
from litellm.integrations.custom_logger import CustomLogger
from litellm.proxy import proxy_server
from litellm.types.router import GenericLiteLLMParams
from litellm.types.utils import all_litellm_params

import ceiling
import conversations
import json_bytes
import lighter
import litellm_parts
import model_list
import routing_rules
import sealed_folders
import warm_up
from cloud_refusals import CEILING_HEADER, current
from gateway_names import LOCAL_PREFIX, ROUTE, ROUTING_HEADER

LOCAL_ONLY = os.environ.get("LOCAL_ONLY_NAMES", "").split(",")[0]
LOCAL_ONLY_NAMES = frozenset(filter(None, os.environ.get("LOCAL_ONLY_NAMES", "").split(",")))
LOCAL_NAMES = LOCAL_ONLY_NAMES | frozenset(filter(None, os.environ.get("LOCAL_NAMES", "").split(",")))
LOCAL_PREFIXES = (LOCAL_PREFIX, "lm_studio/")
ROUTING_FIELD = ROUTING_HEADER.encode()
# Looked for anywhere in the header, without regard to case and blanks: a mark that is written otherwise is still a mark.
MARKS = ("local-only", "claude-offline")
GUARD_HEADER = b"x-claude-routing-guard"
LAUNCHER = re.compile(r"[a-z][a-z-]{0,31}")

# The clouds take 32 MB at most.
LARGEST_BODY = 64 * 1024 * 1024
MESSAGES, COUNT = ROUTE, f"{ROUTE}/count_tokens"
LISTS = frozenset({"/v1/models", "/models"})
READINESS = "/health/readiness"
STATES = frozenset({"/health/liveliness", "/health/liveness", READINESS})
READING = frozenset({"GET", "HEAD"})
# What answers from what the gateway knows by itself. /health is not among them: it dials every model.
MARKED_READS = LISTS | STATES | {"/"}
MARKED_POSTS = frozenset({MESSAGES, COUNT})
OPEN_READS = MARKED_READS | {
    "/health",
    "/health/readiness/details",
    "/model/info",
    "/v1/model/info",
    "/model_group/info",
    "/routes",
    "/utils/supported_openai_params",
}
# Each takes JSON with the model's name in it, and asks the deployment of that name and no other server.
OPEN_POSTS = MARKED_POSTS | {
    "/v1/chat/completions",
    "/chat/completions",
    "/v1/completions",
    "/completions",
    "/v1/responses",
    "/responses",
    "/v1/embeddings",
    "/embeddings",
    "/utils/token_counter",
}
# Says "ok" and does nothing; Claude Code's telemetry.
OPEN_STUBS = frozenset({"/api/event_logging/batch"})
OFFERED = [*(("GET", path) for path in OPEN_READS), *(("POST", path) for path in OPEN_POSTS | OPEN_STUBS)]
QUERIES = {
    **dict.fromkeys(MARKED_POSTS, frozenset({"beta"})),
    "/utils/token_counter": frozenset({"call_endpoint"}),
    **dict.fromkeys(LISTS, frozenset({"limit", "before_id", "after_id", "beta"})),
}

# Fields of the Messages API and of OpenAI's, as far as they say what is asked and not where.
FIELDS = frozenset(
    "model messages system max_tokens stream temperature top_p top_k stop_sequences tools tool_choice thinking metadata output_config"
    " output_format context_management service_tier betas speed prompt input contents stop n seed user stream_options"
    " max_completion_tokens max_output_tokens presence_penalty frequency_penalty logit_bias logprobs top_logprobs parallel_tool_calls"
    " response_format reasoning_effort reasoning functions function_call suffix echo best_of instructions text include truncation"
    " encoding_format dimensions verbosity min_p repeat_penalty".split()
)
# Words by which LiteLLM is told to go elsewhere, or to pretend that it did.
STEERING = re.compile(
    r"fallback|mock|rout(?:er|ing)|config|api_?(?:base|key|version|type)|base_?url|endpoint|address|deployment|provider|credential"
    r"|headers|extra_|tags|guardrail|callback|litellm|timeout|retr(?:y|ies)|model_|organization|prompt_id|client"
    r"|proxy|region|cache$|caching|metadata",
    re.IGNORECASE,
)
# What LiteLLM takes for its own wherever it stands, by its own lists: a copy of each request for another model, no check of a certificate …
LITELLM_NAMES = frozenset({*all_litellm_params, *GenericLiteLLMParams.model_fields}) - FIELDS
# LiteLLM's own way of sending the key, and what only names a request.
HARMLESS_HEADERS = frozenset({b"x-litellm-api-key", b"x-litellm-call-id", b"x-litellm-trace-id", b"x-litellm-session-id"})
STEERING_HEADER = re.compile(rb"x-litellm-|x-mcp-|x-pass-|llm_provider-|x-goog-|x-amz-|helicone-|openai-|api-base")

# LiteLLM lists a name in these forms to who is Claude Code by one of these headers, and takes it so from everybody.
LONG_WINDOW, IN_HEX = "[1m]", re.compile(r"claude-router-((?:[0-9a-f]{2})+)")
ASKS_AS_CLAUDE_CODE = (b"user-agent", b"x-gateway-client")
# As JavaScript writes it in JSON, which writes whole letters as they are.
HALF_LETTER = b"\\ud"

passed = contextvars.ContextVar("passed_the_guard", default=False)


class Refused(Exception):
    """A request that goes no further, with the status and the words of its answer."""

    def __init__(self, message, status=400, cause="refused"):
        super().__init__(message)
        self.status = status
        # The request log's word for it.
        self.cause = cause


def shown(word):
    """A stranger's word, fit for a message: short, without what steers a terminal."""
    text = word if isinstance(word, str) else json.dumps(word, default=str)
    printable = "".join(letter if letter.isprintable() else "?" for letter in text)
    return printable if len(printable) <= 80 else f"{printable[:79]}…"


def mark_of(headers):
    """Who sent a request that must stay local; None for every other request."""
    value = "".join(b",".join(value for name, value in headers if name.lower() == ROUTING_FIELD).decode("latin-1").lower().split())
    if not any(mark in value for mark in MARKS):
        return None
    launcher = LAUNCHER.match(value)
    return launcher.group() if launcher is not None else "this session"


def refusal_of_route(method, path, sender):
    """Why a request may not take this route; None when it may. `sender` is that of a marked request."""
    reads, posts = (OPEN_READS, OPEN_POSTS | OPEN_STUBS) if sender is None else (MARKED_READS, MARKED_POSTS)
    if path in (reads if method in READING else posts if method == "POST" else ()):
        return None
    where = f"{shown(method)} {shown(path)}"
    if sender is None:
        return Refused(f"this gateway is for Claude Code and does not offer {where}", 404)
    return Refused(f"{sender} never leaves this network, and {where} may lead out of it")


def refuse_query(path, query, sender):
    strange = [name for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True) if name not in QUERIES.get(path, ())]
    if strange:
        raise Refused(f"{sender} may not ask with {shown(strange[0])} in the address")


def refuse_headers(headers, sender):
    for name, value in headers:
        low = name.lower()
        if is_order(name):
            raise Refused(f"{sender} may not send the header {shown(low.decode('latin-1'))}")
        if low == b"content-encoding" and value.strip().lower() not in (b"", b"identity"):
            raise Refused(f"{sender} has to send plain JSON, not {shown(value.decode('latin-1'))}")


def parsed_body(headers, raw):
    """
    The body as LiteLLM would read it, for it is handed on in this form, and whether LiteLLM can read it at all. Raises Refused for
    everything but an object in JSON.
    """
    kind = next((value for name, value in headers if name.lower() == b"content-type"), b"").split(b";")[0].strip().lower()
    if kind in (b"application/x-www-form-urlencoded", b"multipart/form-data"):
        raise Refused("the body has to be JSON, with content-type: application/json")
    try:
        body, is_usual = json_bytes.read(raw, refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Refused("the body is not JSON") from error
    if not isinstance(body, dict):
        raise Refused("the body has to be an object in JSON")
    return body, is_usual


def refuse_constant(name):
    raise ValueError(name)


def orders_in(body):
    """The fields by which LiteLLM would be told to go elsewhere."""
    return [name for name in body if name not in FIELDS and STEERING.search(name)]


def is_order(header):
    low = header.lower()
    return STEERING_HEADER.match(low) is not None and low not in HARMLESS_HEADERS


def local_body(body, sender):
    """What may be asked of the local model: the same body without what is not part of the question."""
    for steering in orders_in(body):
        raise Refused(f"{sender} may not send {shown(steering)}: it would lead past the local model")
    kept = {name: value for name, value in body.items() if name in FIELDS}
    return {**kept, "metadata": id_in(kept)} if "metadata" in kept else kept


def id_in(body):
    """Of the metadata the client's own id; LiteLLM takes orders from everything else in there."""
    user = body["metadata"].get("user_id") if isinstance(body["metadata"], dict) else None
    return {"user_id": user} if isinstance(user, str) else {}


def judged(scope, raw, sender):
    """The headers and the body to hand on, as bytes, and as it was read where that is the same. Raises Refused."""
    headers = scope["headers"]
    plain = not any(name.lower() == b"content-encoding" for name, _ in headers)
    if sender is None and not plain:
        raise Refused("the body has to be plain JSON, without a content-encoding")
    body, is_usual = parsed_body(headers, raw)
    model = plain_name(body.get("model"))
    if model != body.get("model"):
        body["model"] = model
        headers, raw = renamed(headers, raw, model)
    sealed = stays_for_good(headers, body)
    if sender is not None and not (isinstance(model, str) and model in LOCAL_ONLY_NAMES):
        raise Refused(f"{sender} never leaves this network, and {shown(model)} is not the local model")
    if scope["path"] == MESSAGES:
        note_asker(headers, raw, body)
        if sender is None and not sealed:
            headers, raw = led_by_rule(headers, raw, body)
    if sealed and sender is None:
        seal(scope["path"], body)
    model = body.get("model")
    query = [value for _, value in parse_qsl(scope.get("query_string", b"").decode("latin-1"))]
    who = sender or f"a request to {shown(model)}"
    if not any(map(names_local, [model, *map(plain_name, query)])):
        if not leads_home(scope["path"], model):
            headers, raw, body = without_orders(headers, raw, body)
            return headers, raw, body if is_usual else None
        model = body["model"] = LOCAL_ONLY
    if not is_local(model):
        raise Refused(f"{who} may name one model, and no other one beside the local model")
    refuse_query(scope["path"], scope.get("query_string", b""), who)
    refuse_headers(headers, who)
    body = local_body(body, who)
    return *rebuilt(headers, body), body if is_usual else None


def rebuilt(headers, body):
    """The headers and the body of a request that was changed. Half a letter (a lone surrogate) is refused by whoever reads it next."""
    raw = json_bytes.written(body)
    described = (b"content-type", b"content-length", b"transfer-encoding", b"content-encoding")
    kept = [(name, value) for name, value in headers if name.lower() not in described]
    return [*kept, (b"content-type", b"application/json"), (b"content-length", str(len(raw)).encode())], raw


def without_orders(headers, raw, body):
    """The same request to a cloud, where it goes and who stands in for it being the person's choice alone."""
    orders = {*orders_in(body), *LITELLM_NAMES.intersection(body)}
    own_id = {"metadata": id_in(body)} if "metadata" in body else {}
    if orders or HALF_LETTER in raw or own_id != {name: body[name] for name in own_id}:
        body = {name: value for name, value in {**body, **own_id}.items() if name not in orders}
        headers, raw = rebuilt(headers, body)
    return [(name, value) for name, value in headers if not is_order(name)], raw, body


def note_asker(headers, raw, body):
    """Takes down what kind of request it is and whose: for the rules, the queue of a local server, and the request log."""
    exchange = current.get()
    sent = by_name(headers)
    exchange.described = routing_rules.describe(sent, body, raw)
    exchange.session = conversations.session_of(sent, body)
    exchange.agent_id = sent.get(conversations.AGENT_RUN_HEADER, "")


def stays_for_good(headers, body):
    """Whether a request is of a conversation with text of a sealed folder. Raises Refused where that cannot be told."""
    if not sealed_folders.IS_SET:
        return False
    try:
        return sealed_folders.seal.reason(by_name(headers), body) is not None
    except sealed_folders.NotWritten as error:
        words = "this conversation has text of a sealed folder, and that cannot be written down:  claude-routing-install doctor"
        raise Refused(words, 503) from error
    except Exception as error:
        words = f"whether this has text of a sealed folder cannot be told ({type(error).__name__}), so it goes nowhere"
        raise Refused(words, 503) from error


def seal(path, body):
    """Turns a request to the strict name of the local model, which nobody stands in for."""
    exchange, asked = current.get(), body.get("model")
    body["model"] = LOCAL_ONLY
    if exchange is None:
        return
    exchange.sealed = True
    if path == MESSAGES:
        exchange.rule = sealed_folders.RULE
        exchange.named = asked if isinstance(asked, str) and asked != body["model"] else None


def by_name(headers):
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}


def led_by_rule(headers, raw, body):
    """The headers and the body for the model of the rule that fits; the same when none does."""
    exchange, asked = current.get(), body.get("model")
    described = exchange.described
    if not routing_rules.RULES or described["isTrial"] or not isinstance(asked, str):
        return headers, raw
    stays_home = names_local(asked) and not (routing_rules.MAY_LEAVE_HOME and asked in LOCAL_NAMES - LOCAL_ONLY_NAMES)
    rule = routing_rules.rule_for(routing_rules.RULES, {**described, "staysHome": stays_home})
    if rule is None:
        return headers, raw
    exchange.rule = rule["name"]
    if rule["model"] == asked:
        return headers, raw
    exchange.named, body["model"] = asked, rule["model"]
    return renamed(headers, raw, rule["model"])


def renamed(headers, raw, model):
    """The headers and the body of a request for another model."""
    led = routing_rules.led(raw, model)
    kept = [(name, value) for name, value in headers if name.lower() not in (b"content-length", b"transfer-encoding")]
    return [*kept, (b"content-length", str(len(led)).encode())], led


def plain_name(model):
    """The name that LiteLLM would take this one for."""
    if not isinstance(model, str):
        return model
    plain = model[: -len(LONG_WINDOW)] if model.lower().endswith(LONG_WINDOW) else model
    found = IN_HEX.fullmatch(plain)
    return bytes.fromhex(found[1]).decode("utf-8", "replace") if found is not None else plain


def leads_home(path, name):
    """Whether the local model is asked instead of this one, because a ceiling is reached. Raises Refused where nobody is."""
    deployment = ceiling.cloud_of(name) if ceiling.IS_SET and path == MESSAGES and not current.get().is_own else None
    reached = None if deployment is None else ceiling.reached(deployment)
    if reached is None:
        return False
    if not ceiling.LEADS_HOME:
        raise Refused(reached, ceiling.STATUS, "ceiling")
    ceiling.lead_home(name, deployment, reached)
    return True


def is_local(name):
    """Whether this is a name of the local model, one of its ids, or LiteLLM's own name for it."""
    return isinstance(name, str) and "," not in name and (name in LOCAL_NAMES or name.startswith(LOCAL_PREFIXES))


def names_local(model):
    """Whether one of the names in a field is a local one; LiteLLM takes several, as a list or between commas."""
    names = model if isinstance(model, list) else str(model).split(",")
    return any(is_local(name.strip()) for name in names if isinstance(name, str))


async def whole_body(receive):
    """All of a request's body; None when the client left before its end."""
    pieces, length = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        pieces.append(message.get("body", b""))
        length += len(pieces[-1])
        if length > LARGEST_BODY:
            raise Refused("the body is too long", 413)
        if not message.get("more_body", False):
            return b"".join(pieces)


def replay(body, receive):
    """Gives a body that was read already, then whatever comes next: that the client leaves."""
    first = True

    async def again():
        nonlocal first
        if first:
            first = False
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return again


class RoutingGuard:
    """ASGI: stands in front of another application."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        try:
            await self.forward(scope, receive, send)
        except Refused as refused:
            await refuse(scope, send, refused)

    async def forward(self, scope, receive, send):
        headers, path = scope["headers"], scope["path"]
        if current.get() is not None:
            current.get().is_own = not warm_up.over.is_set() and warm_up.is_own(headers)
        sender = mark_of(headers)
        method = scope["method"] if scope["type"] == "http" else "WEBSOCKET"
        refusal = refusal_of_route(method, path, sender)
        if refusal is not None:
            raise refusal
        if method in READING:
            if path == READINESS and not warm_up.over.is_set():
                raise Refused("the gateway is not ready yet", 503)
            if sender is not None:
                refuse_query(path, scope.get("query_string", b""), sender)
                refuse_headers(headers, sender)
            if path in LISTS:
                scope = {**scope, "headers": [one for one in headers if one[0].lower() not in ASKS_AS_CLAUDE_CODE]}
            return await self.app(scope, receive, answering(path, headers, send))
        if path in OPEN_STUBS:
            return await self.app(scope, receive, send)
        raw = await whole_body(receive)
        if raw is None:
            return
        try:
            kept, raw, body = judged(scope, raw, sender)
        except Refused as refused:
            tell_request_log(scope, raw, refused)
            raise
        passed.set(True)
        scope, receive = {**scope, "headers": kept}, replay(raw, receive)
        way = lighter.way_for(scope) if path == MESSAGES and body is not None else None
        if way is not None:
            return await way(scope, receive, send, body)
        await self.app(scope, receive, send)


def tell_request_log(scope, raw, refused):
    """What is refused here reaches none of LiteLLM's hooks, which the request log counts by."""
    for callback in litellm.callbacks:
        note = getattr(callback, "note_refusal", None)
        if note is not None:
            note(scope["path"], scope["headers"], raw, refused.status, refused.cause)


def answering(path, headers, send):
    """The way back for what only reads: states are signed, and a launcher's list has each model once."""
    if path in STATES:
        return signed(send)
    from_launcher = any(name.lower() == ROUTING_FIELD for name, _ in headers)
    return model_list.shortening(send) if path in LISTS and from_launcher else send


def signed(send):
    """Adds to an answer that the guard stands."""

    async def send_signed(message):
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), (GUARD_HEADER, b"stands")]}
        await send(message)

    return send_signed


async def refuse(scope, send, refused):
    """Answers in the shape of the Messages API, so that Claude Code shows the words."""
    kind = {402: "billing_error", 404: "not_found_error", 413: "request_too_large"}.get(refused.status, "invalid_request_error")
    body = json.dumps({"type": "error", "error": {"type": kind, "message": str(refused)}}).encode()
    start = {
        "status": refused.status,
        "headers": [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (GUARD_HEADER, b"refused"),
            *([CEILING_HEADER] if refused.status == ceiling.STATUS else []),
        ],
    }
    if scope["type"] == "http":
        await send({"type": "http.response.start", **start})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
    elif "websocket.http.response" in scope.get("extensions", {}):
        await send({"type": "websocket.http.response.start", **start})
        await send({"type": "websocket.http.response.body", "body": body})
    else:
        await send({"type": "websocket.close", "code": 1008, "reason": str(refused)[:120]})


def stand_in_front(app):
    """Puts the guard around an application that may have started already, outside of everything that it has. Once."""
    if app.middleware_stack is None:
        app.middleware_stack = app.build_middleware_stack()
    if not isinstance(app.middleware_stack, RoutingGuard):
        app.middleware_stack = RoutingGuard(app.middleware_stack)


class GuardedOnly(CustomLogger):
    async def async_pre_call_hook(self, user_api_key_dict, cache, data, call_type):
        if not passed.get():
            raise HTTPException(status_code=503, detail={"error": "the gateway's guard does not stand in front of its routes"})
        return data


litellm_parts.require()
stand_in_front(proxy_server.app)
lighter.begin()
sitecustomize.start_up_is_over()


def lay_way():
    lighter.take("route", lambda: lighter.put_route_first(proxy_server.app, OFFERED))
    lighter.take("way", lambda: lighter.lay_short_way(proxy_server.app))


warm_up.begin(lay_way)
proxy_handler_instance = GuardedOnly()
