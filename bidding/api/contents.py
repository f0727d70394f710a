"""The routes to what opened bids contain."""

from __future__ import annotations

from flask import Response
from sqlalchemy import select

from audit.actor import Actor
from kernel.refusal import NOT_FOUND
from people.edge import allow, page
from people.exchange import reading as session
from tender.api.documents import saved_as, send_document
from tender.schemas import PricedBillOut

from .. import reading, schemas
from ..model import OpenedBid
from .book import api, part_named


@api.get("/bids/<bid_id>/content", action="bid.read_own", returns=schemas.ContentOut)
def own_content(actor: Actor, bid_id: str):
    """The files of one's own opened bid."""
    bid = reading.bid(session(), bid_id)
    allow("bid.read_own", lot_id=bid.lot_id, owner=bid.party_id)
    return reading.content_view(session(), bid_id)


@api.get("/bids/<bid_id>/content/<part>/<name>", action="bid.read_own")
def own_file(actor: Actor, bid_id: str, part: str, name: str):
    """One file of one's own opened bid."""
    bid = reading.bid(session(), bid_id)
    allow("bid.read_own", lot_id=bid.lot_id, owner=bid.party_id)
    return _file(bid_id, part, name)


@api.get("/lots/<lot_id>/opened-bids", action="bid.read_other", sensitive=True,
         returns=schemas.ContentOut, many=True)
def opened_bids(actor: Actor, lot_id: str):
    """The opened bids with their files."""
    ids = [one.id for one in reading.opened_bids(session(), lot_id)]
    found = page(session(), select(OpenedBid).where(OpenedBid.id.in_(ids)), OpenedBid.id)
    found.items[:] = reading.content_views(session(), found.items)
    return found


@api.get("/lots/<lot_id>/opened-bids/<bid_id>/bills", action="bid.read_other", sensitive=True,
         returns=PricedBillOut, many=True)
def bills_of_bid(actor: Actor, lot_id: str, bid_id: str):
    """The workbooks of an opened bid's price part against the lot's bill line by line, with every
    difference by its cell, and against the form's price. Advice; nothing is corrected by it."""
    if reading.bid(session(), bid_id).lot_id != lot_id:
        raise NOT_FOUND()
    return reading.bills_view(session(), bid_id)


@api.get("/lots/<lot_id>/opened-bids/<bid_id>/<part>/<name>", action="bid.read_other",
         sensitive=True)
def opened_file(actor: Actor, lot_id: str, bid_id: str, part: str, name: str):
    """One file of an opened bid."""
    if reading.bid(session(), bid_id).lot_id != lot_id:
        raise NOT_FOUND()
    return _file(bid_id, part, name)


@api.get("/lots/<lot_id>/standing", action="bid.read_other", sensitive=True,
         returns=schemas.BidStandingOut, many=True)
def standing_of_bids(actor: Actor, lot_id: str):
    """What a person should look at about the companies of opened bids: licences, debarments,
    relations among them (实施条例 34). Findings for who decides; nothing is rejected by them."""
    return reading.standing_view(session(), lot_id)


@api.get("/lots/<lot_id>/standing/<digest>", action="bid.read_other", sensitive=True)
def paper_of_bid(actor: Actor, lot_id: str, digest: str) -> Response:
    """The evidence of a licence that a company of an opened bid holds, by its hash."""
    return send_document(reading.licence_paper(session(), lot_id, digest), cache="no-store")


def _file(bid_id: str, part: str, name: str) -> Response:
    size, pieces = reading.read_member(session(), bid_id, part_named(part), name)
    scan = reading.scan_header(session(), bid_id, part, name)
    session().rollback()  # no transaction stays open while a slow reader reads
    return Response(pieces, mimetype="application/octet-stream", headers={
        "Content-Length": str(size), "Yangguang-Scan": scan, "Cache-Control": "no-store",
        "Content-Disposition": saved_as(name),
        "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"})
