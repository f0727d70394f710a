"""What the supervisor does with a case until it decides, and the buyer's statement (实施条例 61, 62)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from audit.act import Act, act, wiring
from evaluation.services.complained import suspend_service
from kernel.canonical import time_text
from kernel.refusal import DENIED, NOT_FOUND, Refused
from tender.acts import must_be_kept, suspend_award, suspend_lot
from tender.model import CourseHalt, LotSuspension
from tender.reading import lot_facts, phase_of

from . import matters, reading, rules, states
from .matters import Matter
from .model import AnyComplaint, Step
from .refusals import (
    CORRECTION_RUNS,
    MOVED,
    NOT_ASKED,
    NOT_SUSPENDABLE,
    UNIT_UNKNOWN,
    UNOPENED,
)
from .rules import CORRECTION, STATEMENT
from .taking import for_the_body, lock_case, must_stand, nameless, take

HANDLE = "complaint.handle"
QUIET = {"lot": True, "disclose": "never", "veiled": True}
"""Until it is decided nothing of a case is anybody's but its parties'."""


@act("complaint.correction_asked", law="政府采购质疑和投诉办法 21; 工程建设项目招标投标活动投诉处理办法 12",
     action=HANDLE, **QUIET)
def ask_correction(ctx: Act, lot_id: str | None, complaint_id: str, *, text: str) -> Step:
    """Have the complainant correct the letter within a time; the clock of acceptance stands still."""
    matter, row, steps = for_the_body(ctx, lot_id, complaint_id, "correction_asked")
    return take(ctx, matter, row, steps, "correction_asked", text=text,
                due=rules.asked_until(matter.profile, CORRECTION, ctx.now))


@act("complaint.accepted", law="实施条例 61, 62", action=HANDLE, fresh=True, **QUIET)
def accept_complaint(ctx: Act, lot_id: str | None, complaint_id: str, *, document_no: str,
                     suspend: bool = False, reason: str = "") -> Step:
    """Accept a complaint; where it is necessary suspend the lot with it, by the same document.

    Raises MOVED, NOT_SUSPENDABLE, ALREADY_SUSPENDED, SUSPENSION_SPENT.
    """
    matter, row, steps = for_the_body(ctx, lot_id, complaint_id, "accepted", halting=True)
    nameless(ctx, row.party_id, reason, document_no)
    halt = _suspend(ctx, matter, document_no, reason) if suspend else None
    return take(ctx, matter, row, steps, "accepted", document_no=document_no, text=reason,
                suspension_id=halt and halt.id)


@act("complaint.suspension_ordered", law="实施条例 62; 政府采购质疑和投诉办法 28", action=HANDLE,
     fresh=True, **QUIET)
def order_suspension(ctx: Act, lot_id: str | None, complaint_id: str, *, document_no: str,
                     reason: str) -> Step:
    """Suspend the lot for a case that is looked into: no award, no contract until it is lifted.

    Raises MOVED, NOT_SUSPENDABLE, ALREADY_SUSPENDED, SUSPENSION_SPENT.
    """
    matter, row, steps = for_the_body(ctx, lot_id, complaint_id, "suspended", halting=True)
    nameless(ctx, row.party_id, reason, document_no)
    halt = _suspend(ctx, matter, document_no, reason)
    return take(ctx, matter, row, steps, "suspended", document_no=document_no, text=reason,
                suspension_id=halt.id)


def _suspend(ctx: Act, matter: Matter, document_no: str,
             reason: str) -> LotSuspension | CourseHalt:
    """The existing act, in this one's transaction; what it needs to be allowed is asked first."""
    said = {"document_no": document_no, "reason": reason or "处理投诉需要"}
    if matter.lot_id is None:
        halts = suspend_award if matter.kind == matters.AWARD else suspend_service
        return halts(ctx, matter.id, **said)
    try:
        wiring().authority(ctx.session, ctx.actor, "tender.suspend", ctx.now, lot_id=matter.id)
    except Refused as refused:
        if refused.word is DENIED:
            raise
        raise NOT_SUSPENDABLE(phase=phase_of(ctx.session, matter.id, ctx.now).name) from refused
    return suspend_lot(ctx, matter.id, **said)


