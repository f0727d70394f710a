"""The routes by which a company sees how its own bids stand, in one answer."""

from __future__ import annotations

from audit.actor import Actor
from kernel.refusal import NOT_FOUND
from people.edge import may
from people.exchange import moment
from people.exchange import reading as session
from people.model import Party
from people.relations import own_party
from tender import reading as tenders

from .. import reading, schemas
from .book import api

MOST = 200
"""Lots in one answer, those with the latest deadlines."""


@api.get("/bids", audience="self", returns=schemas.OwnBidOut, many=True)
def own_bids(actor: Actor):
    """Every lot in which one's own company has a bid, security or a refusal, and how it stands."""
    party_id, now = _tenderer(actor), moment()
    return [reading.own_view(session(), lot_id, party_id, now)
            for lot_id in reading.lots_of_party(session(), party_id)[:MOST]]


@api.get("/lots/<lot_id>/bids/mine", audience="self", returns=schemas.OwnBidOut)
def own_bid(actor: Actor, lot_id: str):
    """How one's own company's bid in a lot stands: one state, and what it follows from."""
    party_id = _tenderer(actor)
    if tenders.lot_facts(session(), lot_id).published is None \
            or not may("notice.view", lot_id=lot_id):
        raise NOT_FOUND()
    return reading.own_view(session(), lot_id, party_id, moment())


def _tenderer(actor: Actor) -> str:
    party_id = own_party(session(), actor, moment())
    party = party_id and session().get(Party, party_id)
    if not party or party.kind != "tenderer":
        raise NOT_FOUND()
    return party_id
