"""Whose turn it is at a local server that answers only so many requests at once.

Written by claude-routing-install. It decides and waits, and knows nothing of HTTP. In this order:

1. Who was passed over MOST_PASSES times in a row goes next: nobody waits for ever.
2. A conversation goes before subagents, and these before titles and other background work.
3. Of one kind, the run that was served last goes on: its prompt is the one that the server has read already.
4. Then it is first come, first served.

A run that calls a tool asks again as soon as it has the result. Its slot is kept for it, unless somebody more important waits; otherwise
every tool call would hand the slot to another run, and each would read its whole prompt again. It is kept no longer than reading that
prompt took, and KEEP_SECONDS at the most: so what is lost when the tool takes longer is never more than what was to be saved.
"""

import asyncio
import time
from collections import OrderedDict

CONVERSATION, SUBAGENT, BACKGROUND = range(3)
MOST_PASSES = 8
KEEP_SECONDS = 3.0
MOST_RUNS = 256


def rank_of(kinds):
    """How important a request of these kinds is; the smaller, the sooner. A search is part of what asked for it."""
    if "web-search" not in kinds and ("title" in kinds or "background" in kinds):
        return BACKGROUND
    return SUBAGENT if "subagent" in kinds else CONVERSATION


def in_turn(waiting, served):
    """Places in the list of those who wait, in the order of their turns. `waiting`: rank and run, oldest first; `served`: runs, the last one last."""
    recent = {run: place for place, run in enumerate(served)}
    return sorted(range(len(waiting)), key=lambda place: (waiting[place][0], -recent.get(waiting[place][1], -1)))


def next_of(waiting, served, kept, free, passes):
    """The place of who gets a slot now; None when nobody does. `kept`: rank of each run that a slot is kept for; `free`: slots
    that nobody uses, the kept ones among them; `passes`: how often the oldest was passed over."""
    if not waiting or free <= 0:
        return None
    if passes >= MOST_PASSES:
        return 0
    for place in in_turn(waiting, served):
        rank, run = waiting[place]
        if run in kept or free > sum(other <= rank for other in kept.values()):
            return place
    return None


class Ticket:
    """A request at a server. `run` is the conversation or the subagent that it is of; None where its prompt is no other one's beginning."""

    def __init__(self, rank=CONVERSATION, run=None, session=None, agent=None):
        self.rank, self.run, self.session, self.agent = rank, run, session, agent
        self.began = time.monotonic()
        # Seconds from its slot to its first word.
        self.read = 0
        self.passes = 0
        self.turn = None
        # It found a slot free, and waited for nobody.
        self.at_once = False


class Queue:
    """The requests at one server. `slots` is how many it answers at once; infinite while that is not known: then nobody waits."""

    def __init__(self, changed=lambda: None):
        self.slots = float("inf")
        self.running, self.waiting = [], []
        # By run: the longest that reading its prompt took; and importance of the run and end of the time for which its slot is kept.
        self.served, self.kept = OrderedDict(), {}
        self.changed = changed
        self.timer = None

    async def enter(self, ticket, seconds=None):
        """Returns when it has a slot, which is its own until it leaves. Raises TimeoutError when it has none after so many seconds."""
        ticket.turn = asyncio.get_running_loop().create_future()
        self.waiting.append(ticket)
        self.give()
        ticket.at_once = ticket.turn.done()
        try:
            await asyncio.wait({ticket.turn}, timeout=seconds)
            if not ticket.turn.done():
                raise TimeoutError
        except BaseException:
            self.leave(ticket)
            raise

    def leave(self, ticket, comes_back=False):
        """Takes a request out, wherever it is; a second time changes nothing. `comes_back`: it called a tool."""
        for place in (self.waiting, self.running):
            if ticket in place:
                place.remove(ticket)
                if place is self.running and ticket.run is not None:
                    self._keep(ticket, comes_back)
                self.give()

    def _keep(self, ticket, comes_back):
        longest = max(self.served.get(ticket.run, 0), ticket.read)
        if ticket.run in self.served:
            self.served[ticket.run] = longest
        if comes_back:
            self.kept[ticket.run] = (ticket.rank, time.monotonic() + min(longest, KEEP_SECONDS))

    def give(self):
        """Gives the free slots to those whose turn it is."""
        while True:
            self._forget_kept()
            kept = {run: rank for run, (rank, _) in self.kept.items()}
            waiting = [(ticket.rank, ticket.run) for ticket in self.waiting]
            passes = self.waiting[0].passes if self.waiting else 0
            place = next_of(waiting, self.served, kept, self.slots - len(self.running), passes)
            if place is None:
                break
            self._admit(self.waiting.pop(place), place)
        self.changed()

    def _admit(self, ticket, place):
        if place > 0:
            self.waiting[0].passes += 1
        self.running.append(ticket)
        self.kept.pop(ticket.run, None)
        if ticket.run is not None:
            self.served.setdefault(ticket.run, 0)
            self.served.move_to_end(ticket.run)
            if len(self.served) > MOST_RUNS:
                self.served.popitem(last=False)
        ticket.turn.set_result(None)

    def _forget_kept(self):
        """What is kept too long, and the least important of what there are no slots for any more."""
        now = time.monotonic()
        self.kept = {run: one for run, one in self.kept.items() if one[1] > now}
        while len(self.kept) > max(0, self.slots - len(self.running)):
            del self.kept[max(self.kept, key=lambda run: self.kept[run][0])]
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        if self.kept and self.waiting:
            until = min(until for _, until in self.kept.values())
            self.timer = asyncio.get_running_loop().call_later(max(0, until - now), self.give)

    def order(self):
        """Those who wait, in the order of their turns as far as it is known now."""
        return [self.waiting[place] for place in in_turn([(one.rank, one.run) for one in self.waiting], self.served)]
