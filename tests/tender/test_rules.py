"""Money, limits, profiles and completeness."""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.refusal import Refused
from tender import profile, rules

from .oracles import example

PROFILE = profile.shipped_for("below", date(2026, 12, 1))
NOW = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)


def lot(**changes) -> SimpleNamespace:
    stated = {
        "number": 1, "category": "works", "regime": "below", "estimate_fen": 398_500_000,
        "price_ceiling_fen": 398_000_000, "deadline": datetime(2026, 12, 14, 1, tzinfo=UTC),
        "decrypt_minutes": 30, "period_days_max": 90, "validity_days": 60, "publicity_days": 3,
        "guarantee": {"amount_fen": 7_000_000}, "panel": {"size": 5, "candidates": 3},
        "award_method": {"method": "direct-vote", "committee_size": 5},
        "criteria": {"factors": [{"code": "plan", "title": "方案", "max": "25"},
                                 {"code": "team", "title": "班子", "max": "15"}]},
        "price_method": {"full_score": "60", "coefficients": ["0.02", "0.03"]},
        "method": "open", "grounds": {}}
    return SimpleNamespace(**stated | changes)


def codes(**changes) -> set[str]:
    return {one["code"] for one in rules.lot_findings(lot(**changes), PROFILE, NOW, 10)}


def test_bd_1_the_cap_of_the_guarantee():
    for name, yuan in example("BD-1")["expected"].items():
        kind, _, estimate = name.partition("_est_")
        category = "services" if kind == "design" else kind
        cap = rules.guarantee_cap(PROFILE, category, int(estimate) * 100)
        assert cap == int(yuan.replace(".", "")), name


@given(st.sampled_from(rules.CATEGORIES), st.integers(1, 10**13))
def test_the_cap_is_never_above_two_percent_nor_the_ceiling(category, estimate):
    cap = rules.guarantee_cap(PROFILE, category, estimate)
    assert cap * 50 <= estimate and cap <= 80_000_000
    rules.check_guarantee(PROFILE, category, estimate, cap)
    with pytest.raises(Refused) as refused:
        rules.check_guarantee(PROFILE, category, estimate, cap + 1)
    assert refused.value.word.code == "lot.guarantee-high"


def test_the_statutory_limit_counts_all_lots_and_includes_itself():
    rules.check_limits(PROFILE, [("works", 399_999_999)])
    rules.check_limits(PROFILE, [("works", 300_000_000), ("goods", 150_000_000)])
    with pytest.raises(Refused) as refused:
        rules.check_limits(PROFILE, [("works", 200_000_000), ("works", 200_000_000)])
    assert refused.value.word.code == "lot.regime-limit"


def test_a_whole_lot_has_no_findings():
    assert codes() == set()


@pytest.mark.parametrize(("changes", "code"), [
    ({"deadline": None}, "lot.deadline"),
    ({"deadline": datetime(2026, 12, 9, tzinfo=UTC)}, "lot.deadline-early"),
    ({"publicity_days": 2}, "lot.publicity"),
    ({"decrypt_minutes": 61}, "lot.decrypt"),
    ({"price_ceiling_fen": 0}, "lot.ceiling"),
    ({"period_days_max": 0}, "lot.period"),
    ({"guarantee": {"amount_fen": 7_970_001}}, "lot.guarantee-high"),
    ({"criteria": {"factors": []}}, "lot.criteria-sum"),
    ({"criteria": {"factors": [{"code": "a", "max": "20"}, {"code": "a", "max": "20"}]}},
     "lot.criteria"),
    ({"criteria": {"factors": [{"code": "a", "max": "40", "min": "40"}]}}, "lot.criteria"),
    ({"price_method": {}}, "lot.coefficients"),
    ({"price_method": {"full_score": "60", "coefficients": ["0.02", "0.020"]}},
     "lot.coefficients"),
    ({"price_method": {"full_score": "60", "coefficients": ["1"]}}, "lot.coefficients"),
    ({"panel": {"size": 4, "candidates": 3}}, "lot.panel"),
    ({"panel": {"size": 3, "candidates": 3}}, "lot.panel"),
    ({"panel": {"size": 5, "candidates": 4}}, "lot.candidates"),
    ({"award_method": {"committee_size": 6}}, "lot.committee"),
])
def test_each_gap_is_found(changes, code):
    assert code in codes(**changes)


def test_works_need_a_bill_of_quantities():
    found = rules.lot_findings(lot(), PROFILE, NOW, 0)
    assert [one["code"] for one in found] == ["lot.items"]
    assert found[0]["field"] == "lots[1].items" and found[0]["zh"] and found[0]["en"]


def test_the_price_alone_needs_working_days_only():
    alone = {"price_method": {"full_score": "100", "coefficients": ["0.02"]},
             "criteria": {"factors": []}, "deadline": datetime(2026, 12, 8, 1, tzinfo=UTC)}
    assert codes(**alone) == set()


@pytest.mark.parametrize("spoil", [
    lambda data: data.pop("title"),
    lambda data: data["numbers"].pop("T8.publicity_days"),
    lambda data: data["numbers"]["T8.publicity_days"].pop("source"),
    lambda data: data["numbers"]["T8.publicity_days"].update(value="3"),
    lambda data: data["numbers"]["T8.publicity_days"].update(value=True),
    lambda data: data["numbers"]["T8.publicity_days"].update(mark="heard"),
    lambda data: data["numbers"]["BD1.rate"].update(value="2"),
    lambda data: data["numbers"]["BD1.rate"].update(value="NaN"),
    lambda data: data.update(regime="above"),
    lambda data: data.update(valid_from="tomorrow"),
])
def test_a_profile_that_lacks_something_is_refused(spoil):
    data = copy.deepcopy(dict(PROFILE))
    profile.check(data)
    spoil(data)
    with pytest.raises(ValueError):
        profile.check(data)


def test_every_number_says_where_it_comes_from():
    for one in profile.shipped():
        for name, entry in one["numbers"].items():
            assert len(entry["source"]) > 3, name
            assert entry["mark"] in profile.MARKS, name


@pytest.mark.parametrize("text", ["阳光建设 有限公司问", "我司（阳光建设有限公司）", "9133 0703 ma2terta3e",
                                  "９１３３０７０３MA2TERTA3E"])
def test_a_question_that_names_its_asker_is_refused(text):
    with pytest.raises(Refused) as refused:
        rules.check_question(text, ("阳光建设有限公司", "91330703MA2TERTA3E"))
    assert refused.value.word.code == "question.names-asker"


def test_other_questions_are_asked():
    rules.check_question("阳光建设的路段有多长？", ("阳光建设有限公司", "91330703MA2TERTA3E"))
    rules.check_question("厚度？", ("", "x"))


def test_the_nearest_place_goes_before_the_latest_day_and_that_before_the_version():
    def one(region, day, version):
        return {"id": f"{region}{day}{version}", "regime": "below", "region": region,
                "valid_from": day, "version": version}

    county, city = one("330703", "2026-01-01", 1), one("3307", "2026-06-01", 1)
    country = [one("", "2026-07-01", 2), one("", "2026-07-01", 3), one("", "2026-03-01", 9)]
    among = [*country, city, county]
    day = date(2026, 12, 1)
    assert profile.choose(among, "below", "330703", day) is county
    assert profile.choose(among, "below", "330702", day) is city
    assert profile.choose(among, "below", "110101", day) is country[1]
    assert profile.choose(among, "below", "330702", date(2026, 5, 31)) is country[2]
    with pytest.raises(KeyError):
        profile.choose(among, "village", "330703", day)
