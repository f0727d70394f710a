"""What halts a lot or ends it: the supervisor's suspension, the buyer's termination.

While a lot is suspended it stands still: no bid is taken, nothing closes, is opened, judged or
awarded. A deadline that ran when it was suspended, and a publicity that ran, are moved when it is
lifted, so that as much time is left as there was; so a deadline that comes meanwhile never takes
effect. What had passed before stays passed. Clocks of money owed (releases) are not stopped.
"""

from __future__ import annotations

from datetime import datetime

from audit.act import Act, act
from kernel.canonical import sha256, time_text

from .. import timetable
from ..lifecycle import Facts, Phase, beneath
from ..method_refusals import SUSPENSION_SPENT
from ..model import Lot, LotSuspension, LotTermination, Tender
from ..notices import row as field
from ..notices import section
from ..reading import lot as read_lot
from ..reading import lot_facts, suspension_of, suspensions_of
from ..refusals import NOT_SUSPENDED, NOT_TO_BE_ENDED
from .amending import announce_moved
from .course import decide_outcome, lock_tender
from .publishing import publish_notice

KEPT = frozenset({Phase.OPENING, Phase.AWARDED, Phase.CONTRACTED, Phase.ARCHIVED})
"""What a suspended lot may not be ended out of: an opening is completed, an award is kept."""


OVER = "暂停采购活动期限届满（政府采购质疑和投诉办法 28），自动恢复。"
"""Why the clock lifts a suspension."""


def lock_of(ctx: Act, lot_id: str) -> tuple[Lot, Tender, list[Lot]]:
    """Lock the lot's whole tender; the lot, its tender, all lots by number. NOT_FOUND."""
    tender, lots = lock_tender(ctx, read_lot(ctx.session, lot_id).tender_id)
    return next(lot for lot in lots if lot.id == lot_id), tender, lots


@act("tender.suspended", law="实施条例 62; 电子招标投标办法 52", action="tender.suspend", lot=True,
     fresh=True)
