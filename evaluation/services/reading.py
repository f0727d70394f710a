"""What is read of the intermediary supermarket."""

from __future__ import annotations

import json
from datetime import date, datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from kernel.canonical import sha256, unb64
from kernel.refusal import NOT_FOUND
from people.model import Party
from tender import objecting
from tender.model import Debarment
from tender.relations import prefix
from tender.timetable import beijing_day

from .. import draw, selection
from ..selection import Facts, State, average, state
from .model import (
    Agency,
    AgencySanction,
    Service,
    ServiceDraw,
    ServiceNonce,
    ServiceObjection,
    ServiceOffer,
    ServiceRating,
    ServiceSuccession,
)


def service(session: Session, service_id: str) -> Service:
    """The published service; NOT_FOUND."""
    found = session.get(Service, service_id)
    if found is None or found.approved_at is None:
        raise NOT_FOUND()
    return found


def state_of(session: Session, found: Service, now: datetime) -> State:
    """Where a service stands."""
    waits = found.decided_at is not None and found.contracted_at is None and bool(session.scalar(
        select(exists().where(ServiceObjection.service_id == found.id,
                              ServiceObjection.answered_at.is_(None)))))
    return state(Facts(found.approved_at, found.offers_until, found.reveal_until,
                       found.failed_at, None, found.decided_at, found.contracted_at,
                       found.objections_until, waits, found.finished_at), now)


def objections(session: Session, service_id: str) -> list[ServiceObjection]:
    """The objections to a result, in an order that tells nobody who came when."""
    return list(session.scalars(select(ServiceObjection).where(
        ServiceObjection.service_id == service_id).order_by(ServiceObjection.id)))


def contract_until(session: Session, found: Service) -> datetime | None:
    """When the time for the contract is over; None where there is no result or no such time."""
    if found.decided_at is None or found.profile is None:
        return None
    return selection.contract_until(
        found.profile, found.decided_at, found.objections_until,
        [one.answered_at for one in objections(session, found.id) if one.answered_at])


def objection_hash(row) -> str:
    """SHA-256 over what is objected, by whom, in canonical JSON; `row`: with these columns."""
    return objecting.digest("service", row.service_id, row)


def succession_of(session: Session, service_id: str) -> ServiceSuccession | None:
    """Which failed request this one was made again after; None for a first one."""
    return session.get(ServiceSuccession, service_id)


def barred_until(session: Session, agency: Agency, region: str, day: date) -> str | None:
    """The last day on which an agency is kept out: by a sanction of the directory, or by a
    debarment from tendering that holds in `region`; None where nothing does."""
    days = [row.until_day for row in sanctions(session, agency.id)
            if beijing_day(row.approved_at) <= day <= date.fromisoformat(row.until_day)]
    party = session.get_one(Party, agency.party_id)
    days += [row.until_day for row in session.scalars(select(Debarment).where(
        Debarment.uscc == party.uscc, Debarment.approved_at.is_not(None),
        Debarment.from_day <= day.isoformat(), Debarment.until_day >= day.isoformat()))
        if row.nationwide or region.startswith(prefix(row.region))]
    return max(days, default=None)


def sanctions(session: Session, agency_id: str) -> list[AgencySanction]:
    """The sanctions of an agency that two persons decided, oldest first."""
    return list(session.scalars(select(AgencySanction).where(
        AgencySanction.agency_id == agency_id, AgencySanction.approved_at.is_not(None))
        .order_by(AgencySanction.approved_at)))


def offers(session: Session, service_id: str) -> list[ServiceOffer]:
    """All offers of a service in the order in which they were sealed."""
    return list(session.scalars(select(ServiceOffer).where(
        ServiceOffer.service_id == service_id).order_by(ServiceOffer.offered_at,
                                                        ServiceOffer.id)))


def valid_offers(session: Session, found: Service) -> list[ServiceOffer]:
    """The offers revealed and within the budget."""
    return [one for one in offers(session, found.id)
            if one.price_fen is not None and 0 < one.price_fen <= found.budget_fen]


