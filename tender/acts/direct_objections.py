"""Objections to a direct award: raised while it stands in public, answered once; the contract waits.

Whoever might have had the work may object: every company, as to the documents of a tender, but the
one it went to.
"""

from __future__ import annotations

from collections.abc import Sequence

from audit.act import Act, act
from kernel.canonical import time_text
from kernel.db import new_id
from kernel.refusal import NOT_FOUND
from people.model import Party

from .. import direct, objecting
from ..method_refusals import DIRECT_ANSWERED, DIRECT_NOT_OBJECTABLE, DIRECT_OWN
from ..model import DirectAward, DirectObjection
from .direct import lock_award
from .objecting import answered, raised


@act("direct_award.objected", law=direct.OBJECTING, action="direct.object", disclose="never")
def object_to_award(ctx: Act, award_id: str, *, argument: str, remedy: str,
                    evidence: Sequence[str] = ()) -> DirectObjection:
    """Object to a direct award while it stands in public, as another company; once.

    `evidence`: hashes of one's own papers. Raises DIRECT_OWN, DIRECT_NOT_OBJECTABLE,
    DIRECT_OBJECTED, PAPER_MISSING.
    """
    row = lock_award(ctx, award_id, draft=False, own=False)
    ctx.permit()
    own = ctx.session.get_one(Party, ctx.actor.party_id)
    if own.uscc == row.contractor_uscc:
        raise DIRECT_OWN()
    objecting.check_public(row, ctx.now, DIRECT_NOT_OBJECTABLE)
    made = raised(ctx, DirectObjection(id=new_id(), award_id=row.id, party_id=own.id), row.profile,
                  argument=argument, remedy=remedy, evidence=evidence)
    ctx.record(made.id, {"award": row.id, "answer_by": time_text(made.answer_by),
                         "objection_hash": direct.objection_hash(made)}, party_id=own.id,
               tender_id=row.id)
    return made


@act("direct_award.objection_answered", law=direct.OBJECTING, action="direct.manage")
def answer_award_objection(ctx: Act, objection_id: str, *, outcome: str,
                           text: str) -> DirectObjection:
    """Answer an objection once, before everybody. Where it is upheld the award falls.

    Raises DIRECT_ANSWERED.
    """
    award, row = _lock(ctx, objection_id, own=True)
    objecting.check_unanswered(row, award, DIRECT_ANSWERED)
    said = answered(ctx, row, outcome, text)
    if outcome == "upheld":
        award.failed_at = ctx.now
    ctx.record(row.id, said | {"award": award.id, "failed": award.failed_at is not None},
               tender_id=award.id)
    return row


@act("direct_award.objection_overdue", law=direct.OBJECTING, by=("clock",))
def note_award_overdue(ctx: Act, objection_id: str) -> DirectObjection:
    """Write down that the time to answer passed without an answer; the contract still waits."""
    award, row = _lock(ctx, objection_id, own=False)
    ctx.permit()
    objecting.check_overdue(row, award, ctx.now, DIRECT_ANSWERED)
    row.overdue_at = ctx.now
    ctx.record(row.id, {"award": award.id, "answer_by": time_text(row.answer_by)},
               tender_id=award.id)
    return row


def _lock(ctx: Act, objection_id: str, *, own: bool) -> tuple[DirectAward, DirectObjection]:
    row = ctx.session.get(DirectObjection, objection_id)
    if row is None:
        raise NOT_FOUND()
    award = lock_award(ctx, row.award_id, draft=False, own=own)
    ctx.session.refresh(row)
    return award, row
