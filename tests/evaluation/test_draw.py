import base64
import copy
import hashlib
import hmac
import json
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.checkpoint import Head, sign
from audit.note import Signer
from evaluation import draw

from .oracle import example

LOG = Signer("log.example", b"k" * 32)


def held(people=9, seats=5, left_out=True):
    """A draw that was held, as its document."""
    nonces = {"platform": b"p" * 32, "a1": b"a" * 32, "b2": b"b" * 32, "c3": b"c" * 32}
    parts = [draw.Contribution(name, draw.commitment(nonce),
                               None if left_out and name == "b2" else nonce)
             for name, nonce in nonces.items()]
    tickets = sorted(draw.ticket("d1", b"s" * 32, f"grant{number}") for number in range(people))
    announcement = {
        "v": 1, "draw": "d1", "lot": "l1", "seats": seats, "substitutes": 2,
        "log_vkey": str(LOG.verifier), "commit_by": "2026-12-01T09:00:00.000Z",
        "pool": [{"ticket": name, "excluded": "employed_by_buyer" if index == 0 else None}
                 for index, name in enumerate(tickets)],
        "coefficients": ["0.02", "0.025", "0.03"],
        "platform_commitment": draw.commitment(nonces["platform"])}
    return draw.document("d1", announcement, parts, sign(Head("log.example", 17, bytes(32)), LOG))


def test_lt1_shuffle():
    case = example("LT-1")
    inputs = case["inputs"]
    ids = sorted(inputs["ids"])
    fields = [inputs["domain"], inputs["commit_secret"],
              *(f"{name}={inputs['nonces'][name]}" for name in sorted(inputs["nonces"])), *ids]
    seed = hashlib.sha256("|".join(fields).encode()).digest()
    assert seed.hex() == case["steps"][1]["value"]
    assert draw.shuffle(inputs["ids"], seed) == case["expected"]["order"]
    assert draw.shuffle(reversed(inputs["ids"]), seed) == case["expected"]["order"]


def test_lt1_shuffle_again_without_the_file():
    seed = bytes.fromhex("3cc1eb5a6e9b4bed85473b4245a887856ecf96a1732bc44db78719311f2c70ce")
    order = draw.shuffle([f"ENT-00{n}" for n in range(1, 8)], seed)
    assert [name[-1] for name in order] == list("2753164")


def test_numbers_at_the_biased_end_are_skipped():
    top = 2**64 - 1
    assert draw.below(iter([top, 2**64 - 2**64 % 3, 4]), 3) == 1
    assert draw.below(iter([top]), 2) == 1
    first = hmac.new(b"k", bytes(8), hashlib.sha256).digest()[:8]
    assert next(draw.stream(b"k")) == int.from_bytes(first, "big")


def test_every_order_is_equally_likely():
    seen = Counter("".join(draw.shuffle("abcd", number.to_bytes(8, "big")))
                   for number in range(24 * 500))
    assert len(seen) == 24
    chi = sum((count - 500) ** 2 / 500 for count in seen.values())
    # 23 degrees of freedom: above 58 happens once in ten thousand; these seeds are fixed.
    assert chi < 58


def test_a_held_draw_verifies_and_names_who_was_left_out():
    document = held()
    draw.verify(document)
    assert len(document["panel"]) == 5 and len(document["order"]) == 8
    assert document["order"][:5] == document["panel"]
    assert [row["contributor"] for row in document["contributions"]] == [
        "platform", "a1", "b2", "c3"]
    assert document["contributions"][2]["nonce"] is None
    assert document["coefficient"] in document["announcement"]["coefficients"]
    assert json.loads(json.dumps(document)) == document


def _leaves(value, path=()):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, (*path, index))
    else:
        yield path, value


def _other(value):
    if value is None:
        return "x"
    if isinstance(value, int):
        return value + 1
    middle = len(value) // 2
    swap = "0" if value[middle] != "0" else "1"
    return value[:middle] + swap + value[middle + 1:]


def test_changing_anything_fails():
    document = held()
    leaves = list(_leaves(document))
    assert len(leaves) > 40
    for path, value in leaves:
        changed = copy.deepcopy(document)
        target = changed
        for key in path[:-1]:
            target = target[key]
        target[path[-1]] = _other(value)
        with pytest.raises(draw.NotTheDraw):
            draw.verify(changed)
            pytest.fail(f"{path} may be changed unseen")


def test_any_character_of_the_checkpoint_counts():
    document = held()
    note = document["checkpoint"]
    for place, character in enumerate(note):
        other = "A" if character != "A" else "B"
        with pytest.raises(draw.NotTheDraw):
            draw.verify(document | {"checkpoint": note[:place] + other + note[place + 1:]})


def test_a_forger_needs_the_logs_key():
    document = held()
    forged = draw.document("d1", document["announcement"], [
        draw.Contribution(row["contributor"], row["commitment"],
                          row["nonce"] and base64.b64decode(row["nonce"]))
        for row in document["contributions"]],
        sign(Head("log.example", 17, bytes(32)), Signer("log.example", b"x" * 32)))
    with pytest.raises(draw.NotTheDraw, match="checkpoint"):
        draw.verify(forged)


@pytest.mark.parametrize("spoil", [
    lambda d: d["order"].reverse(),
    lambda d: d["order"].pop(),
    lambda d: d["contributions"].pop(),
    lambda d: d["contributions"].reverse(),
    lambda d: d["contributions"].append(d["contributions"][1]),
    lambda d: d["announcement"]["pool"].pop(),
    lambda d: d["announcement"]["pool"].append(d["announcement"]["pool"][0]),
    lambda d: d["announcement"]["coefficients"].append("0.03"),
    lambda d: d["announcement"]["coefficients"].append("NaN"),
    lambda d: d["announcement"].update(seats=0),
    lambda d: d["announcement"].update(extra=1),
    lambda d: d.update(more=1),
    lambda d: d.pop("seed"),
    lambda d: d.update(checkpoint="no note"),
    lambda d: d.update(v=True),
    lambda d: d["contributions"][0].update(nonce=None),
])
def test_bending_the_document_fails(spoil):
    document = held()
    spoil(document)
    with pytest.raises(draw.NotTheDraw):
        draw.verify(document)


@pytest.mark.parametrize("junk", [None, [], "x", 7, {}, {"v": 1}])
def test_junk_is_not_a_draw(junk):
    with pytest.raises(draw.NotTheDraw):
        draw.verify(junk)


def test_who_does_not_reveal_changes_nothing_he_could_know():
    assert held(left_out=False)["seed"] != held(left_out=True)["seed"]


def test_framing_keeps_fields_apart():
    assert draw.framed(b"ab", b"c") != draw.framed(b"a", b"bc")
    assert draw.ticket("d1", b"s", "g") != draw.ticket("d", b"1s", "g")


@settings(max_examples=60, deadline=None)
@given(st.sets(st.text("abcdef0123456789", min_size=1, max_size=6), max_size=40),
       st.binary(min_size=32, max_size=32))
def test_a_shuffle_is_a_permutation_and_repeats(items, seed):
    order = draw.shuffle(list(items), seed)
    assert sorted(order) == sorted(items)
    assert draw.shuffle(sorted(items, reverse=True), seed) == order


def test_a_nonce_has_32_bytes():
    with pytest.raises(ValueError):
        draw.commitment(b"short")
