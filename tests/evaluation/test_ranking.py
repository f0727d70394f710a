"""Judging by a screen: findings, majority, order by price, ties, too few; and LT-1."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation import draw, ranking, report
from evaluation.rules import digest
from kernel.refusal import Refused
from tests.tender.oracles import example

MEETS = {"meets": True, "fails": [], "reason": ""}
FAILS = {"meets": False, "fails": ["spec"], "reason": "未提供检测报告"}
LOWEST = {"method": "lowest-price", "ties": "received"}
BAND = {"method": "price-band", "low_rate": "0.85", "high_rate": "1"}


def bid(name: str, price: int, **more) -> report.Bid:
    return report.Bid(name, name, name, price, **more)


def built(bids, sheets=None, *, price_method=LOWEST, ceiling=1000, enough=3, most=3, **more):
    sheets = sheets or [{one.bid_id: MEETS for one in bids}] * 3
    made = [report.SignedSheet(seat, {"findings": said}, f"{seat}" * 64)
            for seat, said in enumerate(sheets, 1)]
    return ranking.build(report.Basis(
        "lot", "draw", ceiling, {"factors": [], "asked": []}, price_method, "", most, bids,
        enough=enough, **more), made)


def refused(*args, **kwargs):
    with pytest.raises(Refused) as caught:
        ranking.check_findings(*args, **kwargs)
    return caught.value.word.code


def test_the_lowest_price_of_those_who_meet_what_is_asked_stands_first():
    bids = [bid("a", 900), bid("b", 700), bid("c", 800), bid("d", 950), bid("e", 1001)]
    said = {one.bid_id: MEETS for one in bids}
    content = built(bids, [said | {"b": FAILS}, said | {"b": FAILS}, said])
    assert content["ranking"] == ["c", "a", "d"] == content["candidates"]
    assert content["results"]["b"] == {"meets": 1, "fails": 2, "in_band": True, "passed": False}
    assert [one["bid"] for one in content["rejected"]] == ["e"]
    # Near miss: one of three against it is no majority.
    content = built(bids, [said | {"b": FAILS}, said, said])
    assert content["ranking"][0] == "b" and not ranking.failed(content)


def test_fewer_than_three_who_pass_and_the_lot_has_failed():
    bids = [bid(name, 800) for name in "abc"]
    said = {one.bid_id: MEETS for one in bids}
    assert not ranking.failed(built(bids))
    content = built(bids, [said | {"a": FAILS}] * 3)
    assert ranking.failed(content) and content["candidates"] == content["ranking"] == []
    assert not ranking.failed(built(bids, [said | {"a": FAILS}] * 3, enough=2))
    assert ranking.failed(built([*bids[:2], bid("c", 1001)]))


def test_equal_prices_stand_by_the_rule_of_the_documents():
    bids = [bid("a", 800, received="2026-03-02T02:00:00Z", period_days=30),
            bid("b", 800, received="2026-03-02T01:00:00Z", period_days=60),
            bid("c", 801, received="2026-03-01T00:00:00Z", period_days=1)]
    assert built(bids)["ranking"] == ["b", "a", "c"]
    assert built(bids, price_method=LOWEST | {"ties": "period"})["ranking"] == ["a", "b", "c"]


def test_a_price_is_taken_as_it_is_stated():
    """74号令 47: no correction of arithmetic has a place here; the report knows the form's price
    and nothing of a bill."""
    assert "bill" not in report.Bid.__dataclass_fields__
    assert built([bid("a", 800), bid("b", 801), bid("c", 802)])["bids"][0]["price_fen"] == 800


def test_in_a_lottery_the_band_keeps_out_and_the_draw_gives_the_order():
    bids = [bid("a", 850), bid("b", 849), bid("c", 1000), bid("d", 900)]
    content = built(bids, price_method=BAND)
    assert content["passed"] == ["a", "c", "d"] and content["ranking"] == []
    assert not ranking.failed(content) and content["candidates"] == []
    assert content["rejected"] == [] and not content["results"]["b"]["in_band"]
    assert ranking.failed(built(bids[:3], price_method=BAND))


def test_lapsed_bids_are_out_of_it():
    bids = [bid(name, price) for name, price in zip("abcd", (1, 2, 3, 4), strict=True)]
    content = built(bids, lapsed=[{"bid": "a", "uscc": "a", "why": "refused"}])
    assert content["ranking"] == ["b", "c", "d"] and content["lapsed"][0]["bid"] == "a"


def test_the_order_of_sheets_and_bids_does_not_matter():
    bids = [bid("a", 900), bid("b", 700), bid("c", 800)]
    sheets = [report.SignedSheet(seat, {"findings": {one.bid_id: MEETS for one in bids}}, "0" * 64)
              for seat in (1, 2, 3)]
    basis = [report.Basis("lot", "draw", None, {}, LOWEST, "", 3, some)
             for some in (bids, bids[::-1])]
    assert digest(ranking.build(basis[0], sheets)) == digest(ranking.build(basis[1], sheets[::-1]))


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(1, 50), min_size=3))
def test_no_price_before_it_is_higher(prices):
    bids = [bid(name, price) for name, price in prices.items()]
    order = built(bids)["ranking"]
    assert sorted(order) == sorted(prices)
    assert [prices[name] for name in order] == sorted(prices.values())


@pytest.mark.parametrize(("said", "code"), [
    ({"x": MEETS}, "score.finding"),
    ({"a": MEETS | {"fails": ["spec"]}}, "score.finding"),
    ({"a": FAILS | {"fails": []}}, "score.finding"),
    ({"a": FAILS | {"fails": ["other"]}}, "score.finding"),
    ({"a": FAILS | {"fails": ["spec", "spec"]}}, "score.finding"),
    ({"a": FAILS | {"reason": " 缺 "}}, "score.finding-reason"),
])
def test_a_finding_that_is_none_is_refused(said, code):
    assert refused(said, ["spec"], ["a"], complete=False) == code


def test_a_sheet_is_signed_whole():
    assert refused({"a": FAILS}, ["spec"], ["a", "b"], complete=True) == "score.incomplete"
    ranking.check_findings({"a": FAILS, "b": MEETS}, ["spec"], ["a", "b"], complete=True)
    ranking.check_findings({"a": FAILS}, ["spec"], ["a", "b"], complete=False)


def test_lt1_winner_first_and_the_reserves_behind():
    """The worked example's seed, shuffled by the one shuffle of this platform."""
    case = example("LT-1")
    inputs, expected = case["inputs"], case["expected"]
    text = "|".join([inputs["domain"], inputs["commit_secret"],
                     *(f"{name}={value}" for name, value in sorted(inputs["nonces"].items())),
                     *sorted(inputs["ids"])])
    seed = hashlib.sha256(text.encode()).digest()
    assert seed.hex() == case["steps"][1]["value"]
    order = draw.shuffle(inputs["ids"], seed)
    drawn = ranking.seeded(order, {name: name for name in inputs["ids"]}, 7)
    assert [drawn[0], drawn[1:]] == [expected["winner"], expected["reserves"]]
    assert ranking.seeded(order, {name: name for name in inputs["ids"]}, 3) == expected["order"][:3]
