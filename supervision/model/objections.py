"""Objections, their evidence and their answers. All append-only.

Who objects is in a row, and in no answer but to the supervisor and, of what was raised after the
opening, to the buyer.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, UtcTime, new_id

from ..refusals import EVIDENCE_USED, OBJECTION_ANSWERED


class Objection(Base):
    """What somebody objects to, why, and what he asks for."""

    __tablename__ = "objection"
    __table_args__ = (Index("ix_objection_lot", "lot_id", "id"),
                      {"info": {"append_only": True}})

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"))
    stage: Mapped[str] = mapped_column(String(12))
    """A name of objections.Stage, in small letters."""
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    argument: Mapped[str] = mapped_column(Text)
    remedy: Mapped[str] = mapped_column(Text)
    """What the objector asks to be done."""
    filed_at: Mapped[datetime] = mapped_column(UtcTime)
    answer_by: Mapped[datetime] = mapped_column(UtcTime)


class Evidence(Base):
    """A file that was sent to be evidence; the bytes lie in the store under their hash."""

    __tablename__ = "evidence"
    __table_args__ = (Index("ix_evidence_lot", "lot_id", "party_id"),
                      {"info": {"append_only": True}})

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"))
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    """Bytes."""
    hash: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[datetime] = mapped_column(UtcTime)


class ObjectionEvidence(Base):
    """Which files an objection rests on; each belongs to one objection."""

    __tablename__ = "objection_evidence"
    __table_args__ = (
        UniqueConstraint("evidence_id", name="uq_objection_evidence",
                         info={"refusal": EVIDENCE_USED}),
        Index("ix_objection_evidence", "objection_id"),
        {"info": {"append_only": True}},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    objection_id: Mapped[str] = mapped_column(Id, ForeignKey("objection.id"))
    evidence_id: Mapped[str] = mapped_column(Id, ForeignKey("evidence.id"))


class ObjectionAnswer(Base):
    """The one answer to an objection."""

    __tablename__ = "objection_answer"
    __table_args__ = (
        UniqueConstraint("objection_id", name="uq_objection_answer",
                         info={"refusal": OBJECTION_ANSWERED}),
        {"info": {"append_only": True}},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    objection_id: Mapped[str] = mapped_column(Id, ForeignKey("objection.id"))
    outcome: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(Text)
    answered_at: Mapped[datetime] = mapped_column(UtcTime)
    answered_by: Mapped[str] = mapped_column(Id)


class ObjectionOverdue(Base):
    """The time to answer an objection was over and there was no answer."""

    __tablename__ = "objection_overdue"
    __table_args__ = ({"info": {"append_only": True}},)

    objection_id: Mapped[str] = mapped_column(Id, ForeignKey("objection.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcTime)
