"""What may be asked of an opening while it runs, and its record at the end."""

from __future__ import annotations

import json

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kernel.canonical import b64, time_text
from kernel.refusal import NOT_FOUND

from ..model import (
    FIRST,
    PRICES,
    Bid,
    BidPart,
    BidPlace,
    BidShare,
    BidVersion,
    Official,
    OfficialRelease,
    OpenedPart,
    Opening,
    OpeningRecordSignature,
    OpeningShare,
)
from ..refusals import NOT_YOURS
from .closing import last_closing
from .contents import form_ciphertext, plain_file, plain_text
from .found import faults_view


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
                          "heard": one.stated_at is not None,
                          "fault": one.fault or ("undecided" if one.omitted_at else None)}
                         for one in faults_view(session, lot_id) if one.stage == stage],
            "officials": [{"official": one.official_id, "released_at": one.released_at,
                           "wrong": one.wrong} for one in releases]}


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
        given = plain_file(session, row.bid_id, "form")
        forms.append({"bid": row.bid_id, "plain": given and plain_text(given),
                      "ciphertext": form_ciphertext(session, row.part_id)})
    more = session.scalars(select(Opening.id).where(
        Opening.lot_id == lot_id, Opening.stage == PRICES, Opening.record.is_not(None))).first()
    return {"lot_id": lot_id, "record": json.loads(opening.record),
            "record_hash": opening.record_hash, "forms": forms,
            "prices": record_view(session, lot_id, PRICES) if more and stage == FIRST else None,
            "signatures": [{"official": one.official_id, "signed_at": one.signed_at}
                           for one in signatures]}
