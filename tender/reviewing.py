"""The review of a tender: what is given to the rules, what became of it, what still waits.

Documents are read and rules asked outside any transaction (`prepare`); the act that stores the
result asks for `basis` again under its lock, so that a result never belongs to other documents.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import Session

from audit.act import wiring
from audit.held import once
from kernel.canonical import jcs, parse, sha256
from people.exchange import moment, reading
from people.model import Party

from . import fairness, invitation, invited, review
from .amended import Amended, amended
from .extraction import read, texts
from .findings import Finding, finding
from .hanging import hangs
from .model import (
    AmendmentFairness,
    AmendmentReview,
    Document,
    FairnessReview,
    Lot,
    NoticeDraft,
    OutsideReading,
    ReadingOpinion,
    Review,
    ReviewAnswer,
    Tender,
)
from .notices import Section
from .plugins import plugins
from .profile import Profile, has, number
from .reading import documents_of, live_notice, lots_of, profiles_of
from .review.catalogue import rules_hash
from .terms import terms_of
from .timetable import beijing_day

LAW = "发改法规〔2026〕195号; 规则 §5.6"
REQUIRED = "review.required"
"""The profile number that asks for a review outside the statutory regime, too."""


SECONDS = 120
"""How long all documents of a tender may take to be read; what is left then is said to be unread."""


@dataclass(frozen=True)
class Prepared:
    """A review that is made but not stored."""

    basis: str
    body: dict[str, object]
    named: bool = False
    """Whether a file names somebody who is invited; where, nobody may be told by a hit."""


def active_plugins() -> dict[str, review.catalogue.Plugin]:
    """The plug-ins of this installation."""
    return plugins(str(wiring().settings.get("review_plugins") or ""))


def basis(session: Session, tender: Tender, lots: list[Lot], day: date) -> str:
    """The hash of all that is reviewed and of the rules, on a Beijing day; hex."""
    return _basis(tender, lots, documents_of(session, tender.id),
                  _profiles(session, tender, lots, day))


def amended_basis(session: Session, tender: Tender, lots: list[Lot], draft: NoticeDraft) -> str:
    """The same, of the tender as an amendment would have it."""
    return _amended_basis(lots, amended(session, tender, lots, draft))


def _amended_basis(lots: list[Lot], then: Amended) -> str:
    return _basis(then.tender, then.lots, then.documents, _frozen(lots))


def _frozen(lots: Sequence[Lot]) -> dict[str, Profile]:
    return {lot.regime: lot.profile for lot in lots}


def _profiles(session: Session, tender: Tender, lots: list[Lot],
              day: date) -> Mapping[str, Profile]:
    """The numbers of the day; of a published tender those that were frozen with it."""
    return profiles_of(session, tender, lots, day) if tender.published_at is None \
        else _frozen(lots)


def _in_force(documents: Iterable[Document]) -> list[Document]:
    return [one for one in documents if one.replaced_by is None]


def _basis(tender: Tender, lots: Sequence[Lot], documents: Iterable[Document],
           profiles: Mapping[str, Profile]) -> str:
    return sha256(jcs({
        "rules": rules_hash(active_plugins()), "title": tender.title,
        "description": tender.description,
        "lots": [[lot.id, lot.regime, lot.category, lot.estimate_fen, lot.price_ceiling_fen,
                  lot.criteria, lot.price_method, lot.guarantee, profiles[lot.regime]["id"]]
                 for lot in lots],
        "documents": sorted([one.hash, one.name, one.kind]
                            for one in _in_force(documents))})).hex()


def prepare(session: Session, tender: Tender, day: date) -> Prepared:
    """Read the documents and ask the rules; ends the session's transaction on the way."""
    lots = lots_of(session, tender.id)
    return _prepare(session, tender, lots, documents_of(session, tender.id),
                    _profiles(session, tender, lots, day))


def prepare_amendment(session: Session, tender: Tender, draft: NoticeDraft) -> Prepared:
    """The same, of the whole tender as an amendment would have it: what is new may contradict
    what stays. A hit in a file that stays is the one that was answered before."""
    lots = lots_of(session, tender.id)
    then = amended(session, tender, lots, draft)
    return _prepare(session, then.tender, then.lots, then.documents, _frozen(lots))


