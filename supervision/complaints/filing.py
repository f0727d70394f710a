"""What the complainant does: files, corrects, withdraws (实施条例 60; 94号令 17-21)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, select

from audit.act import Act, act
from bidding import relations
from kernel.db import new_id
from kernel.refusal import DENIED, NOT_FOUND
from people.relations import own_party
from tender import objecting
from tender.acts import lock_lot, must_be_kept
from tender.lifecycle import Phase, awarded_at, phase
from tender.model import Lot
from tender.reading import lot_facts
from tender.refusals import MANY
from tender.timetable import start_of

from ..model import Evidence, Objection
from ..objections import MAX_EVIDENCE
from . import reading, rules
from .matters import Matter
from .model import AnyComplaint, Complaint, ComplaintEvidence, CourseComplaint, Step
from .refusals import EVIDENCE, OBJECTION_FIRST
from .rules import Known, Subject
from .taking import lock_case, must_stand, nameless, take

SEALED_LATE = (Phase.CLOSED, Phase.OPENING)
"""Where only those who bid may file."""


@act("complaint.evidence_added", law="实施条例 60", action="complaint.file", lot=True,
     disclose="never", veiled=True)
def add_complaint_evidence(ctx: Act, lot_id: str, *, name: str, media_type: str, size: int,
                           digest: str) -> Evidence:
    """Keep a file, already stored and checked, that a complaint of one's own will rest on."""
    lot = lock_lot(ctx, lot_id, share=True)
    ctx.permit(lot_id=lot_id)
    party_id = _own(ctx)
    kept = ctx.session.scalar(select(func.count()).where(
        Evidence.lot_id == lot_id, Evidence.party_id == party_id))
    if kept >= 2 * MAX_EVIDENCE:  # those of objections lie beside them
        raise MANY(what="evidence files", limit=2 * MAX_EVIDENCE)
    row = Evidence(id=new_id(), lot_id=lot_id, party_id=party_id, name=name,
                   media_type=media_type, size=size, hash=digest, added_at=ctx.now)
    ctx.session.add(row)
    ctx.record(row.id, {"document_hash": digest, "size": size}, lot_id=lot_id,
               tender_id=lot.tender_id)
    return row


@act("complaint.filed", law="招标投标法 65; 实施条例 60; 政府采购质疑和投诉办法 17",
     action="complaint.file", lot=True, disclose="never", veiled=True)
def file_complaint(ctx: Act, lot_id: str, *, subject: str, facts: str, claims: str,
                   evidence: Sequence[str] = (), objection_id: str | None = None,
                   known_at: datetime | None = None, hotline_no: str = "", paper_no: str = "",
                   paper_raised: date | None = None,
                   paper_answered: date | None = None) -> Complaint:
    """Complain to the supervisor, in time and after one's own objection where the law asks for it.

    `known_at`: when one came to know of what `conduct` is complained of; `paper_…`: a challenge on
    paper, for government procurement. No text names the complainant. Raises LATE,
    OBJECTION_FIRST, OBJECTION_RUNS, NO_EVENT, STANDING, NAMES, EVIDENCE, REPEATED, MANY.
    """
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    party_id, about = _own(ctx), Subject[subject.upper()]
    rules.check_subject(about, course=False)
    nameless(ctx, party_id, facts, claims, hotline_no, paper_no)
    objection = _objection(ctx, lot_id, party_id, objection_id)
    known = _known(ctx, lot, about, objection, known_at, paper_raised, paper_answered)
    rules.check_standing(about, bid=bool(relations.relations(
        ctx.session, ctx.actor, {"tenderer_outside"}, lot_id=lot_id)))
    began, last = rules.check_time(lot.profile, about, known, ctx.now)
    filed = ctx.session.scalar(select(func.count()).where(
        Complaint.lot_id == lot_id, Complaint.party_id == party_id))
    if filed >= rules.MAX_COMPLAINTS:
        raise MANY(what="complaints", limit=rules.MAX_COMPLAINTS)
    row = Complaint(
        id=new_id(), lot_id=lot_id, party_id=party_id, subject=subject,
        objection_id=objection and objection.id, facts=facts, claims=claims,
        content_hash=rules.content_hash(lot_id, party_id, subject, facts, claims),
        hotline_no=hotline_no, paper_no=paper_no, paper_raised=paper_raised,
        paper_answered=paper_answered, counted_from=began, last_at=last,
        sealed=phase(lot_facts(ctx.session, lot_id), ctx.now) in SEALED_LATE, filed_at=ctx.now)
    ctx.session.add(row)
    ctx.session.flush()
    hashes = _attach(ctx, row, evidence)
    ctx.record(row.id, {"subject": subject, "complaint_hash": reading.digest(row),
                        "objection": row.objection_id, "evidence": hashes},
               lot_id=lot_id, tender_id=lot.tender_id)
    return row


