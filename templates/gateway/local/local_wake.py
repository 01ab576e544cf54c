"""The local model's machine when it sleeps: woken where its server does not answer, while the request is held.

Written by claude-routing-install. LOCAL_WAKE is the server's address and the seconds that it is given; without it nothing is ever woken. A
container cannot send what wakes a machine, so a file is written, and a unit of this account outside sends it (wake.py); again every
PACKET_SECONDS, because nobody says whether it arrived.

One wake serves all who wait, and its seconds count from its begin. It is over when the server's listing answers. A model may still be
loaded then: until the seconds are over, a request that is refused for that is sent again. A machine that does not wake is left
alone for REST_SECONDS: whoever may stand in for the local model answers meanwhile, and nobody waits.
"""

import asyncio
import math
import os
import time

import httpx

import local_servers
import local_sight
import local_turns
from cloud_refusals import current

SERVER, _, _given = os.environ.get("LOCAL_WAKE", "").partition(" ")
PATIENCE = int(_given or 0)
# A drill wakes nobody: its wish is for a box of its own.
WISH = os.environ.get("WAKE_PRETENDED") or os.path.join(os.environ.get("REQUEST_LOG_DIR", ""), "wake")
PACKET_SECONDS = 10
POLL_SECONDS = 0.5
LISTING_SECONDS = 3
REST_SECONDS = 300


class Sleeper:
    """What is known of the machine: the wake that is under way, until when its seconds last, until when it is left alone."""

    def __init__(self):
        self.wake = None
        self.until = self.rests = -math.inf

    def stance(self, now):
        """What becomes of a request that finds it silent."""
        if self.wake is not None:
            return "join"
        return "leave" if now < self.rests else "wake"

    def ended(self, failure, now):
        self.wake = None
        if failure is not None:
            self.until, self.rests = -math.inf, now + REST_SECONDS

    def minutes_left(self, now):
        return max(1, math.ceil((self.rests - now) / 60))


sleeper = Sleeper()


async def woken(address, key, silence):
    """The address as soon as the machine there answers. Raises OSError, with why, where it does not; that silence where it is none to wake."""
    if address != SERVER:
        raise silence
    now = time.monotonic()
    stance = sleeper.stance(now)
    if stance == "leave":
        left = sleeper.minutes_left(now)
        raise OSError(f"{silence}; it did not wake before, and is not woken again for {left} min") from silence
    if stance == "wake":
        sleeper.wake = asyncio.ensure_future(wake(key))
    task, exchange = sleeper.wake, current.get()
    try:
        with local_turns.state.holding(SERVER, local_turns.ticket_of(exchange)):
            # Who leaves does not take it from the others.
            await asyncio.wait({task})
    finally:
        if exchange is not None:
            exchange.woken += time.monotonic() - now
    failure = task.result()
    if failure is not None:
        raise OSError(f"{silence}; {failure}") from silence
    return address


async def wake(key):
    """One wake. None when the machine answers, else why it does not."""
    failure = f"it did not wake within {PATIENCE} s"
    sleeper.until = time.monotonic() + PATIENCE
    try:
        await asyncio.wait_for(ask_until_there(key), PATIENCE)
        failure = None
        local_servers.pool.resting.pop(SERVER, None)
    except TimeoutError:
        pass
    except OSError as error:
        failure = f"nobody can be asked to wake it: {error}"
    finally:
        sleeper.ended(failure, time.monotonic())
    return failure


async def ask_until_there(key):
    packet = -math.inf
    while True:
        if time.monotonic() - packet >= PACKET_SECONDS:
            packet = time.monotonic()
            wish()
        if await is_there(key):
            return
        await asyncio.sleep(POLL_SECONDS)


def wish():
    """Its closing is what the unit outside waits for."""
    with open(WISH, "w"):
        os.utime(WISH)


async def is_there(key):
    """Whether the server lists its models by now, or wants to be asked otherwise."""
    try:
        await local_servers.require_open_port(SERVER)
        headers = {"authorization": f"Bearer {key}"} if key else {}
        async with httpx.AsyncClient(timeout=LISTING_SECONDS, trust_env=False, verify=local_sight.trusted()) as client:
            listing = await client.get(f"{SERVER}/v1/models", headers=headers)
    except (OSError, httpx.HTTPError):
        return False
    return listing.status_code not in local_servers.AWAY_STATUSES


def is_getting_up(url, now):
    """Whether an address leads to a machine that was woken, within the seconds that it was given."""
    return bool(SERVER) and url.startswith(f"{SERVER}/") and now < sleeper.until


async def is_to_be_asked_again(url, away):
    """Whether a request is to be sent again that failed as with a server that is not ready; returns after a pause then."""
    if not away or not is_getting_up(url, time.monotonic()):
        return False
    await asyncio.sleep(POLL_SECONDS)
    return True
