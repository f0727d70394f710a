"""What is read of direct awards and of what is said against them."""

from __future__ import annotations

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
    return [objection_view(one, inside=False) for one in objections(session, award_id)
            if one.answered_at is not None]
