"""The tables of framework agreements: terms, suppliers, call-offs, and what is said against them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Fen, Id, Json, UtcTime, new_id
from tender import feed
from tender.model.objecting import Objecting

from .refusals import (
    APPLICATION_ONCE,
    APPLICATION_STATE,
    FRAMEWORK_STATE,
    OBJECTED,
    OFFERED,
    STRIKE_OPEN,
    TURN_ANSWERED,
    TURN_TAKEN,
)


class Framework(Base):
    """The terms of one framework: stated by one person, published by another, ended by its day."""

    __tablename__ = "framework"
    __table_args__ = (
        UniqueConstraint("code", name="uq_framework_code"),
        CheckConstraint("price_fen > 0", name="price"),
        CheckConstraint("published_at IS NULL OR approved_person <> drafted_person",
                        name="two_persons"),
        Index("ix_framework_published", "published_at", "id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    ocid: Mapped[str] = mapped_column(String(64))
    code: Mapped[str] = mapped_column(String(40))
    buyer_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"), index=True)
    """The collecting unit (征集人)."""
    region: Mapped[str] = mapped_column(String(6))
    kind: Mapped[str] = mapped_column(String(8))
    title: Mapped[str] = mapped_column(String(200))
    category: Mapped[str] = mapped_column(String(8))
    requirement: Mapped[str] = mapped_column(Text)
    conditions: Mapped[list] = mapped_column(Json)
    """What a supplier must show, one text each; nothing else may be asked of it."""
    price_kind: Mapped[str] = mapped_column(String(8))
    price_fen: Mapped[int] = mapped_column(Fen)
    """Of one unit."""
    unit: Mapped[str] = mapped_column(String(20))
    users: Mapped[list] = mapped_column(Json)
    """Credit codes of the units that may buy; empty: every buying unit of the place."""
    methods: Mapped[list] = mapped_column(Json)
    methods_reason: Mapped[str] = mapped_column(Text)
    leaving: Mapped[str] = mapped_column(Text)
    until_day: Mapped[str] = mapped_column(String(10))
    valid_until: Mapped[datetime] = mapped_column(UtcTime)
    drafted_at: Mapped[datetime] = mapped_column(UtcTime)
    drafted_person: Mapped[str] = mapped_column(Id)
    given_up_at: Mapped[datetime | None] = mapped_column(UtcTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcTime)
    approved_person: Mapped[str | None] = mapped_column(Id)
    content_hash: Mapped[str | None] = mapped_column(String(64))
    profile: Mapped[dict | None] = mapped_column(Json(none_as_null=True))
    """Frozen at publication."""
    places: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """How many places in the order of turns were given out; each is given once."""
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)
    end_reason: Mapped[str | None] = mapped_column(Text)
    """Why it was ended before its day; None where the day ended it."""


class FrameworkApplication(Base):
    """A supplier's wish to stand in a framework, and what became of it."""

    __tablename__ = "framework_application"
    __table_args__ = (
        UniqueConstraint("framework_id", "place", name="uq_framework_application_place",
                         info={"refusal": TURN_TAKEN}),
        CheckConstraint("(ended_at IS NULL) = (ended_how IS NULL)", name="ended"),
        CheckConstraint("(admitted_at IS NULL) = (place IS NULL)", name="placed"),
        CheckConstraint("price_fen > 0", name="price"),
        Index("ix_framework_application_party", "party_id", "applied_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    framework_id: Mapped[str] = mapped_column(Id, ForeignKey("framework.id"))
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    papers: Mapped[list] = mapped_column(Json)
    """`{condition, name, number, evidence_hash, valid_until}`, each; `condition` counts from 0."""
    price_fen: Mapped[int] = mapped_column(Fen)
    """The unit price it agrees to."""
    terms_hash: Mapped[str] = mapped_column(String(64))
    """Of the terms it accepts."""
    applied_at: Mapped[datetime] = mapped_column(UtcTime)
    decide_by: Mapped[datetime] = mapped_column(UtcTime)
    overdue_at: Mapped[datetime | None] = mapped_column(UtcTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcTime)
    admitted_at: Mapped[datetime | None] = mapped_column(UtcTime)
    place: Mapped[int | None] = mapped_column(Integer)
    """Its place in the order of turns: the lowest is next."""
    against: Mapped[list | None] = mapped_column(Json(none_as_null=True))
    """The conditions a refusal names."""
    reason: Mapped[str | None] = mapped_column(Text)
    objections_until: Mapped[datetime | None] = mapped_column(UtcTime)
    """Until when a refusal may be objected to."""
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)
    ended_how: Mapped[str | None] = mapped_column(String(10))
    """One of rules.ENDED."""


Index("uq_framework_application_live", FrameworkApplication.framework_id,
      FrameworkApplication.party_id, unique=True, info={"refusal": APPLICATION_ONCE},
      sqlite_where=FrameworkApplication.ended_at.is_(None),
      postgresql_where=FrameworkApplication.ended_at.is_(None))


class FrameworkStrike(Base):
    """A supplier struck off on a ground of the closed list, by two persons."""

    __tablename__ = "framework_strike"
    __table_args__ = (
        UniqueConstraint("application_id", name="uq_framework_strike",
                         info={"refusal": STRIKE_OPEN}),
        CheckConstraint("approved_at IS NULL OR approved_person <> proposed_person",
                        name="two_persons"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    application_id: Mapped[str] = mapped_column(Id, ForeignKey("framework_application.id"))
    ground: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    proposed_at: Mapped[datetime] = mapped_column(UtcTime)
    proposed_person: Mapped[str] = mapped_column(Id)
    approved_at: Mapped[datetime | None] = mapped_column(UtcTime)
    approved_person: Mapped[str | None] = mapped_column(Id)


class FrameworkNotice(Base):
    """What was published of a framework: terms, admissions, results; signed, never changed."""

    __tablename__ = "framework_notice"
    __table_args__ = (
        UniqueConstraint("framework_id", "number", name="uq_framework_notice",
                         info={"refusal": FRAMEWORK_STATE}),
        UniqueConstraint("kind", "subject_id", name="uq_framework_notice_subject",
                         info={"refusal": APPLICATION_STATE}),
        {"info": {"append_only": True}},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    framework_id: Mapped[str] = mapped_column(Id, ForeignKey("framework.id"))
    number: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(20))
    """One of tender.notices.KINDS."""
    subject_id: Mapped[str] = mapped_column(Id)
    """The framework itself, an application, a call-off."""
    content: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(String(64))
    signature: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime] = mapped_column(UtcTime)


class Calloff(Base):
    """One purchase under a framework, and to whom it went."""

    __tablename__ = "calloff"
    __table_args__ = (
        UniqueConstraint("code", name="uq_calloff_code"),
        CheckConstraint("quantity > 0 AND most_fen > 0", name="amounts"),
        CheckConstraint("price_fen IS NULL OR price_fen <= most_fen", name="cap"),
        CheckConstraint("contracted_at IS NULL OR decided_at IS NOT NULL", name="decided"),
        CheckConstraint("(decided_at IS NULL) = (winner_id IS NULL)", name="winner"),
        Index("ix_calloff_framework", "framework_id", "stated_at", "id"),
        Index("ix_calloff_user", "user_id", "stated_at", "id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(String(40))
    framework_id: Mapped[str] = mapped_column(Id, ForeignKey("framework.id"))
    user_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    title: Mapped[str] = mapped_column(String(200))
    requirement: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(String(8))
    quantity: Mapped[int] = mapped_column(Integer)
    most_fen: Mapped[int] = mapped_column(Fen)
    """The framework's price times the quantity."""
    method: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(Text)
    split_reason: Mapped[str | None] = mapped_column(Text)
    """Why it goes with others of the same project, where the profile takes a reason."""
    stated_at: Mapped[datetime] = mapped_column(UtcTime)
    stated_person: Mapped[str] = mapped_column(Id)
    offers_until: Mapped[datetime | None] = mapped_column(UtcTime)
    reveal_until: Mapped[datetime | None] = mapped_column(UtcTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcTime)
    winner_id: Mapped[str | None] = mapped_column(Id, ForeignKey("framework_application.id"))
    """The application of who supplies."""
    price_fen: Mapped[int | None] = mapped_column(Fen)
    objections_until: Mapped[datetime | None] = mapped_column(UtcTime)
    failed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    failure: Mapped[str | None] = mapped_column(String(12))
    """One of rules.FAILURES."""
    contracted_at: Mapped[datetime | None] = mapped_column(UtcTime)
    contract_hash: Mapped[str | None] = mapped_column(String(64))


class CalloffTurn(Base):
    """Who was asked in its turn, from which place, and what it said."""

    __tablename__ = "calloff_turn"
    __table_args__ = (
        UniqueConstraint("calloff_id", "application_id", name="uq_calloff_turn",
                         info={"refusal": TURN_ANSWERED}),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered"),
        CheckConstraint("answer IN ('taken', 'declined', 'silent')", name="answer"),
        CheckConstraint("(good IS NULL) = (judged_at IS NULL)", name="judged"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    calloff_id: Mapped[str] = mapped_column(Id, ForeignKey("calloff.id"))
    framework_id: Mapped[str] = mapped_column(Id, ForeignKey("framework.id"))
    application_id: Mapped[str] = mapped_column(Id, ForeignKey("framework_application.id"))
    place: Mapped[int] = mapped_column(Integer)
    """From which it was asked; asking put it at the end."""
    asked_at: Mapped[datetime] = mapped_column(UtcTime)
    answer_by: Mapped[datetime] = mapped_column(UtcTime)
    answer: Mapped[str | None] = mapped_column(String(8))
    reason: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None] = mapped_column(UtcTime)
    good: Mapped[int | None] = mapped_column(Integer)
    """1: the reason to decline is good, and the place kept; 0: the turn is lost."""
    judged_at: Mapped[datetime | None] = mapped_column(UtcTime)


Index("uq_calloff_turn_place", CalloffTurn.framework_id, CalloffTurn.place, unique=True,
      info={"refusal": TURN_TAKEN}, sqlite_where=text("good IS NULL OR good = 0"),
      postgresql_where=text("good IS NULL OR good = 0"))


class CalloffOffer(Base):
    """One supplier's offer in a mini-competition: its seal, and once revealed what it says."""

    __tablename__ = "calloff_offer"
    __table_args__ = (
        UniqueConstraint("calloff_id", "application_id", name="uq_calloff_offer",
                         info={"refusal": OFFERED}),
        CheckConstraint("(revealed_at IS NULL) = (price_fen IS NULL)", name="revealed"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    calloff_id: Mapped[str] = mapped_column(Id, ForeignKey("calloff.id"))
    application_id: Mapped[str] = mapped_column(Id, ForeignKey("framework_application.id"))
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    commitment: Mapped[str] = mapped_column(String(64))
    offered_at: Mapped[datetime] = mapped_column(UtcTime)
    price_fen: Mapped[int | None] = mapped_column(Fen)
    proposal_hash: Mapped[str | None] = mapped_column(String(64))
    salt: Mapped[str | None] = mapped_column(String(64))
    revealed_at: Mapped[datetime | None] = mapped_column(UtcTime)


class FrameworkObjection(Objecting, Base):
    """What a supplier has against its refusal or against a call-off's result, and the answer."""

    __tablename__ = "framework_objection"
    __table_args__ = (
        UniqueConstraint("application_id", name="uq_framework_objection_refusal",
                         info={"refusal": OBJECTED}),
        UniqueConstraint("calloff_id", "party_id", name="uq_framework_objection_result",
                         info={"refusal": OBJECTED}),
        CheckConstraint("(application_id IS NULL) <> (calloff_id IS NULL)", name="one_subject"),
        CheckConstraint("(answered_at IS NULL) = (outcome IS NULL)", name="answered"),
    )

    framework_id: Mapped[str] = mapped_column(Id, ForeignKey("framework.id"), index=True)
    application_id: Mapped[str | None] = mapped_column(Id, ForeignKey("framework_application.id"))
    calloff_id: Mapped[str | None] = mapped_column(Id, ForeignKey("calloff.id"))


feed.tell_of(("framework", "calloff"), "framework_id", Framework.__table__.c.id,
             Framework.__table__.c.published_at)