def _prepare(session: Session, tender: Tender, lots: Sequence[Lot], documents: Iterable[Document],
             profiles: Mapping[str, Profile]) -> Prepared:
    known, documents = _basis(tender, lots, documents, profiles), _in_force(documents)
    subject = review.Subject(
        tuple(_lot(lot, profiles[lot.regime]) for lot in lots),
        (*_description(tender), *(review.Paper(one.id, one.name, one.hash, one.kind)
                                  for one in documents)), tender.title)
    kinds = {one.hash: one.media_type for one in documents}
    secret, buyer = invited.secret_names(session, lots), session.get_one(Party, tender.buyer_id)
    own = (buyer.name, buyer.uscc)
    session.rollback()  # no transaction stays open while strangers' files are read
    papers, until = [], time.monotonic() + SECONDS
    for paper in subject.papers:
        if paper.id:
            said = read(wiring().store.path(paper.hash), kinds[paper.hash],
                        max(0.1, min(texts.SECONDS, until - time.monotonic())))
            paper = replace(paper, passages=said.passages, problem=said.problem)
        papers.append(paper)
    named = bool(secret) and any(invitation.names(passage.text, secret, own)
                                 for paper in papers for passage in paper.passages)
    return Prepared(known, _body(replace(subject, papers=tuple(papers))), named)


def _lot(lot: Lot, profile: Profile) -> review.Lot:
    factors = tuple(str(one.get("name") or one.get("title") or one["code"])
                    for one in lot.criteria.get("factors", ()))
    return review.Lot(lot.id, lot.number, lot.regime, lot.category, lot.estimate_fen,
                      lot.price_ceiling_fen, terms_of(lot), profile, factors)


def _description(tender: Tender) -> list[review.Paper]:
    if not tender.description.strip():
        return []
    return [review.Paper("", "项目说明", sha256(tender.description.encode()).hex(), "description",
                         (review.Passage(tender.description, None, 1),))]


def _body(subject: review.Subject) -> dict[str, object]:
    own = active_plugins()
    found = review.inspect(subject, own)
    return {"v": 1, "rules": [[rule.id, rule.version] for rule in review.RULES],
            "plugins": sorted(own), "failed": dict(found.failed),
            "documents": [{"id": paper.id, "name": paper.name, "hash": paper.hash,
                           "kind": paper.kind, "problem": paper.problem,
                           "passages": len(paper.passages)} for paper in subject.papers],
            "hits": [hit.as_json() for hit in found.hits]}


def newest(session: Session, tender_id: str) -> Review | None:
    """The last review that was stored of the tender as it stands: of an amendment once that is
    published, never before."""
    return once(session, ("review", tender_id), ("review", "amendment_review", "notice_draft"),
                lambda: session.scalars(_NEWEST, {"tender": tender_id}).first()
                if hangs(session, tender_id, Review) else None)


def newest_amended(session: Session, draft_id: str) -> Review | None:
    """The last review that was made for an amendment."""
    return session.scalars(
        select(Review).join(AmendmentReview).where(AmendmentReview.draft_id == draft_id)
        .order_by(Review.number.desc()).limit(1)).first()


def draft_of(session: Session, row: Review) -> NoticeDraft | None:
    """The amendment that a review was made for."""
    return session.scalars(select(NoticeDraft).join(AmendmentReview).where(
        AmendmentReview.review_id == row.id)).one_or_none()


def answers(session: Session, tender_id: str,
            draft_id: str | None = None) -> dict[str, ReviewAnswer]:
    """What counts as said of each hit, by its key. What was said for an amendment counts for
    that one (`draft_id`), and for all once it is published."""
    rows = session.scalars(
        _counting(select(ReviewAnswer).join(Review, ReviewAnswer.review_id == Review.id), draft_id)
        .where(ReviewAnswer.tender_id == tender_id).order_by(ReviewAnswer.number))
    return {row.hit: row for row in rows}


def _counting(query: Select, draft_id: str | None) -> Select:
    """The query without reviews of amendments that are not published, but for `draft_id`'s."""
    own = AmendmentReview
    return query.outerjoin(own, own.review_id == Review.id).outerjoin(
        NoticeDraft, NoticeDraft.id == own.draft_id).where(or_(
            own.review_id.is_(None), NoticeDraft.notice_id.is_not(None),
            *([own.draft_id == draft_id] if draft_id else [])))


_NEWEST = (_counting(select(Review), None).where(Review.tender_id == bindparam("tender"))
           .order_by(Review.number.desc()).limit(1))
