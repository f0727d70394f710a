"""Reviews before publication: their results, what people said of them, readings by others."""

from __future__ import annotations

from sqlalchemy import select

from kernel.canonical import jcs, sha256
from tender.model import (
    AmendmentFairness,
    AmendmentReview,
    FairnessReview,
    ReadingOpinion,
    Review,
    ReviewAnswer,
)

from .rules import Rule, rule_of

_RESULT = {"number": "facts.review", "basis_hash": "facts.basis_hash",
           "body_hash": "facts.body_hash", "made_at": "at", "made_by": "actor.account"}
_HASHED = {"body_hash": lambda row: sha256(jcs(row["body"])).hex()}
_ANSWER = {"answer": "facts.answer", "answered_at": "at", "answered_by": "actor.account",
           "answered_person": "actor.person"}
_FAIRNESS = ("unit", "document_number", "reviewed_on", "conclusion", "standards", "exception",
             "documents")

OF_AMENDMENTS = select(AmendmentReview.review_id)


def _amended(kind: str, model, review: object, key: tuple, said: tuple, **more) -> Rule:
    """A rule for what was made for an amendment: its act names the draft, its row the review."""
    rows = select(model.__table__, AmendmentReview.draft_id).join(
        AmendmentReview, AmendmentReview.review_id == review)
    return Rule((kind,), model.__tablename__, rows, key, said, **more)


RULES: tuple[Rule, ...] = (
    rule_of("review.made", Review, "id", where=Review.id.not_in(OF_AMENDMENTS),
            same=_RESULT | {"tender_id": "tender"}, made=_HASHED),
    _amended("amendment.reviewed", Review, Review.id, ("draft_id", "number"),
             ("subject", "facts.review"), same=_RESULT | {"tender_id": "tender"}, made=_HASHED),
    rule_of("review.answered", ReviewAnswer, ("review_id", "hit", "number"),
            ("subject", "facts.hit", "facts.number"),
            where=ReviewAnswer.review_id.not_in(OF_AMENDMENTS), same=_ANSWER,
            digests={"reason": "facts.reason_hash"}),
    _amended("amendment.hit_answered", ReviewAnswer, ReviewAnswer.review_id,
             ("draft_id", "hit", "number"), ("subject", "facts.hit", "facts.number"), same=_ANSWER,
             digests={"reason": "facts.reason_hash"}),
    rule_of("amendment.fairness_recorded", AmendmentFairness, "fairness_id",
            same={"draft_id": "facts.draft"}),
    rule_of("fairness.recorded amendment.fairness_recorded", FairnessReview, "id",
            same={"number": "facts.fairness", "content_hash": "facts.content_hash",
                  "recorded_at": "at", "recorded_by": "actor.account"},
            made={"content_hash": lambda row: sha256(jcs(
                {name: row[name] for name in _FAIRNESS})).hex()}),
    rule_of("reading.given", ReadingOpinion, "id",
            same={"reading_id": "facts.reading", "content_hash": "facts.content_hash",
                  "verdict": "facts.verdict", "given_at": "at", "given_person": "actor.person"},
            digests={"opinion": "facts.opinion_hash"}),
)
"""Beside the rules of rules.py."""
