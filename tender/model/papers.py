"""Papers that a unit keeps here to rest its statements on: files by the hash that others name."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, UtcTime, new_id


class Paper(Base):
    """One file of a unit; the bytes lie in the store under their hash."""

    __tablename__ = "paper"
    __table_args__ = (Index("ix_paper_party", "party_id", "hash"),
                      {"info": {"append_only": True}})

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    """Bytes."""
    hash: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[datetime] = mapped_column(UtcTime)
