"""What changes in the invitation: first what other books call, then the acts themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import delete, func, insert, select

from audit.act import Act, act, wiring
from kernel.canonical import sha256, time_text
from kernel.db import new_id
from kernel.refusal import DENIED, NOT_FOUND, WRONG_PHASE
from people.model import Party
from people.refusals import STALE

from . import access, codes, rules
from .lifecycle import STEPS, phase
from .model import Document, Item, Lot, LotOutcome, Notice, Question, Tender
from .reading import documents_of, items_of, live_notice, lot_facts
from .reading import lot as read_lot
from .refusals import (
    ALREADY_SUBMITTED,
    ANSWERED,
    DECIDED,
    INCOMPLETE,
    MANY,
    NOT_SUBMITTED,
    NOTICE_CHANGED,
    SAME_PERSON,
)
from .timetable import beijing_day, check_deadline

publish_hooks: list[Callable[[Act, Tender, list[Lot]], None]] = []
"""Called inside `notice.approved` before the outcome; may fill the lots' policy or refuse."""

finding_hooks: list[Callable[[Act, Tender, list[Lot]], list[dict]]] = []
"""Called by `notice.submitted`; each returns findings `{field, zh, en, law}` of its book."""

content_hooks: list[Callable[[object, Tender, list[Lot]], dict]] = []
"""Called with a session; what each returns is part of the content that is frozen at submission,
so that a change to it between submission and approval is caught."""


def lock_lot(ctx: Act, lot_id: str, share: bool = False) -> Lot:
    """Lock the lot's row (FOR SHARE with `share`) and read it afresh; NOT_FOUND if there is none.

    Call it before `ctx.now` is read, so that the time is not older than the lock.
    """
    lot = ctx.session.scalars(
        select(Lot).where(Lot.id == lot_id).with_for_update(read=share)
        .execution_options(populate_existing=True)).one_or_none()
    if lot is None:
        raise NOT_FOUND()
    return lot


def decide_outcome(ctx: Act, lot_id: str, outcome: str, *,
                   publicity_ends: datetime | None = None) -> LotOutcome:
    """Write an outcome of the lot, once, if the table of steps allows it now.

    Joins the calling act, which locks the lot FOR UPDATE first and records the entry.
    `publicity_ends` goes with `candidates_published` (timetable.publicity_ends). Raises
    DECIDED when the outcome exists, WRONG_PHASE when the step is not open.
    """
    step = STEPS[outcome]
    facts = lot_facts(ctx.session, lot_id)
    if outcome in facts.outcomes:
        raise DECIDED(outcome=outcome)
    now_in = phase(facts, ctx.now)
    if now_in not in step.before:
        raise WRONG_PHASE(phase=now_in.name)
    if outcome == "candidates_published":
        if publicity_ends is None:
            raise ValueError("the candidates' publicity needs its end")
        ctx.session.get(Lot, lot_id).publicity_ends = publicity_ends
    number = ctx.session.get(Lot, lot_id).round if outcome == "closed" else 1
    row = LotOutcome(lot_id=lot_id, outcome=outcome, at=ctx.now, round=number)
    ctx.session.add(row)
    ctx.session.flush()
    return row


LOT_FIELDS = ("title", "category", "regime", "estimate_fen", "price_ceiling_fen", "deadline",
              "decrypt_minutes", "period_days_max", "quality", "validity_days",
              "publicity_days", "suite", "access", "two_envelopes", "criteria", "price_method", "award_method", "panel",
              "guarantee")
"""What the buyer states of a lot; everything else on the row is the platform's."""


@act("tender.created", law="招标投标法 9; 电子招标投标办法 16", action="project.create")
def create_tender(ctx: Act, *, lots: list[dict], **fields) -> Tender:
    """Create a project with its lots, in draft, in one's own unit."""
    ctx.permit()
    buyer = ctx.session.get(Party, ctx.actor.party_id)
    tender = Tender(id=new_id(), buyer_id=buyer.id, created_at=ctx.now,
                    created_by=ctx.actor.account_id, version=1, ocid="", code="", **fields)
    tender.ocid = codes.ocid(tender.id, wiring().settings.get("ocid_prefix", codes.OCID_PREFIX))
    tender.code = codes.tender_code(tender.region)
    ctx.session.add(tender)
    ctx.session.flush()
    if not 1 <= len(lots) <= rules.MAX_LOTS:
        raise MANY(what="lots", limit=rules.MAX_LOTS)
    made = [_new_lot(ctx, tender, buyer.uscc, number, given)
            for number, given in enumerate(lots, 1)]
    _check_lots(ctx, made, made)
    ctx.record(tender.id, {"ocid": tender.ocid, "lots": [lot.id for lot in made]},
               tender_id=tender.id)
    return tender


