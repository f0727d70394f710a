"""What an opening asks of one official: its lots, its key, what it has given and signed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.actor import Actor
from kernel.refusal import NOT_FOUND
from people.relations import relations
from tender.lifecycle import Phase, phase
from tender.model import Lot, Tender
from tender.reading import facts_of

from ..model import (
    PRICES,
    Bid,
    Official,
    OfficialRelease,
    Opening,
    OpeningRecordSignature,
    OpeningShare,
    PlainFile,
    UnopenedBid,
)
from .holders import keys_of

OVER = {Phase.AWARDED, Phase.CONTRACTED, Phase.ARCHIVED, Phase.TERMINATED, Phase.FAILED}
"""Phases in which an opening asks nothing of its officials any more."""


def own_openings(session: Session, actor: Actor, now: datetime,
                 lot_id: str | None = None) -> list[dict]:
    """The openings that the actor is an official or clock holder of, the earliest deadline first;
    with `lot_id` that of one lot, whatever its phase. Nobody learns of any bid by it."""
    if "opener_unassigned" not in relations(session, actor, now):
        return []
    statement = (select(Official, Lot, Tender).join(Lot, Lot.id == Official.lot_id)
                 .join(Tender, Tender.id == Lot.tender_id)
                 .where(Official.account_id == actor.account_id))
    if lot_id is not None:
        statement = statement.where(Official.lot_id == lot_id)
    rows = session.execute(statement.order_by(Lot.deadline, Lot.id)).all()
    facts = facts_of(session, [lot.id for _, lot, _ in rows])
    found = []
    for official, lot, tender in rows:
        stands = phase(facts[lot.id], now)
        if lot_id is not None or stands not in OVER:
            found.append(_view(session, official, lot, tender, stands))
    return found


def own_opening(session: Session, actor: Actor, now: datetime, lot_id: str) -> dict:
    """That of one lot; NOT_FOUND for everybody else."""
    found = own_openings(session, actor, now, lot_id)
    if not found:
        raise NOT_FOUND()
    return found[0]


def own_row(session: Session, bid: Bid) -> dict:
    """How one's own bid stands in its lot's opening: what was asked of it and what was given."""
    stages = []
    for one in session.scalars(select(Opening).where(Opening.lot_id == bid.lot_id)
                               .order_by(Opening.stage)):
        given = session.scalars(select(OpeningShare.given_at).where(
            OpeningShare.bid_id == bid.id, OpeningShare.holder == "tenderer",
            OpeningShare.part.in_(list(one.roots))).limit(1)).first()
        plain = session.scalars(select(PlainFile.part).where(
            PlainFile.bid_id == bid.id, PlainFile.part.in_(list(one.roots)))).all()
        stages.append({
            "stage": one.stage, "prices": one.stage == PRICES, "parts": sorted(one.roots),
            "authorised_at": one.authorised_at, "ends_at": one.ends_at,
            "complete_at": one.complete_at, "opened_at": one.opened_at, "given_at": given,
            "record_hash": one.record_hash, "plain": sorted(plain)})
    unopened = session.scalars(select(UnopenedBid.reason).where(
        UnopenedBid.bid_id == bid.id)).first()
    return {"bid": bid.id, "lot_id": bid.lot_id, "stages": stages, "unopened": unopened}


def _view(session: Session, official: Official, lot: Lot, tender: Tender, stands: Phase) -> dict:
    key = next((one for one in keys_of(session, lot.id) if one["official_id"] == official.id), None)
    signed = session.scalars(select(OpeningRecordSignature.signed_at).where(
        OpeningRecordSignature.lot_id == lot.id,
        OpeningRecordSignature.official_id == official.id)).first()
    return {
        "official": official.id, "kind": official.kind, "seat": official.seat, "lot_id": lot.id,
        "tender_id": tender.id, "tender_title": tender.title, "lot_number": lot.number,
        "lot_title": lot.title, "phase": stands.name, "suite": lot.suite,
        "policy": (lot.access or {}).get("policy"), "needed": (lot.access or {}).get("needed"),
        "two_envelopes": lot.two_envelopes, "deadline": lot.deadline, "opening_at": lot.opening_at,
        "key": key, "stages": list(_stages(session, official, lot.id)), "signed_at": signed}


def _stages(session: Session, official: Official, lot_id: str) -> Iterator[dict]:
    """Each stage that was authorised, with when this official gave its shares."""
    given = dict(session.execute(select(OfficialRelease.stage, OfficialRelease.released_at).where(
        OfficialRelease.lot_id == lot_id, OfficialRelease.official_id == official.id)).all())
    for one in session.scalars(select(Opening).where(Opening.lot_id == lot_id)
                               .order_by(Opening.stage)):
        yield {"stage": one.stage, "prices": one.stage == PRICES,
               "authorised_at": one.authorised_at, "ends_at": one.ends_at,
               "complete_at": one.complete_at, "opened_at": one.opened_at,
               "given_at": given.get(one.stage), "record_hash": one.record_hash}

