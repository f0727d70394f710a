"""What secures a lot, when it goes back and with how much."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, getcontext
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guarantees import refusals, rules
from guarantees.instrument import KINDS, Confirmation, Order
from guarantees.lifecycle import CAUSE_LAW, Cause
from kernel.refusal import Refused
from tender.profile import shipped_for
from tender.timetable import beijing_day, start_of

from .papers import DEPOSIT, GUARANTEE, GUARANTOR

PROFILE = shipped_for("below", date(2026, 12, 1))
NOW = datetime(2026, 12, 20, 2, tzinfo=UTC)
DEMAND = rules.Demand(
    tender=GUARANTEE.tender, lot=GUARANTEE.lot, beneficiary=GUARANTEE.beneficiary,
    amount_fen=7_600_000, kinds=KINDS, needed_until=date(2027, 3, 1))
ORACLES = Path(__file__).parents[3] / "shared" / "oracles" / "worked-examples.json"


def example(name: str) -> dict:
    """One worked example of the specification, which lies beside the project."""
    if not ORACLES.exists():
        pytest.skip("the worked examples are not beside this copy")
    cases = json.loads(ORACLES.read_text("utf-8"))["cases"]
    return next(case for case in cases if case["id"] == name)


def test_an_instrument_that_fits_is_taken():
    rules.check_instrument(GUARANTEE, DEMAND, NOW)
    rules.check_instrument(DEPOSIT, DEMAND, NOW)


@pytest.mark.parametrize("paper, demand, word", [
    (replace(GUARANTEE, amount_fen=7_599_999), DEMAND, refusals.TOO_SMALL),
    (replace(GUARANTEE, valid_until=date(2027, 2, 28)), DEMAND, refusals.TOO_SHORT),
    (replace(GUARANTEE, lot="3" * 32), DEMAND, refusals.WRONG_LOT),
    (replace(GUARANTEE, tender="3" * 32), DEMAND, refusals.WRONG_LOT),
    (replace(GUARANTEE, beneficiary="C" * 18), DEMAND, refusals.WRONG_BENEFICIARY),
    (replace(GUARANTEE, issued_at=NOW + timedelta(milliseconds=1)), DEMAND, refusals.NOT_YET),
    (replace(DEPOSIT, received_on=date(2026, 12, 21)), DEMAND, refusals.NOT_YET),
    (DEPOSIT, replace(DEMAND, kinds=("bank-guarantee",)), refusals.KIND_NOT_ACCEPTED),
    (GUARANTEE, replace(DEMAND, amount_fen=0), refusals.NOT_REQUIRED),
])
def test_an_instrument_that_does_not_fit_is_refused_by_name(paper, demand, word):
    with pytest.raises(Refused) as refused:
        rules.check_instrument(paper, demand, NOW)
    assert refused.value.word is word
    assert word.placeholders() <= refused.value.facts.keys()


def test_the_bounds_themselves_are_good():
    rules.check_instrument(replace(GUARANTEE, issued_at=NOW, valid_until=date(2027, 3, 1)), DEMAND,
                           NOW)


def test_a_document_may_not_limit_the_form():
    assert rules.kinds_of(None) == rules.kinds_of([]) == KINDS
    assert rules.kinds_of(["cash-deposit", "gold"]) == ("cash-deposit",)


def test_interest_of_the_worked_example():
    case = example("BD-2")
    given, wanted = case["inputs"], case["expected"]
    principal = int(Decimal(given["principal"]) * 100)
    interest = rules.interest_fen(principal, given["annual_rate"],
                                  date.fromisoformat(given["received"]),
                                  date.fromisoformat(given["returned"]))
    assert interest == int(Decimal(wanted["interest"]) * 100) == 380
    assert principal + interest == int(Decimal(wanted["refund_total"]) * 100)


def test_interest_of_the_worked_example_as_numbers():
    assert rules.interest_fen(7_600_000, "0.0005", date(2026, 12, 20), date(2027, 1, 25)) == 380


@given(st.integers(0, 10**15), st.integers(0, 10**6), st.integers(0, 40_000))
def test_interest_is_exact(principal, millionths, days):
    start = date(1990, 1, 1)
    got = rules.interest_fen(principal, str(Decimal(millionths) / 10**6), start,
                             start + timedelta(days=days))
    exact = Fraction(principal) * Fraction(millionths, 10**6) * days / 360
    assert got == (2 * exact + 1) // 2


@given(st.integers(1, 10**12), st.integers(0, 2000), st.integers(0, 2000))
def test_interest_never_falls_with_time(principal, first, second):
    start, rate = date(2026, 1, 1), "0.0005"
    one, two = (rules.interest_fen(principal, rate, start, start + timedelta(days=count))
                for count in sorted((first, second)))
    assert 0 <= one <= two


def test_interest_rounds_a_half_up_whatever_the_context_says():
    # 1800 fen at 1% for 10 days is 0.5 fen; banker's rounding would say 0.
    before = getcontext().prec
    getcontext().prec = 3
    try:
        assert rules.interest_fen(1_800, "0.01", date(2026, 1, 1), date(2026, 1, 11)) == 1
    finally:
        getcontext().prec = before
    assert Decimal("0.5").quantize(Decimal(1), ROUND_HALF_UP) == 1


def test_no_interest_on_the_day_it_came_nor_backwards():
    day = date(2026, 12, 20)
    assert rules.interest_fen(10**9, "0.9", day, day) == 0
    assert rules.interest_fen(10**9, "0.9", day, day - timedelta(days=9)) == 0
    for rate in ("NaN", "-0.01", "Infinity"):
        with pytest.raises(ValueError):
            rules.interest_fen(1, rate, day, day)


def test_a_guarantee_earns_nothing():
    day = date(2027, 12, 20)
    assert rules.interest_due(GUARANTEE.kind, 10**9, None, day, PROFILE) == 0
    assert rules.interest_due(GUARANTEE.kind, 10**9, date(2020, 1, 1), day, PROFILE) == 0
    assert rules.interest_due(DEPOSIT.kind, 7_600_000, date(2026, 12, 20), date(2027, 1, 25),
                              PROFILE) == 380


@given(st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)), st.sampled_from(list(Cause)))
def test_a_release_is_ordered_in_time(moment, cause):
    at = moment.replace(tzinfo=UTC)
    when = rules.timing(cause, at, PROFILE)
    assert at <= when.order_from <= at + timedelta(days=5)
    assert beijing_day(when.order_from) <= when.due_day <= beijing_day(at) + timedelta(days=5)


def test_days_are_those_of_beijing():
    late = datetime(2026, 12, 20, 15, 59, tzinfo=UTC)
    later = late + timedelta(minutes=1)
    assert rules.timing(Cause.WITHDRAWN, late, PROFILE).due_day == date(2026, 12, 25)
    assert rules.timing(Cause.WITHDRAWN, later, PROFILE).due_day == date(2026, 12, 26)
    assert rules.timing(Cause.WITHDRAWN, late, PROFILE).order_from == start_of(date(2026, 12, 21))
    assert rules.timing(Cause.TERMINATED, late, PROFILE).order_from == late
    assert rules.timing(Cause.TERMINATED, late, PROFILE).due_day == date(2026, 12, 20)


def test_every_cause_has_its_article_and_its_days():
    assert set(CAUSE_LAW) == set(Cause)
    for cause in Cause:
        rules.timing(cause, NOW, PROFILE)


def test_a_confirmation_repeats_the_order():
    order = Order("r", "g", GUARANTOR, "BG-1", "lost", 100, 0, "ab" * 32, date(2027, 1, 1))
    rules.check_confirmation(Confirmation(order, "R", NOW), order)
    for field, value in (("release", "s"), ("guarantee", "h"), ("instrument_no", "BG-2"),
                         ("principal_fen", 101), ("interest_fen", 1), ("payee_digest", "cd" * 32),
                         ("cause", "failed"), ("value_date", date(2027, 1, 2))):
        with pytest.raises(Refused) as refused:
            rules.check_confirmation(Confirmation(replace(order, **{field: value}), "R", NOW),
                                     order)
        assert refused.value.facts == {"field": field}


@pytest.mark.parametrize("address", [
    "https://bank.example", "https://bank.example:8443/api", "http://127.0.0.1:9000"])
def test_configured_addresses_are_taken(address):
    rules.check_address(address, ["bank.example", "127.0.0.1"])


@pytest.mark.parametrize("address", [
    "http://bank.example", "https://evil.example", "https://bank.example@evil.example",
    "https://user@bank.example", "ftp://127.0.0.1", "file:///etc/passwd", "", "127.0.0.1",
    "http://169.254.169.254", "http://[::1]:80", "https://bank.example:99999",
    "https://bank.example?x=1", "https://bank.example#x"])
def test_other_addresses_are_not(address):
    with pytest.raises(Refused) as refused:
        rules.check_address(address, ["bank.example", "127.0.0.1"])
    assert refused.value.word is refusals.BAD_ADDRESS
