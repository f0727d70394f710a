"""What a virus scanner said of files, which no act depends on: it is told beside the file."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, UtcTime

UNSEEN = {"state": "not_scanned", "said": "", "engine": "", "scanned_at": None}
"""What is said of a file that nobody has looked at."""


class FileScan(Base):
    """One file's answer. No row: nobody has looked at it yet."""

    __tablename__ = "file_scan"
    __table_args__ = ({"info": {"unrecorded": "a scanner's opinion, which changes no file"}},)

    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    """`stored`: a file of the store; `opened`: one inside an opened bid; `part`: all of an opened
    part was looked at (`hash` is then the part's id)."""
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    state: Mapped[str] = mapped_column(String(12))
    """`clean`, `found`, `not_scanned` (the scanner was there and could not)."""
    said: Mapped[str] = mapped_column(String(200))
    """What was found, or why it could not be looked at."""
    engine: Mapped[str] = mapped_column(String(100))
    """The scanner's own name, version and day of its signatures."""
    scanned_at: Mapped[datetime] = mapped_column(UtcTime)
