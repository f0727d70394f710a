"""What is read of the intermediary supermarket."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel.canonical import sha256, unb64
from kernel.refusal import NOT_FOUND
from people.model import Party

from .. import draw
from ..selection import Facts, State, average, state
from .model import Agency, Service, ServiceDraw, ServiceNonce, ServiceOffer, ServiceRating


def service(session: Session, service_id: str) -> Service:
    """The published service; NOT_FOUND."""
    found = session.get(Service, service_id)
    if found is None or found.approved_at is None:
        raise NOT_FOUND()
    return found


def state_of(found: Service, now: datetime) -> State:
    """Where a service stands."""
    return state(Facts(found.approved_at, found.offers_until, found.reveal_until,
                       found.failed_at, None, found.decided_at, found.contracted_at), now)


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
    held = draws(session, found.id)
    live = next((one for one in held if one.voided_at is None), None)
    return own | {
        "state": state_of(found, now).value if live is None or found.decided_at
        else State.DRAWING.value, "offers": shown,
        "winner": session.get(Party, found.winner_id).name if found.winner_id else None,
        "draws": [draw_view(session, one) for one in held],
        "ratings": [{"rater_id": one.rater_id, "rated_id": one.rated_id, "stars": one.stars,
                     "text": one.text} for one in session.scalars(select(ServiceRating).where(
                         ServiceRating.service_id == found.id))]}


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
                  "average": average(stars)}
