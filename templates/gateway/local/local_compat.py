"""Gateway hook: makes requests fit for a local model, and its errors fit for Claude Code.

Written by claude-routing-install. It runs inside LiteLLM and does ten things:

1. Claude Code puts turns with the role "system" between the others when it does not recognise the model's name. Chat templates
   such as Qwen's, and older Claude models, refuse them. For the names in FOLD_SYSTEM_TURNS_FOR such a turn is moved into the
   user turn beside it, marked as a reminder.
2. The billing line that Claude Code puts first differs from one conversation to the next and would keep LM Studio from re-using
   the prompt it has already read, so it is left out on the way there. Clouds still get it.
3. A machine that is switched off does not refuse a connection, it says nothing: LiteLLM would wait minutes before it fails over.
   So LM Studio's port is tried for a few seconds first. Where several servers have the model, local_servers.py says whose turn it is,
   and one that fails before its first word is followed by the next one.
4. "The prompt does not fit" is said in the Messages API's own words, which make Claude Code compact the conversation and go on.
   In any other words it gives up, and so it does on every later turn. Such a prompt goes to the fallback only where
   OVERFLOW_TO_CLOUD says so.
5. LM Studio says 200 where it has no such endpoint, and LiteLLM hands on as whole what broke off: both become failures, so that
   the fallback takes over or, once words have been said, the client sees an error and not half an answer.
6. A request marked as local-only is refused for every name but those in LOCAL_ONLY_NAMES. A project's settings, a command or a
   subagent may name a cloud model even in a session that was started to stay local, or fallbacks of its own in the request's
   body; the mark is not theirs to change.
7. What a local model cannot take (images without sight, blocks and tools of a cloud, schemas that no grammar can be made of) is
   told in words instead; local_request.py says how. A turn with an image goes to the cloud only where IMAGES_TO_CLOUD_FOR says so.
8. A cloud is asked only while no ceiling of what may be spent is reached; ceiling.py.
9. The local server gets no more requests at once than it answers; the others wait for their turn. local_turns.py.
10. A machine that sleeps is woken where that was chosen, and the request held for it; local_wake.py.
"""

import functools
import os
import re

import httpx
from fastapi import HTTPException
from litellm.exceptions import APIConnectionError, BadRequestError, RateLimitError
from litellm.integrations.custom_logger import CustomLogger
from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler
from litellm.types.utils import CallTypes

import ceiling
import conversations
import event_stream
import local_answers
import local_habits
import local_request
import local_servers
import local_sight
import local_turns
import local_wake
import overflow_words
import own_upstream
import sealed_folders
import system_turns
import upstream_connections
from cloud_refusals import current
from gateway_names import LOCAL_PREFIX, ROUTING_HEADER

FOLDED_NAMES = frozenset(filter(None, os.environ.get("FOLD_SYSTEM_TURNS_FOR", "").split(",")))
LOCAL_ONLY_NAMES = frozenset(filter(None, os.environ.get("LOCAL_ONLY_NAMES", "").split(",")))
OVERFLOW_TO_CLOUD = os.environ.get("OVERFLOW_TO_CLOUD") == "true"
IMAGES_TO_CLOUD_FOR = frozenset(filter(None, os.environ.get("IMAGES_TO_CLOUD_FOR", "").split(",")))
BUSY_TO_CLOUD_FOR = frozenset(filter(None, os.environ.get("BUSY_TO_CLOUD_FOR", "").split(",")))
BUSY_TO_CLOUD_AFTER = float(os.environ.get("BUSY_TO_CLOUD_AFTER") or "inf")
LOCAL_ONLY_MARK = "local-only"
BILLING = "x-anthropic-billing-header:"
# A server that was reached longer ago is tried once more before it is asked.
OPEN_SECONDS = 1

# What else the client is told in our own words, without what LiteLLM puts around them.
PLAIN_WORDS = re.compile(r"the local server (at \S+ cannot be reached|broke off|says that it is elsewhere)[^\n]*")
NO_ENDPOINT = re.compile(r"Unexpected endpoint or method")


