"""The tables of the close and of the opening.

An opening has one stage, or two in a lot of two envelopes. What was found is never changed:
the second stage adds rows of its own.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Fen, Id, Json, UtcTime, new_id

from ..refusals import ALREADY, RECORD_SIGNED, SHARES_GIVEN


class BidPlace(Base):
    """A bid's place in the closing tree (`closing`) or in an authorisation's tree (its part)."""

    __tablename__ = "bid_place"
    __table_args__ = (
        UniqueConstraint("lot_id", "purpose", "round", "bid_id", name="uq_bid_place"),
        {"info": {"append_only": True}},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"))
    purpose: Mapped[str] = mapped_column(String(16))
    round: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    """Of a closing: which of the lot's closings it belongs to. Of a part: 1."""
    bid_id: Mapped[str] = mapped_column(Id, ForeignKey("bid.id"))
    version_id: Mapped[str] = mapped_column(Id, ForeignKey("bid_version.id"))
    place: Mapped[dict] = mapped_column(Json)


class LotClosing(Base):
    """The root over the bids that stood at the deadline; one for each round of the lot."""

    __tablename__ = "lot_closing"
    __table_args__ = (UniqueConstraint("lot_id", "round", name="uq_lot_closing",
                                       info={"refusal": ALREADY}),
                      {"info": {"append_only": True}})

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"))
    round: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    root: Mapped[str] = mapped_column(String(64))
    closed_at: Mapped[datetime] = mapped_column(UtcTime)
    entry_id: Mapped[str | None] = mapped_column(Id)
    """The record's entry of the close, by which witnesses are asked about it."""


FIRST, PRICES = 1, 2
"""The stages of an opening: all that the notice opens first; in a lot of two envelopes, once all
technical sheets are signed, the prices."""


