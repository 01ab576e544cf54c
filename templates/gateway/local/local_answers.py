"""Answers of a local server as they come: whole, with their beginning, and begun anew elsewhere where that can still be done.

Written by claude-routing-install. Imported by local_compat.py.
"""

import json
import re

import httpx

from cloud_refusals import current

# In a stream of events. A line break cannot be part of what the model says: there it is escaped.
LAST_EVENT = re.compile(rb'^event: ?message_stop\r?\n|^data: ?\{"type": ?"message_stop"', re.MULTILINE)
FIRST_WORD = re.compile(rb'^event: ?content_block_(delta|stop)|^data: ?\{"type": ?"content_block_(delta|stop)"', re.MULTILINE)
ERROR_EVENT = re.compile(rb"^event: ?error\r?\ndata: ?(?P<error>.*)\n", re.MULTILINE)
LONGEST_ERROR = 4096
# llama.cpp leaves the first event out when the first token is half a letter (seen with an emoji); clients refuse what is left.
WITHOUT_BEGINNING = re.compile(rb"\s*event: ?content_block_start\b")
BEGINNING = (
    b"event: message_start\n"
    b'data: {"type":"message_start","message":{"id":"msg_local","type":"message","role":"assistant","content":[],"model":"local",'
    b'"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":0,"output_tokens":0}}}\n\n'
)


async def with_beginning(pieces):
    """The same events, and a first one where it is missing. Pieces end anywhere, so nothing is judged before its line is whole."""
    head, judged = b"", False
    async for piece in pieces:
        if not judged:
            head += piece
            if b"\n" not in head.lstrip():
                continue
            piece, judged = (BEGINNING if WITHOUT_BEGINNING.match(head) else b"") + head, True
        yield piece
    if not judged and head:
        yield head


def note(error):
    """What a server said in the place of an answer: it decides who else may be asked."""
    exchange = current.get()
    if exchange is not None:
        exchange.local_error = error


class Told(httpx.RemoteProtocolError):
    """What a server says in the place of an answer, after it has said 200."""


class WholeAnswer(httpx.AsyncByteStream):
    """A stream of events that fails where LM Studio reports an error in it, or ends without its last event. It has its first one."""

    def __init__(self, stream):
        self.stream = stream

    async def __aiter__(self):
        recent, complete = b"", False
        async for piece in with_beginning(self.stream):
            recent = recent[-LONGEST_ERROR:] + piece
            error = ERROR_EVENT.search(recent)
            if error is not None:
                told = error["error"].decode(errors="replace")
                note(told)
                raise Told(f"the local server broke off: {told}")
            complete = complete or LAST_EVENT.search(recent) is not None
            yield piece
        if not complete:
            raise httpx.RemoteProtocolError("the local server broke off before its answer was complete")

    async def aclose(self):
        await self.stream.aclose()


class Followed(httpx.AsyncByteStream):
    """A stream of events that begins anew where it broke off before its first word: `follow` gives another one, or raises."""

    def __init__(self, stream, follow):
        self.stream = stream
        self.follow = follow

    async def __aiter__(self):
        # What comes before the first word is held back, so that the client has one beginning.
        head, begun = b"", False
        try:
            async for piece in self.stream:
                if not begun:
                    head, piece = head + piece, b""
                    begun = FIRST_WORD.search(head) is not None
                if begun:
                    yield head + piece
                    head = b""
        except Exception as error:
            if begun:
                raise
            self.stream = await self.follow(error)
            # The next one has followers of its own.
            async for piece in self.stream:
                yield piece
            return
        if head:
            yield head

    async def aclose(self):
        await self.stream.aclose()


async def require_answer(response):
    """Makes a failure of what LM Studio says with 200 and is no answer, and of an answer that is said to be elsewhere."""
    if response.is_redirect:
        raise httpx.RemoteProtocolError("the local server says that it is elsewhere, and nobody follows it there")
    if response.status_code != 200 or "content-encoding" in response.headers:
        return
    if response.headers.get("content-type", "").startswith("text/event-stream"):
        response.stream = WholeAnswer(response.stream)
        return
    try:
        answer = json.loads(await response.aread())
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict) or "content" not in answer:
        response.status_code = 502
