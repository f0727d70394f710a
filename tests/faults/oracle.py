"""What must be true after any fault (assurance §4.2); every crash test asks this one place.

The client keeps its own account of what it was told, outside the server: `acked` (an answer with
a receipt), `refused` (4xx), `ambiguous` (no answer, or 5xx). `judge` then reads what is left in
database, store and record. Lost: acknowledged, and not wholly there. Partial: visible, and not
wholly there. Both are 0 or the run is red; so is a run that injected fewer faults than it says.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from audit.keys import verifier
from audit.model import Disclosure, PendingEntry
from bidding import blocks, promise, reading
from bidding.lifecycle import State, state
from bidding.model import BidBlock, BidPart, BidUpload, BidVersion, StandingBid
from kernel.store import Store
from tender.model import Lot

ROOT = Path(__file__).parents[2]
Key = tuple[str, int]
"""(bid, version)"""


@dataclass
class Ledger:
    """What the clients were told; safe for their threads."""

    acked: dict[Key, str] = field(default_factory=dict)
    """Each with its receipt; a second, different receipt is noted in `wrong`."""
    refused: dict[Key, str] = field(default_factory=dict)
    ambiguous: set[Key] = field(default_factory=set)
    late: set[Key] = field(default_factory=set)
    """Those whose last byte was sent at or after the deadline, as the client saw it."""
    wrong: list[str] = field(default_factory=list)
    injected: int = 0
    answers: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ack(self, key: Key, receipt: str) -> None:
        """An answer carried this receipt."""
        with self._lock:
            self.answers += 1
            if self.acked.setdefault(key, receipt) != receipt:
                self.wrong.append(f"{key}: two receipts for one version")

    def refuse(self, key: Key, code: str) -> None:
        """The platform said no, for good."""
        with self._lock:
            self.answers += 1
            self.refused[key] = code

    def doubt(self, key: Key) -> None:
        """No answer came, or one that says nothing."""
        with self._lock:
            self.ambiguous.add(key)

    def heard(self) -> None:
        """Any other whole answer."""
        with self._lock:
            self.answers += 1

    def copy(self) -> Ledger:
        """The account as it is now."""
        with self._lock:
            return Ledger(dict(self.acked), dict(self.refused), set(self.ambiguous),
                          set(self.late), list(self.wrong), self.injected, self.answers)


@dataclass
class Verdict:
    """What `judge` found; `str` is the line that a run prints."""

    ledger: Ledger
    lost: list[str] = field(default_factory=list)
    partial: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    visible: int = 0
    orphans: int = 0

    @property
    def clean(self) -> bool:
        """Nothing lost, nothing half, nothing else amiss."""
        return not (self.lost or self.partial or self.wrong)

    def __str__(self) -> str:
        return (f"injected {self.ledger.injected}, acknowledged {len(self.ledger.acked)}, "
                f"ambiguous {len(self.ledger.ambiguous)}, refused {len(self.ledger.refused)}, "
                f"lost {len(self.lost)}, partial {len(self.partial)}, orphans {self.orphans}")

    def require(self, promised: int) -> None:
        """Fail unless all is well and at least `promised` faults were injected."""
        print(self)
        assert self.ledger.injected >= promised, \
            f"{self.ledger.injected} faults injected, {promised} promised"
        assert self.clean, (self.lost[:5], self.partial[:5], self.wrong[:5])


def judge(session: Session, store: Store, ledger: Ledger, platform=None) -> Verdict:
    """Compare what the clients were told with what is there. `platform`: its verifier.

    A run calls this after every cut, so everything is read in a few statements.
    """
    found = Verdict(ledger, wrong=list(ledger.wrong))
    entries, rows = _entries(session), Rows(session, store)
    versions = {(one.bid_id, one.version): one for one in session.scalars(
        select(BidVersion).where(BidVersion.abandoned_at.is_(None)))}
    found.wrong += [f"object {name} holds other bytes" for name in sorted(rows.bad)]
    for key, version in versions.items():
        faults = _faults(rows, version, entries, platform)
        if version.submitted_at is not None:
            found.visible += 1
            found.partial += [f"{key}: {fault}" for fault in faults]
        elif version.id in rows.standing or version.receipt or version.declaration_hash in entries:
            found.partial.append(f"{key}: stands without having been submitted")
        if key in ledger.acked:
            if version.submitted_at is None or faults:
                found.lost.append(f"{key}: {faults or 'not submitted'}")
            elif version.receipt != ledger.acked[key]:
                found.wrong.append(f"{key}: the receipt is another than the one given")
        if key in ledger.late and version.submitted_at is not None:
            found.wrong.append(f"{key}: its last byte came after the deadline, and it is there")
        if key in ledger.refused and version.submitted_at is not None:
            found.wrong.append(f"{key}: refused ({ledger.refused[key]}) and there")
    deadlines = dict(session.execute(select(Lot.id, Lot.deadline)).all())
    found.wrong += [f"{key}: received at {one.submitted_at}, past the deadline"
                    for key, one in versions.items() if one.submitted_at is not None
                    and one.submitted_at >= deadlines[one.lot_id]]
    found.lost += [f"{key}: no such version" for key in ledger.acked if key not in versions]
    _orders(session, found)
    found.orphans = len(rows.names - reading.object_names(session)) \
        + len(list((store.root / "tmp").iterdir()))
    return found


class Rows:
    """What is there of every version: parts, blocks, counts, files."""

    def __init__(self, session: Session, store: Store):
        self.names = set(store.names())
        self.bad = {name for name in self.names if _hash(store, name) != name}
        self.missing = dict(session.execute(select(BidUpload.version_id, BidUpload.missing)).all())
        self.standing = set(session.scalars(select(StandingBid.version_id)))
        self.parts: dict[str, list] = defaultdict(list)
        for part in session.execute(select(BidPart.version_id, BidPart.id, BidPart.part,
                                           BidPart.ciphertext_hash)):
            self.parts[part.version_id].append(part)
        self.blocks: dict[str, list[str]] = defaultdict(list)
        for part_id, name in session.execute(select(BidBlock.part_id, BidBlock.hash).order_by(
                BidBlock.part_id, BidBlock.number)):
            self.blocks[part_id].append(name)


def _entries(session: Session) -> dict[str, list[str]]:
    """Declaration hash → the ids of the entries, waiting or in the tree, that say it came."""
    found: dict[str, list[str]] = {}
    kinds = ("bid.submitted", "bid.replaced")
    waiting = session.execute(select(PendingEntry.id, PendingEntry.record).where(
        PendingEntry.type.in_(kinds))).all()
    placed = session.execute(select(Disclosure.entry_id, Disclosure.record).where(
        Disclosure.type.in_(kinds))).all()
    for entry_id, record in [*waiting, *placed]:
        found.setdefault(json.loads(record)["facts"]["declaration"], []).append(entry_id)
    return found


def _faults(rows: Rows, version: BidVersion, entries: dict, platform) -> list[str]:
    """What a received version lacks: its entry, its receipt, its blocks, their files."""
    faults = []
    if entries.get(version.declaration_hash, []) != [version.entry_id]:
        faults.append("not exactly one entry")
    if not version.receipt:
        faults.append("no receipt")
    elif platform is not None and promise.read(version.receipt, platform)["declaration"] \
            != version.declaration_hash:
        faults.append("a receipt about something else")
    if rows.missing[version.id] != 0:
        faults.append(f"{rows.missing[version.id]} blocks missing by the count")
    for part in rows.parts[version.id]:
        hashes = rows.blocks[part.id]
        if blocks.combined(hashes) != part.ciphertext_hash:
            faults.append(f"part {part.part} has other blocks than declared")
        for name in hashes:
            if name not in rows.names:
                faults.append(f"part {part.part}: no file {name}")
            elif name in rows.bad:
                faults.append(f"part {part.part}: false file {name}")
    return faults


def _orders(session: Session, found: Verdict) -> None:
    """Invariants over all: one standing version a company and lot, versions without gaps, and
    what stands was submitted and not ended."""
    for bid_id, count, last in session.execute(
            select(BidVersion.bid_id, func.count(), func.max(BidVersion.version))
            .where(BidVersion.abandoned_at.is_(None)).group_by(BidVersion.bid_id)):
        if count != last:
            found.wrong.append(f"{bid_id}: versions with gaps")
    for lot_id, party_id, count in session.execute(
            select(StandingBid.lot_id, StandingBid.party_id, func.count())
            .group_by(StandingBid.lot_id, StandingBid.party_id)):
        if count != 1:
            found.wrong.append(f"{party_id} has {count} standing bids in {lot_id}")
    for version in session.scalars(select(BidVersion).join(
            StandingBid, StandingBid.version_id == BidVersion.id)):
        if state(vars(version)) is not State.SUBMITTED:
            found.wrong.append(f"{version.bid_id}: stands as {state(vars(version)).name}")


def _hash(store: Store, name: str) -> str:
    with store.open(name) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def judge_at(engine: Engine, data: Path, ledger: Ledger) -> Verdict:
    """The same of an installation as it is found: its folder `data`, its database `engine`."""
    with Session(engine) as session:
        return judge(session, Store(data / "objects"), ledger, verifier(data / "keys", "platform"))


def verify_record(folder: Path) -> str:
    """What the independent verifier says of the published record; nothing when it is content."""
    done = subprocess.run([sys.executable, "-m", "audit", "verify", str(folder)], cwd=ROOT,
                          capture_output=True, text=True, timeout=300, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr
