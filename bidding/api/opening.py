"""The routes of the opening, of both envelopes: shares, course, record, signatures."""

from __future__ import annotations

from audit.actor import Actor
from people.exchange import reading as session

from .. import acts, reading, schemas
from ..model import PRICES
from .book import api


@api.post("/lots/<lot_id>/opening", action="opening.start", body=schemas.OpeningIn,
          returns=schemas.OpeningOut, status=201)
def start_opening(actor: Actor, body, lot_id: str):
    """Authorise the opening of exactly the standing bids."""
    return acts.authorise_opening(actor, lot_id, **body)


@api.get("/lots/<lot_id>/opening", action="opening.view_live", returns=schemas.OpeningOut)
def watch_opening(actor: Actor, lot_id: str):
    """The course of the opening: times and counts, no names and prices before its end."""
    return reading.opening_view(session(), lot_id)


@api.get("/lots/<lot_id>/opening/wraps", action="opening.official_share", returns=schemas.WrapsOut)
def own_wraps(actor: Actor, lot_id: str):
    """An official's wrapped shares, with the declarations, places and roots to check first."""
    return reading.wraps_view(session(), lot_id, actor.account_id)


@api.post("/lots/<lot_id>/opening/official-shares", action="opening.official_share",
          body=schemas.SharesIn, returns=schemas.ReleaseOut, status=201, limit=8 << 20)
def release_shares(actor: Actor, body, lot_id: str):
    """Give all one's shares of an authorisation, once; a wrong one is named in the answer."""
    return acts.release_shares(actor, lot_id, **body)


@api.post("/bids/<bid_id>/opening-share", action="opening.tenderer_share",
          body=schemas.OwnSharesIn, returns=schemas.OwnSharesOut, status=201)
def give_own_shares(actor: Actor, body, bid_id: str):
    """Give one's own share of every part of one's bid."""
    return acts.give_own_shares(actor, bid_id, **body)


@api.get("/lots/<lot_id>/opening-record", action="opening_record.view", returns=schemas.RecordOut)
def opening_record(actor: Actor, lot_id: str):
    """The opening record with the published form parts."""
    return reading.record_view(session(), lot_id)


@api.post("/lots/<lot_id>/opening-record/signatures", action="opening.sign_record",
          body=schemas.SignatureIn, returns=schemas.SignatureOut, status=201)
def sign_record(actor: Actor, body, lot_id: str):
    """Sign the opening record as one of its officials."""
    return acts.sign_record(actor, lot_id, **body)


@api.post("/lots/<lot_id>/price-opening", action="opening.price_share", body=schemas.OpeningIn,
          returns=schemas.OpeningOut, status=201)
def start_prices(actor: Actor, body, lot_id: str):
    """Authorise the opening of forms and prices, once all technical sheets are signed."""
    return acts.authorise_prices(actor, lot_id, **body)


@api.get("/lots/<lot_id>/price-opening", action="opening.price_share", returns=schemas.OpeningOut)
def watch_prices(actor: Actor, lot_id: str):
    """The course of the second opening: times and counts, no prices."""
    return reading.opening_view(session(), lot_id, PRICES)


@api.get("/lots/<lot_id>/price-opening/wraps", action="opening.price_share",
         returns=schemas.WrapsOut)
def price_wraps(actor: Actor, lot_id: str):
    """An official's wrapped shares of forms and prices, with what must be checked first."""
    return reading.wraps_view(session(), lot_id, actor.account_id, PRICES)


@api.post("/lots/<lot_id>/price-opening/official-shares", action="opening.price_share",
          body=schemas.SharesIn, returns=schemas.ReleaseOut, status=201, limit=8 << 20)
def release_price_shares(actor: Actor, body, lot_id: str):
    """Give all one's shares of forms and prices, once."""
    return acts.release_price_shares(actor, lot_id, **body)


@api.post("/bids/<bid_id>/price-share", action="opening.price_share", body=schemas.OwnSharesIn,
          returns=schemas.OwnSharesOut, status=201)
def give_price_shares(actor: Actor, body, bid_id: str):
    """Give one's own share of form and price."""
    return acts.give_price_shares(actor, bid_id, **body)
