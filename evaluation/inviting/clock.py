"""What waits for time in a draw of those invited: its checkpoint."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.act import Due

from ..seeds import ready
from .acts import draw_invitation
from .model import InvitationDraw


def due(session: Session, now: datetime) -> Iterator[Due]:
    """Every closed draw whose checkpoint all announced witnesses cosigned, or one was silent too
    long."""
    for one in session.scalars(select(InvitationDraw).where(
            InvitationDraw.closed_at.is_not(None), InvitationDraw.drawn_at.is_(None),
            InvitationDraw.voided_at.is_(None))):
        if ready(session, one, now):
            yield Due(one.closed_at, draw_invitation, (one.id,))
