"""Which conversation a request is of.

Written by claude-routing-install.
"""

import hashlib
import json
import re

from gateway_names import SESSION_HEADER

# Of one run of a subagent (seen with 2.1.332). It has a prompt of its own, so it is a conversation of its own.
AGENT_RUN_HEADER = "x-claude-code-agent-id"
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
SESSION = re.compile(rf"session(?:_id)?\W{{0,5}}_?({UUID})")


def session_of(headers, body):
    """Claude Code's own id of a session; None where there is none."""
    named = headers.get(SESSION_HEADER)
    if isinstance(named, str) and re.fullmatch(UUID, named):
        return named
    metadata = body.get("metadata")
    found = SESSION.search(str(metadata.get("user_id", ""))) if isinstance(metadata, dict) else None
    return found.group(1) if found else None


def conversation_of(headers, body):
    """A text that stays the same while a conversation grows: its session and subagent, else what it begins with."""
    session = session_of(headers, body)
    if session is not None:
        return f"{session} {headers.get(AGENT_RUN_HEADER, '')}"
    turns = body.get("messages") or body.get("input") or body.get("prompt")
    beginning = [body.get("system"), turns[:1] if isinstance(turns, list) else turns]
    return hashlib.sha256(json.dumps(beginning, sort_keys=True, default=str).encode()).hexdigest()
