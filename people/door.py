"""The door of one worker: who begins something new waits outside while it is full (F26).

A bid that was let in is carried through: its pieces are never turned away here, and a worker
whose threads are all at work tells the next declaration at once to come again, instead of
letting it lie in the server's queue until its deadline has passed. Who waits for a slow sender
is not at work.
"""

from __future__ import annotations

import threading
from typing import BinaryIO

from kernel.refusal import BUSY

RETRY_SECONDS = 1


class Door:
    """Counts the requests at work; safe for threads."""

    def __init__(self, most: int):
        self.most = most
        self._inside = 0
        self._lock = threading.Lock()

    def enter(self, begins: bool = False) -> None:
        """Come in; what `begins` something new is told to come again (503) when it is full."""
        with self._lock:
            if begins and self._inside >= self.most:
                raise BUSY(retry_after=RETRY_SECONDS)
            self._inside += 1

    def leave(self) -> None:
        """Go out; once for each time one came in."""
        with self._lock:
            self._inside -= 1


MOST = 10
"""Requests at work in one worker at which the next declaration is told to come again; the worker
has two threads more (portal/serve.py), so that somebody is there to say so."""

DOOR = Door(MOST)


class Outside:
    """A request's body: whoever reads it stands outside until the bytes have come."""

    def __init__(self, body: BinaryIO, door: Door):
        self._body, self._door = body, door

    def read(self, size: int = -1) -> bytes:
        """As the body's own."""
        self._door.leave()
        try:
            return self._body.read(size)
        finally:
            self._door.enter()
