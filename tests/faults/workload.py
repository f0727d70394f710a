"""Companies that bid and replace without end, in processes of their own, and what they were told.

A worker says on a pipe every version it has a receipt for, after it has it, and every answer
that it did not get. What is read from the pipes before a fault was acknowledged before the fault;
it stands in the ledger that the oracle judges by. The workers act in their own processes, without
a web server between them and the disk (swarm.py is the one with it).
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import time
import traceback
from collections.abc import Callable, Iterator

from sqlalchemy.exc import DBAPIError

from kernel.db import db
from kernel.refusal import Refused

from .oracle import Ledger


class Workload:
    """`workers` processes, each with `companies` companies of its own, bidding in `lot`."""

    def __init__(self, world, lot, workers: int = 3, companies: int = 12,
                 sabotage: Callable[[], None] | None = None):
        self._world, self._lot, self._sabotage = world, lot, sabotage
        self._crews = [[world.company() for _ in range(companies)] for _ in range(workers)]
        self.ledger = Ledger()
        self._pids: list[int] = []
        self._pipes: dict[int, bytes] = {}

    def start(self) -> None:
        """Fork the workers."""
        self._terms = self._world.terms(self._lot.id)
        db.session.remove()
        db.engine.dispose()
        for crew in self._crews:
            reader, writer = os.pipe()
            pid = os.fork()
            if pid == 0:
                os.close(reader)
                self._work(crew, writer)
            os.close(writer)
            os.set_blocking(reader, False)
            self._pipes[reader] = b""
            self._pids.append(pid)

    def _work(self, crew, writer: int) -> None:
        signal.alarm(7200)
        try:
            terms = self._terms
            self._world.terms = lambda _lot: terms  # a tenderer has read the notice before
            if self._sabotage:
                self._sabotage()
            while True:
                for company in crew:
                    sealed = self._next(company)
                    told = sealed.declaration
                    name = f"{told['bid']} {told['version']}"
                    while not (receipt := self._send(company, sealed)):
                        os.write(writer, f"{name}\n".encode())
                        time.sleep(0.05)
                    os.write(writer, f"{name} {receipt.encode().hex()}\n".encode())
        finally:
            traceback.print_exc()
            os._exit(1)

    def _next(self, company):
        if self._lot.id in company.bids:
            return self._world.replacement(self._lot, company)
        return self._world.seal(self._lot, company)

    def _send(self, company, sealed) -> str | None:
        """Declare and send: the receipt; None when the answer may have been lost."""
        world = self._world
        try:
            with contextlib.suppress(Refused):  # declared before, and the answer was lost
                if sealed.declaration["version"] == 1:
                    world.declare(self._lot, company, sealed)
                else:
                    world.redeclare(company, sealed)
            receipt = world.send(company, sealed).receipt
        except (DBAPIError, Refused):
            return None
        company.bids[self._lot.id] = sealed
        return receipt

    def listen(self) -> int:
        """Read what the workers have said until now; how many versions are acknowledged."""
        for reader in self._pipes:
            while True:
                try:
                    said = os.read(reader, 1 << 16)
                except BlockingIOError:
                    break
                if not said:
                    break
                self._pipes[reader] += said
            *lines, self._pipes[reader] = self._pipes[reader].split(b"\n")
            for line in lines:
                bid, version, *receipt = line.decode().split()
                if receipt:
                    self.ledger.ack((bid, int(version)), bytes.fromhex(receipt[0]).decode())
                else:
                    self.ledger.doubt((bid, int(version)))
        return len(self.ledger.acked)

    def wait_for(self, count: int, seconds: float = 60) -> Ledger:
        """Listen until `count` more versions were acknowledged; the account as it is then."""
        until, aim = _now() + seconds, len(self.ledger.acked) + count
        with selectors.DefaultSelector() as selector:
            for reader in self._pipes:
                selector.register(reader, selectors.EVENT_READ)
            while self.listen() < aim and _now() < until:
                selector.select(0.2)
        return self.ledger.copy()

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """The workers stand still: what was found is examined, and not outrun."""
        for pid in self._pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in self._pids:
                os.kill(pid, signal.SIGCONT)

    def stop(self) -> None:
        """End the workers."""
        for pid in self._pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        for reader in self._pipes:
            os.close(reader)
        self._pids, self._pipes = [], {}


def _now() -> float:
    return os.times().elapsed
