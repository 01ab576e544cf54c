"""Who waits for a local server, for its turn or until it is awake, in a file beside the request log: the status line and `watch` read it.

Written by claude-routing-install. The file is there while somebody waits and is written anew every REFRESH_SECONDS, so that an old one is
known for what a killed gateway left. Nothing here may break or delay a request: what cannot be written is not told.
"""

import asyncio
import json
import os
import time
from contextlib import contextmanager

import local_servers
from local_queue import BACKGROUND, CONVERSATION, SUBAGENT
from log_file import DIRECTORY, time_of

PATH = os.path.join(DIRECTORY, "queue.json")
REFRESH_SECONDS = 5
KINDS = {CONVERSATION: "conversation", SUBAGENT: "subagent", BACKGROUND: "background"}


def described(ticket, now):
    return {"session": ticket.session, "kind": KINDS[ticket.rank], "agent": ticket.agent, "seconds": round(now - ticket.began)}


def state_of(queues, waking, held, now):
    """The servers for which somebody waits: how many requests each answers, and who waits, in the order of their turns; and which one is
    being woken, for whom. A server has a name where there are several."""
    return {
        "servers": [
            {
                "server": local_servers.spoken(server),
                "slots": queue.slots,
                "running": len(queue.running),
                "waiting": [described(ticket, now) for ticket in queue.order()],
            }
            for server, queue in queues.items()
            if queue.waiting
        ],
        "waking": {"server": local_servers.spoken(waking), "waiting": [described(ticket, now) for ticket in held]} if held else None,
    }


class QueueState:
    def __init__(self, queues):
        self.queues = queues
        # The server that is being woken, and who is held for it.
        self.waking, self.held = None, []
        self.timer = None
        remove()

    def changed(self):
        """Writes it down."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        state = state_of(self.queues, self.waking, self.held, time.monotonic())
        if any(state.values()):
            self.timer = asyncio.get_running_loop().call_later(REFRESH_SECONDS, self.changed)
            write({"v": 1, "at": time_of(time.time()), **state})
        else:
            remove()

    @contextmanager
    def holding(self, server, ticket):
        """Meanwhile a request waits for a server that is being woken."""
        self.waking = server
        self.held.append(ticket)
        self.changed()
        try:
            yield
        finally:
            self.held.remove(ticket)
            self.changed()


def write(state):
    """Puts it in the place of the former one, whole."""
    if not DIRECTORY:
        return
    draft = f"{PATH}.new"
    try:
        file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with open(file, "w", encoding="utf-8") as text:
            json.dump(state, text, separators=(",", ":"))
        os.replace(draft, PATH)
    except OSError:
        return


def remove():
    try:
        os.remove(PATH)
    except OSError:
        return
