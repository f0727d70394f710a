"""What of the watch waits for time: findings, objections and complaints whose day passed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.act import Due

from .acts import fall_overdue, note_overdue
from .complaints import cases, reading
from .complaints.handling import note_complaint_overdue
from .complaints.model import STEP
from .model import WorkFinding
from .reading import objections


def due(session: Session, now: datetime) -> Iterator[Due]:
    """Findings whose day is over, objections whose time to answer is, complaints that were not
    accepted, decided or mended in time; once each."""
    for one in session.scalars(select(WorkFinding).where(
            WorkFinding.answered_at.is_(None), WorkFinding.overdue_at.is_(None),
            WorkFinding.due_at <= now).order_by(WorkFinding.due_at)):
        yield Due(one.due_at, fall_overdue, (one.id,))
    for row in objections.unanswered(session):
        if row.answer_by <= now and objections.overdue(session, row, now):
            yield Due(row.answer_by, note_overdue, (row.id,))
    for table in STEP:
        for case in cases.read(session, reading.waited_for(session, now, table)):
            fallen = reading.fallen_due(case, now)
            if fallen is not None:
                yield Due(fallen[1], note_complaint_overdue, (case.row.id,))
