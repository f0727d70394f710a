import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation import scoring
from kernel.refusal import Refused

FACTORS = scoring.factors_of({"factors": [
    {"code": "plan", "title": "施工组织", "max": "25"},
    {"code": "team", "title": "项目班子", "min": "1", "max": "15", "step": "0.5"}]})


def _sums(*texts):
    return [Fraction(text) for text in texts]


@pytest.mark.parametrize("sums,dropped,kept,final", [
    ("26.5 27.0 24.0 28.5 25.5 26.0 22.0", ("22", "28.5"), "129.0", "25.80"),
    ("25.0 24.5 25.5 26.0 24.0 25.0 29.0", ("24", "29"), "126.0", "25.20"),
    ("21.0 23.5 22.0 22.5 21.5 20.0 23.0", ("20", "23.5"), "110.0", "22.00")])
def test_es1(sums, dropped, kept, final):
    result = scoring.technical(_sums(*sums.split()))
    assert result.dropped == _sums(*dropped)
    assert result.mean * 5 == Fraction(kept)
    assert result.steps()["score"] == final


def test_six_experts_drop_none():
    assert scoring.technical(_sums("1", "2", "3", "4", "5", "30")).dropped == []


def test_es3_totals_and_tie_by_lower_price():
    parts = {"P": ("25.80", "8.00", "57.30"), "Q": ("25.20", "9.00", "56.90"),
             "R": ("22.00", "10.00", "59.50")}
    totals = {name: scoring.total(_sums(*texts)) for name, texts in parts.items()}
    assert totals == {"P": "91.10", "Q": "91.10", "R": "91.50"}
    prices = {"P": 370000000, "Q": 365500000, "R": 358800000}
    technical = {name: Fraction(texts[0]) for name, texts in parts.items()}
    assert scoring.order(totals, prices, technical) == ["R", "Q", "P"]
    same = dict.fromkeys("PQR", 1)
    assert scoring.order(totals, same, technical) == ["R", "P", "Q"]


def test_mean_then_round_gives_the_tie_of_woods():
    one = scoring.technical(_sums("88.335", "88.335", "88.334")).mean
    two = scoring.technical(_sums("88.34", "88.33", "88.33")).mean
    assert scoring.total([one]) == scoring.total([two]) == "88.33"


@pytest.mark.parametrize("sheet", [
    {"b1": {"plan": "25.01"}}, {"b1": {"plan": "-1"}}, {"b1": {"plan": "1e1"}},
    {"b1": {"plan": "NaN"}}, {"b1": {"plan": 5}}, {"b1": {"plan": "5.001"}},
    {"b1": {"plan": " 5"}}, {"b1": {"plan": "05"}}, {"b1": {"plan": "５"}},
    {"b1": {"team": "0.5"}}, {"b1": {"team": "1.25"}}, {"b1": {"else": "1"}},
    {"b9": {"plan": "1"}}, {"b1": {"plan": None}}, {"b1": {"plan": True}}])
def test_a_score_out_of_bounds_is_refused(sheet):
    with pytest.raises(Refused) as refused:
        scoring.check_sheet(sheet, FACTORS, ["b1"], complete=False)
    assert refused.value.word.code == "score.out-of-bounds"


def test_the_bounds_themselves_are_scores():
    sheet = {"b1": {"plan": "0", "team": "15.0"}, "b2": {"plan": "25.00", "team": "1"}}
    scoring.check_sheet(sheet, FACTORS, ["b1", "b2"], complete=True)


@pytest.mark.parametrize(
    "bid,code", list(itertools.product(["b1", "b2", "b3"], ["plan", "team"])))
def test_one_missing_score_is_found_at_each_place(bid, code):
    sheet = {name: {"plan": "1", "team": "1"} for name in ("b1", "b2", "b3")}
    del sheet[bid][code]
    scoring.check_sheet(sheet, FACTORS, list(sheet), complete=False)
    with pytest.raises(Refused) as refused:
        scoring.check_sheet(sheet, FACTORS, list(sheet), complete=True)
    assert refused.value.facts == {"missing": 1, "bid": bid, "factor": code}


_scores = st.integers(0, 2500).map(lambda n: f"{n // 100}.{n % 100:02d}")


@given(st.lists(st.fixed_dictionaries({"plan": _scores}), min_size=1, max_size=9), st.randoms())
def test_totals_do_not_depend_on_the_order_of_sheets_and_stay_in_bounds(scores, chance):
    sheets = [{"b": one} for one in scores]
    shuffled = sheets[:]
    chance.shuffle(shuffled)
    first = scoring.technical_scores(sheets, ["b"])["b"]
    assert first == scoring.technical_scores(shuffled, ["b"])["b"]
    assert 0 <= first.mean <= 25
    # The same by decimals of great precision, as a second way of reckoning.
    total = scoring.total([first.mean])
    assert abs(Fraction(total) - first.mean) <= Fraction(1, 200)
