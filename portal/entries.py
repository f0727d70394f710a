"""The record as people read it: its entries in order, each as far as everybody may know of it.

What stands here is what `/record/disclosed` gives to anybody; the page's own word for it counts for
nothing, so an entry's page computes the proof in the reader's browser (static/portal/record.js).
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import export, leaf, tiles
from audit.folder import Folder
from audit.model import Disclosure
from audit.reading import published
from kernel.refusal import NOT_FOUND, Refused
from supervision.entry_words import said
from tender.model import Lot, Tender

from .record import stage

PER_PAGE = 50


@dataclass(frozen=True)
class Entry:
    """One entry: its place, the time of its tick, and what is disclosed of it."""

    index: int
    at: str
    """When its tick was, RFC 3339."""
    text: str = ""
    """The record as it was committed to, JCS; empty where it is not disclosed."""
    record: dict | None = None
    tender: str = ""
    """The title of the published tender that it is about."""

    @property
    def cover(self) -> bool:
        """Whether it is a cover entry, which says nothing and hides how many others do."""
        return self.record is not None and self.record["type"] == "cover"

    @property
    def words(self) -> tuple[str, str]:
        """What it says was done, in both languages."""
        return said(self.record["type"]) if self.record else (
            "内容尚未公开", "Not disclosed yet")


@dataclass(frozen=True)
class Window:
    """Some entries, the newest first, of a log of `size` entries."""

    entries: list[Entry]
    size: int
    newer: int | None
    """Where the page of newer entries ends; None on the newest."""
    older: int | None


def size_of(folder: Folder) -> int:
    """How many entries are published: none before the first checkpoint."""
    try:
        return published(folder)[0].size
    except Refused:
        return 0


def window(session: Session, folder: Folder, before: int | None) -> Window:
    """The PER_PAGE entries below `before` (the newest where None)."""
    size = size_of(folder)
    high = size if before is None or not 0 < before <= size else before
    low = max(0, high - PER_PAGE)
    return Window(_entries(session, folder, low, high, size)[::-1], size,
                  None if high == size else min(size, high + PER_PAGE), low or None)


def one(session: Session, folder: Folder, index: int) -> tuple[Entry, int]:
    """The entry at `index` and how many there are. Raises NOT_FOUND."""
    size = size_of(folder)
    if not 0 <= index < size:
        raise NOT_FOUND()
    (found,) = _entries(session, folder, index, index + 1, size)
    return found, size


def _entries(session: Session, folder: Folder, low: int, high: int, size: int) -> list[Entry]:
    leaves: list[tuple[int, str]] = []
    for number in range(low // tiles.WIDTH, -(-high // tiles.WIDTH)):
        width = min(tiles.WIDTH, size - number * tiles.WIDTH)
        begin = number * tiles.WIDTH
        for place, entry in enumerate(tiles.unpack(folder.tile(tiles.ENTRIES, number, width))):
            if low <= begin + place < high:
                leaves.append((begin + place, leaf.read(entry)[0]))
    told: dict[int, str] = {}
    for _, lines in export.bundles(session, low, high, stage):
        for line in lines:
            text = line.decode()
            told[json.loads(text)["i"]] = text[text.index('"r":') + 4:text.rindex(',"s":"')]
    records = {index: json.loads(text) for index, text in told.items()}
    titles = _titles(session, records.values())
    return [Entry(index, at, told.get(index, ""), records.get(index),
                  titles.get((records.get(index) or {}).get("tender"), ""))
            for index, at in leaves]


def _titles(session: Session, records) -> dict[str, str]:
    asked = {one.get("tender") for one in records} - {None}
    return dict(session.execute(
        select(Tender.id, Tender.title).join(Lot, Lot.tender_id == Tender.id)
        .where(Tender.id.in_(asked), Tender.published_at.is_not(None))).all())


def of_notices(session: Session, folder: Folder, tender_id: str) -> dict[str, int]:
    """Where the published record holds the publication of each notice of a tender, by its id."""
    rows = session.execute(select(Disclosure.position, Disclosure.record).where(
        Disclosure.type == "notice.published", Disclosure.tender_id == tender_id,
        Disclosure.disclose == "public", Disclosure.position < size_of(folder)))
    return {json.loads(record)["subject"]: position for position, record in rows}