def _new_lot(ctx: Act, tender: Tender, buyer_uscc: str, number: int, given: dict) -> Lot:
    profile = rules.offered(given["regime"], beijing_day(ctx.now))
    operator = wiring().settings.get("operator_uscc", buyer_uscc)
    stated = rules.lot_defaults(profile) | given
    stated["guarantee"] = {"kinds": list(rules.GUARANTEE_KINDS)} | stated["guarantee"]
    stated["access"] = access.normal(stated["access"])
    lot = Lot(id=new_id(), tender_id=tender.id, number=number,
              section_code=codes.section_code(tender.code, number),
              deal_code=codes.deal_code(given["category"], operator, beijing_day(ctx.now)),
              **{name: stated[name] for name in LOT_FIELDS})
    ctx.session.add(lot)
    return lot


def _check_lots(ctx: Act, lots: list[Lot], timed: list[Lot]) -> None:
    """Refuse at once what no later edit of something else could make right.

    Only the `timed` lots' deadlines are judged: an old draft stays editable, and its notice
    cannot be submitted before its deadline is mended.
    """
    profile = None
    for lot in lots:
        profile = rules.offered(lot.regime, beijing_day(ctx.now))
        rules.check_guarantee(profile, lot.category, lot.estimate_fen,
                              lot.guarantee["amount_fen"])
        if lot.deadline is not None and lot in timed:
            check_deadline(profile, ctx.now, lot.deadline,
                           comprehensive=rules.comprehensive(lot.price_method))
    rules.check_limits(profile, [(lot.category, lot.estimate_fen) for lot in lots])


def lock_tender(ctx: Act, tender_id: str) -> tuple[Tender, list[Lot]]:
    """Lock the tender by its lots' rows, by id, FOR UPDATE; NOT_FOUND if there is none.

    The lots' rows are the lock of everything about the tender, so that one order holds.
    """
    lots = list(ctx.session.scalars(
        select(Lot).where(Lot.tender_id == tender_id).order_by(Lot.id).with_for_update()
        .execution_options(populate_existing=True)))
    if not lots:
        raise NOT_FOUND()
    tender = ctx.session.get(Tender, tender_id, populate_existing=True)
    return tender, sorted(lots, key=lambda lot: lot.number)


def changed_draft(ctx: Act, tender: Tender) -> bool:
    """Count one edit of the draft and void the submission that stood; True if one did.

    Joins the calling act. Other books call it when what they keep for the notice changes.
    """
    tender.version += 1
    notice = live_notice(ctx.session, tender.id)
    if notice is None:
        return False
    notice.voided_at = ctx.now
    ctx.session.flush()
    return True


@act("tender.edited", law="招标投标法 16, 19", action="project.edit")
def edit_tender(ctx: Act, tender_id: str, *, if_match: int, lots: list[dict] = (),
                **fields) -> Tender:
    """Change a draft: the fields given, and the lots named by their id; others are added."""
    tender, present = lock_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    if if_match != tender.version:
        raise STALE(version=tender.version)
    for name, value in fields.items():
        setattr(tender, name, value)
    by_id = {lot.id: lot for lot in present}
    timed = [_edit_lot(ctx, tender, by_id, dict(given)) for given in lots]
    if len(by_id) > rules.MAX_LOTS:
        raise MANY(what="lots", limit=rules.MAX_LOTS)
    _check_lots(ctx, list(by_id.values()), [lot for lot in timed if lot is not None])
    voided = changed_draft(ctx, tender)
    changed = sorted({*fields, *(name for given in lots for name in given if name != "id")})
    ctx.record(tender.id, {"version": tender.version, "fields": changed,
                           "submission_voided": voided}, tender_id=tender.id)
    return tender


def _edit_lot(ctx: Act, tender: Tender, by_id: dict[str, Lot], given: dict) -> Lot | None:
    """Change or add one lot; return it when its deadline must be judged anew."""
    lot_id = given.pop("id", None)
    if lot_id is None:
        buyer = ctx.session.get(Party, tender.buyer_id)
        lot = _new_lot(ctx, tender, buyer.uscc, len(by_id) + 1, given)
        by_id[lot.id] = lot
        return lot
    if lot_id not in by_id:
        raise NOT_FOUND()
    if "guarantee" in given:
        given["guarantee"] = {"kinds": list(rules.GUARANTEE_KINDS)} | given["guarantee"]
    if "access" in given:
        given["access"] = access.normal(given["access"])
    for name, value in given.items():
        setattr(by_id[lot_id], name, value)
    return by_id[lot_id] if {"deadline", "price_method", "regime"} & given.keys() else None


