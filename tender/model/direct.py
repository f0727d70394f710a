"""Direct awards, and what was published of each."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Fen, Id, Json, UtcTime, new_id

from ..method_refusals import DIRECT_OBJECTED, DIRECT_STATE
from .objecting import Objecting


class DirectAward(Base):
    """One award that nobody bid for: stated by one person, published by another, contracted."""

    __tablename__ = "direct_award"
    __table_args__ = (
        CheckConstraint("estimate_fen > 0 AND price_fen > 0", name="money"),
        CheckConstraint("published_at IS NULL OR approved_person <> drafted_person",
                        name="two_persons"),
        Index("ix_direct_award_published", "published_at", "id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    ocid: Mapped[str] = mapped_column(String(64))
    code: Mapped[str] = mapped_column(String(40))
    buyer_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"), index=True)
    region: Mapped[str] = mapped_column(String(6))
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(String(8))
    regime: Mapped[str] = mapped_column(String(16))
    estimate_fen: Mapped[int] = mapped_column(Fen)
    price_fen: Mapped[int] = mapped_column(Fen)
    approval_no: Mapped[str] = mapped_column(String(100))
    funding: Mapped[str] = mapped_column(String(200))
    contractor: Mapped[str] = mapped_column(String(200))
    contractor_uscc: Mapped[str] = mapped_column(String(18))
    period_days: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(Text)
    decision_no: Mapped[str] = mapped_column(String(100))
    decision_day: Mapped[str] = mapped_column(String(10))
    minutes_name: Mapped[str | None] = mapped_column(String(255))
    minutes_type: Mapped[str | None] = mapped_column(String(100))
    minutes_size: Mapped[int | None] = mapped_column(BigInteger)
    """Bytes."""
    minutes_hash: Mapped[str | None] = mapped_column(String(64))
    drafted_at: Mapped[datetime] = mapped_column(UtcTime)
    drafted_by: Mapped[str] = mapped_column(Id)
    drafted_person: Mapped[str] = mapped_column(Id)
    given_up_at: Mapped[datetime | None] = mapped_column(UtcTime)
    approved_by: Mapped[str | None] = mapped_column(Id)
    approved_person: Mapped[str | None] = mapped_column(Id)
    published_at: Mapped[datetime | None] = mapped_column(UtcTime)
    content_hash: Mapped[str | None] = mapped_column(String(64))
    """Of what two people stood for (tender.direct.content)."""
    profile: Mapped[dict | None] = mapped_column(Json(none_as_null=True))
    """The rule profile, frozen at publication."""
    amount_fen: Mapped[int | None] = mapped_column(Fen)
    signed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    document_hash: Mapped[str | None] = mapped_column(String(64))
    late_reason: Mapped[str | None] = mapped_column(Text)
    contracted_at: Mapped[datetime | None] = mapped_column(UtcTime)
    objections_until: Mapped[datetime | None] = mapped_column(UtcTime)
    """Empty where it was published before there were objections to it."""
    failed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    """When an objection to it was upheld."""


class DirectNotice(Base):
    """The result, and the contract, as they were published: signed, never changed."""

    __tablename__ = "direct_notice"
    __table_args__ = (
        UniqueConstraint("award_id", "kind", name="uq_direct_notice",
                         info={"refusal": DIRECT_STATE}),
        {"info": {"append_only": True}},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    award_id: Mapped[str] = mapped_column(Id, ForeignKey("direct_award.id"))
    kind: Mapped[str] = mapped_column(String(16))
    """`direct_award` or `contract` (tender.notices.KINDS)."""
    content: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(String(64))
    signature: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime] = mapped_column(UtcTime)


class DirectObjection(Objecting, Base):
    """What a company has against a direct award, and the one answer to it."""

    __tablename__ = "direct_objection"
    __table_args__ = (
        UniqueConstraint("award_id", "party_id", name="uq_direct_objection",
                         info={"refusal": DIRECT_OBJECTED}),
        CheckConstraint("(answered_at IS NULL) = (outcome IS NULL)", name="answered"),
    )

    award_id: Mapped[str] = mapped_column(Id, ForeignKey("direct_award.id"))