@act("complaint.not_accepted", law="实施条例 61; 工程建设项目招标投标活动投诉处理办法 12", action=HANDLE,
     fresh=True, **QUIET)
def refuse_complaint(ctx: Act, lot_id: str | None, complaint_id: str, *, basis: str, text: str,
                     document_no: str) -> Step:
    """Do not accept a complaint, on one of the law's grounds (rules.GROUNDS) and with the reason.

    Raises MOVED, CORRECTION_RUNS.
    """
    matter, row, steps = for_the_body(ctx, lot_id, complaint_id, "not_accepted")
    asked = reading.last(steps, "correction_asked", "corrected")
    if asked and asked.kind == "correction_asked" and ctx.now < asked.due:
        raise CORRECTION_RUNS(until=time_text(asked.due))
    return take(ctx, matter, row, steps, "not_accepted", basis=basis, text=text,
                document_no=document_no)


@act("complaint.statement_asked", law="实施条例 62; 政府采购质疑和投诉办法 22", action=HANDLE, **QUIET)
def ask_statement(ctx: Act, lot_id: str | None, complaint_id: str, *, text: str) -> Step:
    """Ask the buyer for its statement, within a time."""
    matter, row, steps = for_the_body(ctx, lot_id, complaint_id, "statement_asked")
    nameless(ctx, row.party_id, text)
    return take(ctx, matter, row, steps, "statement_asked", text=text,
                due=rules.asked_until(matter.profile, STATEMENT, ctx.now))


@act("complaint.statement_given", law="实施条例 62; 政府采购质疑和投诉办法 22", action="complaint.answer",
     **QUIET)
def give_statement(ctx: Act, lot_id: str | None, complaint_id: str, *, text: str,
                   evidence_hash: str | None = None) -> Step:
    """State what the buyer has to say to a complaint, with a paper that its unit keeps here.

    Raises MOVED, NOT_ASKED, PAPER_MISSING.
    """
    matter, row, steps = for_the_buyer(ctx, lot_id, complaint_id, "statement_given")
    asked, said = reading.last(steps, "statement_asked"), reading.last(steps, "statement_given")
    if asked is None or (said is not None and said.number > asked.number):
        raise NOT_ASKED()
    if evidence_hash:
        must_be_kept(ctx.session, ctx.actor.party_id, [evidence_hash])
    return take(ctx, matter, row, steps, "statement_given", text=text,
                evidence_hash=evidence_hash or "")


def for_the_buyer(ctx: Act, lot_id: str | None, complaint_id: str,
                  kind: str) -> tuple[Matter, AnyComplaint, list]:
    """Lock a case for a step of the buyer's, who is told of it once it is accepted. Raises
    NOT_FOUND, MOVED."""
    matter, row = lock_case(ctx, lot_id, complaint_id)
    if lot_id is None:
        ctx.permit(owner=matter.buyer_id)
    else:
        ctx.permit(lot_id=lot_id)
    steps = reading.steps_of(ctx.session, row)
    if reading.last(steps, "accepted") is None:
        raise NOT_FOUND()
    must_stand(ctx, row, steps, kind)
    return matter, row, steps


@act("complaint.paused", law="实施条例 61; 政府采购质疑和投诉办法 27", action=HANDLE, **QUIET)
def pause_complaint(ctx: Act, lot_id: str | None, complaint_id: str, *, basis: str,
                    text: str) -> Step:
    """Say that tests, appraisal, inspection or experts' review begin: their time is not counted."""
    matter, row, steps = for_the_body(ctx, lot_id, complaint_id, "paused")
    nameless(ctx, row.party_id, text)
    return take(ctx, matter, row, steps, "paused", basis=basis, text=text)


