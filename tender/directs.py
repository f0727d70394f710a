"""What is read of direct awards and of what is said against them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from . import objecting
from .model import DirectObjection


def objections(session: Session, award_id: str) -> list[DirectObjection]:
    """The objections to an award, in an order that tells nobody who came when."""
    return list(session.scalars(select(DirectObjection).where(
        DirectObjection.award_id == award_id).order_by(DirectObjection.id)))


def objection_view(one: DirectObjection, *, inside: bool) -> dict[str, object]:
    """An objection to an award (objecting.view)."""
    return {"award_id": one.award_id} | objecting.view(one, inside=inside)


def answered(session: Session, award_id: str) -> list[dict[str, object]]:
    """The objections that were answered, as everybody sees them."""
    return answered_of(session, [award_id])[award_id]


def answered_of(session: Session, award_ids: Iterable[str]) -> dict[str, list[dict[str, object]]]:
    """The same of several awards, by the awards' ids, every one of them."""
    found: dict[str, list[dict[str, object]]] = {one: [] for one in award_ids}
    for one in session.scalars(select(DirectObjection).where(
            DirectObjection.award_id.in_(found), DirectObjection.answered_at.is_not(None))
            .order_by(DirectObjection.id)):
        found[one.award_id].append(objection_view(one, inside=False))
    return found
