"""The bytes of a declared version, block by block; the last one is the submission.

A block is judged, stored durably under its hash, and only then named in a row: if we die
between the two there is an orphan file and nothing more. The transaction that names the last
missing block is `bid.submitted` (or `bid.replaced`): it closes the count, compares the parts
with the declaration, makes the version the one that stands and signs the receipt. Nothing is
read again, and there is no further button to forget (sealed-bid A3.3).
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import insert, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from audit.act import Act, act, side_write, wiring
from audit.actor import Actor
from kernel.db import db
from kernel.refusal import BUSY, NOT_FOUND
from tender.acts import lock_lot
from tender.model import Lot

from .. import blocks, promise, rules
from ..lifecycle import State, state
from ..model import Bid, BidBlock, BidPart, BidUpload, BidVersion, StandingBid
from ..refusals import (
    ALREADY_STANDING,
    FIRST_BLOCK_FIRST,
    NOT_THE_LAST,
    OTHER_BYTES,
    VERSION_CLOSED,
)
from .promises import permit, promising
from .submission import lock_bid

ACTION = "bid.upload"


@dataclass(frozen=True)
class Upload:
    """What is answered to a block: how many are missing, and the receipt once none is."""

    bid: str
    version: int
    part: str
    block: int
    hash: str
    missing: int
    state: str
    receipt: str | None


@dataclass(frozen=True)
class _Target:
    lot_id: str
    bid_id: str
    party_id: str
    version_id: str
    part_id: str
    version: int
    part: str
    size: int
    recipient: str


class _Moved(Exception):
    """The state moved between two transactions; look again."""


def owner_of(bid_id: str) -> tuple[str, str]:
    """(lot id, party id) of a bid; NOT_FOUND when there is none."""
    row = db.session.execute(
        select(Bid.lot_id, Bid.party_id).where(Bid.id == bid_id)).one_or_none()
    if row is None:
        raise NOT_FOUND()
    return row.lot_id, row.party_id


def upload_block(actor: Actor, bid_id: str, version: int, part: str, number: int, data: bytes,
                 sha256: str | None = None) -> Upload:
    """Take block `number` (from 0) of a part: at most 4 MiB, exactly as long as declared.

    `sha256` is what the sender says it sends. Sending a block again is harmless. The caller
    has asked authority before (nothing unjudged touches a disk); it is asked again inside the
    transaction. Raises NOT_SEALED, WRONG_BLOCK, FIRST_BLOCK_FIRST, OTHER_BYTES, LATE …, each
    with its promise.
    """
    target = _target(bid_id, version, part)
    with promising(actor, target.lot_id, bid_id):
        rules.check_block(data, number, target.size, target.recipient, sha256)
        if number and not _first_is_there(target):
            raise FIRST_BLOCK_FIRST()
        hash_ = wiring().store.put(data)
        for _ in range(5):
            try:
                return _take(actor, target, number, hash_)
            except _Moved:
                continue
        raise BUSY()


def _target(bid_id: str, version: int, part: str) -> _Target:
    row = db.session.execute(
        select(Bid.lot_id, Bid.id, Bid.party_id, BidVersion.id, BidPart.id, BidVersion.version,
               BidPart.part, BidPart.size, BidPart.recipient)
        .join(BidVersion, BidVersion.bid_id == Bid.id)
        .join(BidPart, BidPart.version_id == BidVersion.id)
        .where(Bid.id == bid_id, BidVersion.version == version, BidPart.part == part,
               BidVersion.abandoned_at.is_(None))).one_or_none()
    if row is None:
        raise NOT_FOUND()
    return _Target(*row)


def _first_is_there(target: _Target) -> bool:
    return db.session.get(BidBlock, (target.part_id, 0)) is not None


def _take(actor: Actor, target: _Target, number: int, hash_: str) -> Upload:
    try:
        with side_write() as session:
            missing = _keep(session, actor, target, number, hash_)
            if missing is not None:
                return _answer(session, target, number, hash_, missing)
    except OperationalError as error:
        # A lock that was not to be had in time; the block's file is there and harmless.
        raise BUSY() from error
    finish = submit_bid if target.version == 1 else replace_bid
    return finish(actor, target.lot_id, target, number, hash_)


def _keep(session: Session, actor: Actor, target: _Target, number: int,
          hash_: str) -> int | None:
    """Name a block that is not the last; None when it would be the last: that is an act."""
    deadline = session.execute(select(Lot.deadline).where(Lot.id == target.lot_id)
                               .with_for_update(read=True)).scalar_one()
    upload = _lock_upload(session, target)
    now = wiring().clock.now(session.connection())
    present = session.get(BidBlock, (target.part_id, number), populate_existing=True)
    version = session.get(BidVersion, target.version_id, populate_existing=True)
    reached = state(vars(version))
    if reached is State.SUBMITTED and present is not None and present.hash == hash_:
        return 0
    wiring().authority(session, actor, ACTION, now, lot_id=target.lot_id, owner=target.party_id)
    rules.in_time(now, deadline)
    if reached is not State.DECLARED:
        raise VERSION_CLOSED(state=reached.name)
    if present is not None:
        if present.hash != hash_:
            session.execute(update(BidBlock).where(
                BidBlock.part_id == target.part_id, BidBlock.number == number
            ).values(hash=hash_, stored_at=now))
        return upload
    if upload == 1:
        return None
    session.execute(insert(BidBlock).values(part_id=target.part_id, number=number, hash=hash_,
                                            stored_at=now))
    session.execute(update(BidUpload).where(BidUpload.version_id == target.version_id)
                    .values(missing=upload - 1))
    return upload - 1


def _lock_upload(session: Session, target: _Target) -> int:
    return session.execute(select(BidUpload.missing).where(
        BidUpload.version_id == target.version_id).with_for_update()).scalar_one()


def _answer(session: Session, target: _Target, number: int, hash_: str, missing: int) -> Upload:
    version = session.get(BidVersion, target.version_id)
    return Upload(target.bid_id, target.version, target.part, number, hash_, missing,
                  state(vars(version)).name, version.receipt)


@act("bid.submitted", law="招标投标法 28; 电子招标投标办法 27", action=ACTION, lot=True,
     disclose="opened", veiled=True)
def submit_bid(ctx: Act, lot_id: str, target: _Target, number: int, hash_: str) -> Upload:
    """The last block of a first version is durable: the bid is received, its receipt signed."""
    lot = lock_lot(ctx, lot_id, share=True)
    version = _complete(ctx, lot, target, number, hash_)
    if _standing(ctx, lot_id, target.party_id) is not None:
        raise ALREADY_STANDING()
    ctx.session.add(StandingBid(lot_id=lot_id, party_id=target.party_id, bid_id=target.bid_id,
                                version_id=version.id))
    return _received(ctx, lot, target, version, number, hash_)


@act("bid.replaced", law="招标投标法 29; 电子招标投标办法 27", action=ACTION, lot=True,
     disclose="opened", veiled=True)
def replace_bid(ctx: Act, lot_id: str, target: _Target, number: int, hash_: str) -> Upload:
    """The last block of a new version is durable: it stands, the one before it no longer."""
    lot = lock_lot(ctx, lot_id, share=True)
    version = _complete(ctx, lot, target, number, hash_)
    standing = _standing(ctx, lot_id, target.party_id)
    before = ctx.session.get(BidVersion, standing.version_id, populate_existing=True) \
        if standing is not None else None
    previous = json.loads(version.declaration)["previous"]
    if before is None or before.declaration_hash != previous:
        raise NOT_THE_LAST(version=before.version if before else 0)
    before.replaced_at = ctx.now
    standing.version_id = version.id
    return _received(ctx, lot, target, version, number, hash_)


def _complete(ctx: Act, lot: Lot, target: _Target, number: int, hash_: str) -> BidVersion:
    """Under the locks of lot, bid and upload: name the last block and compare every part."""
    lock_bid(ctx, target.bid_id, lot.id)
    missing = _lock_upload(ctx.session, target)
    permit(ctx, lot, owner=target.party_id)
    version = ctx.session.get(BidVersion, target.version_id, populate_existing=True)
    reached = state(vars(version))
    if reached is State.SUBMITTED or missing != 1 \
            or ctx.session.get(BidBlock, (target.part_id, number)) is not None:
        raise _Moved
    if reached is not State.DECLARED:
        raise VERSION_CLOSED(state=reached.name)
    ctx.session.execute(insert(BidBlock).values(
        part_id=target.part_id, number=number, hash=hash_, stored_at=ctx.now))
    ctx.session.execute(update(BidUpload).where(BidUpload.version_id == version.id)
                        .values(missing=0))
    for part in ctx.session.scalars(select(BidPart).where(BidPart.version_id == version.id)):
        hashes = list(ctx.session.scalars(select(BidBlock.hash).where(
            BidBlock.part_id == part.id).order_by(BidBlock.number)))
        if len(hashes) != blocks.count(part.size) \
                or blocks.combined(hashes) != part.ciphertext_hash:
            raise OTHER_BYTES(part=part.part)
    return version


def _standing(ctx: Act, lot_id: str, party_id: str) -> StandingBid | None:
    return ctx.session.scalars(select(StandingBid).where(
        StandingBid.lot_id == lot_id, StandingBid.party_id == party_id).with_for_update()
        .execution_options(populate_existing=True)).one_or_none()


def _received(ctx: Act, lot: Lot, target: _Target, version: BidVersion, number: int,
              hash_: str) -> Upload:
    version.submitted_at = ctx.now
    version.receipt = promise.sign(
        promise.receipt(json.loads(version.declaration), version.declaration_hash, ctx.now,
                        lot.deadline), wiring().platform_key)
    ctx.record(target.bid_id, {"version": version.version,
                               "declaration": version.declaration_hash},
               lot_id=lot.id, tender_id=lot.tender_id, party_id=target.party_id)
    version.entry_id = ctx.entry_id
    return Upload(target.bid_id, target.version, target.part, number, hash_, 0,
                  State.SUBMITTED.name, version.receipt)
