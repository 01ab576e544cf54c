"""Gateway request log: one line for each request to /v1/messages, without a word of what was said.

Written by claude-routing-install. It runs inside LiteLLM and appends a JSON object to REQUEST_LOG_DIR/YYYY-MM.jsonl (UTC) when
a request ends: who asked for which name, which deployment answered, whether another one had to take over and why, how long it
took, how many tokens it had and what it cost. Names that do not look like names, prompts, answers, tool names, keys and error
texts never reach the file: a cause is one word out of CAUSES, found by looking at the error.

- A request has one line, however many deployments were tried: these are the proxy's own hooks, not those of the single calls.
- `from` is the deployment that failed first when another one answered, and `cause` why. Without a `from`, `cause` says why
  nobody answered, or that the answer ended early: broken-off, or cancelled when the client left.
- `promptTokens` is the whole prompt; what came from the upstream's cache is part of it and counted once more in `cachedTokens`.
- A client that leaves while an answer is made that is not streamed is not noticed: LiteLLM finishes that answer.
- Nothing here may break or delay a request: where the directory is missing nothing is written, and any error is told once
  on standard error, by its class alone.
"""

import json
import os
import re
import sys
import time
from collections import OrderedDict, deque
from datetime import datetime, timezone

from litellm.integrations.custom_logger import CustomLogger

import cloud_refusals
import overflow_words

