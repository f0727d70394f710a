import itertools
import json

import pytest

from evaluation import report
from evaluation.rules import digest
from kernel.canonical import jcs

CRITERIA = {"factors": [{"code": "plan", "title": "施工组织", "max": "40"}]}
METHOD = {"code": "TRIMMED_MEAN_X_DRAWN_COEFF", "full_score": "60", "deduct_per_pct_above": "1.0",
          "deduct_per_pct_below": "0.5"}
PRICES = {"A": 385120000, "B": 379250050, "C": 381500000, "D": 362088000, "E": 390566660,
          "F": 377800000, "G": 399500000}
PLAN = {"A": "39", "B": "38.5", "C": "30", "D": "30", "E": "20", "F": "35"}


def _basis(prices=PRICES, ceiling=398000000):
    bids = [report.Bid(name.lower(), "p" + name, f"91{name}", price)
            for name, price in prices.items()]
    return report.Basis("lot", "draw", ceiling, CRITERIA, METHOD, "0.03", 3, bids)


def _sheets(scores=PLAN, competition=None, seats=5):
    content = {"scores": {name.lower(): {"plan": text} for name, text in scores.items()},
               "competition": competition}
    return [report.SignedSheet(seat, content, f"{seat:064x}") for seat in range(1, seats + 1)]


def test_pb1_inside_a_report():
    content = report.build(_basis(), _sheets())
    assert [row["bid"] for row in content["rejected"]] == ["g"]
    assert content["rejected"][0]["law"] == "实施条例 51(5)"
    assert content["price"]["benchmark"] == "3694899.87"
    totals = {bid: row["total"] for bid, row in content["results"].items()}
    assert totals == {"a": "94.77", "b": "95.86", "c": "86.75", "d": "89.00", "e": "74.30",
                      "f": "92.75"}
    assert content["candidates"] == ["a", "b", "f"], "by USCC, not by rank"
    assert json.loads(jcs(content)) == content


def test_the_report_does_not_depend_on_order():
    first = digest(report.build(_basis(), _sheets()))
    for sheets in itertools.permutations(_sheets()):
        assert digest(report.build(_basis(), sheets)) == first
    assert digest(report.build(_basis(dict(reversed(PRICES.items()))), _sheets())) == first


def test_an_odd_score_of_one_expert_shows_in_the_hash():
    sheets = _sheets()
    changed = _sheets(PLAN | {"A": "39.5"})[0]
    assert digest(report.build(_basis(), [changed, *sheets[1:]])) != digest(
        report.build(_basis(), sheets))


@pytest.mark.parametrize("lacking,candidates", [(0, 2), (2, 2), (3, 0), (5, 0)])
def test_two_valid_bids_are_argued_and_a_majority_rejects_all(lacking, candidates):
    basis = _basis({"A": 100, "B": 120, "G": 999}, 500)
    sheets = [report.SignedSheet(sheet.seat, dict(sheet.document) | {
        "competition": {"lacking": sheet.seat <= lacking, "argument": "two far apart"}},
        sheet.sheet_hash) for sheet in _sheets({"A": "30", "B": "20"})]
    content = report.build(basis, sheets)
    assert len(content["candidates"]) == candidates
    assert len(content["competition"]["opinions"]) == 5


def test_price_alone_may_be_scored():
    basis = report.Basis("lot", "draw", None, {"factors": []}, METHOD | {"full_score": "100"},
                         "0.03", 3, _basis().bids)
    sheets = [report.SignedSheet(seat, {"scores": {}, "competition": None}, "")
              for seat in range(5)]
    content = report.build(basis, sheets)
    assert content["results"]["a"]["technical"]["mean"] == "0"
    assert len(content["candidates"]) == 3


def test_no_valid_bid_no_candidate():
    content = report.build(_basis({"A": 100, "B": 120, "C": 130}, 50), _sheets({}))
    assert content["candidates"] == [] and content["price"] is None
    assert len(content["rejected"]) == 3


def test_a_tie_at_the_cut_falls_to_the_lower_price():
    # Full deduction makes the price scores 0; the four differ by price alone.
    method = METHOD | {"deduct_per_pct_above": "0", "deduct_per_pct_below": "0"}
    bids = [report.Bid(name, name, f"91{name}", price)
            for name, price in {"w": 104, "x": 103, "y": 102, "z": 101}.items()]
    basis = report.Basis("lot", "draw", None, CRITERIA, method, "0.02", 3, bids)
    content = {"scores": {name: {"plan": "10"} for name in "wxyz"}, "competition": None}
    sheets = [report.SignedSheet(seat, content, "") for seat in range(5)]
    assert report.build(basis, sheets)["candidates"] == ["x", "y", "z"]
