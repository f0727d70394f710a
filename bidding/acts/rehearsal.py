"""A holder rehearses with its key before publication, which waits for it (sealed-bid A2; Q29)."""

from __future__ import annotations

from sqlalchemy import func, select

from audit.act import Act, act
from kernel.canonical import NotCanonical, b64, sha256, unb64
from kernel.refusal import NOT_FOUND
from tender.acts import lock_lot

from .. import rehearsal
from ..model import HolderKey, Rehearsal
from ..refusals import REHEARSAL_MANY, REHEARSAL_WRONG
from .preparation import official_of
from .promises import log_origin

MOST_REHEARSALS = 20
"""Of one key: a holder who cannot answer needs another key, not another try."""


@act("holder_key.rehearsal_begun", law="电子招标投标办法 29", action="holder_key.rehearse", lot=True)
def begin_rehearsal(ctx: Act, lot_id: str, *, nonce: str) -> dict:
    """Wrap a share for one's own opening key, with one's own nonce (64 hex digits).

    Raises NOT_FOUND without a key, REHEARSAL_NONCE for one used before, REHEARSAL_MANY.
    """
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    key = _own_key(ctx, lot_id)
    tries = ctx.session.scalar(select(func.count()).where(Rehearsal.key_id == key.id))
    if tries >= MOST_REHEARSALS:
        raise REHEARSAL_MANY()
    origin = log_origin(ctx.session)
    wrapped, share = rehearsal.wrap(key.recipient, origin, lot.tender_id, lot_id, nonce)
    row = Rehearsal(key_id=key.id, lot_id=lot_id, nonce=nonce, share_hash=sha256(share).hex(),
                    begun_at=ctx.now)
    ctx.session.add(row)
    ctx.session.flush()
    ctx.record(key.id, {"rehearsal": row.id, "wrap_hash": sha256(wrapped).hex()}, lot_id=lot_id,
               tender_id=lot.tender_id)
    return {"lot_id": lot_id, "key": key.id, "log_origin": origin, "tender": lot.tender_id,
            "nonce": nonce, "wrap": b64(wrapped), "begun_at": row.begun_at}


@act("holder_key.rehearsed", law="电子招标投标办法 29", action="holder_key.rehearse", lot=True)
def answer_rehearsal(ctx: Act, lot_id: str, *, nonce: str, share: str) -> Rehearsal:
    """Give back the share of one's own rehearsal; the key has then proven itself.

    Raises NOT_FOUND, REHEARSAL_WRONG.
    """
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    key = _own_key(ctx, lot_id)
    row = ctx.session.scalars(select(Rehearsal).where(
        Rehearsal.key_id == key.id, Rehearsal.nonce == nonce).with_for_update()).one_or_none()
    if row is None:
        raise NOT_FOUND()
    try:
        right = sha256(unb64(share)).hex() == row.share_hash
    except NotCanonical:
        right = False
    if not right:
        raise REHEARSAL_WRONG()
    row.passed_at = ctx.now
    ctx.record(key.id, {"rehearsal": row.id}, lot_id=lot_id, tender_id=lot.tender_id)
    return row


def _own_key(ctx: Act, lot_id: str) -> HolderKey:
    official = official_of(ctx, lot_id)
    key = ctx.session.scalars(select(HolderKey).where(
        HolderKey.official_id == official.id).with_for_update()).one_or_none()
    if key is None:
        raise NOT_FOUND()
    return key
