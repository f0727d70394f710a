"""Who submitted signs what was frozen; who approves signs with the approval (acts/own_signing.py)."""

from __future__ import annotations

from sqlalchemy import select

from audit.act import Act, act
from kernel.canonical import sha256
from people.model import Party

from .. import direct
from ..model import DirectAward, NoticeDraft, NoticeSignature
from ..reading import live_notice
from ..refusals import NOT_SUBMITTED, NOTICE_CHANGED
from ..signing import fact
from .amendments import KIND as AMENDMENT
from .amendments import live_draft
from .course import hold_tender, lock_tender
from .direct import lock_award
from .own_signing import Subject, sign_submitted, subject_of
from .prenotice import KIND as PRE_NOTICE

LAW = "电子签名法 13; 电子招标投标办法 40"


def _sign(ctx: Act, what: Subject, person_id: str | None, content_hash: str,
          signature: dict[str, object], tender_id: str | None) -> NoticeSignature:
    if content_hash != what.content_hash:
        raise NOTICE_CHANGED()
    row = sign_submitted(ctx, what, person_id, signature)
    ctx.record(row.id, {"of": what.of_id, "content_hash": what.content_hash,
                        "signature": fact(row)}, tender_id=tender_id)
    return row


@act("notice.signed", law=LAW, action="notice.submit", disclose="never")
def sign_notice(ctx: Act, tender_id: str, *, content_hash: str,
                signature: dict[str, object]) -> NoticeSignature:
    """Sign the notice that one submitted, with a key of one's own."""
    hold_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    notice = live_notice(ctx.session, tender_id)
    if notice is None:
        raise NOT_SUBMITTED()
    return _sign(ctx, subject_of(notice), notice.submitted_person, content_hash, signature,
                 tender_id)


@act("pre_notice.signed", law=LAW, action="notice.submit", disclose="never")
def sign_pre_notice(ctx: Act, tender_id: str, *, content_hash: str,
                    signature: dict[str, object]) -> NoticeSignature:
    """Sign the advance notice that one submitted, with a key of one's own."""
    lock_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    draft = ctx.session.scalars(select(NoticeDraft).where(
        NoticeDraft.tender_id == tender_id, NoticeDraft.kind == PRE_NOTICE,
        NoticeDraft.ended_at.is_(None))).one_or_none()
    if draft is None:
        raise NOT_SUBMITTED()
    return _sign(ctx, subject_of(draft), draft.submitted_person, content_hash, signature, tender_id)


@act("amendment.signed", law=LAW, action="amendment.publish", disclose="never")
def sign_amendment(ctx: Act, tender_id: str, draft_id: str, *, content_hash: str,
                   signature: dict[str, object]) -> NoticeSignature:
    """Sign the amendment that one submitted, with a key of one's own."""
    lock_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    draft = live_draft(ctx, tender_id, draft_id, AMENDMENT)
    if draft.content_hash is None:
        raise NOT_SUBMITTED()
    return _sign(ctx, subject_of(draft), draft.submitted_person, content_hash, signature, tender_id)


@act("direct_award.signed", law=LAW, action="direct.manage", disclose="never")
def sign_award(ctx: Act, award_id: str, *, content_hash: str,
               signature: dict[str, object]) -> NoticeSignature:
    """Sign the direct award that one stated, with a key of one's own."""
    row: DirectAward = lock_award(ctx, award_id, draft=True)
    digest = sha256(direct.content(row, ctx.session.get_one(Party, row.buyer_id).uscc)).hex()
    return _sign(ctx, subject_of(row, digest), row.drafted_person, content_hash, signature, None)
