"""What a complaint does to a direct award or a service: it is halted, and it may fall.

Acts of both books use this; the supervisor's own acts call them (supervision/complaints).
"""

from __future__ import annotations

from audit.act import Act
from kernel.canonical import sha256, time_text
from kernel.db import new_id

from .. import halted, timetable
from ..method_refusals import HALTED
from ..model import CourseHalt
from ..profile import Profile


def begin(ctx: Act, course_id: str, profile: Profile, *, document_no: str,
          reason: str) -> tuple[CourseHalt, dict[str, object]]:
    """Halt what is locked; the row and what the entry says. Raises HALTED where it is, HALT_SPENT
    for a document that halted it before."""
    if halted.standing(ctx.session, course_id, ctx.now):
        raise HALTED()
    row = CourseHalt(id=new_id(), course_id=course_id, document_no=document_no, reason=reason,
                     halted_at=ctx.now, halted_by=ctx.actor.account_id,
                     until=timetable.suspension_ends(profile, ctx.now))
    ctx.session.add(row)
    ctx.session.flush()
    return row, {"halt": row.id, "document_no": document_no,
                 "reason_hash": sha256(reason.encode()).hex(),
                 "until": time_text(row.until) if row.until else None}


def lift(ctx: Act, halt_id: str | None) -> dict[str, object]:
    """Lift a halt with the decision that ends it, if one is named; what the entry says of it."""
    if halt_id is not None:
        ctx.session.get_one(CourseHalt, halt_id).lifted_at = ctx.now
        ctx.session.flush()
    return {"halt": halt_id}


def must_run(ctx: Act, course_id: str) -> None:
    """Refuse a contract of what is halted. Raises HALTED."""
    if halted.standing(ctx.session, course_id, ctx.now):
        raise HALTED()
