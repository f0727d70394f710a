"""Declare, replace, withdraw: what a tenderer signs before its bytes come (sealed-bid A3.2).

All acts on one bid lock the lot FOR SHARE, then the bid's row: a replacement, a withdrawal
and the last block of an upload come one after the other, in whatever order they arrive.
"""

from __future__ import annotations

import json

from sqlalchemy import Row, bindparam, func, insert, select, update

import guarantees.acts
from audit.act import Act, act, wiring
from audit.actor import Actor
from kernel.canonical import sha256, time_text
from kernel.db import db, new_id
from kernel.refusal import NOT_FOUND
from tender.acts import content_hooks
from tender.method_refusals import REFUSED_BEFORE
from tender.standing import refused_before

from .. import blocks, policy, promise, rules
from ..declaration import Declaration, Key
from ..model import Bid, BidPart, BidShare, BidUpload, BidVersion, StandingBid
from ..reading import declared_view, version_view
from ..refusals import (
    FULL,
    ID_TAKEN,
    KEY_COOLING,
    MALFORMED_DECLARATION,
    NOT_STANDING,
    NOT_THE_LAST,
    OTHER_KEY,
    TOO_MANY,
    TOO_MUCH,
)
from .promises import Signer, expected, own_signer, permit, promising, share_lot


def declare_bid(actor: Actor, lot_id: str, *, declaration: str, key: Key, signature: str,
                wraps: list[dict]) -> dict:
    """Declare a first sealed bid; see `_declare`. A refusal carries its promise."""
    with promising(actor, lot_id):
        return _declare(actor, lot_id, declaration=declaration, key=key, signature=signature,
                        wraps=wraps)


def declare_replacement(actor: Actor, bid_id: str, *, declaration: str, key: Key, signature: str,
                        wraps: list[dict]) -> dict:
    """Declare a new version of one's standing bid; see `_redeclare`."""
    lot_id = lot_of(bid_id)
    with promising(actor, lot_id, bid_id):
        return _redeclare(actor, lot_id, bid_id, declaration=declaration, key=key,
                          signature=signature, wraps=wraps)


def withdraw_bid(actor: Actor, bid_id: str, *, withdrawal: str, key: Key,
                 signature: str) -> dict:
    """Withdraw one's standing bid; see `_withdraw`."""
    lot_id = lot_of(bid_id)
    with promising(actor, lot_id, bid_id):
        return _withdraw(actor, lot_id, bid_id, withdrawal=withdrawal, key=key,
                         signature=signature)


def lot_of(bid_id: str) -> str:
    """The lot a bid lies in; NOT_FOUND when there is no such bid."""
    lot_id = db.session.execute(select(Bid.lot_id).where(Bid.id == bid_id)).scalar_one_or_none()
    if lot_id is None:
        raise NOT_FOUND()
    return lot_id


@act("bid.declared", law="招标投标法 28; 电子招标投标办法 26", action="bid.declare", lot=True,
     disclose="party", veiled=True)
def _declare(ctx: Act, lot_id: str, *, declaration: str, key: Key, signature: str,
             wraps: list[dict]) -> dict:
    """Declare a sealed bid: what its parts are, who can open them; its bytes come after."""
    lot = share_lot(ctx.session, lot_id)
    permit(ctx, lot)
    party_id = ctx.actor.party_id
    if refused_before(ctx.session, lot_id, party_id) is not None:
        raise REFUSED_BEFORE()
    signer = own_signer(ctx, party_id, key)
    declared = rules.read_declaration(declaration, key, signature,
                                      expected(ctx.session, lot, party_id))
    if declared.version != 1:
        raise MALFORMED_DECLARATION(field="version", problem="a first declaration is version 1")
    _cooled(ctx, signer)
    wrapped = rules.read_wraps(declared, lot.policy, wraps)
    _quota(ctx, lot_id, party_id, declared)
    run = ctx.session.connection().execute
    if run(_TAKEN, {"bid": declared.bid}).first() is not None:
        raise ID_TAKEN()
    run(_BID, {"id": declared.bid, "lot_id": lot_id, "tender_id": lot.tender_id,
               "party_id": party_id, "declared_at": ctx.now})
    return _keep(ctx, lot, declared, wrapped, signer, signature)


