"""Who stands how to a lot through its bids and its opening."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.actor import Actor
from tender.model import Lot

from .model import Official, StandingBid


def relations(session: Session, actor: Actor, *, lot_id: str | None = None,
              tender_id: str | None = None) -> set[str]:
    """`tenderer_own` (the party has a standing bid, opened ones included) and `opener_assigned`.

    For a whole tender: in any of its lots.
    """
    if actor.account_id is None or (lot_id is None and tender_id is None):
        return set()
    found = set()
    standing = select(StandingBid.id).where(StandingBid.party_id == actor.party_id)
    assigned = select(Official.id).where(Official.account_id == actor.account_id)
    if lot_id is not None:
        standing = standing.where(StandingBid.lot_id == lot_id)
        assigned = assigned.where(Official.lot_id == lot_id)
    else:
        lots = select(Lot.id).where(Lot.tender_id == tender_id)
        standing = standing.where(StandingBid.lot_id.in_(lots))
        assigned = assigned.where(Official.lot_id.in_(lots))
    if session.execute(standing.limit(1)).first():
        found.add("tenderer_own")
    if session.execute(assigned.limit(1)).first():
        found.add("opener_assigned")
    return found
