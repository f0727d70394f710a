"""Authorise the opening, give shares, sign the record (sealed-bid A3.7; 办法 29-32).

Before the authorisation no share is taken from anybody. It names, by one root for each part,
exactly the bids that may be opened; a holder gives a share only for a bid whose place in that
tree it has checked. Shares decrypt nothing until the window ends or all are in.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

from sqlalchemy import select

from audit.act import Act, act
from audit.actor import Actor
from kernel.canonical import NotCanonical, b64, sha256, time_text, unb64
from kernel.refusal import NOT_FOUND
from tender.acts import decide_outcome, lock_lot

from .. import closing, policy, rules
from ..manifest import PARTS
from ..model import (
    Bid,
    BidPart,
    BidPlace,
    BidShare,
    OfficialRelease,
    Opening,
    OpeningRecordSignature,
    OpeningShare,
)
from ..reading import standing_bids
from ..refusals import (
    RECORD_DIFFERS,
    SHARE_UNKNOWN,
    SHARE_WRONG,
    SHARES_GIVEN,
    TOO_EARLY,
    TOO_FEW,
    WINDOW_OVER,
)
from .closing import plant
from .preparation import official_of
from .submission import lot_of

TENDERER = "tenderer"


@act("opening.authorised", law="招标投标法 34, 36; 电子招标投标办法 29", action="opening.start",
     lot=True, fresh=True, alone="authorisation")
def authorise_opening(ctx: Act, lot_id: str, *, reason: str) -> Opening:
    """Authorise the opening of exactly the bids that stand; nothing when there are under three.

    Raises TOO_EARLY or TOO_FEW; the window to decrypt begins now.
    """
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    official = official_of(ctx, lot_id)
    if ctx.now < lot.opening_at:
        raise TOO_EARLY(opening_at=time_text(lot.opening_at))
    bids = standing_bids(ctx.session, lot_id)
    if len(bids) < rules.least_tenderers(lot.profile):
        raise TOO_FEW()
    decide_outcome(ctx, lot_id, "authorised")
    roots = {part: plant(ctx, lot_id, part, bids) for part in PARTS}
    opening = Opening(lot_id=lot_id, authorised_at=ctx.now, authorised_by=official.id,
                      ends_at=ctx.now + timedelta(minutes=lot.decrypt_minutes), roots=roots)
    ctx.session.add(opening)
    ctx.session.flush()
    ctx.record(lot_id, {"parts": [{"part": part, "root": root} for part, root in roots.items()],
                        "official": official.id, "reason_hash": sha256(reason.encode()).hex(),
                        "ends_at": time_text(opening.ends_at)},
               lot_id=lot_id, tender_id=lot.tender_id)
    return opening


@act("opening.shares_released", law="电子招标投标办法 29", action="opening.official_share", lot=True,
     fresh=True, disclose="opened")
def release_shares(ctx: Act, lot_id: str, *, shares: list[dict]) -> OfficialRelease:
    """An official gives its shares: one act for the whole authorisation.

    `shares` are {bid, part, share (base64)}. One that does not have its declared hash is named
    in the answer and the record; the others count. Raises SHARE_UNKNOWN, SHARES_GIVEN.
    """
    lot = lock_lot(ctx, lot_id, share=True)
    ctx.permit(lot_id=lot_id)
    official = official_of(ctx, lot_id)
    opening = _window(ctx, lot_id)
    if ctx.session.scalars(select(OfficialRelease.id).where(
            OfficialRelease.lot_id == lot_id,
            OfficialRelease.official_id == official.id)).first():
        raise SHARES_GIVEN()
    wanted = {(row.bid_id, row.part): row for row in _declared(ctx, lot_id, official.id)}
    given: dict[tuple[str, str], bytes] = {}
    for one in shares:
        place = one["bid"], one["part"]
        if place not in wanted or place in given:
            raise SHARE_UNKNOWN(problem=f"{one['part']} of {one['bid']}")
        given[place] = _share(one["share"])
    wrong = []
    for place, share in sorted(given.items()):
        if sha256(share).hex() != wanted[place].share_hash:
            wrong.append({"bid": place[0], "part": place[1]})
        else:
            _add(ctx, lot_id, *place, official.id, wanted[place].path, share)
    root = closing.list_root([sha256(share) for _, share in sorted(given.items())]).hex()
    release = OfficialRelease(lot_id=lot_id, official_id=official.id, root=root, wrong=wrong,
                              released_at=ctx.now)
    ctx.session.add(release)
    ctx.session.flush()
    _complete(ctx, opening, lot.policy)
    ctx.record(official.id, {"root": root, "count": len(given), "wrong": wrong}, lot_id=lot_id,
               tender_id=lot.tender_id)
    return release


def give_own_shares(actor: Actor, bid_id: str, *, shares: dict[str, str]) -> Opening:
    """A tenderer gives its own shares; see `_give`."""
    return _give(actor, lot_of(bid_id), bid_id, shares=shares)


@act("opening.tenderer_shares_given", law="电子招标投标办法 29, 30", action="opening.tenderer_share",
     lot=True, disclose="opened", veiled=True)
def _give(ctx: Act, lot_id: str, bid_id: str, *, shares: dict[str, str]) -> Opening:
    """A tenderer gives its own share of every part of its bid (part → base64).

    All or nothing: a share without its declared hash is named (SHARE_WRONG) and may be mended.
    """
    lot = lock_lot(ctx, lot_id, share=True)
    bid = ctx.session.get(Bid, bid_id)
    ctx.permit(lot_id=lot_id, owner=bid.party_id)
    opening = _window(ctx, lot_id)
    path = policy.tenderer_path(lot.policy)
    wanted = {row.part: row for row in _declared(ctx, lot_id, None, bid_id)}
    if not wanted or path is None:
        raise NOT_FOUND()
    if set(shares) != set(wanted):
        raise SHARE_UNKNOWN(problem=", ".join(sorted(set(shares) ^ set(wanted))))
    read = {part: _share(text) for part, text in shares.items()}
    wrong = sorted(part for part, share in read.items()
                   if sha256(share).hex() != wanted[part].share_hash)
    if wrong:
        raise SHARE_WRONG(parts=", ".join(wrong))
    for part, share in sorted(read.items()):
        _add(ctx, lot_id, bid_id, part, TENDERER, path, share)
    ctx.session.flush()
    _complete(ctx, opening, lot.policy)
    ctx.record(bid_id, {"parts": sorted(read)}, lot_id=lot_id, tender_id=lot.tender_id,
               party_id=bid.party_id)
    return opening


@act("opening_record.signed", law="电子招标投标办法 32", action="opening.sign_record", lot=True,
     fresh=True)
def sign_record(ctx: Act, lot_id: str, *, record_hash: str) -> OpeningRecordSignature:
    """An official signs the opening record, naming the hash of what was read."""
    lot = lock_lot(ctx, lot_id, share=True)
    ctx.permit(lot_id=lot_id)
    official = official_of(ctx, lot_id)
    opening = ctx.session.scalars(select(Opening).where(Opening.lot_id == lot_id)).one_or_none()
    if opening is None or opening.record_hash != record_hash:
        raise RECORD_DIFFERS()
    signature = OpeningRecordSignature(lot_id=lot_id, official_id=official.id,
                                       record_hash=record_hash, signed_at=ctx.now)
    ctx.session.add(signature)
    ctx.session.flush()
    ctx.record(official.id, {"record": record_hash}, lot_id=lot_id, tender_id=lot.tender_id)
    return signature


def _window(ctx: Act, lot_id: str) -> Opening:
    """The opening, locked; every share comes one after the other. Refuses after the window."""
    opening = ctx.session.scalars(
        select(Opening).where(Opening.lot_id == lot_id).with_for_update()
        .execution_options(populate_existing=True)).one_or_none()
    if opening is None:
        raise NOT_FOUND()
    if ctx.now >= opening.ends_at or opening.opened_at is not None:
        raise WINDOW_OVER(ends_at=time_text(opening.ends_at))
    return opening


def _declared(ctx: Act, lot_id: str, holder: str | None, bid_id: str | None = None):
    """The declared shares of one holder (None: the tenderer's own) for all authorised bids."""
    query = (select(BidPlace.bid_id, BidPart.part, BidShare.path, BidShare.share_hash)
             .join(BidPart, (BidPart.version_id == BidPlace.version_id)
                   & (BidPart.part == BidPlace.purpose))
             .join(BidShare, BidShare.part_id == BidPart.id)
             .where(BidPlace.lot_id == lot_id))
    query = query.where(BidShare.holder == holder) if holder is not None \
        else query.where(BidShare.holder.is_(None), BidPlace.bid_id == bid_id)
    return ctx.session.execute(query).all()


def _share(text: str) -> bytes:
    try:
        return unb64(text)
    except NotCanonical as error:
        raise SHARE_UNKNOWN(problem=str(error)) from error


def _add(ctx: Act, lot_id: str, bid_id: str, part: str, holder: str, path: str,
         share: bytes) -> None:
    ctx.session.add(OpeningShare(lot_id=lot_id, part=part, bid_id=bid_id, holder=holder, path=path,
                                 share=b64(share), given_at=ctx.now))


def _complete(ctx: Act, opening: Opening, tree: object) -> None:
    """Note when the shares of every part of every bid meet the policy."""
    have: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in ctx.session.execute(select(OpeningShare.bid_id, OpeningShare.part,
                                          OpeningShare.path)
                                   .where(OpeningShare.lot_id == opening.lot_id)):
        have[row.bid_id, row.part].add(row.path)
    places = ctx.session.execute(select(BidPlace.bid_id, BidPlace.purpose).where(
        BidPlace.lot_id == opening.lot_id, BidPlace.purpose != "closing")).all()
    if opening.complete_at is None and all(
            policy.opens(tree, have[place.bid_id, place.purpose]) for place in places):
        opening.complete_at = ctx.now
