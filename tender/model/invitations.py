"""Who is invited to a lot that is put out by invitation."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, Json, UtcTime, new_id


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


class LongList(Base):
    """The list from which those invited are drawn in government procurement, as it stands."""

    __tablename__ = "long_list"

    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"), primary_key=True)
    source: Mapped[str] = mapped_column(String(16))
    """A key of tender.longlist.SOURCES."""
    basis: Mapped[str] = mapped_column(String(200))
    """The library's name, the recommendation's number; published with the notice."""
    paper_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the paper behind it, which the buyer's unit keeps; it names them."""
    wanted: Mapped[int] = mapped_column(Integer)
    """How many are to be drawn."""
    candidates: Mapped[list] = mapped_column(Json)
    """[{uscc, name}] by credit code."""
    salt: Mapped[str] = mapped_column(String(64))
    commitment: Mapped[str] = mapped_column(String(64))
    """tender.longlist.commitment, hex: in the record before the draw."""
    set_at: Mapped[datetime] = mapped_column(UtcTime)
