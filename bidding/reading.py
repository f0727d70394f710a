"""What others may ask of bids and openings; nothing here changes anything, and whoever calls
has asked authority before."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audit.act import wiring
from kernel.canonical import b64, time_text, unb64
from kernel.refusal import NOT_FOUND
from people.model import Account, Party

from . import age, blocks, content, promised, suites
from .content import Ciphertext
from .lifecycle import State, state
from .model import (
    FIRST,
    PRICES,
    Bid,
    BidBlock,
    BidPart,
    BidPlace,
    BidShare,
    BidVersion,
    HolderKey,
    Official,
    OfficialRelease,
    OpenedBid,
    OpenedPart,
    Opening,
    OpeningRecordSignature,
    OpeningShare,
    PlainFile,
    Rehearsal,
    StandingBid,
    UnopenedBid,
)
from .reading_closing import last_closing
from .refusals import DAMAGED, NOT_OPENED, NOT_YOURS

log = logging.getLogger("yangguang.bidding")

PLAIN_SUITE = "intl-pq-1"
"""In which the platform seals again what a tenderer hands in plain."""


@dataclass(frozen=True)
class Standing:
    """One standing bid as the closing and the opening see it."""

    bid_id: str
    version_id: str
    party_id: str
    declaration_hash: str
    submitted_at: datetime


def standing_bids(session: Session, lot_id: str) -> list[Standing]:
    """The bids that stand in a lot, in the order of their random ids; sealed until opened."""
    rows = session.execute(
        select(StandingBid.bid_id, BidVersion.id, StandingBid.party_id,
               BidVersion.declaration_hash, BidVersion.submitted_at)
        .join(BidVersion, BidVersion.id == StandingBid.version_id)
        .where(StandingBid.lot_id == lot_id).order_by(StandingBid.bid_id))
    return [Standing(*row) for row in rows]


def count_standing(session: Session, lot_id: str) -> int:
    """How many bids stand in a lot."""
    return session.execute(select(func.count()).select_from(StandingBid).where(
        StandingBid.lot_id == lot_id)).scalar_one()


def opened_bids(session: Session, lot_id: str) -> list[OpenedBid]:
    """The bids that were opened and are what they say, with price, period, quality, leader; in a
    lot of two envelopes without them until the prices are opened."""
    return [one for one in found_bids(session, lot_id) if one.verdict == "opened"]


def found_bids(session: Session, lot_id: str) -> list[OpenedBid]:
    """What the opening found of every bid, by id: of the last stage that looked at it."""
    last: dict[str, OpenedBid] = {}
    for one in session.scalars(select(OpenedBid).where(OpenedBid.lot_id == lot_id)
                               .order_by(OpenedBid.bid_id, OpenedBid.stage)):
        last[one.bid_id] = one
    return list(last.values())


def _found(session: Session, bid_id: str) -> OpenedBid | None:
    return session.scalars(select(OpenedBid).where(OpenedBid.bid_id == bid_id)
                           .order_by(OpenedBid.stage.desc()).limit(1)).one_or_none()


def tenderers(session: Session, lot_id: str) -> list[Party]:
    """The companies whose bids stood at the deadline, by code."""
    return list(session.scalars(
        select(Party).join(StandingBid, StandingBid.party_id == Party.id)
        .where(StandingBid.lot_id == lot_id).order_by(Party.uscc)))


def persons_in_lot(session: Session, lot_id: str) -> dict[str, set[str]]:
    """Who is opener or tenderer in a lot, for people's rule of one role a lot (Q20)."""
    openers = set(session.scalars(select(Official.person_id).where(Official.lot_id == lot_id)))
    companies = set(session.scalars(
        select(Account.person_id).join(StandingBid, StandingBid.party_id == Account.party_id)
        .where(StandingBid.lot_id == lot_id)))
    return {"opener": openers, "tenderer": companies}


def bid(session: Session, bid_id: str) -> Bid:
    """The bid, or NOT_FOUND."""
    found = session.get(Bid, bid_id)
    if found is None:
        raise NOT_FOUND()
    return found


def officials_of(session: Session, lot_id: str) -> list[Official]:
    """Officials and clock holders of a lot, in the order of their seats."""
    return list(session.scalars(select(Official).where(Official.lot_id == lot_id)
                                .order_by(Official.kind, Official.seat)))


