"""Who stands how to the judgement of a lot: on its panel, leading it, on its award committee."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.actor import Actor
from people import conflicts

from . import reading
from .model import COMMITTEE, PANEL, CommitteeMember

REFINES = {"expert_assigned": "expert_unassigned", "expert_leader": "expert_unassigned",
           "awarder_assigned": "awarder_unassigned"}
"""The roles found here, each with the general one without which it is worth nothing."""


def relations(session: Session, actor: Actor, roles: set[str], *, lot_id: str | None = None,
              tender_id: str | None = None) -> set[str]:
    """`expert_assigned` or, for who was drawn first among those present, `expert_leader`; and
    `awarder_assigned`. By account: the seat belongs to the account whose grant was drawn.
    `roles`: the actor's general ones."""
    if actor.account_id is None or lot_id is None or roles.isdisjoint(REFINES.values()):
        return set()
    found = set()
    present = reading.seats(session, lot_id)
    for seat in present:
        if seat.account_id == actor.account_id:
            found.add("expert_leader" if seat is present[0] else "expert_assigned")
    if session.scalars(select(CommitteeMember.id).where(
            CommitteeMember.lot_id == lot_id,
            CommitteeMember.account_id == actor.account_id)).first() is not None:
        found.add("awarder_assigned")
    return found


def holders(session: Session, lot_id: str) -> dict[str, set[str]]:
    """The persons who judge the lot, for the check that nobody has two roles in it (Q20)."""
    return {"expert": reading.judges(session, lot_id, PANEL),
            "awarder": reading.judges(session, lot_id, COMMITTEE)}


conflicts.holders.append(holders)