_FAIRNESS = (
    select(FairnessReview)
    .outerjoin(AmendmentFairness, AmendmentFairness.fairness_id == FairnessReview.id)
    .outerjoin(NoticeDraft, NoticeDraft.id == AmendmentFairness.draft_id)
    .where(FairnessReview.tender_id == bindparam("tender"),
           or_(AmendmentFairness.fairness_id.is_(None), NoticeDraft.notice_id.is_not(None)))
    .order_by(FairnessReview.number.desc()).limit(1))


def newest_fairness(session: Session, tender_id: str) -> FairnessReview | None:
    """The last record of a fair-competition review of the tender as it stands: of an amendment
    once that is published, never before."""
    return session.scalars(_FAIRNESS, {"tender": tender_id}).first() \
        if hangs(session, tender_id, FairnessReview) else None


def newest_amended_fairness(session: Session, draft_id: str) -> FairnessReview | None:
    """The last record that was made for an amendment."""
    return session.scalars(
        select(FairnessReview).join(AmendmentFairness)
        .where(AmendmentFairness.draft_id == draft_id)
        .order_by(FairnessReview.number.desc()).limit(1)).first()


def hashes_of(then: Amended) -> list[str]:
    """The files in force once an amendment is published, by hash."""
    return sorted(one.hash for one in _in_force(then.documents))


def fairness_findings(session: Session, draft: NoticeDraft, files: bool,
                      then: Amended) -> list[Finding]:
    """What 公平竞争审查 holds against an amendment: where the notice has a record of one and the
    amendment changes what was judged, it needs its own, of the files as they will be."""
    if newest_fairness(session, draft.tender_id) is None \
            or not fairness.judged(draft.changes, files):
        return []
    own = newest_amended_fairness(session, draft.id)
    if own is None:
        return [finding("fairness", "fairness.missing", fairness.LAW,
                        "本次变更改动了公平竞争审查过的内容，须重新审查并记录。",
                        "The amendment changes what was reviewed for fair competition: have it "
                        "reviewed and record that.")]
    if own.documents != hashes_of(then):
        return [finding("fairness", "fairness.stale", fairness.LAW,
                        "公平竞争审查之后文件有变化，须重新审查并记录。",
                        "The files changed after the review of fair competition; record a new one.")]
    return []


def findings(session: Session, tender: Tender, lots: list[Lot], day: date) -> list[Finding]:
    """What the review holds against publication.

    Where tendering is a must, or the profile asks, there must be a review. Where there is one it
    must be of the present documents, each breach answered; a breach that was accepted as right
    must be mended where tendering is a must.
    """
    last = newest(session, tender.id)
    if last is None:
        return [_missing()] if required(_profiles(session, tender, lots, day), lots) else []
    return _held(last, basis(session, tender, lots, day), answers(session, tender.id), lots)


def amended_findings(session: Session, tender: Tender, lots: list[Lot], draft: NoticeDraft,
                     then: Amended) -> list[Finding]:
    """What the review holds against an amendment: as for the notice, once it changes what is
    reviewed, and the notice was reviewed or a review is a must."""
    last, after = newest_amended(session, draft.id), _amended_basis(lots, then)
    if last is None:
        before = _basis(tender, lots, documents_of(session, tender.id), _frozen(lots))
        asked = required(_frozen(lots), lots) or newest(session, tender.id) is not None
        return [_missing()] if asked and after != before else []
    return _held(last, after, answers(session, tender.id, draft.id), lots)


def required(profiles: Mapping[str, Profile], lots: Sequence[Lot]) -> bool:
    """Whether nothing of these lots is published without a review."""
    return any(lot.regime == "statutory" for lot in lots) or any(
        has(one, REQUIRED) and number(one, REQUIRED) for one in profiles.values())


def _missing() -> Finding:
    return finding("review", "review.missing", LAW, "尚未运行招标文件审查。", "No review was run.")


