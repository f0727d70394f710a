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
from audit.cosignature import CosignerKey, in_order
from audit.note import BadNote, Signer, parse
from evaluation import draw, replay

from .oracle import example

LOG = Signer("log.example", b"k" * 32)


WITNESSES = [CosignerKey(f"w.example/{number}", bytes([number]) * 32) for number in (1, 2, 3)]


def noted(signer=LOG, witnesses=WITNESSES, size=17):
    """A checkpoint with the lines of the witnesses, in no special order."""
    note = sign(Head("log.example", size, bytes(32)), signer)
    return note + "".join(one.cosign(parse(note).text, 1800000000) for one in witnesses)


def held(people=9, seats=5, left_out=True, witnesses=WITNESSES):
    """A draw that was held, as its document."""
    nonces = {"platform": b"p" * 32, "a1": b"a" * 32, "b2": b"b" * 32, "c3": b"c" * 32}
    parts = [draw.Contribution(name, draw.commitment(nonce),
                               None if left_out and name == "b2" else nonce)
             for name, nonce in nonces.items()]
    tickets = sorted(draw.ticket("d1", b"s" * 32, f"grant{number}") for number in range(people))
    announcement = {
        "v": 1, "draw": "d1", "lot": "l1", "seats": seats, "substitutes": 2,
        "log_vkey": str(LOG.verifier),
        "witnesses": [str(one) for one in in_order([one.cosigner for one in witnesses])],
        "commit_by": "2026-12-01T09:00:00.000Z",
        "pool": [{"ticket": name, "excluded": "employed_by_buyer" if index == 0 else None}
                 for index, name in enumerate(tickets)],
        "coefficients": ["0.02", "0.025", "0.03"],
        "platform_commitment": draw.commitment(nonces["platform"])}
    return draw.document("d1", announcement, parts, noted())


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
        noted(Signer("log.example", b"x" * 32)))
    with pytest.raises(draw.NotTheDraw, match="checkpoint"):
        draw.verify(forged)


def test_every_announced_witness_has_a_part_and_nobody_chooses_among_them():
    document = held()
    assert [base64.b64decode(value)[:8] for value in document["signatures"]] == [
        (1800000000).to_bytes(8, "big")] * 3
    names = [line.name for line in parse(document["checkpoint"]).signatures]
    assert names[0] == "log.example" and sorted(names[1:]) == [f"w.example/{n}" for n in (1, 2, 3)]
    announcement, parts = document["announcement"], []
    for few in (WITNESSES[:2], WITNESSES[1:], []):
        with pytest.raises(BadNote, match="has not cosigned"):
            draw.document("d1", announcement, parts, noted(witnesses=few))
    assert draw.absent_witnesses(noted(witnesses=WITNESSES[:2]), announcement) == ["w.example/3"]
    fourth = CosignerKey("w.example/4", bytes([4]) * 32)
    assert draw.own_lines(noted(witnesses=[fourth, *WITNESSES[::-1]]), announcement) == document[
        "checkpoint"], "neither a stranger's line nor the order of lines makes another document"


def test_without_witnesses_the_logs_signature_stands_there():
    document = held(witnesses=[])
    draw.verify(document)
    assert len(document["signatures"]) == 1
    assert base64.b64decode(document["signatures"][0]) == parse(noted()).signatures[0].value


def test_keys_known_from_elsewhere_are_held_against_the_announced_ones():
    document, keys = held(), [one.cosigner for one in WITNESSES]
    draw.verify(document, LOG.verifier, keys)
    with pytest.raises(draw.NotTheDraw, match="log's key"):
        draw.verify(document, Signer("log.example", b"x" * 32).verifier)
    for others in (keys[:2], [*keys, CosignerKey.generate("w.example/9").cosigner], []):
        with pytest.raises(draw.NotTheDraw, match="witnesses"):
            draw.verify(document, LOG.verifier, others)


def entries(document, closed=12):
    """The draw's entries as the record discloses them."""
    announcement, rows = document["announcement"], document["contributions"]

    def entry(position, kind, facts):
        return position, {"type": kind, "subject": "d1", "facts": facts}

    yield entry(3, "draw.announced", {
        "announcement_hash": replay._digest(announcement), "list_hash": document["list_hash"],
        "platform_commitment": announcement["platform_commitment"]})
    for place, row in enumerate(rows):
        if row["contributor"] != "platform":
            yield entry(4 + place, "draw.committed", {
                "contributor": row["contributor"], "commitment": row["commitment"]})
        if row["nonce"]:
            yield entry(8 + place, "draw.revealed", {
                "contributor": row["contributor"], "nonce": row["nonce"]})
    yield entry(closed, "draw.closed", {
        "left_out": [row["contributor"] for row in rows if not row["nonce"]], "void": None})
    yield entry(20, "panel.drawn", {"draw_hash": replay._digest(document)})
    yield 21, {"type": "draw.closed", "subject": "another", "facts": {}}


def test_the_record_shows_that_it_is_the_draw_of_the_time():
    document = held()
    assert replay.against_record(document, entries(document)) == 12
    for change in (held(people=8), held(left_out=False), held(witnesses=[])):
        with pytest.raises(draw.NotTheDraw):
            replay.against_record(change, entries(document))
    with pytest.raises(draw.NotTheDraw, match="close is not under"):
        replay.against_record(document, entries(document, closed=17))
    late = [(18 if record["type"] == "draw.revealed" else position, record)
            for position, record in entries(document)]
    with pytest.raises(draw.NotTheDraw, match="revealed is not under"):
        replay.against_record(document, late)
    with pytest.raises(draw.NotTheDraw, match="0 entries"):
        replay.against_record(document, [])


def test_a_checkpoint_that_was_passed_over_stands_in_the_witnesss_history():
    document, root = held(), base64.b64encode(bytes(32)).decode()
    replay.against_history(document, f"9 {root} 1\n17 {root} 2\n30 {root} 3\n", 12)
    with pytest.raises(draw.NotTheDraw, match="of 15 leaves first"):
        replay.against_history(document, f"9 {root} 1\n15 {root} 2\n17 {root} 3\n", 12)
    other = base64.b64encode(b"x" * 32).decode()
    for bad in (f"17 {other} 2\n", "", f"9 {root} 1\n", "17\n", f"9 {root} 1\n5 {root} 1\n"):
        with pytest.raises(draw.NotTheDraw):
            replay.against_history(document, bad, 12)


@pytest.mark.parametrize("spoil", [
    lambda d: d["announcement"].update(witnesses=d["announcement"]["witnesses"][:2]),
    lambda d: d["announcement"].update(witnesses=[]),
    lambda d: d["announcement"]["witnesses"].reverse(),
    lambda d: d["announcement"]["witnesses"].append(d["announcement"]["witnesses"][0]),
    lambda d: d["signatures"].pop(),
    lambda d: d["signatures"].reverse(),
    lambda d: d.update(checkpoint="".join(d["checkpoint"].splitlines(keepends=True)[:-1])),
    lambda d: d.update(checkpoint=noted(witnesses=[*WITNESSES[::-1]])
                       if noted(witnesses=[*WITNESSES[::-1]]) != d["checkpoint"] else ""),
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
