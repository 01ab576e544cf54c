"""Turns made fit for who takes over a conversation, and what a local model left in one made fit for a cloud.

Written by claude-routing-install. The client's own request is never changed.
"""

import json

import server_tools
import system_turns

LETTERS_PER_TOKEN = 4
SHORTEST_ANSWER = 1024
# Claude signs its thinking with hundreds of letters; local servers say nothing, or a short id.
SHORTEST_SIGNATURE = 64


class TooLarge(Exception):
    """A conversation that clearly does not fit the local window, in words."""


def for_claude(kwargs):
    """The same turns as a cloud takes them, whoever made them. Ids of calls that it does not take LiteLLM replaces."""
    messages = kwargs.get("messages")
    if not isinstance(messages, list):
        return kwargs
    turns = [{**turn, "content": blocks_for_claude(turn["content"])} if has_blocks(turn) else turn for turn in messages]
    return {**kwargs, "messages": [turn for turn in turns if not has_blocks(turn) or turn["content"]]}


def without_advisor(kwargs):
    """
    The same for a cloud that is not known to ask an advisor itself. There LiteLLM would: it asks the cloud again and again, and some
    other one whose model the tool names, and tells what the last answer alone has used.
    """
    tools = kwargs.get("tools")
    if not isinstance(tools, list) or not server_tools.uses_in(tools, server_tools.ADVISOR, 0):
        return kwargs
    kept = [tool for tool in tools if not server_tools.uses_in([tool], server_tools.ADVISOR, 0)]
    return {**{name: value for name, value in kwargs.items() if name != "tools"}, **({"tools": kept} if kept else {})}


def has_blocks(turn):
    return isinstance(turn, dict) and isinstance(turn.get("content"), list)


def blocks_for_claude(blocks):
    return [block for block in blocks if not is_unsigned(block)]


def is_unsigned(block):
    return isinstance(block, dict) and block.get("type") == "thinking" and len(str(block.get("signature") or "")) < SHORTEST_SIGNATURE


def letters_in(value, of_file=lambda source: 0):
    """How many letters a request has; what is no text, a source in base64, counts as `of_file` says."""
    count, waiting = 0, [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            is_file = item.get("type") == "base64"
            count += of_file(item) if is_file else 0
            waiting += [] if is_file else [*item.keys(), *item.values()]
        elif isinstance(item, list):
            waiting += item
        elif isinstance(item, str):
            count += len(item)
    return count


def for_local(kwargs, window):
    """The turn for a local model that stands in. Raises when the conversation is clearly too large for its window."""
    tokens = letters_in([kwargs.get("system"), kwargs.get("messages"), kwargs.get("tools")]) // LETTERS_PER_TOKEN
    if isinstance(window, int) and tokens + SHORTEST_ANSWER > window:
        raise TooLarge(f"this conversation has about {tokens:,} tokens, and the local model's window {window:,}")
    fitted = folded(kwargs)
    if isinstance(window, int) and isinstance(kwargs.get("max_tokens"), int):
        fitted["max_tokens"] = min(kwargs["max_tokens"], window - tokens)
    return fitted


def folded(kwargs):
    messages = kwargs.get("messages")
    return {**kwargs, "messages": system_turns.folded(messages)} if isinstance(messages, list) else {**kwargs}


def with_fewer_words(data, most):
    """The same request, as JSON, for an answer of at most so many tokens."""
    body = json.loads(data)
    thinking = body.get("thinking")
    if isinstance(thinking, dict) and isinstance(thinking.get("budget_tokens"), int):
        body["thinking"] = {**thinking, "budget_tokens": min(thinking["budget_tokens"], most // 2)}
    return json.dumps({**body, "max_tokens": most})
