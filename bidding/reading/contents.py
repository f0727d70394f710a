"""What lies inside the parts of a bid: stored ciphertext, and the files of what was opened."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.act import wiring
from kernel.canonical import b64, unb64
from kernel.refusal import NOT_FOUND
from tender.scanned import OPENED, header_of, scans_of

from .. import age, content, suites
from ..content import Ciphertext
from ..model import (
    BidBlock,
    BidPart,
    OpenedBid,
    OpenedPart,
    PlainFile,
)
from ..refusals import DAMAGED, NOT_OPENED
from .found import found_bid

log = logging.getLogger("yangguang.bidding")


PLAIN_SUITE = "intl-pq-1"
"""In which the platform seals again what a tenderer hands in plain."""


def ciphertext_of(session: Session, part: BidPart) -> Ciphertext:
    """The stored ciphertext of a part."""
    hashes = list(session.scalars(select(BidBlock.hash).where(BidBlock.part_id == part.id)
                                  .order_by(BidBlock.number)))
    return Ciphertext(wiring().store.open, hashes, part.size)


def object_names(session: Session) -> set[str]:
    """The stored objects that blocks refer to, by their SHA-256 in hex."""
    known = set(session.scalars(select(BidBlock.hash)))
    return known.union(*session.scalars(select(PlainFile.blocks)))


def plain_file(session: Session, bid_id: str, part: str) -> PlainFile | None:
    """What a tenderer handed in plain for a part; None of any other."""
    return session.scalars(select(PlainFile).where(
        PlainFile.bid_id == bid_id, PlainFile.part == part)).one_or_none()


def _plain_sealed(given: PlainFile) -> Ciphertext:
    return Ciphertext(wiring().store.open, given.blocks, given.size)


def plain_archive(given: PlainFile) -> Iterator[bytes]:
    """The plain archive that was handed in, piece by piece; raises age.Damaged."""
    sealed, identity = _plain_sealed(given), suites.get(PLAIN_SUITE).identity(unb64(given.seed))
    return age.Opened(sealed.read_at, sealed.size, [identity]).chunks()


def plain_text(given: PlainFile) -> str | None:
    """The content of a part handed in plain, in base64; None where it has decayed."""
    try:
        return b64(b"".join(plain_archive(given)))
    except age.Damaged as damaged:
        log.error("the plain form of bid %s cannot be shown: %s", given.bid_id, damaged)
        return None


def form_ciphertext(session: Session, part_id: str) -> str | None:
    """A form part as it came, in base64; None where it has decayed."""
    sealed = ciphertext_of(session, session.get_one(BidPart, part_id))
    try:
        return b64(sealed.read_at(0, sealed.size))
    except age.Damaged as damaged:
        # One decayed file must not hide the record of the others; the log names it.
        log.error("the form part %s cannot be shown: %s", part_id, damaged)
        return None


def content_view(session: Session, bid_id: str) -> dict:
    """The files inside an opened bid, by part. Raises NOT_OPENED."""
    found = found_bid(session, bid_id)
    if found is None or found.verdict != "opened":
        raise NOT_OPENED()
    return content_views(session, [found])[0]


def content_views(session: Session, opened: Sequence[OpenedBid]) -> list[dict]:
    """The files inside opened bids, by part: of all in as many questions as of one."""
    parts = defaultdict(list)
    for part in session.scalars(select(OpenedPart).where(
            OpenedPart.bid_id.in_([one.bid_id for one in opened])).order_by(OpenedPart.part)):
        parts[part.bid_id].append(part)
    scans = scans_of(session, OPENED, [file["hash"] for own in parts.values() for part in own
                                       for file in part.files])
    return [{"bid": one.bid_id, "lot_id": one.lot_id, "party_id": one.party_id,
             "price_fen": one.price_fen, "period_days": one.period_days,
             "quality": one.quality, "leader": one.leader,
             "parts": [{"part": part.part, "files": [
                 {key: file[key] for key in ("name", "size", "hash")}
                 | {"scan": scans[file["hash"]]} for file in part.files]}
                 for part in parts[one.bid_id]]} for one in opened]


def scan_header(session: Session, bid_id: str, part: str, name: str) -> str:
    """What a virus scanner said of one file of an opened bid, for its download."""
    files = session.scalars(select(OpenedPart.files).where(
        OpenedPart.bid_id == bid_id, OpenedPart.part == part)).one()
    return header_of(session, OPENED, next(one["hash"] for one in files if one["name"] == name))


def read_member(session: Session, bid_id: str, part: str,
                name: str) -> tuple[int, Iterator[bytes]]:
    """Size and decrypted bytes of one file of an opened bid. NOT_FOUND, NOT_OPENED, DAMAGED.

    Damage further in ends the bytes with age.Damaged: fewer come than were said, none are false.
    """
    found = session.scalars(select(OpenedPart).where(
        OpenedPart.bid_id == bid_id, OpenedPart.part == part)).one_or_none()
    if found is None:
        content_view(session, bid_id)
        raise NOT_FOUND()
    file = next((one for one in found.files if one["name"] == name), None)
    if file is None:
        raise NOT_FOUND()
    declared = session.get_one(BidPart, found.part_id)
    sealed, suite = ciphertext_of(session, declared), suites.of_recipient(declared.recipient)
    given = plain_file(session, bid_id, part)
    if given is not None and given.seed == found.seed:
        sealed, suite = _plain_sealed(given), suites.get(PLAIN_SUITE)
    try:
        pieces = content.stream(sealed, suite.identity(unb64(found.seed, 32)), file)
        first = next(pieces, b"")
    except (age.Damaged, age.NotAge, age.NoMatch, age.WrongMac) as error:
        raise DAMAGED() from error
    return file["size"], chain((first,), pieces)
