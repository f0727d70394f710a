"""What was made public, in its order: rows that wait for a place, and rows that have one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Identity, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, UtcTime


class PendingChange(Base):
    """A public act whose row came with it, in its transaction; it has no place in the feed yet."""

    __tablename__ = "pending_change"
    __table_args__ = ({"info": {"unrecorded": "the feed: a row comes with its act's entry"}},)

    turn: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), Identity(),
                                      primary_key=True)
    """Drawn inside the act's transaction: of two acts of which one waited for the other it says
    which was first. Transactions that run at once draw in one order and commit in another, so
    it is no place in the feed."""
    entry_id: Mapped[str] = mapped_column(Id)
    type: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcTime)
    tender_id: Mapped[str] = mapped_column(Id)
    lot_id: Mapped[str | None] = mapped_column(Id)


class Change(Base):
    """One row of the feed. `position` is given after commit, 1, 2, 3 … without a gap."""

    __tablename__ = "change"
    __table_args__ = (Index("ix_change_tender", "tender_id", "position"),
                      {"info": {"unrecorded": "the feed: places are given after the act",
                                "append_only": True}})

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entry_id: Mapped[str] = mapped_column(Id, unique=True)
    """The act's entry in the record."""
    type: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcTime)
    tender_id: Mapped[str] = mapped_column(Id)
    lot_id: Mapped[str | None] = mapped_column(Id)


class Statement(Base):
    """A tender as open data told it when it was published and at each act that changed it.

    What is stated changes in its own tables, lines of a bill vanish from theirs; what was told
    must not, so it is kept as it was told.
    """

    __tablename__ = "tender_statement"
    __table_args__ = ({"info": {"append_only": True}},)

    tender_id: Mapped[str] = mapped_column(Id, primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    """1, 2, 3 … within the tender."""
    entry_id: Mapped[str] = mapped_column(Id)
    at: Mapped[datetime] = mapped_column(UtcTime)
    body: Mapped[str] = mapped_column(Text)
    """The `tender` section of a release as JSON, addresses without the installation's."""
