"""What changes in the invitation: first what other books call, then the acts themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from audit.act import Act
from kernel.refusal import NOT_FOUND, WRONG_PHASE

from .lifecycle import STEPS, phase
from .model import Lot, LotOutcome, Tender
from .reading import lot_facts
from .refusals import DECIDED

publish_hooks: list[Callable[[Act, Tender, list[Lot]], None]] = []
"""Called inside `notice.approved` before the outcome; may fill the lots' policy or refuse."""

finding_hooks: list[Callable[[Act, Tender, list[Lot]], list[dict]]] = []
"""Called by `notice.submitted`; each returns findings `{field, zh, en, law}` of its book."""

content_hooks: list[Callable[[object, Tender, list[Lot]], dict]] = []
"""Called with a session; what each returns is part of the content that is frozen at submission,
so that a change to it between submission and approval is caught."""


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
    row = LotOutcome(lot_id=lot_id, outcome=outcome, at=ctx.now)
    ctx.session.add(row)
    ctx.session.flush()
    return row
