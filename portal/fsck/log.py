"""The security log against its digests: no line changed, added or taken away since (Q74)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from bidding.acts.digest import root_again
from bidding.model import BidRefusal, DigestLeaf, SecurityDigest
from people.model import SecurityEvent, Undigested


def log(session: Session) -> Iterator[str]:
    """Every digest has the root that its lines give now; every line is in one, or waits."""
    for made in session.scalars(select(SecurityDigest).order_by(SecurityDigest.beat)):
        if root_again(session, made.id) != made.root:
            yield f"security_digest {made.id}: its lines were changed or taken away"
    for table in (SecurityEvent, BidRefusal):
        for row_id in session.scalars(select(table.id).where(
                table.id.not_in(select(DigestLeaf.of_id)),
                table.id.not_in(select(Undigested.of_id)))):
            yield f"{table.__tablename__} {row_id}: is in no digest and waits for none"
