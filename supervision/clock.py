"""What of the watch waits for time: a finding whose day passed without an answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.act import Due

from .acts import fall_overdue
from .model import WorkFinding


def due(session: Session, now: datetime) -> Iterator[Due]:
    """Findings whose day is over, once each."""
    for one in session.scalars(select(WorkFinding).where(
            WorkFinding.answered_at.is_(None), WorkFinding.overdue_at.is_(None),
            WorkFinding.due_at <= now).order_by(WorkFinding.due_at)):
        yield Due(one.due_at, fall_overdue, (one.id,))
