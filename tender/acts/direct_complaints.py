"""What a complaint does to a direct award; the supervisor's acts call these two."""

from __future__ import annotations

from audit.act import Act, act

from ..method_refusals import DIRECT_STATE
from ..model import CourseHalt, DirectAward
from . import course_halting
from .direct import lock_award

LAW = "招标投标法 65; 实施条例 61, 62; 政府采购质疑和投诉办法 28, 32"


@act("direct_award.suspended", law=LAW)
def suspend_award(ctx: Act, award_id: str, *, document_no: str, reason: str) -> CourseHalt:
    """Halt a direct award for a complaint: no contract until it is lifted. Raises DIRECT_STATE,
    HALTED, HALT_SPENT."""
    row = _open(ctx, award_id)
    halt, said = course_halting.begin(ctx, row.id, row.profile, document_no=document_no,
                                      reason=reason)
    ctx.record(row.id, said, tender_id=row.id)
    return halt


@act("direct_award.complaint_decided", law=LAW)
def settle_award(ctx: Act, award_id: str, *, outcome: str, document_no: str, decision_hash: str,
                 halt_id: str | None, falls: bool) -> DirectAward:
    """Say before everybody that a complaint was decided; lift its halt, and where the decision says
    so the award falls. Raises DIRECT_STATE."""
    row = _open(ctx, award_id) if falls else lock_award(ctx, award_id, draft=False, own=False)
    if falls:
        row.failed_at = ctx.now
    ctx.record(row.id, {"award": row.id, "outcome": outcome, "document_no": document_no,
                        "decision_hash": decision_hash, "failed": falls}
               | course_halting.lift(ctx, halt_id), tender_id=row.id)
    return row


def _open(ctx: Act, award_id: str) -> DirectAward:
    row = lock_award(ctx, award_id, draft=False, own=False)
    if row.contracted_at is not None or row.failed_at is not None:
        raise DIRECT_STATE()
    return row
