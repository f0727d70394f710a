"""Two lists that should agree: what differs is found, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guarantees.reconciliation import Line, compare, sums

AMOUNTS = st.integers(1, 10**12)


@st.composite
def ledgers(draw):
    """A list of at least six lines that both sides agree on: held, under way, paid."""
    lines = []
    for number in range(draw(st.integers(6, 20))):
        amount, paid = draw(AMOUNTS), draw(st.booleans())
        lines.append(Line(f"N{number}", amount, amount + draw(st.integers(0, 99)) if paid else None,
                          "ab" * 32 if paid else None, paid))
    return lines


@given(ledgers())
def test_equal_lists_differ_in_nothing(lines):
    assert compare(lines, list(reversed(lines))) == []
    total = sums(lines)
    assert total.received == total.released + total.held


@given(ledgers(), st.permutations(range(6)))
def test_three_planted_differences_are_three(lines, places):
    missing, wrong = places[:2]
    theirs = list(lines)
    theirs[wrong] = replace(theirs[wrong], amount_fen=theirs[wrong].amount_fen + 1)
    del theirs[missing]
    theirs += [Line("X", 5, 5, "ab" * 32), Line("never lodged", 5)]
    found = {(one.kind, one.instrument_no) for one in compare(lines, theirs)}
    assert found == {("amount", lines[wrong].instrument_no),
                     ("missing", lines[missing].instrument_no), ("extra", "X")}


HELD = Line("N", 100)
ORDERED = Line("N", 100, 100, "ab" * 32)
PAID = replace(ORDERED, settled=True)


@pytest.mark.parametrize("ours, theirs, kind", [
    (HELD, HELD, None), (ORDERED, HELD, None), (ORDERED, PAID, None), (PAID, PAID, None),
    (HELD, PAID, "unordered"), (PAID, HELD, "unpaid"),
    (PAID, replace(PAID, paid_fen=101), "amount"),
    (PAID, replace(PAID, payee_digest="cd" * 32), "payee"),
])
def test_each_kind_of_difference_has_its_name(ours, theirs, kind):
    assert [one.kind for one in compare([ours], [theirs])] == ([kind] if kind else [])
