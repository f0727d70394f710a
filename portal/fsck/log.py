"""The security log against its digests: no line changed, added or taken away since (Q74)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from bidding import digest
from bidding.acts.digest import contents
from bidding.model import BidRefusal, DigestLeaf, SecurityDigest
from people.model import SecurityEvent, Undigested


def log(session: Session) -> Iterator[str]:
    """Every digest has the root that its lines give now; every line is in one, or waits."""
    for made in session.scalars(select(SecurityDigest).order_by(SecurityDigest.beat)):
        if root_again(session, made) != made.root:
            yield f"security_digest {made.id}: its lines were changed or taken away"
    for table in (SecurityEvent, BidRefusal):
        for row_id in session.scalars(select(table.id).where(
                table.id.not_in(select(DigestLeaf.of_id)),
                table.id.not_in(select(Undigested.of_id)))):
            yield f"{table.__tablename__} {row_id}: is in no digest and waits for none"


def root_again(session: Session, made: SecurityDigest) -> str | None:
    """The root that a digest must have by what the tables say now; None when a row is missing."""
    leaves = {leaf.of_id: leaf for leaf in session.scalars(
        select(DigestLeaf).where(DigestLeaf.digest_id == made.id))}
    found = contents(session, {of_id: leaf.kind for of_id, leaf in leaves.items()})
    if set(found) != set(leaves):
        return None
    return digest.build(made.seed, {leaves[of_id].position: content
                                    for of_id, content in found.items()})[-1][0].hex()
