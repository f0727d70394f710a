"""What a buyer puts out in parts, as the splitting check sees it (化整为零, 招标投标法 4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache

from sqlalchemy import CompoundSelect, Select, bindparam, exists, select, union_all
from sqlalchemy.orm import Session

from .model import Lot, LotOutcome, Tender
from .regime import Part
from .timetable import beijing_day, end_of

_lot, _tender, _outcome = Lot.__table__.c, Tender.__table__.c, LotOutcome.__table__.c

LOTS = (
    select(_lot.id, _tender.title, _tender.approval_no, _lot.category, _lot.estimate_fen,
           _tender.published_at)
    .join_from(Tender.__table__, Lot.__table__, _lot.tender_id == _tender.id)
    .where(_tender.buyer_id == bindparam("buyer"), _tender.id != bindparam("but"),
           _tender.published_at >= bindparam("since"), _lot.regime != "statutory",
           ~exists().where(_outcome.lot_id == _lot.id,
                           _outcome.outcome.in_(("failed", "terminated")))))
"""The lots of a `buyer`'s tenders, other than `but`, that were published `since`; what failed or was
ended is left out, for tendering that again is no splitting."""

sources: list[Select] = [LOTS]
"""All that counts as published: packages above add theirs, of the same columns and parameters."""


def parts_of(tender: Tender, lots: Iterable[Lot]) -> list[Part]:
    """A tender's lots as the splitting check sees them."""
    published = tender.published_at and beijing_day(tender.published_at)
    return [Part(lot.id, tender.title, tender.approval_no, lot.category, lot.estimate_fen,
                 published) for lot in lots]


def published_parts(session: Session, buyer_id: str, since: date, but: str = "",
                    among: Iterable[Select] = sources) -> list[Part]:
    """What a buyer has published after a Beijing day, but for the tender `but`, in one question."""
    session.flush()
    rows = session.connection().execute(_together(*among), {
        "buyer": buyer_id, "but": but, "since": end_of(since)})
    return [Part(*stated, beijing_day(published)) for *stated, published in rows]


@cache
def _together(*among: Select) -> CompoundSelect:
    return union_all(*among)
