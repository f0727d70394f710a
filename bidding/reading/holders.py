"""Who holds a key to a lot, and who has a role in it."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from people.model import Account

from ..model import (
    HolderKey,
    Official,
    Rehearsal,
    StandingBid,
)


def officials_of(session: Session, lot_id: str) -> list[Official]:
    """Officials and clock holders of a lot, in the order of their seats."""
    return list(session.scalars(select(Official).where(Official.lot_id == lot_id)
                                .order_by(Official.kind, Official.seat)))


def keys_of(session: Session, lot_id: str) -> list[dict]:
    """The opening keys of a lot, in the order of registration, with when each was rehearsed."""
    passed = dict(session.execute(
        select(Rehearsal.key_id, func.min(Rehearsal.passed_at)).where(Rehearsal.lot_id == lot_id)
        .group_by(Rehearsal.key_id)).all())
    rows = session.scalars(select(HolderKey).where(HolderKey.lot_id == lot_id)
                           .order_by(HolderKey.registered_at, HolderKey.id))
    return [{**{column.name: getattr(row, column.name) for column in HolderKey.__table__.columns},
             "rehearsed_at": passed.get(row.id)} for row in rows]


def persons_in_lot(session: Session, lot_id: str) -> dict[str, set[str]]:
    """Who is opener or tenderer in a lot, for people's rule of one role a lot (Q20)."""
    openers = set(session.scalars(select(Official.person_id).where(Official.lot_id == lot_id)))
    companies = set(session.scalars(
        select(Account.person_id).join(StandingBid, StandingBid.party_id == Account.party_id)
        .where(StandingBid.lot_id == lot_id)))
    return {"opener": openers, "tenderer": companies}
