"""A framework's terms: stated by one person, published by another, ended by its day or before it."""

from __future__ import annotations

from sqlalchemy import func, select

from audit.act import Act, act, wiring
from kernel.canonical import jcs, sha256, time_text
from kernel.db import new_id
from kernel.refusal import DENIED, NOT_FOUND
from people.model import Party
from tender import codes
from tender.acts.signing import signed
from tender.notices import Section
from tender.reading import profile_in_force
from tender.refusals import INCOMPLETE, NOTICE_CHANGED, SAME_PERSON
from tender.timetable import beijing_day

from . import reading, rules
from .model import Framework, FrameworkNotice
from .refusals import FRAMEWORK_CLOSED, FRAMEWORK_STATE

LAW = rules.LAW


@act("framework.stated", law=LAW, action="framework.state", disclose="never")
def state_framework(ctx: Act, **stated) -> Framework:
    """State the terms of a framework in one's own unit, as the first of two persons; a draft.

    Raises FRAMEWORK_CLOSED.
    """
    ctx.permit()
    if ctx.actor.person_id is None:
        raise DENIED()
    if stated["kind"] == "closed":
        raise FRAMEWORK_CLOSED()
    buyer = ctx.session.get_one(Party, ctx.actor.party_id)
    settings, own = wiring().settings, new_id()
    made = Framework(
        id=own, ocid=codes.ocid(own, settings.get("ocid_prefix", codes.OCID_PREFIX)),
        code=codes.deal_code(stated["category"], settings.get("operator_uscc", buyer.uscc),
                             beijing_day(ctx.now)),
        buyer_id=buyer.id, region=buyer.region[:6], drafted_at=ctx.now,
        drafted_person=ctx.actor.person_id,
        valid_until=rules.valid_until(stated["until_day"]), **stated)
    ctx.session.add(made)
    ctx.session.flush()
    ctx.record(made.id, {"content_hash": sha256(rules.content(made, buyer.uscc)).hex()},
               tender_id=made.id)
    return made


def lock_framework(ctx: Act, framework_id: str) -> Framework:
    """Lock the framework: the lock of everything in it; NOT_FOUND."""
    found = ctx.session.scalars(select(Framework).where(Framework.id == framework_id)
                                .with_for_update().execution_options(populate_existing=True)
                                ).one_or_none()
    if found is None:
        raise NOT_FOUND()
    return found


def must_be(ctx: Act, found: Framework, *states: str) -> None:
    """Refuse unless the framework stands in one of these states; a draft is nobody's to know."""
    standing = reading.state_of(found, ctx.now)
    if standing in ("drafted", "given-up") and standing not in states:
        raise NOT_FOUND()
    if standing not in states:
        raise FRAMEWORK_STATE(state=standing)


@act("framework.given_up", law=LAW, action="framework.manage", disclose="never")
def give_up_framework(ctx: Act, framework_id: str) -> Framework:
    """Give a draft up before it is published."""
    found = lock_framework(ctx, framework_id)
    ctx.permit(owner=found.buyer_id)
    if reading.state_of(found, ctx.now) != "drafted":
        raise FRAMEWORK_STATE(state=reading.state_of(found, ctx.now))
    found.given_up_at = ctx.now
    ctx.record(found.id, tender_id=found.id)
    return found


@act("framework.published", law=LAW, action="framework.manage", fresh=True)
def publish_framework(ctx: Act, framework_id: str, *, content_hash: str) -> Framework:
    """Publish the terms: another person than who stated them, naming what it read.

    Raises SAME_PERSON, NOTICE_CHANGED, INCOMPLETE with all findings, FRAMEWORK_STATE.
    """
    found = lock_framework(ctx, framework_id)
    ctx.permit(owner=found.buyer_id)
    if reading.state_of(found, ctx.now) != "drafted":
        raise FRAMEWORK_STATE(state=reading.state_of(found, ctx.now))
    if ctx.actor.person_id in (None, found.drafted_person):
        raise SAME_PERSON()
    if content_hash != reading.content_hash(ctx.session, found):
        raise NOTICE_CHANGED()
    profile = profile_in_force(ctx.session, rules.REGIME, found.region, beijing_day(ctx.now))
    wrong = rules.findings(found, profile, beijing_day(ctx.now))
    if wrong:
        raise INCOMPLETE(count=len(wrong), findings=wrong)
    found.profile, found.content_hash = dict(profile), content_hash
    found.published_at, found.approved_person = ctx.now, ctx.actor.person_id
    ctx.session.flush()
    told = publish(ctx, found, "framework", found.id, rules.terms_sections(found, profile))
    ctx.record(found.id, {"content_hash": content_hash, "notice_hash": told.content_hash,
                          "profile": profile["id"], "valid_until": time_text(found.valid_until),
                          "profile_hash": sha256(jcs(found.profile)).hex()}, tender_id=found.id)
    return found


def publish(ctx: Act, found: Framework, kind: str, subject_id: str,
            sections: list[Section]) -> FrameworkNotice:
    """Publish one signed notice of a framework that is locked; the calling act records its hash."""
    buyer = ctx.session.get_one(Party, found.buyer_id)
    number = 1 + ctx.session.scalar(select(func.count()).select_from(FrameworkNotice).where(
        FrameworkNotice.framework_id == found.id))
    made = FrameworkNotice(
        id=new_id(), framework_id=found.id, subject_id=subject_id, number=number,
        **signed(ctx, kind, rules.heading(found, {"name": buyer.name, "uscc": buyer.uscc}, number,
                                          time_text(ctx.now)), sections))
    ctx.session.add(made)
    ctx.session.flush()
    return made


@act("framework.stopped", law=LAW, action="framework.manage", fresh=True)
def stop_framework(ctx: Act, framework_id: str, *, reason: str) -> Framework:
    """End a framework before its day, with the reason that is published; what was given stands.

    Raises FRAMEWORK_STATE.
    """
    found = lock_framework(ctx, framework_id)
    ctx.permit(owner=found.buyer_id)
    must_be(ctx, found, "running")
    found.ended_at, found.end_reason = ctx.now, reason
    ctx.record(found.id, {"reason_hash": sha256(reason.encode()).hex()}, tender_id=found.id)
    return found


@act("framework.ended", law=LAW, by=("clock",))
def end_framework(ctx: Act, framework_id: str) -> Framework:
    """Write down that a framework's last day is over; nobody is admitted or called any more."""
    found = lock_framework(ctx, framework_id)
    ctx.permit()
    if not found.published_at or found.ended_at or ctx.now < found.valid_until:
        raise FRAMEWORK_STATE(state=reading.state_of(found, ctx.now))
    found.ended_at = ctx.now
    ctx.record(found.id, {"valid_until": time_text(found.valid_until)}, tender_id=found.id)
    return found
