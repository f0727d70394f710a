"""Reviews of amendments: by the same rules as the notice's, answered by people, shown with it."""

from __future__ import annotations

from audit.act import Act, act
from people.refusals import STALE

from .. import fairness, reviewing
from ..amended import amended
from ..model import AmendmentFairness, AmendmentReview, FairnessReview, Review
from ..refusals import REVIEW_MOVED
from .amendments import KIND, live_draft, unsubmit
from .course import lock_tender
from .reviews import counted, fair, keep_answer, keep_fairness, keep_review

LAW = "发改法规〔2026〕195号; 实施条例 21, 32"


@act("amendment.reviewed", law=LAW, action="amendment.publish", disclose="never")
def review_amendment(ctx: Act, tender_id: str, draft_id: str, *,
                     prepared: reviewing.Prepared) -> Review:
    """Store what the rules found in the tender as the amendment would have it."""
    tender, lots = lock_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    draft = live_draft(ctx, tender_id, draft_id, KIND)
    if reviewing.amended_basis(ctx.session, tender, lots, draft) != prepared.basis:
        raise REVIEW_MOVED()
    unsubmit(draft)
    row = keep_review(ctx, tender_id, prepared)
    ctx.session.add(AmendmentReview(review_id=row.id, draft_id=draft.id))
    ctx.session.flush()
    ctx.record(draft.id, {"amendment": draft.number, **counted(row)}, tender_id=tender_id)
    return row


@act("amendment.hit_answered", law=LAW, action="amendment.publish", disclose="never")
def answer_amended_hit(ctx: Act, tender_id: str, draft_id: str, *, hit: str, answer: str,
                       reason: str) -> Review:
    """Accept a hit of the amendment's last review, or say why what was hit stands."""
    lock_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    draft = live_draft(ctx, tender_id, draft_id, KIND)
    last = reviewing.newest_amended(ctx.session, draft.id)
    facts = keep_answer(ctx, last, hit, answer, reason)
    unsubmit(draft)
    ctx.record(draft.id, {"amendment": draft.number, **facts}, tender_id=tender_id)
    return last


@act("amendment.fairness_recorded", law=fairness.LAW, action="amendment.publish",
     disclose="never")
def record_amended_fairness(ctx: Act, tender_id: str, draft_id: str, *,
                            if_match: int | None = None, **fields) -> FairnessReview:
    """Record who reviewed the tender as the amendment would have it for fair competition."""
    tender, lots = lock_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    draft = live_draft(ctx, tender_id, draft_id, KIND)
    if if_match not in (None, draft.version):
        raise STALE(version=draft.version)
    row = keep_fairness(ctx, tender_id, reviewing.hashes_of(
        amended(ctx.session, tender, lots, draft)), fields)
    ctx.session.add(AmendmentFairness(fairness_id=row.id, draft_id=draft.id))
    unsubmit(draft)
    ctx.session.flush()
    ctx.record(row.id, {"draft": draft.id, **fair(row, fields)}, tender_id=tender_id)
    return row
