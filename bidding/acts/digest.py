"""The security log's digest: its root goes into the record, on a beat that tells nothing (Q74).

While a lot is open there is one digest a minute whether anything was refused or not; otherwise
only when something waits. Refusals go before other events: somebody holds a promise for each.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from audit.act import Act, act
from kernel.canonical import time_text
from kernel.db import new_id
from people.model import SecurityEvent, Undigested

from .. import digest
from ..model import BidRefusal, DigestLeaf, SecurityDigest


@act("security.digested", law="网络安全法 21; 等保 L3-CES1-22", by=("clock",), veiled=True)
def digest_log(ctx: Act, beat: datetime) -> str:
    """Commit to what the security log gained: one root over always 4,096 leaves; return it.

    What does not fit waits for the next beat. `beat` is the whole minute it is made for; a
    second one for it is refused.
    """
    turn = ctx.session.scalars(
        select(Undigested).order_by(Undigested.kind.desc(), Undigested.at, Undigested.of_id)
        .limit(digest.LEAVES).with_for_update()).all()
    seed, own, kinds = secrets.token_bytes(32), new_id(), {one.of_id: one.kind for one in turn}
    found = contents(ctx.session, kinds)
    positions = dict(zip(found, digest.draw_places(len(found)), strict=True))
    levels = digest.build(seed, {positions[of_id]: found[of_id] for of_id in found})
    root = levels[-1][0].hex()
    ctx.record(own, {"root": root, "depth": digest.DEPTH, "beat": time_text(beat)})
    ctx.session.add(SecurityDigest(id=own, at=ctx.now, beat=beat, root=root, seed=seed,
                                   entry_id=ctx.entry_id))
    ctx.session.flush()
    rows = [{"id": new_id(), "digest_id": own, "position": position, "kind": kinds[of_id],
             "of_id": of_id, "place": digest.place(levels, seed, position).to_json()
             if kinds[of_id] == "refusal" else None} for of_id, position in positions.items()]
    if rows:
        ctx.session.execute(insert(DigestLeaf), rows)
        ctx.session.execute(delete(Undigested).where(Undigested.of_id.in_(kinds)))
    return root


def contents(session: Session, kinds: dict[str, str]) -> dict[str, dict]:
    """What the leaves of these refusals and events hold, by id, as the tables say it now."""
    found: dict[str, dict] = {}
    ids = [of_id for of_id, kind in kinds.items() if kind == "refusal"]
    for row in session.execute(select(BidRefusal.id, BidRefusal.promise)
                               .where(BidRefusal.id.in_(ids))):
        found[row.id] = digest.refusal(row.promise)
    ids = [of_id for of_id, kind in kinds.items() if kind == "event"]
    for event in session.scalars(select(SecurityEvent).where(SecurityEvent.id.in_(ids))):
        found[event.id] = {"event": {
            "id": event.id, "at": time_text(event.at), "kind": event.kind,
            "account": event.account_id, "action": event.action, "source": event.source,
            "detail": event.detail} | ({"subject": event.subject, "reason": event.reason}
                                       if event.subject else {})}
    return found
