"""Complaining of a direct award or a service (招标投标法 65; 实施条例 60; 94号令 17).

Neither has a lot: who objected to the result complains of the result, every company of other
conduct against the law; whoever offers for a service tells nobody by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, or_, select

from audit.act import Act, act
from evaluation.services.model import ServiceObjection
from kernel.db import new_id
from kernel.refusal import DENIED
from people.relations import own_party
from tender import objecting
from tender.acts import must_be_kept
from tender.model import DirectObjection
from tender.refusals import MANY
from tender.timetable import start_of

from . import matters, reading, rules
from .matters import Matter
from .model import CourseComplaint
from .rules import Known, Objected, Subject
from .taking import lock_course, nameless

OBJECTIONS = {matters.AWARD: (DirectObjection, DirectObjection.award_id),
              matters.SERVICE: (ServiceObjection, ServiceObjection.service_id)}


@act("complaint.course_filed", law="招标投标法 65; 实施条例 60; 政府采购质疑和投诉办法 17",
     action="complaint.course", disclose="never", veiled=True)
def file_course_complaint(ctx: Act, kind: str, course_id: str, *, subject: str, facts: str,
                          claims: str, evidence: Sequence[str] = (),
                          known_at: datetime | None = None, hotline_no: str = "",
                          paper_no: str = "", paper_raised: date | None = None,
                          paper_answered: date | None = None) -> CourseComplaint:
    """Complain to the supervisor of a direct award or a service (`kind`), in time and after one's own
    objection where the law asks for it.

    `evidence`: hashes of one's own papers. Raises NO_EVENT, LATE, OBJECTION_FIRST, OBJECTION_RUNS,
    NAMES, PAPER_MISSING, REPEATED, MANY.
    """
    matter = lock_course(ctx, kind, course_id)
    ctx.permit()
    party_id, about = own_party(ctx.session, ctx.actor, ctx.now), Subject[subject.upper()]
    if party_id is None:
        raise DENIED()
    nameless(ctx, party_id, facts, claims, hotline_no, paper_no)
    rules.check_subject(about, course=True)
    own = _own_objection(ctx, matter, party_id)
    known = _known(matter, about, own, known_at or ctx.now, paper_raised, paper_answered, ctx.now)
    began, last = rules.check_time(matter.profile, about, known, ctx.now)
    must_be_kept(ctx.session, party_id, evidence)
    filed = ctx.session.scalar(select(func.count()).where(
        or_(CourseComplaint.award_id == course_id, CourseComplaint.service_id == course_id),
        CourseComplaint.party_id == party_id))
    if filed >= rules.MAX_COMPLAINTS:
        raise MANY(what="complaints", limit=rules.MAX_COMPLAINTS)
    row = CourseComplaint(
        id=new_id(), award_id=course_id if kind == matters.AWARD else None,
        service_id=course_id if kind == matters.SERVICE else None, party_id=party_id,
        subject=subject, objection_id=own and own.id, facts=facts, claims=claims,
        content_hash=rules.content_hash(course_id, party_id, subject, facts, claims),
        hotline_no=hotline_no, paper_no=paper_no, paper_raised=paper_raised,
        paper_answered=paper_answered, evidence=sorted(set(evidence)), counted_from=began,
        last_at=last, filed_at=ctx.now)
    ctx.session.add(row)
    ctx.session.flush()
    ctx.record(row.id, {"subject": subject, "complaint_hash": reading.digest(row),
                        "objection": row.objection_id, "evidence": row.evidence,
                        "about": course_id}, tender_id=course_id)
    return row


def _own_objection(ctx: Act, matter: Matter, party_id: str):
    table, about = OBJECTIONS[matter.kind]
    return ctx.session.scalars(select(table).where(
        about == matter.id, table.party_id == party_id)).one_or_none()


def _known(matter: Matter, about: Subject, own, known_at: datetime, raised: date | None,
           answered: date | None, now: datetime) -> Known:
    """What its days are counted from: the own objection, a challenge on paper, or the event."""
    if own is not None and rules.objection_first(matter.profile, about):
        return Known(objection=Objected("result", own.answered_at, own.answer_by))
    if raised is not None and matter.profile["regime"] == "govproc":
        said = None if answered is None else min(start_of(answered), now)
        return Known(objection=Objected(
            about.stage, said, objecting.answer_by(matter.profile, start_of(raised))))
    return Known(event=matter.failed if about is Subject.FAILURE else known_at)