def without_billing(system):
    """The system prompt without the line that differs between conversations."""
    if isinstance(system, str):
        return "\n".join(line for line in system.split("\n") if not line.startswith(BILLING))
    return [block for block in system if not str(block.get("text", "")).startswith(BILLING)]


def overflow_message(error):
    """The Messages API's words for an overflow that is reported in this text; None when it reports none."""
    sizes = overflow_words.overflow_in(error)
    if sizes is None:
        return None
    return f"prompt is too long: {sizes['prompt']} tokens > {sizes['window']} maximum" if sizes else "prompt is too long"


def client_message(error):
    """What the client is told instead of LiteLLM's own text; None when that text is good enough."""
    if NO_ENDPOINT.search(error):
        return "the local server has no Messages API: a newer version of it is needed (LM Studio 0.4.1, Ollama 0.14, llama.cpp and vLLM of 2026)"
    plain = PLAIN_WORDS.search(error)
    return overflow_message(error) or (plain.group() if plain is not None else None)


def refuse_to_leave(data):
    """Ends a local-only request for another model, before anything of it is sent anywhere."""
    headers = (data.get("proxy_server_request") or {}).get("headers") or {}
    launcher, *marks = headers.get(ROUTING_HEADER, "").split("; ")
    if LOCAL_ONLY_MARK in marks and data.get("model") not in LOCAL_ONLY_NAMES:
        detail = f"{launcher} never leaves this network, and {data.get('model')} is not the local model"
        raise HTTPException(status_code=400, detail={"error": detail})


def keep_sealed(kwargs):
    """Ends what would take text of a sealed folder to a cloud. The guard has led it home, so there is no way that leads here."""
    exchange = current.get()
    if exchange is not None and exchange.sealed:
        raise BadRequestError(message=sealed_folders.WORDS, model=str(kwargs.get("model")), llm_provider="gateway")


def keep_overflow(kwargs):
    """Ends a failover that was caused by a prompt that does not fit; the client then gets the first refusal. On /v1/messages."""
    exchange = current.get()
    # Of the first try alone: one that stood in for a cloud may hold less than the next one.
    asked_local = exchange is not None and str(exchange.began_with).startswith(LOCAL_PREFIX)
    message = overflow_message(exchange.local_error) if asked_local else None
    if message is not None:
        raise BadRequestError(message=message, model=str(kwargs.get("model")), llm_provider="lm_studio")


def is_unread():
    """Whether a request for the local model went wrong before anybody was asked: by a mistake in it that nobody here could read."""
    exchange = current.get()
    return exchange is not None and str(exchange.began_with).startswith(LOCAL_PREFIX) and not exchange.may_leave


def let_leave():
    """From here on a failure is the local model's, and may go to a cloud where the person chose that."""
    exchange = current.get()
    if exchange is not None:
        exchange.may_leave = True


def keep_unread(kwargs):
    """Ends a failover that was caused by the request itself; the client then gets the first error."""
    if is_unread():
        raise BadRequestError(message="the request cannot be read", model=str(kwargs.get("model")), llm_provider="gateway")


def deployment_of(kwargs):
    """The id of the deployment that is about to be asked."""
    metadata = kwargs.get("litellm_metadata") or kwargs.get("metadata") or {}
    return str((metadata.get("model_info") or kwargs.get("model_info") or {}).get("id"))


def note_beginning(kwargs):
    """Who was asked first. LiteLLM 1.110 does not say it of a stream that ended before its first word, nor what was said in it."""
    exchange = current.get()
    if exchange is not None and exchange.began_with is None:
        exchange.began_with = deployment_of(kwargs)


async def send_images_to_cloud(kwargs):
    """Ends the local try of a turn about an image that the local model cannot see, where the person chose the cloud for it."""
    name = (kwargs.get("litellm_metadata") or {}).get("model_group")
    if name in IMAGES_TO_CLOUD_FOR and not ceiling.is_reached() and await local_request.needs_sight(kwargs):
        let_leave()
        message = "the local model cannot see the images of this turn"
        raise BadRequestError(message=message, model=str(kwargs.get("model")), llm_provider="lm_studio")


