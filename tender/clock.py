"""What waits for time in book 1: suspensions that the law ends, answers that are overdue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.act import Due

from . import acts
from .model import DirectAward, DirectObjection, LotSuspension


def due(session: Session, now: datetime) -> Iterator[Due]:
    """Every suspension whose longest time is over (T22); before any close, because its deadline
    moves. Every objection to a direct award whose answer did not come in time."""
    for row in session.scalars(select(LotSuspension).where(
            LotSuspension.resumed_at.is_(None), LotSuspension.until <= now)):
        yield Due(row.until, acts.resume_lot, (row.lot_id,), {
            "document_no": row.document_no, "reason": acts.halting.OVER})
    for row in session.scalars(select(DirectObjection).join(
            DirectAward, DirectAward.id == DirectObjection.award_id).where(
            DirectObjection.answered_at.is_(None), DirectObjection.overdue_at.is_(None),
            DirectAward.failed_at.is_(None), DirectObjection.answer_by <= now)):
        yield Due(row.answer_by, acts.note_award_overdue, (row.id,))
