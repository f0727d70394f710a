"""Village and township works, lists of payments, and what supervisors find on them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Fen, Id, UtcTime, new_id

from ..refusals import FINDING_OPEN, LEDGER_REPEATED, WORK_REPEATED

STATES = ("planned", "building", "finished", "accepted")
"""立项 · 在建 · 完工 · 验收."""

FINDING_KINDS = ("off_platform", "incomplete", "quality", "funds", "other")
"""平台外交易 · 资料不全 · 质量 · 资金 · 其他."""


class Work(Base):
    """One village or township work, tendered or not, as its unit entered it."""

    __tablename__ = "village_work"
    __table_args__ = (
        UniqueConstraint("party_id", "village", "year", "name", name="uq_village_work",
                         info={"refusal": WORK_REPEATED}),
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("state IN ('planned', 'building', 'finished', 'accepted')", name="state"),
        Index("ix_village_work_entered", "entered_at", "id"),
        Index("ix_village_work_year", "year", "entered_at", "id"),
        Index("ix_village_work_village", "village", "entered_at", "id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    """The township or village unit that answers for it."""
    region: Mapped[str] = mapped_column(String(6), index=True)
    village: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200))
    year: Mapped[int] = mapped_column(Integer)
    funding: Mapped[str] = mapped_column(String(200))
    amount_fen: Mapped[int] = mapped_column(Fen)
    contractor: Mapped[str] = mapped_column(String(200))
    """Empty while there is none."""
    contractor_uscc: Mapped[str] = mapped_column(String(18))
    code: Mapped[str] = mapped_column(String(40))
    """The platform's code where it was tendered here, else empty."""
    state: Mapped[str] = mapped_column(String(12))
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    entered_at: Mapped[datetime] = mapped_column(UtcTime)


class Ledger(Base):
    """One imported list of payments or contracts, by the hash of its file."""

    __tablename__ = "payment_ledger"
    __table_args__ = (
        UniqueConstraint("region", "file_hash", name="uq_payment_ledger",
                         info={"refusal": LEDGER_REPEATED}),
        {"info": {"append_only": True}},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    region: Mapped[str] = mapped_column(String(6))
    kind: Mapped[str] = mapped_column(String(12))
    """`payments` or `contracts`."""
    file_hash: Mapped[str] = mapped_column(String(64))
    lines: Mapped[int] = mapped_column(Integer)
    imported_at: Mapped[datetime] = mapped_column(UtcTime)


class Payment(Base):
    """One line of such a list."""

    __tablename__ = "payment_line"
    __table_args__ = (
        UniqueConstraint("ledger_id", "number", name="uq_payment_line"),
        {"info": {"append_only": True}},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    ledger_id: Mapped[str] = mapped_column(Id, ForeignKey("payment_ledger.id"))
    number: Mapped[int] = mapped_column(Integer)
    """Its row in the sheet."""
    payer: Mapped[str] = mapped_column(String(200))
    payer_uscc: Mapped[str] = mapped_column(String(18))
    payee: Mapped[str] = mapped_column(String(200))
    payee_uscc: Mapped[str] = mapped_column(String(18))
    amount_fen: Mapped[int] = mapped_column(Fen)
    day: Mapped[str] = mapped_column(String(10))
    purpose: Mapped[str] = mapped_column(String(200))
    code: Mapped[str] = mapped_column(String(40))


class WorkFinding(Base):
    """What a supervisor found wrong, until two persons close it on the unit's evidence."""

    __tablename__ = "work_finding"
    __table_args__ = (
        CheckConstraint("(work_id IS NULL) <> (payment_id IS NULL)", name="about"),
        CheckConstraint("(answered_at IS NULL) = (evidence_hash IS NULL)", name="evidence"),
        CheckConstraint("close_proposed_at IS NULL OR answered_at IS NOT NULL", name="answered"),
        CheckConstraint("closed_at IS NULL OR (close_proposed_at IS NOT NULL"
                        " AND closed_person <> close_proposed_person)", name="two_persons"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    work_id: Mapped[str | None] = mapped_column(Id, ForeignKey("village_work.id"))
    payment_id: Mapped[str | None] = mapped_column(Id, ForeignKey("payment_line.id"))
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"), index=True)
    """The unit that must mend it."""
    region: Mapped[str] = mapped_column(String(6), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(UtcTime)
    opened_by: Mapped[str] = mapped_column(Id)
    due_at: Mapped[datetime] = mapped_column(UtcTime)
    overdue_at: Mapped[datetime | None] = mapped_column(UtcTime)
    """When the clock wrote down that the day passed without an answer."""
    answer: Mapped[str | None] = mapped_column(Text)
    evidence_hash: Mapped[str | None] = mapped_column(String(64))
    answered_at: Mapped[datetime | None] = mapped_column(UtcTime)
    close_proposed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    close_proposed_person: Mapped[str | None] = mapped_column(Id)
    closed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    closed_person: Mapped[str | None] = mapped_column(Id)


Index("uq_finding_work", WorkFinding.work_id, WorkFinding.kind, unique=True,
      info={"refusal": FINDING_OPEN},
      sqlite_where=text("closed_at IS NULL AND work_id IS NOT NULL"),
      postgresql_where=text("closed_at IS NULL AND work_id IS NOT NULL"))
Index("uq_finding_payment", WorkFinding.payment_id, WorkFinding.kind, unique=True,
      info={"refusal": FINDING_OPEN},
      sqlite_where=text("closed_at IS NULL AND payment_id IS NOT NULL"),
      postgresql_where=text("closed_at IS NULL AND payment_id IS NOT NULL"))
