"""Direct awards: stated with the minutes, published by another person, contracted."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from audit.act import Act, act, wiring
from kernel.canonical import jcs, sha256, time_text
from kernel.db import new_id
from kernel.refusal import DENIED, NOT_FOUND
from people.model import Party
from people.refusals import STALE

from .. import codes, direct, halted, regime, timetable
from ..companies import barred_doubts
from ..findings import Finding
from ..method_refusals import DIRECT_CONTRACT, DIRECT_LATE, DIRECT_STATE, DIRECT_WAITS
from ..model import DirectAward, DirectNotice, DirectObjection
from ..notices import Section
from ..parts import published_parts, sources
from ..profile import Profile, has, number
from ..reading import profile_in_force
from ..refusals import INCOMPLETE, NOTICE_CHANGED, SAME_PERSON
from ..regime import Part
from ..scanned import File, infected
from ..standing import debarments
from ..timetable import beijing_day
from .course import lock_unit
from .course_halting import must_run
from .own_signing import signed_facts, subject_of
from .signing import signed


@act("direct_award.stated", law=direct.LAW, action="direct.state", disclose="never")
def state_direct_award(ctx: Act, **stated) -> DirectAward:
    """State an award of one's own unit that nobody is to bid for, as the first of two persons."""
    ctx.permit()
    if ctx.actor.person_id is None:
        raise DENIED()
    buyer = ctx.session.get_one(Party, ctx.actor.party_id)
    settings, own = wiring().settings, new_id()
    row = DirectAward(
        id=own, ocid=codes.ocid(own, settings.get("ocid_prefix", codes.OCID_PREFIX)),
        code=_code(ctx, stated["category"], buyer),
        buyer_id=buyer.id, region=buyer.region[:6], drafted_at=ctx.now,
        drafted_by=ctx.actor.account_id, drafted_person=ctx.actor.person_id, **stated)
    ctx.session.add(row)
    ctx.session.flush()
    ctx.record(row.id, {"content_hash": sha256(direct.content(row, buyer.uscc)).hex()})
    return row


def _code(ctx: Act, category: str, buyer: Party) -> str:
    """A code of today for an award of this category."""
    return codes.deal_code(category, wiring().settings.get("operator_uscc", buyer.uscc),
                           beijing_day(ctx.now))


@act("direct_award.restated", law=direct.LAW, action="direct.manage", disclose="never")
def restate_award(ctx: Act, award_id: str, *, if_match: int, **stated) -> DirectAward:
    """Change what a draft says, the minutes apart; who stated it does, for the other person stands
    for what the first one wrote. A signature under what it said before counts no more.

    Raises STALE where it was read at another version, DENIED, DIRECT_STATE.
    """
    row = lock_award(ctx, award_id, draft=True)
    if ctx.actor.person_id != row.drafted_person:
        raise DENIED()
    buyer = ctx.session.get_one(Party, row.buyer_id)
    if direct.version(row, buyer.uscc) != if_match:
        raise STALE(version=direct.version(row, buyer.uscc))
    if stated["category"] != row.category:
        row.code = _code(ctx, stated["category"], buyer)
    for name, value in stated.items():
        setattr(row, name, value)
    ctx.session.flush()
    ctx.record(row.id, {"content_hash": sha256(direct.content(row, buyer.uscc)).hex()})
    return row


def lock_award(ctx: Act, award_id: str, *, draft: bool, own: bool = True) -> DirectAward:
    """Lock a direct award and (`own`) ask authority about its unit. NOT_FOUND, also where others
    ask for a draft, and DIRECT_STATE."""
    row = ctx.session.scalars(select(DirectAward).where(DirectAward.id == award_id)
                              .with_for_update().execution_options(populate_existing=True)
                              ).one_or_none()
    if row is None:
        raise NOT_FOUND()
    if own:
        ctx.permit(owner=row.buyer_id)
    elif row.published_at is None:
        raise NOT_FOUND()
    if row.given_up_at is not None or draft != (row.published_at is None):
        raise DIRECT_STATE()
    return row


@act("direct_award.minutes_added", law=direct.LAW, action="direct.manage", disclose="never")
def add_minutes(ctx: Act, award_id: str, *, name: str, media_type: str, size: int,
                digest: str) -> DirectAward:
    """Attach the minutes of the collective decision, already stored and checked, to a draft.

    Who stated the award does, so that whoever approves it put nothing under it alone.
    """
    row = lock_award(ctx, award_id, draft=True)
    if ctx.actor.person_id != row.drafted_person:
        raise DENIED()
    row.minutes_name, row.minutes_type = name, media_type
    row.minutes_size, row.minutes_hash = size, digest
    ctx.session.flush()
    ctx.record(row.id, {"document_hash": digest, "size": size})
    return row


@act("direct_award.given_up", law=direct.LAW, action="direct.manage", disclose="never")
def give_up_award(ctx: Act, award_id: str) -> DirectAward:
    """Give a draft up before it is published."""
    row = lock_award(ctx, award_id, draft=True)
    row.given_up_at = ctx.now
    ctx.session.flush()
    ctx.record(row.id)
    return row