def keys_of(session: Session, lot_id: str) -> list[dict]:
    """The opening keys of a lot, in the order of registration, with when each was rehearsed."""
    passed = dict(session.execute(
        select(Rehearsal.key_id, func.min(Rehearsal.passed_at)).where(Rehearsal.lot_id == lot_id)
        .group_by(Rehearsal.key_id)).all())
    rows = session.scalars(select(HolderKey).where(HolderKey.lot_id == lot_id)
                           .order_by(HolderKey.registered_at, HolderKey.id))
    return [{**{column.name: getattr(row, column.name) for column in HolderKey.__table__.columns},
             "rehearsed_at": passed.get(row.id)} for row in rows]


def version_state(session: Session, version: BidVersion) -> State:
    """Where a version stands, the opening's verdict and whose fault it was included."""
    found = _found(session, version.bid_id)
    verdict = found.verdict if found is not None and found.version_id == version.id else None
    if state(vars(version)) is not State.SUBMITTED:
        return state(vars(version), verdict)
    named = unopened_bid(session, version.bid_id)
    return state(vars(version), verdict, named and (named.fault or "undecided"))


def unopened_bid(session: Session, bid_id: str) -> UnopenedBid | None:
    """What became of a bid that could not be opened; None of any other."""
    return session.scalars(
        select(UnopenedBid).where(UnopenedBid.bid_id == bid_id)).one_or_none()


def versions_of(session: Session, bid_id: str) -> list[BidVersion]:
    """All versions of a bid, oldest first."""
    return list(session.scalars(select(BidVersion).where(BidVersion.bid_id == bid_id)
                                .order_by(BidVersion.version, BidVersion.declared_at)))


def version_view(session: Session, version: BidVersion) -> dict:
    """A version as its owner sees it: state, and for an unfinished one what has arrived."""
    reached = version_state(session, version)
    parts = []
    for part in session.scalars(select(BidPart).where(BidPart.version_id == version.id)
                                .order_by(BidPart.part)):
        last = session.execute(select(func.max(BidBlock.number)).where(
            BidBlock.part_id == part.id)).scalar_one()
        parts.append({"part": part.part, "size": part.size,
                      "ciphertext_hash": part.ciphertext_hash,
                      "offset": 0 if last is None else min(part.size, (last + 1) * blocks.BLOCK)})
    return {"bid": version.bid_id, "lot_id": version.lot_id, "party_id": version.party_id,
            "version": version.version, "state": reached.name,
            "state_text": {"zh": reached.zh, "en": reached.en}, "moves_next": reached.moves_next,
            "declaration_hash": version.declaration_hash, "declared_at": version.declared_at,
            "submitted_at": version.submitted_at, "block_size": blocks.BLOCK, "parts": parts,
            "receipt": version.receipt, "ending": version.ending}


def bid_view(session: Session, found: Bid) -> dict:
    """A bid as its owner sees it."""
    versions = [version_view(session, version) for version in versions_of(session, found.id)]
    return {"id": found.id, "lot_id": found.lot_id, "tender_id": found.tender_id,
            "party_id": found.party_id, "versions": versions}


def receipts_view(session: Session, found: Bid) -> dict:
    """The promises given for a bid, the proofs where the record holds them, the closing path."""
    versions, receipts = [], []
    for version in versions_of(session, found.id):
        proof = promised.evidence(session, version.entry_id)
        versions.append({
            "version": version.version, "state": version_state(session, version).name,
            "declaration_hash": version.declaration_hash, "submitted_at": version.submitted_at,
            "receipt": version.receipt, "ending": version.ending, "proof": proof.get("proof"),
            "leaf": proof.get("leaf")})
        receipts += promised.receipts_of(session, version)
    closed = last_closing(session, found.lot_id)
    root = closed and closed.root
    place = closed and session.scalars(select(BidPlace.place).where(
        BidPlace.bid_id == found.id, BidPlace.purpose == "closing",
        BidPlace.round == closed.round)).one_or_none()
    return {"bid": found.id, "lot_id": found.lot_id, "party_id": found.party_id,
            "versions": versions, "receipts": receipts,
            "refusals": promised.refusals_of(session, found.lot_id, found.party_id),
            "closing": {"root": root, "place": place, "round": closed.round}
            if root and place else None}


def stands(session: Session, lot_id: str, party_id: str) -> dict:
    """Whether a company's bid stands, and its version."""
    row = session.execute(
        select(BidVersion.version, BidVersion.bid_id)
        .join(StandingBid, StandingBid.version_id == BidVersion.id)
        .where(StandingBid.lot_id == lot_id, StandingBid.party_id == party_id)).one_or_none()
    return {"stands": row is not None, "bid": row and row.bid_id, "version": row and row.version}


