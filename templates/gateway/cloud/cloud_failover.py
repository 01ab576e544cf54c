"""Gateway hook: a cloud that fails, and a conversation that changes sides.

Written by claude-routing-install. It runs inside LiteLLM, whose `fallbacks` carry a request from one deployment to the next one,
where the person agreed to that (CLOUD_MAY_BE_REPLACED). Measured, they do so for every status, streamed or not, and for an error
that a stream begins with. What they do not do is done here:

1. They go on after every error. Only a failure that another one can make good may go on (cloud_faults.kind_of): a request that is wrong, too large
   or for a model that is not there stays with the cloud that was asked, because the client can fix it.
2. LiteLLM leaves a deployment that is the only one of its name alone after 401 and 404 and after nothing else, whatever retry-after
   says. Here a cloud that failed rests: as long as it says itself, or as its kind of failure usually takes. Then it is asked again.
3. A cloud that does not accept a connection is given up after a few seconds; for one that says nothing there is `stream_timeout`.
   A page in the place of a stream of events is a failure.
4. When nobody answers, the client gets the first cloud's own error, with a sentence on the others.
5. Turns are made fit for who takes over: no system turns in between, no more words than it may say. A conversation that is too large
   for the local window is not sent there.
6. What a local model left in a conversation is made fit for any cloud, with consent or without: thinking that Claude has not signed is
   left out. LiteLLM leaves out what is not signed at all; for a signature of somebody else it is refused first, and then asks again
   without any thinking, in every later turn.
"""

import functools
import math
import os
import re
import time
from urllib.parse import urlsplit

import httpx
import litellm
from litellm.exceptions import BadRequestError
from litellm.integrations.custom_logger import CustomLogger
from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler
from litellm.types.utils import CallTypes

import cloud_faults
import cloud_turns
import overflow_words
from cloud_refusals import Refusal, current, own_refusal
from event_stream import Passing, says_events
from gateway_names import LOCAL_PREFIX
from server_events import DELTA

# The cloud that asks an advisor itself, as LiteLLM names its models.
ADVISED = "anthropic/"
MAY_BE_REPLACED = os.environ.get("CLOUD_MAY_BE_REPLACED") == "true"
TOO_MANY_WORDS = re.compile(r"max_tokens: \d+ > (\d+)")


def name_of(deployment):
    """A deployment as people call it."""
    provider, _, name = deployment.partition(":")
    return {"lm-studio": "the local model", "foundry": f"foundry/{name}"}.get(provider, name)


def is_local(deployment):
    return deployment.startswith(LOCAL_PREFIX)


def may_be_replaced(exchange):
    """Whether somebody may answer in a cloud's place: by consent, or because a ceiling is reached."""
    return MAY_BE_REPLACED or exchange.led_home is not None


def settle(exchange):
    """Takes down what became of the deployment that was asked last, before the next one is."""
    if not exchange.asked:
        return
    last = exchange.asked[-1]
    if exchange.first is not None:
        exchange.others += [f"{name_of(last)} said {exchange.refusal.status}"] if exchange.refusal else []
    elif not is_local(last):
        exchange.first = exchange.refusal or own_refusal(502, f"{name_of(last)} gave no answer that can be read")
    exchange.refusal = None


def ended(kwargs, why):
    return BadRequestError(message=why, model=str(kwargs.get("model")), llm_provider="gateway")


class FirstWord(Passing):
    """A stream that tells how it failed, when it fails before its first word. LiteLLM asks the next one then."""

    def __init__(self, stream, note):
        super().__init__(stream)
        self.note, self.begun = note, False

    async def batches(self):
        try:
            async for events in super().batches():
                for event in events:
                    self.begun = self.begun or event.kind == DELTA
                    if event.kind == b"error" and not self.begun:
                        self.note(cloud_faults.refusal_in(event.data))
                yield events
        except Exception as error:
            if not self.begun:
                self.note(error)
            raise


class CloudHandler(AsyncHTTPHandler):
    """LiteLLM's own HTTP client, which takes down how a cloud fails."""

    async def post(self, url, data=None, timeout=None, **rest):
        exchange = current.get()
        exchange.stays = False
        note = functools.partial(note_failure, exchange, exchange.place, url)
        try:
            response = await self._post_fitting(url, data, exchange, timeout=patient(timeout), **rest)
        except httpx.HTTPStatusError as error:
            # None at all: it was led elsewhere.
            if cloud_faults.is_of_another(exchange.refusal):
                raise note(cloud_faults.NotTheCloud()) from error
            note(exchange.refusal)
            raise
        except Exception as error:
            raise note(error) from error
        if rest.get("stream"):
            if not says_events(response):
                await response.aclose()
                raise note(cloud_faults.NotTheCloud())
            response.stream = FirstWord(response.stream, note)
        return response

    async def _post_fitting(self, url, data, exchange, **rest):
        try:
            return await super().post(url, data=data, **rest)
        except httpx.HTTPStatusError:
            # Of a model that says less than the one whose place it takes.
            most = exchange.first and exchange.refusal and TOO_MANY_WORDS.search(exchange.refusal.message)
            if not most:
                raise
            return await super().post(url, data=cloud_turns.with_fewer_words(data, int(most.group(1))), **rest)


