"""评标基准价: trimmed mean times one minus a drawn coefficient (rulebook §4.2, worked example PB-1).

Prices come and go as integer fen; between, everything is an exact fraction. The benchmark is
rounded once to the fen, HALF_UP, and is then frozen; a score is rounded only where it is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction


def half_up(value: Fraction | Decimal, places: int) -> str:
    """`value` as text with `places` decimals, HALF_UP (away from zero at the half); Q82.

    The one rounding rule of the platform, exact for every fraction: 2.675 gives 2.68.
    """
    exact = Fraction(value)
    scaled = abs(exact) * 10**places
    digits = int(scaled + Fraction(1, 2))
    text = str(digits).rjust(places + 1, "0")
    whole, part = (text[:-places], text[-places:]) if places else (text, "")
    sign = "-" if exact < 0 and digits else ""
    return sign + whole + ("." + part if places else "")


def exact_text(value: Fraction) -> str:
    """A fraction written out: as a plain decimal if it has one, else as numerator/denominator."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    with localcontext() as context:
        context.prec = 200
        return format((Decimal(value.numerator) / Decimal(value.denominator)).normalize(), "f")


def yuan(fen: int | Fraction) -> str:
    """Fen as yuan text with two decimals."""
    return half_up(Fraction(fen) / 100, 2)


@dataclass(frozen=True)
class Method:
    """The parameters of TRIMMED_MEAN_X_DRAWN_COEFF as the bidding documents state them."""

    full_score: Fraction
    deduct_above: Fraction
    """Points per 1% above the benchmark."""
    deduct_below: Fraction
    drop_high: int = 1
    drop_low: int = 1
    drop_when_above: int = 3
    """Highest and lowest are dropped when there are more valid bids than this, and when that
    leaves any."""
    floor: Fraction = Fraction(0)

    @classmethod
    def read(cls, method: Mapping[str, object]) -> Method:
        """From a lot's `price_method` (decimals are text)."""
        return cls(
            full_score=Fraction(str(method["full_score"])),
            deduct_above=Fraction(str(method["deduct_per_pct_above"])),
            deduct_below=Fraction(str(method["deduct_per_pct_below"])),
            drop_high=int(method.get("drop_high", 1)), drop_low=int(method.get("drop_low", 1)),
            drop_when_above=int(method.get("drop_when_valid_count_gt", 3)),
            floor=Fraction(str(method.get("score_floor", "0"))))


@dataclass(frozen=True)
class PriceScores:
    """The scores (exact) by bid, and every number on the way as JSON for the report."""

    benchmark_fen: int
    scores: dict[str, Fraction]
    steps: dict[str, object]


def over_limit(prices: Mapping[str, int], limit_fen: int | None) -> list[str]:
    """The bids above the published price ceiling, sorted: to be rejected (实施条例 51(5))."""
    if limit_fen is None:
        return []
    return sorted(name for name, price in prices.items() if price > limit_fen)


def score_prices(prices: Mapping[str, int], coefficient: str, method: Method) -> PriceScores:
    """Score the valid bids `{bid: price in fen}`; raises ValueError when there is none.

    The benchmark is at least one fen.
    Dropped bids are left out of the mean only; they are scored like the others. Among equal
    prices the one with the later name counts as the higher, which changes no number.
    """
    if not prices or any(price <= 0 for price in prices.values()):
        raise ValueError("prices are positive, and there is at least one")
    ranked = sorted(prices, key=lambda name: (prices[name], name))
    low, high = 0, 0
    if len(ranked) > max(method.drop_when_above, method.drop_low + method.drop_high):
        low, high = method.drop_low, method.drop_high
    kept = ranked[low : len(ranked) - high]
    total = sum(prices[name] for name in kept)
    mean = Fraction(total, len(kept))
    benchmark = max(int(half_up(mean * (1 - Fraction(coefficient)), 0)), 1)
    scores = {name: _score(prices[name], benchmark, method) for name in ranked}
    steps = {
        "method": "TRIMMED_MEAN_X_DRAWN_COEFF",
        "valid_sorted": [[name, yuan(prices[name])] for name in ranked],
        "dropped_low": ranked[:low], "dropped_high": ranked[len(ranked) - high :],
        "kept": kept, "sum_kept": yuan(total), "mean_kept": exact_text(mean / 100),
        "coefficient": coefficient, "benchmark": yuan(benchmark),
        "scores": {name: {
            "deviation_pct": half_up(deviation(prices[name], benchmark), 6),
            "exact": exact_text(scores[name]), "score": half_up(scores[name], 2),
        } for name in ranked},
    }
    return PriceScores(benchmark, scores, steps)


def deviation(price: int, benchmark: int) -> Fraction:
    """How far a price lies from the benchmark, in percent of it, exact."""
    return Fraction(price - benchmark, benchmark) * 100


def _score(price: int, benchmark: int, method: Method) -> Fraction:
    percent = deviation(price, benchmark)
    rate = method.deduct_above if percent > 0 else method.deduct_below
    return max(method.full_score - abs(percent) * rate, method.floor)
