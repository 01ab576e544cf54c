"""Server-sent events, as a cloud or a local server sends them, read in one way and handed on in one form.

Written by claude-routing-install. Their standard (https://html.spec.whatwg.org/multipage/server-sent-events.html) lets a line end with LF,
CRLF or CR, and has comments, a byte order mark in front, data in several lines, and events without a name; a network cuts them anywhere.
LiteLLM and clients look for a name in what came last. So behind event_stream.py each piece is whole events, each with its name, which is
the type that its data says, and with its data in one line.
"""

import json
import re

ENDED = frozenset((b"message_stop", b"error"))
DELTA = b"content_block_delta"
# https://platform.claude.com/docs/en/build-with-claude/streaming
KINDS = ENDED | {b"message_start", b"message_delta", b"content_block_start", DELTA, b"content_block_stop", b"ping"}
COMMENT = b":"
TYPE = re.compile(rb'\s*\{\s*"type"\s*:\s*"([a-z_]+)"')
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# Longer than any answer; whoever sends more without an end sends no events.
LARGEST_EVENT = 64 * 1024 * 1024


class Event:
    """`kind` is its type in the Messages API, else its name; of a comment COMMENT."""

    def __init__(self, kind, data):
        self.kind, self.data = kind, data

    @property
    def text(self):
        if self.kind == COMMENT:
            return self.data + b"\n\n"
        name = b"event: %s\n" % self.kind if self.kind else b""
        return b"%sdata: %s\n\n" % (name, self.data or b'{"type":"%s"}' % self.kind)


def until_end(events):
    """The events up to the last one of an answer, and whether that came. What comes behind it, a broken connection too, makes no whole
    answer a failure."""
    last = next((place for place, event in enumerate(events) if event.kind in ENDED), None)
    return (events, False) if last is None else (events[: last + 1], True)


def kind_of(name, data):
    if name == b"error":
        return name
    found = TYPE.match(data)
    kind = found[1] if found else type_in(data)
    return kind if kind in KINDS or not name else name


def type_in(data):
    try:
        said = json.loads(data)
        kind = said.get("type", "error" if "error" in said else "")
        return kind.encode()
    except (ValueError, RecursionError, AttributeError):
        return b""


class Events:
    """Reads events while they come in pieces of any size, in a time that grows as they do."""

    def __init__(self):
        # What came since the last line ended, and since the last event did.
        self._line, self._size = bytearray(), 0
        self._is_first, self._after_return = True, False
        self._name, self._data = b"", []

    def read(self, piece):
        """The events that end in this piece. Raises ValueError where none ever ends."""
        if self._after_return and piece.startswith(b"\n"):
            piece = piece[1:]
        self._after_return = piece.endswith(b"\r") if piece else False
        lines = piece.splitlines()
        rest = lines.pop() if lines and not piece.endswith((b"\n", b"\r")) else b""
        events = []
        for line in lines:
            if self._line:
                line, self._line = bytes(self._line + line), bytearray()
            events += self._take(line)
        self._line += rest
        if self._size + len(self._line) > LARGEST_EVENT:
            raise ValueError("an event has no end")
        return events

    def end(self):
        """The last event, where only the line behind it is missing."""
        events = self._take(bytes(self._line)) if self._line else []
        self._line = bytearray()
        try:
            json.loads(b" ".join(self._data))
        except (ValueError, RecursionError):
            return events
        return [*events, *self._dispatched()]

    def _take(self, line):
        if self._is_first:
            line, self._is_first = line.removeprefix(BYTE_ORDER_MARK), False
        if not line:
            return self._dispatched()
        if line.startswith(COMMENT):
            return [Event(COMMENT, line)]
        self._size += len(line)
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(value)
        elif name == b"event":
            self._name = value.strip()
        return []

    def _dispatched(self):
        name, data = self._name, b" ".join(self._data)
        self._name, self._data, self._size = b"", [], 0
        return [Event(kind_of(name, data), data)] if name or data else []
