"""The tables of security. Rows are only added; the state is what they add up to.

A security either stands for its tenderer (a row of `standing_guarantee`, one per lot and
tenderer) or has its one release. A release is bound by a foreign key to the amount and the
payer of its security, so that no statement can pay another sum or another account (I14, I15).
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Fen, Id, UtcTime, new_id

from . import refusals
from .lifecycle import causes

APPEND_ONLY = {"info": {"append_only": True}}


class Guarantor(Base):
    """A registered guarantor: where its interface is, which key signs, which secret we show it.

    `credential_ref` names a secret of the configuration; the secret is never in the database.
    """

    __tablename__ = "guarantor"

    party_id: Mapped[str] = mapped_column(ForeignKey("party.id"), primary_key=True)
    api_base: Mapped[str] = mapped_column(String(200))
    public_key: Mapped[str] = mapped_column(String(44))
    credential_ref: Mapped[str] = mapped_column(String(64))
    registered_at: Mapped[datetime] = mapped_column(UtcTime)


class Guarantee(Base):
    """One lodged security: the instrument as it was signed, and what was read from it."""

    __tablename__ = "guarantee"
    __table_args__ = (
        UniqueConstraint("guarantor_id", "instrument_no", name="uq_guarantee_instrument",
                         info={"refusal": refusals.ALREADY_LODGED}),
        UniqueConstraint("id", "amount_fen", "payer_digest", name="uq_guarantee_money"),
        CheckConstraint("amount_fen > 0", name="amount"),
        APPEND_ONLY,
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(ForeignKey("lot.id"), index=True)
    party_id: Mapped[str] = mapped_column(ForeignKey("party.id"), index=True)
    guarantor_id: Mapped[str] = mapped_column(ForeignKey("guarantor.party_id"))
    kind: Mapped[str] = mapped_column(String(20))
    instrument_no: Mapped[str] = mapped_column(String(64))
    amount_fen: Mapped[int] = mapped_column(Fen)
    payer_digest: Mapped[str] = mapped_column(String(64))
    received_on: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    instrument: Mapped[str] = mapped_column(Text)
    signature: Mapped[str] = mapped_column(String(88))
    lodged_at: Mapped[datetime] = mapped_column(UtcTime)


class Prolongation(Base):
    """The instrument of a security, signed anew with a later end."""

    __tablename__ = "prolongation"
    __table_args__ = (
        UniqueConstraint("guarantee_id", "valid_until", name="uq_prolongation",
                         info={"refusal": refusals.ALREADY_LODGED}),
        APPEND_ONLY,
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    guarantee_id: Mapped[str] = mapped_column(ForeignKey("guarantee.id"))
    valid_until: Mapped[date] = mapped_column(Date)
    instrument: Mapped[str] = mapped_column(Text)
    signature: Mapped[str] = mapped_column(String(88))
    taken_at: Mapped[datetime] = mapped_column(UtcTime)


class StandingGuarantee(Base):
    """Which security stands for a tenderer in a lot. The row goes when the release is fixed."""

    __tablename__ = "standing_guarantee"
    __table_args__ = (
        UniqueConstraint("lot_id", "party_id", name="uq_standing_guarantee",
                         info={"refusal": refusals.ONE_STANDING}),
    )

    guarantee_id: Mapped[str] = mapped_column(ForeignKey("guarantee.id"), primary_key=True)
    lot_id: Mapped[str] = mapped_column(ForeignKey("lot.id"))
    party_id: Mapped[str] = mapped_column(ForeignKey("party.id"))


class Release(Base):
    """The one release of a security: why, from when, by what day, how much and to whom."""

    __tablename__ = "release"
    __table_args__ = (
        UniqueConstraint("guarantee_id", name="uq_release_guarantee",
                         info={"refusal": refusals.RELEASE_EXISTS}),
        ForeignKeyConstraint(["guarantee_id", "principal_fen", "payee_digest"],
                             ["guarantee.id", "guarantee.amount_fen", "guarantee.payer_digest"],
                             name="fk_release_money"),
        CheckConstraint(f"cause IN ({causes()})", name="cause"),
        APPEND_ONLY,
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    guarantee_id: Mapped[str] = mapped_column(Id)
    cause: Mapped[str] = mapped_column(String(20))
    cause_at: Mapped[datetime] = mapped_column(UtcTime)
    order_from: Mapped[datetime] = mapped_column(UtcTime, index=True)
    due_day: Mapped[date] = mapped_column(Date)
    principal_fen: Mapped[int] = mapped_column(Fen)
    payee_digest: Mapped[str] = mapped_column(String(64))
    scheduled_at: Mapped[datetime] = mapped_column(UtcTime)


class ReleaseOrder(Base):
    """The order as it is sent, byte for byte the same at every attempt."""

    __tablename__ = "release_order"
    __table_args__ = (
        PrimaryKeyConstraint("release_id", name="pk_release_order",
                             info={"refusal": refusals.RELEASE_EXISTS}),
        CheckConstraint("interest_fen >= 0", name="interest"),
        APPEND_ONLY,
    )

    release_id: Mapped[str] = mapped_column(ForeignKey("release.id"))
    interest_fen: Mapped[int] = mapped_column(Fen)
    value_date: Mapped[date] = mapped_column(Date)
    body: Mapped[str] = mapped_column(Text)
    ordered_at: Mapped[datetime] = mapped_column(UtcTime)


class ReleaseConfirmation(Base):
    """The guarantor's signed word that the order was carried out."""

    __tablename__ = "release_confirmation"
    __table_args__ = (
        PrimaryKeyConstraint("release_id", name="pk_release_confirmation",
                             info={"refusal": refusals.CONFIRMED}),
        APPEND_ONLY,
    )

    release_id: Mapped[str] = mapped_column(ForeignKey("release_order.release_id"))
    reference: Mapped[str] = mapped_column(String(64))
    executed_at: Mapped[datetime] = mapped_column(UtcTime)
    statement: Mapped[str] = mapped_column(Text)
    signature: Mapped[str] = mapped_column(String(88))
    confirmed_at: Mapped[datetime] = mapped_column(UtcTime)