@act("direct_award.approved", law=direct.LAW, action="direct.manage", fresh=True)
def approve_award(ctx: Act, award_id: str, *, content_hash: str,
                  signature: dict[str, object] | None = None) -> DirectAward:
    """Approve and so publish a direct award: another person than who stated it, naming what it read.

    Raises SAME_PERSON, NOTICE_CHANGED, INCOMPLETE with all findings, DIRECT_STATE.
    """
    row = lock_award(ctx, award_id, draft=True)
    if ctx.actor.person_id in (None, row.drafted_person):
        raise SAME_PERSON()
    buyer = lock_unit(ctx, row.buyer_id)
    digest = sha256(direct.content(row, buyer.uscc)).hex()
    if digest != content_hash:
        raise NOTICE_CHANGED()
    found, profile = award_findings(ctx.session, row, buyer.uscc, beijing_day(ctx.now))
    if found:
        raise INCOMPLETE(count=len(found), findings=found)
    own = signed_facts(ctx, subject_of(row, digest), [profile], signature)
    row.profile, row.content_hash, row.published_at = dict(profile), digest, ctx.now
    row.approved_by, row.approved_person = ctx.actor.account_id, ctx.actor.person_id
    row.objections_until = direct.objections_until(profile, ctx.now)
    ctx.session.flush()
    notice = _publish(ctx, row, buyer, "direct_award",
                      direct.result_sections(row, profile["id"]))
    ctx.record(row.id, {"content_hash": digest, "notice_hash": notice.content_hash,
                        "uscc": row.contractor_uscc, "price_fen": row.price_fen,
                        "objections_until": time_text(row.objections_until),
                        "profile": profile["id"],
                        "profile_hash": sha256(jcs(row.profile)).hex(), **own},
               tender_id=row.id)
    return row


def award_findings(session: Session, row: DirectAward, buyer_uscc: str,
                   day: date) -> tuple[list[Finding], Profile]:
    """What keeps a draft from being approved on a Beijing day, and the numbers it is held to."""
    profile = profile_in_force(session, row.regime, row.region, day)
    barred = bool(barred_doubts(row.contractor_uscc, row.region,
                                debarments(session, [row.contractor_uscc]), day))
    minutes = [File(row.minutes_hash, row.minutes_name)] if row.minutes_hash else []
    return [*direct.findings(row, profile, day, own=buyer_uscc, barred=barred,
                             kin=_kin(session, row, profile, day)),
            *infected(session, minutes)], profile


def _kin(session: Session, row: DirectAward, profile: Profile, day: date) -> list[Part]:
    if not has(profile, "split.months"):
        return []
    since = regime.months_before(day, number(profile, "split.months"))
    return published_parts(session, row.buyer_id, since)


_awarded = DirectAward.__table__.c
AWARDED = select(
    _awarded.id, _awarded.title, _awarded.approval_no, _awarded.category, _awarded.estimate_fen,
    _awarded.published_at).where(
        _awarded.buyer_id == bindparam("buyer"), _awarded.failed_at.is_(None),
        _awarded.published_at >= bindparam("since"))
"""A buyer's direct awards that stand, as the splitting check counts them."""


def _answers(ctx: Act, row: DirectAward) -> list[datetime]:
    """When each objection was answered and each halt ended; DIRECT_WAITS where one is not answered,
    HALTED where it is halted."""
    must_run(ctx, row.id)
    found = list(ctx.session.scalars(select(DirectObjection.answered_at).where(
        DirectObjection.award_id == row.id)))
    if None in found:
        raise DIRECT_WAITS()
    return found + halted.ended(halted.halts(ctx.session, [row.id])[row.id])


@act("direct_award.contracted", law="招标投标法 46; 规则 T13", action="direct.manage")
def contract_award(ctx: Act, award_id: str, *, amount_fen: int, signed_at: datetime,
                   document_hash: str, late_reason: str | None = None) -> DirectAward:
    """Register the signed contract of a direct award: at its price, once nobody objects any more,
    in time or with a reason (T13).

    Raises DIRECT_CONTRACT, DIRECT_LATE, DIRECT_STATE, DIRECT_WAITS, HALTED.
    """
    row = lock_award(ctx, award_id, draft=False)
    if row.contracted_at is not None or row.failed_at is not None:
        raise DIRECT_STATE()
    since = direct.signable_from(row, _answers(ctx, row))
    if amount_fen != row.price_fen or not since <= signed_at <= ctx.now:
        raise DIRECT_CONTRACT(price_fen=row.price_fen, since=time_text(since))
    due = direct.contract_late(row.profile, since, beijing_day(signed_at))
    if due is not None and not (late_reason or "").strip():
        raise DIRECT_LATE(until=due.isoformat())
    row.amount_fen, row.signed_at, row.document_hash = amount_fen, signed_at, document_hash
    row.late_reason, row.contracted_at = late_reason if due else None, ctx.now
    ctx.session.flush()
    buyer = ctx.session.get_one(Party, row.buyer_id)
    notice = _publish(ctx, row, buyer, "contract", direct.contract_sections(
        row, timetable.kept_until(row.profile, ctx.now)))
    ctx.record(row.id, {"amount_fen": amount_fen, "signed_at": time_text(signed_at),
                        "document_hash": document_hash, "late_reason": row.late_reason,
                        "notice_hash": notice.content_hash}, tender_id=row.id)
    return row


def _publish(ctx: Act, row: DirectAward, buyer: Party, kind: str,
             sections: list[Section]) -> DirectNotice:
    heading = direct.heading(row, {"name": buyer.name, "uscc": buyer.uscc}, 1, time_text(ctx.now))
    made = DirectNotice(id=new_id(), award_id=row.id, **signed(ctx, kind, heading, sections))
    ctx.session.add(made)
    ctx.session.flush()
    return made


sources.append(AWARDED)
