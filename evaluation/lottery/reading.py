"""A lottery's draws, as contributors and the public see them."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel.refusal import NOT_FOUND

from .. import draw, rules
from ..lifecycle import DrawFacts, draw_state
from ..reading.draws import contributors
from .model import LotteryDraw, LotteryNonce


def the_draw(session: Session, draw_id: str) -> LotteryDraw:
    """The draw, or NOT_FOUND."""
    found = session.get(LotteryDraw, draw_id)
    if found is None:
        raise NOT_FOUND()
    return found


def draws_of(session: Session, lot_id: str) -> list[LotteryDraw]:
    """Every draw announced for a lot, oldest first, the voided ones included."""
    return list(session.scalars(select(LotteryDraw).where(LotteryDraw.lot_id == lot_id)
                                .order_by(LotteryDraw.announced_at, LotteryDraw.id)))


def contributions(session: Session, draw_id: str) -> list[draw.Contribution]:
    """Commitments and revealed nonces, in the order in which they go into the seed."""
    return draw.contributions_of(
        session.scalars(select(LotteryNonce).where(LotteryNonce.draw_id == draw_id)))


def draw_page(session: Session, one: LotteryDraw, now: datetime) -> dict[str, object]:
    """A draw: announcement, state, contributions; once held the document and what its tickets
    stand for, so that anybody repeats it."""
    announcement = json.loads(one.announcement)
    parts = contributions(session, one.id)
    names = contributors(session, parts)
    return {
        "id": one.id, "lot_id": one.lot_id,
        "state": draw_state(DrawFacts(one.commit_by, one.reveal_by, one.drawn_at, one.voided_at),
                            now).name,
        "announcement": announcement, "announcement_hash": rules.digest(announcement),
        "commit_by": one.commit_by, "reveal_by": one.reveal_by,
        "caution": None if announcement["witnesses"] else draw.CAUTION,
        "contributions": [
            {"contributor": part.contributor, "name": names.get(part.contributor),
             "commitment": part.commitment,
             "revealed": part.nonce is not None}
            for part in parts],
        "document": one.document and json.loads(one.document),
        "tickets": one.tickets if one.document else None,
        "salt": one.salt if one.document else None,
    }
