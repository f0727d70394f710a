"""Findings on village works: opened with a day, answered with evidence, closed by two persons."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from audit.act import Act, act
from kernel.canonical import sha256, time_text
from kernel.db import new_id
from kernel.refusal import DENIED, NOT_FOUND
from people.model import Party
from tender.acts import must_be_kept
from tender.profile import number
from tender.reading import profile_in_force
from tender.timetable import beijing_day, days_after, end_of

from .. import reading
from ..lifecycle import FindingState, finding_state, overdue
from ..model import Payment, Work, WorkFinding
from ..refusals import (
    FINDING_ABOUT,
    FINDING_DUE,
    FINDING_MOVED,
    FINDING_SAME_PERSON,
    FINDING_UNANSWERED,
)

LAW = "“三清一促”村级工程清查; 规则 §9"


@act("finding.opened", law=LAW, action="works.watch")
def open_finding(ctx: Act, *, kind: str, text: str, due: date, work_id: str | None = None,
                 payment_id: str | None = None, party_id: str | None = None) -> WorkFinding:
    """Open a finding on a work or on a payment, with the day by which its unit must mend it.

    Of a work the unit that entered it answers; of a payment `party_id`. Raises FINDING_ABOUT,
    FINDING_DUE, FINDING_OPEN.
    """
    if (work_id is None) == (payment_id is None):
        raise FINDING_ABOUT()
    region, party_id = _about(ctx, work_id, payment_id, party_id)
    ctx.permit(region=region)
    today = beijing_day(ctx.now)
    days = number(profile_in_force(ctx.session, "village", region, today), "watch.rectify_days")
    latest = days_after(today, days)
    if not today < due <= latest:
        raise FINDING_DUE(days=days, latest=latest.isoformat())
    found = WorkFinding(
        id=new_id(), work_id=work_id, payment_id=payment_id, party_id=party_id, region=region,
        kind=kind, text=text, opened_at=ctx.now, opened_by=ctx.actor.account_id,
        due_at=end_of(due))
    ctx.session.add(found)
    ctx.session.flush()
    ctx.record(found.id, {"kind": kind, "work": work_id, "payment": payment_id,
                          "unit": party_id, "due": time_text(found.due_at),
                          "text_hash": sha256(text.encode()).hex()})
    return found


def _about(ctx: Act, work_id: str | None, payment_id: str | None,
           party_id: str | None) -> tuple[str, str]:
    """The region and the unit of what a finding is about."""
    if work_id is not None:
        work = ctx.session.get(Work, work_id)
        if work is None:
            raise NOT_FOUND()
        return work.region, work.party_id
    payment = ctx.session.get(Payment, payment_id)
    party = ctx.session.get(Party, party_id) if party_id else None
    if payment is None or party is None:
        raise NOT_FOUND()
    return reading.ledger(ctx.session, payment.ledger_id).region, party.id


@act("finding.answered", law=LAW, action="works.amend")
def answer_finding(ctx: Act, finding_id: str, *, answer: str, evidence_hash: str) -> WorkFinding:
    """Say how it was mended, with the SHA-256 of the evidence, a paper that the unit keeps here.

    Raises FINDING_MOVED, PAPER_MISSING.
    """
    found = _lock(ctx, finding_id)
    ctx.permit(owner=found.party_id)
    _must_be(found, FindingState.OPEN)
    must_be_kept(ctx.session, found.party_id, [evidence_hash])
    found.answer, found.evidence_hash, found.answered_at = answer, evidence_hash, ctx.now
    ctx.record(found.id, {"evidence_hash": evidence_hash, "late": _late(ctx, found),
                          "answer_hash": sha256(answer.encode()).hex()})
    return found


@act("finding.returned", law=LAW, action="works.watch")
def return_finding(ctx: Act, finding_id: str, *, reason: str) -> WorkFinding:
    """Send an answer back to its unit: the evidence shows nothing mended. The day stays."""
    found = _lock(ctx, finding_id)
    ctx.permit(region=found.region)
    if finding_state(reading.finding_facts(found)) not in (
            FindingState.ANSWERED, FindingState.CLOSING):
        raise FINDING_MOVED(state=finding_state(reading.finding_facts(found)).value)
    before = found.evidence_hash
    found.answer = found.evidence_hash = found.answered_at = None
    found.close_proposed_at = found.close_proposed_person = None
    ctx.record(found.id, {"evidence_hash": before, "reason_hash": sha256(reason.encode()).hex()})
    return found


@act("finding.closing_proposed", law=LAW, action="works.watch")
def propose_closing(ctx: Act, finding_id: str, *, evidence_hash: str) -> WorkFinding:
    """Propose to close a finding on the evidence that was read, named by its hash.

    Raises FINDING_UNANSWERED, FINDING_MOVED.
    """
    found = _lock(ctx, finding_id)
    ctx.permit(region=found.region)
    if found.evidence_hash is None:
        raise FINDING_UNANSWERED()
    _must_be(found, FindingState.ANSWERED, evidence_hash)
    if ctx.actor.person_id is None:
        raise DENIED()
    found.close_proposed_at, found.close_proposed_person = ctx.now, ctx.actor.person_id
    ctx.record(found.id, {"evidence_hash": evidence_hash})
    return found


@act("finding.closed", law=LAW, action="works.watch", fresh=True)
def approve_closing(ctx: Act, finding_id: str, *, evidence_hash: str) -> WorkFinding:
    """Close a finding for good (销号): another person than the one who proposed it.

    Raises FINDING_UNANSWERED, FINDING_MOVED, FINDING_SAME_PERSON.
    """
    found = _lock(ctx, finding_id)
    ctx.permit(region=found.region)
    if found.evidence_hash is None:
        raise FINDING_UNANSWERED()
    _must_be(found, FindingState.CLOSING, evidence_hash)
    if ctx.actor.person_id in (None, found.close_proposed_person):
        raise FINDING_SAME_PERSON()
    found.closed_at, found.closed_person = ctx.now, ctx.actor.person_id
    ctx.record(found.id, {"evidence_hash": evidence_hash, "late": _late(ctx, found)})
    return found


@act("finding.fell_overdue", law=LAW, by=("clock",))
def fall_overdue(ctx: Act, finding_id: str) -> WorkFinding:
    """Write down that a finding's day passed without an answer."""
    found = _lock(ctx, finding_id)
    ctx.permit(region=found.region)
    if found.overdue_at is not None or found.answered_at is not None or not _late(ctx, found):
        raise FINDING_MOVED(state=finding_state(reading.finding_facts(found)).value)
    found.overdue_at = ctx.now
    ctx.record(found.id, {"due": time_text(found.due_at), "unit": found.party_id})
    return found


def _lock(ctx: Act, finding_id: str) -> WorkFinding:
    found = ctx.session.scalars(select(WorkFinding).where(WorkFinding.id == finding_id)
                                .with_for_update()
                                .execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NOT_FOUND()
    return found


def _must_be(found: WorkFinding, state: FindingState, evidence_hash: str | None = None) -> None:
    standing = finding_state(reading.finding_facts(found))
    # The evidence may have been exchanged after it was read.
    if standing is not state or (evidence_hash and evidence_hash != found.evidence_hash):
        raise FINDING_MOVED(state=standing.value)


def _late(ctx: Act, found: WorkFinding) -> bool:
    return overdue(reading.finding_facts(found), ctx.now)
