"""The opening as rows: places, shares, keys and findings against what was declared and published."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bidding import closing, rules
from bidding.model import (
    BidPart,
    BidPlace,
    BidShare,
    BidVersion,
    ConsortiumMember,
    OpenedBid,
    OpenedPart,
    Opening,
    OpeningPart,
    OpeningShare,
    PlainFile,
    StandingBid,
)
from kernel.canonical import NotCanonical, sha256, unb64

from .entries import Entry

_RELEASES = {"opening.shares_released": 1, "opening.price_shares_released": 2}


def opened(session: Session, entries: Sequence[Entry]) -> Iterator[str]:
    """Authorised places, given shares, keys of opened parts, and what was found of each bid."""
    yield from _authorised(session)
    yield from _shares(session)
    yield from _released(session, entries)
    yield from _keys(session)
    for opening in session.scalars(select(Opening).where(Opening.record.is_not(None))):
        yield from _found(session, opening)


def _authorised(session: Session) -> Iterator[str]:
    """Each bid's place leads to the root of the part that was authorised."""
    for row, root, declared in session.execute(
            select(BidPlace, OpeningPart.root, BidVersion.declaration_hash)
            .join(OpeningPart, (OpeningPart.lot_id == BidPlace.lot_id)
                  & (OpeningPart.part == BidPlace.purpose))
            .join(BidVersion, BidVersion.id == BidPlace.version_id)):
        try:
            good = closing.verify(root, row.bid_id, declared, closing.Place.from_json(row.place))
        except NotCanonical:
            good = False
        if not good:
            yield (f"bid {row.bid_id}: its place is not in the tree of the {row.purpose} parts "
                   "that were authorised")


def _shares(session: Session) -> Iterator[str]:
    """Every share given is the one that its holder was dealt."""
    declared = {(bid, part, path): share for bid, part, path, share in session.execute(
        select(BidVersion.bid_id, BidPart.part, BidShare.path, BidShare.share_hash)
        .join(BidPart, BidPart.version_id == BidVersion.id)
        .join(BidShare, BidShare.part_id == BidPart.id)
        .join(StandingBid, StandingBid.version_id == BidVersion.id))}
    for one in session.scalars(select(OpeningShare)):
        if declared.get((one.bid_id, one.part, one.path)) != _hash(one.share).hex():
            yield (f"opening_share {one.id} of bid {one.bid_id}: is not the share that "
                   f"{one.holder} was dealt")


def _hash(share: str) -> bytes:
    try:
        return sha256(unb64(share))
    except NotCanonical:
        return b""


def _released(session: Session, entries: Sequence[Entry]) -> Iterator[str]:
    """An official's shares are those whose root and number its one act recorded."""
    parts = dict(session.execute(select(OpeningPart.lot_id + OpeningPart.part,
                                        OpeningPart.stage)).all())
    given: dict[tuple[str, int], list[OpeningShare]] = {}
    for one in session.scalars(select(OpeningShare).where(OpeningShare.holder != "tenderer")
                               .order_by(OpeningShare.bid_id, OpeningShare.part)):
        given.setdefault((one.holder, parts.get(one.lot_id + one.part, 0)), []).append(one)
    for entry in entries:
        stage = _RELEASES.get(entry.record["type"])
        if stage is None:
            continue
        shares = given.pop((entry.record["subject"], stage), [])
        facts = entry.record["facts"]
        if len(shares) != facts["count"] - len(facts["wrong"]) or not facts["wrong"] \
                and closing.list_root([_hash(one.share) for one in shares]).hex() != facts["root"]:
            yield (f"opening_share of {entry.record['subject']}: are not those of which "
                   f"{entry.name} speaks")
    for (holder, _), shares in given.items():
        yield f"opening_share {shares[0].id}: {holder} gave none that the record knows of"


def _keys(session: Session) -> Iterator[str]:
    """The kept key of an opened part opens the declared part, or what was handed in plain."""
    for row, part, plain in session.execute(
            select(OpenedPart, BidPart, PlainFile.seed)
            .join(BidPart, BidPart.id == OpenedPart.part_id)
            .outerjoin(PlainFile, (PlainFile.version_id == BidPart.version_id)
                       & (PlainFile.part == BidPart.part))):
        try:
            good = row.seed == plain or rules.check_recipient(unb64(row.seed, 32), part.recipient)
        except NotCanonical:
            good = False
        if not good:
            yield f"opened_part {row.id} of bid {row.bid_id}: its key opens another part"


def _found(session: Session, opening: Opening) -> Iterator[str]:
    """What a stage found of each bid, against its opening record."""
    lines = {line["bid"]: line for line in json.loads(opening.record)["bids"]}
    for bid in session.scalars(select(OpenedBid).where(OpenedBid.lot_id == opening.lot_id,
                                                       OpenedBid.stage == opening.stage)):
        line = lines.pop(bid.bid_id, None)
        form = (line or {}).get("form") or {}
        own = (bid.verdict, bid.reason, bid.price_fen, bid.period_days, bid.quality, bid.leader)
        if line is None or own != (line["verdict"], line["reason"], *map(
                form.get, ("price_fen", "period_days", "quality", "leader"))):
            yield f"opened_bid of bid {bid.bid_id}: is not what the opening record says"
    for bid_id in lines:
        yield f"opened_bid of bid {bid_id}: is gone, the opening record names it"
    if "form" in json.loads(opening.record)["parts"]:
        yield from _members(session, opening)


def _members(session: Session, opening: Opening) -> Iterator[str]:
    """The members of joint bids are those of the forms that the opening record shows."""
    wanted = {}
    for line in json.loads(opening.record)["bids"]:
        for one in ((line["form"] or {}).get("consortium") or {"members": ()})["members"]:
            wanted[line["bid"], one["uscc"]] = (one["duty"], one["uscc"] == line["tenderer"])
    for row in session.scalars(select(ConsortiumMember).where(
            ConsortiumMember.lot_id == opening.lot_id)):
        if wanted.pop((row.bid_id, row.uscc), None) != (row.duty, bool(row.lead)):
            yield f"consortium_member {row.id} of bid {row.bid_id}: is not what the form says"
    for bid_id, uscc in wanted:
        yield f"consortium_member {uscc} of bid {bid_id}: is gone, the opening record names it"
