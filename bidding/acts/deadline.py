"""What two people decide where no clock may: the buyer has proposed, the supervisor decides.

`restored` puts a later deadline in force; `closed` says that the deadline was good: a lot whose
time was in doubt is closed now, a close that no quorum of witnesses saw in time, or that came
late because the platform was away, stands.
"""

from __future__ import annotations

from audit.act import Act, act
from kernel.canonical import sha256
from kernel.refusal import WRONG_PHASE
from tender import deadlines
from tender.acts import lock_lot
from tender.lifecycle import close_due, phase
from tender.model import DeadlineProposal
from tender.reading import lot_facts
from tender.refusals import NOTHING_TO_SETTLE

from ..reading import Witnessing, late_close, witnessing
from .closing import close_lot


@act("deadline.decided", law="招标投标法 24, 28; 电子招标投标办法 27",
     action="deadline.restore_approve", lot=True, fresh=True)
def decide_deadline(ctx: Act, lot_id: str, *, proposal: int, reason: str) -> DeadlineProposal:
    """Approve the buyer's last proposal, `proposal` being its number; with a reason.

    Raises PROPOSAL_MOVED, OWN_PROPOSAL, OPENING_AUTHORISED, NOTHING_TO_SETTLE where nobody doubts
    the close that is to be confirmed, WRONG_PHASE where its deadline has not passed.
    """
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    row = deadlines.proposal_to_decide(ctx, lot, proposal)
    row.approved_at, row.approved_by = ctx.now, ctx.actor.account_id
    if row.decision == deadlines.RESTORED:
        deadlines.restore(ctx, lot_id, row)
    elif deadlines.settle(ctx, lot_id):
        facts = lot_facts(ctx.session, lot_id)
        if "closed" not in facts.outcomes:
            if not close_due(facts, ctx.now):
                raise WRONG_PHASE(phase=phase(facts, ctx.now).name)
            close_lot(ctx, lot_id)
    elif late_close(ctx.session, lot) is None and witnessing(ctx.session, lot) not in (
            Witnessing.PENDING, Witnessing.UNWITNESSED):
        raise NOTHING_TO_SETTLE()
    ctx.record(row.id, {"proposal": row.number, "decision": row.decision,
                        "proposed_by": row.proposed_by,
                        "evidence_hash": sha256(row.evidence.encode()).hex(),
                        "reason_hash": sha256(reason.encode()).hex()},
               lot_id=lot_id, tender_id=lot.tender_id)
    return row