class Forfeiture(Base):
    """A security that is not returned (实施条例 74): whole, and bound by a foreign key to its amount
    and payer as a release is."""

    __tablename__ = "forfeiture"
    __table_args__ = (
        PrimaryKeyConstraint("guarantee_id", name="pk_forfeiture",
                             info={"refusal": refusals.RELEASE_EXISTS}),
        ForeignKeyConstraint(["guarantee_id", "amount_fen", "payer_digest"],
                             ["guarantee.id", "guarantee.amount_fen", "guarantee.payer_digest"],
                             name="fk_forfeiture_money"),
        APPEND_ONLY,
    )

    guarantee_id: Mapped[str] = mapped_column(Id)
    amount_fen: Mapped[int] = mapped_column(Fen)
    payer_digest: Mapped[str] = mapped_column(String(64))
    ground: Mapped[str] = mapped_column(String(16))
    law: Mapped[str] = mapped_column(Text)
    """The article, or the clause of the documents, by which it is kept."""
    cause: Mapped[str] = mapped_column(Id)
    """The decision that it is part of."""
    forfeited_at: Mapped[datetime] = mapped_column(UtcTime)


class ReleaseDelivery(Base):
    """The outbox: an order that waits to be heard. Gone from it is whatever is confirmed.

    Claiming is an update of `next_try_at`; a worker that dies after it only delays the next.
    """

    __tablename__ = "release_delivery"
    __table_args__ = (
        {"info": {"unrecorded": "the outbox: attempts to deliver, not decisions"}},
    )

    release_id: Mapped[str] = mapped_column(ForeignKey("release_order.release_id"),
                                            primary_key=True)
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    last_error: Mapped[str | None] = mapped_column(String(200))