@act("complaint.resumed", law="实施条例 61; 政府采购质疑和投诉办法 27", action=HANDLE, **QUIET)
def resume_complaint(ctx: Act, lot_id: str | None, complaint_id: str, *, text: str) -> Step:
    """Say that they ended and what they found; the clock of the decision runs on."""
    matter, row, steps = for_the_body(ctx, lot_id, complaint_id, "resumed")
    nameless(ctx, row.party_id, text)
    return take(ctx, matter, row, steps, "resumed", text=text)


@act("complaint.transferred", law="实施条例 4, 61", action=HANDLE, fresh=True, **QUIET)
def transfer_complaint(ctx: Act, lot_id: str | None, complaint_id: str, *, text: str, document_no: str,
                       unit_id: str | None = None, department: str = "") -> Step:
    """Pass a case on: to another supervisor of the place (`unit_id`), who goes on with it and its
    clocks, or to a `department` outside the platform, which ends it here.

    Raises MOVED, UNIT_UNKNOWN.
    """
    kind = "passed_on" if unit_id else "transferred"
    matter, row, steps = for_the_body(ctx, lot_id, complaint_id, kind)
    nameless(ctx, row.party_id, text, department)
    units = {one.id for one in reading.supervisors_of(ctx.session, matter.region)}
    if bool(unit_id) == bool(department) \
            or (unit_id and (unit_id not in units or unit_id == ctx.actor.party_id)):
        raise UNIT_UNKNOWN()
    return take(ctx, matter, row, steps, kind, text=f"{department}：{text}" if department else text,
                document_no=document_no, unit_id=unit_id)


@act("complaint.recused", law="工程建设项目招标投标活动投诉处理办法 13", action=HANDLE, **QUIET)
def stand_aside(ctx: Act, lot_id: str | None, complaint_id: str, *, text: str) -> Step:
    """Stand aside in a case, with the reason: the person takes no part in it any more (回避)."""
    matter, row, steps = for_the_body(ctx, lot_id, complaint_id, "recused")
    return take(ctx, matter, row, steps, "recused", text=text)


@act("complaint.disclosed", law="实施条例 62", action=HANDLE, fresh=True, **QUIET)
def disclose_complainant(ctx: Act, lot_id: str | None, complaint_id: str, *, text: str) -> Step:
    """Tell the buyer who complains, where the case cannot be looked into otherwise; never before
    the opening. Raises MOVED, UNOPENED."""
    matter, row, steps = for_the_body(ctx, lot_id, complaint_id, "disclosed")
    if not may_be_named(ctx.session, matter, ctx.now):
        raise UNOPENED()
    return take(ctx, matter, row, steps, "disclosed", text=text)


def may_be_named(session: Session, matter: Matter, now: datetime) -> bool:
    """Whether anybody may be told who complains: of a lot once it is opened, of an award once it is
    public, of a service once it is decided or has failed."""
    if matter.lot_id is None:
        return matter.decided is not None and matter.decided <= now
    return "opened" in lot_facts(session, matter.id).outcomes


@act("complaint.overdue", law="实施条例 61; 招标投标法 65", by=("clock",), **QUIET | {"lot": False})
def note_complaint_overdue(ctx: Act, complaint_id: str) -> Step:
    """A day of the case is over and nothing was done: say so, once."""
    found = reading.complaint(ctx.session, complaint_id)
    matter, row = lock_case(ctx, found.lot_id, complaint_id, own=True)
    fallen = reading.fallen_due(reading.case_of(ctx.session, row), ctx.now)
    steps = reading.steps_of(ctx.session, row)
    if fallen is None:
        stands = states.state(steps)
        raise MOVED(zh=stands.zh, en=stands.en)
    return take(ctx, matter, row, steps, fallen[0], due=fallen[1])
