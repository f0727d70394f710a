"""Objections, their evidence, their answers (实施条例 22, 44, 54)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from audit.act import Act, act
from bidding.model import Opening
from kernel.canonical import sha256
from kernel.db import new_id
from kernel.refusal import NOT_FOUND, Refused
from people.model import Party
from tender.acts import clarified, hold_lot, lock_lot, release_hold
from tender.invited import refuse_named
from tender.lifecycle import phase
from tender.model import Lot
from tender.reading import lot_facts, lots_of
from tender.refusals import DECIDED, MANY
from tender.rules import check_question

from .. import objections
from ..model import Evidence, Objection, ObjectionAnswer, ObjectionEvidence, ObjectionOverdue
from ..objections import Stage
from ..reading import objections as reading
from ..refusals import EVIDENCE_USED, OBJECTION_ANSWERED, OBJECTION_NAMES


@act("objection.evidence_added", law="实施条例 22, 44, 54", action="objection.file", lot=True,
     disclose="never", veiled=True)
def add_evidence(ctx: Act, lot_id: str, *, name: str, media_type: str, size: int,
                 digest: str) -> Evidence:
    """Keep a file, already stored and checked, that an objection of one's own will rest on."""
    lot = lock_lot(ctx, lot_id, share=True)
    ctx.permit(lot_id=lot_id)
    kept = ctx.session.scalar(select(func.count()).where(
        Evidence.lot_id == lot_id, Evidence.party_id == ctx.actor.party_id))
    if kept >= objections.MAX_EVIDENCE:
        raise MANY(what="evidence files", limit=objections.MAX_EVIDENCE)
    row = Evidence(id=new_id(), lot_id=lot_id, party_id=ctx.actor.party_id, name=name,
                   media_type=media_type, size=size, hash=digest, added_at=ctx.now)
    ctx.session.add(row)
    ctx.record(row.id, {"document_hash": digest, "size": size}, lot_id=lot_id,
               tender_id=lot.tender_id)
    return row


@act("objection.filed", law="实施条例 22, 54", action="objection.file", lot=True,
     disclose="never", veiled=True)
def file_objection(ctx: Act, lot_id: str, *, argument: str, remedy: str,
                   evidence: Sequence[str] = ()) -> Objection:
    """Object to the documents while bids are taken, to the candidates while they stand in public.

    The lot's next step waits for the answer. Raises OBJECTION_LATE, NOT_IN_PUBLICITY,
    OBJECTION_NAMES, EVIDENCE_USED.
    """
    lot = lock_lot(ctx, lot_id, share=True)
    ctx.permit(lot_id=lot_id)
    facts = lot_facts(ctx.session, lot_id)
    stage = objections.stage_of(phase(facts, ctx.now))
    objections.check_in_time(stage, facts, lot.profile, ctx.now)
    return _file(ctx, lot, stage, argument, remedy, evidence)


@act("opening.objected", law="实施条例 44", action="opening.object", lot=True, disclose="opened",
     veiled=True)
def object_at_opening(ctx: Act, lot_id: str, *, argument: str, remedy: str) -> Objection:
    """Object to the opening on the spot; it is answered on the spot and minuted."""
    lot = lock_lot(ctx, lot_id, share=True)
    ctx.permit(lot_id=lot_id)
    return _file(ctx, lot, Stage.OPENING, argument, remedy, ())


def _file(ctx: Act, lot: Lot, stage: Stage, argument: str, remedy: str,
          evidence: Sequence[str]) -> Objection:
    own = ctx.session.get(Party, ctx.actor.party_id)
    if stage is not Stage.CANDIDATES:  # in the sealed phase nothing may tell who it is
        for text in (argument, remedy):
            _check_nameless(text, own)
    filed = ctx.session.scalar(select(func.count()).where(
        Objection.lot_id == lot.id, Objection.party_id == own.id,
        Objection.stage == stage.name.lower()))
    if filed >= objections.MAX_OBJECTIONS:
        raise MANY(what="objections", limit=objections.MAX_OBJECTIONS)
    files = list(ctx.session.scalars(select(Evidence).where(
        Evidence.id.in_(evidence), Evidence.lot_id == lot.id, Evidence.party_id == own.id)))
    if len(files) != len(evidence):
        raise EVIDENCE_USED()
    row = Objection(
        id=new_id(), lot_id=lot.id, stage=stage.name.lower(), party_id=own.id, argument=argument,
        remedy=remedy, filed_at=ctx.now,
        answer_by=objections.answer_by(stage, lot.profile, ctx.now))
    ctx.session.add(row)
    ctx.session.flush()
    ctx.session.add_all(ObjectionEvidence(id=new_id(), objection_id=row.id, evidence_id=one.id)
                        for one in files)
    ctx.session.flush()
    if stage.holds:
        hold_lot(ctx, lot.id, row.id, row.answer_by)
    ctx.record(row.id, {"stage": row.stage, "objection_hash": reading.digest(row),
                        "evidence": sorted(one.hash for one in files)},
               lot_id=lot.id, tender_id=lot.tender_id)
    return row


