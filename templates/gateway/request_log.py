"""Gateway request log: one line for each request to /v1/messages, without a word of what was said.

Written by claude-routing-install. It runs inside LiteLLM and appends a JSON object to REQUEST_LOG_DIR/YYYY-MM.jsonl (UTC) when
a request ends: who asked for which name, which deployment answered, whether another one had to take over and why, how long it
took, how many tokens it had and what it cost. Names that do not look like names, prompts, answers, tool names, keys and error
texts never reach the file: a cause is one word out of CAUSES, found by looking at the error.

- A request has one line, however many deployments were tried: these are the proxy's own hooks, not those of the single calls.
- `rule` is the person's own rule that it fitted, which may have led it away from the name that it `asked` for; `kinds`, `agent` (what
  a subagent is called), `directories` (marks, not paths) and `size`, about how many tokens, are what rules look at: routing_rules.py.
- `from` is the deployment that failed first when another one answered, and `cause` why. Without a `from`, `cause` says why
  nobody answered, or that the answer ended early: broken-off, or cancelled when the client left.
- `cost` is in US dollars, null where the price is not known; of an answer that ended early it is what had come by then. `saved` is
  what a local answer would have cost at the price of `replaced`. Behind them: what the session, the day and the month have cost
  by now, this request included, and how many of the requests have no known price; with a ceiling, how much of it that is.
- With a ceiling a line with `held` and `most` and nothing else comes before a cloud is asked: ceiling.py.
- `server` is the local server that answered, where there are several.
- `queuedMs` is the part of `ms` that it waited for its turn at a local server; only where it did.
- `wokeMs` is how long it was held while the local model's machine was woken; not there where it was not held.
- `promptTokens` is the whole prompt; what came from the upstream's cache is part of it and counted once more in `cachedTokens`,
  and what was put there in `writtenTokens`, for an hour in `hourTokens`: of a local answer what a cloud would have put there.
- A client that leaves while an answer is made that is not streamed is not noticed: LiteLLM finishes that answer.
- Nothing here may break or delay a request: where the directory is missing nothing is written, and any error is told once
  on standard error, by its class alone.
"""

import json
import os
import re
import sys
import time

from litellm.integrations.custom_logger import CustomLogger

import agent_names
import cache_writes
import ceiling
import cloud_refusals
import local_servers
import overflow_words
import prices
import routing_rules
import spending
from conversations import session_of
from gateway_names import LOCAL_PREFIX, ROUTE, ROUTING_HEADER, SESSION_HEADER
from log_file import log_file, time_of
from server_events import Events

# The cloud's deployment that would have answered in the local model's place, in claude-routed and elsewhere.
REPLACED = {"claude-routed": os.environ.get("LOCAL_REPLACES_IN_ROUTED"), None: os.environ.get("LOCAL_REPLACES")}
# Requests that try the gateway instead of using it.
TRIALS = ("drill", "proof")
LAUNCHER = re.compile(r"[a-z][a-z-]{0,31}")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+\[\]-]{0,99}")

# Looked for in this order; the first that fits is the cause. Classes first, because an error's text may quote anything.
CLASSES = (
    ("too-long", {"ContextWindowExceededError"}),
    ("timeout", {"Timeout", "TimeoutError", "APITimeoutError", "ReadTimeout", "ConnectTimeout", "PoolTimeout"}),
    ("rate-limited", {"RateLimitError"}),
    ("refused-key", {"AuthenticationError", "PermissionDeniedError"}),
    ("not-found", {"NotFoundError", "ProxyModelNotFoundError"}),
    ("broken-off", {"ReadError", "RemoteProtocolError", "MidStreamFallbackError"}),
    ("unreachable", {"ConnectError"}),
    ("bad-request", {"ProxyMissingRequiredParamError", "UnsupportedParamsError", "UnprocessableEntityError"}),
)
UNREACHABLE = re.compile(
    r"cannot be reached|cannot connect|connection (?:refused|error)|connect call failed|name or service not known"
    r"|all connection attempts failed|no route to host|network is unreachable",
    re.IGNORECASE,
)
# The Messages API's own words, which are also the gateway's.
TOO_LONG = re.compile(r"prompt is too long", re.IGNORECASE)
UNSEEN = re.compile(r"cannot see the images of this turn")
BROKEN = re.compile(r"broke off|server disconnected|payload is not completed|peer closed|connection reset", re.IGNORECASE)
TIMEOUT = re.compile(r"timed? ?out", re.IGNORECASE)
# LiteLLM gives these classes to failures of the connection, too.
CATCH_ALL = ("APIConnectionError", "InternalServerError", "ServiceUnavailableError")
STATUSES = {
    401: "refused-key",
    402: "no-credit",
    403: "refused-key",
    404: "not-found",
    408: "timeout",
    413: "too-long",
    429: "rate-limited",
    # Of LiteLLM, where the client left before the answer began.
    499: "cancelled",
}
CAUSES = (
    "unreachable timeout rate-limited server-error too-long image no-credit refused-key not-found broken-off refused ceiling turned-away"
    " bad-request cancelled other"
).split()