def opening_of(session: Session, lot_id: str, stage: int = FIRST) -> Opening:
    """A stage of a lot's opening, or NOT_FOUND."""
    found = session.scalars(select(Opening).where(
        Opening.lot_id == lot_id, Opening.stage == stage)).one_or_none()
    if found is None:
        raise NOT_FOUND()
    return found


def opening_view(session: Session, lot_id: str, stage: int = FIRST) -> dict:
    """The course of an opening: counts and times, no names and no prices before its end."""
    opening = opening_of(session, lot_id, stage)
    parts = list(opening.roots)
    total = session.execute(select(func.count()).select_from(BidPlace).where(
        BidPlace.lot_id == lot_id, BidPlace.purpose == parts[0])).scalar_one()
    own = session.execute(select(func.count(func.distinct(OpeningShare.bid_id))).where(
        OpeningShare.lot_id == lot_id, OpeningShare.part.in_(parts),
        OpeningShare.holder == "tenderer")).scalar_one()
    releases = session.scalars(
        select(OfficialRelease).where(OfficialRelease.lot_id == lot_id,
                                      OfficialRelease.stage == stage)
        .order_by(OfficialRelease.released_at)).all()
    return {"lot_id": lot_id, "stage": stage, "authorised_at": opening.authorised_at,
            "ends_at": opening.ends_at, "complete_at": opening.complete_at,
            "opened_at": opening.opened_at, "roots": opening.roots, "bids": total,
            "tenderers_given": own,
            "unopened": [{"bid": one.bid_id, "reason": one.reason,
                          "heard_until": time_text(one.heard_until),
                          "heard": one.stated_at is not None, "fault": one.fault}
                         for one in _unopened(session, lot_id) if one.stage == stage],
            "officials": [{"official": one.official_id, "released_at": one.released_at,
                           "wrong": one.wrong} for one in releases]}


def _unopened(session: Session, lot_id: str) -> list[UnopenedBid]:
    return list(session.scalars(select(UnopenedBid).where(UnopenedBid.lot_id == lot_id)
                                .order_by(UnopenedBid.bid_id)))


def faults_view(session: Session, lot_id: str) -> list[UnopenedBid]:
    """What whoever decides about the unopened bids must read first: reasons and statements."""
    return _unopened(session, lot_id)


def wraps_view(session: Session, lot_id: str, account_id: str, stage: int = FIRST) -> dict:
    """All an official's program needs: its wraps, each bid's declaration, both places, roots."""
    official = session.scalars(select(Official).where(
        Official.lot_id == lot_id, Official.account_id == account_id)).one_or_none()
    if official is None:
        raise NOT_FOUND() if stage == FIRST else NOT_YOURS()
    opening, closed = opening_of(session, lot_id, stage), last_closing(session, lot_id)
    places: dict[str, dict[str, dict]] = {}
    for row in session.execute(
            select(BidPlace.bid_id, BidPlace.purpose, BidPlace.place).where(
                BidPlace.lot_id == lot_id,
                BidPlace.purpose.in_(opening.roots)
                | ((BidPlace.purpose == "closing") & (BidPlace.round == closed.round)))):
        places.setdefault(row.bid_id, {})[row.purpose] = row.place
    found: dict[str, dict] = {}
    for row in session.execute(
            select(BidVersion.bid_id, BidVersion.declaration, BidVersion.declaration_hash,
                   BidPart.part, BidShare.path, BidShare.wrap)
            .join(BidPlace, BidPlace.version_id == BidVersion.id)
            .join(BidPart, (BidPart.version_id == BidVersion.id)
                  & (BidPart.part == BidPlace.purpose))
            .join(BidShare, BidShare.part_id == BidPart.id)
            .where(BidPlace.lot_id == lot_id, BidPlace.purpose.in_(opening.roots),
                   BidShare.holder == official.id)
            .order_by(BidVersion.bid_id, BidPart.part)):
        one = found.setdefault(row.bid_id, {
            "bid": row.bid_id, "declaration": row.declaration,
            "place": places[row.bid_id]["closing"], "parts": []})
        one["parts"].append({"part": row.part, "path": row.path, "wrap": b64(row.wrap),
                             "place": places[row.bid_id][row.part]})
    return {"lot_id": lot_id, "official": official.id, "ends_at": opening.ends_at,
            "closing_root": closed.root, "roots": opening.roots, "bids": list(found.values())}


