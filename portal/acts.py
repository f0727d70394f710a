"""What the operator's command line may change: nothing but a demonstration's day."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from audit.act import Act, act, wiring
from kernel.canonical import time_text
from kernel.db import Installation

from .refusals import BACKWARDS, NOT_A_DEMONSTRATION


@act("clock.forwarded", law="—", by=("operator",))
def forward(ctx: Act, to: datetime) -> datetime:
    """Move a demonstration's time forward to `to`; refused on any other database.

    Raises NOT_A_DEMONSTRATION, BACKWARDS.
    """
    row = ctx.session.scalars(select(Installation).with_for_update()).one()
    if row.kind not in ("demo", "test") or not wiring().settings["accelerator"]:
        raise NOT_A_DEMONSTRATION(kind=row.kind)
    if to < ctx.now:
        raise BACKWARDS(now=time_text(ctx.now), to=time_text(to))
    ctx.record("installation", {"to": time_text(to)})
    row.clock_offset_ms += int((to - ctx.now).total_seconds() * 1000)
    return to