@act("document.added", law="招标投标法 19; 电子招标投标办法 20", action="project.edit")
def add_document(ctx: Act, tender_id: str, *, name: str, kind: str, media_type: str, size: int,
                 digest: str) -> Document:
    """Add a file, already stored and checked, to the bidding documents of a draft."""
    tender, _ = lock_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    present = documents_of(ctx.session, tender_id)
    if len(present) >= rules.MAX_DOCUMENTS:
        raise MANY(what="documents", limit=rules.MAX_DOCUMENTS)
    document = Document(id=new_id(), tender_id=tender_id, kind=kind,
                        position=max([one.position for one in present], default=0) + 1,
                        name=name, media_type=media_type, size=size, hash=digest,
                        added_at=ctx.now)
    ctx.session.add(document)
    ctx.session.flush()
    voided = changed_draft(ctx, tender)
    ctx.record(document.id, {"document_hash": digest, "size": size, "version": tender.version,
                             "submission_voided": voided}, tender_id=tender_id)
    return document


@act("document.removed", law="招标投标法 19", action="project.edit")
def remove_document(ctx: Act, tender_id: str, document_id: str) -> Tender:
    """Take a file out of a draft's bidding documents again."""
    tender, _ = lock_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    document = ctx.session.get(Document, document_id, populate_existing=True)
    if document is None or document.tender_id != tender_id:
        raise NOT_FOUND()
    digest = document.hash
    ctx.session.delete(document)
    ctx.session.flush()
    voided = changed_draft(ctx, tender)
    ctx.record(document_id, {"document_hash": digest, "version": tender.version,
                             "submission_voided": voided}, tender_id=tender_id)
    return tender


@act("items.set", law="招标投标法 19", action="project.edit", lot=True)
def set_items(ctx: Act, lot_id: str, *, items: list[dict]) -> Lot:
    """Replace the bill of quantities of a draft lot."""
    tender, lots = lock_tender(ctx, read_lot(ctx.session, lot_id).tender_id)
    ctx.permit(lot_id=lot_id)
    if len(items) > rules.MAX_ITEMS:
        raise MANY(what="items", limit=rules.MAX_ITEMS)
    ctx.session.execute(delete(Item).where(Item.lot_id == lot_id))
    if items:
        ctx.session.execute(insert(Item), [
            {"id": new_id(), "lot_id": lot_id, "position": position} | item
            for position, item in enumerate(items, 1)])
    voided = changed_draft(ctx, tender)
    ctx.record(lot_id, {"items": len(items), "version": tender.version,
                        "items_hash": rules.items_hash(items_of(ctx.session, lot_id)),
                        "submission_voided": voided}, lot_id=lot_id, tender_id=tender.id)
    return next(lot for lot in lots if lot.id == lot_id)


def _content(session, tender: Tender, lots: list[Lot]) -> bytes:
    more: dict[str, object] = {}
    for hook in content_hooks:
        more |= hook(session, tender, lots)
    buyer = session.get(Party, tender.buyer_id)
    return rules.notice_content(
        tender, buyer.uscc, [rules.lot_content(lot, items_of(session, lot.id)) for lot in lots],
        documents_of(session, tender.id), more)


def _refuse_findings(ctx: Act, tender: Tender, lots: list[Lot]) -> None:
    today = beijing_day(ctx.now)
    found = []
    for lot in lots:
        count = len(items_of(ctx.session, lot.id))
        found += rules.lot_findings(lot, rules.offered(lot.regime, today), ctx.now, count)
    kinds = [document.kind for document in documents_of(ctx.session, tender.id)]
    found += rules.tender_findings(lots, kinds, rules.offered(lots[0].regime, today))
    for hook in finding_hooks:
        found += hook(ctx, tender, lots)
    if found:
        raise INCOMPLETE(count=len(found), findings=found)


