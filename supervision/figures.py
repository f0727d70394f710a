"""Figures that are computed, never typed: rates, and the change against the year before.

rulebook §9. Every figure is published with its definition; a rate without anything to count
has no value. Decimals are exact and rounded half up for show only.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal


def percent(part: Decimal | int, whole: Decimal | int) -> str | None:
    """`part` of `whole` in per cent with two decimals; None where there is no whole."""
    if not whole:
        return None
    return str(_two(Decimal(part) * 100 / Decimal(whole)))


def year_on_year(current: Decimal | int, previous: Decimal | int) -> str | None:
    """同比: (current - previous) / previous in per cent; None where there was nothing before."""
    if not previous:
        return None
    return str(_two((Decimal(current) - Decimal(previous)) * 100 / Decimal(previous)))


def implied_previous(current: Decimal, change: Decimal) -> Decimal:
    """The value a year before that a published figure and its change in per cent imply."""
    return _two(current / (1 + change / 100))


def saved(pairs: Iterable[tuple[Decimal | int, Decimal | int]]) -> tuple[Decimal | int, str | None]:
    """节减资金: the sum of limit less award over (limit, award), and its share of the limits."""
    listed = list(pairs)
    limits = sum(limit for limit, _ in listed)
    difference = limits - sum(award for _, award in listed)
    return difference, percent(difference, limits)


def per_head(amount: Decimal, heads: int) -> Decimal | None:
    """An amount per enterprise or tenderer; None where there is none."""
    return _two(amount / heads) if heads else None


def _two(number: Decimal) -> Decimal:
    return number.quantize(Decimal("0.01"), ROUND_HALF_UP)


DEFINITIONS = {
    "works": ("登记工程数：该年度、该地区村级工程清查登记在册的工程（含未招标的）",
              "works in the register for the year and the place, tendered or not"),
    "surveyed": ("排摸数：登记工程数，加上支付清单中达到规则限额、既无平台编号也无登记工程可对应的支付",
                 ("works in the register, and payments at or above the profile's limit that neither "
                  "a code nor a work in the register explains")),
    "entered": ("录入率：登记工程数 ÷ 排摸数", "works in the register ÷ works surveyed"),
    "tendered": ("进场率：有平台编号的登记工程 ÷ 登记工程数",
                 "works with a code of the platform ÷ works in the register"),
    "findings": ("问题数：该年度立案的问题", "findings opened in the year"),
    "closed": ("整改率：已由两人销号的问题 ÷ 问题数", "findings closed by two persons ÷ findings"),
    "on_time": ("按期整改率：在期限内提交证据的问题 ÷ 已到期或已提交证据的问题",
                "findings answered in time ÷ findings answered or past their day"),
    "off_platform": ("平台外交易：支付清单中达到规则限额而无从对应的支付",
                     "payments at or above the profile's limit that nothing explains"),
}
"""What each published figure counts, in both languages."""