def suspend_lot(ctx: Act, lot_id: str, *, document_no: str, reason: str) -> LotSuspension:
    """The supervisor suspends a lot by a numbered document, with a reason, until it is lifted.

    In government procurement for thirty days at most, once for each document (94号令 28). Raises
    ALREADY_SUSPENDED, SUSPENSION_SPENT.
    """
    lot, _, _ = lock_of(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    facts = lot_facts(ctx.session, lot_id)
    until = timetable.suspension_ends(lot.profile, ctx.now)
    if until is not None and document_no in {one.document_no for one in suspensions_of(
            ctx.session, lot_id)}:
        raise SUSPENSION_SPENT(document_no=document_no)
    row = LotSuspension(
        lot_id=lot_id, suspended_at=ctx.now, counted_from=ctx.now, document_no=document_no,
        until=until,
        reason=reason, suspended_by=ctx.actor.account_id,
        deadline=_running(facts, "closed", lot.deadline, ctx.now),
        publicity_ends=_running(facts, "awarded", lot.publicity_ends, ctx.now))
    ctx.session.add(row)
    ctx.session.flush()
    ctx.record(row.id, _said(document_no, reason) | ({"until": time_text(until)} if until else {}),
               lot_id=lot_id, tender_id=lot.tender_id)
    return row


def _running(facts: Facts, outcome: str, end: datetime | None,
             now: datetime) -> datetime | None:
    """`end`, if it lies ahead and nothing has been decided on it."""
    return end if end is not None and outcome not in facts.outcomes and now < end else None


@act("tender.resumed", law="实施条例 62; 电子招标投标办法 52; 政府采购质疑和投诉办法 28",
     action="tender.resume", lot=True, fresh=True, by=("clock",))
def resume_lot(ctx: Act, lot_id: str, *, document_no: str, reason: str) -> LotSuspension:
    """The supervisor lifts a suspension by a numbered document, or the clock one whose time is over;
    what was running runs on.

    Deadline and publicity move by the time of the suspension, up to a working day, never
    earlier. Nothing that had passed or was decided before is opened again. The bids' validity is
    not moved once they are in (实施条例 25); where it ended meanwhile the entry says so. Raises
    NOT_SUSPENDED where the lot waits for something else, or the clock's time has not come.
    """
    lot, tender, lots = lock_of(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    row = suspension_of(ctx.session, lot_id)
    if row is None or (ctx.actor.kind == "clock" and not (row.until and row.until <= ctx.now)):
        raise NOT_SUSPENDED()
    row.resumed_at, row.resumed_by = ctx.now, ctx.actor.account_id
    row.resume_document_no, row.resume_reason = document_no, reason
    before, publicity = lot.deadline, lot.publicity_ends
    facts = lot_facts(ctx.session, lot_id)
    if row.deadline is not None and "closed" not in facts.outcomes:
        lot.deadline = max(before, timetable.resumed(row.deadline, row.counted_from, ctx.now))
    if row.publicity_ends is not None:
        lot.publicity_ends = timetable.publicity_resumed(
            row.publicity_ends, row.suspended_at, ctx.now)
    ctx.session.flush()
    said = _said(document_no, reason) | {"suspension": row.id, "round": lot.round}
    if lot.deadline != before:
        said |= {"deadline": time_text(lot.deadline), "deadline_before": time_text(before)}
    validity = timetable.valid_until(lot)
    if validity < timetable.beijing_day(ctx.now):
        said["validity_ended"] = validity.isoformat()
    if lot.publicity_ends != publicity:
        said |= {"publicity_ends": time_text(lot.publicity_ends),
                 "publicity_ends_before": time_text(publicity)}
    if lot.deadline != before:
        announce_moved(ctx, tender, lots, [(lot, before)], f"解除暂停：{document_no}。{reason}")
    ctx.record(row.id, said, lot_id=lot_id, tender_id=lot.tender_id)
    return row


@act("tender.terminated", law="实施条例 31", action="tender.terminate", lot=True, fresh=True)
def terminate_lot(ctx: Act, lot_id: str, *, reason: str, document_no: str = "") -> LotTermination:
    """The buyer ends a lot with a reason; sealed bids stay sealed for ever, securities go back.

    From then on no opening can be authorised, so that no key and no share of one is taken any
    more. Never while it is being opened nor once its winner is known: raises WRONG_PHASE, or
    NOT_TO_BE_ENDED where it was suspended in between.
    """
    lot, tender, _ = lock_of(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    facts = lot_facts(ctx.session, lot_id)
    stood = beneath(facts, ctx.now)
    if stood in KEPT:
        raise NOT_TO_BE_ENDED(phase=stood.name)
    decide_outcome(ctx, lot_id, "terminated")
    row = LotTermination(lot_id=lot_id, reason=reason, document_no=document_no,
                         terminated_at=ctx.now, terminated_by=ctx.actor.account_id)
    ctx.session.add(row)
    ctx.session.flush()
    publish_notice(ctx, tender.id, "termination", [section("终止事项", "The termination", [
        field("reason", "终止原因", "Reason", reason),
        field("document_no", "依据文号", "Document", document_no or None),
        field("terminated_at", "终止时间", "Ended at", ctx.now),
        field("bids", "投标文件", "Bids", "已递交的加密投标文件不予开启，投标保证金依法退还。"
              if "opened" not in facts.outcomes else "投标保证金依法退还。"),
        field("kept_until", "档案保存至", "Kept until",
              timetable.kept_until(lot.profile, ctx.now).isoformat(), "day")])], lot_id=lot_id)
    ctx.record(lot_id, _said(document_no, reason) | {"stood_in": stood.name}, lot_id=lot_id,
               tender_id=lot.tender_id)
    return row


def _said(document_no: str, reason: str) -> dict[str, object]:
    return {"document_no": document_no, "reason_hash": sha256(reason.encode()).hex()}
