"""Authorise the opening, give shares, sign the record (sealed-bid A3.7; 办法 29-32).

Before the authorisation no share is taken from anybody. It names, by one root for each part,
exactly the bids that may be opened; a holder gives a share only for a bid whose place in that
tree it has checked. Shares decrypt nothing until the window ends or all are in.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

from sqlalchemy import func, insert, select

from audit.act import Act, act
from audit.actor import Actor
from kernel.canonical import NotCanonical, b64, sha256, time_text, unb64
from kernel.db import new_id
from kernel.refusal import NOT_FOUND, Refused
from tender.acts import decide_outcome, lock_lot
from tender.model import Lot
from tender.reading import lot_facts

from .. import closing, policy, rules
from ..model import (
    FIRST,
    PRICES,
    Bid,
    BidPart,
    BidPlace,
    BidShare,
    Official,
    OfficialRelease,
    OpenedBid,
    Opening,
    OpeningPart,
    OpeningRecordSignature,
    OpeningShare,
    PlainFile,
)
from ..reading import Standing, close_stands, standing_bids
from ..refusals import (
    CLOSE_UNWITNESSED,
    NOT_YOURS,
    ONE_ENVELOPE,
    RECORD_DIFFERS,
    SHARE_UNKNOWN,
    SHARE_WRONG,
    SHARES_GIVEN,
    SHEETS_AWAITED,
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

    In a lot of two envelopes only of their technical parts. Raises TOO_EARLY, TOO_FEW or
    CLOSE_UNWITNESSED; the window to decrypt begins now.
    """
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    official = official_of(ctx, lot_id)
    if ctx.now < lot.opening_at:
        raise TOO_EARLY(opening_at=time_text(lot.opening_at))
    if not close_stands(ctx.session, lot, ctx.now):
        raise CLOSE_UNWITNESSED()
    bids = standing_bids(ctx.session, lot_id)
    if len(bids) < rules.least_tenderers(lot.profile):
        raise TOO_FEW()
    decide_outcome(ctx, lot_id, "authorised")
    return _authorise(ctx, lot, FIRST, bids, official.id, reason)


@act("opening.prices_authorised", law="招标投标法 36; 电子招标投标办法 29",
     action="opening.price_share", lot=True, fresh=True)
def authorise_prices(ctx: Act, lot_id: str, *, reason: str) -> Opening:
    """Authorise the opening of forms and prices, once every technical sheet is signed.

    Only of bids that passed the first stage. Raises ONE_ENVELOPE, SHEETS_AWAITED.
    """
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    official = _price_official(ctx, lot_id)
    if not lot.two_envelopes:
        raise ONE_ENVELOPE()
    if "technical_signed" not in lot_facts(ctx.session, lot_id).outcomes:
        raise SHEETS_AWAITED()
    passed = set(ctx.session.scalars(select(OpenedBid.bid_id).where(
        OpenedBid.lot_id == lot_id, OpenedBid.stage == FIRST, OpenedBid.verdict == "opened")))
    bids = [bid for bid in standing_bids(ctx.session, lot_id) if bid.bid_id in passed]
    if not bids:
        raise TOO_FEW()
    return _authorise(ctx, lot, PRICES, bids, official.id, reason)


def _price_official(ctx: Act, lot_id: str) -> Official:
    """The actor's seat; the table lets tenderers do the same action with their own shares."""
    try:
        return official_of(ctx, lot_id)
    except Refused as refused:
        raise NOT_YOURS() from refused


def _authorise(ctx: Act, lot: Lot, stage: int, bids: list[Standing], official_id: str,
               reason: str) -> Opening:
    """Plant one tree for each part of the stage, open its window, record it."""
    roots = {part: plant(ctx, lot.id, part, bids)
             for part in rules.parts_of(lot.two_envelopes, stage)}
    opening = Opening(lot_id=lot.id, stage=stage, authorised_at=ctx.now,
                      authorised_by=official_id, roots=roots,
                      ends_at=ctx.now + timedelta(minutes=lot.decrypt_minutes))
    ctx.session.add(opening)
    ctx.session.add_all(OpeningPart(lot_id=lot.id, part=part, stage=stage, root=root)
                        for part, root in roots.items())
    ctx.session.flush()
    ctx.record(lot.id, {"parts": [{"part": part, "root": root} for part, root in roots.items()],
                        "official": official_id, "reason_hash": sha256(reason.encode()).hex(),
                        "ends_at": time_text(opening.ends_at)},
               lot_id=lot.id, tender_id=lot.tender_id)
    return opening


@act("opening.shares_released", law="电子招标投标办法 29", action="opening.official_share", lot=True,
     fresh=True, disclose="opened")
