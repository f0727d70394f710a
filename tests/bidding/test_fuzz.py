"""Whatever bytes a stranger sends, each reader answers with its own refusal and nothing else."""

import json
import string

from hypothesis import given, settings
from hypothesis import strategies as st

from bidding import (
    age,
    closing,
    declaration,
    manifest,
    policy,
    rules,
    sealing,
    suites,
    ustar,
)
from bidding.recipients import NotRecipient
from kernel.canonical import NotCanonical, jcs
from kernel.refusal import Refused

from .test_formats import BINDING, declared

CLASSIC = suites.get("intl-x25519-1")

SEED = bytes(range(32))
GOOD = age.seal(b"x" * 100, [CLASSIC.recipient_of(SEED)])
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**54) | st.text(max_size=20)
    | st.sampled_from(["tenderer", "any", "all", "k", "of", "holder", CLASSIC.recipient_of(SEED)]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(["any", "all", "k", "of", "holder", "recipient", "x"]),
                      inner, max_size=3), max_leaves=12)


def only(errors, call, *args):
    try:
        call(*args)
    except errors:
        pass


@given(st.binary(max_size=300), st.integers(0, len(GOOD)), st.integers(0, len(GOOD)))
@settings(max_examples=400, deadline=None)
def test_headers(noise, start, end):
    for data in (noise, b"age-encryption.org/v1\n" + noise, GOOD[:start] + noise + GOOD[end:]):
        only(age.NotAge, age.parse_header, data)
        only((age.NotAge, age.NoMatch, age.WrongMac, age.Damaged), age.unseal, data,
             [CLASSIC.identity(SEED)])
        only(Refused, rules.check_block, data, 0, len(data),
             CLASSIC.recipient_of(SEED))
        only(sealing.BadWrap, sealing.unwrap, data, SEED, declared(), "form", "0")


@given(st.binary(max_size=1500), st.integers(0, 1500))
@settings(max_examples=300, deadline=None)
def test_archives(noise, place):
    parts = []
    tar = ustar.Writer(parts.append)
    tar.begin(5)
    tar.write(b"hello")
    tar.finish(b"{}")
    good = b"".join(parts)
    for data in (noise, good[:place] + noise, good[:place] + noise + good[place + len(noise):]):
        only(ustar.NotOurs, ustar.read_members,
             lambda offset, length, data=data: data[offset:offset + length], len(data))


@given(PLAIN)
@settings(max_examples=500, deadline=None)
def test_policies(tree):
    only(policy.BadPolicy, policy.check, tree, CLASSIC)


@given(PLAIN, st.sampled_from(sorted(declared())), st.sampled_from(sorted(declared()["parts"][0])))
@settings(max_examples=500, deadline=None)
def test_declarations_and_manifests(value, field, inner):
    one = declared(**{field: value})
    two = declared()
    two["parts"][0] = {**two["parts"][0], inner: value}
    for changed in (one, two, value):
        try:
            text = jcs(changed).decode()
        except NotCanonical:
            text = json.dumps(changed)
        only(declaration.BadDeclaration, declaration.parse, text)
        only(declaration.BadDeclaration, declaration.parse_withdrawal, text)
        only(manifest.BadManifest, manifest.read, text.encode(), BINDING, "")
        only(manifest.BadManifest, manifest.read_form, text.encode())


@given(st.text(alphabet=string.printable, max_size=80))
def test_spellings(text):
    for suite in suites.SUITES.values():
        only(NotRecipient, suite.check_recipient, text)
        only(NotRecipient, suite.seed_of, text)
        only(NotRecipient, suite.check_recipient, f"{suite.kind.PREFIX}1{text}")
    only(declaration.BadDeclaration, declaration.parse, text)


@given(PLAIN, PLAIN)
def test_places(position, rest):
    for value in ({"position": position, "salt": rest, "siblings": rest}, rest, position):
        only(NotCanonical, closing.Place.from_json, value)
