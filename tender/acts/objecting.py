"""What objections to direct awards and to results of selections do alike, inside their own acts."""

from __future__ import annotations

from collections.abc import Sequence

from audit.act import Act
from kernel.canonical import sha256

from .. import objecting
from .papers import must_be_kept


def raised(ctx: Act, row, profile, *, argument: str, remedy: str, evidence: Sequence[str]):
    """Fill in and add an objection that may be raised; `row` names its subject and its party.
    Raises PAPER_MISSING, and the table's own word where the company has objected before."""
    must_be_kept(ctx.session, row.party_id, evidence)
    row.argument, row.remedy, row.evidence = argument, remedy, sorted(set(evidence))
    row.filed_at, row.answer_by = ctx.now, objecting.answer_by(profile, ctx.now)
    ctx.session.add(row)
    ctx.session.flush()
    return row


def answered(ctx: Act, row, outcome: str, text: str) -> dict[str, object]:
    """Write an answer into its objection; what the record says of it."""
    row.outcome, row.answer, row.answered_at = outcome, text, ctx.now
    row.answered_by = ctx.actor.account_id
    return {"outcome": outcome, "answer_hash": sha256(text.encode()).hex()}
