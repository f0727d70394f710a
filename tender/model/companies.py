"""What companies state of themselves once for all tenders, and who is barred from tendering."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, UtcTime, new_id


class Licence(Base):
    """A licence that a company declares, with the hash of its evidence."""

    __tablename__ = "licence"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"), index=True)
    kind: Mapped[str] = mapped_column(String(80))
    grade: Mapped[str] = mapped_column(String(20))
    number: Mapped[str] = mapped_column(String(60))
    valid_from: Mapped[str] = mapped_column(String(10))
    valid_until: Mapped[str] = mapped_column(String(10))
    """Beijing days, both included; empty: without end."""
    evidence_hash: Mapped[str] = mapped_column(String(64))
    declared_at: Mapped[datetime] = mapped_column(UtcTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcTime)


class CompanyRelation(Base):
    """Who heads a company, and whom it controls or manages or is controlled or managed by."""

    __tablename__ = "company_relation"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    """One of companies.RELATIONS."""
    other: Mapped[str] = mapped_column(String(64))
    """The other unit's credit code; of a principal the keyed digest of the identity number."""
    declared_at: Mapped[datetime] = mapped_column(UtcTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcTime)


class Debarment(Base):
    """A unit barred from tendering by an authority's decision, entered by two supervisors."""

    __tablename__ = "debarment"
    __table_args__ = (Index("ix_debarment_uscc", "uscc"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    uscc: Mapped[str] = mapped_column(String(18))
    name: Mapped[str] = mapped_column(String(200))
    region: Mapped[str] = mapped_column(String(6))
    authority: Mapped[str] = mapped_column(String(200))
    """Who decided it."""
    document_no: Mapped[str] = mapped_column(String(100))
    reason: Mapped[str] = mapped_column(Text)
    nationwide: Mapped[bool] = mapped_column(Boolean)
    """Else it holds in `region` and what lies in it."""
    from_day: Mapped[str] = mapped_column(String(10))
    until_day: Mapped[str] = mapped_column(String(10))
    proposed_at: Mapped[datetime] = mapped_column(UtcTime)
    proposed_by: Mapped[str] = mapped_column(Id)
    proposed_person: Mapped[str] = mapped_column(Id)
    approved_at: Mapped[datetime | None] = mapped_column(UtcTime)
    approved_by: Mapped[str | None] = mapped_column(Id)
