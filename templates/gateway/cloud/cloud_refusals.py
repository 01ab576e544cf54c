"""What clouds refuse, and what becomes of it in one request of a client.

Written by claude-routing-install. Imported by the hooks that hear it, tell it, and act on it.
"""

import json
import os
import re
from contextvars import ContextVar

LONGEST_WORDS = 1000
RELAYED = re.compile(
    r"retry-after(-ms)?|x-should-retry|request-id|apim-request-id|x-ms-request-id|anthropic-ratelimit-[a-z-]+|x-ratelimit-[a-z-]+"
)
# The Messages API's page on errors, https://platform.claude.com/docs/en/api/errors.
TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}
# Clouds say it with 400, 403 and 429 alike.
NO_CREDIT_WORDS = re.compile(
    r"credit balance|usage limits?\b|spend(ing)? limit|billing|payment|insufficient[ _](quota|credit|balance|funds)|exceeded your current quota",
    re.IGNORECASE,
)
# On an answer to a request for which a cloud would have been asked, but for the ceiling.
CEILING_HEADER = (b"x-claude-routing-ceiling", b"reached")
SECRET_VARIABLE = re.compile(r"KEY|TOKEN|SECRET|PASSWORD")
SECRETS = sorted((v for k, v in os.environ.items() if SECRET_VARIABLE.search(k) and len(v) >= 16), key=len, reverse=True)
KEY_SHAPE = re.compile(r"\bsk-[A-Za-z0-9_-]{8,}|(?<=\bBearer )[A-Za-z0-9._~+/=-]{16,}")
MASK = "••••"


def masked(text):
    """The text without our keys, and without what looks like anybody's."""
    for secret in SECRETS:
        text = text.replace(secret, MASK)
    return KEY_SHAPE.sub(MASK, text)


def masked_values(value):
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, list):
        return [masked_values(one) for one in value]
    return {name: masked_values(one) for name, one in value.items()} if isinstance(value, dict) else value


def is_api_error(said):
    error = said.get("error") if isinstance(said, dict) and said.get("type") == "error" else None
    return isinstance(error, dict) and isinstance(error.get("type"), str) and isinstance(error.get("message"), str)


def is_error(said):
    """Whether it is an error, in whatever shape."""
    return isinstance(said, dict) and (said.get("type") == "error" or "error" in said)


def parsed(text):
    """What JSON says; None where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def words_of(said, text, status):
    """What somebody who is not the Messages API means by an error."""
    error = said.get("error", said) if isinstance(said, dict) else said
    message = error.get("message") if isinstance(error, dict) else error
    if isinstance(message, str) and message.strip():
        return message
    plain = " ".join(text.split())
    return plain[:LONGEST_WORDS] if plain and not plain.startswith(("<", "{", "[")) else f"the cloud answered with status {status}"


class Refusal:
    """An HTTP answer of a cloud that is an error."""

    def __init__(self, status, headers, text):
        # Nobody could pass on what is no status of HTTP.
        self.status = status if status < 600 else 502
        self.headers = {name.lower(): masked(value) for name, value in headers.items() if RELAYED.fullmatch(name.lower())}
        self.body = masked_values(self._body(text))
        # Of a proxy or a login, in the cloud's place.
        self.is_page = text.lstrip().startswith("<")

    def _body(self, text):
        said = parsed(text)
        if is_api_error(said):
            return said
        kind = TYPES.get(self.status, "api_error" if self.status >= 500 else "invalid_request_error")
        body = {"type": "error", "error": {"type": kind, "message": words_of(said, text, self.status)}}
        named = self.headers.get("request-id") or self.headers.get("apim-request-id")
        return {**body, "request_id": named} if named else body

    @property
    def message(self):
        return self.body["error"]["message"]

    def with_words(self, words):
        """The same with a sentence behind the cloud's own message."""
        return self._changed(body={**self.body, "error": {**self.body["error"], "message": f"{self.message} ({masked(words)})"}})

    def after(self, seconds):
        """The same for a request that is made later: when it may be made again."""
        headers = {name: value for name, value in self.headers.items() if name != "retry-after-ms"}
        return self._changed(headers={**headers, "retry-after": str(max(1, seconds))})

    def _changed(self, **parts):
        changed = Refusal.__new__(Refusal)
        changed.__dict__ = {**self.__dict__, **parts}
        return changed


def own_refusal(status, message):
    """In the place of an answer that never came."""
    return Refusal(status, {}, json.dumps({"type": "error", "error": {"type": TYPES.get(status, "api_error"), "message": message}}))


class Exchange:
    """A request of a client: who was asked for it, and what clouds have refused."""

    def __init__(self):
        # It is one by which the gateway warms up: nobody hears of it.
        self.is_own = False
        # Ids of the deployments, in order.
        self.asked = []
        # The id of the deployment that was asked before all others.
        self.began_with = None
        # The local model was asked, or found to be away; until then nothing that goes wrong is a reason to ask somebody else.
        self.may_leave = False
        # What the local server that was asked last said in the place of an answer.
        self.local_error = ""
        # The cloud that is asked now, and its model there.
        self.place = None
        # Of the cloud that is asked now: its last answer, where that was an error.
        self.refusal = None
        # Of the first cloud, once another deployment is asked.
        self.first = None
        # The client's own request was wrong: nobody else is asked.
        self.stays = False
        # Why those who were asked in its place did not answer.
        self.others = []
        # The name of a cloud's model in whose place the local one is asked, because a ceiling is reached.
        self.led_home = None
        # What the rules know of it, the rule that fits, and the name that the client asked for where that led elsewhere.
        self.described = None
        self.rule = None
        self.named = None
        # The conversation that it is of, and which of its subagents; None and "" where it is of none.
        self.session = None
        self.agent_id = ""
        # Seconds that it waited for its turn at a local server, and after which it waits no more; None where it always does.
        self.queued = 0
        self.patience = None
        # It has text of a sealed folder, so no cloud is asked.
        self.sealed = False
        # Seconds that it was held while the local model's machine was woken.
        self.woken = 0
        # A ceiling kept a cloud from being asked.
        self.at_ceiling = False
        # The address of the local server that is asked now, where there are several.
        self.server = None
        # The id of the lines that say that a cloud was asked; None while none was, or where nothing is held.
        self.held = None
        # The deployment that failed first and why, once another one has answered.
        self.failed_over = None
        # Its line is in the request log.
        self.logged = False
        # The client has its answer, or is gone.
        self.ended = False

    def told(self):
        """What the client gets when nobody answers; None where no cloud has refused."""
        first = self.first or self.refusal
        return first.with_words("; ".join(self.others)) if first is not None and self.others else first


current = ContextVar("exchange", default=None)
