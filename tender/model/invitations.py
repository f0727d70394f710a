"""Who is invited to a lot that is put out by invitation."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, UtcTime, new_id


class Invitation(Base):
    """The list of a lot as one thing: the hash that the notice names, and its salt."""

    __tablename__ = "invitation"

    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"), primary_key=True)
    salt: Mapped[str] = mapped_column(String(64))
    """Hex; told with the list, not before the opening."""
    commitment: Mapped[str] = mapped_column(String(64))
    """tender.invitation.commitment of lot, salt and list, hex."""
    set_at: Mapped[datetime] = mapped_column(UtcTime)


class Invitee(Base):
    """One company that is invited, by its credit code: it may register with it later."""

    __tablename__ = "invitee"
    __table_args__ = (UniqueConstraint("lot_id", "uscc", name="uq_invitee"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"))
    uscc: Mapped[str] = mapped_column(String(18), index=True)
    name: Mapped[str] = mapped_column(String(200))
