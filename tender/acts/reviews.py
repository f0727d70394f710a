"""Reviews before publication: run, answered by people, of fair competition, by another unit."""

from __future__ import annotations

from sqlalchemy import bindparam, func, select

from audit.act import Act, act
from kernel.canonical import jcs, sha256
from kernel.db import new_id
from kernel.refusal import DENIED, NOT_FOUND
from people.model import Party
from people.reading import grants_of

from .. import fairness, review, reviewing
from ..hanging import hangs
from ..method_refusals import INVITEE_NAMED
from ..model import (
    FairnessReview,
    Lot,
    OutsideReading,
    ReadingOpinion,
    Review,
    ReviewAnswer,
    Tender,
)
from ..reading import documents_of, live_notice
from ..refusals import (
    NOT_SUBMITTED,
    NOTICE_CHANGED,
    READING_OPEN,
    READING_UNIT,
    REVIEW_MOVED,
    SAME_PERSON,
)
from ..sections import WORDED
from ..timetable import beijing_day
from .course import changed_draft, lock_tender
from .publishing import content_hooks, finding_hooks, publish_hooks, restated_hooks

READERS = ("buyer", "supervisor", "agency")
"""Kinds of units that can be asked to read."""


def _next(ctx: Act, table, *which) -> int:
    return ctx.session.scalar(select(func.count()).select_from(table).where(*which)) + 1


@act("review.made", law="发改法规〔2026〕195号; 实施条例 32", action="project.edit")
def make_review(ctx: Act, tender_id: str, *, prepared: reviewing.Prepared) -> Review:
    """Store what the rules found in the tender's present documents and terms."""
    tender, lots = lock_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    if reviewing.basis(ctx.session, tender, lots, beijing_day(ctx.now)) != prepared.basis:
        raise REVIEW_MOVED()
    row = keep_review(ctx, tender_id, prepared)
    voided = changed_draft(ctx, tender)
    ctx.record(row.id, {**counted(row), "version": tender.version, "submission_voided": voided},
               tender_id=tender_id)
    return row


def keep_review(ctx: Act, tender_id: str, prepared: reviewing.Prepared) -> Review:
    """Store a review that is of what it was made for; only ever part of the act that says so.

    Raises INVITEE_NAMED where a file names somebody who is invited: a hit is public, so none says it.
    """
    if prepared.named:
        raise INVITEE_NAMED()
    row = Review(id=new_id(), tender_id=tender_id, basis_hash=prepared.basis, body=prepared.body,
                 number=_next(ctx, Review, Review.tender_id == tender_id),
                 body_hash=sha256(jcs(prepared.body)).hex(), made_at=ctx.now,
                 made_by=ctx.actor.account_id)
    ctx.session.add(row)
    ctx.session.flush()
    return row


def counted(row: Review) -> dict[str, object]:
    """What the record says of a review."""
    severities = [hit["severity"] for hit in row.body["hits"]]
    return {"review": row.number, "basis_hash": row.basis_hash, "body_hash": row.body_hash,
            "breaches": severities.count("breach"), "hits": len(severities)}


@act("review.answered", law="发改法规〔2026〕195号", action="project.edit")
def answer_hit(ctx: Act, tender_id: str, *, hit: str, answer: str, reason: str) -> Review:
    """Accept a hit of the last review, or say why what was hit stands; a person does, by name."""
    tender, _ = lock_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    last = reviewing.newest(ctx.session, tender_id)
    facts = keep_answer(ctx, last, hit, answer, reason)
    voided = changed_draft(ctx, tender)
    ctx.record(last.id, {**facts, "version": tender.version, "submission_voided": voided},
               tender_id=tender_id)
    return last


def keep_answer(ctx: Act, last: Review | None, hit: str, answer: str,
                reason: str) -> dict[str, object]:
    """Store what a person says of a hit of that review; what the record says of it."""
    if ctx.actor.person_id is None:
        raise DENIED()
    found = next((one for one in last.body["hits"] if one["key"] == hit), None) if last else None
    if found is None:
        raise NOT_FOUND()
    number = _next(ctx, ReviewAnswer, ReviewAnswer.tender_id == last.tender_id,
                   ReviewAnswer.hit == hit)
    ctx.session.add(ReviewAnswer(
        id=new_id(), tender_id=last.tender_id, review_id=last.id, hit=hit, number=number,
        answer=answer, reason=reason, answered_at=ctx.now, answered_by=ctx.actor.account_id,
        answered_person=ctx.actor.person_id))
    ctx.session.flush()
    return {"hit": hit, "rule": found["rule"], "answer": answer, "number": number,
            "reason_hash": sha256(reason.encode()).hex()}


@act("fairness.recorded", law="招标投标领域公平竞争审查规则", action="project.edit")
def record_fairness(ctx: Act, tender_id: str, *, if_match: int | None = None,
                    **fields) -> FairnessReview:
    """Record who reviewed the documents for fair competition, by which standards, with what end."""
    tender, _ = lock_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    voided = changed_draft(ctx, tender, if_match)
    row = keep_fairness(ctx, tender_id, sorted(
        one.hash for one in documents_of(ctx.session, tender_id)), fields)
    ctx.record(row.id, {**fair(row, fields), "version": tender.version,
                        "submission_voided": voided}, tender_id=tender_id)
    return row


