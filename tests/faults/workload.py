"""Companies that bid and replace without end, in processes of their own, and what they were told.

A worker says on a pipe the declaration hash of every version it has a receipt for, after it has
it. What is read from the pipes before a fault was acknowledged before the fault.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import selectors
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from audit.keys import verifier
from bidding import blocks, declaration, promise
from kernel.db import db
from kernel.refusal import Refused
from kernel.store import Store


class Workload:
    """`workers` processes, each with `companies` companies of its own, bidding in `lot`."""

    def __init__(self, world, lot, workers: int = 3, companies: int = 12,
                 sabotage: Callable[[], None] | None = None):
        self._world, self._lot, self._sabotage = world, lot, sabotage
        self._crews = [[world.company() for _ in range(companies)] for _ in range(workers)]
        self.acknowledged: set[str] = set()
        self.ambiguous = 0
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
                    while not self._send(company, sealed):
                        os.write(writer, b"?" * 64 + b"\n")
                        time.sleep(0.1)
                    os.write(writer, declaration.digest(sealed.declaration).encode() + b"\n")
        finally:
            traceback.print_exc()
            os._exit(1)

    def _next(self, company):
        if self._lot.id in company.bids:
            return self._world.replacement(self._lot, company)
        return self._world.seal(self._lot, company)

    def _send(self, company, sealed) -> bool:
        """Declare and send, as often as it takes; False when the answer may have been lost."""
        world = self._world
        try:
            with contextlib.suppress(Refused):  # declared before, and the answer was lost
                if sealed.declaration["version"] == 1:
                    world.declare(self._lot, company, sealed)
                else:
                    world.redeclare(company, sealed)
            receipt = world.send(company, sealed).receipt
        except (DBAPIError, Refused):
            return False
        company.bids[self._lot.id] = sealed
        return receipt is not None

    def listen(self) -> set[str]:
        """Read what the workers have said until now; every version acknowledged so far."""
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
            self.ambiguous += sum(line.startswith(b"?") for line in lines)
            self.acknowledged |= {line.decode() for line in lines if not line.startswith(b"?")}
        return set(self.acknowledged)

    def wait_for(self, count: int, seconds: float = 60) -> set[str]:
        """Listen until `count` more versions were acknowledged; all of them."""
        until, aim = _now() + seconds, len(self.acknowledged) + count
        with selectors.DefaultSelector() as selector:
            for reader in self._pipes:
                selector.register(reader, selectors.EVENT_READ)
            while len(self.listen()) < aim and _now() < until:
                selector.select(0.2)
        return set(self.acknowledged)

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


@dataclass
class Findings:
    """What the oracle of assurance §4.2 says of one state; sound when nothing is listed."""

    visible: int = 0
    lost: list[str] = field(default_factory=list)
    partial: list[str] = field(default_factory=list)


_VERSIONS = """SELECT v.id, v.declaration, v.declaration_hash, v.receipt, v.entry_id, v.submitted_at
               FROM bid_version v"""
_BLOCKS = """SELECT b.hash FROM bid_block b JOIN bid_part p ON p.id = b.part_id
             WHERE p.version_id = :id AND p.part = :part ORDER BY b.number"""
_ENTRIES = """SELECT (SELECT count(*) FROM pending_entry WHERE id = :id)
              + (SELECT count(*) FROM disclosure WHERE entry_id = :id)"""


def examine(engine: Engine, data: Path, acknowledged: set[str]) -> Findings:
    """Compare rows, files, entries and receipts with one another and with what was acknowledged.

    `data` is the installation's folder as it is found; `engine` its database.
    """
    found, platform, store = Findings(), verifier(data / "keys", "platform"), Store(data / "objects")
    with engine.connect() as connection:
        standing = set()
        for row in connection.execute(text(_VERSIONS)).all():
            if row.submitted_at is None and row.receipt is None and row.entry_id is None:
                continue
            found.visible += 1
            standing.add(row.declaration_hash)
            if not _whole(connection, row, store, platform):
                found.partial.append(row.declaration_hash)
    found.lost = sorted(acknowledged - standing)
    return found


def _whole(connection, row, store: Store, platform) -> bool:
    if None in (row.submitted_at, row.receipt, row.entry_id):
        return False
    if promise.read(row.receipt, platform)["declaration"] != row.declaration_hash:
        return False
    if connection.execute(text(_ENTRIES), {"id": row.entry_id}).scalar_one() != 1:
        return False
    for part in json.loads(row.declaration)["parts"]:
        names = connection.execute(text(_BLOCKS), {"id": row.id, "part": part["part"]}).scalars()
        names = list(names)
        if blocks.combined(names) != part["ciphertext_hash"]:
            return False
        for name in names:
            path = store.path(name)
            if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != name:
                return False
    return True