def note_failure(exchange, place, url, failure):
    """Takes down a refusal, or an error in the place of an answer; returns what to raise."""
    if isinstance(failure, Refusal):
        kind, refusal = cloud_faults.kind_of(failure), failure
    else:
        kind, refusal = cloud_faults.kind_without_answer(urlsplit(url).netloc, failure)
    exchange.refusal = refusal
    # What a stand-in finds wrong may be right for the next one.
    exchange.stays = kind is None and exchange.first is None
    if kind is None:
        return None
    cloud_faults.let_rest(place, kind, refusal)
    return kind.error(message=refusal.message, model=str(place), llm_provider="gateway")


def patient(timeout):
    """The same patience for an answer, and less for a connection."""
    given = timeout if isinstance(timeout, httpx.Timeout) else httpx.Timeout(timeout)
    connect = cloud_faults.CONNECT_SECONDS
    return httpx.Timeout(connect=connect, read=given.read, write=given.write, pool=connect)


@functools.cache
def cloud_client():
    return CloudHandler()


def model_info_of(kwargs):
    return (kwargs.get("litellm_metadata") or {}).get("model_info") or kwargs.get("model_info") or {}


class CloudFailover(CustomLogger):
    async def async_pre_call_deployment_hook(self, kwargs, call_type):
        exchange = current.get()
        if call_type != CallTypes.anthropic_messages or exchange is None:
            return None
        info = model_info_of(kwargs)
        deployment = str(info.get("id"))
        stands_in = self._next(kwargs, deployment, exchange) if may_be_replaced(exchange) else False
        if is_local(deployment):
            return self._stand_in(kwargs, info, exchange) if stands_in else None
        fitted = cloud_turns.for_claude(cloud_turns.folded(kwargs) if stands_in else kwargs)
        if not str(kwargs.get("model")).startswith(ADVISED):
            fitted = cloud_turns.without_advisor(fitted)
        return self._ask_cloud(fitted, deployment, exchange) if MAY_BE_REPLACED else fitted

    def _next(self, kwargs, deployment, exchange):
        """Whether this deployment stands in for another one. Raises where it may not."""
        settle(exchange)
        if exchange.stays:
            raise ended(kwargs, "this error is the request's own")
        if is_local(deployment) and any(map(is_local, exchange.asked)):
            raise ended(kwargs, "the local model was asked already")
        exchange.asked.append(deployment)
        return len(exchange.asked) > 1

    def _ask_cloud(self, kwargs, deployment, exchange):
        exchange.place = (deployment.partition(":")[0], str(kwargs.get("model")))
        rest = cloud_faults.rest_of(exchange.place)
        if rest is None:
            return {**kwargs, "client": cloud_client()}
        exchange.refusal = rest.refusal.after(math.ceil(rest.until - time.monotonic()))
        raise rest.kind.error(message=f"not asked again yet: {rest.refusal.message}", model=str(kwargs.get("model")), llm_provider="gateway")

    def _stand_in(self, kwargs, info, exchange):
        try:
            return cloud_turns.for_local(kwargs, info.get("max_input_tokens"))
        except cloud_turns.TooLarge as error:
            exchange.others.append(str(error))
            raise ended(kwargs, str(error)) from error

    async def async_post_call_failure_hook(self, request_data, original_exception, user_api_key_dict, traceback_str=None):
        exchange = current.get()
        if exchange is None or not may_be_replaced(exchange) or not exchange.asked or is_local(exchange.asked[0]):
            return
        message = str(getattr(original_exception, "message", ""))
        settle(exchange)
        if any(map(is_local, exchange.asked)) and not any("local model" in words for words in exchange.others):
            too_large = overflow_words.overflow_in(message) is not None
            exchange.others.append("this conversation does not fit the local model's window" if too_large else "the local model did not answer")
        # The words of those who stood in are told apart from the cloud's own.
        original_exception.message = message.partition(" Fallback to ")[0]


# A cloud whose safeguards refuse has answered: with a list of who may answer then LiteLLM asks nobody else, and an empty one is none to 1.110.
litellm.content_policy_fallbacks = [{"nobody": ["nobody"]}]
proxy_handler_instance = CloudFailover()
