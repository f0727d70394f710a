"""What is read of the intermediary supermarket."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel.canonical import sha256
from kernel.refusal import NOT_FOUND
from people.model import Party
from tender import halted, objecting
from tender.model import Debarment
from tender.relations import prefix
from tender.timetable import beijing_day

from .. import draw
from ..selection import State
from . import views
from .model import (
    Agency,
    AgencySanction,
    Service,
    ServiceObjection,
    ServiceOffer,
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
    return views.standings(session, [found], now)[found.id]


def objections(session: Session, service_id: str) -> list[ServiceObjection]:
    """The objections to a result, in an order that tells nobody who came when."""
    return list(session.scalars(select(ServiceObjection).where(
        ServiceObjection.service_id == service_id).order_by(ServiceObjection.id)))


def contract_until(session: Session, found: Service) -> datetime | None:
    """When the time for the contract is over; None where there is no result or no such time."""
    return views.contract_until(found, objections(session, found.id),
                                halted.halts(session, [found.id])[found.id])


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


def contributions(session: Session, draw_id: str) -> list[draw.Contribution]:
    """Who contributed to a draw, in the order that counts."""
    return views.contributions_of(session, [draw_id])[draw_id]
