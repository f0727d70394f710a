"""The columns that objections to direct awards and to results of selections share."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Id, Json, UtcTime, new_id


class Objecting:
    """What a company has against a result, and the one answer to it. A table names its subject."""

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    """Shown to nobody but, where the law says so, the supervisor."""
    argument: Mapped[str] = mapped_column(Text)
    remedy: Mapped[str] = mapped_column(Text)
    evidence: Mapped[list] = mapped_column(Json)
    """SHA-256 of the objector's papers that it rests on."""
    filed_at: Mapped[datetime] = mapped_column(UtcTime)
    answer_by: Mapped[datetime] = mapped_column(UtcTime)
    overdue_at: Mapped[datetime | None] = mapped_column(UtcTime)
    """When the clock wrote down that the time passed without an answer."""
    outcome: Mapped[str | None] = mapped_column(String(8))
    """One of objecting.OUTCOMES."""
    answer: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None] = mapped_column(UtcTime)
    answered_by: Mapped[str | None] = mapped_column(Id)
