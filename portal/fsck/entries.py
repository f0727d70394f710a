"""The records as the database keeps them: each against its leaf, then what they say, by type."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import disclosed, leaf
from audit.model import Disclosure, Leaf, PendingEntry
from kernel.canonical import time_text


@dataclass(frozen=True)
class Entry:
    """One record, waiting (`position` None) or in its place."""

    id: str
    position: int | None
    record: dict
    item: object = None
    """Where it speaks of several things, the one that is meant."""

    @property
    def name(self) -> str:
        """How a fault names it."""
        where = "waiting entry" if self.position is None else f"entry {self.position}"
        return f"{where} ({self.record['type']})"

    def said(self, path: str) -> object:
        """What it says at `path`; None where it says nothing."""
        if path == "entry":
            return self.id
        value = {**self.record, "item": self.item}
        for step in path.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        return value


def records(session: Session) -> Iterator[str]:
    """Every leaf has its record, the one it commits to, or an act of erasure."""
    erased, bare = set(), []
    rows = session.execute(
        select(Leaf.position, Leaf.entry, Disclosure)
        .outerjoin(Disclosure, Disclosure.position == Leaf.position)
        .order_by(Leaf.position).execution_options(yield_per=4096))
    for position, entry, shown in rows:
        if shown is None:
            bare.append(position)
            continue
        try:
            committed = leaf.read(entry)[1]
        except leaf.BadLeaf as error:
            yield f"leaf {position}: {error}"
            continue
        if leaf.commitment(shown.salt, shown.record.encode()) != committed:
            yield f"entry {position} ({shown.type}): the record is not the one its leaf commits to"
            continue
        record = json.loads(shown.record)
        if record["type"] != shown.type or (shown.record.encode() != disclosed.COVER and (
                record["lot"], record["tender"]) != (shown.lot_id, shown.tender_id)):
            yield f"entry {position}: is kept under another type, lot or tender than it says"
        if record["type"] == disclosed.ERASURE:
            erased |= set(record["facts"]["erased"])
    for position in bare:
        if position not in erased:
            yield f"entry {position}: its record is gone, and no act erased it"


def entries(session: Session) -> Iterator[Entry]:
    """Every record but cover: those in their places first, then those that wait."""
    cover = disclosed.COVER.decode()
    for row in session.scalars(select(Disclosure).where(Disclosure.record != cover)
                               .order_by(Disclosure.position)):
        yield Entry(row.entry_id, row.position, json.loads(row.record))
    for row in session.scalars(select(PendingEntry).order_by(PendingEntry.at)):
        yield Entry(row.id, None, json.loads(row.record))


def plain(value: object) -> object:
    """A column's value as a record writes it: times and days as texts."""
    if isinstance(value, datetime):
        return time_text(value)
    return value.isoformat() if isinstance(value, date) else value
