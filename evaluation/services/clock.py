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
from .ending import lapse, lapsing
from .model import Service, ServiceDraw, ServiceObjection
from .objecting import note_overdue
from .offers import close_offers, settle


def due(session: Session, now: datetime) -> Iterator[Due]:
    """Offers to close, revealings to settle, draws to reveal to, to close and to hold; answers
    that are overdue, contracts that did not come."""
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
    yield from _decided(session, now)


def _decided(session: Session, now: datetime) -> Iterator[Due]:
    for row in session.scalars(select(ServiceObjection).join(
            Service, Service.id == ServiceObjection.service_id).where(
            ServiceObjection.answered_at.is_(None), ServiceObjection.overdue_at.is_(None),
            Service.failed_at.is_(None), ServiceObjection.answer_by <= now)):
        yield Due(row.answer_by, note_overdue, (row.id,))
    for one in session.scalars(select(Service).where(
            Service.objections_until <= now, Service.contracted_at.is_(None),
            Service.failed_at.is_(None))):
        if lapsing(session, one, now):
            yield Due(reading.contract_until(session, one), lapse, (one.id,))
