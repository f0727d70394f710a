"""Every coalition of every named policy, in every suite: exactly the right ones open (Q27, Q28).

Who may open is counted here anew, in the words of sealed-bid A2 and not by the policy's own
code. The shares are dealt, wrapped, and unwrapped by each holder, as they are for a bid.
"""

import secrets
from itertools import chain, combinations

import pytest

from bidding import policy, rules, sealing, suites
from bidding.sealing import Terms
from kernel.canonical import sha256, unb64
from tender import access

TERMS = {
    "embedded": {"policy": "embedded"},
    "default": {"policy": "default", "officials": 4, "needed": 3, "clocks": 2},
    "strict": {"policy": "strict", "officials": 4, "needed": 3},
    "classic": {"policy": "classic"},
    "tree": {"policy": "tree", "tree": {"any": ["tenderer", {"all": [
        {"k": 2, "of": [{"official": 1}, {"official": 2}, {"official": 3}]},
        {"any": [{"clock": 1}, {"clock": 2}]}]}]}},
}


def rightful(name: str, terms: dict, who: set[str]) -> bool:
    """Whether these may open, by counting."""
    officials = sum(one.startswith("o") for one in who)
    clocks = sum(one.startswith("c") for one in who)
    enough = officials >= terms["needed"]
    return {"embedded": "tenderer" in who or enough,
            "default": "tenderer" in who or (enough and clocks >= 1),
            "tree": "tenderer" in who or (enough and clocks >= 1),
            "strict": "tenderer" in who and enough,
            "classic": "tenderer" in who}[name]


def subsets(items):
    items = sorted(items)
    return map(set, chain.from_iterable(combinations(items, n) for n in range(len(items) + 1)))


@pytest.fixture(params=[(name, suite) for name in TERMS for suite in sorted(suites.SUITES)],
                ids=lambda pair: "-".join(pair))
def dealt(request):
    """(name, terms, tree, recipient of the part, the part's seed, share of each by name, path)."""
    name, suite = request.param[0], suites.get(request.param[1])
    terms = access.normal(TERMS[name])
    seeds = {f"o{n}": suite.generate() for n in range(1, terms["officials"] + 1)}
    seeds |= {f"c{n}": suite.generate() for n in range(1, terms["clocks"] + 1)}
    keys = [(one, suite.recipient_of(seed)) for one, seed in seeds.items()]
    tree = policy.build(terms, [key for key in keys if key[0][0] == "o"],
                        [key for key in keys if key[0][0] == "c"])
    policy.check(tree, suite)
    seed = suite.generate()
    binding = {"log_origin": "a.example/log", "tender": "1" * 32, "lot": "2" * 32, "bid": "3" * 32,
               "tenderer": "9" * 18, "version": 1, "part": "price"}
    shares, wraps, own = sealing.deal(Terms("a.example/log", suite.name, "1" * 32, "2" * 32, tree),
                                      binding, seed)
    declared = binding | {"suite": suite.name, "parts": [{
        "part": "price", "recipient": suite.recipient_of(seed), "shares": shares}]}
    sent = {wrap["path"]: unb64(wrap["wrap"]) for wrap in wraps}
    held, paths = {}, {}
    for path, leaf in policy.leaves(tree).items():
        who = leaf if leaf == "tenderer" else leaf["holder"]
        held[who] = own if who == "tenderer" else sealing.unwrap(
            sent[path], seeds[who], declared, "price", path)
        paths[who] = path
        assert sha256(held[who]).hex() == next(
            one["share_hash"] for one in shares if one["path"] == path)
        assert len(held[who]) == (33 if _under_k(tree, path) else 32)
    if name == "classic":
        assert set(held) == {"tenderer"} and not wraps
    return name, terms, tree, suite, seed, held, paths


def _under_k(tree, path: str) -> bool:
    """Whether a leaf's share went through a `k` node: it has one byte more (sealed-bid A2)."""
    node, under = tree, False
    for step in path.split("/") if path else ():
        under = under or "k" in node
        node = (node.get("any") or node.get("all") or node.get("of"))[int(step)]
    return under


def opened(tree, suite, seed, shares):
    recipient = suite.recipient_of(seed)
    return policy.combine(tree, shares, lambda found: rules.check_recipient(found, recipient))


def test_exactly_the_rightful_open(dealt):
    name, terms, tree, suite, seed, held, paths = dealt
    tried = 0
    for who in subsets(held):
        may = rightful(name, terms, who)
        assert policy.opens(tree, {paths[one] for one in who}) == may, who
        found = opened(tree, suite, seed, {paths[one]: held[one] for one in who})
        assert found == (seed if may else None), who
        tried += may
    assert tried > 0


def test_one_false_share_anywhere_opens_nothing_else_and_stops_no_others(dealt):
    name, terms, tree, suite, seed, held, paths = dealt
    for liar in held:
        false = secrets.token_bytes(len(held[liar]) - 1) + held[liar][-1:]
        for others in subsets(set(held) - {liar}):
            shares = {paths[one]: held[one] for one in others} | {paths[liar]: false}
            found = opened(tree, suite, seed, shares)
            assert found == (seed if rightful(name, terms, others) else None), (liar, others)


def test_any_official_who_may_be_missing_is(dealt):
    """n - k officials may be missing, whichever: the same bid opens (Q28)."""
    name, terms, tree, suite, seed, held, paths = dealt
    officials = [one for one in held if one[0] == "o"]
    spare = len(officials) - terms["needed"]
    rest = {"tenderer"} if name in ("strict", "classic") else {one for one in held if one[0] == "c"}
    for missing in combinations(officials, max(spare, 0)):
        there = rest | set(officials) - set(missing)
        assert opened(tree, suite, seed, {paths[one]: held[one] for one in there}) == seed
    if officials:
        for missing in combinations(officials, spare + 1):
            there = rest | set(officials) - set(missing)
            assert opened(tree, suite, seed, {paths[one]: held[one] for one in there}) is None
