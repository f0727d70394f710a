"""The lots that somebody watches over, and what of each waits for a decision or is late.

Lateness is read from the dates that are enforced (tender.schedule), so that nothing is counted a
second time. Nothing here depends on whether, or how often, somebody has bid.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, exists, false, func, or_, select, true
from sqlalchemy.orm import Session

from audit.actor import Actor
from bidding.model import HolderKey
from kernel.canonical import time_text
from kernel.refusal import DENIED
from people.reading import grants_of
from people.relations import relations
from tender.lifecycle import Facts, Phase, phase
from tender.model import DeadlineProposal, Lot, LotDoubt, LotSuspension, Tender
from tender.reading import facts_of, until_of
from tender.relations import prefix
from tender.schedule import schedule

from ..model import Objection, ObjectionAnswer
from . import objections

ENDED = {Phase.CONTRACTED, Phase.ARCHIVED, Phase.TERMINATED, Phase.FAILED}

OPENING_GRACE = timedelta(minutes=15)
"""An opening that is not authorised so long after the deadline is shown as late. The law says "at
the same time"; within these minutes officials come in and check."""

DONE_BY = {"publicity_start": "candidates_published", "award": "awarded", "contract": "contracted",
           "decrypt": "opened"}
"""Dates of the schedule that ask for an act, and the outcome by which it is done."""


def watched(session: Session, actor: Actor, now: datetime) -> ColumnElement[bool]:
    """The tenders that the actor watches: a supervisor's of its jurisdictions, drafts among them;
    an auditor's all that are published. DENIED to everybody else."""
    roles = relations(session, actor, now)
    conditions = []
    if "supervisor_out" in roles:
        conditions += [Tender.region.startswith(prefix((grant.region or "").strip()) or "-")
                       for grant in grants_of(session, actor.account_id)
                       if grant.role == "supervisor"]
    if "audit_admin" in roles:
        conditions.append(Tender.published_at.is_not(None))
    if not roles & {"supervisor_out", "audit_admin"}:
        raise DENIED(action="audit.read_lot")
    return or_(false(), *conditions)


def listed(which: ColumnElement[bool], waiting: bool) -> Select:
    """The statement of the lots of those tenders; `waiting` leaves those of which something waits
    for a decision of the supervisor, or for an answer."""
    statement = select(Lot).join(Tender, Tender.id == Lot.tender_id).where(which)
    return statement.where(_waiting() if waiting else true())


def _waiting() -> ColumnElement[bool]:
    unanswered = exists().where(Objection.lot_id == Lot.id,
                                ~exists().where(ObjectionAnswer.objection_id == Objection.id))
    uncertified = exists().where(HolderKey.lot_id == Lot.id, HolderKey.certified_at.is_(None))
    proposed = exists().where(DeadlineProposal.lot_id == Lot.id,
                              DeadlineProposal.approved_at.is_(None))
    doubted = exists().where(LotDoubt.lot_id == Lot.id, LotDoubt.settled_at.is_(None))
    halted = exists().where(LotSuspension.lot_id == Lot.id, LotSuspension.resumed_at.is_(None))
    return or_(unanswered, uncertified, proposed, doubted, halted)


def watch_rows(session: Session, lots: Iterable[Lot], now: datetime) -> list[dict]:
    """Each lot with what waits and what is late."""
    lots = list(lots)
    facts = facts_of(session, [lot.id for lot in lots])
    tenders = {one.id: one for one in session.scalars(select(Tender).where(
        Tender.id.in_({lot.tender_id for lot in lots})))}
    ids = [lot.id for lot in lots]
    raised = defaultdict(list)
    for one in session.scalars(select(Objection).where(
            Objection.lot_id.in_(ids),
            ~exists().where(ObjectionAnswer.objection_id == Objection.id))
            .order_by(Objection.answer_by, Objection.id)):
        raised[one.lot_id].append(one)
    proposals = {one.lot_id: one for one in session.scalars(
        select(DeadlineProposal).where(DeadlineProposal.lot_id.in_(ids))
        .order_by(DeadlineProposal.number))}
    uncertified = dict(session.execute(
        select(HolderKey.lot_id, func.count()).where(
            HolderKey.lot_id.in_(ids), HolderKey.certified_at.is_(None))
        .group_by(HolderKey.lot_id)).all())
    return [_row(session, lot, tenders[lot.tender_id], facts[lot.id], now, raised[lot.id],
                 proposals.get(lot.id), uncertified.get(lot.id, 0)) for lot in lots]


def _row(session: Session, lot: Lot, tender: Tender, facts: Facts, now: datetime,
         open_ones: list[Objection], proposal: DeadlineProposal | None, uncertified: int) -> dict:
    stands = phase(facts, now)
    return {
        "lot_id": lot.id, "tender_id": tender.id, "tender_title": tender.title,
        "lot_number": lot.number, "lot_title": lot.title, "region": tender.region,
        "phase": stands.name, "deadline": lot.deadline, "published_at": facts.published,
        "objections": [{"id": one.id, "stage": one.stage, "answer_by": one.answer_by,
                        "overdue": objections.overdue(session, one, now)} for one in open_ones],
        "uncertified": uncertified if stands is Phase.DRAFT else 0, "doubted": facts.doubted, "suspended": facts.suspended,
        "proposal": proposal.number if proposal and proposal.approved_at is None else None,
        "late": list(late_steps(session, lot, facts, now)) if stands not in ENDED else []}


def late_steps(session: Session, lot: Lot, facts: Facts, now: datetime) -> Iterator[dict]:
    """What should have happened by an enforced date and has not: {name, zh, en, law, due}."""
    outcomes = facts.outcomes
    if facts.published is None or facts.suspended or lot.profile is None:
        return
    if "closed" in outcomes and "authorised" not in outcomes and now > lot.opening_at + OPENING_GRACE:
        yield {"name": "opening", "zh": "开标应当在截止的同一时间公开进行",
               "en": "The opening is due at the deadline", "law": "招标投标法 34",
               "due": time_text(lot.opening_at)}
    for one in schedule(lot, lot.profile, facts,
                        suspended_until=until_of(session, lot.id, facts)):
        done = DONE_BY.get(one.name)
        if done is not None and done not in outcomes and one.order <= now \
                and not (one.name == "publicity_start" and facts.publicity_ends is not None):
            yield {"name": one.name, "zh": one.zh, "en": one.en, "law": one.law,
                   "due": time_text(one.order)}
