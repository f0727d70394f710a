"""The project, and what is known of it as a whole."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, UtcTime, new_id


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
    template_id: Mapped[str | None] = mapped_column(Id)
    """The version of a template that the draft was begun from, if it was."""
