"""Disclosed lines read together: exactly those pass that pass when read one by one."""

import random
from binascii import b2a_base64

import pytest

from audit import disclosed, leaf
from audit.disclosed import COVER, BadDisclosure
from kernel.canonical import jcs

ACT = jcs({"type": "bid.declared", "v": 1, "law": "招标投标法 28", "facts": {"version": 1}})
SHORT = jcs({"type": "cove"})
LINES = (COVER, COVER, ACT, COVER, None, COVER, COVER, None, None, SHORT, COVER)
"""What the leaves of a bundle commit to; of those that are None nothing is disclosed."""


def made(index, lines=LINES):
    """(file, commitments) of bundle `index` whose first leaves commit to `lines`."""
    source, data, committed = random.Random(index), [], []
    for position, record in enumerate(lines, index * 256):
        salt = source.randbytes(32)
        committed.append(b2a_base64(leaf.commitment(salt, record or ACT), newline=False))
        if record is not None:
            data.append(disclosed.line(position, record, salt))
    return b"".join(data), committed


def one_by_one(data, index, committed):
    """([positions of cover], [other lines]) or what is wrong."""
    try:
        lines = list(disclosed.read(data, index, committed))
    except BadDisclosure as error:
        return str(error)
    return ([place for place, written, _ in lines if written == COVER],
            [line for line in lines if line[1] != COVER])


def together(data, index, committed):
    try:
        cover, lines = disclosed.read_all(data, index, committed)
        lines = list(lines)
    except BadDisclosure as error:
        return str(error)
    return cover, lines


@pytest.mark.parametrize("index", [0, 4, 7, 78_124])
def test_whole_bundles_with_gaps(index):
    """Bundle 7 goes over a thousand, 78,124 lies at the end of a year with cover."""
    for lines in ((LINES * 24)[:256], (COVER,) * 256, (None, *(COVER,) * 255), (ACT,) * 256):
        data, committed = made(index, lines)
        cover, others = together(data, index, committed)
        assert (cover, others) == one_by_one(data, index, committed)
        start = index * 256
        assert cover == [start + place for place, one in enumerate(lines) if one == COVER]
        assert [written for _, written, _ in others] == [
            one for one in lines if one not in (None, COVER)]


@pytest.mark.parametrize("index", [0, 4])
def test_every_change_is_found_and_named_alike(index):
    data, committed = made(index)
    good = one_by_one(data, index, committed)
    found = {}
    for place in range(len(data)):
        for put in (b"", b"A", b"0", b"=", b"\n", b" ", b'"', bytes([data[place] ^ 1]),
                    data[place:place + 1] * 2):
            other = data[:place] + put + data[place + 1:]
            if other == data:
                continue
            said = one_by_one(other, index, committed)
            assert together(other, index, committed) == said, other
            assert said != good
            found[type(said)] = found.get(type(said), 0) + 1
    assert found[str] > 5000, found


@pytest.mark.parametrize("place", [0, 1, 5, 10])
def test_a_salt_of_another_spelling_or_another_salt(place):
    """Stray bits before the `=`: the same bytes, but not the one text of them."""
    lines = (COVER,) * 11
    data, committed = made(4, lines)
    texts = data.splitlines(keepends=True)
    last = texts[place][-5:-4]
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    stray = alphabet[alphabet.index(last) + 1]
    for put in (bytes([stray]), b"-", b"\xff"):
        texts[place] = texts[place][:-5] + put + texts[place][-4:]
        said = together(b"".join(texts), 4, committed)
        assert said == one_by_one(b"".join(texts), 4, committed)
        assert f"line {place + 1}" in said or "not JSON" in said


def test_lines_out_of_their_order_or_twice():
    data, committed = made(4)
    texts = data.splitlines(keepends=True)
    for one in range(len(texts)):
        for other in range(len(texts)):
            moved = list(texts)
            moved.insert(other, moved.pop(one))
            for lines in (moved, [*texts[:other], texts[one], *texts[other:]]):
                said = one_by_one(b"".join(lines), 4, committed)
                assert together(b"".join(lines), 4, committed) == said
                assert isinstance(said, str) or lines == texts


def test_a_line_of_another_bundle():
    data, committed = made(4)
    other, _ = made(5)
    for lines in (other, data + other, other + data, data[:-1], b"", b"\n", data + b"\n"):
        said = together(lines, 4, committed)
        assert isinstance(said, str) and said == one_by_one(lines, 4, committed)
