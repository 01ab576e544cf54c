"""Gateway hook: makes requests fit for a local model, and its errors fit for Claude Code.

Written by claude-routing-install. It runs inside LiteLLM and does five things:

1. Claude Code puts turns with the role "system" between the others when it does not recognise the model's name. Chat templates
   such as Qwen's, and older Claude models, refuse them. For the names in FOLD_SYSTEM_TURNS_FOR such a turn is moved into the
   user turn beside it, marked as a reminder.
2. The billing line that Claude Code puts first differs from one conversation to the next and would keep LM Studio from re-using
   the prompt it has already read, so it is left out on the way there. Clouds still get it.
3. A machine that is switched off does not refuse a connection, it says nothing: LiteLLM would wait minutes before it fails over.
   So LM Studio's port is tried for a few seconds first.
4. "The prompt does not fit" is said in the Messages API's own words, which make Claude Code compact the conversation and go on.
   In any other words it gives up, and so it does on every later turn.
5. A request marked as local-only is refused for every name but those in LOCAL_ONLY_NAMES. A project's settings, a command or a
   subagent may name a cloud model even in a session that was started to stay local; the mark is not theirs to change.
"""

import asyncio
import os
import re
from urllib.parse import urlsplit

from fastapi import HTTPException
from litellm.exceptions import APIConnectionError
from litellm.integrations.custom_logger import CustomLogger

FOLDED_NAMES = frozenset(filter(None, os.environ.get("FOLD_SYSTEM_TURNS_FOR", "").split(",")))
LOCAL_ONLY_NAMES = frozenset(filter(None, os.environ.get("LOCAL_ONLY_NAMES", "").split(",")))
ROUTING_HEADER = "x-claude-routing"
LOCAL_ONLY_MARK = "local-only"
BILLING = "x-anthropic-billing-header:"
CONNECT_SECONDS = 3

# LM Studio's wordings of an overflow, each with the prompt's length and the window's where it tells them.
OVERFLOWS = (
    re.compile(r"n_keep: ?(?P<prompt>\d+) ?>= ?n_ctx: ?(?P<window>\d+)"),
    re.compile(r"keep the first (?P<prompt>\d+) tokens .*context length of only (?P<window>\d+) tokens", re.DOTALL),
    re.compile(r"request \((?P<prompt>\d+) tokens\) exceeds the available context size \((?P<window>\d+) tokens\)"),
    re.compile(r"exceeds? the available context size|exceed_context_size|greater than the context length"),
)
UNREACHABLE = re.compile(r"LM Studio at \S+ cannot be reached[^\n]*")


def text_of(content):
    """The words of a message's content, whichever of its two forms it has."""
    if isinstance(content, str):
        return content
    return "\n\n".join(block["text"] for block in content or [] if block.get("type") == "text" and block.get("text"))


def blocks_of(content):
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    return list(content or [])


def with_reminders(message, reminders):
    return {**message, "content": blocks_of(message.get("content")) + reminders} if reminders else message


def fold_system_turns(messages):
    """The same conversation without system turns. What stood before a turn never changes when later turns are added."""
    folded, waiting = [], []
    for message in messages:
        role = message.get("role")
        if role == "system":
            text = text_of(message.get("content"))
            reminder = [{"type": "text", "text": f"<system-reminder>\n{text}\n</system-reminder>"}] if text else []
            if folded and folded[-1].get("role") == "user":
                folded[-1] = with_reminders(folded[-1], reminder)
            else:
                waiting += reminder
        elif role == "user":
            # Behind the turn's own blocks: tool results have to come first.
            folded.append(with_reminders(message, waiting))
            waiting = []
        else:
            if waiting:
                folded.append({"role": "user", "content": waiting})
                waiting = []
            folded.append(message)
    return folded + ([{"role": "user", "content": waiting}] if waiting else [])


def without_billing(system):
    """The system prompt without the line that differs between conversations."""
    if isinstance(system, str):
        return "\n".join(line for line in system.split("\n") if not line.startswith(BILLING))
    return [block for block in system if not str(block.get("text", "")).startswith(BILLING)]


def client_message(error):
    """What the client is told instead of LiteLLM's own text; None when that text is good enough."""
    unreachable = UNREACHABLE.search(error)
    if unreachable is not None:
        return unreachable.group()
    overflow = next(filter(None, (pattern.search(error) for pattern in OVERFLOWS)), None)
    if overflow is None:
        return None
    sizes = overflow.groupdict()
    return f"prompt is too long: {sizes['prompt']} tokens > {sizes['window']} maximum" if sizes else "prompt is too long"


def refuse_to_leave(data):
    """Ends a local-only request for another model, before anything of it is sent anywhere."""
    headers = (data.get("proxy_server_request") or {}).get("headers") or {}
    launcher, *marks = headers.get(ROUTING_HEADER, "").split("; ")
    if LOCAL_ONLY_MARK in marks and data.get("model") not in LOCAL_ONLY_NAMES:
        detail = f"{launcher} never leaves this network, and {data.get('model')} is not the local model"
        raise HTTPException(status_code=400, detail={"error": detail})


async def require_open_port(address, model):
    """Fails within CONNECT_SECONDS when nothing accepts connections at an address."""
    parts = urlsplit(address)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(parts.hostname, port), CONNECT_SECONDS)
        writer.close()
    except (OSError, asyncio.TimeoutError) as error:
        reason = str(error) or f"no answer within {CONNECT_SECONDS} s"
        message = f"LM Studio at {parts.scheme}://{parts.netloc} cannot be reached: {reason}"
        raise APIConnectionError(message=message, llm_provider="lm_studio", model=model) from error


class LocalCompat(CustomLogger):
    async def async_pre_call_hook(self, user_api_key_dict, cache, data, call_type):
        refuse_to_leave(data)
        if data.get("model") in FOLDED_NAMES and isinstance(data.get("messages"), list):
            data["messages"] = fold_system_turns(data["messages"])
        return data

    async def async_pre_call_deployment_hook(self, kwargs, call_type):
        model = str(kwargs.get("model"))
        if not model.startswith("lm_studio/"):
            return None
        await require_open_port(str(kwargs.get("api_base")), model)
        return {**kwargs, "system": without_billing(kwargs["system"])} if kwargs.get("system") else None

    async def async_post_call_failure_hook(self, request_data, original_exception, user_api_key_dict, traceback_str=None):
        # On /v1/messages LiteLLM ignores an exception that is returned here, and sends this one's own message.
        message = client_message(str(original_exception))
        if message is not None:
            original_exception.message = message


proxy_handler_instance = LocalCompat()
