"""The tables of the security log's digest: its roots, and where each refusal lies in them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, Json, UtcTime, new_id

from ..refusals import ALREADY


class SecurityDigest(Base):
    """The root over what the security log gained since the digest before (bidding/digest.py)."""

    __tablename__ = "security_digest"
    __table_args__ = (UniqueConstraint("beat", name="uq_security_digest_beat",
                                       info={"refusal": ALREADY}),
                      {"info": {"append_only": True}})

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(UtcTime)
    beat: Mapped[datetime] = mapped_column(UtcTime)
    """The whole minute it was made for."""
    root: Mapped[str] = mapped_column(String(64))
    seed: Mapped[bytes] = mapped_column(LargeBinary(32))
    """Makes salts and filling; shown to nobody but an auditor."""
    entry_id: Mapped[str] = mapped_column(Id)


class DigestLeaf(Base):
    """Where a refusal or a security event lies in its digest."""

    __tablename__ = "digest_leaf"
    __table_args__ = (UniqueConstraint("of_id", name="uq_digest_leaf", info={"refusal": ALREADY}),
                      UniqueConstraint("digest_id", "position", name="uq_digest_leaf_position"),
                      {"info": {"append_only": True}})

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    digest_id: Mapped[str] = mapped_column(Id, ForeignKey("security_digest.id"))
    position: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(8))
    of_id: Mapped[str] = mapped_column(Id)
    place: Mapped[dict | None] = mapped_column(Json)
    """The path to the root, kept for refusals: whoever was refused gets it with the receipt."""
