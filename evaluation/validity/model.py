"""The tables of an extended validity. Only a request's end is ever changed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, UtcTime, new_id

from . import refusals

APPEND_ONLY = {"info": {"append_only": True}}


class ValidityRequest(Base):
    """The buyer asks all tenderers of a lot to stay bound until a later day."""

    __tablename__ = "validity_request"
    __table_args__ = (
        UniqueConstraint("lot_id", "number", name="uq_validity_request",
                         info={"refusal": refusals.UNDER_WAY}),
        CheckConstraint("until > standing", name="later"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(ForeignKey("lot.id"))
    number: Mapped[int] = mapped_column(Integer)
    standing: Mapped[date] = mapped_column(Date)
    """The last day of the validity as it stood."""
    until: Mapped[date] = mapped_column(Date)
    answer_by: Mapped[datetime] = mapped_column(UtcTime)
    reason: Mapped[str] = mapped_column(Text)
    force_majeure: Mapped[bool] = mapped_column(Boolean)
    """Then nobody is compensated for staying bound (30号令 29)."""
    asked_at: Mapped[datetime] = mapped_column(UtcTime)
    asked_by: Mapped[str] = mapped_column(Id)
    concluded_at: Mapped[datetime | None] = mapped_column(UtcTime)


class ValidityAnswer(Base):
    """What a tenderer said, once; told to nobody else before the request is concluded."""

    __tablename__ = "validity_answer"
    __table_args__ = (
        UniqueConstraint("request_id", "bid_id", name="uq_validity_answer",
                         info={"refusal": refusals.ANSWERED}),
        APPEND_ONLY,
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    request_id: Mapped[str] = mapped_column(ForeignKey("validity_request.id"))
    bid_id: Mapped[str] = mapped_column(Id)
    party_id: Mapped[str] = mapped_column(ForeignKey("party.id"))
    agreed: Mapped[bool] = mapped_column(Boolean)
    answered_at: Mapped[datetime] = mapped_column(UtcTime)
    answered_by: Mapped[str] = mapped_column(Id)


class LapsedBid(Base):
    """A bid that is no longer valid, because its tenderer did not agree to stay bound."""

    __tablename__ = "lapsed_bid"
    __table_args__ = (CheckConstraint("why IN ('refused', 'silent')", name="why"), APPEND_ONLY)

    bid_id: Mapped[str] = mapped_column(Id, primary_key=True)
    lot_id: Mapped[str] = mapped_column(ForeignKey("lot.id"), index=True)
    request_id: Mapped[str] = mapped_column(ForeignKey("validity_request.id"))
    party_id: Mapped[str] = mapped_column(ForeignKey("party.id"))
    why: Mapped[str] = mapped_column(String(8))
    lapsed_at: Mapped[datetime] = mapped_column(UtcTime)
