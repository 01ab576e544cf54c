"""Several servers of the local model: which of them a request goes to.

Written by claude-routing-install. A server keeps what it has read of a conversation, so the next turn goes where the last one went: its
home. A new conversation gets the home that has the fewest of late, and of several such the one that its own hash says, so that the same
conversation finds the same one after a restart. A server that cannot be reached, or breaks a connection off before its first word,
is left alone for REST_SECONDS: its conversations are answered by the others meanwhile, and go home again afterwards.

Only where none of them can be reached does the request fail, and whoever may stand in for the local model takes over.
"""

import hashlib
import os
import time
from collections import OrderedDict
from contextvars import ContextVar
from urllib.parse import urlsplit

from upstream_connections import try_port

SERVERS = tuple(filter(None, os.environ.get("LOCAL_SERVERS", "").split(",")))
REST_SECONDS = 30
# A conversation that nobody has added to for so long counts no more.
LATELY_SECONDS = 600
MOST_CONVERSATIONS = 1024
# In a network of one's own this takes milliseconds; a first packet that was lost is sent again after one second.
CONNECT_SECONDS = 1.5
# What a server says that is there and cannot serve, or somebody in front of it: still loading, gone, has no such model.
AWAY_STATUSES = frozenset({404, 502, 503, 504})


def weight(conversation, server):
    return hashlib.sha256(f"{server} {conversation}".encode()).digest()


class Pool:
    """Homes of conversations, and which servers are left alone."""

    def __init__(self, servers):
        self.servers = tuple(servers)
        # By conversation: its home, and when it was last asked for.
        self.homes = OrderedDict()
        self.resting = {}

    def order(self, conversation, now):
        """The servers to try for a conversation: its home, then the others; those last that are left alone."""
        ranked = sorted(self.servers, key=lambda server: weight(conversation, server), reverse=True)
        home, _ = self.homes.pop(conversation, (None, None))
        if home is None:
            home = min(filter(lambda one: self.is_awake(one, now), ranked), key=self.counts(now).__getitem__, default=ranked[0])
        self.homes[conversation] = (home, now)
        if len(self.homes) > MOST_CONVERSATIONS:
            self.homes.popitem(last=False)
        return sorted(ranked, key=lambda one: (not self.is_awake(one, now), one != home))

    def counts(self, now):
        """How many conversations are at home where, of late."""
        lately = [home for home, seen in self.homes.values() if now - seen < LATELY_SECONDS]
        return {server: lately.count(server) for server in self.servers}

    def is_awake(self, server, now):
        return self.resting.get(server, now) <= now

    def rest(self, server, now):
        self.resting[server] = now + REST_SECONDS


pool = Pool(SERVERS)
# The servers that are left to be tried for the request of this task, in a list of its own.
untried = ContextVar("untried_local_servers", default=())


def without_path(address):
    return address.rstrip("/").removesuffix("/v1")


def server_of(url):
    """Which of several servers an address of a request leads to; None where there is only one."""
    return next((server for server in SERVERS if url.startswith(f"{server}/")), None)


def spoken(server):
    """One of several servers as a person would say it, without the scheme; None where there is only one."""
    return server.partition("//")[2] if server in SERVERS else None


async def choose(address, conversation):
    """The first server that accepts connections, in this conversation's order. Raises OSError where none does, with what each said."""
    # A drill has an address of its own.
    left = pool.order(conversation, time.monotonic()) if address in SERVERS else [address]
    untried.set(left)
    return await next_open(left)


async def elsewhere(server, left):
    """Another server of those that are left, in the place of one that failed before its first word. Raises OSError where there is none."""
    pool.rest(server, time.monotonic())
    return await next_open(left)


async def next_open(left):
    failures = []
    while left:
        server = left.pop(0)
        try:
            await require_open_port(server)
            return server
        except OSError as error:
            pool.rest(server, time.monotonic())
            failures.append(f"{server} cannot be reached: {error}")
    raise OSError("; ".join(failures))


async def require_open_port(address):
    """Fails within CONNECT_SECONDS when nothing accepts connections at an address."""
    parts = urlsplit(address)
    await try_port(parts.hostname, parts.port or (443 if parts.scheme == "https" else 80), CONNECT_SECONDS)
