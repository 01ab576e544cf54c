"""Wakes the local model's machine: sends a magic packet into the network that it is in.

Kept by claude-routing-install; what you change here is put back by the next run. A user unit starts it when the gateway asks: the
gateway's own container has a network of its own, out of which no broadcast comes.
"""

import ipaddress
import json
import socket
import subprocess
import sys

HOST = {{host}}
MAC = {{mac}}
# Any port does: the card looks for the pattern alone. 9 (discard) is the usual one.
PORT = 9


def magic_packet(mac):
    return b"\xff" * 6 + bytes.fromhex(mac.replace(":", "")) * 16


def way_out(route):
    """The interface to a machine, from a row of `ip -json route get`. ValueError where no broadcast reaches it."""
    if "gateway" in route or "via" in route:
        raise ValueError("it is on another network, which wake-up packets do not reach")
    if route.get("type") == "local" or route.get("dev") == "lo":
        raise ValueError("it is this very machine")
    return route["dev"]


def targets(links):
    """Where a packet goes, from `ip -json -4 address show`: to all in each network of the interface, and to all that hear it."""
    own = [ipaddress.ip_interface(f"{one['local']}/{one['prefixlen']}") for link in links for one in link.get("addr_info", [])]
    return [str(one.network.broadcast_address) for one in own if one.network.prefixlen < 31] + ["255.255.255.255"]


def ip(*args):
    asked = subprocess.run(["ip", "-json", *args], capture_output=True, text=True, timeout=5)
    if asked.returncode != 0:
        raise OSError(asked.stderr.strip())
    return json.loads(asked.stdout)


def send(interface, addresses, port=PORT):
    """Sends a packet to each of them, by this interface alone."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        for address in addresses:
            sender.sendto(magic_packet(MAC), (address, port))


def wake():
    address = socket.getaddrinfo(HOST, PORT, type=socket.SOCK_DGRAM)[0][4][0]
    interface = way_out(ip("route", "get", address)[0])
    send(interface, targets(ip("-4", "address", "show", "dev", interface)))


if __name__ == "__main__":
    try:
        wake()
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        sys.exit(f"{HOST} was not woken: {error}")
