"""The lot, its outcomes and its suspensions."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Fen, Id, Json, UtcTime, new_id

from ..refusals import ALREADY_SUSPENDED, DECIDED, RETENDERED

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
    validity_until: Mapped[date | None] = mapped_column(Date)
    """The last day of the bids' validity where tenderers agreed to extend it (30号令 29)."""
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
    """Of the closing: a restored deadline is closed again, in a round of its own; of what may be
    decided again the how-manieth time. Else 1."""


class LotSuspension(Base):
    """A suspension by the supervisor; while `resumed_at` is empty the lot stands still.

    `deadline` and `publicity_ends` are what was running when it began: at the end of the
    suspension as much of them is left as at its beginning (tender/acts/halting.py).
    """

    __tablename__ = "lot_suspension"
    __table_args__ = (
        Index("uq_lot_suspension_live", "lot_id", unique=True,
              info={"refusal": ALREADY_SUSPENDED}, sqlite_where=text("resumed_at IS NULL"),
              postgresql_where=text("resumed_at IS NULL")),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"), index=True)
    suspended_at: Mapped[datetime] = mapped_column(UtcTime)
    resumed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    document_no: Mapped[str | None] = mapped_column(String(100))
    """The number of the supervisor's document that orders it (电子招标投标办法 52)."""
    reason: Mapped[str | None] = mapped_column(Text)
    suspended_by: Mapped[str | None] = mapped_column(Id)
    deadline: Mapped[datetime | None] = mapped_column(UtcTime)
    publicity_ends: Mapped[datetime | None] = mapped_column(UtcTime)
    counted_from: Mapped[datetime | None] = mapped_column(UtcTime)
    """Since when `deadline` stands still: the beginning, or when two people restored it meanwhile."""
    until: Mapped[datetime | None] = mapped_column(UtcTime)
    """When it ends at the latest, where the regime says so (T22); the clock lifts it then."""
    resume_document_no: Mapped[str | None] = mapped_column(String(100))
    resume_reason: Mapped[str | None] = mapped_column(Text)
    resumed_by: Mapped[str | None] = mapped_column(Id)


class LotHold(Base):
    """A pause before the next step: until the objection it stands for is answered, the deadline
    does not take effect and an award does not begin (实施条例 22, 54)."""

    __tablename__ = "lot_hold"
    __table_args__ = (
        UniqueConstraint("subject", name="uq_lot_hold_subject"),
        Index("ix_lot_hold_lot", "lot_id", sqlite_where=text("released_at IS NULL"),
              postgresql_where=text("released_at IS NULL")),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"))
    subject: Mapped[str] = mapped_column(Id)
    """The objection's id, a row of a package above."""
    held_at: Mapped[datetime] = mapped_column(UtcTime)
    answer_by: Mapped[datetime] = mapped_column(UtcTime)
    """When the time to answer is over (T5)."""
    released_at: Mapped[datetime | None] = mapped_column(UtcTime)


class LotTermination(Base):
    """Why the buyer ended a lot, and on which document (实施条例 31)."""

    __tablename__ = "lot_termination"
    __table_args__ = ({"info": {"append_only": True}},)

    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    document_no: Mapped[str] = mapped_column(String(100))
    terminated_at: Mapped[datetime] = mapped_column(UtcTime)
    terminated_by: Mapped[str] = mapped_column(Id)


class RetenderBar(Base):
    """A company that may not take part when a lot is put out again: it refused the contract there."""

    __tablename__ = "retender_bar"
    __table_args__ = ({"info": {"append_only": True}},)

    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"), primary_key=True)
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"), primary_key=True, index=True)
    law: Mapped[str] = mapped_column(Text)
    cause: Mapped[str] = mapped_column(Id)
    """The decision that it follows from."""
    since: Mapped[datetime] = mapped_column(UtcTime)


class LotSuccession(Base):
    """A lot that is tendered again, and the one it takes the place of."""

    __tablename__ = "lot_succession"
    __table_args__ = (
        UniqueConstraint("predecessor_id", name="uq_lot_succession_predecessor",
                         info={"refusal": RETENDERED}),
        {"info": {"append_only": True}},
    )

    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"), primary_key=True)
    predecessor_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"))
    attempt: Mapped[int] = mapped_column(Integer)
    """2, 3 …: the how-manieth time it is put out."""
    failures: Mapped[int] = mapped_column(Integer)
    """How many of the rounds before failed for want of tenderers."""
