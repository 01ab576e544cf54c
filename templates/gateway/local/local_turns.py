"""How many requests a local server gets at once, and the slot of each.

Written by claude-routing-install. LOCAL_PARALLEL is what the person chose: a number, or `off`. Without it the server's own listing is
asked beside the requests and remembered; where it does not say, nobody waits (local_queue.py). A request has its slot from the call to the
server until its answer ends, fails, or is given up. What it waited is not part of any timeout: those begin with the call.
"""

import asyncio
import os
import re
import time
import weakref

import agent_names
import local_sight
from cloud_refusals import current
from event_stream import Passing
from local_queue import BACKGROUND, Queue, Ticket, rank_of
from queue_state import QueueState

CHOSEN = os.environ.get("LOCAL_PARALLEL", "")
REMEMBERED_SECONDS = 600
ASKED_AGAIN_SECONDS = 60

# In an event: the answer ends with the call of a tool, and a subagent was called, for whose end it waits.
CALLED = re.compile(rb'"stop_reason"\s*:\s*"tool_use"')
SUBAGENT_CALLED = re.compile(rb'"name"\s*:\s*"(%s)"' % "|".join(agent_names.TOOLS).encode())

queues = {}
state = QueueState(queues)
asked = {}
lookups = set()


def slots_in_lm_studio(listing, model):
    """Of `GET /api/v1/models`; None where the model is not loaded, or it does not say."""
    for listed in listing.get("models") or []:
        for instance in listed.get("loaded_instances") or []:
            if model in (listed.get("key"), instance.get("id")):
                return (instance.get("config") or {}).get("parallel")
    return None


def slots_in_llama(properties, _):
    """Of llama.cpp's `GET /props`."""
    return properties.get("total_slots")


LISTINGS = (("/api/v1/models", slots_in_lm_studio), ("/props", slots_in_llama))


async def look_up(place, key, queue):
    """Asks the server how many it answers at once. What is not told leaves things as they are."""
    told = await local_sight.ask(*place, key, LISTINGS)
    known = isinstance(told, int) and not isinstance(told, bool) and told > 0
    asked[place] = time.monotonic() + (REMEMBERED_SECONDS if known else ASKED_AGAIN_SECONDS)
    if known:
        queue.slots = told
        queue.give()


def queue_of(place, key):
    """The queue of a server. One server has one, whichever of its models is asked."""
    base, _ = place
    queue = queues.get(base)
    if queue is None:
        queue = queues[base] = Queue(state.changed)
        if CHOSEN.isdigit():
            queue.slots = int(CHOSEN)
    if not CHOSEN and asked.get(place, 0) < time.monotonic():
        asked[place] = time.monotonic() + ASKED_AGAIN_SECONDS
        task = asyncio.ensure_future(look_up(place, key, queue))
        lookups.add(task)
        task.add_done_callback(lookups.discard)
    return queue


def ticket_of(exchange):
    """What the queue looks at in a request."""
    described = exchange.described if exchange is not None else None
    if described is None:
        return Ticket()
    rank, session = rank_of(described["kinds"]), exchange.session
    # Background work is of many prompts.
    run = f"{session}/{exchange.agent_id}" if session and rank != BACKGROUND else None
    return Ticket(rank, run, session, described["agent"])


class Turn:
    """A request's slot at a server, until it is over."""

    def __init__(self, queue, ticket):
        self.queue, self.ticket = queue, ticket
        # Seconds.
        self.waited = 0
        self.given = time.monotonic()

    def first_word(self):
        self.ticket.read = time.monotonic() - self.given

    def end(self, comes_back=False):
        self.queue.leave(self.ticket, comes_back)


async def turn_at(place, key):
    """Waits for a slot. Raises TimeoutError when it has waited long enough."""
    exchange = current.get()
    queue = Queue() if exchange is not None and exchange.is_own else queue_of(place, key)
    turn = Turn(queue, ticket_of(exchange))
    began = time.monotonic()
    try:
        await turn.queue.enter(turn.ticket, exchange and exchange.patience)
    finally:
        turn.given = time.monotonic()
        turn.waited = 0 if turn.ticket.at_once else turn.given - began
        if exchange is not None:
            exchange.queued += turn.waited
    return turn


class SlotStream(Passing):
    """An answer whose end, however it comes, gives the slot back."""

    def __init__(self, stream, turn):
        super().__init__(stream)
        self.turn = turn
        self.begun = self.called = self.waits = False
        # An answer that nobody begins to read is not closed either; whichever thread finds that out.
        weakref.finalize(self, asyncio.get_running_loop().call_soon_threadsafe, turn.end).atexit = False

    async def batches(self):
        try:
            async for events in super().batches():
                for event in events:
                    self._look_at(event)
                yield events
        finally:
            self.turn.end(self.called and not self.waits)

    def _look_at(self, event):
        if not self.begun and event.kind.startswith(b"content_block_"):
            self.begun = True
            self.turn.first_word()
        if event.kind == b"message_delta":
            self.called = self.called or CALLED.search(event.data) is not None
        elif event.kind == b"content_block_start":
            self.waits = self.waits or SUBAGENT_CALLED.search(event.data) is not None

    async def aclose(self):
        self.turn.end(self.called and not self.waits)
        await super().aclose()
