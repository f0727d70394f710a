"""The advance notice (预公告): what is to be tendered and when, before the tender itself.

Two persons publish it while the tender is a draft; the tender stays one, and changes as it likes.
"""

from __future__ import annotations

import json
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.act import Act, act
from kernel.canonical import jcs, sha256
from kernel.refusal import DENIED
from people.model import Party

from ..model import Lot, NoticeDraft, Tender
from ..notices import Section, row, section
from ..reading import lots_of, profiles_of
from ..refusals import NOT_SUBMITTED, NOTICE_CHANGED, SAME_PERSON
from ..timetable import beijing_day
from .amendments import begin_draft
from .course import lock_tender
from .own_signing import signed_facts, subject_of
from .publishing import publish_notice

LAW = "招标公告和公示信息发布管理办法 3; 公平竞争审查条例 8"
KIND = "pre_notice"


def _live(ctx: Act, tender_id: str) -> NoticeDraft | None:
    return ctx.session.scalars(select(NoticeDraft).where(
        NoticeDraft.tender_id == tender_id, NoticeDraft.kind == KIND,
        NoticeDraft.ended_at.is_(None))).one_or_none()


def _sections(session: Session, tender: Tender, lots: list[Lot], expected: str,
              text: str) -> list[Section]:
    buyer = session.get(Party, tender.buyer_id)
    project = [row("title", "项目名称", "Title", tender.title),
               row("buyer", "招标人", "Buyer", buyer.name),
               row("region", "行政区划", "Region", tender.region),
               row("expected", "预计发布招标公告", "Tender notice expected", expected, "day")]
    if text:
        project.append(row("text", "说明", "More", text))
    return [section("项目", "The project", project), *(
        section(f"标段 {lot.number}", f"Lot {lot.number}", [
            row("title", "标段名称", "Title", lot.title),
            row("category", "类别", "Category", lot.category, "word"),
            row("estimate_fen", "估算价", "Estimate", lot.estimate_fen, "money")]) for lot in lots)]


def _content(session: Session, tender: Tender, lots: list[Lot], draft: NoticeDraft) -> bytes:
    return jcs({"v": 1, "type": "pre-notice", "tender": tender.id, "sections": _sections(
        session, tender, lots, draft.changes["expected"], draft.changes["text"])})


def last_advance(session: Session, tender: Tender,
                 person_id: str | None) -> dict[str, object] | None:
    """The last advance notice of a tender as the unit's own person reads it (PreNoticeReadOut)."""
    draft = session.scalars(select(NoticeDraft).where(
        NoticeDraft.tender_id == tender.id, NoticeDraft.kind == KIND)
        .order_by(NoticeDraft.number.desc())).first()
    if draft is None:
        return None
    now = sha256(_content(session, tender, lots_of(session, tender.id), draft)).hex()
    return {"id": draft.id, "tender_id": tender.id, "content_hash": draft.content_hash,
            "submitted_at": draft.submitted_at, "notice_id": draft.notice_id,
            "ended_at": draft.ended_at, "own": draft.submitted_person == person_id,
            "stale": draft.ended_at is None and now != draft.content_hash,
            "sections": json.loads(draft.content)["sections"], **draft.changes}


@act("pre_notice.submitted", law=LAW, action="notice.submit", disclose="never")
def submit_pre_notice(ctx: Act, tender_id: str, *, expected: date, text: str = "") -> NoticeDraft:
    """Submit an advance notice for approval; a later submission takes the place of one before."""
    tender, lots = lock_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    if ctx.actor.person_id is None:
        raise DENIED()
    before = _live(ctx, tender_id)
    if before is not None:
        before.ended_at = ctx.now
        ctx.session.flush()
    draft = begin_draft(ctx, tender_id, KIND, {"expected": expected.isoformat(), "text": text})
    content = _content(ctx.session, tender, lots, draft)
    draft.content, draft.content_hash = content.decode(), sha256(content).hex()
    draft.submitted_at, draft.submitted_by = ctx.now, ctx.actor.account_id
    draft.submitted_person = ctx.actor.person_id
    ctx.record(draft.id, {"content_hash": draft.content_hash}, tender_id=tender_id)
    return draft


@act("pre_notice.published", law=LAW, action="notice.approve", fresh=True)
def approve_pre_notice(ctx: Act, tender_id: str, *, content_hash: str,
                       signature: dict[str, object] | None = None) -> NoticeDraft:
    """Approve and so publish the advance notice: another person than who submitted it.

    The draft must still read as it did when it was submitted: its title and place stand at the
    head of the notice. Raises NOT_SUBMITTED, SAME_PERSON, NOTICE_CHANGED.
    """
    tender, lots = lock_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    draft = _live(ctx, tender_id)
    if draft is None:
        raise NOT_SUBMITTED()
    if ctx.actor.person_id is None or ctx.actor.person_id == draft.submitted_person:
        raise SAME_PERSON()
    if content_hash != draft.content_hash \
            or sha256(_content(ctx.session, tender, lots, draft)).hex() != draft.content_hash:
        raise NOTICE_CHANGED()
    profiles = profiles_of(ctx.session, tender, lots, beijing_day(ctx.now))
    signed = signed_facts(ctx, subject_of(draft), profiles.values(), signature)
    notice = publish_notice(ctx, tender_id, KIND, json.loads(draft.content)["sections"])
    draft.approved_by, draft.notice_id, draft.ended_at = (
        ctx.actor.account_id, notice.id, ctx.now)
    ctx.record(draft.id, {"content_hash": draft.content_hash, "notice": notice.id,
                          "submitted_by": draft.submitted_by, **signed}, tender_id=tender_id)
    return draft
