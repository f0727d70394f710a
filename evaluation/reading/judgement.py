"""The panel, its sheets and its report.

Nobody's sheet but one's own leaves here before all have signed (I22).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bidding.reading import found_bids, opened_bids, standing_bids
from kernel.canonical import time_text
from kernel.refusal import NOT_FOUND
from people.model import Party, Person
from tender import reading as tenders
from tender.model import Lot
from tender.profile import number
from tender.screened import SCREENED, least_passed

from .. import ranking, report, rules, scoring
from ..model import (
    EvaluationReport,
    PanelSeat,
    ReportSignature,
    ScoreDraft,
    ScoreSheet,
)
from ..refusals import NO_REPORT, PRICES_AWAITED, SHEETS_MISSING
from ..validity.reading import lapsed
from .draws import held_draw


def seats(session: Session, lot_id: str) -> list[PanelSeat]:
    """The experts present on the panel, by drawn rank: the first leads."""
    return list(session.scalars(select(PanelSeat).where(
        PanelSeat.lot_id == lot_id, PanelSeat.left_at.is_(None)).order_by(PanelSeat.rank)))


def seat_of(session: Session, lot_id: str, account_id: str) -> PanelSeat:
    """The account's present seat, or NOT_FOUND."""
    for seat in seats(session, lot_id):
        if seat.account_id == account_id:
            return seat
    raise NOT_FOUND()


def signed_sheets(session: Session, lot_id: str) -> dict[str, ScoreSheet]:
    """The signed sheets that count, by seat id: those of experts present."""
    rows = session.scalars(select(ScoreSheet).join(PanelSeat, PanelSeat.id == ScoreSheet.seat_id)
                           .where(ScoreSheet.lot_id == lot_id, PanelSeat.left_at.is_(None)))
    return {row.seat_id: row for row in rows}


def missing_sheets(session: Session, lot: Lot) -> int:
    """How many sheets of the published panel size are not signed yet."""
    return lot.panel["size"] - len(signed_sheets(session, lot.id))


def report_bids(session: Session, lot: Lot) -> list[report.Bid]:
    """The opened bids as the report needs them."""
    bids = opened_bids(session, lot.id)
    usccs = dict(session.execute(select(Party.id, Party.uscc).where(
        Party.id.in_([bid.party_id for bid in bids]))).all())
    received = {} if lot.method not in SCREENED else {
        one.bid_id: time_text(one.submitted_at) for one in standing_bids(session, lot.id)}
    return [report.Bid(bid.bid_id, bid.party_id, usccs[bid.party_id], bid.price_fen,
                       bid.period_days, received.get(bid.bid_id, "")) for bid in bids]


def unopened_bids(session: Session, lot_id: str) -> list[dict[str, object]]:
    """The standing bids that the opening left unopened or found wrong, with its words for it."""
    return [{"bid": one.bid_id, "uscc": session.get_one(Party, one.party_id).uscc,
             "verdict": one.verdict, "reason": one.reason}
            for one in found_bids(session, lot_id) if one.verdict != "opened"]


def valid_bids(session: Session, lot: Lot) -> list[report.Bid]:
    """The bids that are judged (实施条例 51(5)), by USCC. In a lot of two envelopes nobody knows
    a price while the technical sheets are signed, so all that were opened are judged."""
    gone = lapsed(session, lot.id)
    bids = [bid for bid in report_bids(session, lot) if bid.bid_id not in gone]
    if lot.two_envelopes and "prices_opened" not in tenders.lot_facts(session, lot.id).outcomes:
        return report.by_uscc(bids)
    return report.valid_bids(bids, lot.price_ceiling_fen or None)


def lapsed_bids(session: Session, lot_id: str) -> list[dict[str, object]]:
    """The opened bids that are no longer valid, as the report names them."""
    return [{"bid": bid, "uscc": session.get_one(Party, row.party_id).uscc, "why": row.why}
            for bid, row in lapsed(session, lot_id).items()]


def report_content(session: Session, lot: Lot) -> dict[str, object]:
    """The report computed from the signed sheets; SHEETS_MISSING until all are signed, and in a
    lot of two envelopes PRICES_AWAITED until the prices are opened."""
    missing = missing_sheets(session, lot)
    held = held_draw(session, lot.id)
    if missing or held is None:
        raise SHEETS_MISSING(missing=missing)
    if lot.two_envelopes and opened_bids(session, lot.id) \
            and "prices_opened" not in tenders.lot_facts(session, lot.id).outcomes:
        raise PRICES_AWAITED()
    numbers = {seat.id: seat.number for seat in seats(session, lot.id)}
    sheets = [report.SignedSheet(numbers[seat_id], json.loads(sheet.content), sheet.sheet_hash)
              for seat_id, sheet in signed_sheets(session, lot.id).items()]
    screened = lot.method in SCREENED
    basis = report.Basis(
        lot.id, held.id, lot.price_ceiling_fen or None, lot.criteria, lot.price_method,
        json.loads(held.document)["coefficient"], lot.panel["candidates"],
        report_bids(session, lot), unopened_bids(session, lot.id), lapsed_bids(session, lot.id),
        least_passed(lot.profile, lot.method) if screened
        else number(lot.profile, "competition.valid_bids"))
    return (ranking if screened else report).build(basis, sheets)


def sheets_of(session: Session, lot: Lot) -> dict[str, object]:
    """The signed sheets whole, by seat: what their hashes are over. For supervisor and panel."""
    numbers = {seat.id: seat.number for seat in seats(session, lot.id)}
    return {"lot": lot.id, "sheets": sorted(
        ({"seat": numbers[seat_id], "sheet": json.loads(sheet.content)}
         for seat_id, sheet in signed_sheets(session, lot.id).items()),
        key=lambda one: one["seat"])}