def note_patience(kwargs):
    """How long a request waits for its turn, where the person chose the cloud for those that wait longer."""
    exchange, name = current.get(), (kwargs.get("litellm_metadata") or {}).get("model_group")
    if exchange is not None and name in BUSY_TO_CLOUD_FOR and not ceiling.is_reached():
        exchange.patience = BUSY_TO_CLOUD_AFTER


async def reachable_server(kwargs):
    """The address of the server that this request goes to. Fails within seconds where none can be reached."""
    request = kwargs.get("proxy_server_request") or {}
    # Of one server nobody asks whose home it is.
    conversation = local_servers.SERVERS and conversations.conversation_of(request.get("headers") or {}, request.get("body") or kwargs)
    address = local_servers.without_path(str(kwargs.get("api_base")))
    try:
        return note_server(await open_server(address, conversation, kwargs.get("api_key")))
    except OSError as error:
        let_leave()
        raise APIConnectionError(message=f"the local server at {error}", llm_provider="lm_studio", model=str(kwargs.get("model"))) from error


async def open_server(address, conversation, key):
    """The server for a conversation, woken where none answers. Raises OSError where it stays so."""
    try:
        return await local_servers.choose(address, conversation)
    except OSError as silence:
        return await local_wake.woken(address, key, silence)


def note_server(server):
    """For the request log, which names it where there are several."""
    exchange = current.get()
    if exchange is not None and server in local_servers.SERVERS:
        exchange.server = server
    return server


class LocalHandler(AsyncHTTPHandler):
    """LiteLLM's own HTTP client; what one server fails to answer is sent to the next one."""

    place = key = None

    async def post(self, url, data=None, **rest):
        let_leave()
        left = local_servers.untried.get()
        while True:
            try:
                response = await self._post_in_turn(url, data, **rest)
            except Exception as error:
                local_answers.note(str(getattr(error, "text", error)))
                if not await local_wake.is_to_be_asked_again(url, is_away(error)):
                    url = await elsewhere(url, error, left)
            else:
                if left and rest.get("stream"):
                    response.stream = local_answers.Followed(response.stream, functools.partial(self._follow, url, data, left, rest))
                return response

    async def _follow(self, url, data, left, rest, error):
        """The stream of another server, in the place of one that failed with this error."""
        local_servers.untried.set(left)
        return (await self.post(await elsewhere(url, error, left), data, **rest)).stream

    async def _post_in_turn(self, url, data, **rest):
        own, model = self.place
        server = local_servers.server_of(url) or own
        try:
            turn = await local_turns.turn_at((server, model), self.key)
        except TimeoutError as error:
            raise RateLimitError(message="the local server is busy with other requests", llm_provider="lm_studio", model=model) from error
        try:
            if turn.waited > OPEN_SECONDS:
                await require_still_open(server)
            response = await self._post_learning(url, data, **rest)
            if rest.get("stream") and not event_stream.says_events(response):
                # Nobody would ever read, or close, what stands in the place of a stream: the slot would stay taken.
                raise httpx.RemoteProtocolError("the local server broke off: it says no events, but something else")
        except BaseException:
            turn.end()
            raise
        if rest.get("stream"):
            response.stream = local_turns.SlotStream(response.stream, turn)
        else:
            turn.end()
        return response

    async def _post_learning(self, url, data, **rest):
        """What was refused before a word was read is sent once more without what was refused."""
        tried = []
        # A limit stands behind another one: each is tried once, so this ends.
        while True:
            try:
                response = await super().post(url, data=data, **rest)
            except httpx.HTTPStatusError as error:
                again = local_habits.without_refused(str(getattr(error, "text", error)), data, self.place, tried)
                if again is None:
                    raise
                name, data = again
                tried.append(name)
            else:
                local_habits.remember(tried, self.place)
                return response


