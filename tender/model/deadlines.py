"""When a deadline cannot be trusted: doubts about time, and what two people decide."""

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

from kernel.db import Base, Id, Json, UtcTime, new_id

from ..refusals import DECIDED


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
