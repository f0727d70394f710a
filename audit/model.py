"""The tables of the record. Leaves are immutable; what they disclose lies in another table."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, UtcTime


class PendingEntry(Base):
    """An entry written in its act's transaction, waiting for the sequencer to give it a place.

    The id is random: the order of rows is never the order of the log.
    """

    __tablename__ = "pending_entry"
    __table_args__ = {"info": {"unrecorded": "the record itself"}}

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    type: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcTime)
    tender_id: Mapped[str | None] = mapped_column(Id)
    lot_id: Mapped[str | None] = mapped_column(Id)
    party_id: Mapped[str | None] = mapped_column(Id)
    disclose: Mapped[str] = mapped_column(String(16))
    record: Mapped[str] = mapped_column(Text)
    salt: Mapped[bytes] = mapped_column(LargeBinary(32))
