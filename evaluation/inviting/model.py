"""The tables of a draw of those invited, and who stood for it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, Json, UtcTime, new_id

from . import refusals


class InvitationDraw(Base):
    """One draw from the longer list of a lot. Nobody but the buyer reads it before the opening."""

    __tablename__ = "invitation_draw"
    __table_args__ = (UniqueConstraint("lot_id", "number", name="uq_invitation_draw"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"))
    number: Mapped[int] = mapped_column(Integer)
    """Which of the lot's draws, from 1; the last one counts."""
    announcement: Mapped[str] = mapped_column(Text)
    """Canonical JSON; with the list as tickets, so that it names nobody."""
    salt: Mapped[str] = mapped_column(String(64))
    """Turns credit codes into tickets."""
    long_list: Mapped[dict] = mapped_column(Json)
    """The longer list as it was when the draw was announced, with its salt."""
    sealed_nonce: Mapped[str] = mapped_column(Text)
    nonce: Mapped[str | None] = mapped_column(String(44))
    """The platform's, revealed with the close."""
    cause: Mapped[str | None] = mapped_column(Text)
    """Why this lot is drawn again."""
    announced_at: Mapped[datetime] = mapped_column(UtcTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    closed_entry: Mapped[str | None] = mapped_column(Id)
    """The entry of the last watcher: the first checkpoint that holds it gives the seed."""
    drawn_at: Mapped[datetime | None] = mapped_column(UtcTime)
    voided_at: Mapped[datetime | None] = mapped_column(UtcTime)
    void_reason: Mapped[str | None] = mapped_column(String(64))
    document: Mapped[str | None] = mapped_column(Text)
    """The replayable document, once drawn."""


Index("uq_invitation_draw_live", InvitationDraw.lot_id, unique=True,
      info={"refusal": refusals.UNDER_WAY},
      sqlite_where=InvitationDraw.drawn_at.is_(None) & InvitationDraw.voided_at.is_(None),
      postgresql_where=InvitationDraw.drawn_at.is_(None) & InvitationDraw.voided_at.is_(None))


class InvitationWatcher(Base):
    """A person of the buyer who stands for a draw (87号令 14: two at least)."""

    __tablename__ = "invitation_watcher"
    __table_args__ = (
        UniqueConstraint("draw_id", "person_id", name="uq_invitation_watcher",
                         info={"refusal": refusals.STOOD}),
        {"info": {"append_only": True}})

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    draw_id: Mapped[str] = mapped_column(Id, ForeignKey("invitation_draw.id"))
    account_id: Mapped[str] = mapped_column(Id)
    person_id: Mapped[str] = mapped_column(Id)
    stood_at: Mapped[datetime] = mapped_column(UtcTime)
