"""Pauses before the next step, while an objection is unanswered (实施条例 22, 54).

The packages above say what is objected to; here is only that something is. A hold is invisible
until a time comes that must not take effect: a deadline is then moved instead of closing the lot,
as the first thing that any act or tick does; an award does not begin.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from audit.act import Act, act
from kernel.canonical import time_text
from kernel.db import new_id

from .. import timetable
from ..amendment import span
from ..lifecycle import postpone_due
from ..model import LotHold
from ..reading import lot_facts
from ..refusals import DECIDED
from .amending import announce_moved
from .halting import lock_of


def hold_lot(ctx: Act, lot_id: str, subject: str, answer_by: datetime) -> None:
    """Hold the lot's next step for an objection. Joins the act that files it, which has locked
    the lot and records."""
    ctx.session.add(LotHold(id=new_id(), lot_id=lot_id, subject=subject, held_at=ctx.now,
                            answer_by=answer_by))
    ctx.session.flush()


def release_hold(ctx: Act, subject: str) -> None:
    """The objection is answered: what waited for it may go on. Joins the answering act."""
    row = ctx.session.scalars(select(LotHold).where(
        LotHold.subject == subject).with_for_update()).one()
    row.released_at = ctx.now
    ctx.session.flush()


@act("deadline.postponed", law="实施条例 21, 22", by=("clock",))
def postpone_held(ctx: Act, lot_id: str) -> None:
    """The deadline has come and an objection to the documents is unanswered: the deadline does
    not take effect, and is moved to where the last day to answer leaves the time that a
    clarification leaves (T3, T5).

    In the place of the close, by whoever reads the time first. Raises DECIDED when nothing is due.
    """
    lot, tender, lots = lock_of(ctx, lot_id)
    if not postpone_due(lot_facts(ctx.session, lot_id), ctx.now):
        raise DECIDED(outcome="postponed")
    answer_by = ctx.session.scalar(select(func.max(LotHold.answer_by)).where(
        LotHold.lot_id == lot_id, LotHold.released_at.is_(None)))
    before = lot.deadline
    lot.deadline = timetable.postponed(before, max(answer_by, ctx.now),
                                       span(lot.profile, lot.method))
    ctx.session.flush()
    announce_moved(ctx, tender, lots, [(lot, before)], "对招标文件的异议尚未答复，招标投标活动暂停。")
    ctx.record(lot_id, {"deadline": time_text(lot.deadline), "deadline_before": time_text(before),
                        "answer_by": time_text(answer_by), "round": lot.round},
               lot_id=lot_id, tender_id=lot.tender_id)
