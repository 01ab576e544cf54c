"""How a cloud fails so that somebody else can make it good, and how long it is left alone then.

Written by claude-routing-install. What is known of a cloud is forgotten when the gateway starts anew.
"""

import re
import time
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

import httpx
from litellm.exceptions import APIConnectionError, AuthenticationError, BadRequestError, InternalServerError, RateLimitError, Timeout

from cloud_refusals import NO_CREDIT_WORDS, TYPES, Refusal, own_refusal, parsed

# Names, connection and TLS; a first packet that was lost is sent again after one second.
CONNECT_SECONDS = 4
LONGEST_REST = 24 * 60 * 60
REMAINING = re.compile(r"anthropic-ratelimit-([a-z-]+)-remaining")
# https://platform.claude.com/docs/en/api/rate-limits#response-headers
RESET = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})")


class Kind(NamedTuple):
    """A way to fail that somebody else can make good."""

    # How long such a cloud rests when it does not say so itself.
    seconds: int
    # All of its models rest, or the one that was asked.
    whole: bool
    # What LiteLLM calls it; the request log tells the cause by that.
    error: type


LIMITED = Kind(60, False, RateLimitError)
OVERLOADED = Kind(30, False, InternalServerError)
BROKEN = Kind(15, False, InternalServerError)
LATE = Kind(15, False, Timeout)
SILENT = Kind(120, False, Timeout)
FORBIDDEN = Kind(120, False, AuthenticationError)
UNKNOWN_KEY = Kind(120, True, AuthenticationError)
NO_CREDIT = Kind(120, True, BadRequestError)
UNREACHABLE = Kind(30, True, APIConnectionError)


class NotTheCloud(Exception):
    """Something else answers in a cloud's place: a proxy, or a login."""


def is_of_another(refusal):
    """Whether a refusal is nothing that a cloud would say; its gateways do tell their own errors, and what is too large for them, in pages."""
    return refusal is None or refusal.status == 407 or (refusal.is_page and refusal.status < 500 and refusal.status != 413)


def kind_of(refusal):
    """How this cloud fails; None for an error that is the request's own."""
    status = refusal.status
    if status == 402 or (status in (400, 403, 429) and NO_CREDIT_WORDS.search(refusal.message)):
        return NO_CREDIT
    named = {401: UNKNOWN_KEY, 403: FORBIDDEN, 408: LATE, 429: LIMITED, 504: LATE, 529: OVERLOADED}
    return named.get(status, BROKEN if status >= 500 else None)


def seconds_told(headers):
    """After how long a cloud wants to be asked again; None when it does not say so."""
    for name, parts in (("retry-after-ms", 1000), ("retry-after", 1)):
        if re.fullmatch(r"[0-9]+(\.[0-9]+)?", headers.get(name, "")):
            return float(headers[name]) / parts
    try:
        return parsedate_to_datetime(headers.get("retry-after", "")).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError):
        return seconds_until_reset(headers)


def seconds_until_reset(headers):
    """Until every limit of which nothing remains is whole again; None when none of them says when. Source: RESET."""
    used_up = [found[1] for name, left in headers.items() if left == "0" and (found := REMAINING.fullmatch(name))]
    resets = [headers.get(f"anthropic-ratelimit-{limit}-reset", "") for limit in used_up]
    try:
        times = [datetime.fromisoformat(reset.replace("Z", "+00:00")).timestamp() for reset in resets if RESET.fullmatch(reset)]
    except (ValueError, OverflowError):
        return None
    return max(times) - time.time() if times else None


class Rest(NamedTuple):
    until: float
    kind: Kind
    refusal: Refusal


# By cloud and model, or by cloud alone. An answer that comes meanwhile is to an earlier request and ends no rest.
resting = {}


def let_rest(place, kind, refusal):
    """Leaves a cloud, or its model, alone for as long as it says, or as such a failure usually takes."""
    told = seconds_told(refusal.headers)
    seconds = min(kind.seconds if told is None else told, LONGEST_REST)
    if seconds > 0:
        resting[(place[0], None) if kind.whole else place] = Rest(time.monotonic() + seconds, kind, refusal)


def rest_of(place):
    """The longer rest of a cloud or its model; None when neither rests."""
    rests = [rest for key in ((place[0], None), place) if (rest := resting.get(key)) and rest.until > time.monotonic()]
    return max(rests, key=lambda rest: rest.until, default=None)


def kind_without_answer(host, error):
    """How a cloud fails that gave no HTTP answer, and what the client is told of it."""
    if isinstance(error, NotTheCloud):
        return UNREACHABLE, own_refusal(502, f"{host} cannot be reached: something else answers in its place")
    inner = error.__context__ if isinstance(error, Timeout) else error
    if isinstance(inner, (httpx.ConnectTimeout, httpx.PoolTimeout)):
        return UNREACHABLE, own_refusal(502, f"{host} cannot be reached: no answer within {CONNECT_SECONDS} s")
    if isinstance(error, (Timeout, httpx.TimeoutException)):
        return SILENT, own_refusal(504, f"{host} says nothing")
    if isinstance(error, httpx.ConnectError):
        return UNREACHABLE, own_refusal(502, f"{host} cannot be reached: {error}")
    return BROKEN, own_refusal(502, f"{host} broke off without an answer")


def refusal_in(event):
    """The refusal that an error in a stream would have been before it."""
    text = event.decode(errors="replace")
    said = parsed(text)
    error = said.get("error") if isinstance(said, dict) else None
    kind = error.get("type") if isinstance(error, dict) else None
    return Refusal(next((status for status, name in TYPES.items() if name == kind), 500), {}, text)
