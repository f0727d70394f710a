"""Papers that a unit keeps here: evidence of licences, of what was mended, of an objection.

A statement names its paper by hash alone, so what was judged stays what was handed in; the file is
kept so that whoever must judge can read it. It is shown to its unit, and to others only through
what it is evidence of.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audit.act import Act, act
from kernel.db import new_id
from kernel.refusal import DENIED, NOT_FOUND
from people.acts.own import own_account
from people.relations import own_party

from ..model import Paper
from ..refusals import MANY, PAPER_MISSING

MOST_FILES, MOST_BYTES = 200, 2 * 1024**3
"""Of one unit."""


@act("paper.kept", law="招标投标法 26; 实施条例 22, 54", by=("self",), disclose="party", veiled=True)
def keep_paper(ctx: Act, *, name: str, media_type: str, size: int, digest: str) -> Paper:
    """Keep a file of one's own unit, already stored and checked. Raises MANY, and
    DENIED while no one of the company vouched for who asks."""
    account = own_account(ctx)
    check_room(ctx.session, own_party(ctx.session, ctx.actor, ctx.now), size)
    row = Paper(id=new_id(), party_id=account.party_id, name=name, media_type=media_type,
                size=size, hash=digest, added_at=ctx.now)
    ctx.session.add(row)
    ctx.session.flush()
    ctx.record(row.id, {"document_hash": digest, "size": size}, party_id=account.party_id)
    return row


def check_room(session: Session, party_id: str | None, size: int) -> None:
    """Refuse a file of `size` bytes for which a unit has no room: MANY; DENIED where there is none
    that who asks stands for. Asked before a file is taken in too, so that nothing of it stays."""
    if party_id is None:
        raise DENIED()
    count, total = session.execute(select(func.count(), func.coalesce(func.sum(
        Paper.size), 0)).where(Paper.party_id == party_id)).one()
    if count >= MOST_FILES or total + size > MOST_BYTES:
        raise MANY(what="papers", limit=MOST_FILES)


def must_be_kept(session: Session, party_id: str, hashes: Collection[str]) -> None:
    """Refuse evidence of which this unit keeps no file here. Raises PAPER_MISSING."""
    kept = set(session.scalars(select(Paper.hash).where(
        Paper.party_id == party_id, Paper.hash.in_(sorted(set(hashes))))))
    for one in sorted(set(hashes)):
        if one not in kept:
            raise PAPER_MISSING(hash=one)


def paper_of(session: Session, party_id: str, digest: str) -> Paper:
    """The file that a unit keeps under a hash; NOT_FOUND."""
    found = session.scalars(select(Paper).where(
        Paper.party_id == party_id, Paper.hash == digest).order_by(Paper.added_at)).first()
    if found is None:
        raise NOT_FOUND()
    return found
