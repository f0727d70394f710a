"""The course of a lot: the locks on its rows, and the outcomes that are decided of it.

Other books call these; the acts that end, halt or repeat a tender stand on them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select

from audit.act import Act
from audit.dated import dated
from audit.held import hold, keep, once
from kernel.db import new_id
from kernel.refusal import NOT_FOUND, WRONG_PHASE
from people.model import Party
from people.refusals import STALE

from ..lifecycle import REPEATED, STEPS, Facts, phase
from ..model import Lot, LotOutcome, Tender
from ..reading import FACTS, facts_of_tender, live_notice, lot_facts
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


_LOCK_LOTS = (select(Lot).where(Lot.tender_id == bindparam("tender")).order_by(Lot.id)
              .with_for_update().execution_options(populate_existing=True))
_TENDER = dated(select(Tender).where(Tender.id == bindparam("tender"))
                .execution_options(populate_existing=True))
_LOCK_UNIT = select(Party).where(Party.id == bindparam("party")).with_for_update(key_share=True)


def lock_tender(ctx: Act, tender_id: str, *, last: bool = False) -> tuple[Tender, list[Lot]]:
    """Lock the tender by its lots' rows, by id, FOR UPDATE; NOT_FOUND if there is none.

    The lots' rows are the lock of everything about the tender, so that one order holds. `last`: no
    other lock has to come before the time is read, so it is read with the tender.
    """
    lots = list(ctx.session.scalars(_LOCK_LOTS, {"tender": tender_id}))
    if not lots:
        raise NOT_FOUND()
    tender, *time = ctx.session.execute(
        _TENDER(ctx.session.connection()), {"tender": tender_id}).one()
    if last:
        ctx.dated(*time)
    return tender, sorted(lots, key=lambda lot: lot.number)


def hold_tender(ctx: Act, tender_id: str) -> tuple[Tender, list[Lot]]:
    """Lock the tender as `lock_tender` does, and read once what hangs on that lock: whoever changes
    a draft's bills, documents, terms, holders or reviews takes it first."""
    tender, lots = lock_tender(ctx, tender_id, last=True)
    hold(ctx.session)
    keep(ctx.session, ("lots", tender_id), ("lot",), lots)
    return tender, lots


def lock_unit(ctx: Act, party_id: str) -> Party:
    """Lock a buyer's unit while something of it is published, after the rows that are: what two
    publish at once is still summed (招标投标法 4). Whoever only refers to the unit need not wait."""
    return ctx.session.scalars(_LOCK_UNIT, {"party": party_id}).one()


def changed_draft(ctx: Act, tender: Tender, if_match: int | None = None) -> bool:
    """Count one edit of the draft and void the submission that stood; True if one did.

    Joins the calling act. Other books call it when what they keep for the notice changes.
    `if_match`: the version that was read, where the writer says it; STALE if it is no more.
    """
    if if_match not in (None, tender.version):
        raise STALE(version=tender.version)
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
    _refuse_step(ctx, lot_facts(ctx.session, lot_id), outcome)
    if outcome == "candidates_published":
        if publicity_ends is None:
            raise ValueError("the candidates' publicity needs its end")
        ctx.session.get(Lot, lot_id).publicity_ends = publicity_ends
    number = ctx.session.get(Lot, lot_id).round if outcome == "closed" else 1
    if outcome in REPEATED:
        number += ctx.session.scalar(select(func.count()).select_from(LotOutcome).where(
            LotOutcome.lot_id == lot_id, LotOutcome.outcome == outcome))
    row = LotOutcome(lot_id=lot_id, outcome=outcome, at=ctx.now, round=number)
    ctx.session.add(row)
    ctx.session.flush()
    return row


def decide_publication(ctx: Act, tender: Tender, lots: list[Lot]) -> dict[str, Facts]:
    """The outcome `published` of every lot of a tender; as `decide_outcome`, of all at once. The
    lots' facts as they are from now on (`keep_facts`)."""
    facts = facts_of_tender(ctx.session, tender.id)
    for lot in lots:
        _refuse_step(ctx, facts[lot.id], "published")
    ctx.session.connection().execute(_DECIDE, [
        {"id": new_id(), "lot_id": lot.id, "outcome": "published", "at": ctx.now, "round": 1}
        for lot in lots])
    return {one: replace(said, outcomes={**said.outcomes, "published": ctx.now})
            for one, said in facts.items()}


def keep_facts(ctx: Act, tender_id: str, facts: dict[str, Facts]) -> None:
    """Keep what this act made of the lots' facts, as they would be read after its writing. Call it
    once nothing more is written of lots, outcomes, suspensions, doubts and holds."""
    once(ctx.session, ("facts", tender_id), FACTS, lambda: facts)


_DECIDE = insert(LotOutcome.__table__)


def _refuse_step(ctx: Act, facts: Facts, outcome: str) -> None:
    if outcome in facts.outcomes and outcome not in REPEATED:
        raise DECIDED(outcome=outcome)
    now_in = phase(facts, ctx.now)
    if now_in not in STEPS[outcome].before:
        raise WRONG_PHASE(phase=now_in.name)