def result_hash(found: Service) -> str | None:
    """SHA-256 of the signed result notice."""
    return sha256(found.result.encode()).hex() if found.result else None


def draws(session: Session, service_id: str) -> list[ServiceDraw]:
    """The draws of a service, oldest first."""
    return list(session.scalars(select(ServiceDraw).where(
        ServiceDraw.service_id == service_id).order_by(ServiceDraw.announced_at)))


def contributions(session: Session, draw_id: str) -> list[draw.Contribution]:
    """Who contributed to a draw, in the order that counts."""
    return draw.ordered([
        draw.Contribution(one.contributor, one.commitment,
                          unb64(one.nonce, draw.NONCE_BYTES) if one.nonce else None)
        for one in session.scalars(select(ServiceNonce).where(ServiceNonce.draw_id == draw_id))])


def service_view(session: Session, found: Service, now: datetime) -> dict[str, object]:
    """A service as everybody sees it: no offer, and no number of them, before the close."""
    own = {column.name: getattr(found, column.name) for column in found.__table__.columns}
    shown = [] if found.closed_at is None else [
        {"party_id": one.party_id, "price_fen": one.price_fen, "salt": one.salt,
         "proposal_hash": one.proposal_hash, "commitment": one.commitment,
         "passed": None if one.passed is None else bool(one.passed),
         "failed_because": one.failed_because}
        if one.revealed_at else {"commitment": one.commitment}
        for one in offers(session, found.id)]
    held, earlier = draws(session, found.id), succession_of(session, found.id)
    live = next((one for one in held if one.voided_at is None), None)
    return own | {
        "state": state_of(session, found, now).value if live is None or found.decided_at
        else State.DRAWING.value, "offers": shown,
        "contract_until": contract_until(session, found),
        "predecessor_id": earlier and earlier.predecessor_id,
        "attempt": earlier.attempt if earlier else 1,
        "objections": [objection_view(one, inside=False)
                       for one in objections(session, found.id) if one.answered_at],
        "winner": session.get(Party, found.winner_id).name if found.winner_id else None,
        "draws": [draw_view(session, one) for one in held],
        "ratings": [{"rater_id": one.rater_id, "rated_id": one.rated_id, "stars": one.stars,
                     "text": one.text} for one in session.scalars(select(ServiceRating).where(
                         ServiceRating.service_id == found.id))]}


def objection_view(one: ServiceObjection, *, inside: bool) -> dict[str, object]:
    """An objection without who raised it; its words only for who answers or raised it."""
    own = {"argument": one.argument, "remedy": one.remedy,
           "evidence": one.evidence} if inside else {}
    return {"id": one.id, "service_id": one.service_id, "answer_by": one.answer_by,
            "overdue": (one.overdue_at is not None), "outcome": one.outcome, "answer": one.answer,
            "answered_at": one.answered_at} | own


def draw_view(session: Session, one: ServiceDraw) -> dict[str, object]:
    """A draw: its announcement, and once held the document and what its tickets stand for."""
    return {"id": one.id, "announcement": json.loads(one.announcement),
            "commit_by": one.commit_by, "reveal_by": one.reveal_by,
            "void": one.voided_at is not None,
            "platform_revealed": any(part.contributor == draw.PLATFORM and part.nonce is not None
                                     for part in contributions(session, one.id)),
            "document": json.loads(one.document) if one.document else None,
            "tickets": one.tickets if one.document else None,
            "salt": one.salt if one.document else None}


def agency_view(session: Session, one: Agency) -> dict[str, object]:
    """An entry of the directory with its name and its published average."""
    party = session.get_one(Party, one.party_id)
    stars = list(session.scalars(select(ServiceRating.stars).where(
        ServiceRating.rated_id == one.party_id)))
    own = {column.name: getattr(one, column.name) for column in one.__table__.columns}
    return own | {"name": party.name, "uscc": party.uscc, "ratings": len(stars),
                  "average": average(stars), "sanctions": [
                      {"kind": row.kind, "document_no": row.document_no, "reason": row.reason,
                       "from": beijing_day(row.approved_at).isoformat(), "until": row.until_day}
                      for row in sanctions(session, one.id)]}
