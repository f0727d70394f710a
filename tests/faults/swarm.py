"""Tenderers that send bid after bid to a running server and keep account of what they were told.

Each works in a thread, over HTTP, as the tenderer's program does: declare under a key, send the
parts by tus, go on after a cut where the server says it stands. Every fourth submission whose
answer was lost is left alone, so that what is ambiguous stays so until the oracle has looked; the
thread goes on as another company.
"""

from __future__ import annotations

import http.client
import random
import threading
import time
from contextlib import suppress
from typing import Self

from bidding import declaration, sealing
from bidding.client import send_piece
from bidding.manifest import PARTS, Form
from bidding.wire import Problem, Wire, call
from kernel.canonical import jcs
from kernel.db import db

from .oracle import Ledger

LOST = (OSError, http.client.HTTPException)
NEVER = {"bid.late", "phase.wrong", "bid.already-standing", "bid.too-many", "access.denied"}
"""Refusals that stand however often one asks."""


class Tenderer(threading.Thread):
    """One company after another at work until `stop` is set or all have had their say."""

    def __init__(self, world, lot, address: str, ledger: Ledger, stop: threading.Event,
                 seed: int = 0, versions: int = 45, size: int = 2000, crew: int = 1,
                 stubborn: int = 0, rest: float = 0.0):
        super().__init__(daemon=True)
        self.crew = [world.company() for _ in range(crew)]
        self.world, self.terms, self.address = world, world.terms(lot.id), address
        self.folder = world.settings.folder.parent / f"tenderer-{self.crew[0].party_id}"
        self.folder.mkdir()
        self.ledger, self.stop, self.versions = ledger, stop, versions
        self.random = random.Random(seed)
        self.size, self.stubborn, self.rest = size, stubborn, rest
        self.waiting: list[tuple] = []
        """Those whose answer was lost and not asked for again, each with its company."""
        self.failed: BaseException | None = None

    def _be(self, number: int) -> None:
        self.company = self.crew[number]
        # Signed in when its turn comes: a session that idles ends.
        with self.world.app.app_context():
            token = self.world.session_token(self.company.actor)
            db.session.remove()
        self.wire = Wire(self.address, token, timeout=20)

    def run(self) -> None:
        """Seal, declare and send one version after the other, as one company after another."""
        try:
            for number in range(len(self.crew)):
                self._be(number)
                self._bid()
        except BaseException as error:  # noqa: BLE001
            self.failed = error

    def _bid(self) -> None:
        before = None
        for version in range(1, self.versions + 1):
            if self.stop.is_set():
                return
            sealed = self._seal(version, before)
            if self._declare(sealed) and self.send(sealed):
                before = sealed
                self.stop.wait(self.rest)
                continue
            # What was refused is tried so many times more, each time as a bid of its own.
            for _ in range(self.stubborn if not self.waiting else 0):
                if self.stop.is_set() or self._declare(self._seal(1, None)):
                    break
            return

    def _seal(self, version: int, before) -> sealing.Sealed:
        paths = [self.folder / f"{name}.pdf" for name in ("方案", "清单")]
        for path in paths:
            path.write_bytes(self.random.randbytes(self.size))
        told = {} if before is None else {
            "bid": before.declaration["bid"], "previous": declaration.digest(before.declaration)}
        return sealing.seal(self.terms, self.company.uscc, Form(390_000_000, 60, "合格", "某"),
                            paths[:1], paths[1:], self.folder / f"{self.company.party_id}-{self.random.getrandbits(64):x}",
                            version=version, **told)

    def _declare(self, sealed: sealing.Sealed) -> bool:
        value = sealed.declaration
        path = f"/lots/{value['lot']}/bids" if value["version"] == 1 \
            else f"/bids/{value['bid']}/versions"
        body = {"declaration": jcs(value).decode(), "wraps": sealed.wraps,
                **self.company.sign(value)}
        return self._until(lambda: call(self.wire, "POST", path, body, tries=1,
                                        key="declare-" + declaration.digest(value)),
                           (value["bid"], value["version"])) is not None

    def send(self, sealed: sealing.Sealed, patient: bool = False) -> bool:
        """Send every part; whether to go on. `patient`: ask until there is an answer."""
        key = (sealed.declaration["bid"], sealed.declaration["version"])
        # Tossed once for a version, not at every try: against a server that is down it would
        # soon be every company that waits, and nobody who bids.
        alone = not patient and self.random.random() < 0.25
        for part in PARTS:
            data = sealed.files[part].read_bytes()
            at, first = 0, True
            while at < len(data) or first:
                first = False
                try:
                    answer = send_piece(self.wire, sealed.declaration, part, at, data[at:],
                                        tries=1)
                except LOST:
                    self.wire.close()
                    if part == PARTS[-1]:
                        self.ledger.doubt(key)
                        if alone:
                            self.waiting.append((self.crew.index(self.company), sealed))
                            return False
                    time.sleep(0.05)
                    first = True
                except Problem as problem:
                    if problem.code == "upload.offset":
                        at = problem.facts["offset"]
                    elif problem.code in NEVER:
                        self.ledger.refuse(key, problem.code)
                        return False
                    elif problem.status >= 500 or problem.code == "session.ended":
                        if part == PARTS[-1]:
                            self.ledger.doubt(key)
                        time.sleep(0.05)
                        first = True
                    else:
                        raise
                else:
                    at = len(data)
                    self.ledger.heard()
                    if answer.get("receipt"):
                        self.ledger.ack(key, answer["receipt"])
                        return True
        return self._receipt(key)

    def _receipt(self, key) -> bool:
        """All is there and no answer carried the receipt: read it."""
        def read():
            return call(self.wire, "GET", f"/bids/{key[0]}/receipts", tries=1)

        told = self._until(read, key)
        version = next(one for one in (told or {"versions": ()})["versions"]
                       if one["version"] == key[1])
        if not version["receipt"]:
            raise AssertionError(f"{key}: every byte is there and no receipt: {version}")
        self.ledger.ack(key, version["receipt"])
        return True

    def _until(self, ask, key):
        """Ask until the server says something; None when it said no."""
        while True:
            try:
                answer = ask()
                self.ledger.heard()
                return answer
            except LOST:
                self.wire.close()
            except Problem as problem:
                if problem.code in NEVER:
                    self.ledger.refuse(key, problem.code)
                    return None
                if problem.status < 500:
                    raise
            time.sleep(0.05)


class Swarm:
    """Several tenderers at work; `with Swarm(…) as swarm:` ends when all have come to rest."""

    def __init__(self, world, lot, address: str, count: int = 6, **more):
        self.ledger, self.stop = Ledger(), threading.Event()
        self.tenderers = [Tenderer(world, lot, address, self.ledger, self.stop, seed, **more)
                          for seed in range(count)]

    def __enter__(self) -> Self:
        db.session.rollback()  # or the server ends the transaction that stands idle meanwhile
        for one in self.tenderers:
            one.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop.set()
        for one in self.tenderers:
            one.join(300)
        if error[0] is None:
            for one in self.tenderers:
                if one.failed is not None:
                    raise one.failed
                assert not one.is_alive(), "a tenderer never got an answer"

    @property
    def busy(self) -> bool:
        """Whether anybody is still at work."""
        return any(one.is_alive() for one in self.tenderers)

    def settle(self) -> None:
        """Ask again for every answer that was lost, as a patient client does."""
        for one in self.tenderers:
            for number, sealed in one.waiting:
                one._be(number)
                with suppress(*LOST):
                    one.send(sealed, patient=True)
