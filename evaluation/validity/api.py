"""Routes of an extended validity: ask, answer, read."""

from __future__ import annotations

from audit.actor import Actor
from bidding.reading import bid
from people.edge import Book
from people.exchange import moment
from people.exchange import reading as session
from people.paging import Page
from tender import reading as tenders

from . import acts, reading, schemas

api = Book("validity")


@api.post("/lots/<lot_id>/validity-extensions", action="validity.ask", body=schemas.ExtensionIn,
          returns=schemas.ValidityOut, status=201)
def ask_extension(actor: Actor, body, lot_id: str):
    """Ask all tenderers of an opened lot to stay bound longer (fresh second factor)."""
    return acts.ask_extension(actor, lot_id, **body)


@api.post("/bids/<bid_id>/validity-answers", action="validity.answer",
          body=schemas.ExtensionAnswerIn, returns=schemas.ValidityOut, status=201)
def answer_extension(actor: Actor, body, bid_id: str):
    """Agree to stay bound with one's bid, or refuse, once (fresh second factor)."""
    return acts.answer_extension(actor, bid(session(), bid_id).lot_id, bid_id, **body)


@api.get("/lots/<lot_id>/validity", action="notice.view", returns=schemas.ValidityOut)
def get_validity(actor: Actor, lot_id: str):
    """How long the bids are valid, what was asked, and how one's own bid stands."""
    return reading.page(session(), tenders.lot(session(), lot_id), actor.party_id, moment())


@api.get("/validity-extensions/waiting", audience="self", returns=schemas.WaitingExtensionOut,
         many=True)
def list_waiting_extensions(actor: Actor):
    """The requests that one's own company has yet to answer, what is due first before the rest."""
    return Page(reading.waiting(session(), actor.party_id, moment()) if actor.party_id else [])
