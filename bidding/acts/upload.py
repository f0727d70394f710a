"""The bytes of a declared version, as they stream in; the last block is the submission.

A part grows from its beginning in whole blocks. A block is judged, stored durably under its
hash, and only then named in a row: if we die between the two there is an orphan file and
nothing more, and what was read of an unfinished block is dropped. The transaction that names
the last missing block is `bid.submitted` (or `bid.replaced`): it closes the count, compares
the parts with the declaration, makes the version the one that stands and signs the receipt.
Nothing is read again, and there is no further button to forget (sealed-bid A3.3).
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from audit.act import Act, act, side_write, wiring
from audit.actor import Actor
from kernel.db import db
from kernel.refusal import BUSY, NOT_FOUND, Refused
from tender.acts import lock_lot
from tender.model import Lot

from .. import age, blocks, promise, rules
from ..lifecycle import State, state
from ..model import Bid, BidBlock, BidPart, BidUpload, BidVersion, StandingBid
from ..refusals import (
    ALREADY_STANDING,
    NOT_THE_LAST,
    OFFSET,
    OTHER_BYTES,
    STORAGE,
    TOO_LARGE,
    TOO_MUCH_WASTED,
    VERSION_CLOSED,
    WRONG_BLOCK,
)
from .promises import permit, promising
from .submission import lock_bid

log = logging.getLogger("yangguang.bidding")

ACTION = "bid.upload"
READ = 1 << 20
"""Bytes asked of the connection at once."""
GROUP = 32
SECONDS = 1.0
"""How many durable blocks, and for how long, wait to be named in one transaction while more of
the same request follow: a quick sender costs few transactions, a slow one loses little to a
crash of ours. (When its connection is cut all that is durable is named.)"""

Named = list[tuple[int, str]]
"""Blocks by their number, each with its SHA-256 in hex."""


@dataclass(frozen=True)
class Upload:
    """What is answered: how far the part has come (bytes), how many blocks the version still
    lacks, and the receipt once none is."""

    bid: str
    version: int
    part: str
    offset: int
    size: int
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
    ciphertext_hash: str


class _Moved(Exception):
    """The state moved between two transactions; look again."""


def owner_of(bid_id: str) -> tuple[str, str]:
    """(lot id, party id) of a bid; NOT_FOUND when there is none."""
    row = db.session.execute(
        select(Bid.lot_id, Bid.party_id).where(Bid.id == bid_id)).one_or_none()
    if row is None:
        raise NOT_FOUND()
    return row.lot_id, row.party_id


def offset_of(bid_id: str, version: int, part: str) -> tuple[int, int]:
    """(bytes durable, size) of a part of a live version; NOT_FOUND when there is none."""
    target = _target(bid_id, version, part)
    return _bytes(target, _have(db.session(), target)), target.size


def receive(actor: Actor, bid_id: str, version: int, part: str, offset: int, length: int,
            body: BinaryIO, sha256: str | None = None) -> Upload:
    """Take `length` bytes of a part from `body`, beginning at `offset`, block by block.

    `sha256` (hex) is what the sender says of the body, then of one block at most. Where the
    connection is cut, or the body ends inside a block, the part has come to the last border
    before. The caller has asked authority before (nothing unjudged touches a disk); it is asked
    again inside each transaction. Raises OFFSET, NOT_SEALED, WRONG_BLOCK, OTHER_BYTES, LATE …;
    those about the bid carry their promise.
    """
    target = _target(bid_id, version, part)
    with promising(actor, target.lot_id, bid_id):
        _refuse_waste(db.session(), target)
        at = _bytes(target, _have(db.session(), target))
        if offset != at:
            raise OFFSET(offset=at)
        if offset + length > target.size:
            raise TOO_LARGE(part=part, limit=target.size)
        answer, group, named = None, [], time.monotonic()
        for number, hash_ in _stored(target, offset, length, body, sha256):
            group.append((number, hash_))
            if len(group) == GROUP or time.monotonic() - named >= SECONDS:
                answer, group = _take(actor, target, group), []
                named = time.monotonic()
        if group or answer is None:
            answer = _take(actor, target, group)
        return answer


def _target(bid_id: str, version: int, part: str) -> _Target:
    row = db.session.execute(
        select(Bid.lot_id, Bid.id, Bid.party_id, BidVersion.id, BidPart.id, BidVersion.version,
               BidPart.part, BidPart.size, BidPart.recipient, BidPart.ciphertext_hash)
        .join(BidVersion, BidVersion.bid_id == Bid.id)
        .join(BidPart, BidPart.version_id == BidVersion.id)
        .where(Bid.id == bid_id, BidVersion.version == version, BidPart.part == part,
               BidVersion.abandoned_at.is_(None))).one_or_none()
    if row is None:
        raise NOT_FOUND()
    return _Target(*row)


def _refuse_waste(session: Session, target: _Target) -> None:
    """Refuse a version for which too much was stored in vain: whoever sends other bytes again and
    again would fill the disk, whatever its quota says of what it declares."""
    wasted, declared = session.execute(
        select(BidUpload.wasted, func.sum(BidPart.size))
        .join(BidPart, BidPart.version_id == BidUpload.version_id)
        .where(BidUpload.version_id == target.version_id).group_by(BidUpload.wasted)).one()
    if wasted > int(declared) + rules.WASTE_LIMIT:
        raise TOO_MUCH_WASTED(wasted=wasted)


def _have(session: Session, target: _Target) -> int:
    """How many blocks of the part are named; they have no gaps."""
    last = session.execute(select(func.max(BidBlock.number)).where(
        BidBlock.part_id == target.part_id)).scalar_one()
    return 0 if last is None else last + 1


def _bytes(target: _Target, have: int) -> int:
    return min(target.size, have * blocks.BLOCK)


# --- what comes from the connection ----------------------------------------------------------
def _stored(target: _Target, offset: int, length: int, body: BinaryIO,
            sha256: str | None) -> Iterator[tuple[int, str]]:
    """Each whole block of the body once it is durable: its number and its SHA-256."""
    db.session().rollback()  # no transaction stays open while a slow sender sends
    buffer = memoryview(bytearray(min(blocks.BLOCK, length)))
    first = number = offset // blocks.BLOCK
    left = length
    while left:
        expected = blocks.length_of(number, target.size)
        data = _read(body, buffer[:min(expected, left)], target if number == 0 else None)
        left -= len(data)
        if len(data) < expected:
            if left == 0 and number == first:
                raise WRONG_BLOCK(block=number, problem=f"{len(data)} bytes instead of {expected}")
            return
        rules.check_block(data, number, target.size, sha256)
        try:
            hash_ = wiring().store.put(data)
        except OSError as error:
            # No space, no quota, a failing disk: nothing was named, the offset has not moved.
            log.error("a block could not be stored: %s", error)
            raise STORAGE(retry_after=30) from error
        yield number, hash_
        number += 1


def _read(body: BinaryIO, into: memoryview, begins: _Target | None) -> memoryview:
    """Fill `into` from the connection; shorter where it was cut.

    The beginning of a part is judged as soon as a header could be whole (电子招标投标办法 26).
    """
    filled, judged = 0, begins is None
    while filled < len(into):
        try:
            piece = body.read(min(READ, len(into) - filled))
        except OSError:
            break
        if not piece:
            break
        into[filled:filled + len(piece)] = piece
        filled += len(piece)
        if not judged and filled >= age.HEADER_LIMIT:
            rules.check_sealed(into[:filled], begins.size, begins.recipient)
            judged = True
    if not judged and filled == len(into):
        rules.check_sealed(into[:filled], begins.size, begins.recipient)
    return into[:filled]


# --- what becomes of it ----------------------------------------------------------------------
def _take(actor: Actor, target: _Target, group: Named) -> Upload:
    """Name durable blocks; what is refused is stored all the same, and counted as waste."""
    try:
        return _try(actor, target, group)
    except Refused as refused:
        if group and refused.word is not BUSY:
            with side_write() as session:
                _waste(session, target, len(group))
        raise


def _waste(session: Session, target: _Target, count: int) -> None:
    session.execute(update(BidUpload).where(BidUpload.version_id == target.version_id)
                    .values(wasted=BidUpload.wasted + min(target.size, count * blocks.BLOCK)))


def _try(actor: Actor, target: _Target, group: Named) -> Upload:
    """Name durable blocks; the act that submits when none is missing any more."""
    for _ in range(5):
        try:
            with side_write() as session:
                missing = _keep(session, actor, target, group)
                if missing is not None and missing >= 0:
                    return _answer(session, target, missing)
        except OperationalError as error:
            # A lock that was not to be had in time; the blocks' files are there and harmless.
            raise BUSY() from error
        if missing is not None:
            raise OTHER_BYTES(part=target.part)
        finish = submit_bid if target.version == 1 else replace_bid
        try:
            return finish(actor, target.lot_id, target, group)
        except _Moved:
            continue
    raise BUSY()


def _keep(session: Session, actor: Actor, target: _Target, group: Named) -> int | None:
    """Name blocks that are not the last: how many are missing now.

    None when they would be the last: that is an act. -1 when the part is whole and is not what
    was declared: it begins anew.
    """
    deadline = session.execute(select(Lot.deadline).where(Lot.id == target.lot_id)
                               .with_for_update(read=True)).scalar_one()
    missing = _lock_upload(session, target)
    now = wiring().clock.now(session.connection())
    version = session.get(BidVersion, target.version_id, populate_existing=True)
    reached = state(vars(version))
    have, fresh = _fresh(session, target, group)
    if reached is State.SUBMITTED and not fresh:
        return 0
    wiring().authority(session, actor, ACTION, now, lot_id=target.lot_id, owner=target.party_id)
    rules.in_time(now, deadline)
    if reached is not State.DECLARED:
        raise VERSION_CLOSED(state=reached.name)
    if not fresh:
        return missing
    if fresh[-1][0] + 1 == blocks.count(target.size):
        named = list(session.scalars(select(BidBlock.hash).where(
            BidBlock.part_id == target.part_id).order_by(BidBlock.number)))
        if blocks.combined(named + [hash_ for _, hash_ in fresh]) != target.ciphertext_hash:
            session.execute(delete(BidBlock).where(BidBlock.part_id == target.part_id))
            _count(session, target, missing + have)
            _waste(session, target, have)
            return -1
    if missing == len(fresh):
        return None
    _name(session, target, fresh, now)
    _count(session, target, missing - len(fresh))
    return missing - len(fresh)


def _fresh(session: Session, target: _Target, group: Named) -> tuple[int, Named]:
    """(blocks named so far, those of the group that are not); refuses what does not fit."""
    have = _have(session, target)
    if not group:
        return have, []
    named = dict(session.execute(select(BidBlock.number, BidBlock.hash).where(
        BidBlock.part_id == target.part_id, BidBlock.number >= group[0][0])).all())
    if group[0][0] > have or any(named.get(number, hash_) != hash_ for number, hash_ in group):
        raise OFFSET(offset=_bytes(target, have))
    return have, [one for one in group if one[0] >= have]


def _name(session: Session, target: _Target, fresh: Named, now) -> None:
    session.execute(insert(BidBlock), [
        {"part_id": target.part_id, "number": number, "hash": hash_, "stored_at": now}
        for number, hash_ in fresh])


def _count(session: Session, target: _Target, missing: int) -> None:
    session.execute(update(BidUpload).where(BidUpload.version_id == target.version_id)
                    .values(missing=missing))


def _lock_upload(session: Session, target: _Target) -> int:
    return session.execute(select(BidUpload.missing).where(
        BidUpload.version_id == target.version_id).with_for_update()).scalar_one()


def _answer(session: Session, target: _Target, missing: int) -> Upload:
    version = session.get(BidVersion, target.version_id)
    return Upload(target.bid_id, target.version, target.part,
                  _bytes(target, _have(session, target)), target.size, missing,
                  state(vars(version)).name, version.receipt)


@act("bid.submitted", law="招标投标法 28; 电子招标投标办法 27", action=ACTION, lot=True,
     disclose="opened", veiled=True)
def submit_bid(ctx: Act, lot_id: str, target: _Target, group: Named) -> Upload:
    """The last block of a first version is durable: the bid is received, its receipt signed."""
    lot = lock_lot(ctx, lot_id, share=True)
    version = _complete(ctx, lot, target, group)
    if _standing(ctx, lot_id, target.party_id) is not None:
        raise ALREADY_STANDING()
    ctx.session.add(StandingBid(lot_id=lot_id, party_id=target.party_id, bid_id=target.bid_id,
                                version_id=version.id))
    return _received(ctx, lot, target, version)


@act("bid.replaced", law="招标投标法 29; 电子招标投标办法 27", action=ACTION, lot=True,
     disclose="opened", veiled=True)
def replace_bid(ctx: Act, lot_id: str, target: _Target, group: Named) -> Upload:
    """The last block of a new version is durable: it stands, the one before it no longer."""
    lot = lock_lot(ctx, lot_id, share=True)
    version = _complete(ctx, lot, target, group)
    standing = _standing(ctx, lot_id, target.party_id)
    before = ctx.session.get(BidVersion, standing.version_id, populate_existing=True) \
        if standing is not None else None
    previous = json.loads(version.declaration)["previous"]
    if before is None or before.declaration_hash != previous:
        raise NOT_THE_LAST(version=before.version if before else 0)
    before.replaced_at = ctx.now
    standing.version_id = version.id
    return _received(ctx, lot, target, version)


def _complete(ctx: Act, lot: Lot, target: _Target, group: Named) -> BidVersion:
    """Under the locks of lot, bid and upload: name the last blocks and compare every part."""
    lock_bid(ctx, target.bid_id, lot.id)
    missing = _lock_upload(ctx.session, target)
    permit(ctx, lot, owner=target.party_id)
    version = ctx.session.get(BidVersion, target.version_id, populate_existing=True)
    reached = state(vars(version))
    _, fresh = _fresh(ctx.session, target, group)
    if reached is State.SUBMITTED or missing != len(fresh):
        raise _Moved
    if reached is not State.DECLARED:
        raise VERSION_CLOSED(state=reached.name)
    _name(ctx.session, target, fresh, ctx.now)
    _count(ctx.session, target, 0)
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


def _received(ctx: Act, lot: Lot, target: _Target, version: BidVersion) -> Upload:
    version.submitted_at = ctx.now
    version.receipt = promise.sign(
        promise.receipt(json.loads(version.declaration), version.declaration_hash, ctx.now,
                        lot.deadline), wiring().platform_key)
    ctx.record(target.bid_id, {"version": version.version,
                               "declaration": version.declaration_hash},
               lot_id=lot.id, tender_id=lot.tender_id, party_id=target.party_id)
    version.entry_id = ctx.entry_id
    return Upload(target.bid_id, target.version, target.part, target.size, target.size, 0,
                  State.SUBMITTED.name, version.receipt)
