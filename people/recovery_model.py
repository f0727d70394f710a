"""What makes good a lost second factor: recovery codes, and its replacement by two persons."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, UtcTime, new_id

from .refusals import RESET_WAITS


class RecoveryCode(Base):
    """A code that stands in for a lost second factor once; only its keyed digest is kept."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("code_hash", name="uq_recovery_code_hash"),
                      Index("ix_recovery_code_account", "account_id"))

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    code_hash: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)
    """When a newer set took its place unused."""

    @classmethod
    def standing(cls) -> ColumnElement[bool]:
        """The condition under which a code may be used."""
        return cls.used_at.is_(None) & cls.ended_at.is_(None)


class FactorReset(Base):
    """A proposal to replace somebody's second factor, its approval by another person, its end.

    Until its owner has enrolled a new factor with password and code, the present one stands.
    """

    __tablename__ = "factor_reset"
    __table_args__ = (
        Index("uq_factor_reset_open", "account_id", unique=True, info={"refusal": RESET_WAITS},
              postgresql_where=text("ended_at IS NULL"), sqlite_where=text("ended_at IS NULL")),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(String(200))
    proposed_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime] = mapped_column(UtcTime)
    approved_by: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    approved_at: Mapped[datetime | None] = mapped_column(UtcTime)
    code_hash: Mapped[str | None] = mapped_column(String(64))
    """Of the code that the approver hands to the owner; gone with the end."""
    until: Mapped[datetime | None] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)
    ended_why: Mapped[str] = mapped_column(String(8), default="")
    """`done`, or `stopped`."""
