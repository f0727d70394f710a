"""The bytes of a declared version, as they stream in; the last block is the submission.

A part grows from its beginning in whole blocks. A block is judged, stored durably under its
hash, and only then named in a row (naming.py): if we die between the two there is an orphan
file and nothing more, and what was read of an unfinished block is dropped. Nothing is read
again, and there is no further button to forget (sealed-bid A3.3).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import BinaryIO

from sqlalchemy import bindparam, func, select

from audit.act import wiring
from audit.actor import Actor
from kernel.db import db
from kernel.refusal import NOT_FOUND

from .. import age, blocks, rules
from ..model import Bid, BidBlock, BidPart, BidUpload, BidVersion
from ..refusals import OFFSET, STORAGE, TOO_LARGE, TOO_MUCH_WASTED, WRONG_BLOCK
from .naming import Target, Upload, take
from .promises import promising

log = logging.getLogger("yangguang.bidding")

READ = 1 << 20
"""Bytes asked of the connection at once."""
GROUP = 32
SECONDS = 1.0
"""How many durable blocks, and for how long, wait to be named in one transaction while more of
the same request follow: a quick sender costs few transactions, a slow one loses little to a
crash of ours. (When its connection is cut all that is durable is named.)"""

_bid, _version, _part = Bid.__table__.c, BidVersion.__table__.c, BidPart.__table__.c
_sibling = BidPart.__table__.alias()
_TARGET = (
    select(_bid.lot_id, _bid.id, _bid.party_id, _version.id, _part.id, _version.version,
           _part.part, _part.size, _part.recipient, _part.ciphertext_hash,
           BidUpload.__table__.c.missing, BidUpload.__table__.c.wasted,
           select(func.sum(_sibling.c.size)).where(_sibling.c.version_id == _version.id)
           .scalar_subquery(),
           select(func.max(BidBlock.__table__.c.number) + 1)
           .where(BidBlock.__table__.c.part_id == _part.id).scalar_subquery())
    .join_from(Bid.__table__, BidVersion.__table__, _version.bid_id == _bid.id)
    .join(BidPart.__table__, _part.version_id == _version.id)
    .join(BidUpload.__table__, BidUpload.__table__.c.version_id == _version.id)
    .where(_bid.id == bindparam("bid"), _version.version == bindparam("number"),
           _part.part == bindparam("part"), _version.abandoned_at.is_(None)))


def upload_of(bid_id: str, version: int, part: str) -> Target:
    """A part of a live version and how far it has come; NOT_FOUND when there is none."""
    row = db.session().connection().execute(
        _TARGET, {"bid": bid_id, "number": version, "part": part}).one_or_none()
    if row is None:
        raise NOT_FOUND()
    *declared, total, have = row
    return Target(*declared, int(total), have or 0)


def offset_of(bid_id: str, version: int, part: str) -> tuple[int, int]:
    """(bytes durable, size) of a part of a live version; NOT_FOUND when there is none."""
    target = upload_of(bid_id, version, part)
    return target.bytes(target.have), target.size


def receive(actor: Actor, bid_id: str, version: int, part: str, offset: int, length: int,
            body: BinaryIO, sha256: str | None = None, target: Target | None = None) -> Upload:
    """Take `length` bytes of a part from `body`, beginning at `offset`, block by block.

    `sha256` (hex) is what the sender says of the body, then of one block at most; `target` what
    `upload_of` has just found. Where the connection is cut, or the body ends inside a block, the
    part has come to the last border before. The caller has asked authority before (nothing
    unjudged touches a disk); it is asked again inside each transaction. Raises OFFSET,
    NOT_SEALED, WRONG_BLOCK, OTHER_BYTES, LATE …; those about the bid carry their promise.
    """
    target = target or upload_of(bid_id, version, part)
    with promising(actor, target.lot_id, bid_id):
        if target.wasted > target.declared + rules.WASTE_LIMIT:
            # Whoever sends other bytes again and again would fill the disk, whatever the quota
            # says of what is declared.
            raise TOO_MUCH_WASTED(wasted=target.wasted)
        if offset != target.bytes(target.have):
            raise OFFSET(offset=target.bytes(target.have))
        if offset + length > target.size:
            raise TOO_LARGE(part=part, limit=target.size)
        answer, group, named = None, [], time.monotonic()
        for number, hash_ in _stored(target, offset, length, body, sha256):
            group.append((number, hash_))
            if len(group) == GROUP or time.monotonic() - named >= SECONDS:
                answer, group = take(actor, target, group), []
                named = time.monotonic()
        if group or answer is None:
            answer = take(actor, target, group)
        return answer


# --- what comes from the connection ----------------------------------------------------------
def _stored(target: Target, offset: int, length: int, body: BinaryIO,
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


def _read(body: BinaryIO, into: memoryview, begins: Target | None) -> memoryview:
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
