"""The tables of the sealed bid, from its declaration to the promises given for it.

A company's current bid in a lot is the one row of `standing_bid`. What a declaration says is
never changed; the times written on a version say what became of it (lifecycle.py).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, UtcTime, new_id

from ..refusals import (
    ALREADY_STANDING,
    ID_TAKEN,
)


class Bid(Base):
    """A company's bid in a lot, under the id its own program drew; the row its acts lock."""

    __tablename__ = "bid"
    __table_args__ = (Index("ix_bid_owner", "lot_id", "party_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"))
    tender_id: Mapped[str] = mapped_column(Id, ForeignKey("tender.id"))
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    declared_at: Mapped[datetime] = mapped_column(UtcTime)


class BidVersion(Base):
    """One declared version; each time says that something became of it, and when."""

    __tablename__ = "bid_version"
    __table_args__ = (Index("ix_bid_version_lot", "lot_id", "submitted_at"),
                      Index("ix_bid_version_bid", "bid_id"))

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    bid_id: Mapped[str] = mapped_column(Id, ForeignKey("bid.id"))
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"))
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    version: Mapped[int] = mapped_column(Integer)
    declaration: Mapped[str] = mapped_column(Text)
    declaration_hash: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(44))
    """The Ed25519 key in base64; with a certificate the SHA-256 of its public key (SPKI)."""
    certificate: Mapped[str | None] = mapped_column(Text)
    """The PEM chain it was signed under, where that was not a registered key."""
    signature: Mapped[str] = mapped_column(String(88).with_variant(Text, "postgresql"))
    """In base64; that of an RSA key is longer than SQLite's column says, which keeps no lengths."""
    declared_at: Mapped[datetime] = mapped_column(UtcTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcTime)
    abandoned_at: Mapped[datetime | None] = mapped_column(UtcTime)
    replaced_at: Mapped[datetime | None] = mapped_column(UtcTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcTime)
    deemed_withdrawn_at: Mapped[datetime | None] = mapped_column(UtcTime)
    returned_at: Mapped[datetime | None] = mapped_column(UtcTime)
    receipt: Mapped[str | None] = mapped_column(Text)
    """The promise given in the answer that made it a bid."""
    ending: Mapped[str | None] = mapped_column(Text)
    """The promise for its withdrawal, or the statement that it is deemed withdrawn."""
    withdrawal: Mapped[str | None] = mapped_column(Text)
    """The signed withdrawal: {withdrawal, key, signature}."""
    entry_id: Mapped[str | None] = mapped_column(Id)
    """The record's entry of its submission."""
    ending_entry_id: Mapped[str | None] = mapped_column(Id)
    """The record's entry of its withdrawal."""


Index("uq_bid_version_live", BidVersion.bid_id, BidVersion.version, unique=True,
      info={"refusal": ID_TAKEN}, sqlite_where=BidVersion.abandoned_at.is_(None),
      postgresql_where=BidVersion.abandoned_at.is_(None))


class BidPart(Base):
    """One part as declared."""

    __tablename__ = "bid_part"
    __table_args__ = (UniqueConstraint("version_id", "part", name="uq_bid_part"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    version_id: Mapped[str] = mapped_column(Id, ForeignKey("bid_version.id"))
    part: Mapped[str] = mapped_column(String(16))
    recipient: Mapped[str] = mapped_column(Text)
    manifest_hash: Mapped[str] = mapped_column(String(64))
    ciphertext_hash: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)


class BidShare(Base):
    """One share of a part's key: its hash, and wrapped for its holder unless it is the tenderer's."""

    __tablename__ = "bid_share"
    __table_args__ = (UniqueConstraint("part_id", "path", name="uq_bid_share"),
                      Index("ix_bid_share_holder", "holder"))

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    part_id: Mapped[str] = mapped_column(Id, ForeignKey("bid_part.id"))
    path: Mapped[str] = mapped_column(String(32))
    holder: Mapped[str | None] = mapped_column(String(64))
    share_hash: Mapped[str] = mapped_column(String(64))
    wrap: Mapped[bytes | None] = mapped_column(LargeBinary)


class StandingBid(Base):
    """The one current bid of a company in a lot: replaced in place, removed by withdrawal."""

    __tablename__ = "standing_bid"
    __table_args__ = (UniqueConstraint("lot_id", "party_id", name="uq_standing_bid",
                                       info={"refusal": ALREADY_STANDING}),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"))
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    bid_id: Mapped[str] = mapped_column(Id, ForeignKey("bid.id"))
    version_id: Mapped[str] = mapped_column(Id, ForeignKey("bid_version.id"))


class BidUpload(Base):
    """How many blocks of a declared version are still missing; the row its uploads lock."""

    __tablename__ = "bid_upload"
    __table_args__ = ({"info": {"unrecorded": "upload offsets (house §3.3)"}},)

    version_id: Mapped[str] = mapped_column(Id, ForeignKey("bid_version.id"), primary_key=True)
    missing: Mapped[int] = mapped_column(Integer)
    wasted: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """Bytes that were stored for this version and that no row names any more."""


class BidBlock(Base):
    """One durable block of a part. Not a bid until the last one is there (sealed-bid A3.3)."""

    __tablename__ = "bid_block"
    __table_args__ = ({"info": {"unrecorded": "upload offsets (house §3.3)"}},)

    part_id: Mapped[str] = mapped_column(Id, ForeignKey("bid_part.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    hash: Mapped[str] = mapped_column(String(64))
    stored_at: Mapped[datetime] = mapped_column(UtcTime)


class BidRefusal(Base):
    """A promise of refusal that was given. No entry of its own: refusals could be used to count
    bids and to flood the record (sealed-bid A3.5)."""

    __tablename__ = "bid_refusal"
    __table_args__ = (Index("ix_bid_refusal_owner", "lot_id", "party_id"),
                      {"info": {"unrecorded": "the security log of bids", "append_only": True}})

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(UtcTime)
    lot_id: Mapped[str] = mapped_column(Id)
    party_id: Mapped[str] = mapped_column(Id)
    bid_id: Mapped[str | None] = mapped_column(Id)
    code: Mapped[str] = mapped_column(String(40))
    promise: Mapped[str] = mapped_column(Text)
