"""docs/formats/sealed-bid.md says what the code does."""

import json
import re
from pathlib import Path

import pytest

from bidding import blocks, policy, promise, rehearsal, suites
from bidding.tus import VERSION
from kernel.canonical import jcs, parse_canonical, sha256
from tender import access

PAGE = (Path(__file__).resolve().parents[2] / "docs/formats/sealed-bid.md").read_text("utf-8")
TERMS = {name: access.normal({"policy": name}) for name in access.USUAL}


def made(name):
    """The tree of a policy's usual terms, with the page's holders."""
    terms = TERMS[name]
    return policy.build(terms, [(f"o{n}", "age1…") for n in range(1, terms["officials"] + 1)],
                        [(f"c{n}", "age1…") for n in range(1, terms["clocks"] + 1)])


def block(kind):
    [found] = re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)
    return found.strip()


@pytest.mark.parametrize("name", TERMS)
def test_the_trees_on_the_page_are_those_of_their_terms(name):
    assert access.normal(json.loads(block(f"access {name}"))) == TERMS[name]
    tree = parse_canonical(block(f"policy {name}").encode())
    assert tree == made(name)
    assert f"`policy_hash` `{sha256(jcs(tree)).hex()}`" in PAGE
    assert policy.policy_hash(tree) == sha256(jcs(tree)).hex()


def test_the_table_of_suites_is_the_code_s():
    rows = re.findall(r"^ *\| `(intl-[\w-]+)` \| `(age1\w*)…` \| `(AGE-SECRET-KEY-[\w-]+)…` \|", PAGE,
                      re.MULTILINE)
    assert {name for name, _, _ in rows} == set(suites.SUITES)
    for name, recipient, identity in rows:
        suite = suites.get(name)
        seed = suite.generate()
        assert suite.recipient_of(seed).startswith(recipient)
        assert suite.identity_text(seed).startswith(identity)
        assert suite.identity_text(seed).rpartition("1")[0] == identity.removesuffix("1")


def test_what_a_rehearsal_wraps_is_as_written():
    suite = suites.get("intl-x25519-1")
    seed = suite.generate()
    wrapped, _ = rehearsal.wrap(suite.recipient_of(seed), "o", "t", "l", "n")
    from bidding import age

    value = json.loads(age.unseal(wrapped, [suite.identity(seed)]))
    [said] = re.findall(r'age\(\{(v, purpose:"rehearsal"[^}]*)\}\)', PAGE)
    names = [one.partition(":")[0].strip() for one in said.split(",")]
    assert set(names) == set(value) and value["purpose"] == "rehearsal"


def test_numbers_are_the_code_s():
    assert blocks.BLOCK == 4 << 20 and "4 MiB" in PAGE
    assert f"`Tus-Resumable: {VERSION}`" in PAGE
    assert promise.INCLUDE_WITHIN.total_seconds() == 6 * 3600 and "received_at + 6 h" in PAGE
    assert promise.TICK.total_seconds() == 60 and "deadline + 60 s" in PAGE
