"""One client of many connections that ask again as soon as they are answered, and what it costs.

`python -m benchmarks.load PORT PATH CONNECTIONS SECONDS` prints answers per second and the
median in milliseconds. Kept small: it shares the machine with what it measures.
"""

from __future__ import annotations

import os
import re
import selectors
import socket
import statistics
import sys
import time
from pathlib import Path

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
TICK = os.sysconf("SC_CLK_TCK")


class Line:
    """One connection that is kept open."""

    def __init__(self, port: int, request: bytes):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.request, self.got, self.whole = request, bytearray(), 0
        self.ask()

    def ask(self) -> None:
        """Send the request."""
        self.got.clear()
        self.whole, self.began = 0, time.perf_counter()
        self.socket.sendall(self.request)

    def read(self) -> bool:
        """Take what has come; whether the answer is whole. ValueError for another than 200."""
        data = self.socket.recv(1 << 18)
        if not data:
            raise ConnectionResetError("the server closed the connection")
        self.got += data
        if not self.whole:
            end = self.got.find(b"\r\n\r\n")
            if end < 0:
                return False
            if not self.got.startswith(b"HTTP/1.1 200"):
                raise ValueError(bytes(self.got[:200]))
            self.whole = end + 4 + int(_LENGTH.search(self.got, 0, end + 2)[1])
        return len(self.got) >= self.whole


def run(port: int, path: str, connections: int, seconds: float) -> tuple[float, float]:
    """Answers a second, and the median of their milliseconds."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    ready = selectors.DefaultSelector()
    for _ in range(connections):
        line = Line(port, request)
        ready.register(line.socket, selectors.EVENT_READ, line)
    took: list[float] = []
    began = time.perf_counter()
    while (now := time.perf_counter()) - began < seconds:
        for key, _ in ready.select(0.1):
            line = key.data
            if line.read():
                took.append(time.perf_counter() - line.began)
                line.ask()
    return len(took) / (now - began), statistics.median(took) * 1000


def processor(pid: int) -> float:
    """Seconds of processor that a process and everything it started have taken so far."""
    own = _stat(pid)
    if own is None:
        return 0.0
    children = [int(one) for task in Path(f"/proc/{pid}/task").iterdir()
                for one in (task / "children").read_text().split()]
    return own / TICK + sum(processor(child) for child in children)


def _stat(pid: int) -> int | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except FileNotFoundError:
        return None
    return sum(int(one) for one in fields[11:15])


if __name__ == "__main__":
    rate, middle = run(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
    print(rate, middle)