def cause_of(kind, text, status=None):
    """Why a call failed, in one word, from the class, the words and the HTTP status of its error."""
    if kind not in ("RateLimitError", "AuthenticationError") and (TOO_LONG.search(text) or overflow_words.overflow_in(text) is not None):
        return "too-long"
    if UNSEEN.search(text):
        return "image"
    if kind in ("BadRequestError", "RateLimitError", "PermissionDeniedError") and cloud_refusals.NO_CREDIT_WORDS.search(text):
        return "no-credit"
    if kind in CATCH_ALL and UNREACHABLE.search(text):
        return "unreachable"
    if kind in CATCH_ALL and BROKEN.search(text):
        return "broken-off"
    for cause, kinds in CLASSES:
        if kind in kinds:
            return cause
    if kind == "APIConnectionError":
        return "timeout" if TIMEOUT.search(text) else "unreachable"
    if status in STATUSES:
        return STATUSES[status]
    if kind in ("InternalServerError", "ServiceUnavailableError", "BadGatewayError") or (status or 0) >= 500:
        return "server-error"
    return "bad-request" if kind == "BadRequestError" or 400 <= (status or 0) < 500 else "other"


def cause_of_error(error):
    inner = getattr(error, "original_exception", None) or error
    return cause_of(type(inner).__name__, f"{inner} {getattr(inner, 'message', '')}", status_of(inner))


def tokens_of(usage):
    """Whole prompt, part of it that came from a cache, answer."""
    cached = usage.get("cache_read_input_tokens") or 0
    return (usage.get("input_tokens") or 0) + cached + cache_writes.told(usage)[0], cached, usage.get("output_tokens") or 0


def status_of(error):
    """The HTTP status by which a client learns of an error."""
    for name in ("status_code", "code"):
        value = str(getattr(error, name, "") or "")
        if value.isdigit() and 400 <= int(value) <= 599:
            return int(value)
    return 401 if type(error) is Exception else 500


def keep(line):
    """Writes a line down, but for a request by which the gateway warms up."""
    exchange = cloud_refusals.current.get()
    if exchange is None or not exchange.is_own:
        log_file.append(line)


class Stream:
    """Reads along while server-sent events pass by in pieces of any size: whether it ended well, and the tokens."""

    def __init__(self, session=None):
        self.usage, self.whole, self.error, self.first = {}, False, None, None
        self._events = Events()
        # Of the answer itself; each has a token at least.
        self.pieces = 0
        self.session = session
        # Of the call that starts a subagent, while it is said.
        self._call = None

    def read(self, chunk):
        self._note(self._events.read(chunk.encode() if isinstance(chunk, str) else bytes(chunk)))

    def end(self):
        """The last event may lack the line behind it."""
        self._note(self._events.end())

    def _note(self, events):
        strange = None
        for event in events:
            try:
                self._event(event.kind, event.data)
            except Exception as error:
                strange = error
        # What cannot be read takes nothing from what comes behind it: there the tokens are counted.
        if strange is not None:
            raise strange

    def _event(self, kind, data):
        if kind.startswith(b"content_block_"):
            self.first = time.time() if self.first is None else self.first
            self.pieces += kind == b"content_block_delta"
            self._listen(kind, data)
        elif kind == b"message_stop":
            self.whole = True
        elif kind in (b"message_start", b"message_delta", b"error"):
            data = json.loads(data)
            usage = (data.get("message") or data).get("usage") or {}
            self.usage.update({name: count for name, count in usage.items() if count})
            if kind == b"error":
                self.error = str((data.get("error") or {}).get("message", ""))

    def _listen(self, kind, data):
        """Takes down the call of a subagent at its end, before the client has it."""
        if kind == b"content_block_start" and b'"tool_use"' in data:
            block = json.loads(data).get("content_block") or {}
            self._call = [] if block.get("name") in agent_names.TOOLS else None
        elif self._call is not None and kind == b"content_block_delta":
            self._call.append((json.loads(data).get("delta") or {}).get("partial_json") or "")
        elif self._call is not None:
            said, self._call = "".join(self._call), None
            try:
                agent_names.note(self.session, json.loads(said or "{}"))
            except ValueError:
                # It was cut off by `max_tokens`, or the model does not know better.
                return

    def counted(self):
        """The usage that was told; how much was said is told at the end alone."""
        if self.whole or cache_writes.believed(self.usage) is None:
            return self.usage
        return {**self.usage, "output_tokens": max(self.usage.get("output_tokens") or 0, self.pieces)}


