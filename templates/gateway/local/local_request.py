"""One request of the Messages API made fit for a local model.

Written by claude-routing-install. What goes in is the client's request; it is never changed, because a cloud that takes over has
to get it as it was.
"""

import re

import local_content
import local_habits
import local_schemas
import local_sight

# Of a cloud's own features; local servers do not know them, and the strict ones refuse them.
CLOUD_FIELDS = ("mcp_servers", "container")


def place_of(kwargs):
    """Which model of which server, for all that is remembered about it."""
    return local_sight.place_of(str(kwargs.get("api_base")), str(kwargs.get("model")))


async def sees_images(kwargs):
    place = place_of(kwargs)
    return local_habits.NO_IMAGES not in local_habits.of(place) and await local_sight.sees(place, kwargs.get("api_key"))


async def needs_sight(kwargs):
    """Whether this turn is about an image that the local model cannot see."""
    messages = kwargs.get("messages")
    return isinstance(messages, list) and local_content.asks_about_image(messages) and not await sees_images(kwargs)


async def fitted(kwargs):
    """The same request with messages, system prompt and tools that a local server takes."""
    messages = kwargs.get("messages")
    if not isinstance(messages, list):
        return kwargs
    sees = local_content.shows_image(messages) and await sees_images(kwargs)
    whole = {key: value for key, value in kwargs.items() if key not in CLOUD_FIELDS}
    whole["messages"] = local_content.fit_messages(messages, sees)
    if whole.get("system"):
        whole["system"] = local_content.fit_system(whole["system"])
    return local_habits.adapted(with_tools(whole), place_of(kwargs))


def with_tools(whole):
    if not isinstance(whole.get("tools"), list):
        return whole
    tools = local_schemas.fit_tools(whole["tools"])
    choice = local_schemas.fit_choice(whole.get("tool_choice"), tools)
    rest = {key: value for key, value in whole.items() if key not in ("tools", "tool_choice")}
    return {**rest, **({"tools": tools} if tools else {}), **({"tool_choice": choice} if choice else {})}


# A schema that no grammar can be made of: llama.cpp, LM Studio around it, and engines with grammars of their own.
REFUSED_SCHEMA = re.compile(
    r"failed to parse grammar|error parsing grammar|JSON schema conversion failed|unrecognized schema|invalid_schema|invalid grammar"
    r"|grammar (error|compilation failed)|failed to compile (the )?grammar|unsupported (json )?schema|pattern must start with",
    re.IGNORECASE,
)
REASON = re.compile(
    r"JSON schema conversion failed:(?:\\+n|\s)*(?P<reason>[^\n\"\\]{1,200})|(?P<plain>failed to parse grammar|error parsing grammar[^\n\"]{0,200})",
    re.IGNORECASE,
)


def schema_refusal(error, data):
    """What the client is told when its tools were refused all the same; None for another error."""
    if REFUSED_SCHEMA.search(error) is None or not isinstance(data.get("tools"), list):
        return None
    names = local_schemas.suspects(data["tools"], error)
    found = REASON.search(error)
    reason = ((found.group("reason") or found.group("plain")) if found else "no grammar can be made of it").strip()
    if len(names) == 1:
        return f"the local model's server refuses the schema of the tool {names[0]} ({reason}): leave the tool out of this session"
    listed = ", ".join(names[:20])
    return f"the local model's server refuses the schema of a tool ({reason}) and does not say which; these ask most of a grammar: {listed}"
