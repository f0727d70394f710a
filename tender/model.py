"""The tables of the invitation."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Fen, Id, Json, UtcTime, new_id

from .refusals import ALREADY_SUBMITTED, DECIDED, FILE_REPEATED

EMBEDDED = '{"policy":"embedded","officials":3,"needed":2,"clocks":0}'


class Tender(Base):
    """One project put out to tender: what its lots share. `version` counts its edits."""

    __tablename__ = "tender"
    __table_args__ = (UniqueConstraint("ocid", name="uq_tender_ocid"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    ocid: Mapped[str] = mapped_column(String(64))
    code: Mapped[str] = mapped_column(String(20))
    """招标项目编号, 20 characters (codes.py)."""
    buyer_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text)
    region: Mapped[str] = mapped_column(String(6), index=True)
    funding: Mapped[str] = mapped_column(String(200))
    approval_no: Mapped[str] = mapped_column(String(100))
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    created_by: Mapped[str] = mapped_column(Id)
    """The account that created it."""
    published_at: Mapped[datetime | None] = mapped_column(UtcTime, index=True)


class Lot(Base):
    """One section (标段): what is bid for, decided and contracted as one."""

    __tablename__ = "lot"
    __table_args__ = (
        UniqueConstraint("tender_id", "number", name="uq_lot_number"),
        UniqueConstraint("section_code", name="uq_lot_section_code"),
        CheckConstraint("estimate_fen > 0", name="estimate"),
        CheckConstraint("price_ceiling_fen >= 0", name="ceiling"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    tender_id: Mapped[str] = mapped_column(Id, ForeignKey("tender.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    section_code: Mapped[str] = mapped_column(String(23))
    deal_code: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(200))
    category: Mapped[str] = mapped_column(String(8))
    regime: Mapped[str] = mapped_column(String(16))
    estimate_fen: Mapped[int] = mapped_column(Fen)
    price_ceiling_fen: Mapped[int] = mapped_column(Fen)
    deadline: Mapped[datetime | None] = mapped_column(UtcTime, index=True)
    """The one deadline; the opening is at the same time (招标投标法 34)."""
    decrypt_minutes: Mapped[int] = mapped_column(Integer)
    period_days_max: Mapped[int] = mapped_column(Integer)
    quality: Mapped[str] = mapped_column(String(200))
    validity_days: Mapped[int] = mapped_column(Integer)
    publicity_days: Mapped[int] = mapped_column(Integer)
    suite: Mapped[str] = mapped_column(String(32))
    access: Mapped[dict] = mapped_column(Json, server_default=EMBEDDED)
    """Which policy, how many officials, needed and clocks (access.py); the buyer's to state."""
    two_envelopes: Mapped[bool] = mapped_column(Boolean, server_default=false())
    """Whether the price part is opened only after all technical sheets are signed."""
    policy: Mapped[dict | None] = mapped_column(Json(none_as_null=True))
    """The access policy (sealed-bid A2), filled by bidding's publish hook."""
    policy_hash: Mapped[str | None] = mapped_column(String(64))
    criteria: Mapped[dict] = mapped_column(Json)
    price_method: Mapped[dict] = mapped_column(Json)
    award_method: Mapped[dict] = mapped_column(Json)
    panel: Mapped[dict] = mapped_column(Json)
    guarantee: Mapped[dict] = mapped_column(Json)
    profile: Mapped[dict | None] = mapped_column(Json(none_as_null=True))
    """The rule profile, frozen at publication."""
    publicity_ends: Mapped[datetime | None] = mapped_column(UtcTime)
    round: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    """1, and one more for each deadline that two people restored (tender/deadlines.py)."""

    @property
    def opening_at(self) -> datetime | None:
        """When the opening may start: the deadline itself (招标投标法 34)."""
        return self.deadline


