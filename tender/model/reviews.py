"""What was found in a tender before it was published, and what people said of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, Json, UtcTime, new_id

from ..refusals import READING_REPEATED, REVIEW_MOVED


class Review(Base):
    """One run of the automatic review: by which rules, over which documents, with which hits."""

    __tablename__ = "review"
    __table_args__ = (
        UniqueConstraint("tender_id", "number", name="uq_review", info={"refusal": REVIEW_MOVED}),
        {"info": {"append_only": True}},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    tender_id: Mapped[str] = mapped_column(Id, ForeignKey("tender.id"))
    number: Mapped[int] = mapped_column(Integer)
    basis_hash: Mapped[str] = mapped_column(String(64))
    """Of all that was reviewed and of the rules; with another basis a review is out of date."""
    body: Mapped[dict] = mapped_column(Json)
    """`{v, rules, plugins, failed, documents, hits}` (tender/reviewing.py)."""
    body_hash: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    made_by: Mapped[str] = mapped_column(Id)


class AmendmentReview(Base):
    """A review that was made for an amendment; it counts, and is shown, once that is published."""

    __tablename__ = "amendment_review"
    __table_args__ = (Index("ix_amendment_review_draft_id", "draft_id"),
                      {"info": {"append_only": True}})

    review_id: Mapped[str] = mapped_column(Id, ForeignKey("review.id"), primary_key=True)
    draft_id: Mapped[str] = mapped_column(Id, ForeignKey("notice_draft.id"))


class ReviewAnswer(Base):
    """What a person said of a hit. It holds for the hit wherever it is found again unchanged;
    the one with the highest number counts."""

    __tablename__ = "review_answer"
    __table_args__ = (
        UniqueConstraint("tender_id", "hit", "number", name="uq_review_answer",
                         info={"refusal": REVIEW_MOVED}),
        {"info": {"append_only": True}},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    tender_id: Mapped[str] = mapped_column(Id, ForeignKey("tender.id"))
    review_id: Mapped[str] = mapped_column(Id, ForeignKey("review.id"))
    hit: Mapped[str] = mapped_column(String(64))
    """Its key (tender/review/base.py)."""
    number: Mapped[int] = mapped_column(Integer)
    answer: Mapped[str] = mapped_column(String(12))
    """`accepted`: it is right; `justified`: it stands, for the reason given."""
    reason: Mapped[str] = mapped_column(Text)
    answered_at: Mapped[datetime] = mapped_column(UtcTime)
    answered_by: Mapped[str] = mapped_column(Id)
    answered_person: Mapped[str] = mapped_column(Id)


class FairnessReview(Base):
    """A 公平竞争审查 of the bidding documents, as a person recorded it; the newest counts."""

    __tablename__ = "fairness_review"
    __table_args__ = (
        UniqueConstraint("tender_id", "number", name="uq_fairness_review",
                         info={"refusal": REVIEW_MOVED}),
        {"info": {"append_only": True}},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    tender_id: Mapped[str] = mapped_column(Id, ForeignKey("tender.id"))
    number: Mapped[int] = mapped_column(Integer)
    unit: Mapped[str] = mapped_column(String(200))
    """Unit and office that reviewed."""
    document_number: Mapped[str] = mapped_column(String(100))
    reviewed_on: Mapped[str] = mapped_column(String(10))
    """A Beijing day."""
    conclusion: Mapped[str] = mapped_column(String(12))
    standards: Mapped[list] = mapped_column(Json)
    """`[{article, met, note}]` (tender/fairness.py)."""
    exception: Mapped[str] = mapped_column(Text)
    documents: Mapped[list] = mapped_column(Json)
    """Hashes of the files that were reviewed."""
    recorded_at: Mapped[datetime] = mapped_column(UtcTime)
    recorded_by: Mapped[str] = mapped_column(Id)


class AmendmentFairness(Base):
    """A record that was made for an amendment; it counts, and is shown, once that is published."""

    __tablename__ = "amendment_fairness"
    __table_args__ = (Index("ix_amendment_fairness_draft_id", "draft_id"),
                      {"info": {"append_only": True}})

    fairness_id: Mapped[str] = mapped_column(Id, ForeignKey("fairness_review.id"),
                                             primary_key=True)
    draft_id: Mapped[str] = mapped_column(Id, ForeignKey("notice_draft.id"))


class OutsideReading(Base):
    """A unit that the buyer asked to read the notice before it is approved."""

    __tablename__ = "outside_reading"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    tender_id: Mapped[str] = mapped_column(Id, ForeignKey("tender.id"))
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"), index=True)
    asked_at: Mapped[datetime] = mapped_column(UtcTime)
    asked_by: Mapped[str] = mapped_column(Id)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcTime)


Index("uq_outside_reading", OutsideReading.tender_id, OutsideReading.party_id, unique=True,
      info={"refusal": READING_REPEATED}, sqlite_where=OutsideReading.withdrawn_at.is_(None),
      postgresql_where=OutsideReading.withdrawn_at.is_(None))


class ReadingOpinion(Base):
    """What the unit said of the content it read, by hash; the newest of a content counts."""

    __tablename__ = "reading_opinion"
    __table_args__ = (
        UniqueConstraint("reading_id", "number", name="uq_reading_opinion",
                         info={"refusal": REVIEW_MOVED}),
        {"info": {"append_only": True}},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    reading_id: Mapped[str] = mapped_column(Id, ForeignKey("outside_reading.id"))
    number: Mapped[int] = mapped_column(Integer)
    content_hash: Mapped[str] = mapped_column(String(64))
    verdict: Mapped[str] = mapped_column(String(8))
    """`passed` or `objected`."""
    opinion: Mapped[str] = mapped_column(Text)
    given_at: Mapped[datetime] = mapped_column(UtcTime)
    given_by: Mapped[str] = mapped_column(Id)
    given_person: Mapped[str] = mapped_column(Id)
