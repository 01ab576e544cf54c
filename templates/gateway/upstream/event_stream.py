"""The body of an answer as whole events (server_events.py).

Written by claude-routing-install.
"""

import asyncio

import httpx

from server_events import Events

# How long the end of a connection is waited for when an answer is over: whoever leaves sooner may be taken for one who cancels it.
CLOSING_SECONDS = 1


class EventStream(httpx.AsyncByteStream):
    """The bytes of an answer as whole events."""

    def __init__(self, stream):
        self.stream = stream

    async def batches(self):
        """Lists of the events that came together."""
        events = Events()
        async for piece in self.stream:
            try:
                came = events.read(piece)
            except ValueError as error:
                raise httpx.RemoteProtocolError(f"the answer broke off: {error}") from error
            if came:
                yield came
        came = events.end()
        if came:
            yield came

    async def __aiter__(self):
        async for events in self.batches():
            yield b"".join(event.text for event in events)

    async def aclose(self):
        await self.stream.aclose()


async def read_out(batches):
    """Reads what comes behind the end of an answer, however that ends, and makes nothing of it."""

    async def read():
        async for _ in batches:
            pass

    try:
        await asyncio.wait_for(read(), CLOSING_SECONDS)
    except Exception:
        return


class Passing(EventStream):
    """Events of another EventStream, which a subclass looks at on their way."""

    async def batches(self):
        async for events in self.stream.batches():
            yield events


class Plain(httpx.AsyncByteStream):
    """The bytes of an answer that came compressed, although nobody asked for that."""

    def __init__(self, response):
        headers = {"content-encoding": response.headers.pop("content-encoding")}
        self.packed = httpx.Response(200, headers=headers, stream=response.stream)

    async def __aiter__(self):
        async for piece in self.packed.aiter_bytes():
            yield piece

    async def aclose(self):
        await self.packed.aclose()


def unpack(response):
    """Makes an answer whose body was not read yet one that is not compressed."""
    if "content-encoding" in response.headers:
        response.stream = Plain(response)


def says_events(response):
    return response.headers.get("content-type", "").lower().startswith("text/event-stream")
