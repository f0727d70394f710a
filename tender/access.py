"""Who shall be able to open the bids of a lot, as its buyer states it in the draft (sealed-bid A2).

Access terms are `{policy, officials, needed, clocks}`: `officials` people of whom `needed` must
act together, `clocks` clock holders of the supervisor's. Which tree they make is bidding's:

    embedded   any[tenderer, needed of officials]
    default    any[tenderer, all[1 of clocks, needed of officials]]
    strict     all[tenderer, needed of officials]
    classic    tenderer (officials only start and sign)
    tree       the one given in `tree`, whose leaves are "tenderer", {"official": n}, {"clock": n}

What any tree must keep: no single official can be missed who cannot be spared, and no fewer
than two officials open what the tenderer does not.
"""

from __future__ import annotations

from itertools import combinations

from .refusals import ACCESS_WRONG

POLICIES = ("embedded", "default", "strict", "classic", "tree")
MOST_OFFICIALS = 9
MOST_CLOCKS = 3
MAX_DEPTH = 4
MAX_LEAVES = 32
USUAL = {"embedded": (3, 2, 0), "default": (5, 3, 1), "strict": (5, 3, 0), "classic": (2, 0, 0)}
"""Officials, how many are needed, clock holders: where the buyer says nothing else."""


def normal(given: dict) -> dict:
    """The terms with everything said, or ACCESS_WRONG with what is wrong.

    Limits: k ≥ 2 needed, at least one official to spare, at most 9 officials and 3 clocks.
    """
    name = given.get("policy", "embedded")
    if name == "tree":
        return _tree(given)
    if "tree" in given:
        raise ACCESS_WRONG(problem="only the policy `tree` has a tree")
    officials, needed, clocks = (
        given.get(key, usual) for key, usual in
        zip(("officials", "needed", "clocks"), USUAL[name], strict=True))
    if name == "classic":
        if not 1 <= officials <= MOST_OFFICIALS or needed or clocks:
            raise ACCESS_WRONG(problem=f"classic has 1 to {MOST_OFFICIALS} officials, who hold "
                                       "no shares, and no clock")
        return {"policy": name, "officials": officials, "needed": 0, "clocks": 0}
    if not 2 <= needed < officials <= MOST_OFFICIALS:
        raise ACCESS_WRONG(problem="at least 2 officials are needed, at least one can be "
                                   f"spared, and there are at most {MOST_OFFICIALS}")
    least, most = (1, MOST_CLOCKS) if name == "default" else (0, 0)
    if not least <= clocks <= most:
        raise ACCESS_WRONG(problem=f"{name} has {least} to {most} clock holders")
    return {"policy": name, "officials": officials, "needed": needed, "clocks": clocks}


def unit_limit(access: dict) -> int:
    """How many officials one unit may send at most: one fewer than are needed."""
    return access["officials"] if access["needed"] == 0 else access["needed"] - 1


def _tree(given: dict) -> dict:
    tree = given.get("tree")
    found = shape(tree)
    if found.count("tenderer") > 1:
        raise ACCESS_WRONG(problem="the tenderer stands twice")
    seats = sorted(leaf["official"] for leaf in found if _is(leaf, "official"))
    clocks = sorted(leaf["clock"] for leaf in found if _is(leaf, "clock"))
    if seats != list(range(1, len(seats) + 1)) or clocks != list(range(1, len(clocks) + 1)):
        raise ACCESS_WRONG(problem="officials and clocks are numbered from 1, each once")
    if not seats or len(seats) > MOST_OFFICIALS or len(clocks) > MOST_CLOCKS:
        raise ACCESS_WRONG(problem=f"a tree has 1 to {MOST_OFFICIALS} officials and at most "
                                   f"{MOST_CLOCKS} clocks")
    needed = _needed(tree, len(seats))
    said = {"officials": len(seats), "needed": needed, "clocks": len(clocks)}
    for key, value in said.items():
        if given.get(key, value) != value:
            raise ACCESS_WRONG(problem=f"the tree says {value} for {key}")
    return {"policy": "tree", **said, "tree": tree}


def _needed(tree: object, count: int) -> int:
    """The fewest officials who open it with all clocks, without the tenderer where that can be."""
    every = set(range(1, count + 1))
    tenderer = not opens(tree, every, False)
    if not opens(tree, every, tenderer):
        raise ACCESS_WRONG(problem="all together cannot open it")
    if any(not opens(tree, every - {seat}, tenderer) for seat in every):
        raise ACCESS_WRONG(problem="an official is there who cannot be spared")
    needed = next(size for size in range(count + 1)
                  if any(opens(tree, set(group), tenderer)
                         for group in combinations(sorted(every), size)))
    if needed < 2:
        raise ACCESS_WRONG(problem="fewer than two officials can open it")
    return needed


def opens(node: object, seats: set[int], tenderer: bool) -> bool:
    """Whether these officials, with every clock (and the tenderer where said), meet the tree."""
    if node == "tenderer":
        return tenderer
    if _is(node, "official"):
        return node["official"] in seats
    if _is(node, "clock"):
        return True
    children = _children(node)
    met = sum(opens(child, seats, tenderer) for child in children)
    return met >= (1 if "any" in node else len(children) if "all" in node else node["k"])


def _is(node: object, kind: str) -> bool:
    return isinstance(node, dict) and set(node) == {kind}


def _children(node: dict) -> list:
    return node["of"] if "k" in node else next(iter(node.values()))


def shape(tree: object) -> list:
    """The leaves of what has the form of a tree, in order; ACCESS_WRONG for anything else."""
    found: list = []
    _shape(tree, 0, found)
    if len(found) > MAX_LEAVES:
        raise ACCESS_WRONG(problem=f"more than {MAX_LEAVES} leaves")
    return found


def _shape(node: object, depth: int, found: list) -> None:
    if depth > MAX_DEPTH:
        raise ACCESS_WRONG(problem=f"a tree is at most {MAX_DEPTH} rules deep")
    if node == "tenderer":
        found.append(node)
        return
    for kind, most in (("official", MOST_OFFICIALS), ("clock", MOST_CLOCKS)):
        if _is(node, kind):
            number = node[kind]
            if type(number) is not int or not 1 <= number <= most:
                raise ACCESS_WRONG(problem=f"{kind} is a number from 1 to {most}")
            found.append(node)
            return
    if not isinstance(node, dict) or set(node) not in ({"any"}, {"all"}, {"k", "of"}):
        raise ACCESS_WRONG(problem="a rule is any, all, or k of; a leaf tenderer, official, clock")
    children = _children(node)
    if not isinstance(children, list) or not 1 <= len(children) <= MAX_LEAVES:
        raise ACCESS_WRONG(problem="a rule has branches")
    k = node.get("k", 1)
    if type(k) is not int or not 1 <= k <= len(children):
        raise ACCESS_WRONG(problem="k is between 1 and the number of branches")
    for child in children:
        _shape(child, depth + 1, found)
