"""What a second person sends back instead of approving it: to be mended and submitted anew."""

from __future__ import annotations

from audit.act import Act, act
from kernel.canonical import sha256
from kernel.db import new_id

from ..model import Notice, NoticeDraft, SentBack
from ..reading import live_notice
from ..refusals import NOT_SUBMITTED, NOTICE_CHANGED
from .amendments import KIND, LAW, live_draft, unsubmit
from .course import lock_tender


@act("notice.sent_back", law="规则：两人发布", action="notice.approve", disclose="never")
def send_notice_back(ctx: Act, tender_id: str, *, content_hash: str, reason: str) -> Notice:
    """Send the submitted notice back with the reason: it must be submitted anew.

    `content_hash` is what was read. Raises NOT_SUBMITTED, NOTICE_CHANGED.
    """
    lock_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    notice = live_notice(ctx.session, tender_id)
    if notice is None:
        raise NOT_SUBMITTED()
    if content_hash != notice.content_hash:
        raise NOTICE_CHANGED()
    notice.voided_at = ctx.now
    _keep(ctx, tender_id, notice.id, content_hash, reason)
    return notice


@act("amendment.sent_back", law=LAW, action="amendment.publish", disclose="never")
def send_amendment_back(ctx: Act, tender_id: str, draft_id: str, *, content_hash: str,
                        reason: str) -> NoticeDraft:
    """Send a submitted amendment back with the reason: it must be submitted anew."""
    lock_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    draft = live_draft(ctx, tender_id, draft_id, KIND)
    if draft.content_hash is None:
        raise NOT_SUBMITTED()
    if content_hash != draft.content_hash:
        raise NOTICE_CHANGED()
    unsubmit(draft)
    _keep(ctx, tender_id, draft.id, content_hash, reason)
    return draft


def _keep(ctx: Act, tender_id: str, about: str, content_hash: str, reason: str) -> None:
    ctx.session.add(SentBack(id=new_id(), tender_id=tender_id, about=about,
                             content_hash=content_hash, reason=reason, at=ctx.now))
    ctx.session.flush()
    ctx.record(about, {"content_hash": content_hash, "reason_hash": sha256(reason.encode()).hex()},
               tender_id=tender_id)
