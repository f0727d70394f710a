"""Who stands how to a lot through its bids and its opening."""

from __future__ import annotations

from sqlalchemy import Column, Select, bindparam, select
from sqlalchemy.orm import Session

from audit.actor import Actor
from tender.model import Lot

from .model import Official, StandingBid

REFINES = {"tenderer_own": "tenderer_outside", "opener_assigned": "opener_unassigned"}
"""The roles found here, each with the general one without which it is worth nothing."""

# Made once, of columns alone: they are asked several times in every request.
_STANDING = select(StandingBid.__table__.c.id).where(
    StandingBid.__table__.c.party_id == bindparam("party")).limit(1)
_ASSIGNED = select(Official.__table__.c.id).where(
    Official.__table__.c.account_id == bindparam("account")).limit(1)
_LOTS = select(Lot.__table__.c.id).where(Lot.__table__.c.tender_id == bindparam("tender"))


def _in(statement: Select, lot: Column) -> tuple[Select, Select]:
    return statement.where(lot == bindparam("lot")), statement.where(lot.in_(_LOTS))


_ASKED = (
    ("tenderer_own", _in(_STANDING, StandingBid.__table__.c.lot_id)),
    ("opener_assigned", _in(_ASSIGNED, Official.__table__.c.lot_id)),
)


def relations(session: Session, actor: Actor, roles: set[str], *, lot_id: str | None = None,
              tender_id: str | None = None) -> set[str]:
    """`tenderer_own` (the party has a standing bid, opened ones included) and `opener_assigned`.

    For a whole tender: in any of its lots. `roles`: the actor's general ones.
    """
    if actor.account_id is None or (lot_id is None and tender_id is None):
        return set()
    names = {"party": actor.party_id, "account": actor.account_id, "lot": lot_id,
             "tender": tender_id}
    session.flush()
    return {role for role, (of_lot, of_tender) in _ASKED if REFINES[role] in roles
            and session.connection().execute(
                of_tender if lot_id is None else of_lot, names).first()}
