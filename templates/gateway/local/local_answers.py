"""Answers of a local server as they come: whole, with their beginning, and begun anew elsewhere where that can still be done.

Written by claude-routing-install. Imported by local_compat.py.
"""

import json

import httpx

from cloud_refusals import current, masked
from event_stream import EventStream, Passing, read_out, says_events, unpack
from server_events import COMMENT, DELTA, Event, until_end

LONGEST_ERROR = 4096
WORDS = (DELTA, b"content_block_stop")
# llama.cpp leaves the first event out when the first token is half a letter (seen with an emoji); clients refuse what is left.
BEGINNING = Event(
    b"message_start",
    b'{"type":"message_start","message":{"id":"msg_local","type":"message","role":"assistant","content":[],"model":"local",'
    b'"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":0,"output_tokens":0}}}',
)


def note(error):
    """What a server said in the place of an answer: it decides who else may be asked."""
    exchange = current.get()
    if exchange is not None:
        exchange.local_error = error


class Told(httpx.RemoteProtocolError):
    """What a server says in the place of an answer, after it has said 200."""


class WholeAnswer(EventStream):
    """A stream of events that fails where LM Studio reports an error in it, or ends without its last event. It has its first one."""

    async def batches(self):
        begun = False
        batches = super().batches()
        async for came in batches:
            events, ended = until_end(came)
            first = next((event.kind for event in events if event.kind != COMMENT), None)
            if not begun and first is not None:
                events, begun = [BEGINNING, *events] if first == b"content_block_start" else events, True
            if ended and events[-1].kind == b"error":
                told = masked(events[-1].data[:LONGEST_ERROR].decode(errors="replace"))
                note(told)
                raise Told(f"the local server broke off: {told}")
            yield events
            if ended:
                await read_out(batches)
                return
        raise httpx.RemoteProtocolError("the local server broke off before its answer was complete")


class Followed(Passing):
    """A stream of events that begins anew where it broke off before its first word: `follow` gives another one, or raises."""

    def __init__(self, stream, follow):
        super().__init__(stream)
        self.follow = follow

    async def batches(self):
        # What comes before the first word is held back, so that the client has one beginning.
        head, begun = [], False
        try:
            async for events in super().batches():
                head += events
                begun = begun or any(event.kind in WORDS for event in events)
                if begun:
                    yield head
                    head = []
        except Exception as error:
            if begun:
                raise
            self.stream = await self.follow(error)
            # The next one has followers of its own.
            async for events in super().batches():
                yield events
            return
        if head:
            yield head


async def require_answer(response):
    """Makes a failure of what LM Studio says with 200 and is no answer, and of an answer that is said to be elsewhere."""
    if response.is_redirect:
        raise httpx.RemoteProtocolError("the local server says that it is elsewhere, and nobody follows it there")
    if response.status_code != 200:
        return
    unpack(response)
    if says_events(response):
        response.stream = WholeAnswer(response.stream)
        return
    try:
        answer = json.loads(await response.aread())
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict) or "content" not in answer:
        response.status_code = 502
