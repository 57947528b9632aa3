"""Free ports on the loopback address."""

import os
import random
import socket

_given = set()
# Of the processes that run tests at the same time, each takes the ports of its own remainder.
_SLOT, _SLOTS = map(int, os.environ.get("SMSBCAST_E2E_SLOT", "0/1").split("/"))


def _lowest_ephemeral():
    try:
        with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
            return int(file.read().split()[0])
    except OSError:
        return 32768


def free_port():
    """Below the kernel's ephemeral range: a port from within it can be taken by any outgoing connection while a test
    has its process stopped."""
    highest = _lowest_ephemeral()
    if highest < 12000:
        highest = 32768
    for _ in range(1000):
        port = random.randrange(10000, highest)
        if port in _given or port % _SLOTS != _SLOT:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port
    raise RuntimeError("found no free port")
