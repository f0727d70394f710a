"""A draft of an amendment is changed until it is submitted, and after that at the price of that."""

from __future__ import annotations

from audit.act import Act, act
from kernel.canonical import jcs, sha256, time_text
from kernel.refusal import NOT_FOUND
from people.refusals import STALE

from .. import amendment
from ..model import DraftDocument, Lot, NoticeDraft
from ..reading import items_of
from .amendments import KIND, LAW, live_draft, plain, unsubmit
from .course import lock_tender

ITEM = ("code", "description", "unit", "quantity")


@act("amendment.restated", law=LAW, action="amendment.publish", disclose="never")
def restate_amendment(ctx: Act, tender_id: str, draft_id: str, *, if_match: int,
                      lots: list[dict] = (), **stated) -> NoticeDraft:
    """Change what a draft would change; what is stated as it stands is no change.

    Raises NOT_FOUND, AMENDMENT_ENDED, STALE.
    """
    tender, present = lock_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    draft = live_draft(ctx, tender_id, draft_id, KIND)
    if if_match != draft.version:
        raise STALE(version=draft.version)
    if {one["id"] for one in lots} - {lot.id for lot in present}:
        raise NOT_FOUND()
    stated["lots"] = [plain(one) for one in lots]
    draft.changes = amendment.restated(
        draft.changes, stated, {lot.id: _standing(ctx, lot) for lot in present},
        tender.description)
    unsubmit(draft)
    ctx.record(draft.id, {"amendment": draft.number,
                          "changes_hash": sha256(jcs(draft.changes)).hex()}, tender_id=tender_id)
    return draft


def _standing(ctx: Act, lot: Lot) -> dict[str, object]:
    return {name: getattr(lot, name) for name in amendment.AMENDABLE} | {
        "deadline": time_text(lot.deadline),
        "items": [{name: getattr(one, name) for name in ITEM}
                  for one in items_of(ctx.session, lot.id)]}


@act("amendment.file_removed", law=LAW, action="amendment.publish", disclose="never")
def remove_amending_file(ctx: Act, tender_id: str, draft_id: str,
                         document_id: str) -> NoticeDraft:
    """Take a file out of an amendment again."""
    lock_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    draft = live_draft(ctx, tender_id, draft_id, KIND)
    found = ctx.session.get(DraftDocument, document_id, populate_existing=True)
    if found is None or found.draft_id != draft.id:
        raise NOT_FOUND()
    digest = found.hash
    ctx.session.delete(found)
    unsubmit(draft)
    ctx.session.flush()
    ctx.record(draft.id, {"document_hash": digest}, tender_id=tender_id)
    return draft