class Opening(Base):
    """One stage of a lot's opening: authorised, its window, at its end the record."""

    __tablename__ = "opening"
    __table_args__ = (
        UniqueConstraint("lot_id", "stage", name="uq_opening", info={"refusal": ALREADY}),
        CheckConstraint("stage IN (1, 2)", name="stage"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"))
    stage: Mapped[int] = mapped_column(Integer, default=FIRST, server_default="1")
    authorised_at: Mapped[datetime] = mapped_column(UtcTime)
    authorised_by: Mapped[str] = mapped_column(Id, ForeignKey("official.id"))
    ends_at: Mapped[datetime] = mapped_column(UtcTime)
    roots: Mapped[dict] = mapped_column(Json)
    """Part → root over exactly the bids whose part may be opened."""
    complete_at: Mapped[datetime | None] = mapped_column(UtcTime)
    """When the shares of every part were in."""
    opened_at: Mapped[datetime | None] = mapped_column(UtcTime)
    named_at: Mapped[datetime | None] = mapped_column(UtcTime)
    """When the bids were named that could not be opened, and their tenderers were heard."""
    record: Mapped[str | None] = mapped_column(Text)
    """The opening record, canonical JSON."""
    record_hash: Mapped[str | None] = mapped_column(String(64))


class OpeningPart(Base):
    """A part of a lot that was authorised to be opened: once, in whichever stage."""

    __tablename__ = "opening_part"
    __table_args__ = (
        UniqueConstraint("lot_id", "part", name="uq_opening_part", info={"refusal": ALREADY}),
        {"info": {"append_only": True}},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"))
    part: Mapped[str] = mapped_column(String(16))
    stage: Mapped[int] = mapped_column(Integer)
    root: Mapped[str] = mapped_column(String(64))


class UnopenedBid(Base):
    """A bid that could not be opened: why, what its tenderer said, whose fault it was (办法 31)."""

    __tablename__ = "unopened_bid"
    __table_args__ = (
        UniqueConstraint("bid_id", name="uq_unopened_bid", info={"refusal": ALREADY}),
        CheckConstraint("fault IN ('revoked', 'withdrawn')", name="fault"),
        Index("ix_unopened_bid_lot", "lot_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"))
    bid_id: Mapped[str] = mapped_column(Id, ForeignKey("bid.id"))
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    stage: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(String(200))
    heard_until: Mapped[datetime] = mapped_column(UtcTime)
    """Until then the tenderer may speak; nothing is decided before it has, or this has passed."""
    statement: Mapped[str | None] = mapped_column(Text)
    stated_at: Mapped[datetime | None] = mapped_column(UtcTime)
    fault: Mapped[str | None] = mapped_column(String(9))
    """`revoked`: the tenderer's (撤销); `withdrawn`: somebody else's (撤回)."""
    grounds: Mapped[str | None] = mapped_column(Text)
    evidence_hash: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None] = mapped_column(UtcTime)
    decided_by: Mapped[str | None] = mapped_column(Id)
    omitted_at: Mapped[datetime | None] = mapped_column(UtcTime)
    """When the buyer's time to decide had passed without a decision; the others open."""
    objection: Mapped[str | None] = mapped_column(Text)
    objected_at: Mapped[datetime | None] = mapped_column(UtcTime)


class PlainFile(Base):
    """The plain content of a part, handed in inside the window because it could not be decrypted.

    It matched the manifest that was declared. The platform sealed it again as it came, to a key
    of its own, so that no stored file or backup holds it in the clear."""

    __tablename__ = "plain_file"
    __table_args__ = (
        UniqueConstraint("bid_id", "part", name="uq_plain_file", info={"refusal": ALREADY}),
        {"info": {"append_only": True}},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"), index=True)
    bid_id: Mapped[str] = mapped_column(Id, ForeignKey("bid.id"))
    version_id: Mapped[str] = mapped_column(Id, ForeignKey("bid_version.id"))
    part: Mapped[str] = mapped_column(String(16))
    seed: Mapped[str] = mapped_column(String(44))
    size: Mapped[int] = mapped_column(BigInteger)
    blocks: Mapped[list] = mapped_column(Json)
    """The SHA-256 of the stored blocks, in order."""
    given_at: Mapped[datetime] = mapped_column(UtcTime)


class OfficialRelease(Base):
    """An official's one release of shares under an authorisation."""

    __tablename__ = "official_release"
    __table_args__ = (
        UniqueConstraint("lot_id", "stage", "official_id", name="uq_official_release",
                         info={"refusal": SHARES_GIVEN}),
        {"info": {"append_only": True}},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"))
    official_id: Mapped[str] = mapped_column(Id, ForeignKey("official.id"))
    stage: Mapped[int] = mapped_column(Integer, default=FIRST, server_default="1")
    root: Mapped[str] = mapped_column(String(64))
    """RFC 6962 root over the hashes of the shares given."""
    wrong: Mapped[list] = mapped_column(Json)
    """The shares that did not have their declared hash, each named {bid, part}."""
    released_at: Mapped[datetime] = mapped_column(UtcTime)


class OpeningShare(Base):
    """One share given for one part of one bid; at most one of each holder."""

    __tablename__ = "opening_share"
    __table_args__ = (
        UniqueConstraint("lot_id", "part", "bid_id", "holder", name="uq_opening_share",
                         info={"refusal": SHARES_GIVEN}),
        {"info": {"append_only": True}},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"))
    part: Mapped[str] = mapped_column(String(16))
    bid_id: Mapped[str] = mapped_column(Id, ForeignKey("bid.id"))
    holder: Mapped[str] = mapped_column(String(64))
    """The official's id, or `tenderer`."""
    path: Mapped[str] = mapped_column(String(32))
    share: Mapped[str] = mapped_column(String(120))
    given_at: Mapped[datetime] = mapped_column(UtcTime)


class OpenedBid(Base):
    """What a stage of the opening found of a bid: opened with its form, rejected, or not opened.

    Where the prices come later, the first stage has no form to show."""

    __tablename__ = "opened_bid"
    __table_args__ = (
        UniqueConstraint("bid_id", "stage", name="uq_opened_bid", info={"refusal": ALREADY}),
        CheckConstraint("verdict IN ('opened', 'rejected', 'unopened')", name="verdict"),
        Index("ix_opened_bid_lot", "lot_id"), Index("ix_opened_bid_version", "version_id"),
        {"info": {"append_only": True}},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"))
    bid_id: Mapped[str] = mapped_column(Id, ForeignKey("bid.id"))
    version_id: Mapped[str] = mapped_column(Id, ForeignKey("bid_version.id"))
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    stage: Mapped[int] = mapped_column(Integer, default=FIRST, server_default="1")
    verdict: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(200), default="")
    price_fen: Mapped[int | None] = mapped_column(Fen)
    period_days: Mapped[int | None] = mapped_column(Integer)
    quality: Mapped[str | None] = mapped_column(String(200))
    leader: Mapped[str | None] = mapped_column(String(200))


class OpenedPart(Base):
    """The key of an opened part and where its files lie inside; the content stays ciphertext."""

    __tablename__ = "opened_part"
    __table_args__ = (UniqueConstraint("bid_id", "part", name="uq_opened_part"),
                      {"info": {"append_only": True}})

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    bid_id: Mapped[str] = mapped_column(Id, ForeignKey("bid.id"))
    part_id: Mapped[str] = mapped_column(Id, ForeignKey("bid_part.id"))
    part: Mapped[str] = mapped_column(String(16))
    seed: Mapped[str] = mapped_column(String(44))
    files: Mapped[list] = mapped_column(Json)
    """[{name, size, hash, offset}], offset in the plain tar."""


class OpeningRecordSignature(Base):
    """An official's signature under the opening record."""

    __tablename__ = "opening_record_signature"
    __table_args__ = (
        UniqueConstraint("lot_id", "official_id", name="uq_opening_record_signature",
                         info={"refusal": RECORD_SIGNED}),
        {"info": {"append_only": True}},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"))
    official_id: Mapped[str] = mapped_column(Id, ForeignKey("official.id"))
    record_hash: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[datetime] = mapped_column(UtcTime)


class ConsortiumMember(Base):
    """A member of an opened consortium bid, as its form names it."""

    __tablename__ = "consortium_member"
    __table_args__ = (UniqueConstraint("bid_id", "uscc", name="uq_consortium_member"),
                      {"info": {"append_only": True}})

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"), index=True)
    bid_id: Mapped[str] = mapped_column(Id, ForeignKey("bid.id"))
    uscc: Mapped[str] = mapped_column(String(18))
    duty: Mapped[str] = mapped_column(String(200))
    lead: Mapped[bool] = mapped_column(Boolean)
