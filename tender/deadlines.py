"""When a deadline cannot be trusted: time in doubt, a close without witnesses, an outage.

What one clock cannot decide two people do: the buyer proposes with evidence, the supervisor
approves (`bidding.acts.decide_deadline`, because only bidding can close). A restored deadline
opens a new round of the lot; the bids that were received stay, and the close of the round
before stays in the record. After an opening was authorised nothing is restored (assurance
Q46, I06).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audit.act import Act, act
from audit.watch import Doubt
from kernel.canonical import sha256, time_text
from kernel.refusal import NOT_FOUND

from .acts import lock_lot, lock_tender
from .acts.amending import announce_moved
from .lifecycle import Facts, Phase, phase
from .model import DeadlineProposal, Lot, LotDoubt
from .reading import lot_facts, open_lots, suspension_of
from .refusals import (
    DECIDED,
    NOT_LATER,
    OPENING_AUTHORISED,
    OWN_PROPOSAL,
    PROPOSAL_MOVED,
)
from .timetable import LATEST_AHEAD

RESTORED_WHY = "因平台故障或时间存疑，由招标人提出、监督机构批准，恢复截止时间；已收到的投标有效。"
RESTORED, CLOSED = "restored", "closed"


def lots_in_doubt(session: Session, doubt: Doubt, margin: timedelta) -> list[str]:
    """The open lots to whose deadline a disagreement of the clocks matters."""
    return [lot.id for lot in open_lots(session) if doubt.near(lot.deadline, margin)]


@act("deadline.doubted", law="招标投标法 28; 电子招标投标办法 27", by=("clock",))
def doubt_time(ctx: Act, lot_id: str, doubt: Doubt) -> LotDoubt:
    """The time sources disagree near the deadline: the lot neither takes bids nor closes until
    two people decide. Raises DECIDED when it is closed, ended or in doubt already."""
    lot = lock_lot(ctx, lot_id)
    facts = lot_facts(ctx.session, lot_id)
    if phase(facts, ctx.now) not in (Phase.BIDDING, Phase.CLOSED) or "closed" in facts.outcomes:
        raise DECIDED(outcome="doubted")
    row = LotDoubt(lot_id=lot_id, round=lot.round, doubted_at=ctx.now, evidence=doubt.to_json())
    ctx.session.add(row)
    ctx.session.flush()
    ctx.record(lot_id, {"sources": row.evidence, "deadline": time_text(lot.deadline)},
               lot_id=lot_id, tender_id=lot.tender_id)
    return row


@act("deadline.restoration_proposed", law="招标投标法 24; 电子招标投标办法 27",
     action="deadline.restore_propose", lot=True)
def propose(ctx: Act, lot_id: str, *, decision: str, evidence: str,
            deadline: datetime | None = None) -> DeadlineProposal:
    """Propose with evidence a new deadline (`restored`), or that the deadline was good (`closed`).

    The last proposal takes the place of those before it. Raises OPENING_AUTHORISED, NOT_LATER.
    """
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    facts = lot_facts(ctx.session, lot_id)
    if decision == RESTORED:
        check_restored(facts, deadline, ctx.now)
    elif deadline is not None:
        raise NOT_LATER(earliest="—")
    before = ctx.session.scalar(select(func.count()).where(DeadlineProposal.lot_id == lot_id))
    row = DeadlineProposal(
        lot_id=lot_id, number=before + 1, round=lot.round, decision=decision,
        deadline_before=lot.deadline, deadline=deadline, evidence=evidence, proposed_at=ctx.now,
        proposed_by=ctx.actor.account_id, proposed_person=ctx.actor.person_id)
    ctx.session.add(row)
    ctx.session.flush()
    ctx.record(row.id, _said(row), lot_id=lot_id, tender_id=lot.tender_id)
    return row


def check_restored(facts: Facts, deadline: datetime | None, now: datetime) -> None:
    """Refuse a restored deadline after an authorisation, or one that does not lie ahead (I06)."""
    if "authorised" in facts.outcomes:
        raise OPENING_AUTHORISED()
    earliest = max(now, facts.deadline)
    if deadline is None or not earliest < deadline <= now + LATEST_AHEAD:
        raise NOT_LATER(earliest=time_text(earliest))


def proposal_to_decide(ctx: Act, lot: Lot, number: int) -> DeadlineProposal:
    """The lot's last proposal, still open, made in this round by another person; else a refusal.

    The caller holds the lot. Raises NOT_FOUND, PROPOSAL_MOVED or OWN_PROPOSAL.
    """
    last = last_proposal(ctx.session, lot.id)
    if last is None:
        raise NOT_FOUND()
    if last.number != number or last.approved_at is not None or last.round != lot.round:
        raise PROPOSAL_MOVED()
    if ctx.actor.person_id is None or ctx.actor.person_id == last.proposed_person:
        raise OWN_PROPOSAL()
    return last


def last_proposal(session: Session, lot_id: str) -> DeadlineProposal | None:
    """The lot's newest proposal, or None."""
    return session.scalars(
        select(DeadlineProposal).where(DeadlineProposal.lot_id == lot_id)
        .order_by(DeadlineProposal.number.desc()).limit(1)).one_or_none()


def doubt_of(session: Session, lot_id: str) -> LotDoubt | None:
    """The lot's doubt about time that is not settled, or None."""
    return session.scalars(select(LotDoubt).where(
        LotDoubt.lot_id == lot_id, LotDoubt.settled_at.is_(None))).one_or_none()


@act("deadline.restored", law="招标投标法 24; 电子招标投标办法 27")
def restore(ctx: Act, lot_id: str, row: DeadlineProposal) -> None:
    """Put the approved later deadline in force. Only ever part of a decision of two people.

    Where the lot was closed a new round begins: the outcome of the round before stays and
    counts no more, so what was received stays valid and bids are taken again.
    """
    lot = ctx.session.get_one(Lot, lot_id)
    facts = lot_facts(ctx.session, lot_id)
    check_restored(facts, row.deadline, ctx.now)
    settle(ctx, lot_id)
    if "closed" in facts.outcomes:
        lot.round += 1
    before, lot.deadline = lot.deadline, row.deadline
    standing = suspension_of(ctx.session, lot_id)
    if standing is not None:  # it runs from here on, and stands still at once
        standing.deadline, standing.counted_from = row.deadline, ctx.now
    ctx.session.flush()
    tender, lots = lock_tender(ctx, lot.tender_id)
    announce_moved(ctx, tender, lots, [(lot, before)], RESTORED_WHY)
    ctx.record(lot_id, {**_said(row), "deadline_before": time_text(before), "round": lot.round},
               lot_id=lot_id, tender_id=lot.tender_id)


def settle(ctx: Act, lot_id: str) -> bool:
    """End the lot's doubt about time, if there is one. Joins the deciding act."""
    doubt = doubt_of(ctx.session, lot_id)
    if doubt is not None:
        doubt.settled_at = ctx.now
        ctx.session.flush()
    return doubt is not None


def _said(row: DeadlineProposal) -> dict[str, object]:
    return {"proposal": row.number, "decision": row.decision,
            "deadline": row.deadline and time_text(row.deadline),
            "evidence_hash": sha256(row.evidence.encode()).hex()}
