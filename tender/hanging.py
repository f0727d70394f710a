"""What only some tenders have, asked of all of it in one question.

A publication looks for reviews, also of fair competition, a registration, requirements, outside
readers and persons' signatures; most tenders have two or three of these. Under the lock that all of
them take one question tells which, and nothing is asked about the others.
"""

from __future__ import annotations

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import Session

from audit.held import holds, once

from .model import (
    FairnessReview,
    Lot,
    NoticeSignature,
    OutsideReading,
    Registration,
    Requirement,
    Review,
)

_lot = Lot.__table__.c
_OF = {
    Review: Review.__table__.c.tender_id == bindparam("tender"),
    FairnessReview: FairnessReview.__table__.c.tender_id == bindparam("tender"),
    Registration: Registration.__table__.c.tender_id == bindparam("tender"),
    Requirement: (Requirement.__table__.c.lot_id == _lot.id) & (
        _lot.tender_id == bindparam("tender")),
    OutsideReading: OutsideReading.__table__.c.tender_id == bindparam("tender"),
    NoticeSignature: NoticeSignature.__table__.c.about == bindparam("tender"),
}
_TABLES = tuple(kind.__tablename__ for kind in _OF)
_HANGING = select(*(exists().where(of).label(kind.__tablename__) for kind, of in _OF.items()))


def hangs(session: Session, tender_id: str, kind: type) -> bool:
    """Whether a tender may have rows of this kind; False only where it is known that there are
    none. Where nothing is held it is not asked, and the answer is True."""
    if not holds(session):
        return True
    found = once(session, ("hanging", tender_id), _TABLES, lambda: session.connection().execute(
        _HANGING, {"tender": tender_id}).one())
    return getattr(found, kind.__tablename__)
