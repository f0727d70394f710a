"""The tables of a lottery's draw (docs/formats/draw.md)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, Json, UtcTime, new_id

from ..refusals import ALREADY_COMMITTED, DRAW_EXISTS


class LotteryDraw(Base):
    """A draw of the order of those who passed the screen of a lot."""

    __tablename__ = "lottery_draw"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"), index=True)
    announcement: Mapped[str] = mapped_column(Text)
    """Canonical JSON; the list as tickets."""
    tickets: Mapped[dict] = mapped_column(Json)
    """Ticket → bid; shown with the draw's document."""
    salt: Mapped[str] = mapped_column(String(64))
    sealed_nonce: Mapped[str] = mapped_column(Text)
    announced_at: Mapped[datetime] = mapped_column(UtcTime)
    commit_by: Mapped[datetime] = mapped_column(UtcTime)
    reveal_by: Mapped[datetime] = mapped_column(UtcTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    closed_entry: Mapped[str | None] = mapped_column(Id)
    """The entry of the close: the first checkpoint that holds it gives the seed."""
    drawn_at: Mapped[datetime | None] = mapped_column(UtcTime)
    voided_at: Mapped[datetime | None] = mapped_column(UtcTime)
    document: Mapped[str | None] = mapped_column(Text)


Index("uq_lottery_draw_live", LotteryDraw.lot_id, unique=True, info={"refusal": DRAW_EXISTS},
      sqlite_where=LotteryDraw.voided_at.is_(None),
      postgresql_where=LotteryDraw.voided_at.is_(None))


class LotteryNonce(Base):
    """One contributor's commitment and, once revealed, its nonce."""

    __tablename__ = "lottery_nonce"
    __table_args__ = (UniqueConstraint("draw_id", "contributor", name="uq_lottery_nonce",
                                       info={"refusal": ALREADY_COMMITTED}),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    draw_id: Mapped[str] = mapped_column(Id, ForeignKey("lottery_draw.id"))
    contributor: Mapped[str] = mapped_column(String(32))
    """`platform`, or the id of a party."""
    commitment: Mapped[str] = mapped_column(String(64))
    nonce: Mapped[str | None] = mapped_column(String(44))