async def kept_inside(kwargs):
    """A call by which the gateway warms up: made as any, and led to itself."""
    if not str(kwargs.get("model")).startswith("lm_studio/"):
        return own_upstream.led(kwargs)
    client = lm_studio_client(local_request.place_of(kwargs), kwargs.get("api_key"))
    led = own_upstream.led(await local_request.fitted(kwargs))
    # Beside a first request a server's listing is asked for.
    await local_sight.ask(led["api_base"], "nothing", None, local_sight.LISTINGS[:1])
    return {**led, "api_base": f"{led['api_base']}/v1", "client": client}


async def elsewhere(url, error, left):
    """The same address at another server. Raises this error where it is none to try elsewhere, or nobody is left."""
    server = local_servers.server_of(url)
    if server is None or not is_away(error):
        raise error
    try:
        return note_server(await local_servers.elsewhere(server, left)) + url.removeprefix(server)
    except OSError:
        raise error from None


async def require_still_open(server):
    try:
        await local_servers.require_open_port(server)
    except OSError as error:
        raise httpx.ConnectError(f"the local server at {server} cannot be reached: {error}") from error


def is_away(error):
    """Whether a server failed as one does that is gone or not ready. One that only took too long may be busy with this very request."""
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code in local_servers.AWAY_STATUSES
    # What does not speak HTTP, or lies about what it says, is no server of the model.
    return isinstance(error, httpx.RequestError) and not isinstance(error, (local_answers.Told, httpx.TimeoutException))


@functools.cache
def lm_studio_client(place, key):
    """The client for one model, made to look at each answer before LiteLLM does."""
    client = LocalHandler(event_hooks={"response": [local_answers.require_answer]})
    client.place, client.key = place, key
    return client


class LocalCompat(CustomLogger):
    async def async_pre_call_hook(self, user_api_key_dict, cache, data, call_type):
        refuse_to_leave(data)
        # A rule may lead elsewhere what was made for one of these names.
        exchange = current.get()
        names = {data.get("model"), exchange and exchange.named}
        if names & FOLDED_NAMES and isinstance(data.get("messages"), list):
            data["messages"] = system_turns.folded(data["messages"])
        return data

    async def async_pre_call_deployment_hook(self, kwargs, call_type):
        exchange = current.get()
        if exchange is not None and exchange.is_own:
            return await kept_inside(kwargs)
        note_beginning(kwargs)
        model = str(kwargs.get("model"))
        if not model.startswith("lm_studio/"):
            refuse_to_leave(kwargs)
            keep_sealed(kwargs)
            keep_unread(kwargs)
            deployment = deployment_of(kwargs)
            why = ceiling.reached(deployment)
            if why is not None or not OVERFLOW_TO_CLOUD:
                keep_overflow(kwargs)
            return ceiling.admit(kwargs, deployment, why)
        changed = {**kwargs, "api_base": f"{await reachable_server(kwargs)}/v1"}
        if kwargs.get("system"):
            changed["system"] = without_billing(kwargs["system"])
        if call_type != CallTypes.anthropic_messages:
            let_leave()
            return changed
        await send_images_to_cloud(changed)
        note_patience(kwargs)
        client = lm_studio_client(local_request.place_of(changed), kwargs.get("api_key"))
        return {**await local_request.fitted(changed), "client": client}

    async def async_post_call_failure_hook(self, request_data, original_exception, user_api_key_dict, traceback_str=None):
        # On /v1/messages LiteLLM ignores an exception that is returned here, and sends this one's own message.
        text = str(original_exception)
        schema = local_request.schema_refusal(text, request_data)
        message = schema or client_message(text)
        exchange = current.get()
        if exchange is not None and exchange.sealed:
            message = f"{message or getattr(original_exception, 'message', text)} ({sealed_folders.WORDS})"
        if message is not None:
            original_exception.message = message
        if schema is not None or overflow_message(text) is not None or is_unread():
            original_exception.status_code = 400


for one in (httpx.AsyncClient, httpx.Client):
    upstream_connections.ask_plainly(one)
upstream_connections.fetch_nothing()
upstream_connections.keep_what_came()
proxy_handler_instance = LocalCompat()
