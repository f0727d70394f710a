"""What persons signed of notices: each row as its act said, and still good under its key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from people.model import SigningKey
from tender import signing
from tender.model import NoticeSignature
from tender.signed import origin_of

from .rules import Rule, rule_of


def _same(path: str) -> dict[str, str]:
    return {name: f"{path}.{name}" for name in ("kind", "number", "role", "unit", "signature")} | {
        "stated_at": f"{path}.at", "signer": f"{path}.key", "content_hash": "facts.content_hash",
        "signed_at": "at", "signed_by": "actor.account"}


def _signer(row: Mapping) -> object:
    return {"certificate": row["key"]} if row["certified"] else row["key"]


RULES: tuple[Rule, ...] = (
    rule_of("notice.signed pre_notice.signed amendment.signed direct_award.signed",
            NoticeSignature, "id", same=_same("facts.signature") | {"of_id": "facts.of"},
            made={"signer": _signer}, owed=lambda row: row["role"] == "submit"),
    rule_of(" ".join(signing.PUBLISHING), NoticeSignature, ("of_id", "role", "signature"),
            ("subject", "item.role", "item.signature"), where=NoticeSignature.role == "approve",
            each="facts.signatures", same=_same("item") | {"about": "tender"},
            made={"signer": _signer}, when=lambda record: "signatures" in record["facts"],
            binds=lambda record: False),
    rule_of(" ".join(signing.PUBLISHING), NoticeSignature, ("of_id", "role", "signature"),
            ("subject", "item.role", "item.signature"), each="facts.signatures",
            same={"content_hash": "facts.content_hash", "about": "tender"}, owed=lambda row: False),
    rule_of("notice_key.named", SigningKey, "id",
            same={"public_key": "facts.public_key", "named_at": "at"},
            owed=lambda row: row["named_at"] is not None),
)
"""What is published binds both signatures; who submitted is told by an entry of its own."""


def signed(session: Session) -> Iterator[str]:
    """Every kept signature is its key's over the content, the submission and the role it names."""
    origin = origin_of(session)
    for row in session.scalars(select(NoticeSignature).order_by(NoticeSignature.id)):
        if not signing.good(signing.fact(row), origin, row.about, row.content_hash):
            yield f"notice_signature {row.id}: is not its key's over what it names"