class LotOutcome(Base):
    """One decided outcome of a lot; written by `tender.acts.decide_outcome` and nowhere else."""

    __tablename__ = "lot_outcome"
    __table_args__ = (
        UniqueConstraint("lot_id", "outcome", "round", name="uq_lot_outcome",
                         info={"refusal": DECIDED}),
        {"info": {"append_only": True}},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"))
    outcome: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(UtcTime)
    round: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    """Of the closing: a restored deadline is closed again, in a round of its own. Else 1."""


class LotDoubt(Base):
    """Time was in doubt near a lot's deadline; until it is settled the lot stands still (Q47)."""

    __tablename__ = "lot_doubt"
    __table_args__ = (Index("uq_lot_doubt", "lot_id", unique=True, info={"refusal": DECIDED},
                            sqlite_where=text("settled_at IS NULL"),
                            postgresql_where=text("settled_at IS NULL")),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"))
    round: Mapped[int] = mapped_column(Integer)
    doubted_at: Mapped[datetime] = mapped_column(UtcTime)
    evidence: Mapped[dict] = mapped_column(Json)
    """What the time sources said (kernel.clock.Doubt)."""
    settled_at: Mapped[datetime | None] = mapped_column(UtcTime)


class DeadlineProposal(Base):
    """What the buyer proposes after an outage, a doubt or an unwitnessed close, with evidence.

    `restored`: a later deadline. `closed`: the deadline was good and the close stands."""

    __tablename__ = "deadline_proposal"
    __table_args__ = (
        UniqueConstraint("lot_id", "number", name="uq_deadline_proposal"),
        CheckConstraint("decision IN ('restored', 'closed')", name="decision"),
        CheckConstraint("(decision = 'restored') = (deadline IS NOT NULL)", name="deadline"),
        CheckConstraint("deadline IS NULL OR deadline > deadline_before", name="later"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"))
    number: Mapped[int] = mapped_column(Integer)
    """1, 2, 3 …: only the last one may be approved."""
    round: Mapped[int] = mapped_column(Integer)
    decision: Mapped[str] = mapped_column(String(8))
    deadline_before: Mapped[datetime] = mapped_column(UtcTime)
    deadline: Mapped[datetime | None] = mapped_column(UtcTime)
    evidence: Mapped[str] = mapped_column(Text)
    proposed_at: Mapped[datetime] = mapped_column(UtcTime)
    proposed_by: Mapped[str] = mapped_column(Id)
    proposed_person: Mapped[str] = mapped_column(Id)
    approved_at: Mapped[datetime | None] = mapped_column(UtcTime)
    approved_by: Mapped[str | None] = mapped_column(Id)


class LotSuspension(Base):
    """A suspension of a lot; while `resumed_at` is empty the lot stands still."""

    __tablename__ = "lot_suspension"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"), index=True)
    suspended_at: Mapped[datetime] = mapped_column(UtcTime)
    resumed_at: Mapped[datetime | None] = mapped_column(UtcTime)


class Notice(Base):
    """One submission of the notice for approval: the frozen content and who stood for it."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("tender_id", "number", name="uq_notice_number"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    tender_id: Mapped[str] = mapped_column(Id, ForeignKey("tender.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    content: Mapped[str] = mapped_column(Text)
    """Canonical JSON of all that is published."""
    content_hash: Mapped[str] = mapped_column(String(64))
    submitted_at: Mapped[datetime] = mapped_column(UtcTime)
    submitted_by: Mapped[str] = mapped_column(Id)
    submitted_person: Mapped[str] = mapped_column(Id)
    approved_by: Mapped[str | None] = mapped_column(Id)
    approved_person: Mapped[str | None] = mapped_column(Id)
    published_at: Mapped[datetime | None] = mapped_column(UtcTime)
    voided_at: Mapped[datetime | None] = mapped_column(UtcTime)


Index("uq_notice_live", Notice.tender_id, unique=True, info={"refusal": ALREADY_SUBMITTED},
      sqlite_where=Notice.voided_at.is_(None), postgresql_where=Notice.voided_at.is_(None))


class Document(Base):
    """A file of the bidding documents; the bytes lie in the store under their hash."""

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("tender_id", "hash", name="uq_document_hash",
                         info={"refusal": FILE_REPEATED}),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    tender_id: Mapped[str] = mapped_column(Id, ForeignKey("tender.id"), index=True)
    position: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(24))
    """An OCDS documentType."""
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    """Bytes."""
    hash: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[datetime] = mapped_column(UtcTime)


class Item(Base):
    """One line of a lot's bill of quantities. `quantity` is a decimal text, exact."""

    __tablename__ = "item"
    __table_args__ = (UniqueConstraint("lot_id", "position", name="uq_item_position"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"))
    position: Mapped[int] = mapped_column(Integer)
    code: Mapped[str] = mapped_column(String(40))
    description: Mapped[str] = mapped_column(String(500))
    unit: Mapped[str] = mapped_column(String(20))
    quantity: Mapped[str] = mapped_column(String(24))


class Question(Base):
    """A question on the documents and its answer. The asker is shown to nobody (招标投标法 22)."""

    __tablename__ = "question"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"), index=True)
    asker_party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    text: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(UtcTime)
    answer: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None] = mapped_column(UtcTime)
    answered_by: Mapped[str | None] = mapped_column(Id)