@act("bid.replacement_declared", law="招标投标法 29; 电子招标投标办法 27", action="bid.replace_own",
     lot=True, disclose="party", veiled=True)
def _redeclare(ctx: Act, lot_id: str, bid_id: str, *, declaration: str, key: Key, signature: str,
               wraps: list[dict]) -> dict:
    """Declare a new version; the standing one stands until the new one's last byte is durable.

    Only the key that signed the standing version, or a certificate of the company, may sign
    its replacement. An unfinished replacement is abandoned.
    """
    lot = share_lot(ctx.session, lot_id)
    bid = lock_bid(ctx, bid_id, lot_id)
    permit(ctx, lot, owner=bid.party_id)
    standing = standing_version(ctx, bid)
    signer = own_signer(ctx, bid.party_id, key)
    declared = rules.read_declaration(declaration, key, signature,
                                      expected(ctx.session, lot, bid.party_id))
    if not signer.may_follow(standing):
        raise OTHER_KEY()
    if declared.bid != bid_id or declared.version != standing.version + 1 \
            or declared.previous != standing.declaration_hash:
        raise NOT_THE_LAST(version=standing.version)
    wrapped = rules.read_wraps(declared, lot.policy, wraps)
    _quota(ctx, lot_id, bid.party_id, declared)
    ctx.session.execute(update(BidVersion).where(
        BidVersion.bid_id == bid_id, BidVersion.version == declared.version,
        BidVersion.submitted_at.is_(None), BidVersion.abandoned_at.is_(None)
    ).values(abandoned_at=ctx.now))
    return _keep(ctx, lot, declared, wrapped, signer, signature)


@act("bid.withdrawn", law="招标投标法 29; 实施条例 35; 电子招标投标办法 27", action="bid.withdraw_own",
     lot=True, disclose="opened", veiled=True)
def _withdraw(ctx: Act, lot_id: str, bid_id: str, *, withdrawal: str, key: Key,
              signature: str) -> dict:
    """Withdraw the standing version before the deadline; its security goes back in five days."""
    lot = share_lot(ctx.session, lot_id)
    bid = lock_bid(ctx, bid_id, lot_id)
    permit(ctx, lot, owner=bid.party_id)
    standing = standing_version(ctx, bid)
    signer = own_signer(ctx, bid.party_id, key)
    value = rules.read_withdrawal(withdrawal, key, signature,
                                  expected(ctx.session, lot, bid.party_id))
    if not signer.may_follow(standing):
        raise OTHER_KEY()
    if value["bid"] != bid_id or value["version"] != standing.version \
            or value["declaration"] != standing.declaration_hash:
        raise NOT_THE_LAST(version=standing.version)
    row = ctx.session.scalars(select(StandingBid).where(StandingBid.bid_id == bid_id)).one()
    ctx.session.delete(row)
    ctx.session.execute(update(BidVersion).where(
        BidVersion.bid_id == bid_id, BidVersion.submitted_at.is_(None),
        BidVersion.abandoned_at.is_(None)).values(withdrawn_at=ctx.now))
    standing.withdrawn_at = ctx.now
    standing.withdrawal = json.dumps({"withdrawal": withdrawal, "key": key,
                                      "signature": signature})
    standing.ending = promise.sign(promise.receipt(
        json.loads(standing.declaration), standing.declaration_hash, ctx.now, lot.deadline,
        "bid-withdrawal-receipt"), wiring().platform_key)
    guarantees.acts.bid_withdrawn(ctx, lot_id, bid.party_id)
    ctx.record(bid_id, {"version": standing.version, "declaration": standing.declaration_hash,
                        "withdrawal": sha256(withdrawal.encode()).hex()},
               lot_id=lot_id, tender_id=lot.tender_id, party_id=bid.party_id)
    standing.ending_entry_id = ctx.entry_id
    return version_view(ctx.session, standing)


def _cooled(ctx: Act, signer: Signer) -> None:
    """A first declaration waits until a further key of the company has cooled.

    Replacing and withdrawing need no such wait: only the very key of the standing version may.
    """
    if signer.usable_at is not None and ctx.now < signer.usable_at:
        raise KEY_COOLING(usable_at=time_text(signer.usable_at))