class RequestLog(CustomLogger):
    def __init__(self):
        super().__init__()
        self.told = set()

    async def log_success_fallback_event(self, original_model_group, kwargs, original_exception):
        try:
            tried = (kwargs.get("litellm_metadata") or {}).get("previous_models") or [{}]
            exchange = cloud_refusals.current.get()
            if exchange is not None:
                source = tried[0].get("deployment_id") or exchange.began_with or "unknown"
                exchange.failed_over = (source, cause_of_error(original_exception))
        except Exception as error:
            self._tell(error)

    async def async_post_call_success_hook(self, data, user_api_key_dict, response):
        try:
            if isinstance(response, dict) and response.get("type") == "error" and not self._seen():
                keep(self._line(data, status=200, cause="server-error", failed=True))
            if isinstance(response, dict) and response.get("type") == "message" and not self._seen():
                end = {"hidden": response.get("_hidden_params"), "usage": response.get("usage") or {}}
                for block in response.get("content") or []:
                    if block.get("type") == "tool_use" and block.get("name") in agent_names.TOOLS:
                        agent_names.note(headers_of(data).get(SESSION_HEADER), block.get("input"))
                keep(self._line(data, status=200, **end))
        except Exception as error:
            self._tell(error)
        return response

    async def async_post_call_streaming_iterator_hook(self, user_api_key_dict, response, request_data):
        stream, cause, given = Stream(headers_of(request_data).get(SESSION_HEADER)), None, False
        ours = user_api_key_dict.request_route == ROUTE
        try:
            async for chunk in response:
                if ours:
                    self._tried(stream.read, chunk)
                given = True
                yield chunk
        except Exception:
            # Before the first byte it becomes an error with a status of its own, and is told as that.
            ours, cause = ours and given, "broken-off"
            raise
        except BaseException:
            cause = "cancelled"
            raise
        finally:
            if ours:
                self._end_stream(request_data, response, stream, cause)

    async def async_post_call_failure_hook(self, request_data, original_exception, user_api_key_dict, traceback_str=None):
        try:
            if user_api_key_dict.request_route == ROUTE and not self._seen():
                keep(self._failure(request_data, original_exception))
        except Exception as error:
            self._tell(error)

    def note_refusal(self, path, headers, raw, status, cause="refused"):
        """A request that the gateway's guard refused."""
        try:
            if path == ROUTE:
                sent = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}
                body = json.loads(raw)
                request = {"headers": sent, "body": body if isinstance(body, dict) else {}}
                keep(self._line({"proxy_server_request": request}, status=status, cause=cause, failed=True))
        except (ValueError, RecursionError):
            return
        except Exception as error:
            self._tell(error)

    def _tried(self, read, *chunk):
        try:
            read(*chunk)
        except Exception as error:
            self._tell(error)

    def _end_stream(self, data, response, stream, cause):
        try:
            if self._seen():
                return
            self._tried(stream.end)
            if stream.whole:
                cause = None
            elif cause is None:
                cause = "too-long" if TOO_LONG.search(stream.error or "") else "broken-off"
            end = {"hidden": getattr(response, "_hidden_params", None), "usage": stream.counted()}
            keep(self._line(data, status=200, cause=cause, first=stream.first, **end))
        except Exception as error:
            self._tell(error)

    def _failure(self, data, error):
        kind, cause = type(error).__name__, cause_of_error(error)
        exchange = cloud_refusals.current.get()
        if exchange is not None and (exchange.at_ceiling or exchange.led_home):
            cause = "ceiling"
        elif kind == "HTTPException" and "local-only" in headers_of(data).get(ROUTING_HEADER, ""):
            cause = "refused" if cause == "bad-request" else cause
        # Without its envelope the request was turned away at the door.
        elif not data.get("proxy_server_request") and kind in ("Exception", "ProxyException"):
            cause = "turned-away"
        return self._line(data, status=status_of(error), cause=cause, failed=True)

    def _line(self, data, status, usage=None, hidden=None, cause=None, first=None, failed=False):
        now = time.time()
        headers, request = headers_of(data), data.get("proxy_server_request") or {}
        body = request.get("body") or data
        began = request.get("arrival_time") or now
        metadata, exchange = data.get("litellm_metadata") or {}, cloud_refusals.current.get()
        answered = None if failed else (hidden or {}).get("model_id") or (metadata.get("model_info") or {}).get("id")
        source, why = self._first_failure(hidden, exchange) if answered else (None, None)
        usage = cache_writes.believed(usage or {})
        prompt, cached, output = tokens_of(usage or {})
        paid = cache_writes.in_a_cloud(usage or {}, body) if str(answered).startswith(LOCAL_PREFIX) else usage or {}
        launcher = launcher_of(headers.get(ROUTING_HEADER, ""))
        line = {
            "v": 1,
            "at": time_of(now),
            "launcher": launcher,
            "session": session_of(headers, body),
            "asked": matching(NAME, (exchange and (exchange.named or exchange.led_home)) or body.get("model")),
            **ruling_of(exchange, headers, body),
            "answered": answered,
            "from": source,
            "cause": why if source is not None else cause,
            "status": status,
            "streamed": body.get("stream") is True,
            "tools": len(body["tools"]) if isinstance(body.get("tools"), list) else 0,
            "firstMs": None if first is None else milliseconds(first - began),
            "ms": milliseconds(now - began),
            **waited(exchange),
            "promptTokens": prompt,
            "cachedTokens": cached,
            **written_of(paid),
            "outputTokens": output,
            **server_of(answered, exchange),
            **({"wokeMs": milliseconds(exchange.woken)} if exchange is not None and exchange.woken else {}),
            "cost": 0 if answered is None else prices.cost_of(answered, usage),
            **({"held": exchange.held} if exchange is not None and exchange.held else {}),
            **saved_by(answered, source or led_from(exchange), launcher, paid),
        }
        spent = spending.sum_of(line)
        return {**line, **spending.ledger.totals(now, line["session"], spent), **ceiling.percents(now, spent.dollars)}

    def _first_failure(self, hidden, exchange):
        """The deployment that failed first when another one took over, and why; twice None when nobody had to."""
        if exchange is not None and exchange.led_home:
            return exchange.asked[0], "ceiling"
        known = (exchange and exchange.failed_over) or ("unknown", "other")
        took_over = ((hidden or {}).get("additional_headers") or {}).get("x-litellm-attempted-fallbacks")
        if took_over and exchange is not None and exchange.at_ceiling:
            return known[0], "ceiling"
        return known if took_over else (None, None)

    def _seen(self):
        """Whether this request has its line; from now on it has. A stream that fails is told twice, as a stream and as a failure."""
        exchange = cloud_refusals.current.get()
        seen, exchange.logged = exchange.logged, True
        return seen

    def _tell(self, error):
        kind = type(error).__name__
        if kind not in self.told:
            self.told.add(kind)
            print(f"request log: a line was lost or is incomplete ({kind}); told once", file=sys.stderr, flush=True)


