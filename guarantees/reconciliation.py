"""Comparing our list of releases with the guarantor's ledger, entry by entry (Q90, I17).

The fraud this looks for is a release that we never ordered (Karnataka 2019), the accident
is one that we ordered and nobody carried out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date


@dataclass(frozen=True)
class Line:
    """One security as one side sees it. `paid_fen` is principal and interest ordered (ours) or
    paid out (theirs), None while it is held; `settled` says that we hold the confirmation."""

    instrument_no: str
    amount_fen: int
    paid_fen: int | None = None
    payee_digest: str | None = None
    settled: bool = False


@dataclass(frozen=True)
class Difference:
    """One thing on which the two lists disagree. `kind`: missing (the guarantor does not know
    it) · extra (paid out there, unknown to us) · unpaid (confirmed to us, still held there) ·
    unordered (paid out there, never ordered by us) · twice (two entries there for one
    instrument) · amount · payee."""

    kind: str
    instrument_no: str
    ours: object
    theirs: object


@dataclass(frozen=True)
class Sums:
    """What was received, released and is held, in fen: received = released + held (I17)."""

    received: int
    released: int
    held: int


def sums(lines: Iterable[Line]) -> Sums:
    """Add one side up. Interest is no part of it: it was never received."""
    lines = list(lines)
    received = sum(line.amount_fen for line in lines)
    released = sum(line.amount_fen for line in lines if line.paid_fen is not None)
    return Sums(received, released, received - released)


def compare(ours: Iterable[Line], theirs: Iterable[Line]) -> list[Difference]:
    """Every difference, by instrument number; an empty list when the two sides agree.

    An order under way, which the guarantor has carried out or not yet, is no difference, nor
    is an instrument that was issued and never lodged.
    """
    mine, theirs = {line.instrument_no: line for line in ours}, list(theirs)
    yours = {line.instrument_no: line for line in theirs}
    # Entries under one number would hide one another, and with it a second payment.
    seen = Counter(line.instrument_no for line in theirs)
    found = [Difference("twice", number, mine.get(number), yours[number])
             for number in sorted(seen) if seen[number] > 1]
    for number in sorted(mine.keys() | yours.keys()):
        kind = _difference(mine.get(number), yours.get(number))
        if kind:
            found.append(Difference(kind, number, mine.get(number), yours.get(number)))
    return found


def _difference(ours: Line | None, theirs: Line | None) -> str | None:
    if ours is None:
        return "extra" if theirs.paid_fen is not None else None
    if theirs is None:
        return "missing"
    if ours.amount_fen != theirs.amount_fen:
        return "amount"
    if theirs.paid_fen is None:
        return "unpaid" if ours.settled else None
    if ours.paid_fen is None:
        return "unordered"
    if ours.paid_fen != theirs.paid_fen:
        return "amount"
    return None if ours.payee_digest == theirs.payee_digest else "payee"


def sheet(day: date, before: Iterable[Line], theirs: Iterable[Line], after: Iterable[Line],
          overdue: Iterable[str] = ()) -> dict[str, object]:
    """What one day's comparison with one guarantor found, as JSON; sums in fen.

    Our list is read before and after theirs, and only what differs both times counts: an order
    that was carried out while we asked is no difference. `overdue` are numbers of instruments
    whose last day of release has passed unconfirmed (I16).
    """
    before, theirs, after = list(before), list(theirs), list(after)
    still = {(one.kind, one.instrument_no) for one in compare(before, theirs)}
    found = [one for one in compare(after, theirs) if (one.kind, one.instrument_no) in still]
    return {"v": 1, "day": day.isoformat(), "ours": asdict(sums(after)),
            "theirs": asdict(sums(theirs)), "differences": [asdict(one) for one in found],
            "overdue": sorted(overdue)}
