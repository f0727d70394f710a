"""A buyer's request for a service: submitted by one person, published by another."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from audit.act import Act, act, wiring
from kernel.canonical import jcs, sha256, time_text
from kernel.db import new_id
from kernel.refusal import DENIED, NOT_FOUND
from people.model import Party
from tender import codes
from tender.profile import Profile, blocks, number
from tender.reading import profile_in_force
from tender.regime import REASON_LEAST
from tender.timetable import beijing_day, earliest_deadline

from . import reading
from .model import Service
from .refusals import (
    SERVICE_CHANGED,
    SERVICE_EARLY,
    SERVICE_GATE,
    SERVICE_LARGE,
    SERVICE_SAME_PERSON,
    SERVICE_STATE,
)

LAW = "规则 §0：中介超市; 公平竞争审查规则 8"
STATED = ("kind", "title", "requirement", "budget_fen", "method", "screen", "policy_document",
          "reason")


@act("service.requested", law=LAW, action="service.request")
def request_service(ctx: Act, *, offers_until: datetime, **stated) -> Service:
    """Ask for a service, in one's own unit. Raises SERVICE_LARGE, SERVICE_EARLY, SERVICE_GATE."""
    ctx.permit()
    buyer = ctx.session.get_one(Party, ctx.actor.party_id)
    if ctx.actor.person_id is None:
        raise DENIED()
    operator = wiring().settings.get("operator_uscc", buyer.uscc)
    made = Service(
        id=new_id(), code=codes.deal_code("services", operator, beijing_day(ctx.now)),
        buyer_id=buyer.id, region=buyer.region[:6], offers_until=offers_until,
        requested_at=ctx.now, requested_person=ctx.actor.person_id, content_hash="", **stated)
    made.content_hash = _digest(made)
    _check(made, _profile(ctx, made), ctx.now)
    ctx.session.add(made)
    ctx.session.flush()
    ctx.record(made.id, {"content_hash": made.content_hash, "code": made.code})
    return made


@act("service.approved", law=LAW, action="service.manage", fresh=True)
def approve_service(ctx: Act, service_id: str, *, content_hash: str) -> Service:
    """Publish a request: another person of the unit than who submitted it; the profile is frozen.

    Raises SERVICE_SAME_PERSON, SERVICE_CHANGED, SERVICE_STATE and what the request does.
    """
    found = lock_service(ctx, service_id)
    ctx.permit(owner=found.buyer_id)
    if found.approved_at is not None:
        raise SERVICE_STATE(state=reading.state_of(found, ctx.now).value)
    if ctx.actor.person_id in (None, found.requested_person):
        raise SERVICE_SAME_PERSON()
    if content_hash != found.content_hash or _digest(found) != content_hash:
        raise SERVICE_CHANGED()
    profile = _profile(ctx, found)
    _check(found, profile, ctx.now)
    found.profile = dict(profile)
    found.reveal_until = found.offers_until + timedelta(
        hours=number(profile, "service.reveal_hours"))
    found.approved_at, found.approved_person = ctx.now, ctx.actor.person_id
    ctx.record(found.id, {
        "content_hash": content_hash, "code": found.code, "method": found.method,
        "profile": profile["id"], "profile_hash": sha256(jcs(found.profile)).hex(),
        "offers_until": time_text(found.offers_until),
        "reveal_until": time_text(found.reveal_until)})
    return found


def lock_service(ctx: Act, service_id: str) -> Service:
    """Lock the service; NOT_FOUND."""
    found = ctx.session.scalars(select(Service).where(Service.id == service_id).with_for_update()
                                .execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NOT_FOUND()
    return found


def _profile(ctx: Act, made: Service) -> Profile:
    return profile_in_force(ctx.session, "intermediary", made.region, beijing_day(ctx.now))


def _digest(made: Service) -> str:
    return sha256(jcs({name: getattr(made, name) for name in STATED} | {
        "service": made.id, "buyer": made.buyer_id, "code": made.code,
        "offers_until": time_text(made.offers_until)})).hex()


def _check(made: Service, profile: Profile, now: datetime) -> None:
    limit = number(profile, "limit.services_fen")
    if made.budget_fen >= limit:
        raise SERVICE_LARGE(budget_fen=made.budget_fen, limit_fen=limit)
    if made.method == "draw" and not (made.screen.strip() and made.policy_document.strip()):
        raise SERVICE_GATE()
    earliest = earliest_deadline(profile, now, comprehensive=False)
    excused = not blocks(profile, "T2.other") and len(made.reason.strip()) >= REASON_LEAST
    if made.offers_until <= now or (made.offers_until < earliest and not excused):
        raise SERVICE_EARLY(earliest=time_text(earliest))
