"""The evaluation report as a pure function of the signed sheets (实施条例 53).

The same sheets give the same bytes and so the same hash: an expert signs what anyone who holds
the sheets can compute again. Candidates stand in it unranked, by the tenderer's USCC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from . import scoring
from .benchmark import Method, half_up, over_limit, score_prices, yuan


@dataclass(frozen=True)
class Bid:
    """An opened bid as the report needs it."""

    bid_id: str
    party_id: str
    uscc: str
    price_fen: int
    period_days: int = 0
    received: str = ""
    """When it was received, RFC 3339; orders equal prices of an inquiry."""


@dataclass(frozen=True)
class SignedSheet:
    """One expert's signed sheet: the seat's number, the sheet, its hash."""

    seat: int
    document: Mapping[str, object]
    sheet_hash: str


@dataclass(frozen=True)
class Basis:
    """All that a report is computed from, besides the sheets."""

    lot_id: str
    draw_id: str
    ceiling_fen: int | None
    criteria: Mapping[str, object]
    price_method: Mapping[str, object]
    coefficient: str
    most_candidates: int
    bids: Sequence[Bid]
    unopened: Sequence[Mapping[str, object]] = ()
    """Bids the opening could not open or did not find to be what they say:
    `{bid, uscc, verdict, reason}`."""
    lapsed: Sequence[Mapping[str, object]] = ()
    """Opened bids whose tenderers did not agree to stay bound (30号令 29): `{bid, uscc, why}`."""
    enough: int = 3
    """With fewer valid bids than this the panel argues about competition (the lot's profile)."""


def valid_bids(bids: Sequence[Bid], ceiling_fen: int | None) -> list[Bid]:
    """The bids that are judged: those not above the ceiling, by USCC (实施条例 51(5))."""
    over = set(over_limit({bid.bid_id: bid.price_fen for bid in bids}, ceiling_fen))
    return [bid for bid in by_uscc(bids) if bid.bid_id not in over]


def by_uscc(bids: Sequence[Bid]) -> list[Bid]:
    """An order that says nothing of merit."""
    return sorted(bids, key=lambda bid: (bid.uscc, bid.bid_id))


def build(basis: Basis, sheets: Sequence[SignedSheet]) -> dict[str, object]:
    """The report's content: JSON of text, integers, lists and objects; raises ValueError when a
    sheet lacks a score. The order of `sheets` and of `basis.bids` does not matter."""
    sheets = sorted(sheets, key=lambda sheet: sheet.seat)
    gone = {row["bid"] for row in basis.lapsed}
    standing = [bid for bid in basis.bids if bid.bid_id not in gone]
    valid = valid_bids(standing, basis.ceiling_fen)
    kept = {bid.bid_id for bid in valid}
    lacking = _lacking(sheets, len(valid), basis.enough)
    judged = _judge(basis, sheets, valid) if valid else {"price": None, "bids": {}, "best": []}
    best = [] if lacking["lacking"] else judged["best"][: basis.most_candidates]
    lapsed = [dict(row) for row in sorted(basis.lapsed, key=lambda row: row["bid"])]
    return ({"lapsed": lapsed} if lapsed else {}) | {
        "v": 1, "lot": basis.lot_id, "draw": basis.draw_id,
        "price_ceiling": None if basis.ceiling_fen is None else yuan(basis.ceiling_fen),
        "criteria": dict(basis.criteria), "price_method": dict(basis.price_method),
        "bids": [{"bid": bid.bid_id, "uscc": bid.uscc, "price_fen": bid.price_fen}
                 for bid in by_uscc(basis.bids)],
        "rejected": [{"bid": bid.bid_id, "uscc": bid.uscc, "reason": "above_price_ceiling",
                      "price": yuan(bid.price_fen), "law": "实施条例 51(5)"}
                     for bid in by_uscc(standing) if bid.bid_id not in kept],
        "unopened": sorted((dict(row) for row in basis.unopened), key=lambda row: row["bid"]),
        "competition": lacking,
        "sheets": [{"seat": sheet.seat, "sheet_hash": sheet.sheet_hash,
                    "scores": {bid: dict(scores) for bid, scores
                               in sheet.document["scores"].items()}} for sheet in sheets],
        "price": judged["price"], "results": judged["bids"],
        "candidates": [bid.bid_id for bid in valid if bid.bid_id in best],
    }


def _judge(basis: Basis, sheets: Sequence[SignedSheet], valid: Sequence[Bid]) -> dict:
    ids = [bid.bid_id for bid in valid]
    prices = {bid.bid_id: bid.price_fen for bid in valid}
    priced = score_prices(prices, basis.coefficient, Method.read(basis.price_method))
    trim = int(basis.criteria.get("trim_from", scoring.TRIM_FROM))
    technical = scoring.technical_scores([sheet.document["scores"] for sheet in sheets], ids, trim)
    totals = {bid: scoring.total([technical[bid].mean, priced.scores[bid]]) for bid in ids}
    results = {bid: {"technical": technical[bid].steps(),
                     "price_score": half_up(priced.scores[bid], 2), "total": totals[bid]}
               for bid in ids}
    best = scoring.order(totals, prices, {bid: technical[bid].mean for bid in ids})
    return {"price": priced.steps, "bids": results, "best": best}


def _lacking(sheets: Sequence[SignedSheet], valid: int, enough: int) -> dict[str, object]:
    """What the panel says of competition; a majority calling it lacking rejects all bids."""
    said = [{"seat": sheet.seat, "lacking": bool(opinion["lacking"]),
             "argument": opinion["argument"]}
            for sheet in sheets if (opinion := sheet.document["competition"])]
    votes = sum(1 for opinion in said if opinion["lacking"])
    few = valid < enough
    return {"valid": valid, "enough": enough, "few": few, "opinions": said if few else [],
            "lacking": valid == 0 or (few and 2 * votes > len(sheets))}
