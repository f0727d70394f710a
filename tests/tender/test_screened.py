"""Inquiry and lottery: what keeps such a lot back, each with its near miss; band, tier, times."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tender import amendment, profile, regime, rules, screened, timetable
from tests.tender.oracles import example

NOW = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
DAY = date(2026, 12, 1)
ASKED = {"factors": [], "asked": [{"code": "spec", "title": "符合技术规格"},
                                  {"code": "stock", "title": "现货供应"}]}
UNBUILT = {"lot.method-unbuilt"}
REASON = "标准办公设备，市场供应充足，价格稳定。"


def inquiry(own: str = "govproc", **changes) -> SimpleNamespace:
    """An inquiry that has no findings."""
    law = profile.shipped_for(own, DAY)
    said = {
        "number": 1, "category": "goods", "regime": own, "method": "inquiry",
        "estimate_fen": 30_000_000, "price_ceiling_fen": 30_000_000, "decrypt_minutes": 30,
        "period_days_max": 30, "validity_days": 60, "publicity_days": 3, "two_envelopes": False,
        "deadline": timetable.earliest_deadline(law, NOW, comprehensive=False, method="inquiry"),
        "guarantee": {"amount_fen": 0}, "panel": {"size": 3, "candidates": 3},
        "award_method": {"method": "first-ranked"}, "criteria": ASKED,
        "price_method": {"method": "lowest-price", "ties": "received"},
        "grounds": {"method_reason": REASON}}
    return SimpleNamespace(**said | changes)


def lottery(own: str = "village", **changes) -> SimpleNamespace:
    """A lottery that has no findings."""
    law = profile.shipped_for(own, DAY)
    return SimpleNamespace(**vars(inquiry("below")) | {
        "category": "works", "regime": own, "method": "lottery",
        "deadline": timetable.earliest_deadline(law, NOW, comprehensive=False),
        "panel": {"size": 5, "candidates": 3},
        "price_method": {"method": "price-band", "low_rate": "0.85", "high_rate": "1"},
        "grounds": {"resolution": "村议〔2026〕3号", "policy_document": "某政办〔2026〕5号",
                    "screen": "资质、业绩和报价区间均符合的"}} | changes)


def codes(made) -> set[str]:
    law = profile.shipped_for(made.regime, DAY)
    return {one["code"] for one in rules.lot_findings(made, law, NOW, 3)} - UNBUILT


@pytest.mark.parametrize("made", [inquiry(), inquiry("below"), lottery(), lottery("below")])
def test_a_whole_one_has_no_findings(made):
    assert codes(made) == set()


@pytest.mark.parametrize(("changes", "code"), [
    ({"criteria": ASKED | {"factors": [{"code": "plan", "title": "方案", "max": "40"}]}},
     "lot.screened-scores"),
    ({"criteria": {"factors": []}}, "lot.screened-asked"),
    ({"criteria": {"factors": [], "asked": [ASKED["asked"][0]] * 2}}, "lot.screened-asked"),
    ({"price_method": {"full_score": "100", "coefficients": ["0.02"]}}, "lot.screened-method"),
    ({"award_method": {"method": "direct-vote", "committee_size": 5}},
     "lot.screened-method"),
    ({"two_envelopes": True}, "lot.screened-envelopes"),
    ({"price_method": {"method": "lowest-price", "ties": "by lot"}}, "lot.inquiry-ties"),
    ({"category": "services"}, "lot.inquiry-goods"),
    ({"grounds": {}}, "lot.inquiry-ground"),
    ({"panel": {"size": 3, "candidates": 2}}, "lot.inquiry-candidates"),
    ({"panel": {"size": 4, "candidates": 3}}, "lot.panel"),
    ({"panel": {"size": 1, "candidates": 3}}, "lot.panel"),
    ({"deadline": inquiry().deadline - timedelta(milliseconds=1)}, "lot.deadline-early"),
])
def test_what_does_not_fit_an_inquiry(changes, code):
    assert codes(inquiry(**changes)) == {code}


def test_three_working_days_are_enough_for_an_inquiry_and_for_nothing_else():
    law = profile.shipped_for("govproc", DAY)
    found = timetable.earliest_deadline(law, NOW, comprehensive=False, method="inquiry")
    assert timetable.beijing_day(found) == date(2026, 12, 4)
    assert timetable.deadline_rule(law, "inquiry", comprehensive=True) == "T2.inquiry"
    assert timetable.deadline_rule(law, "open", comprehensive=False) == "T2.other"
    assert amendment.span(law, "inquiry") == profile.Period(3, True)
    assert amendment.span(law, "open") == profile.Period(15, False)


def test_from_the_amount_for_open_tenders_on_it_needs_approval_and_five_members():
    edge = {"estimate_fen": 200_000_000}
    assert codes(inquiry(estimate_fen=199_999_999)) == set()
    assert codes(inquiry(**edge)) == {"lot.inquiry-approval", "lot.panel"}
    assert codes(inquiry(**edge, panel={"size": 5, "candidates": 3}, grounds={
        "method_reason": REASON, "method_document": "财采〔2026〕8号"})) == set()


def test_the_tier_of_a_simple_inquiry_ends_with_its_number_and_a_reason_excuses():
    assert codes(inquiry("below", estimate_fen=60_000_000)) == set()
    assert codes(inquiry("below", estimate_fen=60_000_001)) == {"lot.inquiry-tier"}
    assert codes(inquiry("below", estimate_fen=60_000_001, grounds={
        "reasons": {"inquiry.limit_fen": "县里的分档已提高到一百万元"}})) == set()


@pytest.mark.parametrize("own", ["village", "intermediary"])
def test_where_the_profile_offers_no_inquiry_there_is_none(own):
    law = profile.shipped_for("below", DAY)
    made = inquiry("below", regime=own, panel={"size": 5, "candidates": 3}, deadline=
                   timetable.earliest_deadline(law, NOW, comprehensive=True),
                   grounds={"resolution": "村议3号"})
    assert "lot.method-offered" in {
        one["code"] for one in rules.lot_findings(
            made, profile.shipped_for(own, DAY) if own == "village" else _intermediary(), NOW, 3)}


def _intermediary():
    found = dict(profile.shipped_for("intermediary", DAY))
    found["numbers"] = {name: one for name, one in found["numbers"].items()
                        if not name.startswith("inquiry.")}
    return found


def test_the_statutory_regime_knows_neither():
    for made in (inquiry("below"), lottery("below")):
        made.regime, made.deadline = "statutory", NOW + timedelta(days=31)
        made.panel, made.grounds = {"size": 5, "candidates": 3}, made.grounds | {
            "pilot_document": "试点1号"}
        assert "lot.method" in codes(made)


@pytest.mark.parametrize(("changes", "code"), [
    ({"price_method": {"method": "price-band", "low_rate": "1", "high_rate": "1"}},
     "lot.lottery-band"),
    ({"price_method": {"method": "price-band", "low_rate": "0.8", "high_rate": "1.01"}},
     "lot.lottery-band"),
    ({"price_method": {"method": "lowest-price", "ties": "received"}}, "lot.screened-method"),
    ({"grounds": lottery().grounds | {"screen": ""}}, "lot.lottery-screen"),
    ({"grounds": lottery().grounds | {"policy_document": " "}}, "lot.lottery-policy"),
])
def test_what_does_not_fit_a_lottery(changes, code):
    assert codes(lottery(**changes)) == {code}


def test_no_other_lot_is_judged_so():
    made = inquiry("below", method="open", panel={"size": 5, "candidates": 3},
                   deadline=NOW + timedelta(days=20))
    assert "lot.scored-method" in codes(made)


def test_the_band_has_both_ends_inside():
    case = example("PB-8")["inputs"]
    ceiling = int(Fraction(case["price_limit"]) * 100)
    band = {"method": "price-band", "low_rate": case["lower_ratio"], "high_rate": "1"}
    inside = {name for name, text in case["bids"].items()
              if screened.within(int(Fraction(text) * 100), ceiling, band)}
    assert inside == set("ABD")


@given(st.integers(1, 10**13), st.integers(1, 10**13), st.integers(0, 99))
def test_the_band_is_exact(price, ceiling, low):
    band = {"method": "price-band", "low_rate": f"0.{low:02d}", "high_rate": "1"}
    assert screened.within(price, ceiling, band) == (low * ceiling <= 100 * price <= 100 * ceiling)


def test_the_notice_says_how_the_winner_is_found():
    for made in (inquiry(), lottery()):
        said = vars(made)
        made_rows = {one["name"]: one for one in screened.rows(said)}
        assert made_rows["award_method"]["text"]["zh"].startswith("排名第一")
        assert ("ties" in made_rows) == (made.method == "inquiry")
        assert ("fair" in made_rows) == (made.method == "lottery")
        assert made_rows["asked_1"]["value"] == "符合技术规格"
    assert regime.METHODS[3:5] == ("inquiry", "lottery")
