"""The tables of complaints. All append-only: a case is its complaint and its numbered steps.

Who complains is in a row, and in no answer but its own, to the supervisor after the opening for a
reason that is kept, and to the buyer where the supervisor disclosed it. Complaints of what is no
lot, a direct award or a service, lie in tables of their own with the same columns.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, Json, UtcTime, new_id

from .refusals import EVIDENCE, MOVED_ON, REPEATED


class Letter:
    """What somebody complains of to the supervisor, on which facts, and what it asks for."""

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    subject: Mapped[str] = mapped_column(String(12))
    """A name of rules.Subject, in small letters."""
    facts: Mapped[str] = mapped_column(Text)
    claims: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(String(64))
    hotline_no: Mapped[str] = mapped_column(String(40))
    """The number of a call to the 12345 hotline that led here, or empty."""
    paper_no: Mapped[str] = mapped_column(String(100))
    """A challenge (质疑) on paper that it follows, with its days, or empty."""
    paper_raised: Mapped[date | None] = mapped_column(Date)
    paper_answered: Mapped[date | None] = mapped_column(Date)
    counted_from: Mapped[datetime] = mapped_column(UtcTime)
    last_at: Mapped[datetime] = mapped_column(UtcTime)
    filed_at: Mapped[datetime] = mapped_column(UtcTime)


class Step:
    """One step of a case. The number makes two steps at once one too many."""

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    number: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(20))
    """A key of states.KINDS."""
    at: Mapped[datetime] = mapped_column(UtcTime)
    account_id: Mapped[str | None] = mapped_column(Id)
    person_id: Mapped[str | None] = mapped_column(Id)
    party_id: Mapped[str | None] = mapped_column(Id)
    """Whose step it is: person and unit; none of the clock's."""
    text: Mapped[str] = mapped_column(Text, default="", server_default="")
    document_no: Mapped[str] = mapped_column(String(100), default="", server_default="")
    due: Mapped[datetime | None] = mapped_column(UtcTime)
    """Before when the one who is asked answers, or what is ordered is done."""
    outcome: Mapped[str] = mapped_column(String(12), default="", server_default="")
    basis: Mapped[str] = mapped_column(String(16), default="", server_default="")
    """Why it is rejected or not accepted, what the clock stands still for, or that what is
    complained of falls."""
    law: Mapped[str] = mapped_column(String(300), default="", server_default="")
    orders: Mapped[str] = mapped_column(Text, default="", server_default="")
    evidence_hash: Mapped[str] = mapped_column(String(64), default="", server_default="")
    """A paper that its unit keeps here."""
    unit_id: Mapped[str | None] = mapped_column(Id)
    """The supervisor a case is passed on to."""
    suspension_id: Mapped[str | None] = mapped_column(Id)
    """The suspension it ordered or lifted."""


class Complaint(Letter, Base):
    """A complaint of what happened in a lot."""

    __tablename__ = "complaint"
    __table_args__ = (
        UniqueConstraint("content_hash", name="uq_complaint_content", info={"refusal": REPEATED}),
        CheckConstraint("counted_from < last_at", name="window"),
        Index("ix_complaint_lot", "lot_id", "id"), Index("ix_complaint_party", "party_id", "id"),
        {"info": {"append_only": True}},
    )

    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"))
    objection_id: Mapped[str | None] = mapped_column(Id, ForeignKey("objection.id"))
    """The own objection that it follows."""
    sealed: Mapped[bool] = mapped_column(Boolean)
    """Filed between deadline and opening: it comes to the supervisor with the opening."""


class ComplaintEvidence(Base):
    """Which files a complaint or its correction rests on; each belongs to one complaint."""

    __tablename__ = "complaint_evidence"
    __table_args__ = (
        UniqueConstraint("evidence_id", name="uq_complaint_evidence", info={"refusal": EVIDENCE}),
        Index("ix_complaint_evidence", "complaint_id"),
        {"info": {"append_only": True}},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    complaint_id: Mapped[str] = mapped_column(Id, ForeignKey("complaint.id"))
    evidence_id: Mapped[str] = mapped_column(Id, ForeignKey("evidence.id"))


class ComplaintStep(Step, Base):
    """One step of a case of a lot."""

    __tablename__ = "complaint_step"
    __table_args__ = (
        UniqueConstraint("complaint_id", "number", name="uq_complaint_step",
                         info={"refusal": MOVED_ON}),
        Index("ix_complaint_step_kind", "kind", "at"),
        {"info": {"append_only": True}},
    )

    complaint_id: Mapped[str] = mapped_column(Id, ForeignKey("complaint.id"))


class CourseComplaint(Letter, Base):
    """A complaint of a direct award or of a service."""

    __tablename__ = "course_complaint"
    __table_args__ = (
        UniqueConstraint("content_hash", name="uq_course_complaint_content",
                         info={"refusal": REPEATED}),
        CheckConstraint("counted_from < last_at", name="window"),
        CheckConstraint("(award_id IS NULL) <> (service_id IS NULL)", name="one"),
        *(Index(f"ix_course_complaint_{name}", f"{name}_id", "id")
          for name in ("award", "service", "party")),
        {"info": {"append_only": True}},
    )

    award_id: Mapped[str | None] = mapped_column(Id, ForeignKey("direct_award.id"))
    service_id: Mapped[str | None] = mapped_column(Id, ForeignKey("service.id"))
    objection_id: Mapped[str | None] = mapped_column(Id)
    """The own objection that it follows, to the award or to the result."""
    evidence: Mapped[list] = mapped_column(Json)
    """SHA-256 of the complainant's papers that it rests on."""

    lot_id = None
    sealed = False
    """Nothing of these is filed under seal."""

    @property
    def course_id(self) -> str:
        """Of the direct award or the service."""
        return self.award_id or self.service_id


class CourseComplaintStep(Step, Base):
    """One step of a case of a direct award or a service."""

    __tablename__ = "course_complaint_step"
    __table_args__ = (
        UniqueConstraint("complaint_id", "number", name="uq_course_complaint_step",
                         info={"refusal": MOVED_ON}),
        Index("ix_course_complaint_step_kind", "kind", "at"),
        {"info": {"append_only": True}},
    )

    complaint_id: Mapped[str] = mapped_column(Id, ForeignKey("course_complaint.id"))
    evidence: Mapped[list | None] = mapped_column(Json)
    """Of a correction: SHA-256 of the complainant's papers that it adds."""


AnyComplaint = Complaint | CourseComplaint
STEP: dict[type, type[ComplaintStep | CourseComplaintStep]] = {
    Complaint: ComplaintStep, CourseComplaint: CourseComplaintStep}
"""In which table the steps of which complaints lie."""
