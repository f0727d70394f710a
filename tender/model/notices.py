"""What is published: notices, the bidding documents, the bill of quantities."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, Json, UtcTime, new_id

from ..refusals import ALREADY_SUBMITTED, AMENDMENT_WAITS, FILE_REPEATED, NOTICE_RACED


class Notice(Base):
    """One submission of the notice for approval: the frozen content and who stood for it."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("tender_id", "number", name="uq_notice_number"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    tender_id: Mapped[str] = mapped_column(Id, ForeignKey("tender.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    content: Mapped[str] = mapped_column(Text)
    """Canonical JSON of all that is published."""
    content_hash: Mapped[str] = mapped_column(String(64))
    submitted_at: Mapped[datetime] = mapped_column(UtcTime)
    submitted_by: Mapped[str] = mapped_column(Id)
    submitted_person: Mapped[str] = mapped_column(Id)
    approved_by: Mapped[str | None] = mapped_column(Id)
    approved_person: Mapped[str | None] = mapped_column(Id)
    published_at: Mapped[datetime | None] = mapped_column(UtcTime)
    voided_at: Mapped[datetime | None] = mapped_column(UtcTime)


Index("uq_notice_live", Notice.tender_id, unique=True, info={"refusal": ALREADY_SUBMITTED},
      sqlite_where=Notice.voided_at.is_(None), postgresql_where=Notice.voided_at.is_(None))


class SentBack(Base):
    """What a second person sent back instead of approving it, and why."""

    __tablename__ = "sent_back"
    __table_args__ = ({"info": {"append_only": True}},)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    tender_id: Mapped[str] = mapped_column(Id, ForeignKey("tender.id"))
    about: Mapped[str] = mapped_column(Id, index=True)
    """The submission of the notice, or the draft of an amendment."""
    content_hash: Mapped[str] = mapped_column(String(64))
    """What was read."""
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcTime)


class PublishedNotice(Base):
    """One version of one notice as it was published: signed, never changed, never taken back."""

    __tablename__ = "published_notice"
    __table_args__ = (
        UniqueConstraint("about", "kind", "number", "version", name="uq_published_notice",
                         info={"refusal": NOTICE_RACED}),
        Index("ix_published_notice_tender", "tender_id"),
        Index("ix_published_notice_at", "published_at", "id"),
        {"info": {"append_only": True}},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    tender_id: Mapped[str] = mapped_column(Id, ForeignKey("tender.id"))
    lot_id: Mapped[str | None] = mapped_column(Id, ForeignKey("lot.id"))
    """Empty where it is about the whole project."""
    about: Mapped[str] = mapped_column(Id)
    """The lot, or else the tender: what its number counts within."""
    kind: Mapped[str] = mapped_column(String(16))
    """One of tender.notices.KINDS."""
    number: Mapped[int] = mapped_column(Integer)
    """1, 2, 3 … of its kind in the lot or tender it is about."""
    version: Mapped[int] = mapped_column(Integer)
    """1, and one more each time the same notice was stated anew."""
    content: Mapped[str] = mapped_column(Text)
    """Canonical JSON (tender/notices.py): what JSON, page and PDF print."""
    content_hash: Mapped[str] = mapped_column(String(64))
    signature: Mapped[str] = mapped_column(Text)
    """A signed note of the platform's key over the statement with that hash."""
    published_at: Mapped[datetime] = mapped_column(UtcTime)


class Document(Base):
    """A file of the bidding documents; the bytes lie in the store under their hash."""

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("tender_id", "hash", name="uq_document_hash",
                         info={"refusal": FILE_REPEATED}),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    tender_id: Mapped[str] = mapped_column(Id, ForeignKey("tender.id"), index=True)
    position: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(24))
    """An OCDS documentType."""
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    """Bytes."""
    hash: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[datetime] = mapped_column(UtcTime)
    replaced_by: Mapped[str | None] = mapped_column(String(64))
    """The hash of the file that an amendment put in its place; it stays to be had."""


class NoticeDraft(Base):
    """A notice that waits for its second person: an amendment, or an advance notice. One of a
    kind at a time in a tender, so that two at once are one and a refusal."""

    __tablename__ = "notice_draft"
    __table_args__ = (UniqueConstraint("tender_id", "kind", "number", name="uq_notice_draft",
                                       info={"refusal": AMENDMENT_WAITS}),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    tender_id: Mapped[str] = mapped_column(Id, ForeignKey("tender.id"))
    kind: Mapped[str] = mapped_column(String(16))
    number: Mapped[int] = mapped_column(Integer)
    """1, 2, 3 … of the drafts of its kind in the tender, given up ones among them."""
    changes: Mapped[dict] = mapped_column(Json)
    """What is to change, as it was sent (tender/amendment.py), or what is announced."""
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    """One more each time the draft changes: what If-Match names."""
    drafted_at: Mapped[datetime] = mapped_column(UtcTime)
    drafted_by: Mapped[str] = mapped_column(Id)
    content: Mapped[str | None] = mapped_column(Text)
    """Canonical JSON of what was submitted: what the second person reads."""
    content_hash: Mapped[str | None] = mapped_column(String(64))
    submitted_at: Mapped[datetime | None] = mapped_column(UtcTime)
    submitted_by: Mapped[str | None] = mapped_column(Id)
    submitted_person: Mapped[str | None] = mapped_column(Id)
    approved_by: Mapped[str | None] = mapped_column(Id)
    notice_id: Mapped[str | None] = mapped_column(Id, ForeignKey("published_notice.id"))
    """What was published of it."""
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)
    """When it was published or given up."""


Index("uq_notice_draft_live", NoticeDraft.tender_id, NoticeDraft.kind, unique=True,
      info={"refusal": AMENDMENT_WAITS}, sqlite_where=NoticeDraft.ended_at.is_(None),
      postgresql_where=NoticeDraft.ended_at.is_(None))


class DraftDocument(Base):
    """A file that comes into the bidding documents with an amendment, not before."""

    __tablename__ = "draft_document"
    __table_args__ = (UniqueConstraint("draft_id", "hash", name="uq_draft_document",
                                       info={"refusal": FILE_REPEATED}),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    draft_id: Mapped[str] = mapped_column(Id, ForeignKey("notice_draft.id"))
    kind: Mapped[str] = mapped_column(String(24))
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    """Bytes."""
    hash: Mapped[str] = mapped_column(String(64))
    replaces: Mapped[str | None] = mapped_column(Id, ForeignKey("document.id"))
    added_at: Mapped[datetime] = mapped_column(UtcTime)


class Item(Base):
    """One line of a lot's bill of quantities. `quantity` is a decimal text, exact."""

    __tablename__ = "item"
    __table_args__ = (UniqueConstraint("lot_id", "position", name="uq_item_position"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    lot_id: Mapped[str] = mapped_column(Id, ForeignKey("lot.id"))
    position: Mapped[int] = mapped_column(Integer)
    code: Mapped[str] = mapped_column(String(40))
    description: Mapped[str] = mapped_column(String(500))
    unit: Mapped[str] = mapped_column(String(20))
    quantity: Mapped[str] = mapped_column(String(24))
