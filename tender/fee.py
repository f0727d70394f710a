"""The platform's fee: none. What is saved is counted by a public tariff of before.

计价格〔2002〕1980号, the tariff of agency service in tendering: a share of the contract, falling by
steps, each step on the part of the amount that lies in it. It no longer binds anybody; here it
only measures. Its own example: works of 60 million yuan pay 22.55 ten-thousand yuan.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CHARGED_FEN = 0
"""电子招标投标办法 9, 20: nothing is asked for registration, documents or bids."""

TARIFF = "计价格〔2002〕1980号"
MARK = "memory-H"

_WAN = 1_000_000
_STEPS = (100 * _WAN, 500 * _WAN, 1_000 * _WAN, 5_000 * _WAN, 10_000 * _WAN, 100_000 * _WAN)
"""Upper ends of the steps, in fen."""

_SHARES = {
    "goods": ("0.015", "0.011", "0.008", "0.005", "0.0025", "0.0005", "0.0001"),
    "services": ("0.015", "0.008", "0.0045", "0.0025", "0.001", "0.0005", "0.0001"),
    "works": ("0.01", "0.007", "0.0055", "0.0035", "0.002", "0.0005", "0.0001"),
}


def tariff_fen(category: str, amount_fen: int) -> int:
    """What the tariff would have asked for a contract of `amount_fen`, in fen, rounded half up."""
    total, low = Decimal(0), 0
    for high, share in zip((*_STEPS, None), _SHARES[category], strict=True):
        top = amount_fen if high is None else min(amount_fen, high)
        total += max(top - low, 0) * Decimal(share)
        low = high if high is not None else low
    return int(total.quantize(Decimal(1), ROUND_HALF_UP))


def saved(category: str, amount_fen: int) -> dict[str, object]:
    """What is charged, what is saved, and by which tariff that is counted."""
    return {"charged_fen": CHARGED_FEN, "saved_fen": tariff_fen(category, amount_fen),
            "tariff": TARIFF, "mark": MARK}
