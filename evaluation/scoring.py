"""综合评估法: score sheets in, totals out; one rounding, once, at the end (Q82, I23, ES-1, ES-3).

A sheet is `{bid: {factor: "12.5"}}`, each score a decimal text within the factor's bounds. The
technical score of a bid is the mean of the experts' sums; from seven experts on the highest and
the lowest sum are dropped first. The total adds the exact price score and is rounded once to
two decimals, HALF_UP. Candidates leave here unranked; the order inside decides only who they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from .benchmark import exact_text, half_up
from .refusals import SCORE_OUT_OF_BOUNDS, SHEET_INCOMPLETE

TRIM_FROM = 7
"""From this number of experts on, one highest and one lowest sum are dropped (rulebook §4.3)."""

_SCORE = re.compile(r"\A(?:0|[1-9]\d{0,3})(?:\.\d{1,2})?\Z")

Sheet = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Factor:
    """One criterion of the bidding documents: its code, its title and its bounds in points."""

    code: str
    title: str
    most: Fraction
    least: Fraction = Fraction(0)
    step: Fraction | None = None
    """Scores are multiples of this, when the documents say so."""


def factors_of(criteria: Mapping[str, object]) -> list[Factor]:
    """The technical factors of a lot's `criteria`, in the documents' order."""
    return [Factor(row["code"], row.get("title", row["code"]), Fraction(str(row["max"])),
                   Fraction(str(row.get("min", "0"))),
                   Fraction(str(row["step"])) if row.get("step") else None)
            for row in criteria["factors"]]


def check_sheet(sheet: Sheet, factors: Sequence[Factor], bids: Sequence[str], *,
                complete: bool) -> None:
    """Refuse a score out of bounds or for an unknown bid or factor; and, when `complete`, a
    missing one. A draft may have gaps."""
    known = {factor.code: factor for factor in factors}
    for bid, scores in sheet.items():
        for code, text in scores.items():
            if bid not in bids or code not in known:
                raise SCORE_OUT_OF_BOUNDS(bid=bid, factor=code, score=str(text), bounds="—")
            _check_score(bid, known[code], text)
    missing = sorted({(bid, code) for bid in bids for code in known}
                     - {(bid, code) for bid, scores in sheet.items() for code in scores})
    if complete and missing:
        raise SHEET_INCOMPLETE(missing=len(missing), bid=missing[0][0], factor=missing[0][1])


def _check_score(bid: str, factor: Factor, text: object) -> None:
    bounds = f"{exact_text(factor.least)}–{exact_text(factor.most)}"
    if not isinstance(text, str) or not _SCORE.match(text):
        raise SCORE_OUT_OF_BOUNDS(bid=bid, factor=factor.code, score=str(text)[:20], bounds=bounds)
    score = Fraction(text)
    off_step = factor.step is not None and (score - factor.least) % factor.step != 0
    if not factor.least <= score <= factor.most or off_step:
        raise SCORE_OUT_OF_BOUNDS(bid=bid, factor=factor.code, score=text, bounds=bounds)


@dataclass(frozen=True)
class Technical:
    """One bid's technical score: the experts' sums (sorted), what was dropped, the exact mean."""

    sums: list[Fraction]
    dropped: list[Fraction]
    mean: Fraction

    def steps(self) -> dict[str, object]:
        """Every number as text, for the report."""
        return {"sums": [exact_text(value) for value in self.sums],
                "dropped": [exact_text(value) for value in self.dropped],
                "mean": exact_text(self.mean), "score": half_up(self.mean, 2)}


def technical(sums: Sequence[Fraction], trim_from: int = TRIM_FROM) -> Technical:
    """The mean of the experts' sums for one bid, trimmed from `trim_from` experts on (ES-1)."""
    if not sums:
        raise ValueError("no experts")
    ranked = sorted(sums)
    kept = ranked[1:-1] if len(ranked) >= trim_from else ranked
    dropped = [ranked[0], ranked[-1]] if kept is not ranked else []
    return Technical(ranked, dropped, sum(kept, Fraction(0)) / len(kept))


def technical_scores(sheets: Sequence[Sheet], bids: Sequence[str],
                     trim_from: int = TRIM_FROM) -> dict[str, Technical]:
    """The technical score of each bid from complete sheets; their order does not matter."""
    return {bid: technical([sum((Fraction(text) for text in sheet.get(bid, {}).values()), Fraction(0))
                            for sheet in sheets], trim_from)
            for bid in bids}


def total(parts: Sequence[Fraction], places: int = 2) -> str:
    """The sum of exact parts, rounded once."""
    return half_up(sum(parts, Fraction(0)), places)


def order(totals: Mapping[str, str], prices: Mapping[str, int],
          technicals: Mapping[str, Fraction]) -> list[str]:
    """Bids from best to worst by stated total; ties by lower price, then by higher technical
    score (ES-3), then by id, so that the same sheets always give the same candidates."""
    return sorted(totals, key=lambda bid: (-Fraction(totals[bid]), prices[bid],
                                           -technicals[bid], bid))
