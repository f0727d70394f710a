"""The tables of the record. Leaves are immutable; what they disclose lies in another table."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Index,
    LargeBinary,
    String,
    Text,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, UtcTime

from . import schema_sql  # noqa: F401  (create_all makes the triggers too)

SEQUENCER = {"unrecorded": "the sequencer's own", "sequencer": True}
"""Tables that only the sequencer's transactions may change; the guard refuses all others."""


class PendingEntry(Base):
    """An entry written in its act's transaction, waiting for the sequencer to give it a place.

    The id is random: the order of rows is never the order of the log.
    """

    __tablename__ = "pending_entry"
    __table_args__ = (Index("ix_pending_entry_turn", "at", "id"),
                      Index("ix_pending_entry_uncovered", "at", "id",
                            sqlite_where=text("NOT veiled"), postgresql_where=text("NOT veiled")),
                      {"info": {"unrecorded": "the record itself"}})

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    type: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcTime)
    tender_id: Mapped[str | None] = mapped_column(Id)
    lot_id: Mapped[str | None] = mapped_column(Id)
    party_id: Mapped[str | None] = mapped_column(Id)
    disclose: Mapped[str] = mapped_column(String(16))
    record: Mapped[str] = mapped_column(Text)
    salt: Mapped[bytes] = mapped_column(LargeBinary(32))
    veiled: Mapped[bool] = mapped_column(server_default=false(), default=False)
    """Whether it could tell of a bid in an open lot, so that it comes out under cover."""
    alone: Mapped[str] = mapped_column(String(16), server_default="", default="")
    """`closing` or `authorisation`: an entry that gets a tick of its own (audit/cover.py)."""


class Leaf(Base):
    """One leaf in its place. Immutable: by trigger on both databases, by rights on PostgreSQL."""

    __tablename__ = "leaf"
    __table_args__ = ({"info": {"append_only": True, **SEQUENCER}},)

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entry: Mapped[bytes] = mapped_column(LargeBinary(89))
    """The leaf's bytes (audit/leaf.py); the tick time is in it."""


class Disclosure(Base):
    """What a leaf commits to. Read by phase and role; may be erased without touching the tree."""

    __tablename__ = "disclosure"
    __table_args__ = (
        Index("ix_disclosure_lot", "lot_id", "position"),
        Index("ix_disclosure_tender", "tender_id", "position"),
        Index("ix_disclosure_type", "type", "position"),
        {"info": SEQUENCER},
    )

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entry_id: Mapped[str] = mapped_column(Id, unique=True)
    type: Mapped[str] = mapped_column(String(64))
    tender_id: Mapped[str | None] = mapped_column(Id)
    lot_id: Mapped[str | None] = mapped_column(Id)
    party_id: Mapped[str | None] = mapped_column(Id)
    disclose: Mapped[str] = mapped_column(String(16))
    record: Mapped[str] = mapped_column(Text)
    salt: Mapped[bytes] = mapped_column(LargeBinary(32))


class LogHead(Base):
    """The tree as the database has it: its size, its root, and the time of its last tick."""

    __tablename__ = "log_head"
    __table_args__ = (CheckConstraint("id = 1", name="only"), {"info": SEQUENCER})

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigInteger)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    tick: Mapped[datetime | None] = mapped_column(UtcTime)
    beat: Mapped[datetime | None] = mapped_column(UtcTime)
    """When veiled entries last came out."""


class SealedSpan(Base):
    """From where to where in the tree a lot was sealed: so long its cover is not disclosed."""

    __tablename__ = "sealed_span"
    __table_args__ = (
        Index("ix_sealed_span_now", "since", sqlite_where=text("until IS NULL"),
              postgresql_where=text("until IS NULL")),
        {"info": SEQUENCER},
    )

    lot_id: Mapped[str] = mapped_column(Id, primary_key=True)
    since: Mapped[int] = mapped_column(BigInteger)
    """The first position of the first tick that found the lot sealed."""
    until: Mapped[int | None] = mapped_column(BigInteger)
    """The first position of the first tick that found it sealed no more."""


class Checkpoint(Base):
    """A head that was signed. One for each size the tree was ever published at."""

    __tablename__ = "checkpoint"
    __table_args__ = (Index("ix_checkpoint_signed", "signed_at"),
                      {"info": {"append_only": True, **SEQUENCER}})

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    note: Mapped[str] = mapped_column(Text)
    """The note with the log's own signature; the witnesses' lines are in `cosignature`."""
    signed_at: Mapped[datetime] = mapped_column(UtcTime)


class Cosignature(Base):
    """A witness's line under a checkpoint. Each witness has one line for a size, its first."""

    __tablename__ = "cosignature"
    __table_args__ = ({"info": {"append_only": True, **SEQUENCER}},)

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    witness: Mapped[str] = mapped_column(String(320), primary_key=True)
    """Its vkey."""
    line: Mapped[str] = mapped_column(Text)
    """The signature line as it stands in the note, newline included."""
    timestamp: Mapped[int] = mapped_column(BigInteger)
    """POSIX seconds by the witness's clock; they are in the line."""


class TimeStamp(Base):
    """An RFC 3161 token over a checkpoint: a time-stamping authority has seen it."""

    __tablename__ = "time_stamp"
    __table_args__ = ({"info": {"append_only": True, **SEQUENCER}},)

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    purpose: Mapped[str] = mapped_column(String(32), primary_key=True)
    """`close`, `authorisation` or `interval`: why this checkpoint was stamped."""
    token: Mapped[bytes] = mapped_column(LargeBinary)
    """The TimeStampResp in DER, over the SHA-256 of the checkpoint's text."""
    at: Mapped[datetime] = mapped_column(UtcTime)
    """The token's own time."""
