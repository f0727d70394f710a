"""Payments and contracts held against what the platform knows (区级平台之外无交易). Pure.

What explains a line is an obligation that the platform knows: a registered contract, one of an
intermediary's, or a work in the register; each between one payer and one counterparty, up to its
amount, with the codes it carries. A payment may be a part of it (进度款): all payments together
explain themselves up to the amount and not beyond. A code explains a line of its own project's
payer only, and of its contract's counterparty where there is a contract; who names another's code
explains nothing. A line of a list of contracts is a whole contract: it must be the same amount.

What is not explained and reaches the limit is a hit; so are smaller lines that reach it together
within the months of the profile (化整为零): between the same two units, or by one payer for what
calls itself parts of one thing. A line that came with several overlapping lists counts once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from tender.regime import core, months_before, numbered

SHOWN = ("hit", "split", "over")
"""The answers that are shown to the supervisor."""
LEAST_CORE = 4
"""A purpose shorter than this names nothing."""


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
    day: date = date.min
    purpose: str = ""
    ledger: str = ""
    whole: bool = False
    """Whether it is a contract and no payment on one."""


@dataclass(frozen=True)
class Obligation:
    """What the platform knows to be owed: by whom, to whom, how much, under which codes."""

    payer: str
    payee: str
    amount_fen: int
    codes: frozenset[str] = frozenset()
    kind: str = "contract"
    """`contract` or `work`."""


@dataclass(frozen=True)
class Known:
    """What the platform knows: whose each code is (code → the buyers' credit codes), and what is
    owed. A work of the register that names the code of a known contract is that contract."""

    codes: Mapping[str, Collection[str]] = field(default_factory=dict)
    obligations: Collection[Obligation] = ()


@dataclass
class _Left:
    owed: Obligation
    left: int


def judge(lines: Iterable[Line], known: Known, limit_fen: int, months: int = 12) -> dict[str, str]:
    """What each line is, by id: `repeat`, `code`, `contract`, `work`, `over` (more was paid on a
    contract than its amount, by as much as the limit), `hit`, `split` or `small`."""
    result: dict[str, str] = {}
    listed = list(lines)
    for whole in (False, True):
        own = sorted((one for one in listed if one.whole is whole), key=lambda one: (one.day, one.id))
        repeated = _repeated(own)
        result |= dict.fromkeys(repeated, "repeat")
        own = [one for one in own if one.id not in repeated]
        rest = _explained(own, known, limit_fen, result)
        result |= {one.id: "hit" for one in rest if one.amount_fen >= limit_fen}
        small = [one for one in rest if one.amount_fen < limit_fen]
        split = _split(small, limit_fen, months)
        result |= {one.id: "split" if one.id in split else "small" for one in small}
    return result


def _repeated(lines: list[Line]) -> set[str]:
    """Lines that another list has brought: of what is the same in every respect, as many count
    as the list that has most of them."""
    same: dict[tuple, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one in lines:
        same[one.payer, one.payee, one.amount_fen, one.day, one.purpose, one.code][
            one.ledger].append(one.id)
    found: set[str] = set()
    for by_list in same.values():
        counted = max(by_list.values(), key=len)
        found |= {one for ids in by_list.values() if ids is not counted for one in ids}
    return found


def _explained(lines: list[Line], known: Known, limit_fen: int,
               result: dict[str, str]) -> list[Line]:
    """Write down what obligations explain; the lines that nothing does."""
    owed = [_Left(one, one.amount_fen) for one in _once(known.obligations)]
    rest, coded = [], []
    for one in lines:
        (coded if one.code and one.payer in known.codes.get(one.code, ()) else rest).append(one)
    for one in coded:
        under = [part for part in owed if one.code in part.owed.codes]
        if not under:
            result[one.id] = "code"  # published, and no contract of it is known yet
            continue
        mine = [part for part in under if part.owed.payee == one.payee]
        if not mine or (one.whole and one.amount_fen not in {part.owed.amount_fen for part in mine}):
            rest.append(one)
            continue
        part = max(mine, key=lambda part: part.left)
        part.left -= one.amount_fen
        result[one.id] = "over" if part.left <= -limit_fen else "code"
    return _by_amount(sorted(rest, key=lambda one: (one.day, one.id)), owed, result)


def _by_amount(lines: list[Line], owed: list[_Left], result: dict[str, str]) -> list[Line]:
    between: dict[tuple[str, str], list[_Left]] = defaultdict(list)
    for part in owed:
        between[part.owed.payer, part.owed.payee].append(part)
    # Whole amounts first: a payment of one contract's amount is no part of a larger one.
    for exact in (True, False):
        for one in lines:
            if one.id in result or (one.whole and not exact):
                continue
            fits = [part for part in between[one.payer, one.payee]
                    if (part.left == one.amount_fen == part.owed.amount_fen if exact
                        else part.left >= one.amount_fen)]
            if fits:
                part = min(fits, key=lambda part: part.left)
                part.left -= one.amount_fen
                result[one.id] = part.owed.kind
    return [one for one in lines if one.id not in result]


def _once(obligations: Iterable[Obligation]) -> list[Obligation]:
    listed = list(obligations)
    contracted = {code for one in listed if one.kind == "contract" for code in one.codes}
    return [one for one in listed if one.kind == "contract" or not one.codes & contracted]


def _split(lines: list[Line], limit_fen: int, months: int) -> set[str]:
    groups: dict[tuple, list[Line]] = defaultdict(list)
    for one in lines:
        groups[one.payer, one.payee].append(one)
        name = core(one.purpose)
        if numbered(one.purpose) and len(name) >= LEAST_CORE:
            groups[one.payer, "of", name].append(one)
    found: set[str] = set()
    for group in groups.values():
        found |= _window(sorted(group, key=lambda one: one.day), limit_fen, months)
    return found


def _window(lines: list[Line], limit_fen: int, months: int) -> set[str]:
    """The lines that lie in some span of so many months whose sum reaches the limit."""
    found: set[str] = set()
    first, total = 0, 0
    for last, one in enumerate(lines):
        total += one.amount_fen
        while one.day != date.min and lines[first].day <= months_before(one.day, months):
            total -= lines[first].amount_fen
            first += 1
        if total >= limit_fen:
            found |= {inside.id for inside in lines[first:last + 1]}
    return found