def headers_of(data):
    return (data.get("proxy_server_request") or {}).get("headers") or {}


def launcher_of(header):
    """Who sent a request; what only tries the gateway says so, whichever launcher it comes through."""
    launcher, *marks = (word.strip() for word in header.split(";"))
    return "proof" if "proof" in marks else matching(LAUNCHER, launcher)


def server_of(answered, exchange):
    server = exchange.server if exchange is not None and str(answered).startswith(LOCAL_PREFIX) else None
    return {"server": local_servers.spoken(server)} if server else {}


def written_of(usage):
    """What was put into a cloud's cache; no fields where nothing was."""
    written, hour = cache_writes.told(usage)
    return {name: tokens for name, tokens in (("writtenTokens", written), ("hourTokens", hour)) if tokens}


def waited(exchange):
    """How long a request waited for its turn at a local server, where it did."""
    queued = milliseconds(exchange.queued) if exchange is not None else 0
    return {"queuedMs": queued} if queued else {}


def led_from(exchange):
    """The cloud's deployment that a rule led a request away from."""
    return ceiling.cloud_of(exchange.named) if exchange is not None and exchange.named else None


def ruling_of(exchange, headers, body):
    """The rule that fits a request, and all that another set of rules would look at."""
    described = (exchange and exchange.described) or routing_rules.describe(headers, body, json.dumps(body, default=str).encode())
    return {
        "rule": exchange and exchange.rule,
        "kinds": " ".join(described["kinds"]),
        "agent": described["agent"],
        "directories": " ".join(described["directories"]),
        "size": described["tokens"],
    }


def saved_by(answered, source, launcher, usage):
    """Which deployment of a cloud a local answer took the place of, and what that would have cost."""
    local = answered is not None and answered.startswith(LOCAL_PREFIX) and launcher not in TRIALS
    replaced = (source or REPLACED.get(launcher, REPLACED[None])) if local else None
    return {"replaced": replaced, "saved": prices.cost_of(replaced, usage) if replaced else None}


def matching(pattern, text):
    """The text when it looks like what it should be; text of any other kind is not for the log."""
    return text if isinstance(text, str) and pattern.fullmatch(text) else None


def milliseconds(seconds):
    return max(0, round(seconds * 1000))


proxy_handler_instance = RequestLog()