def release_shares(ctx: Act, lot_id: str, *, shares: list[dict]) -> OfficialRelease:
    """An official gives its shares: one act for the whole authorisation.

    `shares` are {bid, part, share (base64)}. One that does not have its declared hash is named
    in the answer and the record; the others count. Raises SHARE_UNKNOWN, SHARES_GIVEN.
    """
    return _release(ctx, lot_id, FIRST, shares)


@act("opening.price_shares_released", law="电子招标投标办法 29", action="opening.price_share",
     lot=True, fresh=True, disclose="opened")
def release_price_shares(ctx: Act, lot_id: str, *, shares: list[dict]) -> OfficialRelease:
    """An official gives its shares of forms and prices, as `release_shares` gave the technical."""
    return _release(ctx, lot_id, PRICES, shares)


def _release(ctx: Act, lot_id: str, stage: int, shares: list[dict]) -> OfficialRelease:
    lot = lock_lot(ctx, lot_id, share=True)
    ctx.permit(lot_id=lot_id)
    official = (official_of if stage == FIRST else _price_official)(ctx, lot_id)
    opening = window(ctx, lot_id, stage)
    if ctx.session.scalars(select(OfficialRelease.id).where(
            OfficialRelease.lot_id == lot_id, OfficialRelease.stage == stage,
            OfficialRelease.official_id == official.id)).first():
        raise SHARES_GIVEN()
    wanted = {(row.bid_id, row.part): row for row in _declared(ctx, opening, official.id)}
    given: dict[tuple[str, str], bytes] = {}
    for one in shares:
        place = one["bid"], one["part"]
        if place not in wanted or place in given:
            raise SHARE_UNKNOWN(problem=f"{one['part']} of {one['bid']}")
        given[place] = _share(one["share"])
    wrong, sound = [], []
    for place, share in sorted(given.items()):
        if sha256(share).hex() != wanted[place].share_hash:
            wrong.append({"bid": place[0], "part": place[1]})
        else:
            sound.append(_row(ctx, lot_id, *place, official.id, wanted[place].path, share))
    if sound:
        ctx.session.execute(insert(OpeningShare), sound)
    root = closing.list_root([sha256(share) for _, share in sorted(given.items())]).hex()
    release = OfficialRelease(lot_id=lot_id, official_id=official.id, stage=stage, root=root,
                              wrong=wrong, released_at=ctx.now)
    ctx.session.add(release)
    ctx.session.flush()
    complete(ctx, opening, lot.policy)
    ctx.record(official.id, {"root": root, "count": len(given), "wrong": wrong}, lot_id=lot_id,
               tender_id=lot.tender_id)
    return release


def give_own_shares(actor: Actor, bid_id: str, *, shares: dict[str, str]) -> Opening:
    """A tenderer gives its own shares; see `_give`."""
    return _give(actor, lot_of(bid_id), bid_id, shares=shares)


def give_price_shares(actor: Actor, bid_id: str, *, shares: dict[str, str]) -> Opening:
    """A tenderer gives its own shares of form and price; see `_give_prices`."""
    return _give_prices(actor, lot_of(bid_id), bid_id, shares=shares)


@act("opening.tenderer_shares_given", law="电子招标投标办法 29, 30", action="opening.tenderer_share",
     lot=True, disclose="opened", veiled=True)
def _give(ctx: Act, lot_id: str, bid_id: str, *, shares: dict[str, str]) -> Opening:
    """A tenderer gives its own share of every authorised part of its bid (part → base64).

    All or nothing: a share without its declared hash is named (SHARE_WRONG) and may be mended.
    """
    return _take_own(ctx, lot_id, bid_id, FIRST, shares)


@act("opening.tenderer_price_shares_given", law="电子招标投标办法 29, 30",
     action="opening.price_share", lot=True, disclose="opened")
def _give_prices(ctx: Act, lot_id: str, bid_id: str, *, shares: dict[str, str]) -> Opening:
    """A tenderer gives its own share of form and price, all or nothing as at first."""
    return _take_own(ctx, lot_id, bid_id, PRICES, shares)


