"""What people call their own subagents.

Written by claude-routing-install. Claude Code (seen with 2.1.330) says of each of them that it is `custom`, and gives every run an id.
The name stands in the call of the tool by which a conversation starts it, beside the first words that it gets: so the calls in answers are
read along, and a subagent is known by its first words. Only their hash is kept, in memory. What was started before the gateway was
stays `custom`, and so does what was started twice in a session with the same words and other names.
"""

import hashlib
from collections import OrderedDict

TOOLS = ("Agent", "Task")
CUSTOM = "custom"
MOST = 1024

# By session and hash of the first words; None where the name is not certain.
started = OrderedDict()


def key_of(session, words):
    return session, hashlib.sha256(words.encode("utf-8", "replace")).digest()


def note(session, call):
    """Takes down a call of a tool; `call` is its input."""
    name, words = (call.get("subagent_type"), call.get("prompt")) if isinstance(call, dict) else (None, None)
    if not (isinstance(name, str) and isinstance(words, str) and isinstance(session, str)):
        return
    key = key_of(session, words)
    started[key] = name if started.get(key, name) == name else None
    started.move_to_end(key)
    if len(started) > MOST:
        started.popitem(last=False)


def name_of(session, turns):
    """The name of the subagent that these turns are of; None when it is not known."""
    content = turns[0].get("content") if turns and isinstance(turns[0], dict) else None
    last = content[-1] if isinstance(content, list) and content else content
    words = last.get("text") if isinstance(last, dict) else last
    if not isinstance(words, str) or not isinstance(session, str):
        return None
    key = key_of(session, words)
    if key in started:
        started.move_to_end(key)
    return started.get(key)
