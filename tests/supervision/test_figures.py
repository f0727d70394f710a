"""Figures are computed: the worked examples ST-1 to ST-3, rates, and what explains a payment."""

from __future__ import annotations

from decimal import Decimal

from supervision.figures import implied_previous, per_head, percent, saved, year_on_year
from supervision.ledger import Known, Line, Obligation, judge

from ..tender.oracles import example


def test_st_1_savings():
    given = example("ST-1")
    pairs = [(Decimal(one["limit"]), Decimal(one["award"])) for one in given["inputs"]["sections"]]
    assert saved(pairs) == (Decimal(given["expected"]["saved"]),
                            given["expected"]["saving_rate_pct"])


def test_st_2_the_year_before():
    given = example("ST-2")
    rows = {one["name"]: one for one in given["inputs"]["rows"]}
    implied = {name: str(implied_previous(Decimal(one["current"]), Decimal(one["yoy_pct"])))
               for name, one in rows.items()}
    assert implied == given["expected"]["implied_previous"]
    assert year_on_year(237, 348) == given["expected"]["recheck_projects_pct"]
    assert year_on_year(221, 334) == given["expected"]["recheck_works_pct"]


def test_st_3_benefit_and_what_each_has_of_it():
    given = example("ST-3")
    one, expected = given["inputs"], given["expected"]
    assert str(Decimal(one["saved_wan"]) + Decimal(one["appreciation_wan"])) \
        == expected["benefit_wan"]
    assert str(per_head(Decimal(one["fee_waived_wan"]) * 10_000, one["fee_enterprises"])) \
        == expected["fee_waived_per_enterprise_yuan"]
    assert str(per_head(Decimal(one["bond_released_yi"]) * 10**8, one["bond_bidders"])) \
        == expected["bond_released_per_bidder_yuan"]


def test_a_rate_of_nothing_has_no_value():
    assert percent(0, 0) is None and year_on_year(5, 0) is None and per_head(Decimal(1), 0) is None
    assert percent(1335, 1335) == "100.00" and percent(1, 3) == "33.33"


def line(number: int, fen: int, code: str = "", payee: str = "B") -> Line:
    return Line(str(number), "A", payee, fen, code)


def test_what_explains_a_payment_and_what_does_not():
    known = Known({"E33": {"A"}}, [Obligation("A", "C", 70),
                                   Obligation("A", "D", 80, kind="work")])
    judged = judge([line(1, 90, "E33"), line(2, 70, payee="C"), line(3, 80, payee="D"),
                    line(4, 50), line(5, 49), line(6, 90, "E34"), line(7, 71, payee="C")],
                   known, 50)
    assert judged == {"1": "code", "2": "contract", "3": "work", "4": "hit", "5": "small",
                      "6": "hit", "7": "hit"}


def test_small_payments_that_reach_the_limit_together_are_seen():
    known = Known()
    assert set(judge([line(1, 30), line(2, 20)], known, 50).values()) == {"split"}
    assert set(judge([line(1, 30), line(2, 19)], known, 50).values()) == {"small"}
    assert set(judge([line(1, 30), line(2, 20, payee="C")], known, 50).values()) == {"small"}
