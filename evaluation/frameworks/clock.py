"""What of a framework waits for time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.act import Due

from .calling import pass_turn
from .ending import note_objection_overdue
from .joining import note_overdue
from .model import Calloff, CalloffTurn, Framework, FrameworkApplication, FrameworkObjection
from .offers import close_offers, settle
from .stating import end_framework


def due(session: Session, now: datetime) -> Iterator[Due]:
    """Frameworks that end, applications and answers that are overdue, turns that nobody took,
    offers to close and to settle."""
    for one in session.scalars(select(Framework).where(
            Framework.published_at.is_not(None), Framework.ended_at.is_(None),
            Framework.valid_until <= now)):
        yield Due(one.valid_until, end_framework, (one.id,))
    for one in session.scalars(select(FrameworkApplication).where(
            FrameworkApplication.decided_at.is_(None), FrameworkApplication.ended_at.is_(None),
            FrameworkApplication.overdue_at.is_(None), FrameworkApplication.decide_by <= now)):
        yield Due(one.decide_by, note_overdue, (one.id,))
    for one in session.scalars(select(CalloffTurn).join(
            Calloff, Calloff.id == CalloffTurn.calloff_id).where(
            CalloffTurn.answer.is_(None), Calloff.failed_at.is_(None),
            CalloffTurn.answer_by <= now)):
        yield Due(one.answer_by, pass_turn, (one.calloff_id,))
    for one in session.scalars(select(Calloff).where(
            Calloff.method == "mini", Calloff.settled_at.is_(None), Calloff.offers_until <= now)):
        if one.reveal_until <= now:
            yield Due(one.reveal_until, settle, (one.id,))
        elif one.closed_at is None:
            yield Due(one.offers_until, close_offers, (one.id,))
    for one in session.scalars(select(FrameworkObjection).where(
            FrameworkObjection.answered_at.is_(None), FrameworkObjection.overdue_at.is_(None),
            FrameworkObjection.answer_by <= now)):
        called = session.get(Calloff, one.calloff_id) if one.calloff_id else None
        if called is None or called.failed_at is None:
            yield Due(one.answer_by, note_objection_overdue, (one.id,))
