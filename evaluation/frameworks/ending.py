"""After a call-off's result: the contract, what is said against it, and what ends it without one."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

from audit.act import Act, act
from kernel.canonical import sha256, time_text
from kernel.db import new_id
from kernel.refusal import NOT_FOUND
from tender import objecting
from tender.acts.objecting import answered, raised

from . import reading
from .calling import lock_calloff, must_stand
from .joining import is_barred, lock_application, seat
from .model import Calloff, Framework, FrameworkApplication, FrameworkObjection
from .refusals import (
    CALLOFF_AMOUNT,
    NOT_OBJECTABLE,
    NOT_YOURS,
    OBJECTION_ANSWERED,
)
from .stating import LAW, lock_framework


@act("calloff.contracted", law="政府采购法 46; " + LAW, action="calloff.manage")
def contract(ctx: Act, calloff_id: str, *, amount_fen: int, document_hash: str) -> Calloff:
    """Register the signed contract, once nobody objects any more, at the amount of the result.

    Raises CALLOFF_STATE, CALLOFF_AMOUNT.
    """
    found, called = lock_calloff(ctx, calloff_id)
    ctx.permit(owner=called.user_id)
    must_stand(ctx, called, "signing")
    if amount_fen != called.price_fen:
        raise CALLOFF_AMOUNT(price_fen=called.price_fen)
    called.contracted_at, called.contract_hash = ctx.now, document_hash
    ctx.record(called.id, {"amount_fen": amount_fen, "document_hash": document_hash,
                           "winner": called.winner_id}, tender_id=found.id)
    return called


@act("calloff.given_up", law=LAW, action="calloff.manage")
def give_up(ctx: Act, calloff_id: str, *, reason: str) -> Calloff:
    """End a call-off whose contract was not signed, with the reason. Raises CALLOFF_STATE."""
    found, called = lock_calloff(ctx, calloff_id)
    ctx.permit(owner=called.user_id)
    must_stand(ctx, called, "signing")
    called.failed_at, called.failure = ctx.now, "unsigned"
    ctx.record(called.id, {"reason_hash": sha256(reason.encode()).hex(),
                           "winner": called.winner_id}, tender_id=found.id)
    return called


# --- objections -----------------------------------------------------------------------------------
@act("framework.refusal_objected", law="政府采购法 52; " + LAW, action="framework.join",
     disclose="never")
def object_to_refusal(ctx: Act, application_id: str, *, argument: str, remedy: str,
                      evidence: Sequence[str] = ()) -> FrameworkObjection:
    """Object to the refusal of one's own application, in its time; once.

    Raises NOT_YOURS, NOT_OBJECTABLE, OBJECTED, PAPER_MISSING.
    """
    found, row = lock_application(ctx, application_id)
    ctx.permit()
    if row.party_id != ctx.actor.party_id:
        raise NOT_FOUND()
    # A refusal is no result: nothing was contracted, and what fell with it is the wish itself.
    objecting.check_public(SimpleNamespace(objections_until=row.objections_until, failed_at=None,
                                           contracted_at=None), ctx.now, NOT_OBJECTABLE)
    newest = reading.standing_of(ctx.session, found.id, row.party_id)
    if newest.id != row.id:
        raise NOT_YOURS()
    return _raise(ctx, found, row.party_id, argument, remedy, evidence, application_id=row.id)


@act("calloff.objected", law="政府采购法 52; " + LAW, action="framework.join", disclose="never")
def object_to_result(ctx: Act, calloff_id: str, *, argument: str, remedy: str,
                     evidence: Sequence[str] = ()) -> FrameworkObjection:
    """Object to a call-off's result while it stands in public, as another who is admitted; once.

    Raises NOT_YOURS, NOT_OBJECTABLE, OBJECTED, PAPER_MISSING.
    """
    found, called = lock_calloff(ctx, calloff_id)
    ctx.permit()
    own = {one.id for one in reading.admitted(ctx.session, found.id)
           if one.party_id == ctx.actor.party_id}
    if not own or called.winner_id in own:
        raise NOT_YOURS()
    objecting.check_public(called, ctx.now, NOT_OBJECTABLE)
    return _raise(ctx, found, ctx.actor.party_id, argument, remedy, evidence,
                  calloff_id=called.id)


def _raise(ctx: Act, found: Framework, party_id: str, argument: str, remedy: str,
           evidence: Sequence[str], **about: str) -> FrameworkObjection:
    made = raised(ctx, FrameworkObjection(
        id=new_id(), framework_id=found.id, party_id=party_id, **about), found.profile,
        argument=argument, remedy=remedy, evidence=evidence)
    ctx.record(made.id, {"framework": found.id, "answer_by": time_text(made.answer_by),
                         "objection_hash": reading.objection_hash(made)}, party_id=party_id,
               tender_id=found.id)
    return made


@act("framework.objection_answered", law="政府采购法 53; " + LAW, action="framework.manage")
def answer_refusal_objection(ctx: Act, objection_id: str, *, outcome: str,
                             text: str) -> FrameworkObjection:
    """Answer an objection to a refusal once, before everybody. Where it is upheld the supplier is
    admitted at once, at the end of the order, while the framework runs and nothing bars it.

    Raises OBJECTION_ANSWERED.
    """
    found, row = _lock(ctx, objection_id)
    ctx.permit(owner=found.buyer_id)
    if row.application_id is None:
        raise NOT_FOUND()
    objecting.check_unanswered(row, SimpleNamespace(failed_at=None), OBJECTION_ANSWERED)
    said = answered(ctx, row, outcome, text)
    own = ctx.session.get_one(FrameworkApplication, row.application_id)
    if outcome == "upheld" and reading.state_of(found, ctx.now) == "running" \
            and not is_barred(ctx, found, own.party_id):
        own.ended_at = own.ended_how = None
        said |= seat(ctx, found, own)
    ctx.record(row.id, said | {"framework": found.id}, tender_id=found.id)
    return row


@act("calloff.objection_answered", law="政府采购法 53; " + LAW, action="calloff.manage")
def answer_result_objection(ctx: Act, objection_id: str, *, outcome: str,
                            text: str) -> FrameworkObjection:
    """Answer an objection to a result once, before everybody. Where it is upheld the result falls.

    Raises OBJECTION_ANSWERED.
    """
    found, row = _lock(ctx, objection_id)
    if row.calloff_id is None:
        raise NOT_FOUND()
    called = ctx.session.get_one(Calloff, row.calloff_id)
    ctx.permit(owner=called.user_id)
    objecting.check_unanswered(row, called, OBJECTION_ANSWERED)
    said = answered(ctx, row, outcome, text)
    if outcome == "upheld":
        called.failed_at, called.failure = ctx.now, "objection"
    ctx.record(row.id, said | {"framework": found.id, "calloff": called.id,
                               "failed": called.failed_at is not None}, tender_id=found.id)
    return row


@act("framework.objection_overdue", law="政府采购法 53; " + LAW, by=("clock",))
def note_objection_overdue(ctx: Act, objection_id: str) -> FrameworkObjection:
    """Write down that the time to answer passed without an answer; the contract still waits."""
    found, row = _lock(ctx, objection_id)
    ctx.permit()
    called = ctx.session.get(Calloff, row.calloff_id) if row.calloff_id else None
    objecting.check_overdue(row, called or SimpleNamespace(failed_at=None), ctx.now,
                            OBJECTION_ANSWERED)
    row.overdue_at = ctx.now
    ctx.record(row.id, {"framework": found.id, "answer_by": time_text(row.answer_by)},
               tender_id=found.id)
    return row


def _lock(ctx: Act, objection_id: str) -> tuple[Framework, FrameworkObjection]:
    row = ctx.session.get(FrameworkObjection, objection_id)
    if row is None:
        raise NOT_FOUND()
    found = lock_framework(ctx, row.framework_id)
    ctx.session.refresh(row)
    return found, row