def lock_bid(ctx: Act, bid_id: str, lot_id: str) -> Bid:
    """The bid's row, locked; every act on a bid comes through here after the lot's lock."""
    bid = ctx.session.scalars(select(Bid).where(Bid.id == bid_id).with_for_update()
                              .execution_options(populate_existing=True)).one_or_none()
    if bid is None or bid.lot_id != lot_id:
        raise NOT_FOUND()
    return bid


def standing_version(ctx: Act, bid: Bid) -> BidVersion:
    """The version of this bid that stands, read under the bid's lock; NOT_STANDING if none does."""
    found = ctx.session.scalars(
        select(BidVersion).join(StandingBid, StandingBid.version_id == BidVersion.id)
        .where(StandingBid.bid_id == bid.id)
        .execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NOT_STANDING()
    return found


def _quota(ctx: Act, lot_id: str, party_id: str, declared: Declaration) -> None:
    """Refuse what is beyond the limits of one company in one lot, and what the disk may not take.

    The limits are each company's own: one over all of them would tell of rivals.
    """
    count, total = ctx.session.connection().execute(
        _USED, {"lot": lot_id, "party": party_id}).one()
    if count >= rules.DECLARATIONS_LIMIT:
        raise TOO_MANY(limit=rules.DECLARATIONS_LIMIT)
    if int(total) + sum(part.size for part in declared.parts) > rules.COMPANY_LIMIT:
        raise TOO_MUCH(limit=rules.COMPANY_LIMIT, used=int(total))
    if wiring().store.used() >= float(wiring().settings["store_full"]) / 100:
        raise FULL(retry_after=300)


# Of columns alone and made once, as in naming.py.
_bid, _version, _part = Bid.__table__, BidVersion.__table__, BidPart.__table__
_TAKEN = select(_bid.c.id).where(_bid.c.id == bindparam("bid"))
_USED = (select(func.count(_version.c.id.distinct()), func.coalesce(func.sum(_part.c.size), 0))
         .join_from(_version, _part, _part.c.version_id == _version.c.id)
         .where(_version.c.lot_id == bindparam("lot"), _version.c.party_id == bindparam("party")))
_BID, _VERSION, _PARTS = insert(_bid), insert(_version), insert(_part)
_SHARES, _UPLOAD = insert(BidShare.__table__), insert(BidUpload.__table__)


def _keep(ctx: Act, lot: Row, declared: Declaration, wraps: dict[tuple[str, str], bytes],
          signer: Signer, signature: str) -> dict:
    version = {
        "id": new_id(), "bid_id": declared.bid, "lot_id": lot.id, "party_id": ctx.actor.party_id,
        "version": declared.version, "declaration": declared.text,
        "declaration_hash": declared.hash, "key": signer.key, "certificate": signer.certificate,
        "signature": signature, "declared_at": ctx.now}
    holders = policy.holders(lot.policy)
    parts, shares = [], []
    for part in declared.parts:
        part_id = new_id()
        parts.append({"id": part_id, "version_id": version["id"], "part": part.part,
                      "recipient": part.recipient, "manifest_hash": part.manifest_hash,
                      "ciphertext_hash": part.ciphertext_hash, "size": part.size})
        shares += [{"id": new_id(), "part_id": part_id, "path": share.path,
                    "holder": holders[share.path]["holder"] if share.path in holders else None,
                    "share_hash": share.share_hash,
                    "wrap": wraps.get((part.part, share.path))} for share in part.shares]
    run = ctx.session.connection().execute
    run(_VERSION, version)
    run(_PARTS, parts)
    run(_SHARES, shares)
    run(_UPLOAD, {"version_id": version["id"], "wasted": 0,
                  "missing": sum(blocks.count(part.size) for part in declared.parts)})
    ctx.record(declared.bid, {"version": declared.version, "declaration": declared.hash,
                              "policy_hash": declared.policy_hash,
                              "signer": signer.key,
                              "signature": sha256(signature.encode()).hex()},
               lot_id=lot.id, tender_id=lot.tender_id, party_id=ctx.actor.party_id)
    return declared_view(version, parts)


def limits(_session, _tender, _lots) -> dict:
    """What the notice says of the limits, so that nobody meets one unprepared (Q48, Q49)."""
    return {"bid_limits": rules.limits()}


content_hooks.append(limits)
