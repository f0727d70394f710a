"""What everybody sees of services and agencies: of a whole page in as many questions as of one."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from people.model import Party
from tender import halted, objecting
from tender.model import CourseHalt
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


def service_views(session: Session, services: Sequence[Service], now: datetime
                  ) -> list[dict[str, object]]:
    """Services as everybody sees them: no offer, and no number of them, before the close."""
    ids = [one.id for one in services]
    offers = _of(session, ServiceOffer.service_id,
                 [one.id for one in services if one.closed_at is not None],
                 ServiceOffer.offered_at, ServiceOffer.id)
    held = _of(session, ServiceDraw.service_id, ids, ServiceDraw.announced_at)
    objections = _of(session, ServiceObjection.service_id, ids, ServiceObjection.id)
    ratings = _of(session, ServiceRating.service_id, ids, ServiceRating.id)
    halts = halted.halts(session, [one.id for one in services if one.decided_at is not None])
    earlier = _of(session, ServiceSuccession.service_id, ids)
    winners = names_of(session, (one.winner_id for one in services if one.winner_id))
    drawn = {one["id"]: one for one in draw_views(
        session, [one for found in held.values() for one in found])}
    return [_view(one, now, offers[one.id], objections[one.id], held[one.id],
                  halts.get(one.id, [])) | {
        "predecessor_id": next((it.predecessor_id for it in earlier[one.id]), None),
        "attempt": next((it.attempt for it in earlier[one.id]), 1),
        "winner": winners.get(one.winner_id),
        "draws": [drawn[it.id] for it in held[one.id]],
        "ratings": [{"rater_id": it.rater_id, "rated_id": it.rated_id, "stars": it.stars,
                     "text": it.text} for it in ratings[one.id]]} for one in services]


def _view(one: Service, now: datetime, offers: list[ServiceOffer],
          objections: list[ServiceObjection], held: list[ServiceDraw],
          halts: list[CourseHalt]) -> dict[str, object]:
    drawing = any(it.voided_at is None for it in held) and not one.decided_at
    return {column.name: getattr(one, column.name) for column in one.__table__.columns} | {
        "state": (State.DRAWING if drawing else standing(one, objections, now)).value,
        "offers": [_offer(it) for it in offers],
        "contract_until": contract_until(one, objections, halts),
        "objections": [objection_view(it, inside=False) for it in objections if it.answered_at]}


def _offer(one: ServiceOffer) -> dict[str, object]:
    if not one.revealed_at:
        return {"commitment": one.commitment}
    return {"party_id": one.party_id, "price_fen": one.price_fen, "salt": one.salt,
            "proposal_hash": one.proposal_hash, "commitment": one.commitment,
            "passed": None if one.passed is None else bool(one.passed),
            "failed_because": one.failed_because}


def standing(found: Service, objections: Iterable[ServiceObjection], now: datetime) -> State:
    """Where a service stands, to whose result there are these objections."""
    waits = found.decided_at is not None and found.contracted_at is None \
        and any(one.answered_at is None for one in objections)
    return state(Facts(found.approved_at, found.offers_until, found.reveal_until,
                       found.failed_at, found.decided_at, found.contracted_at,
                       found.objections_until, waits, found.finished_at), now)


def standings(session: Session, services: Sequence[Service], now: datetime) -> dict[str, State]:
    """Where each of some services stands, by their ids."""
    objections = _of(session, ServiceObjection.service_id, [
        one.id for one in services if one.decided_at is not None], ServiceObjection.id)
    return {one.id: standing(one, objections[one.id], now) for one in services}


def contract_until(found: Service, objections: Iterable[ServiceObjection],
                   halts: Iterable[CourseHalt] = ()) -> datetime | None:
    """When the time for the contract is over, counted from the end of a halt at the earliest; None
    where there is no result or no such time."""
    if found.decided_at is None or found.profile is None:
        return None
    return selection.contract_until(
        found.profile, found.decided_at, found.objections_until,
        [one.answered_at for one in objections if one.answered_at] + halted.ended(halts))


def objection_view(one: ServiceObjection, *, inside: bool) -> dict[str, object]:
    """An objection to a result (objecting.view)."""
    return {"service_id": one.service_id} | objecting.view(one, inside=inside)


def draw_views(session: Session, draws: Sequence[ServiceDraw]) -> list[dict[str, object]]:
    """Draws: their announcements, and once held the document and what its tickets stand for."""
    given = contributions_of(session, [one.id for one in draws])
    return [{"id": one.id, "announcement": json.loads(one.announcement),
             "commit_by": one.commit_by, "reveal_by": one.reveal_by,
             "void": one.voided_at is not None,
             "platform_revealed": any(part.contributor == draw.PLATFORM and part.nonce is not None
                                      for part in given[one.id]),
             "document": json.loads(one.document) if one.document else None,
             "tickets": one.tickets if one.document else None,
             "salt": one.salt if one.document else None} for one in draws]


def contributions_of(session: Session, draw_ids: Sequence[str]
                     ) -> dict[str, list[draw.Contribution]]:
    """Who contributed to each of some draws, in the order that counts."""
    given = _of(session, ServiceNonce.draw_id, draw_ids)
    return {own: draw.contributions_of(given[own]) for own in draw_ids}


def agency_views(session: Session, agencies: Sequence[Agency]) -> list[dict[str, object]]:
    """Entries of the directory with their names and their published averages."""
    units = [one.party_id for one in agencies]
    parties = {one.id: one for one in session.scalars(
        select(Party).where(Party.id.in_(units)))} if units else {}
    ratings = _of(session, ServiceRating.rated_id, units)
    kept_out = _of(session, AgencySanction.agency_id, [one.id for one in agencies],
                   AgencySanction.approved_at)
    return [{column.name: getattr(one, column.name) for column in one.__table__.columns} | {
        "name": parties[one.party_id].name, "uscc": parties[one.party_id].uscc,
        "ratings": len(ratings[one.party_id]),
        "average": average([it.stars for it in ratings[one.party_id]]),
        "sanctions": [
            {"kind": row.kind, "document_no": row.document_no, "reason": row.reason,
             "from": beijing_day(row.approved_at).isoformat(), "until": row.until_day}
            for row in kept_out[one.id] if row.approved_at is not None]} for one in agencies]


def names_of(session: Session, parties: Iterable[str]) -> dict[str, str]:
    """The names of some parties by their ids."""
    wanted = set(parties)
    return dict(session.execute(select(Party.id, Party.name).where(
        Party.id.in_(wanted))).all()) if wanted else {}


def _of(session: Session, owner: InstrumentedAttribute, owners: Sequence[str],
        *order: InstrumentedAttribute) -> defaultdict[str, list]:
    """The rows that belong to each of `owners`, in `order`; nothing is asked for none of them."""
    found: defaultdict[str, list] = defaultdict(list)
    if owners:
        for row in session.scalars(select(owner.class_).where(owner.in_(owners)).order_by(*order)):
            found[getattr(row, owner.key)].append(row)
    return found
