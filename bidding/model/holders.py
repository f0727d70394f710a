"""The tables of who holds a key to a lot: officials, clock holders, their keys and rehearsals."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, UtcTime, new_id

from ..refusals import (
    ALREADY_ASSIGNED,
    KEY_REGISTERED,
    REHEARSAL_NONCE,
    SEATS_FULL,
    UNIT_FULL,
)


class Official(Base):
    """An opening official of a lot, or a clock holder. Of k officials who are needed one unit
    has at most k - 1, by constraint: its n-th has `unit_seat` n ≤ `unit_limit`."""

    __tablename__ = "official"
    __table_args__ = (
        UniqueConstraint("lot_id", "person_id", name="uq_official_person",
                         info={"refusal": ALREADY_ASSIGNED}),
        UniqueConstraint("lot_id", "kind", "unit_id", "unit_seat", name="uq_official_unit",
                         info={"refusal": UNIT_FULL}),
        UniqueConstraint("lot_id", "kind", "seat", name="uq_official_seat",
                         info={"refusal": SEATS_FULL}),
        CheckConstraint("seat BETWEEN 1 AND 9", name="seat"),
        CheckConstraint("unit_seat BETWEEN 1 AND unit_limit", name="unit_seat"),
        CheckConstraint("kind IN ('official', 'clock')", name="kind"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    """The `holder` of the policy."""
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"))
    account_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"), index=True)
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("person.id"))
    unit_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    kind: Mapped[str] = mapped_column(String(8))
    """`official`, or `clock`: an automatic service of the supervisor's."""
    seat: Mapped[int] = mapped_column(Integer)
    unit_seat: Mapped[int] = mapped_column(Integer)
    unit_limit: Mapped[int] = mapped_column(Integer)
    assigned_at: Mapped[datetime] = mapped_column(UtcTime)


class HolderKey(Base):
    """An official's public opening key; the private one never leaves the official's device."""

    __tablename__ = "holder_key"
    __table_args__ = (
        UniqueConstraint("official_id", name="uq_holder_key_official",
                         info={"refusal": KEY_REGISTERED}),
        UniqueConstraint("lot_id", "recipient", name="uq_holder_key_recipient",
                         info={"refusal": KEY_REGISTERED}),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    official_id: Mapped[str] = mapped_column(Id, ForeignKey("official.id"))
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"))
    recipient: Mapped[str] = mapped_column(Text)
    registered_at: Mapped[datetime] = mapped_column(UtcTime)
    certified_at: Mapped[datetime | None] = mapped_column(UtcTime)
    certified_by: Mapped[str | None] = mapped_column(Id)
    """The supervisor's account; empty where a certificate authority vouches."""
    certificate: Mapped[str | None] = mapped_column(Text)
    """The PEM chain of whose key signed this one, where a certificate authority vouches."""


class Rehearsal(Base):
    """One try of a holder to answer with its key: a share for its own nonce, wrapped for it."""

    __tablename__ = "rehearsal"
    __table_args__ = (UniqueConstraint("key_id", "nonce", name="uq_rehearsal_nonce",
                                       info={"refusal": REHEARSAL_NONCE}),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    key_id: Mapped[str] = mapped_column(Id, ForeignKey("holder_key.id"))
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"))
    nonce: Mapped[str] = mapped_column(String(64))
    share_hash: Mapped[str] = mapped_column(String(64))
    begun_at: Mapped[datetime] = mapped_column(UtcTime)
    passed_at: Mapped[datetime | None] = mapped_column(UtcTime)
