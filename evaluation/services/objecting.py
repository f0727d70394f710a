"""Objections to a selection's result: raised in its time, answered once; the contract waits."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from audit.act import Act, act
from kernel.canonical import time_text
from kernel.db import new_id
from kernel.refusal import NOT_FOUND
from tender import objecting
from tender.acts.objecting import answered, raised

from . import reading
from .model import Service, ServiceObjection, ServiceOffer
from .refusals import NOT_OBJECTABLE, NOT_YOURS, SERVICE_ANSWERED
from .requests import lock_service

LAW = "规则 §0：中介超市; 实施条例 54"

@act("service.objected", law=LAW, action="service.offer", disclose="never")
def object_to_result(ctx: Act, service_id: str, *, argument: str, remedy: str,
                     evidence: Sequence[str] = ()) -> ServiceObjection:
    """Object to a result while it stands in public, as one who offered and was not chosen; once.

    An offer that was not revealed counts as withdrawn.

    `evidence`: hashes of one's own papers. Raises NOT_YOURS, NOT_OBJECTABLE, SERVICE_OBJECTED,
    PAPER_MISSING.
    """
    found = lock_service(ctx, service_id)
    ctx.permit()
    own = ctx.session.scalars(select(ServiceOffer.id).where(
        ServiceOffer.service_id == found.id, ServiceOffer.party_id == ctx.actor.party_id,
        ServiceOffer.revealed_at.is_not(None))).first()
    if own is None or ctx.actor.party_id == found.winner_id:
        raise NOT_YOURS()
    objecting.check_public(found, ctx.now, NOT_OBJECTABLE)
    made = raised(ctx, ServiceObjection(
        id=new_id(), service_id=found.id, party_id=ctx.actor.party_id), found.profile,
        argument=argument, remedy=remedy, evidence=evidence)
    ctx.record(made.id, {"service": found.id, "answer_by": time_text(made.answer_by),
                         "objection_hash": reading.objection_hash(made)}, party_id=made.party_id,
               tender_id=found.id)
    return made


@act("service.objection_answered", law=LAW, action="service.manage")
def answer_objection(ctx: Act, objection_id: str, *, outcome: str, text: str) -> ServiceObjection:
    """Answer an objection once, before everybody. Where it is upheld the result falls.

    Raises SERVICE_ANSWERED.
    """
    found, row = _lock(ctx, objection_id)
    ctx.permit(owner=found.buyer_id)
    objecting.check_unanswered(row, found, SERVICE_ANSWERED)
    said = answered(ctx, row, outcome, text)
    if outcome == "upheld":
        found.failed_at, found.failure = ctx.now, "objection"
    ctx.record(row.id, said | {"service": found.id, "failed": found.failed_at is not None},
               tender_id=found.id)
    return row


@act("service.objection_overdue", law=LAW, by=("clock",))
def note_overdue(ctx: Act, objection_id: str) -> ServiceObjection:
    """Write down that the time to answer passed without an answer; the contract still waits."""
    found, row = _lock(ctx, objection_id)
    ctx.permit()
    objecting.check_overdue(row, found, ctx.now, SERVICE_ANSWERED)
    row.overdue_at = ctx.now
    ctx.record(row.id, {"service": found.id, "answer_by": time_text(row.answer_by)},
               tender_id=found.id)
    return row


def _lock(ctx: Act, objection_id: str) -> tuple[Service, ServiceObjection]:
    row = ctx.session.get(ServiceObjection, objection_id)
    if row is None:
        raise NOT_FOUND()
    found = lock_service(ctx, row.service_id)
    ctx.session.refresh(row)
    return found, row
