"""What may be asked of bids: which stand, and each as its owner sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kernel.refusal import NOT_FOUND
from people.model import Party

from .. import blocks
from ..lifecycle import State, state
from ..model import (
    Bid,
    BidBlock,
    BidPart,
    BidVersion,
    StandingBid,
)
from .found import found_bid, unopened_bid


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


def stands(session: Session, lot_id: str, party_id: str) -> dict:
    """Whether a company's bid stands, and its version."""
    row = session.execute(
        select(BidVersion.version, BidVersion.bid_id)
        .join(StandingBid, StandingBid.version_id == BidVersion.id)
        .where(StandingBid.lot_id == lot_id, StandingBid.party_id == party_id)).one_or_none()
    return {"stands": row is not None, "bid": row and row.bid_id, "version": row and row.version}


def tenderers(session: Session, lot_id: str) -> list[Party]:
    """The companies whose bids stood at the deadline, by code."""
    return list(session.scalars(
        select(Party).join(StandingBid, StandingBid.party_id == Party.id)
        .where(StandingBid.lot_id == lot_id).order_by(Party.uscc)))


def bid(session: Session, bid_id: str) -> Bid:
    """The bid, or NOT_FOUND."""
    found = session.get(Bid, bid_id)
    if found is None:
        raise NOT_FOUND()
    return found


def versions_of(session: Session, bid_id: str) -> list[BidVersion]:
    """All versions of a bid, oldest first."""
    return list(session.scalars(select(BidVersion).where(BidVersion.bid_id == bid_id)
                                .order_by(BidVersion.version, BidVersion.declared_at)))


def version_state(session: Session, version: BidVersion) -> State:
    """Where a version stands, the opening's verdict and whose fault it was included."""
    found = found_bid(session, version.bid_id)
    verdict = found.verdict if found is not None and found.version_id == version.id else None
    if state(vars(version)) is not State.SUBMITTED:
        return state(vars(version), verdict)
    named = unopened_bid(session, version.bid_id)
    return state(vars(version), verdict, named and (
        named.fault or ("omitted" if named.omitted_at else "undecided")))


_SHOWN = {"bid": "bid_id"} | {name: name for name in (
    "lot_id", "party_id", "version", "declaration_hash", "declared_at")}


def version_view(session: Session, version: BidVersion) -> dict:
    """A version as its owner sees it: state, and for an unfinished one what has arrived."""
    rows = session.execute(
        select(BidPart.part, BidPart.size, BidPart.ciphertext_hash, func.max(BidBlock.number))
        .outerjoin(BidBlock, BidBlock.part_id == BidPart.id)
        .where(BidPart.version_id == version.id).group_by(BidPart.id).order_by(BidPart.part))
    parts = [_part(*row) for row in rows]
    known = {name: getattr(version, name) for name in _SHOWN.values()}
    return _view(known, version_state(session, version), parts) | {
        "submitted_at": version.submitted_at, "receipt": version.receipt, "ending": version.ending}


def declared_view(version: dict, parts: list[dict]) -> dict:
    """The same of a version that was declared this moment, from what was written."""
    found = [_part(part["part"], part["size"], part["ciphertext_hash"], None)
             for part in sorted(parts, key=lambda part: part["part"])]
    return _view(version, State.DECLARED, found) | {
        "submitted_at": None, "receipt": None, "ending": None}


def _part(part: str, size: int, ciphertext_hash: str, last: int | None) -> dict:
    return {"part": part, "size": size, "ciphertext_hash": ciphertext_hash,
            "offset": 0 if last is None else min(size, (last + 1) * blocks.BLOCK)}


def _view(version: Mapping, reached: State, parts: list[dict]) -> dict:
    return {name: version[key] for name, key in _SHOWN.items()} | {
        "state": reached.name, "state_text": {"zh": reached.zh, "en": reached.en},
        "moves_next": reached.moves_next, "block_size": blocks.BLOCK, "parts": parts}


def bid_view(session: Session, found: Bid) -> dict:
    """A bid as its owner sees it."""
    versions = [version_view(session, version) for version in versions_of(session, found.id)]
    return {"id": found.id, "lot_id": found.lot_id, "tender_id": found.tender_id,
            "party_id": found.party_id, "versions": versions}
