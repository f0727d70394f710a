"""Amendments: drafted, submitted, and published by a second person, like the first notice.

What is submitted is frozen and judged; what is approved must still read the same, so that nothing
slips in between. Publication changes the lots, moves the deadlines and publishes the amendment
with the notice as it reads then, in one act.
"""

from __future__ import annotations

from sqlalchemy import delete, func, insert, select

from audit.act import Act, act
from kernel.canonical import jcs, sha256, time_text
from kernel.db import new_id
from kernel.refusal import DENIED, NOT_FOUND

from .. import amendment, amendment_work, invited, reviewing, rules
from ..amended import Amended, amended, files_of
from ..model import Document, DraftDocument, Item, Lot, NoticeDraft, PublishedNotice, Tender
from ..reading import documents_of
from ..refusals import (
    AMENDMENT_EMPTY,
    AMENDMENT_ENDED,
    INCOMPLETE,
    MANY,
    NOT_SUBMITTED,
    NOTICE_CHANGED,
    SAME_PERSON,
)
from .amending import move_deadline
from .course import lock_tender
from .own_signing import signed_facts, subject_of
from .publishing import publish_notice, restate

LAW = "招标投标法 23; 实施条例 21"
KIND = "amendment"


def begin_draft(ctx: Act, tender_id: str, kind: str, changes: dict) -> NoticeDraft:
    """Keep a new draft of a kind; the unique index refuses a second one (AMENDMENT_WAITS)."""
    count = ctx.session.scalar(select(func.count()).where(
        NoticeDraft.tender_id == tender_id, NoticeDraft.kind == kind))
    draft = NoticeDraft(id=new_id(), tender_id=tender_id, kind=kind, number=count + 1,
                        changes=changes, drafted_at=ctx.now, drafted_by=ctx.actor.account_id)
    ctx.session.add(draft)
    ctx.session.flush()
    return draft


def live_draft(ctx: Act, tender_id: str, draft_id: str, kind: str) -> NoticeDraft:
    """The draft, neither published nor given up; NOT_FOUND or AMENDMENT_ENDED."""
    draft = ctx.session.get(NoticeDraft, draft_id, populate_existing=True)
    if draft is None or draft.tender_id != tender_id or draft.kind != kind:
        raise NOT_FOUND()
    if draft.ended_at is not None:
        raise AMENDMENT_ENDED()
    return draft


@act("amendment.drafted", law=LAW, action="amendment.publish", disclose="never")
def draft_amendment(ctx: Act, tender_id: str, *, why: str, affects_bids: bool = True,
                    reasons: dict[str, str] | None = None, description: str | None = None,
                    lots: list[dict] = ()) -> NoticeDraft:
    """Draft an amendment of a published tender; one at a time."""
    _, present = lock_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    if {one["id"] for one in lots} - {lot.id for lot in present}:
        raise NOT_FOUND()
    changes = {"why": why, "affects_bids": affects_bids, "reasons": reasons or {},
               "description": description, "lots": [plain(one) for one in lots]}
    draft = begin_draft(ctx, tender_id, KIND, changes)
    ctx.record(draft.id, {"amendment": draft.number, "changes_hash": sha256(jcs(changes)).hex()},
               tender_id=tender_id)
    return draft


def plain(given: dict) -> dict:
    """A lot's change as it is kept: times as text."""
    return given | ({"deadline": time_text(given["deadline"])} if "deadline" in given else {})


@act("amendment.file_added", law=LAW, action="amendment.publish", disclose="never")
def add_amending_file(ctx: Act, tender_id: str, draft_id: str, *, name: str, kind: str,
                      media_type: str, size: int, digest: str,
                      replaces: str | None = None) -> NoticeDraft:
    """Add a file, already stored and checked, to an amendment; it may take another's place."""
    lock_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    draft = live_draft(ctx, tender_id, draft_id, KIND)
    present = documents_of(ctx.session, tender_id)
    if len(present) + len(files_of(ctx.session, draft)) >= rules.MAX_DOCUMENTS:
        raise MANY(what="documents", limit=rules.MAX_DOCUMENTS)
    if replaces is not None and replaces not in {one.id for one in present}:
        raise NOT_FOUND()
    unsubmit(draft)
    ctx.session.add(DraftDocument(
        draft_id=draft.id, kind=kind, name=name, media_type=media_type, size=size, hash=digest,
        replaces=replaces, added_at=ctx.now))
    ctx.record(draft.id, {"document_hash": digest, "size": size}, tender_id=tender_id)
    return draft


def unsubmit(draft: NoticeDraft) -> None:
    """What was submitted is no longer what the draft says: it must be submitted anew."""
    draft.version += 1
    draft.content = draft.content_hash = None
    draft.submitted_at = draft.submitted_by = draft.submitted_person = None


@act("amendment.withdrawn", law=LAW, action="amendment.publish", disclose="never")
def give_up_amendment(ctx: Act, tender_id: str, draft_id: str) -> NoticeDraft:
    """Give an amendment up before it is published."""
    lock_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    draft = live_draft(ctx, tender_id, draft_id, KIND)
    draft.ended_at = ctx.now
    ctx.record(draft.id, {"amendment": draft.number}, tender_id=tender_id)
    return draft


