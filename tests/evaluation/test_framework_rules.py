"""Framework agreements, pure: the validity, the conditions, the fairness of turns, the cap."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from evaluation.frameworks import rules
from tender.profile import shipped_for

PROFILE = shipped_for("govproc", date(2026, 6, 1))
DAYS = st.dates(date(2026, 1, 1), date(2090, 1, 1))


def terms(**over):
    return SimpleNamespace(**{"category": "goods", "methods": ["direct"], "methods_reason": "",
                              "until_day": "2026-12-31"} | over)


def codes(found) -> list[str]:
    return [one["code"] for one in found]


@given(DAYS, st.sampled_from(rules.CATEGORIES), st.integers(-400, 900))
def test_the_validity_ends_within_a_year_or_two(day, category, more):
    last = rules.last_day(PROFILE, category, day)
    years = 1 if category == "goods" else 2
    after = last + timedelta(days=1)
    # The same day so many years later, or the last of a February that has no 29th.
    assert (after.year, after.month) == (day.year + years, day.month)
    assert after.day == day.day or (day.month, day.day, after.day) == (2, 29, 28)
    until = min(max(day + timedelta(days=more), date(2020, 1, 1)), date(2095, 1, 1))
    wrong = codes(rules.findings(terms(category=category, until_day=until.isoformat()),
                                 PROFILE, day))
    assert ("framework.validity" in wrong) == (not day <= until <= last)


def test_a_place_without_the_numbers_allows_none_and_other_ways_need_a_reason():
    day = date(2026, 6, 1)
    assert codes(rules.findings(terms(), shipped_for("below", day), day)) \
        == ["framework.not-allowed"]
    assert codes(rules.findings(terms(methods=["direct", "rotation"]), PROFILE, day)) \
        == ["framework.methods"]
    assert rules.findings(terms(methods=["rotation"], methods_reason="零星维修须均衡派单，保证响应。"),
                          PROFILE, day) == []


def test_conditions_ask_each_for_a_valid_paper_and_refusals_rest_on_them_alone():
    asked, day = ["营业执照", "维修资质"], date(2026, 6, 1)
    paper = {"condition": 0, "valid_until": "2026-06-01"}
    assert rules.lacking(asked, [paper], day) == ["维修资质"]
    assert rules.lacking(asked, [paper, paper | {"condition": 1}], day) == []
    assert rules.lacking(asked, [paper, paper | {"condition": 1, "valid_until": "2026-05-31"}],
                         day) == ["维修资质"]
    assert rules.named(asked, [0, 1]) and not rules.named(asked, [])
    assert not rules.named(asked, [2]) and not rules.named(asked, [-1])


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_a_price_is_at_most_the_highest_or_exactly_what_is_paid(price, own):
    assert rules.priced("highest", price, own) == (own <= price)
    assert rules.priced("paid", price, own) == (own == price)
    assert not rules.priced("highest", price, 0)


@given(st.integers(1, 10**7), st.integers(1, 10**5), st.integers(1, 10**7))
def test_no_agreed_price_makes_a_purchase_dearer_than_the_framework_says(price, quantity, own):
    if rules.priced("highest", price, own):
        assert rules.cap_fen(own, quantity) <= rules.cap_fen(price, quantity)


class Order:
    """The order of turns as the acts keep it, and what was asked of whom."""

    def __init__(self, names):
        self.given = 0
        self.place = {}
        self.history: list[list[tuple[str, str]]] = []
        for name in names:
            self.join(name)

    def join(self, name):
        self.given += 1
        self.place[name] = self.given

    def call(self, answers):
        """One call-off: each who is asked answers, until one takes it or nobody is left."""
        asked: list[tuple[str, str]] = []
        while True:
            seats = [rules.Seat(name, at) for name, at in self.place.items()]
            nxt = rules.head(seats, {name for name, _ in asked})
            if nxt is None:
                break
            # Nobody with a better place is passed over, but who was asked in this very call-off.
            assert all(at > nxt.place or name == nxt.name or name in {who for who, _ in asked}
                       for name, at in self.place.items())
            before, answer = nxt.place, next(answers, "taken")
            self.given += 1
            self.place[nxt.name] = self.given
            if answer == "good":
                self.place[nxt.name] = rules.kept_place(before, self.given)
            asked.append((nxt.name, answer))
            if answer == "taken":
                break
        self.history.append(asked)


ANSWERS = st.lists(st.lists(st.sampled_from(["taken", "good", "bad", "silent"]), max_size=6),
                   max_size=25)


@given(st.integers(1, 5), ANSWERS)
def test_over_any_history_nobody_is_skipped(count, calls):
    names = [f"s{number}" for number in range(count)]
    order = Order(names)
    for answers in calls:
        order.call(iter(answers))
        assert len(set(order.place.values())) == count  # no two at one place
    spent = [(name, answer) for call in order.history for name, answer in call
             if answer != "good"]
    # Turns that were used up: between two of one supplier's, every other one was asked.
    for name in names:
        places = [index for index, (who, _) in enumerate(spent) if who == name]
        for first, second in pairwise(places):
            between = {who for who, _ in spent[first + 1:second]}
            kept = {who for call in order.history for who, answer in call if answer == "good"}
            assert set(names) - {name} <= between | kept


@given(st.integers(2, 5), st.integers(1, 40))
def test_where_all_take_their_turns_each_gets_as_many(count, calls):
    order = Order([f"s{number}" for number in range(count)])
    for _ in range(calls):
        order.call(iter(()))
    taken = [call[0][0] for call in order.history]
    assert taken == [f"s{index % count}" for index in range(calls)]


def test_who_declines_with_good_reason_is_next_and_who_does_not_is_last():
    order = Order(["a", "b", "c"])
    order.call(iter(["good", "taken"]))
    assert order.history[-1] == [("a", "good"), ("b", "taken")]
    order.call(iter(["bad", "taken"]))
    assert order.history[-1] == [("a", "bad"), ("c", "taken")]
    order.call(iter(["silent", "taken"]))
    assert order.history[-1] == [("b", "silent"), ("a", "taken")]
    order.join("d")
    order.call(iter(["taken"]))
    assert order.history[-1] == [("c", "taken")]


def test_the_same_project_is_summed_and_another_is_not():
    called = SimpleNamespace(id="1", title="打印纸采购一期", category="goods", most_fen=100)
    day = date(2026, 6, 1)
    mine = rules.part(called, day)
    kin = [rules.part(SimpleNamespace(id=str(number), title=title, category="goods",
                                      most_fen=10), day)
           for number, title in enumerate(("打印纸采购二期", "空调维修"), 2)]
    assert rules.split_total(mine, kin) == 110
    assert rules.since(PROFILE, day) == date(2025, 6, 1)
