"""Lots judged by a screen (tender/screened.py): findings in, who passed and in which order. Pure.

Each expert finds of each bid whether it meets what is asked; what most of them find holds (74号令
16, 48). An inquiry ranks those who pass by price, equal prices by the rule of the documents; the
price is the form's, as it was stated, and nothing corrects it (74号令 47). A lottery ranks them by
the draw that follows the report (rulebook §1.4). Fewer than the law or the documents ask for: the
lot has failed (74号令 50). The same sheets give the same bytes, as in `report`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tender.screened import LOWEST, within

from .benchmark import yuan
from .refusals import FINDING_UNREASONED, FINDING_WRONG, SHEET_INCOMPLETE
from .report import Basis, Bid, SignedSheet, by_uscc, valid_bids

Found = Mapping[str, object]
"""What one expert finds of one bid: `{"meets": bool, "fails": [code], "reason": text}`."""

REASON_LEAST = 4
"""A finding that a bid does not meet what is asked has a reason of so many characters."""


def check_findings(sheet: Mapping[str, Found], asked: Sequence[str], bids: Sequence[str], *,
                   complete: bool) -> None:
    """Refuse a finding on an unknown bid or requirement, one that says both, one without reason;
    and, when `complete`, a missing one. A draft may have gaps."""
    for bid, found in sheet.items():
        fails = found["fails"]
        if bid not in bids or not set(fails) <= set(asked) or len(set(fails)) != len(fails):
            raise FINDING_WRONG(bid=bid)
        if bool(fails) == found["meets"]:
            raise FINDING_WRONG(bid=bid)
        if not found["meets"] and len(found["reason"].strip()) < REASON_LEAST:
            raise FINDING_UNREASONED(bid=bid, least=REASON_LEAST)
    missing = sorted(set(bids) - set(sheet))
    if complete and missing:
        raise SHEET_INCOMPLETE(missing=len(missing), bid=missing[0], factor="—")


def passes(sheets: Iterable[Mapping[str, Found]], bid: str) -> tuple[int, int]:
    """How many experts find that a bid meets what is asked, and how many that it does not."""
    said = [sheet[bid]["meets"] for sheet in sheets]
    return sum(said), len(said) - sum(said)


def cheapest(bids: Iterable[Bid], ties: str) -> list[Bid]:
    """The bids by price, lowest first; equal prices by the rule `ties` (a key of screened.TIES),
    at last by id, so that the same bids always stand in the same order."""
    shorter = ties == "period"
    return sorted(bids, key=lambda bid: (bid.price_fen, bid.period_days if shorter else 0,
                                         bid.received, bid.bid_id))


def build(basis: Basis, sheets: Sequence[SignedSheet]) -> dict[str, object]:
    """The report's content; raises KeyError when a sheet lacks a finding. The order of `sheets`
    and of `basis.bids` does not matter."""
    sheets = sorted(sheets, key=lambda sheet: sheet.seat)
    gone = {row["bid"] for row in basis.lapsed}
    standing = [bid for bid in basis.bids if bid.bid_id not in gone]
    valid = valid_bids(standing, basis.ceiling_fen)
    kept = {bid.bid_id for bid in valid}
    inside = [bid for bid in valid if within(bid.price_fen, basis.ceiling_fen, basis.price_method)]
    found = [sheet.document["findings"] for sheet in sheets]
    results = {bid.bid_id: _result(found, bid, inside) for bid in valid}
    passed = [bid for bid in valid if results[bid.bid_id]["passed"]]
    enough = len(passed) >= basis.enough
    ranking = cheapest(passed, basis.price_method["ties"]) \
        if enough and basis.price_method["method"] == LOWEST else []
    order = [bid.bid_id for bid in ranking]
    return ({"lapsed": sorted(map(dict, basis.lapsed), key=lambda row: row["bid"])}
            if basis.lapsed else {}) | {
        "v": 1, "judged_by": "screen", "lot": basis.lot_id, "draw": basis.draw_id,
        "price_ceiling": None if basis.ceiling_fen is None else yuan(basis.ceiling_fen),
        "criteria": dict(basis.criteria), "price_method": dict(basis.price_method),
        "bids": [{"bid": bid.bid_id, "uscc": bid.uscc, "price_fen": bid.price_fen,
                  "period_days": bid.period_days, "received": bid.received}
                 for bid in by_uscc(basis.bids)],
        "rejected": [{"bid": bid.bid_id, "uscc": bid.uscc, "reason": "above_price_ceiling",
                      "price": yuan(bid.price_fen), "law": "实施条例 51(5)"}
                     for bid in by_uscc(standing) if bid.bid_id not in kept],
        "unopened": sorted((dict(row) for row in basis.unopened), key=lambda row: row["bid"]),
        "sheets": [{"seat": sheet.seat, "sheet_hash": sheet.sheet_hash,
                    "findings": {bid: dict(one) for bid, one in
                                 sheet.document["findings"].items()}} for sheet in sheets],
        "results": results, "passed": [bid.bid_id for bid in passed],
        "least": basis.enough, "enough": enough, "most": basis.most_candidates,
        "ranking": order, "candidates": order[: basis.most_candidates],
    }


def _result(found: Sequence[Mapping[str, Found]], bid: Bid, inside: Sequence[Bid]) -> dict:
    meets, fails = passes(found, bid.bid_id)
    in_band = bid in inside
    return {"meets": meets, "fails": fails, "in_band": in_band,
            "passed": in_band and meets > fails}


def failed(content: Mapping[str, object]) -> bool:
    """Whether a concluded report of either kind leaves nobody who could win."""
    return not content["enough"] if screened(content) else not content["candidates"]


def screened(content: Mapping[str, object]) -> bool:
    """Whether a report is of a lot judged by a screen."""
    return content.get("judged_by") == "screen"


def seeded(order: Iterable[str], tickets: Mapping[str, str], most: int) -> list[str]:
    """The bids of a drawn order of tickets, as many as may be candidates; the first wins (LT-1:
    the winner, then the reserves)."""
    return [tickets[name] for name in order][:most]
