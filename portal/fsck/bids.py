"""Sealed bids as rows against each other: what was declared, the closing tree, the receipts."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.note import Verifier
from bidding import closing, promise
from bidding.model import BidPart, BidPlace, BidShare, BidVersion, LotClosing, StandingBid
from kernel.canonical import NotCanonical, sha256, time_text
from tender.model import Lot

from .entries import Entry

_BID_ACTS = {"bid.submitted", "bid.replaced", "bid.withdrawn"}


def declared(session: Session) -> Iterator[str]:
    """Parts and shares against the signed declaration (whose hash is in the record)."""
    parts, shares = defaultdict(list), defaultdict(list)
    for one in session.scalars(select(BidPart)):
        parts[one.version_id].append(one)
    for one in session.scalars(select(BidShare)):
        shares[one.part_id].append(one)
    for version in session.scalars(select(BidVersion)):
        try:
            declared = json.loads(version.declaration)["parts"]
        except (ValueError, KeyError):
            continue
        wanted = {row["part"]: row for row in declared}
        for part in parts[version.id]:
            row = wanted.pop(part.part, None)
            own = {name: getattr(part, name) for name in (
                "recipient", "manifest_hash", "ciphertext_hash", "size")}
            if row is None or own != {name: row[name] for name in own}:
                yield f"bid_part {part.id} of bid {version.bid_id}: is not what was declared"
                continue
            told = {one["path"]: one for one in row["shares"]}
            for share in shares[part.id]:
                one = told.get(share.path)
                wrapped = sha256(share.wrap).hex() if share.wrap is not None else None
                if one is None or share.share_hash != one["share_hash"] or (
                        wrapped is not None and wrapped != one["wrap_hash"]):
                    yield f"bid_share {share.id} of bid {version.bid_id}: is not what was declared"
        if wanted and version.abandoned_at is None:
            yield f"bid {version.bid_id}: declared parts have no rows: {', '.join(sorted(wanted))}"


def closings(session: Session, entries: Sequence[Entry]) -> Iterator[str]:
    """A closed lot holds exactly the bids of its closing tree, and nothing came in after it; of
    a lot whose deadline was restored the last round's close counts."""
    versions = {one.id: one for one in session.scalars(select(BidVersion))}
    present = dict(session.execute(select(Lot.id, Lot.round)).all())
    for closed in session.scalars(select(LotClosing)):
        places = {}
        for row in session.scalars(select(BidPlace).where(
                BidPlace.lot_id == closed.lot_id, BidPlace.purpose == "closing",
                BidPlace.round == closed.round)):
            places[row.bid_id] = row
            if not _placed(closed.root, row, versions):
                yield f"bid {row.bid_id}: its place is not in the closing tree of lot {closed.lot_id}"
        if closed.round == present.get(closed.lot_id):
            standing = set(session.scalars(select(StandingBid.bid_id).where(
                StandingBid.lot_id == closed.lot_id)))
            for bid in sorted(standing - places.keys()):
                yield f"bid {bid}: stands in lot {closed.lot_id} and was not there at its closing"
            for bid in sorted(places.keys() - standing):
                yield f"bid {bid}: was there at the closing of lot {closed.lot_id} and stands no more"
        yield from _late(closed, entries)


def _placed(root: str, row: BidPlace, versions: dict[str, BidVersion]) -> bool:
    try:
        return closing.verify(root, row.bid_id, versions[row.version_id].declaration_hash,
                              closing.Place.from_json(row.place))
    except (NotCanonical, KeyError):
        return False


def _late(closed: LotClosing, entries: Sequence[Entry]) -> Iterator[str]:
    """What came in between a close and the restored deadline after it, if there is one."""
    own = [one for one in entries if one.record.get("lot") == closed.lot_id]
    end = next((one for one in own if one.record["type"] == "lot.closed"
                and one.said("facts.round") in (closed.round, None)), None)
    if end is None:
        return
    until = min((one.record["at"] for one in own if one.record["type"] == "deadline.restored"
                 and one.record["at"] > end.record["at"]), default=None)
    for one in own:
        if one.record["type"] in _BID_ACTS and (until is None or one.record["at"] < until) and (
                one.record["at"] >= end.record["at"]
                or one.position is None and end.position is not None and until is None):
            yield f"bid {one.record['subject']}: {one.name} came in after the closing"


def receipts(session: Session, platform: Verifier) -> Iterator[str]:
    """The promises that were given: signed by us, of this version, of this time."""
    for version in session.scalars(select(BidVersion).where(BidVersion.receipt.is_not(None))):
        try:
            value = promise.read(version.receipt, platform)
            told = (value["bid"], value["declaration"], value["received_at"])
        except (promise.BadPromise, KeyError) as error:
            yield f"bid {version.bid_id}: its receipt is none: {error}"
            continue
        own = (version.bid_id, version.declaration_hash,
               version.submitted_at and time_text(version.submitted_at))
        if told != own:
            yield f"bid {version.bid_id}: its receipt says another declaration or time"