@act("notice.submitted", law="招标投标法 16; 电子招标投标办法 17", action="notice.submit")
def submit_notice(ctx: Act, tender_id: str) -> Notice:
    """Submit the notice for approval: its completeness is checked and its content frozen."""
    tender, lots = lock_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    if ctx.actor.person_id is None:
        raise DENIED()
    _refuse_findings(ctx, tender, lots)
    content = _content(ctx.session, tender, lots)
    digest = sha256(content).hex()
    standing = live_notice(ctx.session, tender_id)
    if standing is not None:
        if standing.content_hash == digest:
            raise ALREADY_SUBMITTED()
        standing.voided_at = ctx.now
        ctx.session.flush()
    count = ctx.session.scalar(select(func.count()).where(Notice.tender_id == tender_id))
    notice = Notice(id=new_id(), tender_id=tender_id, number=count + 1,
                    content=content.decode(), content_hash=digest, submitted_at=ctx.now,
                    submitted_by=ctx.actor.account_id, submitted_person=ctx.actor.person_id)
    ctx.session.add(notice)
    ctx.record(notice.id, {"content_hash": digest, "notice": notice.number},
               tender_id=tender_id)
    return notice


@act("notice.approved", law="招标投标法 16; 电子招标投标办法 17; 实施条例 15",
     action="notice.approve", fresh=True)
def approve_notice(ctx: Act, tender_id: str, *, content_hash: str) -> Notice:
    """Approve the submitted notice and so publish it; never by the person who submitted it.

    `content_hash` is what the approver read. The content must still be exactly that.
    """
    tender, lots = lock_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    notice = live_notice(ctx.session, tender_id)
    if notice is None:
        raise NOT_SUBMITTED()
    if ctx.actor.person_id is None or ctx.actor.person_id == notice.submitted_person:
        raise SAME_PERSON()
    content = _content(ctx.session, tender, lots)
    if content_hash != notice.content_hash or sha256(content).hex() != notice.content_hash:
        raise NOTICE_CHANGED()
    _refuse_findings(ctx, tender, lots)
    today = beijing_day(ctx.now)
    for lot in lots:
        lot.profile = dict(rules.offered(lot.regime, today))
    for hook in publish_hooks:
        hook(ctx, tender, lots)
    for lot in lots:
        decide_outcome(ctx, lot.id, "published")
    tender.published_at = ctx.now
    notice.approved_by, notice.approved_person = ctx.actor.account_id, ctx.actor.person_id
    notice.published_at = ctx.now
    ctx.record(notice.id, {
        "content_hash": notice.content_hash, "submitted_by": notice.submitted_by,
        "lots": [{"lot": lot.id, "deadline": time_text(lot.deadline), "suite": lot.suite,
                  "policy_hash": lot.policy_hash, "profile": lot.profile["id"]}
                 for lot in lots]}, tender_id=tender_id)
    return notice


@act("question.asked", law="招标投标法 22; 实施条例 22", action="question.ask", lot=True,
     disclose="never", veiled=True)
def ask_question(ctx: Act, lot_id: str, *, text: str) -> Question:
    """Ask about the bidding documents; the answer goes to all, the asker's name to nobody."""
    lot = lock_lot(ctx, lot_id, share=True)
    ctx.permit(lot_id=lot_id)
    asked = ctx.session.scalar(select(func.count()).where(
        Question.lot_id == lot_id, Question.asker_party_id == ctx.actor.party_id))
    if asked >= rules.MAX_QUESTIONS:
        raise MANY(what="questions", limit=rules.MAX_QUESTIONS)
    own = ctx.session.get(Party, ctx.actor.party_id)
    rules.check_question(text, (own.name, own.uscc))
    question = Question(id=new_id(), lot_id=lot_id, asker_party_id=ctx.actor.party_id, text=text,
                        asked_at=ctx.now)
    ctx.session.add(question)
    ctx.record(question.id, {"question_hash": sha256(text.encode()).hex()}, lot_id=lot_id,
               tender_id=lot.tender_id)
    return question


@act("question.answered", law="招标投标法 22, 23; 实施条例 21", action="question.answer", lot=True)
def answer_question(ctx: Act, lot_id: str, question_id: str, *, text: str) -> Question:
    """Answer a question, to everybody at once; question and answer are published together."""
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    question = ctx.session.get(Question, question_id, populate_existing=True)
    if question is None or question.lot_id != lot_id:
        raise NOT_FOUND()
    if question.answered_at is not None:
        raise ANSWERED()
    question.answer, question.answered_at = text, ctx.now
    question.answered_by = ctx.actor.account_id
    ctx.record(question.id, {"question_hash": sha256(question.text.encode()).hex(),
                             "answer_hash": sha256(text.encode()).hex()},
               lot_id=lot_id, tender_id=lot.tender_id)
    return question
