"""Halts of what is no lot: a direct award, a service that is selected."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, UtcTime, new_id

from ..method_refusals import HALT_SPENT


class CourseHalt(Base):
    """A halt by the supervisor: while it lasts no contract is registered, and none lapses.

    It lasts until it is lifted, or to `until` where the law bounds it (94号令 28): nobody need say
    so then.
    """

    __tablename__ = "course_halt"
    __table_args__ = (
        UniqueConstraint("course_id", "document_no", name="uq_course_halt",
                         info={"refusal": HALT_SPENT}),
        Index("ix_course_halt", "course_id", "halted_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    course_id: Mapped[str] = mapped_column(Id)
    """Of the direct award, or of the service."""
    document_no: Mapped[str] = mapped_column(String(100))
    reason: Mapped[str] = mapped_column(Text)
    halted_at: Mapped[datetime] = mapped_column(UtcTime)
    halted_by: Mapped[str | None] = mapped_column(Id)
    until: Mapped[datetime | None] = mapped_column(UtcTime)
    lifted_at: Mapped[datetime | None] = mapped_column(UtcTime)

    @property
    def ends(self) -> datetime | None:
        """When it ended or will; None: when it is lifted."""
        return min((at for at in (self.lifted_at, self.until) if at), default=None)

    def stands(self, now: datetime) -> bool:
        """Whether it lasts."""
        return self.ends is None or now < self.ends