def keep_fairness(ctx: Act, tender_id: str, documents: list[str],
                  fields: dict[str, object]) -> FairnessReview:
    """Store a record over these files; only ever part of the act that says so. FAIRNESS_WRONG."""
    fairness.check(fields["standards"], fields["conclusion"], fields["exception"],
                   fields["reviewed_on"], beijing_day(ctx.now).isoformat())
    row = FairnessReview(
        id=new_id(), tender_id=tender_id, recorded_at=ctx.now, recorded_by=ctx.actor.account_id,
        number=_next(ctx, FairnessReview, FairnessReview.tender_id == tender_id),
        documents=documents, **fields)
    ctx.session.add(row)
    ctx.session.flush()
    return row


def fair(row: FairnessReview, fields: dict[str, object]) -> dict[str, object]:
    """What the record says of one."""
    return {"fairness": row.number, "conclusion": row.conclusion,
            "content_hash": sha256(jcs({**fields, "documents": row.documents})).hex()}


@act("reading.asked", law="招标投标法 16", action="project.edit")
def ask_reading(ctx: Act, tender_id: str, *, party_id: str) -> OutsideReading:
    """Ask another unit to read the notice; until it has passed it nobody approves."""
    tender, _ = lock_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    party = ctx.session.get(Party, party_id)
    if party is None or party.kind not in READERS or party.id == tender.buyer_id:
        raise READING_UNIT()
    row = OutsideReading(id=new_id(), tender_id=tender_id, party_id=party_id, asked_at=ctx.now,
                         asked_by=ctx.actor.account_id)
    ctx.session.add(row)
    ctx.session.flush()
    voided = changed_draft(ctx, tender)
    ctx.record(row.id, {"unit": party_id, "version": tender.version, "submission_voided": voided},
               tender_id=tender_id)
    return row


@act("reading.withdrawn", law="招标投标法 16", action="project.edit")
def withdraw_reading(ctx: Act, tender_id: str, reading_id: str) -> OutsideReading:
    """Ask a unit no longer; the draft must be submitted anew, and the record keeps that it was asked."""
    tender, _ = lock_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    row = ctx.session.get(OutsideReading, reading_id, populate_existing=True)
    if row is None or row.tender_id != tender_id or row.withdrawn_at is not None:
        raise NOT_FOUND()
    row.withdrawn_at = ctx.now
    ctx.session.flush()
    voided = changed_draft(ctx, tender)
    ctx.record(row.id, {"unit": row.party_id, "version": tender.version,
                        "submission_voided": voided}, tender_id=tender_id)
    return row


@act("reading.given", law="招标投标法 16", by=("self",))
def give_opinion(ctx: Act, reading_id: str, *, content_hash: str, verdict: str,
                 opinion: str) -> ReadingOpinion:
    """Say, for the unit that was asked, whether the submitted notice passes."""
    row = ctx.session.get(OutsideReading, reading_id)
    if row is None or not may_read(ctx.session, ctx.actor, row):
        raise NOT_FOUND()
    lock_tender(ctx, row.tender_id)
    ctx.session.refresh(row)
    ctx.permit(account=ctx.actor.account_id)
    notice = live_notice(ctx.session, row.tender_id)
    if row.withdrawn_at is not None or notice is None or notice.published_at is not None:
        raise NOT_SUBMITTED()
    if notice.content_hash != content_hash:
        raise NOTICE_CHANGED()
    if ctx.actor.person_id is None or ctx.actor.person_id == notice.submitted_person:
        raise SAME_PERSON()
    said = ReadingOpinion(
        id=new_id(), reading_id=reading_id, content_hash=content_hash, verdict=verdict,
        number=_next(ctx, ReadingOpinion, ReadingOpinion.reading_id == reading_id),
        opinion=opinion, given_at=ctx.now, given_by=ctx.actor.account_id,
        given_person=ctx.actor.person_id)
    ctx.session.add(said)
    ctx.session.flush()
    ctx.record(said.id, {"reading": reading_id, "content_hash": content_hash, "verdict": verdict,
                         "opinion_hash": sha256(opinion.encode()).hex()}, tender_id=row.tender_id)
    return said


def may_read(session, actor, reading: OutsideReading) -> bool:
    """Whether the actor stands for the unit that was asked, and is still asked."""
    if actor.kind != "account" or actor.party_id != reading.party_id \
            or reading.withdrawn_at is not None:
        return False
    return any(grant.role in ("buyer", "supervisor")
               for grant in grants_of(session, actor.account_id))


def _findings(ctx: Act, tender: Tender, lots: list[Lot]) -> list[dict]:
    return reviewing.findings(ctx.session, tender, lots, beijing_day(ctx.now))


def _refuse_unread(ctx: Act, tender: Tender, lots: list[Lot]) -> None:
    """Whoever was asked to read must have passed exactly what is approved."""
    if not hangs(ctx.session, tender.id, OutsideReading):
        return
    notice = live_notice(ctx.session, tender.id)
    open_units = []
    ctx.session.flush()
    for reading in ctx.session.connection().execute(_ASKED, {"tender": tender.id}):
        last = ctx.session.scalars(
            select(ReadingOpinion).where(ReadingOpinion.reading_id == reading.id)
            .order_by(ReadingOpinion.number.desc()).limit(1)).first()
        if last is None or last.verdict != "passed" or last.content_hash != notice.content_hash:
            open_units.append(ctx.session.get(Party, reading.party_id).name)
    if open_units:
        raise READING_OPEN(units=", ".join(open_units))


_asked = OutsideReading.__table__.c
_ASKED = select(_asked.id, _asked.party_id).where(
    _asked.tender_id == bindparam("tender"), _asked.withdrawn_at.is_(None))
finding_hooks.append(_findings)
publish_hooks.append(_refuse_unread)
content_hooks.append(reviewing.in_notice)
restated_hooks.append(reviewing.restated)
WORDED["fairness"] = fairness.worded
WORDED["review"] = review.worded