def _take_own(ctx: Act, lot_id: str, bid_id: str, stage: int, shares: dict[str, str]) -> Opening:
    lot = lock_lot(ctx, lot_id, share=True)
    bid = ctx.session.get(Bid, bid_id)
    ctx.permit(lot_id=lot_id, owner=bid.party_id)
    if bid.party_id != ctx.actor.party_id:  # the table lets officials do the same action
        raise NOT_YOURS()
    opening = window(ctx, lot_id, stage)
    path = policy.tenderer_path(lot.policy)
    wanted = {row.part: row for row in _declared(ctx, opening, None, bid_id)}
    if not wanted or path is None:
        raise NOT_FOUND()
    if set(shares) != set(wanted):
        raise SHARE_UNKNOWN(problem=", ".join(sorted(set(shares) ^ set(wanted))))
    read = {part: _share(text) for part, text in shares.items()}
    wrong = sorted(part for part, share in read.items()
                   if sha256(share).hex() != wanted[part].share_hash)
    if wrong:
        raise SHARE_WRONG(parts=", ".join(wrong))
    ctx.session.add_all(OpeningShare(**_row(ctx, lot_id, bid_id, part, TENDERER, path, share))
                        for part, share in sorted(read.items()))
    ctx.session.flush()
    complete(ctx, opening, lot.policy)
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
    opening = ctx.session.scalars(select(Opening).where(
        Opening.lot_id == lot_id, Opening.stage == FIRST)).one_or_none()
    if opening is None or opening.record_hash != record_hash:
        raise RECORD_DIFFERS()
    signature = OpeningRecordSignature(lot_id=lot_id, official_id=official.id,
                                       record_hash=record_hash, signed_at=ctx.now)
    ctx.session.add(signature)
    ctx.session.flush()
    ctx.record(official.id, {"record": record_hash}, lot_id=lot_id, tender_id=lot.tender_id)
    return signature


def window(ctx: Act, lot_id: str, stage: int) -> Opening:
    """A stage's opening, locked; what is given comes one after the other. Refuses after its
    window, and as soon as anything may be disclosed: NOT_FOUND, WINDOW_OVER."""
    opening = ctx.session.scalars(
        select(Opening).where(Opening.lot_id == lot_id, Opening.stage == stage)
        .with_for_update().execution_options(populate_existing=True)).one_or_none()
    if opening is None:
        raise NOT_FOUND()
    if ctx.now >= opening.ends_at or opening.named_at is not None or opening.opened_at is not None:
        raise WINDOW_OVER(ends_at=time_text(opening.ends_at))
    return opening


def _declared(ctx: Act, opening: Opening, holder: str | None, bid_id: str | None = None):
    """The declared shares of one holder (None: the tenderer's own) for the stage's bids."""
    query = (select(BidPlace.bid_id, BidPart.part, BidShare.path, BidShare.share_hash)
             .join(BidPart, (BidPart.version_id == BidPlace.version_id)
                   & (BidPart.part == BidPlace.purpose))
             .join(BidShare, BidShare.part_id == BidPart.id)
             .where(BidPlace.lot_id == opening.lot_id, BidPlace.purpose.in_(opening.roots)))
    query = query.where(BidShare.holder == holder) if holder is not None \
        else query.where(BidShare.holder.is_(None), BidPlace.bid_id == bid_id)
    return ctx.session.execute(query).all()


def _share(text: str) -> bytes:
    try:
        return unb64(text)
    except NotCanonical as error:
        raise SHARE_UNKNOWN(problem=str(error)) from error


def _row(ctx: Act, lot_id: str, bid_id: str, part: str, holder: str, path: str,
         share: bytes) -> dict:
    return {"id": new_id(), "lot_id": lot_id, "part": part, "bid_id": bid_id, "holder": holder,
            "path": path, "share": b64(share), "given_at": ctx.now}


def complete(ctx: Act, opening: Opening, tree: object) -> None:
    """Note when the shares of every part of every bid of the stage meet the policy, or its plain
    file is there. Cheap while some part has nothing yet."""
    if opening.complete_at is not None:
        return
    parts = list(opening.roots)
    places = {(row.bid_id, row.purpose) for row in ctx.session.execute(
        select(BidPlace.bid_id, BidPlace.purpose).where(
            BidPlace.lot_id == opening.lot_id, BidPlace.purpose.in_(parts)))}
    plain = {(row.bid_id, row.part) for row in ctx.session.execute(
        select(PlainFile.bid_id, PlainFile.part).where(
            PlainFile.lot_id == opening.lot_id, PlainFile.part.in_(parts)))}
    mine = OpeningShare.lot_id == opening.lot_id, OpeningShare.part.in_(parts)
    begun = ctx.session.execute(select(func.count()).select_from(
        select(OpeningShare.bid_id, OpeningShare.part).where(*mine).distinct().subquery())
    ).scalar_one()
    if begun + len(plain) < len(places):
        return
    have: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in ctx.session.execute(select(OpeningShare.bid_id, OpeningShare.part,
                                          OpeningShare.path).where(*mine)):
        have[row.bid_id, row.part].add(row.path)
    if all(policy.opens(tree, have[place]) for place in places - plain):
        opening.complete_at = ctx.now