def record_view(session: Session, lot_id: str, stage: int = FIRST) -> dict:
    """An opening record, who signed it, the published form parts as ciphertext; under `prices`
    the second record of a lot of two envelopes, once there is one."""
    opening = opening_of(session, lot_id, stage)
    if opening.record is None:
        raise NOT_FOUND()
    signatures = session.scalars(
        select(OpeningRecordSignature).where(OpeningRecordSignature.lot_id == lot_id)
        .order_by(OpeningRecordSignature.signed_at)).all() if stage == FIRST else []
    forms = []
    for row in session.scalars(
            select(OpenedPart).join(Bid, Bid.id == OpenedPart.bid_id)
            .where(Bid.lot_id == lot_id, OpenedPart.part == "form")
            .order_by(OpenedPart.bid_id)) if "form" in opening.roots else ():
        given = _plain_file(session, row.bid_id, "form")
        forms.append({"bid": row.bid_id, "plain": given and _plain_text(given),
                      "ciphertext": _form_ciphertext(session, row.part_id)})
    more = session.scalars(select(Opening.id).where(
        Opening.lot_id == lot_id, Opening.stage == PRICES, Opening.record.is_not(None))).first()
    return {"lot_id": lot_id, "record": json.loads(opening.record),
            "record_hash": opening.record_hash, "forms": forms,
            "prices": record_view(session, lot_id, PRICES) if more and stage == FIRST else None,
            "signatures": [{"official": one.official_id, "signed_at": one.signed_at}
                           for one in signatures]}


def _plain_file(session: Session, bid_id: str, part: str) -> PlainFile | None:
    return session.scalars(select(PlainFile).where(
        PlainFile.bid_id == bid_id, PlainFile.part == part)).one_or_none()


def _plain_sealed(given: PlainFile) -> Ciphertext:
    return Ciphertext(wiring().store.open, given.blocks, given.size)


def _plain_text(given: PlainFile) -> str | None:
    try:
        sealed, identity = _plain_sealed(given), suites.get(PLAIN_SUITE).identity(unb64(given.seed))
        return b64(b"".join(age.Opened(sealed.read_at, sealed.size, [identity]).chunks()))
    except age.Damaged as damaged:
        log.error("the plain form of bid %s cannot be shown: %s", given.bid_id, damaged)
        return None


def _form_ciphertext(session: Session, part_id: str) -> str | None:
    sealed = ciphertext_of(session, session.get_one(BidPart, part_id))
    try:
        return b64(sealed.read_at(0, sealed.size))
    except age.Damaged as damaged:
        # One decayed file must not hide the record of the others; the log names it.
        log.error("the form part %s cannot be shown: %s", part_id, damaged)
        return None


def ciphertext_of(session: Session, part: BidPart) -> Ciphertext:
    """The stored ciphertext of a part."""
    hashes = list(session.scalars(select(BidBlock.hash).where(BidBlock.part_id == part.id)
                                  .order_by(BidBlock.number)))
    return Ciphertext(wiring().store.open, hashes, part.size)


def object_names(session: Session) -> set[str]:
    """The stored objects that blocks refer to, by their SHA-256 in hex."""
    known = set(session.scalars(select(BidBlock.hash)))
    return known.union(*session.scalars(select(PlainFile.blocks)))


def content_view(session: Session, bid_id: str) -> dict:
    """The files inside an opened bid, by part. Raises NOT_OPENED."""
    found = _found(session, bid_id)
    if found is None or found.verdict != "opened":
        raise NOT_OPENED()
    parts = session.scalars(select(OpenedPart).where(OpenedPart.bid_id == bid_id)
                            .order_by(OpenedPart.part))
    return {"bid": bid_id, "lot_id": found.lot_id, "party_id": found.party_id,
            "price_fen": found.price_fen, "period_days": found.period_days,
            "quality": found.quality, "leader": found.leader,
            "parts": [{"part": part.part, "files": [
                {key: file[key] for key in ("name", "size", "hash")} for file in part.files]}
                for part in parts]}


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
    given = _plain_file(session, bid_id, part)
    if given is not None and given.seed == found.seed:
        sealed, suite = _plain_sealed(given), suites.get(PLAIN_SUITE)
    try:
        pieces = content.stream(sealed, suite.identity(unb64(found.seed, 32)), file)
        first = next(pieces, b"")
    except (age.Damaged, age.NotAge, age.NoMatch, age.WrongMac) as error:
        raise DAMAGED() from error
    return file["size"], chain((first,), pieces)