def to_sign(session: Session, lot: Lot) -> dict[str, object]:
    """The report as the panel has to sign it, and who has."""
    content = report_content(session, lot)
    return {"lot_id": lot.id, "report": content, "report_hash": rules.digest(content),
            "signed": sorted(seat.number for seat, _ in signatures(session, lot.id))}


def signatures(session: Session, lot_id: str) -> list[tuple[PanelSeat, ReportSignature]]:
    """Who has signed the report, among the experts present."""
    return [(seat, row) for seat, row in session.execute(
        select(PanelSeat, ReportSignature)
        .join(ReportSignature, ReportSignature.seat_id == PanelSeat.id)
        .where(PanelSeat.lot_id == lot_id, PanelSeat.left_at.is_(None))
        .order_by(PanelSeat.number))]


def concluded_report(session: Session, lot_id: str) -> dict[str, object]:
    """The concluded report with its signatures; NO_REPORT before."""
    row = session.scalars(
        select(EvaluationReport).where(EvaluationReport.lot_id == lot_id)).first()
    if row is None:
        raise NO_REPORT()
    return {"lot_id": lot_id, "report": json.loads(row.content), "report_hash": row.report_hash,
            "concluded_at": row.concluded_at,
            "signatures": [{"seat": seat.number, "signed_at": time_text(signed.signed_at),
                            "dissent": signed.dissent}
                           for seat, signed in signatures(session, lot_id)]}


@dataclass(frozen=True)
class OwnSheet:
    """What an expert sees of his own sheet."""

    lot_id: str
    seat: int
    factors: list[dict]
    asked: list[dict]
    """What each bid must meet, in a lot judged by a screen; there `scores` is empty."""
    bids: list[dict]
    scores: dict
    findings: dict
    competition: dict | None
    version: int
    """0 before the first draft."""
    sheet_hash: str | None
    accepted_at: datetime | None
    signed_at: datetime | None


def own_seats(session: Session, account_id: str | None) -> list[dict[str, object]]:
    """The account's present seats on panels whose report is not concluded, the newest first."""
    rows = session.execute(
        select(PanelSeat, Lot.title, ScoreSheet.signed_at).join(Lot, Lot.id == PanelSeat.lot_id)
        .outerjoin(ScoreSheet, ScoreSheet.seat_id == PanelSeat.id)
        .outerjoin(EvaluationReport, EvaluationReport.lot_id == PanelSeat.lot_id)
        .where(PanelSeat.account_id == account_id, PanelSeat.left_at.is_(None),
               EvaluationReport.lot_id.is_(None)).order_by(PanelSeat.seated_at.desc()))
    return [{"lot_id": seat.lot_id, "title": title, "seat": seat.number,
             "accepted_at": seat.accepted_at, "signed_at": signed} for seat, title, signed in rows]


def own_sheet(session: Session, lot_id: str, account_id: str) -> OwnSheet:
    """One's own sheet: what is to be scored, the draft, its hash, whether it is signed."""
    lot, seat = tenders.lot(session, lot_id), seat_of(session, lot_id, account_id)
    draft = session.get(ScoreDraft, seat.id)
    signed = session.scalars(select(ScoreSheet).where(ScoreSheet.seat_id == seat.id)).first()
    return OwnSheet(
        lot_id=lot_id, seat=seat.number, factors=lot.criteria["factors"],
        asked=lot.criteria.get("asked", []),
        bids=[{"bid_id": bid.bid_id, "uscc": bid.uscc} for bid in valid_bids(session, lot)],
        scores=draft.scores if draft and lot.method not in SCREENED else {},
        findings=draft.scores if draft and lot.method in SCREENED else {},
        competition=draft.competition if draft else None,
        version=draft.version if draft else 0,
        sheet_hash=rules.digest(sheet_of(draft, lot)) if draft else None,
        accepted_at=seat.accepted_at,
        signed_at=signed.signed_at if signed else None)


def sheet_of(draft: ScoreDraft, lot: Lot) -> dict[str, object]:
    """The document of a draft, as it would be signed."""
    if lot.method in SCREENED:
        return rules.findings_document(lot.id, draft.seat_id, draft.nonce, draft.scores)
    return rules.sheet_document(lot.id, draft.seat_id, draft.nonce, draft.scores,
                                draft.competition)


def check_sheet(lot: Lot, said: dict, bids: Sequence[str], *, complete: bool) -> None:
    """Refuse a sheet that does not say what sheets of the lot say: scores, or findings."""
    if lot.method in SCREENED:
        ranking.check_findings(said, [one["code"] for one in lot.criteria["asked"]], bids,
                               complete=complete)
    else:
        scoring.check_sheet(said, factors(lot), bids, complete=complete)


def factors(lot: Lot) -> list[scoring.Factor]:
    """The technical factors of the lot."""
    return scoring.factors_of(lot.criteria)


def panel_page(session: Session, lot_id: str) -> dict[str, object]:
    """The panel with names; the edge shows it to whom the table allows (招标投标法 37)."""
    present = seats(session, lot_id)
    names = dict(session.execute(select(Person.id, Person.name).where(
        Person.id.in_([seat.person_id for seat in present]))).all())
    signed = signed_sheets(session, lot_id)
    return {"lot_id": lot_id, "members": [
        {"seat": seat.number, "name": names[seat.person_id], "leader": seat is present[0],
         "accepted": seat.accepted_at is not None, "sheet_signed": seat.id in signed}
        for seat in present]}
