"""Payments and contracts held against what the platform knows (区级平台之外无交易).

A line is explained by a code of the platform, by a contract on the platform with the same
counterparty and amount, or by a work in the register with the same contractor. What is not
explained and reaches the profile's limit is a hit; so are several smaller lines to one
counterparty that reach it together (化整为零).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One payment or contract of a list; codes and names as the list has them."""

    id: str
    payer: str
    """The payer's credit code."""
    payee: str
    """The counterparty's credit code."""
    amount_fen: int
    code: str


@dataclass(frozen=True)
class Known:
    """What the platform knows: its codes, (buyer, counterparty, fen) of contracts, and (unit,
    contractor, fen) of registered works; units by their credit codes."""

    codes: Collection[str]
    contracts: Collection[tuple[str, str, int]]
    works: Collection[tuple[str, str, int]]


def judge(lines: Iterable[Line], known: Known, limit_fen: int) -> dict[str, str]:
    """What each line is, by id: `code`, `contract`, `work`, `hit`, `split` or `small`.

    A code that the platform does not know explains nothing.
    """
    result: dict[str, str] = {}
    rest: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in lines:
        named = (line.payer, line.payee, line.amount_fen)
        if line.code and line.code in known.codes:
            result[line.id] = "code"
        elif named in known.contracts:
            result[line.id] = "contract"
        elif named in known.works:
            result[line.id] = "work"
        elif line.amount_fen >= limit_fen:
            result[line.id] = "hit"
        else:
            rest[line.payer, line.payee].append(line)
    for small in rest.values():
        together = "split" if sum(one.amount_fen for one in small) >= limit_fen else "small"
        result |= {one.id: together for one in small}
    return result
