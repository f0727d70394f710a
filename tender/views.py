"""What a lot and a tender look like from outside, gathered in the request's session."""

from __future__ import annotations

import json

from sqlalchemy import select
from sqlalchemy.orm import load_only

from audit.act import wiring
from kernel.db import Installation
from people.exchange import moment, reading
from people.model import Party

from . import fee, files, regime
from .lifecycle import Facts, Phase, ocds_status, phase, rank_of_tender
from .model import Lot, Notice, Tender
from .reading import documents_of, facts_of, item_counts, live_notice, lots_of, until_of
from .scanned import with_scans
from .schedule import schedule


def lot_view(lot: Lot) -> dict[str, object]:
    """A lot as LotOut shows it, read in the request's session."""
    session = reading()
    return lot_views([lot], facts_of(session, [lot.id]), live_notice(session, lot.tender_id))[0]


def lot_views(lots: list[Lot], facts: dict[str, Facts],
              notice: Notice | None) -> list[dict[str, object]]:
    """Lots of one tender as LotOut shows them, with as many queries as for one; `notice` is the
    tender's that stands."""
    session, settings = reading(), wiring().settings
    installation = session.get(Installation, 1)
    counts = item_counts(session, lots)
    shared = {
        "limits": {"document_bytes": files.LIMIT, **settings["bid_limits"]},
        "seal": {"log_origin": installation.log_origin if installation else None,
                 "log_vkey": settings.get("log_vkey"),
                 "platform_vkey": settings.get("platform_vkey")},
        "sealer": sealer_of(notice, settings.get("offline_sealer"))}
    return [_lot(lot, facts[lot.id]) | {"items_count": counts.get(lot.id, 0)} | shared
            for lot in lots]


def _lot(lot: Lot, facts: Facts) -> dict[str, object]:
    now_in = phase(facts, moment())
    columns = {column.name: getattr(lot, column.name) for column in Lot.__table__.columns}
    return columns | {
        "lot_id": lot.id, "opening_at": lot.opening_at, "published_at": facts.published,
        "in_phase": now_in, "phase": now_in.name, "status": ocds_status(now_in, facts),
        "phase_text": {"zh": now_in.zh, "en": now_in.en}, "moves_next": now_in.moves_next,
        "dates": schedule(lot, lot.profile, facts, suspended_until=until_of(
            reading(), lot.id, facts)) if lot.profile else (),
        "fee": fee.saved(lot.category, lot.price_ceiling_fen)}


def sealer_of(notice: Notice | None, offered: dict[str, str] | None) -> dict[str, object] | None:
    """The offline sealer that the notice names, and where it is to be had if we still have it."""
    named = json.loads(notice.content)["more"].get("sealer") if notice is not None else None
    if named is None:
        return None
    here = offered is not None and offered["sha256"] == named
    return {"sha256": named, "url": offered["url"] if here else None}


def tender_view(tender: Tender) -> dict[str, object]:
    """A tender as TenderOut shows it, read in the request's session."""
    session = reading()
    notice, lots = live_notice(session, tender.id), lots_of(session, tender.id)
    facts = facts_of(session, [lot.id for lot in lots])
    phases = {lot_id: phase(one, moment()) for lot_id, one in facts.items()}
    columns = {column.name: getattr(tender, column.name) for column in Tender.__table__.columns}
    row = _row(tender, lots, facts, phases, session.get_one(Party, tender.buyer_id))
    return row | columns | {
        "tender_id": tender.id, "notice": notice,
        "procurement_method": regime.procurement_method(lot.method for lot in lots),
        "in_phase": Phase[row["phase"]], "lots": lot_views(lots, facts, notice),
        "documents": with_scans(session, documents_of(session, tender.id))}


LISTED_LOT = load_only(Lot.id, Lot.tender_id, Lot.number, Lot.title, Lot.category, Lot.regime,
                       Lot.deadline, Lot.price_ceiling_fen)
"""What lists show of a lot: not its profile and the other texts, which are long."""


def tender_rows(tenders: list[Tender]) -> list[dict[str, object]]:
    """Tenders as TenderRow shows them, with as many queries as for one."""
    session, now = reading(), moment()
    lots: dict[str, list[Lot]] = {tender.id: [] for tender in tenders}
    for lot in session.scalars(select(Lot).options(LISTED_LOT).where(Lot.tender_id.in_(lots))
                               .order_by(Lot.number)):
        lots[lot.tender_id].append(lot)
    facts = facts_of(session, [lot.id for own in lots.values() for lot in own])
    buyers = {party.id: party for party in session.scalars(
        select(Party).where(Party.id.in_({tender.buyer_id for tender in tenders})))}
    phases = {lot_id: phase(one, now) for lot_id, one in facts.items()}
    return [_row(tender, lots[tender.id], facts, phases, buyers[tender.buyer_id])
            for tender in tenders]


def _row(tender: Tender, lots: list[Lot], facts: dict[str, Facts], phases: dict[str, Phase],
         buyer: Party) -> dict[str, object]:
    least = rank_of_tender([phases[lot.id] for lot in lots])
    which = next(lot.id for lot in lots if phases[lot.id] is least)
    return {
        "id": tender.id, "ocid": tender.ocid, "title": tender.title, "region": tender.region,
        "buyer": buyer, "published_at": tender.published_at,
        "phase": least.name, "status": ocds_status(least, facts[which]),
        "lots": [{"id": lot.id, "number": lot.number, "title": lot.title,
                  "category": lot.category, "regime": lot.regime, "deadline": lot.deadline,
                  "price_ceiling_fen": lot.price_ceiling_fen, "phase": phases[lot.id].name,
                  "status": ocds_status(phases[lot.id], facts[lot.id])} for lot in lots]}
