"""What the public answer about a tender is made of, so that it can be kept (people.kept).

Every table that `views.tender_view` reads stands here, by test; but for two. The lines of a bill
are only counted, and whoever changes them counts an edit of the tender (`tender.version`), also
by test. A hold of an objection must tell of nobody before it takes effect: no answer is kept that
it could change. What a virus scanner said of the files is told by no act: how many of them it has
answered for stands beside the rows, for nothing is ever answered twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import bindparam, func, literal_column, select
from sqlalchemy.orm import Session

from kernel.db import Id
from people.kept import Kept
from people.model import Party

from .lifecycle import Facts, phase
from .model import Document, FileScan, Lot, LotDoubt, LotOutcome, LotSuspension, Notice, Tender
from .reading import facts_of
from .scanned import STORED

_FOREVER = datetime.max.replace(tzinfo=UTC)
_asked = bindparam("tender_id", type_=Id)
_tender, _lot = Tender.__table__, Lot.__table__
_LOTS = select(_lot.c.id).where(_lot.c.tender_id == _asked)


def _rows():
    outcome, document, notice = LotOutcome.__table__, Document.__table__, Notice.__table__
    suspension, doubt, party = LotSuspension.__table__, LotDoubt.__table__, Party.__table__
    yield _tender, _tender.c.id == _asked
    yield _lot, _lot.c.tender_id == _asked
    yield outcome, outcome.c.lot_id.in_(_LOTS)
    yield suspension, suspension.c.lot_id.in_(_LOTS) & suspension.c.resumed_at.is_(None)
    yield doubt, doubt.c.lot_id.in_(_LOTS) & doubt.c.settled_at.is_(None)
    yield notice, (notice.c.tender_id == _asked) & notice.c.voided_at.is_(None)
    yield document, document.c.tender_id == _asked
    yield party, party.c.id == (
        select(_tender.c.buyer_id).where(_tender.c.id == _asked).scalar_subquery())


def holds_until(session: Session, now: datetime, *, tender_id: str) -> datetime | None:
    """When time alone may change what is shown of a tender; None where a hold could change it
    now (between a deadline and its close, or after the candidates' publicity)."""
    lots = list(session.scalars(select(Lot.id).where(Lot.tender_id == tender_id)))
    return turning(facts_of(session, lots).values(), now)


def turning(facts: Iterable[Facts], now: datetime) -> datetime | None:
    """When time alone turns the phase of one of these lots; None where a hold could turn it now."""
    facts = list(facts)
    if any(_waits(one, now) for one in facts):
        return None
    return min((at for one in facts for at in (one.deadline, one.publicity_ends)
                if at is not None and at > now), default=_FOREVER)


def _waits(facts: Facts, now: datetime) -> bool:
    return phase(replace(facts, held=True), now) is not phase(replace(facts, held=False), now)


SCANNED = select(func.count()).select_from(FileScan).join(
    Document, (FileScan.kind == literal_column(f"'{STORED}'")) & (FileScan.hash == Document.hash)).where(
    Document.tender_id == _asked).scalar_subquery()
"""How many files of the tender a scanner has answered for; of no other file, of which it would
tell that somebody sent one."""

TENDER = Kept(tuple(_rows()), holds_until, (SCANNED,))
"""`GET /tenders/<tender_id>`."""