@act("amendment.submitted", law=LAW, action="amendment.publish", disclose="never")
def submit_amendment(ctx: Act, tender_id: str, draft_id: str) -> NoticeDraft:
    """Submit an amendment for approval: it is judged as if it were published now, and frozen."""
    tender, lots = lock_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    draft = live_draft(ctx, tender_id, draft_id, KIND)
    if ctx.actor.person_id is None:
        raise DENIED()
    content = _content(ctx, draft, judge(ctx, tender, lots, draft))
    draft.content, draft.content_hash = content.decode(), sha256(content).hex()
    draft.submitted_at, draft.submitted_by = ctx.now, ctx.actor.account_id
    draft.submitted_person = ctx.actor.person_id
    ctx.record(draft.id, {"amendment": draft.number, "content_hash": draft.content_hash},
               tender_id=tender_id)
    return draft


def _content(ctx: Act, draft: NoticeDraft, judged: Amended) -> bytes:
    """What the second person reads; `base` is the notice that it changes."""
    base = ctx.session.scalars(select(PublishedNotice.content_hash).where(
        PublishedNotice.about == draft.tender_id, PublishedNotice.kind == "tender_notice")
        .order_by(PublishedNotice.version.desc()).limit(1)).one()
    return jcs({"v": 1, "type": "amendment", "tender": draft.tender_id, "base": base,
                "amendment": draft.number, "sections": judged.sections})


@act("amendment.published", law=LAW, action="amendment.publish", fresh=True)
def approve_amendment(ctx: Act, tender_id: str, draft_id: str, *, content_hash: str,
                      signature: dict[str, object] | None = None) -> NoticeDraft:
    """Approve an amendment and so publish it; never by the person who submitted it.

    `content_hash` is what the approver read. It is judged again, by the time of now.
    """
    tender, lots = lock_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    draft = live_draft(ctx, tender_id, draft_id, KIND)
    if draft.content_hash is None:
        raise NOT_SUBMITTED()
    if ctx.actor.person_id is None or ctx.actor.person_id == draft.submitted_person:
        raise SAME_PERSON()
    judged = judge(ctx, tender, lots, draft)
    if content_hash != draft.content_hash \
            or sha256(_content(ctx, draft, judged)).hex() != draft.content_hash:
        raise NOTICE_CHANGED()
    signed = signed_facts(ctx, subject_of(draft), [lot.profile for lot in lots], signature)
    _apply(ctx, tender, draft, judged)
    notice = publish_notice(ctx, tender_id, KIND, judged.sections)
    draft.approved_by, draft.notice_id, draft.ended_at = (
        ctx.actor.account_id, notice.id, ctx.now)
    ctx.session.flush()  # what was reviewed for it counts from here on, and stands in the notice
    restated = restate(ctx, tender, lots)
    ctx.record(draft.id, {
        "amendment": draft.number, "content_hash": draft.content_hash,
        "submitted_by": draft.submitted_by, "notice": notice.id, "restated": restated.id,
        "lots": [{"lot": lot.id, "deadline": time_text(lot.deadline)} for lot in lots], **signed},
        tender_id=tender_id)
    return draft


def judge(ctx: Act, tender: Tender, lots: list[Lot], draft: NoticeDraft) -> Amended:
    """The tender as the amendment would have it; refuses what it may not be.

    Raises AMENDMENT_EMPTY, INVITEE_NAMED, WRONG_PHASE, INCOMPLETE with all findings, those of the review among
    them, DEADLINE_SOON and what `timetable.check_moved` raises.
    """
    changes = draft.changes
    # Every line is published, though of a long bill the notice says no more than some.
    invited.refuse_named(ctx, lots, "\n".join(
        f"{line['code']} {line['description']} {line['unit']}"
        for one in changes["lots"] for line in one.get("items", ())))
    judged = amended(ctx.session, tender, lots, draft)
    if not judged.sections:
        raise AMENDMENT_EMPTY()
    for lot, then, now_in in amendment_work.touched(ctx.session, lots, draft, judged, ctx.now):
        amendment_work.check_lot(lot, then, now_in, changes, ctx.now)
    found = amendment_work.findings(ctx.session, tender, lots, draft, judged, ctx.now)
    if found:
        raise INCOMPLETE(count=len(found), findings=found)
    judged.sections += reviewing.in_amendment(ctx.session, draft)
    judged.sections.append(amendment.reasons_section(
        changes["why"], amendment.affects(changes), changes["reasons"]))
    return judged


def _apply(ctx: Act, tender: Tender, draft: NoticeDraft, judged: Amended) -> None:
    """Write what was judged: deadlines first, while the old ones still stand."""
    by_id = {one["id"]: one for one in draft.changes["lots"]}
    for then in judged.lots:
        change, lot = by_id.get(then.id, {}), ctx.session.get_one(Lot, then.id)
        if then.deadline != lot.deadline:
            move_deadline(ctx, lot.id, then.deadline, why=draft.changes["why"],
                          cause="amendment", announce=False)
        for name in amendment.AMENDABLE[1:]:
            if name in change:
                setattr(lot, name, change[name])
        if "items" in change:
            ctx.session.execute(delete(Item).where(Item.lot_id == lot.id))
            ctx.session.execute(insert(Item), [
                {"id": new_id(), "lot_id": lot.id, "position": place} | one
                for place, one in enumerate(change["items"], 1)])
    if draft.changes["description"] is not None:
        tender.description = draft.changes["description"]
    last = max((one.position for one in documents_of(ctx.session, tender.id)), default=0)
    for place, one in enumerate(files_of(ctx.session, draft), last + 1):
        ctx.session.add(Document(
            id=new_id(), tender_id=tender.id, position=place, kind=one.kind, name=one.name,
            media_type=one.media_type, size=one.size, hash=one.hash, added_at=ctx.now))
        if one.replaces is not None:
            ctx.session.get_one(Document, one.replaces).replaced_by = one.hash
    tender.version += 1
    ctx.session.flush()
