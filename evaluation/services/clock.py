"""What of a selection waits for time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.act import Due

from .. import draw, seeds
from . import reading
from .drawing import close_selection, draw_selection, reveal_to_selection
from .model import Service, ServiceDraw
from .offers import close_offers, settle


def due(session: Session, now: datetime) -> Iterator[Due]:
    """Offers to close, revealings to settle, draws to reveal to, to close and to hold."""
    for one in session.scalars(select(Service).where(
            Service.approved_at.is_not(None), Service.settled_at.is_(None),
            Service.offers_until <= now)):
        if one.reveal_until <= now:
            yield Due(one.reveal_until, settle, (one.id,))
        elif one.closed_at is None:
            yield Due(one.offers_until, close_offers, (one.id,))
    for one in session.scalars(select(ServiceDraw).where(
            ServiceDraw.drawn_at.is_(None), ServiceDraw.voided_at.is_(None),
            ServiceDraw.commit_by <= now)):
        if one.closed_at is not None:
            if seeds.ready(session, one, now):
                yield Due(one.reveal_by, draw_selection, (one.id,))
        elif one.reveal_by <= now:
            yield Due(one.reveal_by, close_selection, (one.id,))
        elif any(part.contributor == draw.PLATFORM and part.nonce is None
                 for part in reading.contributions(session, one.id)):
            yield Due(one.commit_by, reveal_to_selection, (one.id,))
