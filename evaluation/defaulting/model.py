"""The tables of awards that fall: proposals with their decisions, and what candidates say."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, Json, UtcTime, new_id

from . import refusals


class AwardDefault(Base):
    """A proposal to cancel an award, by one person of the buyer, and how another decided it."""

    __tablename__ = "award_default"
    __table_args__ = (
        ForeignKeyConstraint(["lot_id", "bid_id"], ["candidate.lot_id", "candidate.bid_id"],
                             name="fk_award_default_candidate"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(Id, index=True)
    award_id: Mapped[str] = mapped_column(ForeignKey("award.id"))
    bid_id: Mapped[str] = mapped_column(Id)
    party_id: Mapped[str] = mapped_column(ForeignKey("party.id"))
    ground: Mapped[str] = mapped_column(String(16))
    """One of rules.GROUNDS."""
    account: Mapped[str] = mapped_column(Text)
    """What happened, in the buyer's words."""
    evidence: Mapped[list] = mapped_column(Json)
    """SHA-256 of papers that the buyer keeps here."""
    document_no: Mapped[str] = mapped_column(String(100))
    clause: Mapped[str] = mapped_column(Text)
    plan: Mapped[str] = mapped_column(String(16))
    """One of rules.PLANS."""
    heard_until: Mapped[datetime] = mapped_column(UtcTime)
    proposed_at: Mapped[datetime] = mapped_column(UtcTime)
    proposed_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
    proposed_person: Mapped[str] = mapped_column(Id)
    decided_at: Mapped[datetime | None] = mapped_column(UtcTime)
    decided_by: Mapped[str | None] = mapped_column(Id)
    outcome: Mapped[str | None] = mapped_column(String(16))
    """`cancelled`, `dropped`, or `signed`: the winner signed after all."""
    reason: Mapped[str | None] = mapped_column(Text)
    successor_id: Mapped[str | None] = mapped_column(ForeignKey("award.id"))


Index("uq_award_default_open", AwardDefault.lot_id, unique=True,
      info={"refusal": refusals.UNDER_WAY}, sqlite_where=AwardDefault.decided_at.is_(None),
      postgresql_where=AwardDefault.decided_at.is_(None))


class AwardWord(Base):
    """What a candidate said of an award: gives it up, contests a proposal, agrees to follow."""

    __tablename__ = "award_word"
    __table_args__ = (
        ForeignKeyConstraint(["lot_id", "bid_id"], ["candidate.lot_id", "candidate.bid_id"],
                             name="fk_award_word_candidate"),
        UniqueConstraint("about", "bid_id", "kind", name="uq_award_word",
                         info={"refusal": refusals.NOTHING_TO_SAY}),
        {"info": {"append_only": True}},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(Id, index=True)
    award_id: Mapped[str] = mapped_column(ForeignKey("award.id"))
    bid_id: Mapped[str] = mapped_column(Id)
    party_id: Mapped[str] = mapped_column(ForeignKey("party.id"))
    about: Mapped[str] = mapped_column(Id)
    """The award that is given up, or the proposal that is contested or followed."""
    kind: Mapped[str] = mapped_column(String(16))
    """One of rules.WORDS."""
    text: Mapped[str] = mapped_column(Text)
    evidence: Mapped[list] = mapped_column(Json)
    until: Mapped[date | None] = mapped_column(Date)
    """Of who agrees: the last day on which it is bound."""
    said_at: Mapped[datetime] = mapped_column(UtcTime)
    said_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
