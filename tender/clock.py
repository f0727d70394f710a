"""What waits for time in book 1: suspensions that the law ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.act import Due

from . import acts
from .model import LotSuspension


def due(session: Session, now: datetime) -> Iterator[Due]:
    """Every suspension whose longest time is over (T22); before any close, because its deadline
    moves."""
    for row in session.scalars(select(LotSuspension).where(
            LotSuspension.resumed_at.is_(None), LotSuspension.until <= now)):
        yield Due(row.until, acts.resume_lot, (row.lot_id,), {
            "document_no": row.document_no, "reason": acts.halting.OVER})