def _held(last: Review, present: str, said: Mapping[str, ReviewAnswer],
          lots: Sequence[Lot]) -> list[Finding]:
    if last.basis_hash != present:
        return [finding("review", "review.stale", LAW,
                        "审查之后内容、文件或规则有变化，请重新运行审查。",
                        "What was reviewed, or a rule, changed after the review; run it again.")]
    statutory, found = any(lot.regime == "statutory" for lot in lots), []
    for hit in last.body["hits"]:
        answer = said.get(hit["key"])
        if hit["severity"] != review.BREACH or answer is not None and (
                answer.answer == "justified" or not statutory):
            continue
        law, what = hit["law"], hit["quotation"]
        zh, en = hit["title"]["zh"], hit["title"]["en"]
        one = finding("review", "review.unanswered", law, f"审查命中（未处理）：{zh}：{what}",
                      f"A hit of the review (unanswered): {en}: {what}")
        if answer is not None:
            one = finding("review", "review.unmended", law,
                          f"审查命中（已认定，须先改正）：{zh}：{what}",
                          f"A hit of the review (accepted, to be mended first): {en}: {what}")
        found.append(one | {"hit": hit["key"]})
    return found


def in_notice(session: Session, tender: Tender, lots: list[Lot]) -> dict[str, object]:
    """What a notice says of its reviews, for the content that two people approve."""
    said: dict[str, object] = {}
    last, fair = newest(session, tender.id), newest_fairness(session, tender.id)
    if last is not None:
        said["review"] = _said(last, answers(session, tender.id))
    if fair is not None:
        said["fairness"] = _fair(fair)
    return said


def _fair(row: FairnessReview) -> dict[str, object]:
    return {name: getattr(row, name) for name in (
        "unit", "document_number", "reviewed_on", "conclusion", "standards", "exception",
        "documents")}


def restated(session: Session, tender: Tender) -> dict[str, object]:
    """What the notice says of its reviews since an amendment was reviewed and published."""
    last, fair = newest(session, tender.id), newest_fairness(session, tender.id)
    said: dict[str, object] = {}
    if last is not None and draft_of(session, last) is not None:
        said["review"] = _said(last, answers(session, tender.id))
    if fair is not None and session.get(AmendmentFairness, fair.id) is not None:
        said["fairness"] = _fair(fair)
    return said


def in_amendment(session: Session, draft: NoticeDraft) -> list[Section]:
    """What an amendment says of its own reviews."""
    last, fair = newest_amended(session, draft.id), newest_amended_fairness(session, draft.id)
    found = fairness.worded(_fair(fair)) if fair is not None else []
    if last is None:
        return found
    return found + review.worded(_said(last, answers(session, draft.tender_id, draft.id)))


def _said(last: Review, given: Mapping[str, ReviewAnswer]) -> dict[str, object]:
    return {"number": last.number, "hash": last.body_hash, "hits": [
        {"rule": hit["rule"], "title": hit["title"], "law": hit["law"],
         "severity": hit["severity"], "quotation": hit["quotation"],
         "answer": given[hit["key"]].answer if hit["key"] in given else None,
         "reason": given[hit["key"]].reason if hit["key"] in given else None}
        for hit in last.body["hits"]]}


def review_view(row: Review) -> dict[str, object]:
    """A review as ReviewOut shows it, with what counts as said of each hit."""
    session = reading()
    tender, draft = session.get(Tender, row.tender_id), draft_of(session, row)
    lots = lots_of(session, row.tender_id)
    given = answers(session, row.tender_id, draft and draft.id)
    if draft is None or draft.notice_id is not None:
        now = basis(session, tender, lots, beijing_day(moment()))
    else:
        now = "" if draft.ended_at else amended_basis(session, tender, lots, draft)
    return {name: getattr(row, name) for name in ("id", "tender_id", "number", "body_hash",
                                                  "made_at")} | {
        "documents": row.body["documents"], "plugins": row.body["plugins"],
        "failed": sorted(row.body["failed"]), "current": row.basis_hash == now,
        "hits": [hit | {"answer": given.get(hit["key"])} for hit in row.body["hits"]]}


def reading_view(row: OutsideReading) -> dict[str, object]:
    """A reading as ReadingOut shows it."""
    said = reading().scalars(select(ReadingOpinion).where(ReadingOpinion.reading_id == row.id)
                             .order_by(ReadingOpinion.number))
    return {column.name: getattr(row, column.name) for column in row.__table__.columns} | {
        "opinions": list(said)}


def asked_view(row: OutsideReading) -> dict[str, object]:
    """A reading as the unit that was asked sees it."""
    notice = live_notice(reading(), row.tender_id)
    return reading_view(row) | {
        "title": reading().get(Tender, row.tender_id).title,
        "content_hash": notice.content_hash if notice else None,
        "content": parse(notice.content) if notice else None}
