"""Shares against an implementation that is not ours, and every coalition of every policy."""

import os
from itertools import chain, combinations

import pyshamir
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bidding import policy, shamir, suites

CLASSIC = suites.get("intl-x25519-1")


def subsets(items):
    items = list(items)
    return chain.from_iterable(combinations(items, n) for n in range(len(items) + 1))


@pytest.mark.parametrize("k,n", [(2, 2), (2, 3), (3, 5), (5, 7), (2, 255)])
def test_pyshamir_combines_ours_and_we_theirs(k, n):
    secret = os.urandom(32)
    ours = shamir.split(secret, k, n)
    assert all(len(share) == 33 for share in ours)
    assert bytes(pyshamir.combine([bytearray(share) for share in ours[:k]])) == secret
    theirs = [bytes(share) for share in pyshamir.split(secret, n, k)]
    assert shamir.combine(theirs[-k:]) == secret


@pytest.mark.parametrize("k,n", [(1, 3), (2, 3), (3, 5)])
def test_every_coalition_of_k_and_none_smaller(k, n):
    secret = os.urandom(32)
    shares = shamir.split(secret, k, n)
    for group in subsets(shares):
        if len(group) >= k:
            assert shamir.combine(group) == secret
        elif group:
            assert shamir.combine(group) != secret


@given(st.binary(min_size=1, max_size=40), st.integers(2, 6), st.data())
@settings(max_examples=40, deadline=None)
def test_any_secret_survives(secret, k, data):
    n = data.draw(st.integers(k, 8))
    shares = data.draw(st.permutations(shamir.split(secret, k, n)))
    assert shamir.combine(shares[:k]) == secret


@pytest.mark.parametrize("bad", [[], [b"\1"], [b"ab", b"abc"], [b"xx\1", b"yy\1"], [b"xx\0", b"yy\1"]])
def test_shares_of_no_secret_are_refused(bad):
    with pytest.raises(shamir.BadShares):
        shamir.combine(bad)


def holder(name):
    return {"holder": name, "recipient": CLASSIC.recipient_of(CLASSIC.generate())}


def trees():
    officials = [holder(f"o{i}") for i in range(5)]
    clocks = [holder(f"c{i}") for i in range(2)]
    three_of_five = {"k": 3, "of": officials}
    yield "embedded", policy.embedded([(o["holder"], o["recipient"]) for o in officials[:3]])
    yield "default", {"any": ["tenderer", {"all": [{"k": 1, "of": clocks}, three_of_five]}]}
    yield "strict", {"all": ["tenderer", three_of_five]}
    yield "classic", "tenderer"


@pytest.mark.parametrize("name,tree", list(trees()), ids=lambda value: value if isinstance(value, str)
                         else "")
def test_exactly_the_coalitions_of_the_policy_open(name, tree):
    policy.check(tree, CLASSIC)
    secret = os.urandom(32)
    dealt = policy.deal(tree, secret)
    assert set(dealt) == set(policy.leaves(tree))
    opening = 0
    for paths in subsets(dealt):
        opens = policy.opens(tree, set(paths))
        found = policy.combine(tree, {path: dealt[path] for path in paths})
        assert (found == secret) == opens, paths
        assert opens or found is None
        opening += opens
    assert opening > 0


def test_any_k_of_n_officials_may_be_missing():
    tree = policy.embedded([(f"o{i}", CLASSIC.recipient_of(CLASSIC.generate())) for i in range(3)])
    secret = os.urandom(32)
    dealt = policy.deal(tree, secret)
    paths = list(policy.holders(tree))
    assert paths == ["1/0", "1/1", "1/2"] and policy.tenderer_path(tree) == "0"
    for pair in combinations(paths, 2):
        assert policy.combine(tree, {path: dealt[path] for path in pair}) == secret
    for one in paths:
        assert policy.combine(tree, {one: dealt[one]}) is None


def test_a_false_share_among_three_does_not_stop_the_other_two():
    tree = policy.embedded([(f"o{i}", CLASSIC.recipient_of(CLASSIC.generate())) for i in range(3)])
    secret = CLASSIC.generate()
    dealt = policy.deal(tree, secret)
    given_shares = {path: dealt[path] for path in policy.holders(tree)}
    for spoiled in given_shares:
        shares = {**given_shares, spoiled: os.urandom(32) + given_shares[spoiled][-1:]}
        assert policy.combine(tree, shares, lambda s: s == secret) == secret


@pytest.mark.parametrize("wrong", [
    {}, [], None, "official", {"any": []}, {"k": 0, "of": ["tenderer"]},
    {"k": 2, "of": ["tenderer"]}, {"k": True, "of": ["tenderer"]}, {"any": "tenderer"},
    {"any": ["tenderer"], "all": ["tenderer"]}, {"any": ["tenderer", "tenderer"]},
    {"holder": "x", "recipient": "age1nothing"}, {"k": 1, "of": ["tenderer"], "x": 1},
    {"any": [{"any": [{"any": [{"any": [{"any": ["tenderer"]}]}]}]}]},
])
def test_what_is_not_a_policy_is_refused(wrong):
    with pytest.raises(policy.BadPolicy):
        policy.check(wrong, CLASSIC)


def test_one_holder_twice_is_refused():
    one = holder("a")
    for pair in ([one, one], [one, {**holder("b"), "recipient": one["recipient"]}],
                 [one, {**holder("a")}]):
        with pytest.raises(policy.BadPolicy):
            policy.check({"k": 2, "of": pair}, CLASSIC)


def test_a_key_that_has_opened_is_still_asked_for_its_suite():
    own = CLASSIC.recipient_of(CLASSIC.generate())
    other = suites.get("intl-pq-1").recipient_of(os.urandom(32))
    broken = own[:-1] + ("q" if own[-1] != "q" else "p")
    policy.check({"holder": "a", "recipient": broken}, CLASSIC, {broken})
    for wrong, proven in ((other, {other}), (broken, {own}), (broken, ()), (["x"], {own})):
        with pytest.raises(policy.BadPolicy):
            policy.check({"holder": "a", "recipient": wrong}, CLASSIC, proven)
