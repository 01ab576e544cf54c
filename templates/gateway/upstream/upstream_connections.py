"""Gateway: how the servers behind it are dialled.

Written by claude-routing-install. It runs inside LiteLLM.

No connection is used for two requests (AIOHTTP_KEEPALIVE_TIMEOUT=0 in the compose file). A server may close one that is idle at the
very moment when the next request is written to it: its keep-alive ran out, it was restarted, the box slept. Nobody can tell then
whether that request was begun, so neither a failover nor a second try would be right. A fresh connection costs one round trip in
the own network and two or three to a cloud; an answer takes seconds.

Nor is a redirect followed: with 307 and 308 the prompt would go to whatever address an answer names, out of this network too, and
with every status the cloud's key. Answers are asked for as they are, not compressed. And nothing is fetched that a request names by
its address, a picture or a file, which LiteLLM would put in its place: what is for the local model stays in this network, and nobody is
shown what else is there.
"""

import asyncio
import contextvars
import errno
import functools
import inspect
import os
import select
import socket

# A connection that nobody takes sooner is closed.
SPARE_SECONDS = 1


def ask_plainly(client):
    """Makes all clients of a class of httpx follow no redirect, whatever they were told, and want nothing compressed."""
    send = client.send

    @functools.wraps(send)
    def send_plainly(self, request, **how):
        request.headers["accept-encoding"] = "identity"
        return send(self, request, **{**how, "follow_redirects": False})

    client.send = send_plainly


def fetch_nothing():
    """Keeps LiteLLM from fetching what a request names by its address; the request is refused, or goes on with the address."""
    from litellm.litellm_core_utils import token_counter
    from litellm.litellm_core_utils.prompt_templates import image_handling
    from litellm.litellm_core_utils.url_utils import SSRFError

    def refuse(*args, **kwargs):
        raise SSRFError("the gateway fetches nothing")

    async def refuse_later(*args, **kwargs):
        refuse()

    image_handling.safe_get, image_handling.async_safe_get = refuse, refuse_later
    # How large a picture is decides how many tokens it has.
    token_counter.safe_get = refuse


async def addresses_of(host, port, seconds):
    """The addresses of a host, as getaddrinfo gives them; asks a name server only for what is a name."""
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        pass
    lookup = asyncio.ensure_future(asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM))
    done, _ = await asyncio.wait({lookup}, timeout=seconds)
    if not done:
        lookup.cancel()
        raise TimeoutError(f"its name was not found within {seconds} s")
    return lookup.result()


async def open_port(family, address, seconds):
    """A connection to an address, as soon as it is accepted. TimeoutError after `seconds` without an answer, else OSError.

    On a busy machine this process may look seconds later than it wanted to: what counts is what the kernel knows by then.
    """
    loop = asyncio.get_running_loop()
    dialled = socket.socket(family, socket.SOCK_STREAM)
    try:
        dialled.setblocking(False)
        code = dialled.connect_ex(address)
        if code not in (0, errno.EINPROGRESS):
            raise OSError(code, os.strerror(code))
        now = select.poll()
        now.register(dialled, select.POLLOUT)
        if not now.poll(0):
            opened = loop.create_future()
            loop.add_writer(dialled, lambda: opened.done() or opened.set_result(None))
            try:
                await asyncio.wait({opened}, timeout=seconds)
            finally:
                loop.remove_writer(dialled)
            if not now.poll(0):
                raise TimeoutError(f"no answer within {seconds} s")
        code = dialled.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, os.strerror(code))
    except BaseException:
        dialled.close()
        raise
    return Spare(dialled, address[:2])


async def try_port(host, port, seconds):
    """
    Returns when any of a host's addresses accepts connections, and raises OSError (TimeoutError among them) when none does. What is
    dialled next from here has that connection.
    """
    addresses = [(family, address) for family, _, _, _, address in await addresses_of(host, port, seconds)]
    if len(addresses) == 1:
        spare.set(await open_port(*addresses[0], seconds))
        return
    tries = [asyncio.ensure_future(open_port(*one, seconds)) for one in addresses]
    failure = OSError("it has no address")
    try:
        for first in asyncio.as_completed(tries):
            try:
                spare.set(await first)
                return
            except OSError as error:
                failure = error
    finally:
        for one in tries:
            one.cancel()
    raise failure


class Spare:
    """
    A connection that was made to see whether anybody answers. It goes to whoever dials the same address at once: one connection less
    for both sides, and as new as any. Nobody having come, it is closed before a server would wonder.
    """

    def __init__(self, dialled, address):
        self.dialled, self.address = dialled, address
        self.timer = asyncio.get_running_loop().call_later(SPARE_SECONDS, dialled.close)

    def take(self, addresses):
        """The connection, once; None where it leads to none of these, or the other side has closed it, or said something."""
        if self.dialled is None or self.dialled.fileno() < 0 or self.address not in addresses:
            return None
        dialled, self.dialled = self.dialled, None
        self.timer.cancel()
        now = select.poll()
        now.register(dialled, select.POLLIN)
        if not now.poll(0):
            return dialled
        dialled.close()
        return None


# Of the request of this task.
spare = contextvars.ContextVar("spare_connection", default=None)


def take_spares():
    """Makes aiohttp, by which LiteLLM dials, take a spare connection where there is one; False where it dials in another way."""
    import aiohappyeyeballs
    from aiohttp import connector

    dial = aiohappyeyeballs.start_connection
    if connector.aiohappyeyeballs is not aiohappyeyeballs or "addr_infos" not in inspect.signature(dial).parameters:
        return False

    @functools.wraps(dial)
    async def take_or_dial(addr_infos, **how):
        kept = spare.get()
        taken = kept and kept.take({info[4][:2] for info in addr_infos})
        return taken or await dial(addr_infos, **how)

    aiohappyeyeballs.start_connection = take_or_dial
    return True


def keep_what_came():
    """Makes aiohttp hand on what had come when a connection broke: nobody having read it yet, it would drop it, the end of an answer too."""
    try:
        from aiohttp.streams import StreamReader
    except ImportError:
        return
    read = StreamReader.read
    if not has_parts(StreamReader):
        return

    @functools.wraps(read)
    async def read_what_came(self, n=-1):
        if n > 0 and self.exception() is not None and self._buffer:
            return self._read_nowait(n)
        return await read(self, n)

    StreamReader.read = read_what_came


def has_parts(reader):
    return all(hasattr(reader, name) for name in ("exception", "_read_nowait")) and "self._buffer" in inspect.getsource(reader.read)
