"""What is registered of a project beside its lots, who may act for its buyer, plans ahead."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Fen, Id, Json, UtcTime, new_id


class Registration(Base):
    """A project's registration: who approved it, who pays, where it lies, when it is shown."""

    __tablename__ = "registration"

    tender_id: Mapped[str] = mapped_column(Id, ForeignKey("tender.id"), primary_key=True)
    approval_body: Mapped[str] = mapped_column(String(200))
    funding: Mapped[list] = mapped_column(Json)
    """[{source, share}]: where the money comes from, shares in percent that make 100."""
    township: Mapped[str] = mapped_column(String(3))
    village: Mapped[str] = mapped_column(String(3))
    """Three digits each below the six of the county (统计用区划代码); empty where it has none."""
    site_visit: Mapped[dict | None] = mapped_column(Json(none_as_null=True))
    """{at, place, note}: when and where everybody may see the site; nobody keeps who came."""
    plan_id: Mapped[str | None] = mapped_column(Id, ForeignKey("procurement_plan.id"), index=True)
    set_at: Mapped[datetime] = mapped_column(UtcTime)


class Requirement(Base):
    """What a lot asks of a tenderer: licences, personnel, credit; whether consortia may bid."""

    __tablename__ = "requirement"

    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"), primary_key=True)
    body: Mapped[dict] = mapped_column(Json)
    """{licences, personnel, credit, consortium, members_max} (tender/companies.py)."""
    set_at: Mapped[datetime] = mapped_column(UtcTime)


class AgencyAuthority(Base):
    """A buyer's authority for an agency (招标代理): which letter, for what, from when to when."""

    __tablename__ = "agency_authority"
    __table_args__ = (Index("ix_agency_authority_agency", "agency_id", "buyer_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    buyer_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"), index=True)
    agency_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    tender_id: Mapped[str | None] = mapped_column(Id, ForeignKey("tender.id"))
    """Empty: for every project of the buyer."""
    actions: Mapped[list] = mapped_column(Json)
    """Of registration.AGENT_ACTIONS."""
    letter: Mapped[str] = mapped_column(String(200))
    """Title and number of the letter of authority."""
    letter_hash: Mapped[str] = mapped_column(String(64))
    valid_from: Mapped[datetime] = mapped_column(UtcTime)
    valid_until: Mapped[datetime] = mapped_column(UtcTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcTime)
    recorded_by: Mapped[str] = mapped_column(Id)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcTime)
    revoked_by: Mapped[str | None] = mapped_column(Id)


class ProcurementPlan(Base):
    """A plan that a buyer announces ahead (采购意向); tenders later name it."""

    __tablename__ = "procurement_plan"
    __table_args__ = (Index("ix_procurement_plan_announced", "announced_at", "id"),
                      {"info": {"append_only": True}})

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    buyer_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text)
    region: Mapped[str] = mapped_column(String(6))
    category: Mapped[str] = mapped_column(String(8))
    estimate_fen: Mapped[int] = mapped_column(Fen)
    expected: Mapped[str] = mapped_column(String(7))
    """The month it is to be put out, `YYYY-MM`."""
    announced_at: Mapped[datetime] = mapped_column(UtcTime)
    announced_by: Mapped[str] = mapped_column(Id)
