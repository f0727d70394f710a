"""What explains a payment: parts of a contract, whose code it is, lists that overlap, parts of one."""

from __future__ import annotations

from datetime import date
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from supervision.ledger import Known, Line, Obligation, judge

NOTHING = Known()


def line(number, fen, payee="B", *, day="2026-03-01", **more) -> Line:
    return Line(str(number), "A", payee, fen, more.pop("code", ""), date.fromisoformat(day), **more)


def said(lines, known=NOTHING, limit=50) -> dict[str, str]:
    """The answers, the same whatever order the lines come in."""
    answers = [judge(list(order), known, limit) for order in permutations(lines)]
    assert all(one == answers[0] for one in answers)
    return answers[0]


def test_payments_on_a_contract_explain_themselves_up_to_its_amount():
    known = Known({}, [Obligation("A", "B", 200)])
    assert said([line(1, 60), line(2, 60, day="2026-05-01"), line(3, 80, day="2027-09-01")], known) \
        == {"1": "contract", "2": "contract", "3": "contract"}
    assert said([line(1, 60), line(2, 80, day="2026-05-01"), line(3, 61, day="2026-06-01")], known) \
        == {"1": "contract", "2": "contract", "3": "hit"}
    assert said([line(1, 60, payee="C")], known) == {"1": "hit"}


def test_one_contract_does_not_explain_a_second_payment_of_the_same_amount():
    known = Known({}, [Obligation("A", "B", 70)])
    assert said([line(1, 70), line(2, 70, day="2026-04-01")], known) \
        == {"1": "contract", "2": "hit"}


def test_a_payment_of_one_contracts_whole_amount_takes_nothing_of_a_larger_one():
    known = Known({}, [Obligation("A", "B", 100), Obligation("A", "B", 60)])
    assert set(said([line(1, 60, day="2026-01-05"), line(2, 100)], known).values()) == {"contract"}


def test_a_code_explains_only_its_own_payer_and_counterparty():
    known = Known({"E1": {"A"}, "E2": {"Z"}}, [Obligation("A", "B", 90, frozenset({"E1"}))])
    assert said([line(1, 90, code="E1")], known) == {"1": "code"}
    assert said([line(1, 90, payee="C", code="E1")], known) == {"1": "hit"}
    assert said([line(1, 90, code="E2")], known) == {"1": "contract"}  # the pair's own contract
    assert said([line(1, 91, code="E2")], known) == {"1": "hit"}
    assert said([line(1, 90, code="E9")], NOTHING) == {"1": "hit"}
    unsigned = Known({"E3": {"A"}}, [])
    assert said([line(1, 90, code="E3")], unsigned) == {"1": "code"}


def test_more_than_the_contract_is_said_where_it_is_as_much_as_the_limit():
    known = Known({"E1": {"A"}}, [Obligation("A", "B", 100, frozenset({"E1"}))])
    paid = [line(1, 90, code="E1"), line(2, 59, code="E1", day="2026-05-01")]
    assert said(paid, known) == {"1": "code", "2": "code"}  # 49 more: a change of the contract
    paid[1] = line(2, 60, code="E1", day="2026-05-01")
    assert said(paid, known) == {"1": "code", "2": "over"}


def test_a_registered_work_that_is_a_contract_counts_once():
    both = [Obligation("A", "B", 70, frozenset({"E1"})),
            Obligation("A", "B", 70, frozenset({"E1"}), "work")]
    assert said([line(1, 70), line(2, 70, day="2026-04-01")], Known({"E1": {"A"}}, both)) \
        == {"1": "contract", "2": "hit"}


def test_contracts_and_payments_are_judged_apart_and_a_contract_is_whole():
    known = Known({}, [Obligation("A", "B", 100)])
    assert said([line(1, 100, whole=True), line(2, 60), line(3, 40, day="2026-04-01")], known) \
        == {"1": "contract", "2": "contract", "3": "contract"}
    assert said([line(1, 60, whole=True)], known) == {"1": "hit"}
    # An unexplained contract and the payment on it are not two parts of something.
    assert set(said([line(1, 30, whole=True), line(2, 30)]).values()) == {"small"}


def test_what_several_lists_bring_counts_once():
    first, again = line(1, 30, ledger="x"), line(2, 30, ledger="y")
    assert sorted(judge([first, again], NOTHING, 50).values()) == ["repeat", "small"]
    twice = line(3, 30, ledger="x")  # one list may hold two of the same
    assert sorted(judge([first, again, twice], NOTHING, 50).values()) \
        == ["repeat", "split", "split"]
    other = line(4, 30, ledger="y", day="2026-03-02")
    assert set(judge([first, other], NOTHING, 50).values()) == {"split"}


def test_parts_of_one_thing_are_summed_within_the_months():
    assert set(said([line(1, 30), line(2, 20, day="2027-02-28")]).values()) == {"split"}
    assert set(said([line(1, 30), line(2, 20, day="2027-03-01")]).values()) == {"small"}
    chain = [line(1, 20, day="2026-01-01"), line(2, 20, day="2026-09-01"),
             line(3, 30, day="2027-06-01")]
    assert said(chain) == {"1": "small", "2": "split", "3": "split"}
    parts = [line(1, 30, payee="B", purpose="后王村道路硬化一期"),
             line(2, 25, payee="C", purpose="后王村道路硬化（二期）")]
    assert set(said(parts).values()) == {"split"}
    assert set(said([line(1, 30, payee="B", purpose="工程款"),
                     line(2, 25, payee="C", purpose="工程款")]).values()) == {"small"}


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 60), st.integers(0, 800)), max_size=12),
       st.lists(st.integers(1, 120), max_size=4))
def test_no_more_is_explained_than_is_owed(paid, owed):
    lines = [Line(str(n), "A", "B", fen, "", date.fromordinal(730_000 + day))
             for n, (fen, day) in enumerate(paid)]
    known = Known({}, [Obligation("A", "B", amount) for amount in owed])
    answers = judge(lines, known, 50)
    assert set(answers) == {one.id for one in lines}
    assert sum(one.amount_fen for one in lines if answers[one.id] == "contract") <= sum(owed)
    assert all(answers[one.id] != "small" for one in lines if one.amount_fen >= 50)
