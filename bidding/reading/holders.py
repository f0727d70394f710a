"""Who holds a key to a lot, and who has a role in it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Row, bindparam, exists, func, select
from sqlalchemy.orm import Session

from audit.held import once
from people.model import Account, Party
from tender.model import Lot

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


def officials_shown(session: Session, lot_id: str) -> list[dict]:
    """The same with the name each signs in with, its unit, and how far its key has come."""
    keys = {row["official_id"]: row for row in keys_of(session, lot_id)}
    names = {row.id: (row.login, row.name) for row in session.execute(
        select(Official.id, Account.login, Party.name)
        .join(Account, Account.id == Official.account_id)
        .join(Party, Party.id == Official.unit_id).where(Official.lot_id == lot_id))}
    return [{column.name: getattr(row, column.name) for column in Official.__table__.columns}
            | {"login": names[row.id][0], "unit": names[row.id][1],
               "key": _come(keys.get(row.id))} for row in officials_of(session, lot_id)]


def _come(key: dict | None) -> str:
    if key is None:
        return "none"
    return "rehearsed" if key["rehearsed_at"] else \
        "certified" if key["certified_at"] else "registered"


def account_called(session: Session, login: str | None) -> str:
    """The id of the account that signs in with `login`; an empty text where there is none."""
    return session.scalar(select(Account.id).where(Account.login == login)) or ""


def holders_by_lot(session: Session, lots: Iterable[Lot]) -> dict[str, list[Row]]:
    """Of several lots, by the lots' ids, every one of them: the officials and clock holders in the
    order of their seats, each with its key as far as it has come: its `recipient`, or None; whether
    that is `certified`; whether its holder `passed` a rehearsal with it."""
    ids = sorted(lot.id for lot in lots)
    return once(session, ("holders", *ids), ("official", "holder_key", "rehearsal"),
                lambda: _holders(session, ids))


def _holders(session: Session, ids: list[str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {one: [] for one in ids}
    session.flush()
    for row in session.connection().execute(_HOLDERS, {"lots": ids}):
        found[row.lot_id].append(row)
    return found


_official, _key, _rehearsal = Official.__table__.c, HolderKey.__table__.c, Rehearsal.__table__.c
_HOLDERS = (
    select(_official.id, _official.lot_id, _official.kind, _official.unit_seat,
           _official.unit_limit, _key.recipient,
           _key.certified_at.is_not(None).label("certified"),
           exists().where(_rehearsal.key_id == _key.id, _rehearsal.passed_at.is_not(None))
           .label("passed"))
    .outerjoin_from(Official.__table__, HolderKey.__table__, _key.official_id == _official.id)
    .where(_official.lot_id.in_(bindparam("lots", expanding=True)))
    .order_by(_official.lot_id, _official.kind, _official.seat))


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
