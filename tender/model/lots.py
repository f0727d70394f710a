"""The lot, its outcomes and its suspensions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Integer,
    String,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Fen, Id, Json, UtcTime, new_id

from ..refusals import DECIDED

EMBEDDED = '{"policy":"embedded","officials":3,"needed":2,"clocks":0}'


class Lot(Base):
    """One section (标段): what is bid for, decided and contracted as one."""

    __tablename__ = "lot"
    __table_args__ = (
        UniqueConstraint("tender_id", "number", name="uq_lot_number"),
        UniqueConstraint("section_code", name="uq_lot_section_code"),
        CheckConstraint("estimate_fen > 0", name="estimate"),
        CheckConstraint("price_ceiling_fen >= 0", name="ceiling"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    tender_id: Mapped[str] = mapped_column(Id, ForeignKey("tender.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    section_code: Mapped[str] = mapped_column(String(23))
    deal_code: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(200))
    category: Mapped[str] = mapped_column(String(8))
    regime: Mapped[str] = mapped_column(String(16))
    estimate_fen: Mapped[int] = mapped_column(Fen)
    price_ceiling_fen: Mapped[int] = mapped_column(Fen)
    deadline: Mapped[datetime | None] = mapped_column(UtcTime, index=True)
    """The one deadline; the opening is at the same time (招标投标法 34)."""
    decrypt_minutes: Mapped[int] = mapped_column(Integer)
    period_days_max: Mapped[int] = mapped_column(Integer)
    quality: Mapped[str] = mapped_column(String(200))
    validity_days: Mapped[int] = mapped_column(Integer)
    publicity_days: Mapped[int] = mapped_column(Integer)
    suite: Mapped[str] = mapped_column(String(32))
    access: Mapped[dict] = mapped_column(Json, server_default=EMBEDDED)
    """Which policy, how many officials, needed and clocks (access.py); the buyer's to state."""
    two_envelopes: Mapped[bool] = mapped_column(Boolean, server_default=false())
    """Whether the price part is opened only after all technical sheets are signed."""
    policy: Mapped[dict | None] = mapped_column(Json(none_as_null=True))
    """The access policy (sealed-bid A2), filled by bidding's publish hook."""
    policy_hash: Mapped[str | None] = mapped_column(String(64))
    criteria: Mapped[dict] = mapped_column(Json)
    price_method: Mapped[dict] = mapped_column(Json)
    award_method: Mapped[dict] = mapped_column(Json)
    panel: Mapped[dict] = mapped_column(Json)
    method: Mapped[str] = mapped_column(String(12), default="open", server_default="open")
    """How it is put out: open, invite, negotiate … (tender/regime.py)."""
    grounds: Mapped[dict] = mapped_column(Json, default=dict, server_default="{}")
    """The documents a choice rests on, and the reasons for what departs from the profile."""
    guarantee: Mapped[dict] = mapped_column(Json)
    profile: Mapped[dict | None] = mapped_column(Json(none_as_null=True))
    """The rule profile, frozen at publication."""
    publicity_ends: Mapped[datetime | None] = mapped_column(UtcTime)
    round: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    """1, and one more for each deadline that two people restored (tender/deadlines.py)."""

    @property
    def opening_at(self) -> datetime | None:
        """When the opening may start: the deadline itself (招标投标法 34)."""
        return self.deadline


class LotOutcome(Base):
    """One decided outcome of a lot; written by `tender.acts.decide_outcome` and nowhere else."""

    __tablename__ = "lot_outcome"
    __table_args__ = (
        UniqueConstraint("lot_id", "outcome", "round", name="uq_lot_outcome",
                         info={"refusal": DECIDED}),
        {"info": {"append_only": True}},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"))
    outcome: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(UtcTime)
    round: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    """Of the closing: a restored deadline is closed again, in a round of its own. Else 1."""


class LotSuspension(Base):
    """A suspension of a lot; while `resumed_at` is empty the lot stands still."""

    __tablename__ = "lot_suspension"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"), index=True)
    suspended_at: Mapped[datetime] = mapped_column(UtcTime)
    resumed_at: Mapped[datetime | None] = mapped_column(UtcTime)