DIRECTORY = os.environ.get("REQUEST_LOG_DIR", "")
ROUTE = "/v1/messages"
ROUTING_HEADER = "x-claude-routing"
SESSION_HEADER = "x-claude-code-session-id"
LOCAL_PREFIX = "lm-studio:"
LAUNCHER = re.compile(r"[a-z][a-z-]{0,31}")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+\[\]-]{0,99}")
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
SESSION = re.compile(rf"session(?:_id)?\W{{0,5}}_?({UUID})")

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
STATUSES = {401: "refused-key", 402: "no-credit", 403: "refused-key", 404: "not-found", 408: "timeout", 413: "too-long", 429: "rate-limited"}
CAUSES = (
    "unreachable timeout rate-limited server-error too-long image no-credit refused-key not-found broken-off refused turned-away bad-request"
    " cancelled other"
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
    written = usage.get("cache_creation_input_tokens") or 0
    return (usage.get("input_tokens") or 0) + cached + written, cached, usage.get("output_tokens") or 0


def status_of(error):
    """The HTTP status by which a client learns of an error."""
    for name in ("status_code", "code"):
        value = str(getattr(error, name, "") or "")
        if value.isdigit() and 400 <= int(value) <= 599:
            return int(value)
    return 401 if type(error) is Exception else 500


class Stream:
    """Reads along while server-sent events pass by in pieces of any size: whether it ended well, and the tokens."""

    def __init__(self):
        self.usage, self.whole, self.error, self.first, self._rest = {}, False, None, None, b""

    def read(self, chunk):
        piece = chunk.encode() if isinstance(chunk, str) else bytes(chunk)
        *events, self._rest = (self._rest + piece).replace(b"\r\n", b"\n").split(b"\n\n")
        for event in events:
            self._event(event)

    def _event(self, event):
        kind = event.partition(b"\n")[0].removeprefix(b"event:").strip()
        if kind.startswith(b"content_block_"):
            self.first = time.time() if self.first is None else self.first
        elif kind == b"message_stop":
            self.whole = True
        elif kind in (b"message_start", b"message_delta", b"error"):
            data = json.loads(event.partition(b"data:")[2])
            usage = (data.get("message") or data).get("usage") or {}
            self.usage.update({name: count for name, count in usage.items() if count})
            if kind == b"error":
                self.error = str((data.get("error") or {}).get("message", ""))


class RequestLog(CustomLogger):
    def __init__(self):
        super().__init__()
        # A stream that fails is told twice, as a stream and as a failure.
        self.ended = deque(maxlen=256)
        self.failovers = OrderedDict()
        self.torn = False
        self.told = set()

    async def log_success_fallback_event(self, original_model_group, kwargs, original_exception):
        try:
            tried = (kwargs.get("litellm_metadata") or {}).get("previous_models") or [{}]
            cause = cause_of_error(original_exception)
            self.failovers[kwargs.get("litellm_call_id")] = (tried[0].get("deployment_id") or "unknown", cause)
            if len(self.failovers) > 256:
                self.failovers.popitem(last=False)
        except Exception as error:
            self._tell(error)

    async def async_post_call_success_hook(self, data, user_api_key_dict, response):
        try:
            if isinstance(response, dict) and response.get("type") == "message" and not self._seen(data):
                end = {"hidden": response.get("_hidden_params"), "usage": response.get("usage") or {}}
                self._write(self._line(data, status=200, **end))
        except Exception as error:
            self._tell(error)
        return response

    async def async_post_call_streaming_iterator_hook(self, user_api_key_dict, response, request_data):
        stream, cause = Stream(), None
        ours = user_api_key_dict.request_route == ROUTE
        try:
            async for chunk in response:
                if ours:
                    self._read(stream, chunk)
                yield chunk
        except Exception:
            cause = "broken-off"
            raise
        except BaseException:
            cause = "cancelled"
            raise
        finally:
            if ours:
                self._end_stream(request_data, response, stream, cause)

    async def async_post_call_failure_hook(self, request_data, original_exception, user_api_key_dict, traceback_str=None):
        try:
            if user_api_key_dict.request_route == ROUTE and not self._seen(request_data):
                self._write(self._failure(request_data, original_exception))
        except Exception as error:
            self._tell(error)

    def note_refusal(self, path, headers, raw, status):
        """A request that the gateway's guard refused."""
        try:
            if path == ROUTE:
                sent = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}
                body = json.loads(raw)
                request = {"headers": sent, "body": body if isinstance(body, dict) else {}}
                self._write(self._line({"proxy_server_request": request}, status=status, cause="refused", failed=True))
        except ValueError:
            return
        except Exception as error:
            self._tell(error)

    def _read(self, stream, chunk):
        try:
            stream.read(chunk)
        except Exception as error:
            self._tell(error)

    def _end_stream(self, data, response, stream, cause):
        try:
            if self._seen(data):
                return
            if stream.whole:
                cause = None
            elif cause is None:
                cause = "too-long" if TOO_LONG.search(stream.error or "") else "broken-off"
            end = {"hidden": getattr(response, "_hidden_params", None), "usage": stream.usage}
            self._write(self._line(data, status=200, cause=cause, first=stream.first, **end))
        except Exception as error:
            self._tell(error)

    def _failure(self, data, error):
        kind, cause = type(error).__name__, cause_of_error(error)
        if kind == "HTTPException" and "local-only" in headers_of(data).get(ROUTING_HEADER, ""):
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
        metadata = data.get("litellm_metadata") or {}
        answered = None if failed else (hidden or {}).get("model_id") or (metadata.get("model_info") or {}).get("id")
        source, why = self._first_failure(data, hidden) if answered else (None, None)
        prompt, cached, output = tokens_of(usage or {})
        return {
            "v": 1,
            "at": datetime.fromtimestamp(now, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "launcher": matching(LAUNCHER, headers.get(ROUTING_HEADER, "").split(";")[0].strip()),
            "session": session_of(headers, body),
            "asked": matching(NAME, body.get("model")),
            "answered": answered,
            "from": source,
            "cause": why if source is not None else cause,
            "status": status,
            "streamed": body.get("stream") is True,
            "tools": len(body["tools"]) if isinstance(body.get("tools"), list) else 0,
            "firstMs": None if first is None else milliseconds(first - began),
            "ms": milliseconds(now - began),
            "promptTokens": prompt,
            "cachedTokens": cached,
            "outputTokens": output,
            "cost": 0 if answered is None else cost_of(answered, usage or {}),
        }

    def _first_failure(self, data, hidden):
        """The deployment that failed first when another one took over, and why; twice None when nobody had to."""
        known = self.failovers.pop(data.get("litellm_call_id"), ("unknown", "other"))
        took_over = ((hidden or {}).get("additional_headers") or {}).get("x-litellm-attempted-fallbacks")
        return known if took_over else (None, None)

    def _seen(self, data):
        """Whether this request has its line; from now on it has."""
        call = data.get("litellm_call_id")
        if call is not None and call in self.ended:
            return True
        self.ended.append(call)
        return False

    def _write(self, line):
        if not DIRECTORY:
            return
        path = os.path.join(DIRECTORY, f"{line['at'][:7]}.jsonl")
        try:
            file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except FileNotFoundError:
            return
        try:
            text = ("\n" if self.torn else "") + json.dumps(line, separators=(",", ":")) + "\n"
            # A full disk may take half a line; the next one then begins on a line of its own.
            self.torn = True
            self.torn = os.write(file, text.encode()) != len(text)
        finally:
            os.close(file)

    def _tell(self, error):
        kind = type(error).__name__
        if kind not in self.told:
            self.told.add(kind)
            print(f"request log: a line was lost or is incomplete ({kind}); told once", file=sys.stderr, flush=True)


def headers_of(data):
    return (data.get("proxy_server_request") or {}).get("headers") or {}


def matching(pattern, text):
    """The text when it looks like what it should be; text of any other kind is not for the log."""
    return text if isinstance(text, str) and pattern.fullmatch(text) else None


def milliseconds(seconds):
    return max(0, round(seconds * 1000))


def session_of(headers, body):
    named = matching(re.compile(UUID), headers.get(SESSION_HEADER))
    found = named is None and SESSION.search(str((body.get("metadata") or {}).get("user_id", "")))
    return found.group(1) if found else named


def cost_of(answered, usage):
    """US dollars by LiteLLM's own price list; None where it has no price."""
    if answered.startswith(LOCAL_PREFIX):
        return 0
    try:
        import litellm
        from litellm.llms.anthropic.chat.transformation import AnthropicConfig
        from litellm.proxy.proxy_server import llm_router

        deployment = llm_router.get_deployment(model_id=answered)
        model = deployment.model_info.base_model or deployment.litellm_params.model
        counted = AnthropicConfig().calculate_usage(usage_object=usage, reasoning_content=None)
        return round(sum(litellm.cost_per_token(model=model, usage_object=counted, call_type="anthropic_messages")), 8)
    except Exception:
        return None


proxy_handler_instance = RequestLog()
