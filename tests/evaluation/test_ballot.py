import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.ballot import Decided, Open, count, quota

PRICES = {"P1": 300, "P2": 200, "P3": 100}


def test_aw1_majority_at_once():
    prices = {f"P{n}": n for n in range(1, 6)}
    state, tallies = count(prices, 7, [["P3", "P3", "P1", "P3", "P5", "P1", "P3"]])
    assert quota(7) == 4
    assert tallies[0].votes == {"P1": 2, "P2": 0, "P3": 4, "P4": 0, "P5": 1}
    assert state == Decided("P3", "majority", 1)


def test_aw2_tie_ballot_then_runoff():
    first = ["P1", "P1", "P1", "P2", "P2", "P3", "P3"]
    tie = ["P2", "P2", "P2", "P2", "P3", "P3", "P3"]
    runoff = ["P1", "P1", "P1", "P2", "P2", "P2", "P2"]
    assert count(PRICES, 7, [])[0] == Open(1, "first", ("P1", "P2", "P3"))
    assert count(PRICES, 7, [first])[0] == Open(2, "tie", ("P2", "P3"))
    assert count(PRICES, 7, [first, tie])[0] == Open(3, "runoff", ("P1", "P2"))
    state, tallies = count(PRICES, 7, [first, tie, runoff])
    assert state == Decided("P2", "runoff", 3)
    assert [tally.votes for tally in tallies] == [
        {"P1": 3, "P2": 2, "P3": 2}, {"P2": 4, "P3": 3}, {"P1": 3, "P2": 4}]


def test_the_top_two_go_to_the_runoff_and_the_leader_may_lose():
    first = ["P1", "P1", "P2", "P2", "P3"]
    state, _ = count(PRICES, 5, [first])
    assert state == Open(2, "runoff", ("P1", "P2"))
    state, _ = count(PRICES, 5, [first, ["P2", "P2", "P2", "P1", "P1"]])
    assert state == Decided("P2", "runoff", 2)


def test_three_way_tie_is_cut_by_a_ballot_among_the_tied():
    four = PRICES | {"P4": 50}
    first = ["P1", "P1", "P1", "P2", "P2", "P3", "P3", "P4", "P4"]
    assert count(four, 9, [first])[0] == Open(2, "tie", ("P2", "P3", "P4"))
    # Nobody clear again: once more, then the lower price (P4) enters.
    same = ["P2", "P2", "P2", "P3", "P3", "P3", "P4", "P4", "P4"]
    assert count(four, 9, [first, same])[0] == Open(3, "tie", ("P2", "P3", "P4"))
    assert count(four, 9, [first, same, same])[0] == Open(4, "runoff", ("P1", "P4"))


def test_all_tied_first_ballot_fills_both_places():
    prices = PRICES | {"P4": 50, "P5": 40}
    first = ["P1", "P2", "P3", "P4", "P5"]
    assert count(prices, 5, [first])[0] == Open(2, "tie", ("P1", "P2", "P3", "P4", "P5"))
    second = ["P1", "P1", "P2", "P2", "P3"]
    assert count(prices, 5, [first, second])[0] == Open(3, "runoff", ("P1", "P2"))
    third = ["P1", "P1", "P1", "P2", "P3"]
    assert count(prices, 5, [first, third])[0] == Open(3, "tie", ("P2", "P3"))


def test_a_tied_runoff_is_voted_once_more_then_the_lower_price_wins():
    # An even committee cannot be formed; the counting is safe all the same.
    tied = ["P1", "P1", "P2", "P2"]
    two = {"P1": 300, "P2": 200}
    assert count(two, 4, [tied])[0] == Open(2, "runoff", ("P1", "P2"))
    assert count(two, 4, [tied] * 2)[0] == Open(3, "revote", ("P1", "P2"))
    assert count(two, 4, [tied] * 3)[0] == Decided("P2", "lower_price", 3)


@pytest.mark.parametrize("ballots", [
    [["P1"] * 4], [["P1"] * 6], [["P9"] * 5], [["P1"] * 5, ["P1"] * 5],
    [["P1", "P1", "P2", "P2", "P3"], ["P3", "P3", "P3", "P1", "P1"]]])
def test_ballots_that_could_not_have_been_held(ballots):
    with pytest.raises(ValueError):
        count(PRICES, 5, ballots)


@given(st.integers(1, 5), st.sampled_from([3, 5, 7, 9]), st.integers(0, 2**32))
def test_every_course_ends_with_a_candidate(candidates, size, seed):
    prices = {f"P{n}": 100 + n % 2 for n in range(candidates)}
    chance, ballots = random.Random(seed), []
    for _ in range(40):
        state, tallies = count(prices, size, ballots)
        assert len(tallies) == len(ballots)
        if isinstance(state, Decided):
            assert state.winner in prices
            return
        assert len(state.choices) >= 1 and set(state.choices) <= set(prices)
        ballots.append([chance.choice(state.choices) for _ in range(size)])
    pytest.fail("no end")


def test_the_worst_stubbornness_ends_too():
    prices = {f"P{n}": n for n in range(1, 6)}
    ballots = []
    for _ in range(20):
        state, _ = count(prices, 5, ballots)
        if isinstance(state, Decided):
            break
        ballots.append(list(itertools.islice(itertools.cycle(state.choices), 5)))
    assert isinstance(state, Decided)


def test_the_order_of_votes_within_a_ballot_does_not_matter():
    for votes in itertools.permutations(["P1", "P1", "P2", "P3", "P3"]):
        assert count(PRICES, 5, [list(votes)])[0] == Open(2, "runoff", ("P1", "P3"))
