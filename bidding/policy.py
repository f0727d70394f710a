"""Who can open a bid: the access policy, a public tree in the notice (sealed-bid A2).

`{"any":[…]}` copies the secret to its branches, `{"all":[…]}` XOR-splits it, `{"k":2,"of":[…]}`
Shamir-splits it. A leaf is `"tenderer"` or `{"holder": id, "recipient": "age1…"}`. A path is
the child indices joined by `/`. The tenderer's side deals; there is no dealer and no master key.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import suppress
from functools import reduce
from itertools import chain, combinations, islice, product

from kernel.canonical import jcs, sha256

from . import shamir
from .recipients import NotRecipient
from .suites import Suite, of_recipient

MAX_DEPTH = 4
MAX_LEAVES = 32
MAX_TRIES = 5000
"""Coalitions tried for one key when a dealer has dealt false shares among the true ones."""


class BadPolicy(ValueError):
    """The tree is not a policy of this format; the message says why."""


Holder = tuple[str, str]
"""(holder's id, recipient)."""


def build(access: Mapping, officials: list[Holder], clocks: list[Holder] = ()) -> object:
    """The tree that a lot's access terms (tender.access) make with these holders, by seat."""
    people, machines = ([{"holder": holder, "recipient": key} for holder, key in group]
                        for group in (officials, clocks))
    if access["policy"] == "classic":
        return "tenderer"
    if access["policy"] == "tree":
        return _filled(access["tree"], people, machines)
    several = {"k": access["needed"], "of": people}
    if access["policy"] == "strict":
        return {"all": ["tenderer", several]}
    if access["policy"] == "default":
        several = {"all": [{"k": 1, "of": machines}, several]}
    return {"any": ["tenderer", several]}


def _filled(node: object, people: list[dict], machines: list[dict]) -> object:
    if node == "tenderer":
        return node
    if "official" in node:
        return people[node["official"] - 1]
    if "clock" in node:
        return machines[node["clock"] - 1]
    return {key: [_filled(child, people, machines) for child in value]
            if isinstance(value, list) else value for key, value in node.items()}


def embedded(officials: list[Holder]) -> object:
    """The embedded default, any[tenderer, 2 of the officials]."""
    return build({"policy": "embedded", "needed": 2}, officials)


def policy_hash(tree: object) -> str:
    """SHA-256 of the JCS, hex: what the notice, the record and every declaration name."""
    return sha256(jcs(tree)).hex()


def leaves(tree: object) -> dict[str, object]:
    """Every leaf by its path, in order."""
    return dict(_walk(tree, ""))


def _walk(node: object, path: str) -> Iterator[tuple[str, object]]:
    children = _children(node)
    if children is None:
        yield path, node
        return
    for number, child in enumerate(children):
        yield from _walk(child, f"{path}/{number}" if path else str(number))


def _children(node: object) -> list | None:
    if node == "tenderer" or not isinstance(node, dict) or "holder" in node:
        return None
    return node.get("any") or node.get("all") or node.get("of")


def tenderer_path(tree: object) -> str | None:
    """Where the tenderer's own leaf is, None when the tree has none."""
    return next((path for path, leaf in leaves(tree).items() if leaf == "tenderer"), None)


def holders(tree: object) -> dict[str, dict]:
    """The holders' leaves by path."""
    return {path: leaf for path, leaf in leaves(tree).items() if isinstance(leaf, dict)}


def check(tree: object, suite: Suite, proven: Container[str] = ()) -> None:
    """Raise BadPolicy unless `tree` is one that `suite` can deal and open.

    `proven` recipients were opened with: that they are of this suite is all that is asked of them.
    """
    _check(tree, suite, 0, proven)
    found = leaves(tree)
    if len(found) > MAX_LEAVES:
        raise BadPolicy(f"more than {MAX_LEAVES} leaves")
    ids = [leaf["holder"] for leaf in found.values() if isinstance(leaf, dict)]
    keys = [leaf["recipient"] for leaf in found.values() if isinstance(leaf, dict)]
    if len(set(ids)) != len(ids) or len(set(keys)) != len(keys):
        raise BadPolicy("one holder or one key stands twice")
    if sum(leaf == "tenderer" for leaf in found.values()) > 1:
        raise BadPolicy("the tenderer stands twice")


def _check(node: object, suite: Suite, depth: int, proven: Container[str]) -> None:
    if depth > MAX_DEPTH:
        raise BadPolicy(f"deeper than {MAX_DEPTH}")
    if node == "tenderer":
        return
    if not isinstance(node, dict):
        raise BadPolicy("a node is neither a leaf nor a rule")
    kind = frozenset(node)
    if kind == {"holder", "recipient"}:
        _check_holder(node, suite, proven)
        return
    children = node.get("of" if "k" in node else next(iter(node), ""))
    if kind not in ({"any"}, {"all"}, {"k", "of"}) or not isinstance(children, list) \
            or not children:
        raise BadPolicy("a rule is any, all or k of, with branches")
    k = node.get("k", 1)
    if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= len(children) <= 255:
        raise BadPolicy("k is not between 1 and the number of branches")
    for child in children:
        _check(child, suite, depth + 1, proven)


def _check_holder(leaf: dict, suite: Suite, proven: Container[str]) -> None:
    recipient = leaf["recipient"]
    try:
        if not isinstance(recipient, str) or recipient not in proven \
                or of_recipient(recipient) != suite:
            suite.check_recipient(recipient)
    except NotRecipient as error:
        raise BadPolicy("a holder's recipient is not of this suite") from error
    if not isinstance(leaf["holder"], str) or not 1 <= len(leaf["holder"]) <= 64:
        raise BadPolicy("a holder without an id")


def deal(tree: object, secret: bytes) -> dict[str, bytes]:
    """Shares of `secret` for every leaf, by path."""
    dealt: dict[str, bytes] = {}
    _deal(tree, secret, "", dealt)
    return dealt


def _deal(node: object, secret: bytes, path: str, dealt: dict[str, bytes]) -> None:
    children = _children(node)
    if children is None:
        dealt[path] = secret
        return
    if "any" in node:
        parts = [secret] * len(children)
    elif "all" in node:
        parts = [secrets.token_bytes(len(secret)) for _ in children[1:]]
        parts.append(reduce(_xor, parts, secret))
    else:
        parts = shamir.split(secret, node["k"], len(children))
    for number, (child, part) in enumerate(zip(children, parts, strict=True)):
        _deal(child, part, f"{path}/{number}" if path else str(number), dealt)


def _xor(a: bytes, b: bytes) -> bytes:
    return bytes(x ^ y for x, y in zip(a, b, strict=True))


def combine(tree: object, shares: Mapping[str, bytes],
            sound: Callable[[bytes], bool] = lambda secret: True) -> bytes | None:
    """The secret that `shares` (by path) give, or None when the policy is not met.

    `sound` says whether a candidate is the secret (its recipient is the declared one): with a
    false share among more than k, other coalitions are tried until one is sound.
    """
    return next((secret for secret in _secrets(tree, shares, "") if sound(secret)), None)


def _secrets(node: object, shares: Mapping[str, bytes], path: str) -> Iterator[bytes]:
    children = _children(node)
    if children is None:
        if path in shares:
            yield shares[path]
        return
    below = [_secrets(child, shares, f"{path}/{number}" if path else str(number))
             for number, child in enumerate(children)]
    if "any" in node:
        for candidates in below:
            yield from candidates
        return
    tried = [list(islice(candidates, MAX_TRIES)) for candidates in below]
    have = [candidates for candidates in tried if candidates]
    if "all" in node:
        groups = [have] if len(have) == len(children) else []
    else:
        groups = combinations(have, node["k"])
    for parts in islice(chain.from_iterable(product(*group) for group in groups), MAX_TRIES):
        if "all" not in node:
            with suppress(shamir.BadShares):
                yield shamir.combine(parts)
        elif len({len(part) for part in parts}) == 1:
            yield reduce(_xor, parts)


def opens(tree: object, paths: set[str]) -> bool:
    """Whether holding the shares at `paths` meets the policy."""
    return _opens(tree, paths, "")


def _opens(node: object, paths: set[str], path: str) -> bool:
    children = _children(node)
    if children is None:
        return path in paths
    met = sum(_opens(child, paths, f"{path}/{number}" if path else str(number))
              for number, child in enumerate(children))
    return met >= (1 if "any" in node else len(children) if "all" in node else node["k"])
