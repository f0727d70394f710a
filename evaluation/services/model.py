"""The tables of the intermediary supermarket."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Fen, Id, Json, UtcTime, new_id
from tender import feed
from tender.model.objecting import Objecting

from .refusals import (
    AGENCY_STATE,
    DRAW_ONCE,
    RATED,
    SANCTION_OPEN,
    SERVICE_EXISTS,
    SERVICE_OBJECTED,
    SERVICE_SUCCEEDED,
)


class Agency(Base):
    """An agency's entry in the directory; what changes in it must be approved anew."""

    __tablename__ = "agency"
    __table_args__ = (
        UniqueConstraint("party_id", name="uq_agency", info={"refusal": AGENCY_STATE}),
        CheckConstraint("approved_at IS NULL OR (proposed_at IS NOT NULL"
                        " AND approved_person <> proposed_person)", name="two_persons"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    region: Mapped[str] = mapped_column(String(6))
    kinds: Mapped[list] = mapped_column(Json)
    qualifications: Mapped[list] = mapped_column(Json)
    """`{name, number, evidence_hash, valid_until}`, each."""
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    entered_at: Mapped[datetime] = mapped_column(UtcTime)
    proposed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    proposed_person: Mapped[str | None] = mapped_column(Id)
    approved_at: Mapped[datetime | None] = mapped_column(UtcTime)
    approved_person: Mapped[str | None] = mapped_column(Id)
    left_at: Mapped[datetime | None] = mapped_column(UtcTime)
    """When the agency took itself out; entering anew undoes it."""


class AgencySanction(Base):
    """An agency kept out of the directory for a time, by two persons of the supervisor."""

    __tablename__ = "agency_sanction"
    __table_args__ = (
        CheckConstraint("kind IN ('suspended', 'removed')", name="kind"),
        CheckConstraint("approved_at IS NULL OR approved_person <> proposed_person",
                        name="two_persons"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    agency_id: Mapped[str] = mapped_column(Id, ForeignKey("agency.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    document_no: Mapped[str] = mapped_column(String(100))
    reason: Mapped[str] = mapped_column(Text)
    until_day: Mapped[str] = mapped_column(String(10))
    """The last Beijing day on which it holds; it begins with its approval."""
    proposed_at: Mapped[datetime] = mapped_column(UtcTime)
    proposed_person: Mapped[str] = mapped_column(Id)
    approved_at: Mapped[datetime | None] = mapped_column(UtcTime)
    approved_person: Mapped[str | None] = mapped_column(Id)


Index("uq_agency_sanction_open", AgencySanction.agency_id, unique=True,
      info={"refusal": SANCTION_OPEN},
      sqlite_where=AgencySanction.approved_at.is_(None),
      postgresql_where=AgencySanction.approved_at.is_(None))


class Service(Base):
    """A buyer's request for a service, and what became of it."""

    __tablename__ = "service"
    __table_args__ = (
        UniqueConstraint("code", name="uq_service_code"),
        CheckConstraint("budget_fen > 0", name="budget"),
        CheckConstraint("approved_at IS NULL OR approved_person <> requested_person",
                        name="two_persons"),
        CheckConstraint("contracted_at IS NULL OR decided_at IS NOT NULL", name="decided"),
        # By what lists and feeds go back in.
        *(Index(f"ix_service_{step}", f"{step}_at", "id") for step in (
            "requested", "approved", "decided", "failed", "contracted", "finished")),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(String(40))
    buyer_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"), index=True)
    region: Mapped[str] = mapped_column(String(6))
    kind: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(200))
    requirement: Mapped[str] = mapped_column(Text)
    budget_fen: Mapped[int] = mapped_column(Fen)
    method: Mapped[str] = mapped_column(String(8))
    screen: Mapped[str] = mapped_column(Text)
    policy_document: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text)
    """Why the time for offers is shorter than the profile's, where it is."""
    offers_until: Mapped[datetime] = mapped_column(UtcTime)
    reveal_until: Mapped[datetime | None] = mapped_column(UtcTime)
    profile: Mapped[dict | None] = mapped_column(Json(none_as_null=True))
    """Frozen at approval."""
    requested_at: Mapped[datetime] = mapped_column(UtcTime)
    requested_person: Mapped[str] = mapped_column(Id)
    content_hash: Mapped[str] = mapped_column(String(64))
    approved_at: Mapped[datetime | None] = mapped_column(UtcTime)
    approved_person: Mapped[str | None] = mapped_column(Id)
    closed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcTime)
    failed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    screened_at: Mapped[datetime | None] = mapped_column(UtcTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcTime)
    winner_id: Mapped[str | None] = mapped_column(Id, ForeignKey("party.id"))
    price_fen: Mapped[int | None] = mapped_column(Fen)
    result: Mapped[str | None] = mapped_column(Text)
    """The result notice: canonical JSON in a note signed by the platform's key."""
    contracted_at: Mapped[datetime | None] = mapped_column(UtcTime)
    contract_hash: Mapped[str | None] = mapped_column(String(64))
    failure: Mapped[str | None] = mapped_column(String(12))
    """One of selection.FAILURES, where it failed."""
    objections_until: Mapped[datetime | None] = mapped_column(UtcTime)
    late_reason: Mapped[str | None] = mapped_column(Text)
    """Why the contract came after its time, where the profile lets it."""
    finished_at: Mapped[datetime | None] = mapped_column(UtcTime)
    finish_hash: Mapped[str | None] = mapped_column(String(64))
    """SHA-256 of the paper by which the buyer took what was done."""


class ServiceSuccession(Base):
    """A request that was made again after one that failed."""

    __tablename__ = "service_succession"
    __table_args__ = (
        UniqueConstraint("predecessor_id", name="uq_service_succession",
                         info={"refusal": SERVICE_SUCCEEDED}),
        {"info": {"append_only": True}},
    )

    service_id: Mapped[str] = mapped_column(Id, ForeignKey("service.id"), primary_key=True)
    predecessor_id: Mapped[str] = mapped_column(Id, ForeignKey("service.id"))
    attempt: Mapped[int] = mapped_column(Integer)
    """2 for the first that was made again."""


class ServiceObjection(Objecting, Base):
    """What one who offered has against the result, and the one answer to it."""

    __tablename__ = "service_objection"
    __table_args__ = (
        UniqueConstraint("service_id", "party_id", name="uq_service_objection",
                         info={"refusal": SERVICE_OBJECTED}),
        CheckConstraint("(answered_at IS NULL) = (outcome IS NULL)", name="answered"),
    )

    service_id: Mapped[str] = mapped_column(Id, ForeignKey("service.id"))


class ServiceOffer(Base):
    """One agency's offer: its seal, and once revealed what it says."""

    __tablename__ = "service_offer"
    __table_args__ = (
        UniqueConstraint("service_id", "party_id", name="uq_service_offer",
                         info={"refusal": SERVICE_EXISTS}),
        CheckConstraint("(revealed_at IS NULL) = (price_fen IS NULL)", name="revealed"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    service_id: Mapped[str] = mapped_column(Id, ForeignKey("service.id"))
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    commitment: Mapped[str] = mapped_column(String(64))
    offered_at: Mapped[datetime] = mapped_column(UtcTime)
    price_fen: Mapped[int | None] = mapped_column(Fen)
    proposal_hash: Mapped[str | None] = mapped_column(String(64))
    salt: Mapped[str | None] = mapped_column(String(64))
    revealed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    passed: Mapped[int | None] = mapped_column(Integer)
    """1 passed the screen, 0 did not; None: not screened."""
    failed_because: Mapped[str | None] = mapped_column(Text)


class ServiceDraw(Base):
    """A draw among the agencies that passed the screen (docs/formats/draw.md)."""

    __tablename__ = "service_draw"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    service_id: Mapped[str] = mapped_column(Id, ForeignKey("service.id"))
    announcement: Mapped[str] = mapped_column(Text)
    tickets: Mapped[dict] = mapped_column(Json)
    """Ticket → agency's party; shown with the result."""
    salt: Mapped[str] = mapped_column(String(64))
    sealed_nonce: Mapped[str] = mapped_column(Text)
    announced_at: Mapped[datetime] = mapped_column(UtcTime)
    commit_by: Mapped[datetime] = mapped_column(UtcTime)
    reveal_by: Mapped[datetime] = mapped_column(UtcTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    closed_entry: Mapped[str | None] = mapped_column(Id)
    drawn_at: Mapped[datetime | None] = mapped_column(UtcTime)
    voided_at: Mapped[datetime | None] = mapped_column(UtcTime)
    document: Mapped[str | None] = mapped_column(Text)


Index("uq_service_draw_live", ServiceDraw.service_id, unique=True, info={"refusal": DRAW_ONCE},
      sqlite_where=ServiceDraw.voided_at.is_(None),
      postgresql_where=ServiceDraw.voided_at.is_(None))


class ServiceNonce(Base):
    """One contributor's commitment to a draw and, once revealed, its nonce."""

    __tablename__ = "service_nonce"
    __table_args__ = (UniqueConstraint("draw_id", "contributor", name="uq_service_nonce",
                                       info={"refusal": DRAW_ONCE}),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    draw_id: Mapped[str] = mapped_column(Id, ForeignKey("service_draw.id"))
    contributor: Mapped[str] = mapped_column(String(32))
    commitment: Mapped[str] = mapped_column(String(64))
    nonce: Mapped[str | None] = mapped_column(String(44))


class ServiceRating(Base):
    """What one party says of the other after the contract, once."""

    __tablename__ = "service_rating"
    __table_args__ = (
        UniqueConstraint("service_id", "rater_id", name="uq_service_rating",
                         info={"refusal": RATED}),
        CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
        {"info": {"append_only": True}},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    service_id: Mapped[str] = mapped_column(Id, ForeignKey("service.id"))
    rater_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    rated_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"), index=True)
    stars: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(Text)
    rated_at: Mapped[datetime] = mapped_column(UtcTime)


feed.tell_of(("service", "selection", "offer", "buyer"), "service_id", Service.__table__.c.id,
             Service.__table__.c.approved_at)
