"""What a complaint does to a service; the supervisor's acts call these two."""

from __future__ import annotations

from audit.act import Act, act
from tender.acts import course_halting
from tender.model import CourseHalt

from . import reading
from .model import Service
from .refusals import SERVICE_STATE
from .requests import lock_service

LAW = "规则 §0：中介超市; 招标投标法 65; 实施条例 61, 62"


@act("service.suspended", law=LAW)
def suspend_service(ctx: Act, service_id: str, *, document_no: str, reason: str) -> CourseHalt:
    """Halt a service for a complaint: no contract until it is lifted, and no time for one runs out.

    Offers go on: what is sealed would be lost by whoever cannot reveal it in time. Raises
    SERVICE_STATE, HALTED, HALT_SPENT.
    """
    found = _open(ctx, service_id)
    halt, said = course_halting.begin(ctx, found.id, found.profile, document_no=document_no,
                                      reason=reason)
    ctx.record(found.id, said, tender_id=found.id)
    return halt


@act("service.complaint_decided", law=LAW)
def settle_service(ctx: Act, service_id: str, *, outcome: str, document_no: str,
                   decision_hash: str, halt_id: str | None, falls: bool) -> Service:
    """Say before everybody that a complaint was decided; lift its halt, and where the decision says
    so the selection falls. Raises SERVICE_STATE."""
    found = _open(ctx, service_id) if falls else lock_service(ctx, service_id)
    if falls:
        found.failed_at, found.failure = ctx.now, "complaint"
    ctx.record(found.id, {"service": found.id, "outcome": outcome, "document_no": document_no,
                          "decision_hash": decision_hash, "failed": falls}
               | course_halting.lift(ctx, halt_id), tender_id=found.id)
    return found


def _open(ctx: Act, service_id: str) -> Service:
    found = lock_service(ctx, service_id)
    if found.approved_at is None or found.contracted_at is not None or found.failed_at is not None:
        raise SERVICE_STATE(state=reading.state_of(ctx.session, found, ctx.now).value)
    return found
