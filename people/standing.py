"""What the public pages are made of, so that they can be kept as they were drawn (ADR 13).

Whatever an act changes, it changes in the transaction that writes its entry, and the database's
guard lets nothing else change those tables. So the record says whether a page still stands: how
many entries have their place, and how many wait for one. Neither number falls but by the other's
rising, and both are what every worker and every node reads from the database.

An entry that could tell of a bid waits under cover (audit/cover.py). Those are not counted: no page
for everybody shows what they did before something else makes it known, and when a page is drawn
anew must not tell of them either. They come out with the beat, which has the same size and time
whatever was done.

What pages are made of besides: how far the record is uncovered; witnesses' signatures; the
checkpoint that is published, a file; the clock; and the index of the search (portal/standing.py).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, literal_column, select

from audit.model import Checkpoint, Cosignature, LogHead, PendingEntry, SealedSpan
from audit.reading import published_folder
from kernel.db import Installation

from .kept import Kept
from .pagebook import held_until

FOREVER = datetime.max.replace(tzinfo=UTC)
_KIND = select(Installation.kind).scalar_subquery()


def _marks():
    yield _KIND
    yield select(LogHead.size).scalar_subquery()
    # Said as the index says it, which both databases then use: how many wait under cover must not
    # be felt in how long the count takes.
    yield select(func.count()).select_from(PendingEntry).where(
        literal_column("NOT veiled")).scalar_subquery()
    yield select(func.max(Checkpoint.size)).scalar_subquery()
    newest = select(func.max(Cosignature.size)).scalar_subquery()
    yield newest
    yield select(func.count()).select_from(Cosignature).where(
        Cosignature.size == newest).scalar_subquery()
    span = SealedSpan
    for one in (func.min(span.since), func.max(span.since), func.count()):
        yield select(one).select_from(span).where(span.until.is_(None)).scalar_subquery()


def _checkpoint() -> bytes:
    return published_folder().checkpoint() or b""


def _until(_session: object, now: datetime, **_path: object) -> datetime | None:
    """The end of the platform's second, of which each page says that it was made in it; before
    that, where the page said that it ends before."""
    second = now.replace(microsecond=0) + timedelta(seconds=1)
    said, moment = held_until()
    return moment and min(moment, second) if said else second


RECORD = Kept((), _until, tuple(_marks()), _checkpoint)
"""Pages for everybody that show what acts and the clock have made."""

ASKED = replace(RECORD, within=False)
"""The same of pages that ask the interface, which answers with sessions of its own."""

STILL = Kept((), lambda _session, _now, **_path: FOREVER, (_KIND,))
"""Pages that say how this installation is made: no act and no time changes them."""


__all__ = ["ASKED", "FOREVER", "RECORD", "STILL"]
