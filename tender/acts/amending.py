"""What changes after publication: the deadline, and only to a later one.

There is one deadline, the lot's column: notices, closing, clients and clock holders all read it
or the entry that moved it. Whoever moves it calls `move_deadline`; two people who restore one
(tender/deadlines.py) are the only others.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from audit.act import Act, act
from kernel.canonical import sha256, time_text

from .. import notices, timetable
from ..model import Lot, PublishedNotice, Tender
from ..reading import lot as read_lot
from ..reading import lot_facts
from ..refusals import DEADLINE_OVER
from .course import lock_tender
from .publishing import publish_notice, restate


@act("deadline.extended", law="招标投标法 23, 24; 实施条例 21", action="deadline.extend", lot=True,
     fresh=True)
def move_deadline(ctx: Act, lot_id: str, deadline: datetime, *, why: str,
                  cause: str = "extension", announce: bool = True) -> Lot:
    """Move the lot's deadline later, before it passes, and publish that at once.

    `cause`: what called for it (`extension`, `amendment`, `clarification` …). Without `announce`
    the caller publishes the change itself. Raises DEADLINE_OVER, DEADLINE_BACK,
    DEADLINE_FREE_DAY, DEADLINE_UNREAL.
    """
    tender, lots = lock_tender(ctx, read_lot(ctx.session, lot_id).tender_id)
    ctx.permit(lot_id=lot_id)
    lot = next(one for one in lots if one.id == lot_id)
    facts = lot_facts(ctx.session, lot_id)
    if facts.doubted or "closed" in facts.outcomes:
        raise DEADLINE_OVER(standing=time_text(lot.deadline))
    timetable.check_moved(lot.deadline, deadline, ctx.now)
    before, lot.deadline = lot.deadline, deadline
    ctx.session.flush()
    ctx.record(lot_id, {"deadline": time_text(deadline), "deadline_before": time_text(before),
                        "cause": cause, "why_hash": sha256(why.encode()).hex()},
               lot_id=lot_id, tender_id=tender.id)
    if announce:
        announce_moved(ctx, tender, lots, [(lot, before)], why)
    return lot


def announce_moved(ctx: Act, tender: Tender, lots: list[Lot],
                   moved: Iterable[tuple[Lot, datetime]], why: str) -> PublishedNotice:
    """Publish an amendment that says which deadlines moved, and the notice as it reads now."""
    rows = [notices.changed(f"lots[{lot.number}].deadline", f"标段 {lot.number} 投标截止时间",
                            f"Deadline of lot {lot.number}", time_text(before),
                            time_text(lot.deadline), "time") for lot, before in moved]
    row = publish_notice(ctx, tender.id, "amendment", [
        notices.section("变更内容", "What changed", rows),
        notices.section("说明", "Why", [notices.row("why", "原因", "Reason", why)])])
    restate(ctx, tender, lots)
    return row
