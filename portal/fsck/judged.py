"""The judgement as rows against each other: the drawn order, the tickets, the candidates."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation import draw
from evaluation.model import Candidate, Draw, DrawPlace, EvaluationReport


def judged(session: Session) -> Iterator[str]:
    """Who stands behind each ticket and where it was drawn; who is a candidate, at what price."""
    for drawn in session.scalars(select(Draw)):
        yield from _places(session, drawn)
    for report in session.scalars(select(EvaluationReport)):
        yield from _candidates(session, report)


def _places(session: Session, drawn: Draw) -> Iterator[str]:
    order = json.loads(drawn.document)["order"] if drawn.document else []
    ranks = {ticket: rank for rank, ticket in enumerate(order, 1)}
    for place in session.scalars(select(DrawPlace).where(DrawPlace.draw_id == drawn.id)):
        if draw.ticket(drawn.id, bytes.fromhex(drawn.salt), place.grant_id) != place.ticket:
            yield f"draw_place {place.id}: its ticket stands for somebody else"
        if drawn.document and place.rank != ranks.pop(place.ticket, None):
            yield f"draw_place {place.id}: is not where draw {drawn.id} put its ticket"
    for ticket in ranks:
        yield f"draw_place of ticket {ticket[:16]}: is gone, draw {drawn.id} names it"


def _candidates(session: Session, report: EvaluationReport) -> Iterator[str]:
    """The candidates are those that the signed report recommends, at the prices it shows."""
    content = json.loads(report.content)
    prices = {row["bid"]: row["price_fen"] for row in content["bids"]}
    named = set(content["candidates"])
    for one in session.scalars(select(Candidate).where(Candidate.lot_id == report.lot_id)):
        if one.bid_id not in named or one.price_fen != prices.get(one.bid_id):
            yield f"candidate {one.id}: is not what the evaluation report says"
        named.discard(one.bid_id)
    for bid in sorted(named):
        yield f"candidate of bid {bid}: is gone, the evaluation report names it"
