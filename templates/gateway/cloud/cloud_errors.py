"""Gateway hook: what a cloud refuses reaches the client as the cloud said it.

Written by claude-routing-install. It runs inside LiteLLM, which puts its own words around a cloud's error, knows fewer statuses and
types than the Messages API has (529 becomes 500, 413 becomes 400) and drops the headers. Claude Code decides by status, type and
headers whether and when to ask again, and shows the message to a person.

1. Every HTTP answer of a cloud passes note_refusal. Of several clouds the first one counts, of one cloud its last answer: after a
   failover that failed as well, the client gets what the cloud said, because that is what can be fixed.
2. CloudsOwnErrors stands around LiteLLM's web application. Where a request to the Messages API ends in an error and a cloud has
   refused it, status, body and the headers in RELAYED are the cloud's. Keys are masked, whoever said them.
3. Where a cloud does not speak as the Messages API does (Azure's own layer, a proxy's page), the same is said in the API's shape.
4. An error in mid-stream is an event, told as the API tells it and without keys; a stream that ends without its last event
   gets one that says so: on its way in, where somebody else may still answer, and on its way to the client, whoever made it of what.
5. LiteLLM's advice on its router's settings, which nobody who reads it can follow, is taken out of all errors.
"""

import asyncio
import json
import re

from litellm.integrations.custom_logger import CustomLogger
from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler
from litellm.proxy.proxy_server import app

import cloud_faults
from cloud_refusals import CEILING_HEADER, Exchange, Refusal, current, is_error, masked, own_refusal, parsed
from event_stream import EventStream, read_out, says_events, unpack
from gateway_names import ROUTE
from server_events import ENDED, Event, Events, until_end

# An error is short; one that does not come to its end is told by its status alone.
BODY_SECONDS = 10
# LiteLLM's status for who is gone before the answer began.
CLIENT_LEFT = 499
# How the addresses end at which clouds answer.
MESSAGES = "/v1/messages"
ADVICE = re.compile(r"\s*LiteLLM: model group '[^']*' failed with the error above( and no fallback model group was found.*|\.)", re.DOTALL)


def broke_off(words):
    error = {"type": "api_error", "message": words}
    return Event(b"error", json.dumps({"type": "error", "error": error}).encode())


class EndedStream(EventStream):
    """A stream of events that never ends without saying how, and whose errors are told as the API tells them."""

    async def batches(self):
        batches = super().batches()
        async for came in batches:
            events, ended = until_end(came)
            yield [as_told_by_api(event) if event.kind == b"error" else event for event in events]
            if ended:
                await read_out(batches)
                return
        yield [broke_off("the cloud broke off before its answer was complete")]


def as_told_by_api(event):
    return Event(event.kind, json.dumps(cloud_faults.refusal_in(event.data).body).encode())


async def note_refusal(response):
    exchange = current.get()
    if exchange is None:
        return
    exchange.refusal = None
    if response.is_redirect and exchange.place is None:
        exchange.refusal = own_refusal(502, f"{response.url.host} says that it is elsewhere, and nobody follows it there")
        return
    if response.status_code < 400:
        unpack(response)
        if says_events(response):
            response.stream = EndedStream(response.stream)
        elif response.url.path.endswith(MESSAGES):
            await require_message(response, exchange)
        return
    try:
        await asyncio.wait_for(response.aread(), BODY_SECONDS)
        text = response.text
    except Exception:
        text = ""
    exchange.refusal = Refusal(response.status_code, response.headers, text)


async def require_message(response, exchange):
    """Makes a failure of what is said with 200 and is no message: an error, or somebody else's words in the cloud's place."""
    said = parsed(await response.aread())
    if isinstance(said, dict) and said.get("type") == "message":
        return
    exchange.refusal = cloud_faults.refusal_in(response.content) if is_error(said) else None
    response.status_code = exchange.refusal.status if exchange.refusal else 502


