from datetime import UTC, date, datetime, timedelta

import pytest

from evaluation import lifecycle, rules
from kernel.refusal import Refused

NOTICE = datetime(2026, 3, 2, 2, tzinfo=UTC)


@pytest.mark.parametrize("persons,code", [
    ("abcd", "award.committee-size"), ("abc", "award.committee-size"),
    ("abcdefg", "award.committee-size"), ("", "award.committee-size"), ("abcda", "judge.same-person"),
    ("abcdx", "judge.same-person")])
def test_a_committee_that_does_not_fit(persons, code):
    with pytest.raises(Refused) as refused:
        rules.check_committee(list(persons), size=5, elsewhere={"x"})
    assert refused.value.word.code == code


def test_an_even_committee_never_fits():
    with pytest.raises(Refused):
        rules.check_committee(list("abcd"), size=4)


def test_a_committee_that_fits():
    rules.check_committee(list("abcde"), size=5, elsewhere={"x"})


def test_exclusions_have_reasons_and_a_person_counts_once():
    ties = rules.Ties("BUYER", {"T1", "T2"}, {"p3"}, {"p4"})
    pool = [rules.Expert("g1", "p1", "BUYER"), rules.Expert("g2", "p2", "T2"),
            rules.Expert("g3", "p3", None), rules.Expert("g4", "p4", "X"),
            rules.Expert("g6", "p5", "X"), rules.Expert("g5", "p5", "X")]
    assert rules.exclusions(pool, ties) == {
        "g1": "employed_by_buyer", "g2": "employed_by_tenderer", "g3": "person_of_a_party",
        "g4": "other_role_in_lot", "g5": None, "g6": "same_person_again"}


def _contract(**changes):
    facts = {"amount_fen": 100, "price_fen": 100, "signed_at": NOTICE + timedelta(days=30),
             "now": NOTICE + timedelta(days=60), "notified": NOTICE, "due": date(2026, 4, 1),
             "valid_until": date(2026, 5, 1), "day": date(2026, 4, 1), "late_reason": None,
             "regime": "below"}
    return rules.check_contract(**facts | changes)


def test_the_thirtieth_day_is_in_time():
    assert _contract() is False


@pytest.mark.parametrize("changes,code", [
    ({"amount_fen": 101}, "contract.amount"),
    ({"amount_fen": 99}, "contract.amount"),
    ({"signed_at": NOTICE - timedelta(milliseconds=1)}, "contract.time"),
    ({"now": NOTICE}, "contract.time"),
    ({"day": date(2026, 4, 2)}, "contract.late"),
    ({"day": date(2026, 4, 2), "late_reason": "  "}, "contract.late"),
    ({"day": date(2026, 4, 2), "late_reason": "x", "regime": "statutory"}, "contract.late"),
    ({"day": date(2026, 5, 2)}, "contract.bid-validity")])
def test_contracts_that_do_not_follow_the_bid(changes, code):
    with pytest.raises(Refused) as refused:
        _contract(**changes)
    assert refused.value.word.code == code


def test_a_late_contract_with_its_reason_is_marked():
    assert _contract(day=date(2026, 4, 2), late_reason="flood") is True


def test_few_valid_bids_need_an_argument():
    rules.check_competition(3, 3, None)
    rules.check_competition(2, 3, {"lacking": False, "argument": "three quotes of the market"})
    for competition in (None, {"lacking": True, "argument": " "}):
        with pytest.raises(Refused):
            rules.check_competition(2, 3, competition)


def test_the_state_of_a_draw_follows_the_time():
    hour = timedelta(hours=1)
    facts = lifecycle.DrawFacts(NOTICE, NOTICE + hour, None, None)
    states = [lifecycle.draw_state(facts, NOTICE + offset).name for offset in (
        -hour, -timedelta(milliseconds=1), timedelta(0), hour - timedelta(milliseconds=1), hour)]
    assert states == ["COMMITTING", "COMMITTING", "REVEALING", "REVEALING", "SEALED"]
    drawn = lifecycle.DrawFacts(NOTICE, NOTICE, NOTICE, None)
    assert lifecycle.draw_state(drawn, NOTICE).name == "DRAWN"
    void = lifecycle.DrawFacts(NOTICE, NOTICE, None, NOTICE)
    assert lifecycle.draw_state(void, NOTICE).name == "VOID"


def test_the_hash_of_a_sheet_does_not_depend_on_the_order_of_its_keys():
    one = rules.sheet_document("l", "s", "n", {"a": {"x": "1", "y": "2"}, "b": {}}, None)
    two = rules.sheet_document("l", "s", "n", {"b": {}, "a": {"y": "2", "x": "1"}}, None)
    assert rules.digest(one) == rules.digest(two)
