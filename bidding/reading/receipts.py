"""What was promised to a company and how the record bears it out: its receipts, whole.

Each is an object as `bidding/receipt/` reads it, so that its holder needs nothing else of ours.
"""

from __future__ import annotations

import json

from sqlalchemy import select
from sqlalchemy.orm import Session

import audit.reading
from audit.model import Disclosure
from kernel.canonical import b64
from kernel.refusal import Refused

from .. import closing, receipt
from ..model import Bid, BidPlace, BidRefusal, BidVersion, DigestLeaf, SecurityDigest
from .bids import version_state, versions_of
from .closing import last_closing


def receipts_view(session: Session, found: Bid) -> dict:
    """The promises given for a bid, the proofs where the record holds them, the closing path."""
    versions, receipts = [], []
    for version in versions_of(session, found.id):
        proof = evidence(session, version.entry_id)
        versions.append({
            "version": version.version, "state": version_state(session, version).name,
            "declaration_hash": version.declaration_hash, "submitted_at": version.submitted_at,
            "receipt": version.receipt, "ending": version.ending, "proof": proof.get("proof"),
            "leaf": proof.get("leaf")})
        receipts += receipts_of(session, version)
    closed = last_closing(session, found.lot_id)
    root = closed and closed.root
    place = closed and session.scalars(select(BidPlace.place).where(
        BidPlace.bid_id == found.id, BidPlace.purpose == "closing",
        BidPlace.round == closed.round)).one_or_none()
    return {"bid": found.id, "lot_id": found.lot_id, "party_id": found.party_id,
            "versions": versions, "receipts": receipts,
            "refusals": refusals_of(session, found.lot_id, found.party_id),
            "closing": {"root": root, "place": place, "round": closed.round}
            if root and place else None}


def receipts_of(session: Session, version: BidVersion) -> list[dict]:
    """The receipts of one version: of its acceptance, and of its withdrawal."""
    found = []
    if version.receipt:
        found.append(receipt.make(version.receipt, **evidence(session, version.entry_id),
                                  closing=_closing(session, version)))
    if version.ending:
        found.append(receipt.make(version.ending, **evidence(session, version.ending_entry_id)))
    return found


def evidence(session: Session, entry_id: str | None) -> dict:
    """Proof and leaf of an entry and, where there is one, its time stamp; empty while it waits."""
    if entry_id is None:
        return {}
    try:
        found = {"proof": audit.reading.tlog_proof(session, entry_id),
                 "leaf": b64(audit.reading.leaf_of(session, entry_id))}
        stamped = audit.reading.stamped_proof(session, entry_id)
    except Refused:
        return {}
    if stamped is not None:
        found |= {"stamped": stamped[0], "token": b64(stamped[1])}
    return found


def _closing(session: Session, version: BidVersion) -> dict | None:
    """The version's path to the closing root, with the proof of the lot's close."""
    place = session.scalars(select(BidPlace.place).where(
        BidPlace.version_id == version.id, BidPlace.purpose == "closing")).first()
    if place is None:
        return None
    where = closing.Place.from_json(place)
    for row in session.scalars(select(Disclosure).where(
            Disclosure.lot_id == version.lot_id, Disclosure.type == "lot.closed")):
        root = json.loads(row.record)["facts"]["root"]
        if closing.verify(root, version.bid_id, version.declaration_hash, where):
            proof = evidence(session, row.entry_id)
            return {"place": place, "proof": proof["proof"], "leaf": proof["leaf"]} if proof \
                else None
    return None


def refusals_of(session: Session, lot_id: str, party_id: str) -> list[dict]:
    """A company's refusals in a lot, those of declarations that never became bids among them."""
    rows = session.execute(
        select(BidRefusal, DigestLeaf.place, SecurityDigest.entry_id)
        .outerjoin(DigestLeaf, DigestLeaf.of_id == BidRefusal.id)
        .outerjoin(SecurityDigest, SecurityDigest.id == DigestLeaf.digest_id)
        .where(BidRefusal.lot_id == lot_id, BidRefusal.party_id == party_id)
        .order_by(BidRefusal.at, BidRefusal.id)).all()
    digests = {entry_id: evidence(session, entry_id) for _, _, entry_id in rows}
    return [{"at": one.at, "code": one.code, "promise": one.promise, "bid": one.bid_id,
             "receipt": receipt.make(one.promise, **digests[entry_id], place=place)
             if digests[entry_id] else receipt.make(one.promise)}
            for one, place, entry_id in rows]
