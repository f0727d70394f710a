"""What may be asked of objections; nothing here changes anything.

`seen` is all that anybody is shown: no party, no time of filing. Who objects is asked apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from kernel.canonical import jcs, sha256, time_text
from kernel.refusal import NOT_FOUND
from tender.lifecycle import Phase
from tender.model import Lot, Tender
from tender.reading import lot_facts, phase_of, suspensions_of

from .. import objections
from ..model import Evidence, Objection, ObjectionAnswer, ObjectionEvidence, ObjectionOverdue

OPENING, DOCUMENTS = "opening", "documents"


def objection(session: Session, objection_id: str) -> Objection:
    """The objection, or NOT_FOUND."""
    found = session.get(Objection, objection_id)
    if found is None:
        raise NOT_FOUND()
    return found


def digest(row: Objection) -> str:
    """SHA-256 of what is objected, hex; nothing of who and when is in it."""
    return sha256(jcs({"id": row.id, "lot": row.lot_id, "stage": row.stage,
                       "argument": row.argument, "remedy": row.remedy})).hex()


def answer_of(session: Session, objection_id: str) -> ObjectionAnswer | None:
    """The answer, or None."""
    return session.scalars(select(ObjectionAnswer).where(
        ObjectionAnswer.objection_id == objection_id)).one_or_none()


def evidence_of(session: Session, objection_id: str) -> list[Evidence]:
    """The files an objection rests on."""
    return list(session.scalars(
        select(Evidence).join(ObjectionEvidence, ObjectionEvidence.evidence_id == Evidence.id)
        .where(ObjectionEvidence.objection_id == objection_id).order_by(Evidence.id)))


def unanswered(session: Session) -> list[Objection]:
    """Objections without an answer that were not said to be overdue."""
    return list(session.scalars(
        select(Objection).where(
            ~exists().where(ObjectionAnswer.objection_id == Objection.id),
            ~exists().where(ObjectionOverdue.objection_id == Objection.id))
        .order_by(Objection.answer_by, Objection.id)))


def waiting(session: Session, buyer_id: str | None, now: datetime) -> list[dict[str, object]]:
    """A buyer's objections without an answer, of lots that have not ended, by the last moment to
    answer; nothing for nobody."""
    if buyer_id is None:
        return []
    rows = session.execute(
        select(Objection, Lot, Tender.title).join(Lot, Lot.id == Objection.lot_id)
        .join(Tender, Tender.id == Lot.tender_id)
        .where(Tender.buyer_id == buyer_id,
               ~exists().where(ObjectionAnswer.objection_id == Objection.id))
        .order_by(Objection.answer_by, Objection.id)).all()
    return [{"id": one.id, "lot_id": lot.id, "tender_id": lot.tender_id, "title": title,
             "lot_title": lot.title, "stage": one.stage, "answer_by": one.answer_by,
             "overdue": one.stage != OPENING and overdue(session, one, now)}
            for one, lot, title in rows
            if phase_of(session, lot.id, now) not in (Phase.TERMINATED, Phase.FAILED)]


def overdue(session: Session, row: Objection, now: datetime) -> bool:
    """Whether the time to answer is over: T5 without what the lot stood suspended meanwhile."""
    if answer_of(session, row.id) is not None \
            or phase_of(session, row.lot_id, now) in (Phase.TERMINATED, Phase.FAILED):
        return False
    halts = [(one.suspended_at, one.resumed_at) for one in suspensions_of(session, row.lot_id)]
    return now >= row.answer_by + objections.stopped(row.filed_at, halts, now)


def listed(lot_id: str, *, all_of_them: bool, at_opening: bool):
    """The statement of a lot's objections: the answered ones, or all for who answers and watches;
    those at the opening only from then on (`at_opening`)."""
    statement = select(Objection).where(Objection.lot_id == lot_id)
    if not all_of_them:
        statement = statement.where(exists().where(ObjectionAnswer.objection_id == Objection.id))
    if not at_opening:
        statement = statement.where(or_(Objection.stage != OPENING))
    return statement


def opened(session: Session, lot_id: str) -> bool:
    """Whether the lot's opening record is public."""
    return "opened" in lot_facts(session, lot_id).outcomes


def seen(session: Session, rows: Iterable[Objection], *, inside: bool) -> list[dict]:
    """Objections as they are shown: to everybody, or `inside` to the buyer and the supervisor.

    What is said against candidates is not spread; its outcome and the answer are.
    """
    found = []
    for row in rows:
        said, late = answer_of(session, row.id), session.get(ObjectionOverdue, row.id)
        whole = inside or row.stage != "candidates"
        found.append({
            "id": row.id, "lot_id": row.lot_id, "stage": row.stage,
            "argument": row.argument if whole else None, "remedy": row.remedy if whole else None,
            "evidence": evidence_of(session, row.id) if inside else [],
            "answer_by": row.answer_by if inside and said is None else None,
            "overdue": late is not None, "outcome": said and said.outcome,
            "answer": said and said.text, "answered_at": said and said.answered_at})
    return found


def annex(session: Session, lot_id: str) -> dict[str, object]:
    """The annex of the opening record: what was objected at the opening and what was answered,
    by time of answer; its SHA-256 is over the canonical JSON of the rest."""
    rows = session.execute(
        select(Objection, ObjectionAnswer)
        .join(ObjectionAnswer, ObjectionAnswer.objection_id == Objection.id)
        .where(Objection.lot_id == lot_id, Objection.stage == OPENING)
        .order_by(ObjectionAnswer.answered_at, Objection.id))
    said = [{"id": row.id, "argument": row.argument, "remedy": row.remedy,
             "outcome": answer.outcome, "answer": answer.text,
             "answered_at": time_text(answer.answered_at)} for row, answer in rows]
    body = {"v": 1, "type": "opening-record-annex", "lot": lot_id, "objections": said}
    return body | {"annex_hash": sha256(jcs(body)).hex()}
