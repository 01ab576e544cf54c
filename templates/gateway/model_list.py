"""What Claude Code's /model lists: each model once, by its full name.

Written by claude-routing-install. UNLISTED_NAMES say the same as another name and work when they are typed. Claude Code lists
whatever has "claude" or "anthropic" in its name, so they are left out of the answer that a launcher's session gets; whoever else
asks is told of all.
"""

import json
import os

UNLISTED = frozenset(filter(None, os.environ.get("UNLISTED_NAMES", "").split(",")))


def shortened(body, unlisted=UNLISTED):
    """The answer without the names that are not listed; as it is where it is no list."""
    try:
        answer = json.loads(body)
        models = [model for model in answer["data"] if model["id"] not in unlisted]
    except (ValueError, TypeError, KeyError):
        return body
    return json.dumps({**answer, "data": models}).encode()


def shortening(send):
    """ASGI: holds the answer back until it is whole."""
    start, pieces = None, []

    async def send_shortened(message):
        nonlocal start
        if message["type"] == "http.response.start":
            start = message
            return
        pieces.append(message.get("body", b""))
        if message.get("more_body", False):
            return
        whole = b"".join(pieces)
        body = shortened(whole)
        if body is not whole:
            kept = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
            start = {**start, "headers": [*kept, (b"content-length", str(len(body)).encode())]}
        await send(start)
        await send({"type": "http.response.body", "body": body})

    return send_shortened
