"""What may be asked of an extended validity; nothing here changes anything."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bidding.reading import opened_bids, secured_by
from guarantees.prolongation import standing_securities
from guarantees.reading import untold_since
from guarantees.reading import valid_until as security_until
from people.model import Party
from tender import timetable
from tender.model import Lot, LotOutcome, Tender

from ..defaulting.model import AwardWord
from . import rules
from .model import LapsedBid, ValidityAnswer, ValidityRequest

ENDED = ("terminated", "failed", "contracted")
"""With these the lot is over, and a request with it."""


def requests_of(session: Session, lot_id: str) -> list[ValidityRequest]:
    """The requests made in a lot, the first one first."""
    return list(session.scalars(select(ValidityRequest).where(
        ValidityRequest.lot_id == lot_id).order_by(ValidityRequest.number)))


def _running():
    over = select(LotOutcome.id).where(LotOutcome.lot_id == ValidityRequest.lot_id,
                                       LotOutcome.outcome.in_(ENDED)).exists()
    return select(ValidityRequest).where(ValidityRequest.concluded_at.is_(None), ~over)


def open_request(session: Session, lot_id: str) -> ValidityRequest | None:
    """The request that waits for answers, or None."""
    return session.scalars(_running().where(ValidityRequest.lot_id == lot_id)).one_or_none()


def open_requests(session: Session) -> list[ValidityRequest]:
    """Every request that waits for answers, by the time until which it does."""
    return list(session.scalars(_running().order_by(ValidityRequest.answer_by)))


def _untold_since(session: Session, lot_id: str) -> datetime | None:
    """A longer guarantee is its tenderer's answer: others see it when the answers are told."""
    waits = open_request(session, lot_id)
    return waits and waits.asked_at


untold_since.append(_untold_since)


def lapsed(session: Session, lot_id: str) -> dict[str, LapsedBid]:
    """The bids of a lot that are no longer valid, by id."""
    return {one.bid_id: one for one in session.scalars(
        select(LapsedBid).where(LapsedBid.lot_id == lot_id))}


def asked(session: Session, lot_id: str) -> dict[str, str]:
    """Whom a request asks: bid → company, of every opened bid that is still valid."""
    gone = lapsed(session, lot_id)
    return {bid.bid_id: bid.party_id for bid in opened_bids(session, lot_id)
            if bid.bid_id not in gone}


def answers(session: Session, request_id: str) -> dict[str, ValidityAnswer]:
    """What was said to a request, by bid."""
    return {one.bid_id: one for one in session.scalars(
        select(ValidityAnswer).where(ValidityAnswer.request_id == request_id))}


def bound_until(session: Session, lot: Lot, bid_id: str) -> date:
    """The last day on which one bid is valid: who was awarded and did not agree to more is bound
    as long as before (招标投标法 45)."""
    agreed = session.scalar(
        select(ValidityRequest.until).join(
            ValidityAnswer, ValidityAnswer.request_id == ValidityRequest.id)
        .where(ValidityRequest.lot_id == lot.id, ValidityRequest.concluded_at.is_not(None),
               ValidityAnswer.bid_id == bid_id, ValidityAnswer.agreed)
        .order_by(ValidityRequest.number.desc()).limit(1))
    again = session.scalar(select(func.max(AwardWord.until)).where(
        AwardWord.lot_id == lot.id, AwardWord.bid_id == bid_id))
    return max((day for day in (agreed, again) if day), default=None) \
        or timetable.validity_ends(lot.deadline, lot.validity_days)


def page(session: Session, lot: Lot, party_id: str | None,
         now: datetime | None = None) -> dict[str, object]:
    """How long the bids of a lot are valid and what was asked; who stays and who does not once a
    request is concluded; `own`: what of it concerns the asker's own company; with `now` the
    bounds of a request that is made then. A draft has no validity yet."""
    gone = lapsed(session, lot.id)
    rows = [_request(session, one, gone) for one in requests_of(session, lot.id)]
    until = timetable.valid_until(lot) if lot.profile else None
    return {"lot_id": lot.id, "until": until, "requests": rows,
            "window": rules.window(lot.profile, until, now) if now and until else None,
            "own": _own(session, lot, party_id) if party_id else None}


def _request(session: Session, one: ValidityRequest, gone: dict[str, LapsedBid]
             ) -> dict[str, object]:
    found: dict[str, object] = {name: getattr(one, name) for name in (
        "id", "number", "standing", "until", "answer_by", "reason", "force_majeure", "asked_at",
        "concluded_at")}
    found["kept"], found["lapsed"] = [], []
    if one.concluded_at is None:
        return found
    said = answers(session, one.id)
    found["kept"] = [_company(session, bid, row.party_id) for bid, row in sorted(said.items())
                     if row.agreed]
    found["lapsed"] = [_company(session, bid, row.party_id) | {"why": row.why}
                       for bid, row in sorted(gone.items()) if row.request_id == one.id]
    return found


def _company(session: Session, bid_id: str, party_id: str) -> dict[str, object]:
    party = session.get_one(Party, party_id)
    return {"bid_id": bid_id, "name": party.name, "uscc": party.uscc}


def _own(session: Session, lot: Lot, party_id: str) -> dict[str, object] | None:
    bid_id = next((bid.bid_id for bid in opened_bids(session, lot.id)
                   if bid.party_id == party_id), None)
    if bid_id is None:
        return None
    request = open_request(session, lot.id)
    said = request and answers(session, request.id).get(bid_id)
    gone = lapsed(session, lot.id).get(bid_id)
    return {"bid_id": bid_id, "bound_until": None if gone else bound_until(session, lot, bid_id),
            "lapsed_at": gone and gone.lapsed_at, "agreed": said.agreed if said else None,
            "answered_at": said.answered_at if said else None,
            "answer_to": request.id if request and not gone and not said else None,
            "securities": _securities(session, lot.id, bid_id, party_id, request)}


def _securities(session: Session, lot_id: str, bid_id: str, party_id: str,
                request: ValidityRequest | None) -> list[dict[str, object]]:
    found = []
    for one in standing_securities(session, lot_id, secured_by(session, lot_id, bid_id, party_id)):
        until, party = security_until(session, one), session.get_one(Party, one.party_id)
        found.append({"instrument_no": one.instrument_no, "name": party.name, "uscc": party.uscc,
                      "until": until, "short": bool(request and until and until < request.until)})
    return found


def waiting(session: Session, party_id: str, now: datetime) -> list[dict[str, object]]:
    """The requests that a company has yet to answer, what is due first before the rest."""
    found = []
    for one in open_requests(session):
        bids = [bid for bid, party in asked(session, one.lot_id).items() if party == party_id]
        if one.answer_by > now and bids and bids[0] not in answers(session, one.id):
            lot = session.get_one(Lot, one.lot_id)
            found.append({"lot_id": lot.id, "lot_title": lot.title, "tender_id": lot.tender_id,
                          "title": session.get_one(Tender, lot.tender_id).title,
                          "id": one.id, "until": one.until, "answer_by": one.answer_by})
    return found
