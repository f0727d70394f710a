"""How a company's own bids stand, lot by lot: for itself and nobody else."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from guarantees.model import Guarantee
from tender import reading as tenders
from tender.lifecycle import phase
from tender.model import Lot, Tender

from ..board import Board, board
from ..lifecycle import State
from ..model import Bid, BidRefusal
from .bids import version_view, versions_of

LAST = 5
"""Refusals that are shown with a bid; all of them come with its receipts."""


def receipt_number(promise: str) -> str:
    """By which people name a receipt: the first eight digits of its SHA-256, as in the names of
    the files that keep it. It counts nothing."""
    return hashlib.sha256(promise.encode()).hexdigest()[:8]


def lots_of_party(session: Session, party_id: str) -> list[str]:
    """The lots in which a company declared a bid, was refused one or lodged security; the latest
    deadline first."""
    # By lot and party, as the tables' indexes are.
    known = select(Lot.id)
    touched = (select(Bid.lot_id).where(Bid.lot_id.in_(known), Bid.party_id == party_id)
               .union(select(BidRefusal.lot_id).where(BidRefusal.lot_id.in_(known),
                                                      BidRefusal.party_id == party_id),
                      select(Guarantee.lot_id).where(Guarantee.party_id == party_id)))
    return list(session.scalars(select(Lot.id).where(Lot.id.in_(touched))
                                .order_by(Lot.deadline.desc(), Lot.id)))


def own_view(session: Session, lot_id: str, party_id: str, now: datetime) -> dict:
    """The one state of a company's bid in a lot, and what it follows from."""
    lot = tenders.lot(session, lot_id)
    reached = phase(tenders.lot_facts(session, lot_id), now)
    # While it is suspended its deadline waits to be moved.
    past = reached.name != "SUSPENDED" and lot.deadline is not None and now >= lot.deadline
    versions = _versions(session, lot_id, party_id)
    refusals = list(session.scalars(
        select(BidRefusal).where(BidRefusal.lot_id == lot_id, BidRefusal.party_id == party_id)
        .order_by(BidRefusal.at.desc(), BidRefusal.id).limit(LAST)))
    tried = [one["declared_at"] for one in versions]
    refused = bool(refusals) and (not tried or refusals[0].at >= max(tried))
    state = board([(one["version"], one["state"]) for one in versions], refused, reached.name,
                  past)
    stands = _stands(versions, state)
    return {
        "lot_id": lot_id, "tender_id": lot.tender_id, "number": lot.number, "title": lot.title,
        "tender_title": session.get_one(Tender, lot.tender_id).title, "deadline": lot.deadline,
        "phase": reached.name, "board": state.name,
        "board_text": {"zh": state.zh, "en": state.en}, "counts": state.counts,
        "bid": versions[-1]["bid"] if versions else None,
        "stands": stands and stands["version"],
        "receipt_number": stands and receipt_number(stands["receipt"]),
        "received_at": stands and stands["submitted_at"],
        "versions": [_short(one) for one in versions],
        "refusals": [{"at": one.at, "code": one.code, "bid": one.bid_id} for one in refusals],
        "securities": session.execute(
            select(func.count()).select_from(Guarantee).where(
                Guarantee.lot_id == lot_id, Guarantee.party_id == party_id)).scalar_one()}


def _versions(session: Session, lot_id: str, party_id: str) -> list[dict]:
    bids = session.scalars(select(Bid).where(Bid.lot_id == lot_id, Bid.party_id == party_id)
                           .order_by(Bid.declared_at, Bid.id))
    return [version_view(session, version) for bid in bids
            for version in versions_of(session, bid.id)]


def _stands(versions: list[dict], state: Board) -> dict | None:
    over = {State.REPLACED.name, State.WITHDRAWN.name}
    if state in (Board.NONE, Board.SENDING, Board.REFUSED, Board.LATE, Board.WITHDRAWN):
        return None
    return next((one for one in reversed(versions)
                 if one["receipt"] and one["state"] not in over), None)


def _short(version: dict) -> dict:
    sums = {name: sum(part[of] for part in version["parts"])
            for name, of in (("sent", "offset"), ("size", "size"))}
    return {name: version[name] for name in (
        "bid", "version", "state", "state_text", "declared_at", "submitted_at",
        "declaration_hash")} | sums | {
        "receipt_number": version["receipt"] and receipt_number(version["receipt"])}


__all__ = ["lots_of_party", "own_view", "receipt_number"]