def _check_nameless(text: str, own: Party) -> None:
    try:
        check_question(text, (own.name, own.uscc))
    except Refused as refused:
        raise OBJECTION_NAMES() from refused


@act("objection.answered", law="实施条例 21, 22, 54", action="objection.answer", lot=True)
def answer_objection(ctx: Act, lot_id: str, objection_id: str, *, outcome: str, text: str,
                     affects_bids: bool = False,
                     deadline: datetime | None = None) -> Objection:
    """Answer an objection, once and before everybody; the lot goes on.

    An answer that affects bids needs the time of a clarification before the deadline, or a
    later `deadline` with it (T3). Raises OBJECTION_ANSWERED, CLARIFIED_LATE.
    """
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    row = _unanswered(ctx, lot_id, objection_id, opening=False)
    if row.stage == Stage.DOCUMENTS.name.lower():
        refuse_named(ctx, lots_of(ctx.session, lot.tender_id), text)
        clarified(ctx, lot, affects_bids, deadline)
    release_hold(ctx, row.id)
    _answer(ctx, lot, row, outcome, text, {"affects_bids": affects_bids})
    return row


@act("opening.objection_answered", law="实施条例 44", action="opening.answer_objection", lot=True,
     disclose="opened", veiled=True)
def answer_at_opening(ctx: Act, lot_id: str, objection_id: str, *, outcome: str,
                      text: str) -> Objection:
    """Answer an objection to the opening on the spot; both are minuted in the record's annex."""
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    row = _unanswered(ctx, lot_id, objection_id, opening=True)
    record_hash = ctx.session.scalars(select(Opening.record_hash).where(
        Opening.lot_id == lot_id).order_by(Opening.stage).limit(1)).first()
    _answer(ctx, lot, row, outcome, text, {"opening_record_hash": record_hash})
    return row


def _unanswered(ctx: Act, lot_id: str, objection_id: str, *, opening: bool) -> Objection:
    row = ctx.session.get(Objection, objection_id)
    if row is None or row.lot_id != lot_id \
            or (row.stage == Stage.OPENING.name.lower()) != opening:
        raise NOT_FOUND()
    if reading.answer_of(ctx.session, objection_id) is not None:
        raise OBJECTION_ANSWERED()
    return row


def _answer(ctx: Act, lot: Lot, row: Objection, outcome: str, text: str, more: dict) -> None:
    ctx.session.add(ObjectionAnswer(
        id=new_id(), objection_id=row.id, outcome=outcome, text=text, answered_at=ctx.now,
        answered_by=ctx.actor.account_id))
    ctx.session.flush()
    ctx.record(row.id, {"stage": row.stage, "outcome": outcome,
                        "objection_hash": reading.digest(row),
                        "answer_hash": sha256(text.encode()).hex(), **more},
               lot_id=lot.id, tender_id=lot.tender_id)


@act("objection.overdue", law="实施条例 22, 44, 54", by=("clock",), disclose="opened", veiled=True)
def note_overdue(ctx: Act, objection_id: str) -> None:
    """The time to answer is over, and there is no answer: say so, once."""
    row = ctx.session.get(Objection, objection_id)
    if row is None:
        raise NOT_FOUND()
    lot = lock_lot(ctx, row.lot_id, share=True)
    if not reading.overdue(ctx.session, row, ctx.now) \
            or ctx.session.get(ObjectionOverdue, objection_id) is not None:
        raise DECIDED(outcome="overdue")
    ctx.session.add(ObjectionOverdue(objection_id=objection_id, at=ctx.now))
    ctx.record(objection_id, {"objection_hash": reading.digest(row)}, lot_id=lot.id,
               tender_id=lot.tender_id)
