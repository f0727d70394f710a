import dataclasses
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.benchmark import (
    Method,
    exact_text,
    half_up,
    over_limit,
    score_prices,
    yuan,
)

PB1 = {"A": 385120000, "B": 379250050, "C": 381500000, "D": 362088000, "E": 390566660,
       "F": 377800000, "G": 399500000}
METHOD = Method(full_score=Fraction(60), deduct_above=Fraction(1), deduct_below=Fraction("0.5"))


def test_pb1_every_number():
    assert over_limit(PB1, 398000000) == ["G"]
    valid = {name: price for name, price in PB1.items() if name != "G"}
    result = score_prices(valid, "0.03", METHOD)
    steps = result.steps
    assert steps["valid_sorted"] == [
        ["D", "3620880.00"], ["F", "3778000.00"], ["B", "3792500.50"], ["C", "3815000.00"],
        ["A", "3851200.00"], ["E", "3905666.60"]]
    assert (steps["dropped_high"], steps["dropped_low"]) == (["E"], ["D"])
    assert steps["sum_kept"] == "15236700.50" and steps["mean_kept"] == "3809175.125"
    assert steps["benchmark"] == "3694899.87" and result.benchmark_fen == 369489987
    expected = {"A": ("4.230159", "55.77"), "B": ("2.641496", "57.36"),
                "C": ("3.250430", "56.75"), "D": ("-2.003298", "59.00"),
                "E": ("5.704261", "54.30"), "F": ("2.249050", "57.75")}
    for name, (percent, score) in expected.items():
        row = steps["scores"][name]
        assert (row["deviation_pct"], row["score"]) == (percent, score)
    assert sorted(result.scores, key=result.scores.get, reverse=True) == list("DFBCAE")


def test_three_bids_drop_none():
    steps = score_prices({"A": 100, "B": 200, "C": 300}, "0", METHOD).steps
    assert (steps["dropped_high"], steps["dropped_low"], steps["benchmark"]) == ([], [], "2.00")


def test_dropping_never_leaves_nothing():
    greedy = dataclasses.replace(METHOD, drop_high=2, drop_low=2)
    prices = {"A": 100, "B": 200, "C": 300, "D": 400}
    assert score_prices(prices, "0", greedy).steps["kept"] == list("ABCD")
    assert score_prices(prices | {"E": 900}, "0", greedy).steps["kept"] == ["C"]


def test_a_benchmark_is_at_least_a_fen():
    result = score_prices({"A": 1, "B": 2}, "0.9999", METHOD)
    assert result.benchmark_fen == 1 and result.scores == {"A": 60, "B": 0}


def test_a_score_never_falls_below_its_floor():
    scores = score_prices({"A": 100, "B": 100, "C": 1000}, "0", METHOD).scores
    assert scores["C"] == 0 and min(scores.values()) == 0


def test_the_limit_itself_is_allowed():
    assert over_limit({"A": 100, "B": 101}, 100) == ["B"]
    assert over_limit({"A": 100}, None) == []


@pytest.mark.parametrize("value,places,text", [
    ("2.675", 2, "2.68"), ("0.125", 2, "0.13"), ("-0.125", 2, "-0.13"), ("-0.001", 2, "0.00"),
    ("88.335", 2, "88.34"), ("2.5", 0, "3"), ("999.995", 2, "1000.00"), ("0.005", 2, "0.01")])
def test_rounding_vector(value, places, text):
    assert half_up(Fraction(value), places) == text


def test_two_thousand_rounding_vectors():
    # The same rule said by another implementation: decimal's own ROUND_HALF_UP.
    for number in range(2000):
        value = Decimal((number * 7919) % 200003 - 100000) / Decimal(1000)
        quantised = value.quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert Decimal(half_up(value, 2)) == quantised


@given(st.dictionaries(st.text("ABCDEFGH", min_size=1, max_size=3),
                       st.integers(1, 10**12), min_size=1, max_size=12),
       st.sampled_from(["0", "0.02", "0.035", "0.05"]))
def test_scores_are_in_bounds_and_order_does_not_matter(prices, coefficient):
    first = score_prices(prices, coefficient, METHOD)
    again = score_prices(dict(reversed(prices.items())), coefficient, METHOD)
    assert first == again
    assert all(0 <= score <= 60 for score in first.scores.values())


@pytest.mark.parametrize("prices", [{}, {"A": 0}, {"A": -1, "B": 5}])
def test_no_price_no_benchmark(prices):
    with pytest.raises(ValueError):
        score_prices(prices, "0.02", METHOD)


def test_exact_texts():
    assert exact_text(Fraction(1, 3)) == "1/3"
    assert exact_text(Fraction("3809175.125")) == "3809175.125"
    assert exact_text(Fraction(1200)) == "1200" and exact_text(Fraction(0)) == "0"
    assert yuan(369489987) == "3694899.87"