def hear_every_answer():
    """LiteLLM makes its HTTP clients here; one that has hooks of its own is LM Studio's."""
    if getattr(AsyncHTTPHandler.create_client, "hears", False):
        return
    make = AsyncHTTPHandler.create_client

    def create_client(self, timeout, event_hooks, *args, **more):
        return make(self, timeout, event_hooks or {"response": [note_refusal]}, *args, **more)

    create_client.hears = True
    AsyncHTTPHandler.create_client = create_client


class CloudsOwnErrors:
    """A web application whose errors on the Messages API are the cloud's own, where a cloud has refused."""

    def __init__(self, inner):
        self.inner = inner

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http" or not scope["path"].startswith(ROUTE):
            return await self.inner(scope, receive, send)
        exchange = Exchange()
        token = current.set(exchange)
        try:
            await self.inner(scope, receive, Answer(exchange, send).send)
        finally:
            exchange.ended = True
            current.reset(token)


class Answer:
    """What goes to the client: as it is, or the cloud's refusal in its place."""

    def __init__(self, exchange, send):
        self.exchange, self.pass_on, self.replaced = exchange, send, False
        # Of a stream of events: what is read of it, and whether it ended as one does.
        self.events, self.ended = Events(), True

    async def send(self, message):
        if message["type"] == "http.response.start" and (self.exchange.at_ceiling or self.exchange.led_home):
            message = {**message, "headers": [*message.get("headers", ()), CEILING_HEADER]}
        refusal = self.exchange.told()
        if message["type"] == "http.response.start" and message["status"] >= 400 and refusal is not None:
            self.replaced = True
            return await self._refuse(message, refusal)
        if not self.replaced:
            await self.pass_on(self._ended(message))

    def _ended(self, message):
        """The same message; the last one of a stream without an end says so."""
        if message["type"] == "http.response.start":
            self.ended = (b"content-type", b"text/event-stream") not in [
                (name.lower(), value[:17].lower()) for name, value in message.get("headers", ())
            ]
        if message["type"] != "http.response.body" or self.ended:
            return message
        body, is_last = message.get("body", b""), not message.get("more_body", False)
        came = [*self.events.read(body), *(self.events.end() if is_last else [])]
        self.ended = any(event.kind in ENDED for event in came)
        if self.ended or not is_last:
            return message
        return {**message, "body": body + b"\n\n" + broke_off("the answer broke off before it was complete").text}

    async def _refuse(self, start, refusal):
        body = json.dumps(refusal.body, separators=(",", ":")).encode()
        told = {**refusal.headers, "content-type": "application/json", "content-length": str(len(body))}
        kept = [(name, value) for name, value in start.get("headers", []) if name.decode("latin-1").lower() not in told]
        added = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in told.items()]
        await self.pass_on({**start, "status": refusal.status, "headers": kept + added})
        await self.pass_on({"type": "http.response.body", "body": body, "more_body": False})


class CloudErrors(CustomLogger):
    async def async_post_call_failure_hook(self, request_data, original_exception, user_api_key_dict, traceback_str=None):
        exchange = current.get()
        if getattr(original_exception, "status_code", None) == CLIENT_LEFT:
            return
        refusal = exchange and exchange.told()
        # The request log asks these for the status.
        for error in filter(None, (original_exception, getattr(original_exception, "original_exception", None))):
            if refusal is not None:
                error.status_code = refusal.status
            elif not 400 <= (getattr(error, "status_code", None) or 400) < 600:
                # Of an answer that said 200, 307 or 999 and was none: the client would take it for one, or go elsewhere.
                error.status_code = 502
        message = getattr(original_exception, "message", None)
        if isinstance(message, str):
            original_exception.message = masked(ADVICE.sub("", message))


hear_every_answer()
if app.middleware_stack is None:
    app.middleware_stack = app.build_middleware_stack()
if not isinstance(app.middleware_stack, CloudsOwnErrors):
    app.middleware_stack = CloudsOwnErrors(app.middleware_stack)
proxy_handler_instance = CloudErrors()
