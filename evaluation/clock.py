"""What waits for time in the judgement: the steps of a draw."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.act import Due
from tender.lifecycle import Phase
from tender.reading import phase_of

from .acts import close_draw, draw_panel, reveal_nonce
from .draw import PLATFORM
from .model import Draw, DrawContribution
from .seeds import ready


def due(session: Session, now: datetime) -> Iterator[Due]:
    """The platform's reveal, the close of revealing, and the drawing once a checkpoint is there."""
    waiting = select(Draw).where(Draw.voided_at.is_(None), Draw.drawn_at.is_(None),
                                 Draw.commit_by <= now).order_by(Draw.reveal_by)
    for one in session.scalars(waiting):
        if now < one.reveal_by:
            platform = session.scalars(select(DrawContribution).where(
                DrawContribution.draw_id == one.id,
                DrawContribution.contributor == PLATFORM)).one()
            if platform.nonce is None:
                yield Due(one.commit_by, reveal_nonce, (one.id,))
        elif one.closed_at is None:
            yield Due(one.reveal_by, close_draw, (one.id,))
        elif phase_of(session, one.lot_id, now) is not Phase.OPENED:
            continue
        elif ready(session, one, now):
            yield Due(one.reveal_by, draw_panel, (one.id,))
