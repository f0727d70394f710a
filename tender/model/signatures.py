"""What a person signed of a notice with a key of one's own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, UtcTime, new_id

from ..sign_refusals import SIGNED_TWICE


class NoticeSignature(Base):
    """One person's signature over what was submitted to be published."""

    __tablename__ = "notice_signature"
    __table_args__ = (
        UniqueConstraint("of_id", "content_hash", "key_hash", name="uq_notice_signature",
                         info={"refusal": SIGNED_TWICE}),
        Index("ix_notice_signature_about", "about"),
        {"info": {"append_only": True}},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    of_id: Mapped[str] = mapped_column(Id)
    """The submission of the notice, the draft of an amendment or advance notice, the direct
    award."""
    about: Mapped[str] = mapped_column(Id)
    """The tender or the direct award."""
    kind: Mapped[str] = mapped_column(String(16))
    number: Mapped[int] = mapped_column(Integer)
    """The submission's or the draft's number."""
    content_hash: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(8))
    """`submit` or `approve`."""
    unit: Mapped[str] = mapped_column(String(18))
    """The signer's unit, by its code."""
    key: Mapped[str] = mapped_column(Text)
    """The Ed25519 key in base64, or the PEM chain of a certificate."""
    key_hash: Mapped[str] = mapped_column(String(64))
    """The key's fingerprint."""
    certified: Mapped[bool] = mapped_column(Boolean)
    signature: Mapped[str] = mapped_column(Text)
    """Base64."""
    stated_at: Mapped[datetime] = mapped_column(UtcTime)
    """The time that the signer stated."""
    signed_at: Mapped[datetime] = mapped_column(UtcTime)
    signed_by: Mapped[str] = mapped_column(Id)
    """The account."""