def _own(ctx: Act) -> str:
    party_id = own_party(ctx.session, ctx.actor, ctx.now)
    if party_id is None:
        raise DENIED()
    return party_id


def _objection(ctx: Act, lot_id: str, party_id: str, objection_id: str | None) -> Objection | None:
    if objection_id is None:
        return None
    found = ctx.session.get(Objection, objection_id)
    if found is None or (found.lot_id, found.party_id) != (lot_id, party_id):
        raise OBJECTION_FIRST()
    return found


def _known(ctx: Act, lot: Lot, about: Subject, objection: Objection | None,
           known_at: datetime | None, raised: date | None, answered: date | None) -> Known:
    """What its days are counted from: the own objection, a challenge on paper, or the event."""
    if objection is not None:
        return Known(objection=reading.own_objected(ctx.session, objection))
    if raised is not None and lot.profile["regime"] == "govproc":
        said = None if answered is None else min(start_of(answered), ctx.now)
        return Known(objection=rules.Objected(
            about.stage, said, objecting.answer_by(lot.profile, start_of(raised))))
    outcomes = lot_facts(ctx.session, lot.id).outcomes
    if about is Subject.AWARD and "awarded" in outcomes:
        return Known(event=awarded_at(outcomes))  # of the award that stands, where one fell
    return Known(event=outcomes.get(about.outcome) if about.outcome else
                 None if about.stage else known_at or ctx.now)


def _attach(ctx: Act, row: AnyComplaint, evidence: Sequence[str]) -> list[str]:
    if isinstance(row, CourseComplaint):
        must_be_kept(ctx.session, row.party_id, evidence)
        return sorted(set(evidence))
    files = list(ctx.session.scalars(select(Evidence).where(
        Evidence.id.in_(evidence), Evidence.lot_id == row.lot_id,
        Evidence.party_id == row.party_id)))
    if len(files) != len(evidence):
        raise EVIDENCE()
    ctx.session.add_all(ComplaintEvidence(id=new_id(), complaint_id=row.id, evidence_id=one.id)
                        for one in files)
    ctx.session.flush()
    return sorted(one.hash for one in files)


@act("complaint.corrected", law="政府采购质疑和投诉办法 21; 工程建设项目招标投标活动投诉处理办法 12",
     action="complaint.follow", lot=True, disclose="never", veiled=True)
def correct_complaint(ctx: Act, lot_id: str | None, complaint_id: str, *, text: str,
                      evidence: Sequence[str] = ()) -> Step:
    """Correct one's own letter as the supervisor asked; its clock runs on. Raises MOVED, NAMES,
    EVIDENCE."""
    matter, row, steps = _ones_own(ctx, lot_id, complaint_id, "corrected")
    nameless(ctx, row.party_id, text)
    hashes = _attach(ctx, row, evidence)
    added = {"evidence": hashes} if isinstance(row, CourseComplaint) else {}
    return take(ctx, matter, row, steps, "corrected", {"evidence": hashes}, text=text, **added)


@act("complaint.withdrawn", law="工程建设项目招标投标活动投诉处理办法 19; 政府采购质疑和投诉办法 30",
     action="complaint.follow", lot=True, disclose="never", veiled=True)
def withdraw_complaint(ctx: Act, lot_id: str | None, complaint_id: str, *, text: str) -> Step:
    """Take one's own complaint back, with the reason; it is not filed again on the same facts. What
    the supervisor ordered stands until it lifts it. Raises MOVED, NAMES."""
    matter, row, steps = _ones_own(ctx, lot_id, complaint_id, "withdrawn")
    nameless(ctx, row.party_id, text)
    return take(ctx, matter, row, steps, "withdrawn", text=text)


def _ones_own(ctx: Act, lot_id: str | None, complaint_id: str,
              kind: str) -> tuple[Matter, AnyComplaint, list]:
    matter, row = lock_case(ctx, lot_id, complaint_id, own=True)
    ctx.permit(lot_id=lot_id, owner=row.party_id)
    if ctx.actor.party_id != row.party_id:
        raise NOT_FOUND()
    steps = reading.steps_of(ctx.session, row)
    must_stand(ctx, row, steps, kind)
    return matter, row, steps
