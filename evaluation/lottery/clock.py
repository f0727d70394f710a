"""What of a lottery's draw waits for time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.act import Due
from tender.lifecycle import Phase
from tender.reading import phase_of

from .. import draw, seeds
from .acts import close_lottery, draw_lottery, reveal_to_lottery
from .model import LotteryDraw
from .reading import contributions


def due(session: Session, now: datetime) -> Iterator[Due]:
    """The platform's reveal, the close of revealing, and the drawing once a checkpoint is there."""
    for one in session.scalars(select(LotteryDraw).where(
            LotteryDraw.drawn_at.is_(None), LotteryDraw.voided_at.is_(None),
            LotteryDraw.commit_by <= now).order_by(LotteryDraw.reveal_by)):
        if now < one.reveal_by:
            if any(part.contributor == draw.PLATFORM and part.nonce is None
                   for part in contributions(session, one.id)):
                yield Due(one.commit_by, reveal_to_lottery, (one.id,))
        elif one.closed_at is None:
            yield Due(one.reveal_by, close_lottery, (one.id,))
        elif phase_of(session, one.lot_id, now) is Phase.EVALUATED \
                and seeds.ready(session, one, now):
            yield Due(one.reveal_by, draw_lottery, (one.id,))
