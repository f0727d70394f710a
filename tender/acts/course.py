"""The course of a lot: the locks on its rows, and the outcomes that are decided of it.

Other books call these; the acts that end, halt or repeat a tender stand on them.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from audit.act import Act
from kernel.refusal import NOT_FOUND, WRONG_PHASE
from people.model import Party

from ..lifecycle import STEPS, phase
from ..model import Lot, LotOutcome, Tender
from ..reading import live_notice, lot_facts
from ..refusals import DECIDED


def lock_lot(ctx: Act, lot_id: str, share: bool = False) -> Lot:
    """Lock the lot's row (FOR SHARE with `share`) and read it afresh; NOT_FOUND if there is none.

    Call it before `ctx.now` is read, so that the time is not older than the lock.
    """
    lot = ctx.session.scalars(
        select(Lot).where(Lot.id == lot_id).with_for_update(read=share)
        .execution_options(populate_existing=True)).one_or_none()
    if lot is None:
        raise NOT_FOUND()
    return lot


def lock_tender(ctx: Act, tender_id: str) -> tuple[Tender, list[Lot]]:
    """Lock the tender by its lots' rows, by id, FOR UPDATE; NOT_FOUND if there is none.

    The lots' rows are the lock of everything about the tender, so that one order holds.
    """
    lots = list(ctx.session.scalars(
        select(Lot).where(Lot.tender_id == tender_id).order_by(Lot.id).with_for_update()
        .execution_options(populate_existing=True)))
    if not lots:
        raise NOT_FOUND()
    tender = ctx.session.get(Tender, tender_id, populate_existing=True)
    return tender, sorted(lots, key=lambda lot: lot.number)


def lock_unit(ctx: Act, party_id: str) -> Party:
    """Lock a buyer's unit while something of it is published, after the rows that are: what two
    publish at once is still summed (招标投标法 4). Whoever only refers to the unit need not wait."""
    return ctx.session.scalars(select(Party).where(Party.id == party_id)
                               .with_for_update(key_share=True)).one()


def changed_draft(ctx: Act, tender: Tender) -> bool:
    """Count one edit of the draft and void the submission that stood; True if one did.

    Joins the calling act. Other books call it when what they keep for the notice changes.
    """
    tender.version += 1
    notice = live_notice(ctx.session, tender.id)
    if notice is None:
        return False
    notice.voided_at = ctx.now
    ctx.session.flush()
    return True


def decide_outcome(ctx: Act, lot_id: str, outcome: str, *,
                   publicity_ends: datetime | None = None) -> LotOutcome:
    """Write an outcome of the lot, once, if the table of steps allows it now.

    Joins the calling act, which locks the lot FOR UPDATE first and records the entry.
    `publicity_ends` goes with `candidates_published` (timetable.publicity_ends). Raises
    DECIDED when the outcome exists, WRONG_PHASE when the step is not open.
    """
    step = STEPS[outcome]
    facts = lot_facts(ctx.session, lot_id)
    if outcome in facts.outcomes:
        raise DECIDED(outcome=outcome)
    now_in = phase(facts, ctx.now)
    if now_in not in step.before:
        raise WRONG_PHASE(phase=now_in.name)
    if outcome == "candidates_published":
        if publicity_ends is None:
            raise ValueError("the candidates' publicity needs its end")
        ctx.session.get(Lot, lot_id).publicity_ends = publicity_ends
    number = ctx.session.get(Lot, lot_id).round if outcome == "closed" else 1
    row = LotOutcome(lot_id=lot_id, outcome=outcome, at=ctx.now, round=number)
    ctx.session.add(row)
    ctx.session.flush()
    return row
