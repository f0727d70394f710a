"""Ports for processes that are started later, stop, and start again at their old address."""

from __future__ import annotations

import random
import socket
import sys

_ours: list[socket.socket] = []
"""What says to other processes that a port is ours, for as long as this one lives."""


def free_port() -> int:
    """A port that nobody listens on and that is ours until this process ends.

    It lies below those that the system deals out by itself, so no connection is given it while
    nobody listens there. On Linux it is told to every other process that asks here as well, by a
    name of which there is one: two stages that are set at once do not meet on one port.
    """
    for port in random.SystemRandom().sample(range(10_240, 32_768), 100):
        mark = socket.socket(socket.AF_UNIX)
        try:
            if sys.platform == "linux":
                mark.bind(f"\0yangguang-port-{port}")  # goes with its process
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            mark.close()
            continue
        _ours.append(mark)
        return port
    raise RuntimeError("no port is free")
