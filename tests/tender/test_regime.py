"""Regimes: what blocks, what a reason excuses, lots drawn, thresholds and splitting."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tender import profile, regime, rules, terms, timetable

NOW = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
DAY = date(2026, 12, 1)
REASON = "本村雨季将至，经村民代表会议同意提前。"


def lot(own: str, **changes) -> SimpleNamespace:
    """A lot that has no findings in its regime."""
    law = profile.shipped_for(own, DAY)
    stated = {
        "number": 1, "category": "works", "regime": own, "estimate_fen": 39_000_000,
        "price_ceiling_fen": 38_000_000, "decrypt_minutes": 30, "period_days_max": 90,
        "deadline": timetable.earliest_deadline(law, NOW, comprehensive=True),
        "validity_days": 60, "publicity_days": 3, "guarantee": {"amount_fen": 0},
        "panel": {"size": 5, "candidates": 3},
        "award_method": {"method": "direct-vote", "committee_size": 5},
        "criteria": {"factors": [{"code": "plan", "title": "方案", "max": "40"}]},
        "price_method": {"full_score": "60", "coefficients": ["0.02"]},
        "method": "open", "grounds": {"resolution": "村议〔2026〕3号", "pilot_document": "试点〔2026〕1号"}}
    return SimpleNamespace(**stated | changes)


def codes(made) -> set[str]:
    law = profile.shipped_for(made.regime, DAY)
    return {one["code"] for one in rules.lot_findings(made, law, NOW, 3)}


@pytest.mark.parametrize("own", profile.REGIMES)
def test_every_regime_carries_a_whole_lot(own):
    assert codes(lot(own)) == set()


@pytest.mark.parametrize(("own", "rule", "changes", "code"), [
    ("village", "T2.comprehensive", {"deadline": NOW + timedelta(days=3)}, "lot.deadline-early"),
    ("village", "T8.publicity_days", {"publicity_days": 1}, "lot.publicity"),
    ("below", "panel.size", {"panel": {"size": 3, "candidates": 3}}, "lot.panel"),
    ("below", "candidates.max", {"panel": {"size": 5, "candidates": 5}}, "lot.candidates"),
    ("intermediary", "committee.size",
     {"award_method": {"method": "direct-vote", "committee_size": 1}}, "lot.committee"),
    ("below", "decrypt.minutes_max", {"decrypt_minutes": 90}, "lot.decrypt"),
    ("village", "R58.performance_rate",
     {"guarantee": {"amount_fen": 0, "performance_rate": "0.2"}}, "lot.performance-high"),
])
def test_a_breach_is_found_and_a_recorded_reason_excuses_it_where_the_profile_says(
        own, rule, changes, code):
    law = profile.shipped_for(own, DAY)
    assert codes(lot(own, **changes)) == {code}
    grounds = lot(own).grounds | {"reasons": {rule: REASON}}
    made = lot(own, **changes | {"grounds": grounds})
    assert codes(made) == set()
    found = rules.all_findings(made, law, NOW, 3)
    assert regime.departures(law, terms.terms_of(made).grounds, found) == [rule]
    assert codes(lot(own, **changes | {"grounds": grounds | {"reasons": {rule: "短"}}})) == {code}


@pytest.mark.parametrize(("rule", "changes", "code"), [
    ("T2.comprehensive", {"deadline": NOW + timedelta(days=10)}, "lot.deadline-early"),
    ("T8.publicity_days", {"publicity_days": 1}, "lot.publicity"),
    ("panel.size", {"panel": {"size": 3, "candidates": 3}}, "lot.panel"),
    ("candidates.max", {"panel": {"size": 5, "candidates": 5}}, "lot.candidates"),
])
def test_in_the_statutory_regime_no_reason_helps(rule, changes, code):
    grounds = lot("statutory").grounds | {"reasons": {rule: REASON}}
    assert codes(lot("statutory", **changes | {"grounds": grounds})) == {code}


def test_the_statutory_regime_blocks_whatever_a_profile_says_of_itself():
    law = dict(profile.shipped_for("statutory", DAY))
    law["numbers"] = law["numbers"] | {
        "T8.publicity_days": law["numbers"]["T8.publicity_days"] | {"breach": "reason"}}
    assert profile.blocks(law, "T8.publicity_days")


def test_a_reason_for_what_the_profile_does_not_know_is_found():
    made = lot("below", grounds={"reasons": {"T99.nothing": REASON}})
    assert codes(made) == {"lot.reason-unknown"}


def test_government_procurement_counts_seven_members_from_ten_million():
    assert codes(lot("govproc", estimate_fen=999_999_999)) == set()
    assert codes(lot("govproc", estimate_fen=1_000_000_000)) == {"lot.panel"}
    assert codes(lot("govproc", estimate_fen=1_000_000_000,
                     panel={"size": 7, "candidates": 3})) == set()


def test_award_apart_from_evaluation_needs_a_pilot_document_where_the_law_binds():
    assert codes(lot("statutory", grounds={})) == {"lot.pilot"}
    assert codes(lot("below", grounds={})) == set()


def test_village_works_name_their_resolution():
    assert codes(lot("village", grounds={})) == {"lot.resolution"}


def test_the_lottery_gate():
    whole = {"policy_document": "某政办〔2026〕5号", "screen": "资格审查合格者", "resolution": "村议3号",
             "pilot_document": "试点1号"}
    said = {"method": "lottery", "two_envelopes": False, "award_method": {"method": "first-ranked"},
            "criteria": {"factors": [], "asked": [{"code": "licence", "title": "有效资质证书"}]},
            "price_method": {"method": "price-band", "low_rate": "0.85", "high_rate": "1"}}
    unbuilt = set() if "lottery" in regime.CARRIED else {"lot.method-unbuilt"}
    assert codes(lot("village", **said, grounds=whole)) == unbuilt
    assert codes(lot("village", **said, grounds=whole | {"screen": " "})) \
        == unbuilt | {"lot.lottery-screen"}
    assert codes(lot("village", **said, grounds=whole | {"policy_document": ""})) \
        == unbuilt | {"lot.lottery-policy"}
    assert codes(lot("statutory", **said, grounds=whole)) \
        == unbuilt | {"lot.lottery", "lot.method"}
    assert codes(lot("govproc", **said, grounds=whole)) == unbuilt | {"lot.method-offered"}


# --- splitting ------------------------------------------------------------------------------------
BELOW = profile.shipped_for("below", DAY)


def part(estimate_wan: int, published=None, **changes) -> regime.Part:
    said = {"lot_id": "a" * 32, "title": "河道整治工程第一期", "approval_no": "", "category": "works"}
    return regime.Part(**said | changes, estimate_fen=estimate_wan * 1_000_000,
                       published=published)


def test_lots_of_one_project_within_a_year_are_summed_and_the_limit_is_inside():
    own = [part(200)]
    before = part(200, date(2026, 3, 1), lot_id="b" * 32, title="河道整治工程（第二期）")
    assert regime.split_alert(BELOW, own, [before], DAY) == [
        ("works", 400_000_000, 400_000_000, ("b" * 32,))]
    less = part(199, date(2026, 3, 1), title="河道整治工程二期")
    assert regime.split_alert(BELOW, own, [less], DAY) == []


@pytest.mark.parametrize("changes", [
    {"title": "村道硬化工程"}, {"category": "goods"}, {"published": date(2025, 12, 1)},
    {"published": None}])
def test_what_is_not_the_same_project_is_not_summed(changes):
    other = part(300, **{"published": date(2026, 3, 1)} | changes)
    assert regime.split_alert(BELOW, [part(200)], [other], DAY) == []


def test_the_approval_number_makes_one_project_of_two_titles():
    own = part(200, approval_no="金东发改〔2026〕 8号")
    other = part(300, date(2025, 12, 2), title="村道硬化工程", approval_no="金东发改[2026]8号")
    assert len(regime.split_alert(BELOW, [own], [other], DAY)) == 1


def test_a_project_that_reaches_the_limit_by_itself_is_no_splitting():
    other = part(300, date(2026, 3, 1))
    assert regime.split_alert(BELOW, [part(400)], [other], DAY) == []
    assert regime.over_limits(BELOW, [("works", 400_000_000)])


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.integers(0, 60))
def test_months_go_back_to_the_same_day_or_the_months_last(day, months):
    before = regime.months_before(day, months)
    assert (day.year * 12 + day.month) - (before.year * 12 + before.month) == months
    assert before.day == day.day or (before + timedelta(days=1)).day == 1 and before.day < day.day
