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

from . import reading, splitting
from .model import Service, ServiceSuccession
from .refusals import (
    SERVICE_CHANGED,
    SERVICE_EARLY,
    SERVICE_GATE,
    SERVICE_LARGE,
    SERVICE_NOT_FAILED,
    SERVICE_SAME_PERSON,
    SERVICE_SPLIT,
    SERVICE_STATE,
)

LAW = "规则 §0：中介超市; 公平竞争审查规则 8"
STATED = ("kind", "title", "requirement", "budget_fen", "method", "screen", "policy_document",
          "reason")


@act("service.requested", law=LAW, action="service.request")
def request_service(ctx: Act, *, offers_until: datetime, predecessor_id: str | None = None,
                    **stated) -> Service:
    """Ask for a service, in one's own unit; `predecessor_id`: again, after a request that failed.

    Raises SERVICE_LARGE, SERVICE_EARLY, SERVICE_GATE, SERVICE_SPLIT, SERVICE_NOT_FAILED,
    SERVICE_SUCCEEDED.
    """
    ctx.permit()
    buyer = ctx.session.get_one(Party, ctx.actor.party_id)
    if ctx.actor.person_id is None:
        raise DENIED()
    operator = wiring().settings.get("operator_uscc", buyer.uscc)
    made = Service(
        id=new_id(), code=codes.deal_code("services", operator, beijing_day(ctx.now)),
        buyer_id=buyer.id, region=buyer.region[:6], offers_until=offers_until,
        requested_at=ctx.now, requested_person=ctx.actor.person_id, content_hash="", **stated)
    made.content_hash = stated_hash(made, predecessor_id)
    earlier = _before(ctx, made, predecessor_id)
    _check(ctx, made, _profile(ctx, made))
    ctx.session.add(made)
    ctx.session.flush()
    if predecessor_id is not None:
        ctx.session.add(ServiceSuccession(service_id=made.id, predecessor_id=predecessor_id,
                                          attempt=(earlier.attempt if earlier else 1) + 1))
        ctx.session.flush()
    ctx.record(made.id, {"content_hash": made.content_hash, "code": made.code,
                         "predecessor": predecessor_id}, tender_id=made.id)
    return made


def _before(ctx: Act, made: Service, predecessor_id: str | None) -> ServiceSuccession | None:
    if predecessor_id is None:
        return None
    before = ctx.session.get(Service, predecessor_id)
    if before is None or before.failed_at is None \
            or (before.buyer_id, before.kind) != (made.buyer_id, made.kind):
        raise SERVICE_NOT_FAILED()
    return reading.succession_of(ctx.session, predecessor_id)


@act("service.approved", law=LAW, action="service.manage", fresh=True)
def approve_service(ctx: Act, service_id: str, *, content_hash: str) -> Service:
    """Publish a request: another person of the unit than who submitted it; the profile is frozen.

    Raises SERVICE_SAME_PERSON, SERVICE_CHANGED, SERVICE_STATE and what the request does.
    """
    found = lock_service(ctx, service_id)
    ctx.permit(owner=found.buyer_id)
    if found.approved_at is not None:
        raise SERVICE_STATE(state=reading.state_of(ctx.session, found, ctx.now).value)
    if ctx.actor.person_id in (None, found.requested_person):
        raise SERVICE_SAME_PERSON()
    earlier = reading.succession_of(ctx.session, found.id)
    if content_hash != found.content_hash \
            or stated_hash(found, earlier and earlier.predecessor_id) != content_hash:
        raise SERVICE_CHANGED()
    profile = _profile(ctx, found)
    _check(ctx, found, profile)
    found.profile = dict(profile)
    found.reveal_until = found.offers_until + timedelta(
        hours=number(profile, "service.reveal_hours"))
    found.approved_at, found.approved_person = ctx.now, ctx.actor.person_id
    ctx.record(found.id, {
        "content_hash": content_hash, "code": found.code, "method": found.method,
        "profile": profile["id"], "profile_hash": sha256(jcs(found.profile)).hex(),
        "offers_until": time_text(found.offers_until),
        "reveal_until": time_text(found.reveal_until)}, tender_id=found.id)
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


def stated_hash(made, predecessor_id: str | None = None) -> str:
    """SHA-256 over what a request says, in canonical JSON; `made`: with a service's columns."""
    again = {"predecessor": predecessor_id} if predecessor_id else {}
    return sha256(jcs({name: getattr(made, name) for name in STATED} | {
        "service": made.id, "buyer": made.buyer_id, "code": made.code,
        "offers_until": time_text(made.offers_until)} | again)).hex()


def _check(ctx: Act, made: Service, profile: Profile) -> None:
    now = ctx.now
    limit = number(profile, "limit.services_fen")
    if made.budget_fen >= limit:
        raise SERVICE_LARGE(budget_fen=made.budget_fen, limit_fen=limit)
    if made.method == "draw" and not (made.screen.strip() and made.policy_document.strip()):
        raise SERVICE_GATE()
    written = len(made.reason.strip()) >= REASON_LEAST
    for _, total, most, _ in splitting.alerts(ctx.session, made, profile, beijing_day(now)):
        if blocks(profile, "split.months") or not written:
            raise SERVICE_SPLIT(total_fen=total, limit_fen=most)
    earliest = earliest_deadline(profile, now, comprehensive=False)
    excused = not blocks(profile, "T2.other") and written
    if made.offers_until <= now or (made.offers_until < earliest and not excused):
        raise SERVICE_EARLY(earliest=time_text(earliest))
