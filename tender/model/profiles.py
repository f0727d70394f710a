"""Rule profiles as rows: what an installation began with, and what two people changed since."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Integer, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, UtcTime

from ..refusals import PROFILE_MOVED


class RuleProfile(Base):
    """One version of the numbers of a regime in a place; in force from `valid_from` on once it
    was approved, or if the installation began with it."""

    __tablename__ = "rule_profile"
    __table_args__ = (UniqueConstraint("regime", "region", "version", name="uq_rule_profile",
                                       info={"refusal": PROFILE_MOVED}),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    regime: Mapped[str] = mapped_column(String(16))
    region: Mapped[str] = mapped_column(String(6))
    """Empty for the country, else the two, four or six digits of a place."""
    version: Mapped[int] = mapped_column(Integer)
    valid_from: Mapped[str] = mapped_column(String(10))
    """A Beijing day, `YYYY-MM-DD`."""
    body: Mapped[str] = mapped_column(Text)
    """Canonical JSON of the whole profile (tender/profile.py)."""
    body_hash: Mapped[str] = mapped_column(String(64))
    why: Mapped[str] = mapped_column(Text)
    base_id: Mapped[str | None] = mapped_column(String(40))
    shipped: Mapped[bool] = mapped_column(Boolean, server_default=false())
    proposed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    proposed_by: Mapped[str | None] = mapped_column(Id)
    proposed_person: Mapped[str | None] = mapped_column(Id)
    approved_at: Mapped[datetime | None] = mapped_column(UtcTime)
    approved_by: Mapped[str | None] = mapped_column(Id)
