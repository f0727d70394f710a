"""The draws of a lot, as contributors, panel and public see them."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bidding.reading import opened_bids, tenderers
from kernel.refusal import NOT_FOUND
from people.model import Party
from people.reading import standing_grants
from tender import reading as tenders
from tender.model import Lot
from tender.relations import in_region

from .. import draw, rules
from ..lifecycle import DrawFacts, draw_state
from ..model import (
    Draw,
    DrawContribution,
    DrawPlace,
)


def the_draw(session: Session, draw_id: str) -> Draw:
    """The draw, or NOT_FOUND."""
    found = session.get(Draw, draw_id)
    if found is None:
        raise NOT_FOUND()
    return found


def draws_of(session: Session, lot_id: str) -> list[Draw]:
    """Every draw announced for a lot, oldest first, the voided ones included."""
    return list(session.scalars(
        select(Draw).where(Draw.lot_id == lot_id).order_by(Draw.announced_at, Draw.id)))


def held_draw(session: Session, lot_id: str) -> Draw | None:
    """The draw whose panel judges the lot, or None."""
    return session.scalars(select(Draw).where(
        Draw.lot_id == lot_id, Draw.drawn_at.is_not(None), Draw.voided_at.is_(None))).first()


def contributions(session: Session, draw_id: str) -> list[draw.Contribution]:
    """Commitments and revealed nonces, in the order in which they go into the seed."""
    return draw.contributions_of(
        session.scalars(select(DrawContribution).where(DrawContribution.draw_id == draw_id)))


def contributors(session: Session, parts: list[draw.Contribution]) -> dict[str, str]:
    """The names of the parties that contribute, by id."""
    return dict(session.execute(select(Party.id, Party.name).where(
        Party.id.in_([part.contributor for part in parts]))).all())


def draw_page(session: Session, drawn: Draw, now: datetime) -> dict[str, object]:
    """What contributors see of a draw: announcement, state, contributions, document once held."""
    state = draw_state(
        DrawFacts(drawn.commit_by, drawn.reveal_by, drawn.drawn_at, drawn.voided_at), now)
    parts = contributions(session, drawn.id)
    names = contributors(session, parts)
    return {
        "id": drawn.id, "lot_id": drawn.lot_id, "state": state.name,
        "announcement": json.loads(drawn.announcement),
        "announcement_hash": rules.digest(json.loads(drawn.announcement)),
        "commit_by": drawn.commit_by, "reveal_by": drawn.reveal_by,
        "void_reason": drawn.void_reason,
        "caution": None if json.loads(drawn.announcement)["witnesses"] else draw.CAUTION,
        "contributions": [
            {"contributor": part.contributor, "name": names.get(part.contributor),
             "commitment": part.commitment,
             "revealed": part.nonce is not None}
            for part in parts],
        "document": drawn.document and json.loads(drawn.document),
    }


def place_order(session: Session, draw_id: str) -> list[DrawPlace]:
    """The drawn places by rank."""
    return list(session.scalars(select(DrawPlace).where(
        DrawPlace.draw_id == draw_id, DrawPlace.rank.is_not(None)).order_by(DrawPlace.rank)))


def tenderers_of(session: Session, lot: Lot) -> list[Party]:
    """Every company whose bid stood at the deadline, opened or not."""
    ids = {bid.party_id for bid in opened_bids(session, lot.id)}
    ids |= {party.id for party in tenderers(session, lot.id)}
    return list(session.scalars(select(Party).where(Party.id.in_(ids)).order_by(Party.uscc)))


def supervisors_of(session: Session, lot: Lot, now: datetime) -> set[str]:
    """The persons who supervise the region the lot lies in."""
    region = tenders.tender(session, lot.tender_id).region
    return {account.person_id for grant, account in standing_grants(session, "supervisor", now)
            if in_region(region, grant.region)}
