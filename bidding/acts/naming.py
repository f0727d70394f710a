"""What becomes of durable blocks: rows that name them, and with the last one the bid.

The transaction that names the last missing block is `bid.submitted` (or `bid.replaced`): it
closes the count, compares the parts with the declaration, makes the version the one that
stands and signs the receipt. All others name blocks and count down; they are no acts.

The statements are made once and read columns alone: in the last minute before a deadline
nothing is asked as often as these.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, delete, exists, insert, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from audit.act import Act, act, side_write, wiring
from audit.actor import Actor
from kernel.db import new_id
from kernel.refusal import BUSY, NOT_FOUND, Refused

from .. import blocks, promise, rules
from ..lifecycle import State, state
from ..model import Bid, BidBlock, BidPart, BidUpload, BidVersion, StandingBid
from ..refusals import ALREADY_STANDING, NOT_THE_LAST, OFFSET, OTHER_BYTES, VERSION_CLOSED
from .promises import permit, share_lot

ACTION = "bid.upload"

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
class Target:
    """A part of a live version as it was declared, and how far it had come when it was read."""

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
    missing: int
    """Blocks that the version lacked."""
    wasted: int
    """Bytes stored for the version that nothing names."""
    declared: int
    """Bytes of all its parts."""
    have: int
    """Blocks of the part that were named; they have no gaps."""

    def bytes(self, have: int) -> int:
        """How far the part has come with so many blocks."""
        return min(self.size, have * blocks.BLOCK)


class _Moved(Exception):
    """The state is not what was thought before the locks were held; look again."""


_block, _upload = BidBlock.__table__.c, BidUpload.__table__.c
_version, _part = BidVersion.__table__.c, BidPart.__table__.c
_standing = StandingBid.__table__.c
_LOCK_BID = (select(Bid.__table__.c.lot_id).where(Bid.__table__.c.id == bindparam("bid"))
             .with_for_update())
_LOCK_UPLOAD = (select(_upload.missing).where(_upload.version_id == bindparam("of"))
                .with_for_update())
_VERSION = select(
    _version.declaration, _version.declaration_hash, _version.receipt, _version.submitted_at,
    _version.abandoned_at, _version.replaced_at, _version.withdrawn_at,
    _version.deemed_withdrawn_at, _version.returned_at,
    exists().where(_standing.lot_id == _version.lot_id, _standing.party_id == _version.party_id)
    .label("stands")).where(_version.id == bindparam("of"))
_BLOCKS = (select(_block.number, _block.hash)
           .where(_block.part_id == bindparam("part"), _block.number >= bindparam("since"))
           .order_by(_block.number))
_PARTS = (select(_part.id, _part.part, _part.size, _part.ciphertext_hash, _block.number,
                 _block.hash)
          .join_from(BidPart.__table__, BidBlock.__table__, _block.part_id == _part.id,
                     isouter=True)
          .where(_part.version_id == bindparam("of")).order_by(_part.part, _block.number))
_NAME = insert(BidBlock.__table__)
_COUNT = (update(BidUpload.__table__).where(_upload.version_id == bindparam("of"))
          .values(missing=bindparam("left")))
_WASTE = (update(BidUpload.__table__).where(_upload.version_id == bindparam("of"))
          .values(wasted=_upload.wasted + bindparam("more")))
_FORGET = delete(BidBlock.__table__).where(_block.part_id == bindparam("part"))
_STAND = insert(StandingBid.__table__)
_RECEIVE = (update(BidVersion.__table__).where(_version.id == bindparam("of"))
            .values(submitted_at=bindparam("at"), receipt=bindparam("promise"),
                    entry_id=bindparam("entry")))


def take(actor: Actor, target: Target, group: Named) -> Upload:
    """Name durable blocks; what is refused is stored all the same, and counted as waste."""
    try:
        return _try(actor, target, group)
    except Refused as refused:
        if group and refused.word is not BUSY:
            with side_write() as session:
                _waste(session, target, len(group))
        raise


def _waste(session: Session, target: Target, count: int) -> None:
    session.connection().execute(_WASTE, {
        "of": target.version_id, "more": min(target.size, count * blocks.BLOCK)})


def _try(actor: Actor, target: Target, group: Named) -> Upload:
    """Name durable blocks; the act that submits when none is missing any more."""
    # Where these were all that lacked when the request began they are most likely the last, and
    # the act is tried at once. It finds out under its locks if they are not.
    likely = bool(group) and target.missing == len(group) and group[0][0] == target.have
    for _ in range(20):  # each time somebody else's piece has come in between
        if not likely:
            try:
                with side_write() as session:
                    found = _keep(session, actor, target, group)
            except OperationalError as error:
                # A lock that was not to be had in time; the files are there and harmless.
                raise BUSY() from error
            if found is _OTHER:
                raise OTHER_BYTES(part=target.part)
            if found is not None:
                return found
        likely = False
        finish = submit_bid if target.version == 1 else replace_bid
        try:
            return finish(actor, target.lot_id, target, group)
        except _Moved:
            continue
    raise BUSY()


_OTHER = object()
"""The part is whole and is not what was declared: it begins anew."""


def _keep(session: Session, actor: Actor, target: Target, group: Named) -> Upload | object | None:
    """Name blocks that are not the last; None when they would be the last: that is an act."""
    run = session.connection().execute
    deadline = share_lot(session, target.lot_id).deadline
    missing = run(_LOCK_UPLOAD, {"of": target.version_id}).scalar_one()
    now = wiring().clock.now(session.connection())
    version = run(_VERSION, {"of": target.version_id}).one()
    reached = state(version._mapping)
    whole = bool(group) and group[-1][0] + 1 == blocks.count(target.size)
    named, have = _named(session, target, group, whole)
    fresh = _fresh(target, group, named, have)
    if reached is State.SUBMITTED and not fresh:
        return _answer(target, have, 0, reached, version.receipt)
    wiring().authority(session, actor, ACTION, now, lot_id=target.lot_id, owner=target.party_id)
    rules.in_time(now, deadline)
    if reached is not State.DECLARED:
        raise VERSION_CLOSED(state=reached.name)
    if not fresh:
        return _answer(target, have, missing, reached)
    if whole and blocks.combined([*named.values(), *(hash_ for _, hash_ in fresh)]) \
            != target.ciphertext_hash:
        run(_FORGET, {"part": target.part_id})
        run(_COUNT, {"of": target.version_id, "left": missing + have})
        _waste(session, target, have)
        return _OTHER
    if missing == len(fresh):
        return None
    run(_NAME, _rows(target, fresh, now))
    run(_COUNT, {"of": target.version_id, "left": missing - len(fresh)})
    return _answer(target, have + len(fresh), missing - len(fresh), reached)


def _named(session: Session, target: Target, group: Named,
           whole: bool) -> tuple[dict[int, str], int]:
    """The named blocks of the part (all if `whole`, else those the group may meet), and how many
    are named."""
    since = group[0][0] - 1 if group and not whole else 0
    named = dict(session.connection().execute(
        _BLOCKS, {"part": target.part_id, "since": since}).all())
    if since > 0 and not named:  # a gap: say exactly where the part stands
        named = dict(session.connection().execute(
            _BLOCKS, {"part": target.part_id, "since": 0}).all())
    return named, max(named, default=-1) + 1


def _fresh(target: Target, group: Named, named: dict[int, str], have: int) -> Named:
    """Those of the group that are not named; refuses what does not fit."""
    if group and (group[0][0] > have
                  or any(named.get(number, hash_) != hash_ for number, hash_ in group)):
        raise OFFSET(offset=target.bytes(have))
    return [one for one in group if one[0] >= have]


def _rows(target: Target, fresh: Named, now) -> list[dict[str, Any]]:
    return [{"part_id": target.part_id, "number": number, "hash": hash_, "stored_at": now}
            for number, hash_ in fresh]


def _answer(target: Target, have: int, missing: int, reached: State,
            receipt: str | None = None) -> Upload:
    return Upload(target.bid_id, target.version, target.part, target.bytes(have), target.size,
                  missing, reached.name, receipt)


@act("bid.submitted", law="招标投标法 28; 电子招标投标办法 27", action=ACTION, lot=True,
     disclose="opened", veiled=True)
def submit_bid(ctx: Act, lot_id: str, target: Target, group: Named) -> Upload:
    """The last block of a first version is durable: the bid is received, its receipt signed."""
    lot = share_lot(ctx.session, lot_id)
    version = _complete(ctx, lot, target, group)
    if version.stands:
        raise ALREADY_STANDING()
    ctx.session.connection().execute(_STAND, {
        "id": new_id(), "lot_id": lot_id, "party_id": target.party_id, "bid_id": target.bid_id,
        "version_id": target.version_id})
    return _received(ctx, lot, target, version)


@act("bid.replaced", law="招标投标法 29; 电子招标投标办法 27", action=ACTION, lot=True,
     disclose="opened", veiled=True)
def replace_bid(ctx: Act, lot_id: str, target: Target, group: Named) -> Upload:
    """The last block of a new version is durable: it stands, the one before it no longer."""
    lot = share_lot(ctx.session, lot_id)
    version = _complete(ctx, lot, target, group)
    standing = ctx.session.scalars(select(StandingBid).where(
        StandingBid.lot_id == lot_id, StandingBid.party_id == target.party_id).with_for_update()
        .execution_options(populate_existing=True)).one_or_none()
    before = ctx.session.get(BidVersion, standing.version_id, populate_existing=True) \
        if standing is not None else None
    previous = json.loads(version.declaration)["previous"]
    if before is None or before.declaration_hash != previous:
        raise NOT_THE_LAST(version=before.version if before else 0)
    before.replaced_at = ctx.now
    standing.version_id = target.version_id
    return _received(ctx, lot, target, version)


def _complete(ctx: Act, lot: Row, target: Target, group: Named) -> Row:
    """Under the locks of lot, bid and upload: name the last blocks and compare every part."""
    run = ctx.session.connection().execute
    if run(_LOCK_BID, {"bid": target.bid_id}).scalar_one_or_none() != lot.id:
        raise NOT_FOUND()
    missing = run(_LOCK_UPLOAD, {"of": target.version_id}).scalar_one()
    permit(ctx, lot, owner=target.party_id)
    version = run(_VERSION, {"of": target.version_id}).one()
    reached = state(version._mapping)
    parts: dict[str, tuple[Row, dict[int, str]]] = {}
    for row in run(_PARTS, {"of": target.version_id}):
        named = parts.setdefault(row.id, (row, {}))[1]
        if row.number is not None:
            named[row.number] = row.hash
    own = parts[target.part_id][1]
    fresh = _fresh(target, group, own, len(own))
    if reached is State.SUBMITTED or missing != len(fresh):
        raise _Moved
    if reached is not State.DECLARED:
        raise VERSION_CLOSED(state=reached.name)
    own.update(fresh)
    for part, named in parts.values():
        if len(named) != blocks.count(part.size) \
                or blocks.combined(list(named.values())) != part.ciphertext_hash:
            if part.id == target.part_id:
                raise _Moved  # `_keep` lets the part begin anew
            raise OTHER_BYTES(part=part.part)
    if fresh:
        run(_NAME, _rows(target, fresh, ctx.now))
    run(_COUNT, {"of": target.version_id, "left": 0})
    return version


def _received(ctx: Act, lot: Row, target: Target, version: Row) -> Upload:
    signed = promise.sign(
        promise.receipt(json.loads(version.declaration), version.declaration_hash, ctx.now,
                        lot.deadline), wiring().platform_key)
    ctx.record(target.bid_id, {"version": target.version,
                               "declaration": version.declaration_hash},
               lot_id=lot.id, tender_id=lot.tender_id, party_id=target.party_id)
    ctx.session.connection().execute(_RECEIVE, {
        "of": target.version_id, "at": ctx.now, "promise": signed, "entry": ctx.entry_id})
    return _answer(target, blocks.count(target.size), 0, State.SUBMITTED, signed)
