"""Block hash, manifest, form, declaration, closing tree and promises."""

import hashlib
import os

import pytest

from audit import note
from bidding import blocks, closing, declaration, manifest, promise, suites
from bidding.manifest import BadManifest, FileEntry, Form
from kernel.canonical import jcs, parse_time, sha256

CLASSIC = suites.get("intl-x25519-1")

BINDING = {"log_origin": "a.example/log", "tender": "1" * 32, "lot": "2" * 32, "bid": "3" * 32,
           "part": "technical", "tenderer": "91330703MA2TERTA3E", "version": 2}


@pytest.mark.parametrize("size", [0, 1, blocks.BLOCK - 1, blocks.BLOCK, blocks.BLOCK + 1])
def test_block_hash_by_hand(size):
    data = os.urandom(size)
    outer = b"".join(hashlib.sha256(data[i:i + blocks.BLOCK]).digest()
                     for i in range(0, size, blocks.BLOCK))
    assert blocks.hash_bytes(data) == hashlib.sha256(outer).hexdigest()
    hasher = blocks.Hasher()
    for start in range(0, size, 999_983):
        hasher.update(data[start:start + 999_983])
    assert hasher.hexdigest() == blocks.hash_bytes(data) and hasher.size == size
    hashes = [hashlib.sha256(data[i:i + blocks.BLOCK]).hexdigest()
              for i in range(0, size, blocks.BLOCK)]
    assert blocks.combined(hashes) == blocks.hash_bytes(data)
    assert sum(blocks.length_of(n, size) for n in range(blocks.count(size))) == size
    assert blocks.length_of(blocks.count(size), size) == 0


def test_manifest_round_trip():
    files = [FileEntry("施工组织设计.pdf", 12, "ab" * 32), FileEntry("b.xlsx", 0, "cd" * 32)]
    data = manifest.build(BINDING, bytes(32), files)
    assert manifest.read(data, BINDING, sha256(data).hex()) == files


@pytest.mark.parametrize("field", sorted(BINDING))
def test_a_manifest_binds_every_field(field):
    other = {**BINDING, field: 7 if field == "version" else "form" if field == "part" else "x"}
    data = manifest.build(other, bytes(32), [FileEntry("a", 1, "ab" * 32)])
    with pytest.raises(BadManifest) as caught:
        manifest.read(data, BINDING, sha256(data).hex())
    assert caught.value.field == field


@pytest.mark.parametrize("name", ["", "..", ".", "a/b", "a\\b", "a\nb", "a\r", "\u202efdp.exe", "x" * 256,
                                  "界" * 86, "a\0", "\u2066a"])
def test_names_that_are_no_plain_names_are_refused(name):
    with pytest.raises(BadManifest):
        manifest.check_name(name)


def test_two_files_of_one_name_and_another_hash_are_refused():
    for files in ([FileEntry("a", 1, "ab" * 32), FileEntry("A", 1, "ab" * 32)], []):
        data = manifest.build(BINDING, bytes(32), files)
        with pytest.raises(BadManifest):
            manifest.read(data, BINDING, sha256(data).hex())
    data = manifest.build(BINDING, bytes(32), [FileEntry("a", 1, "ab" * 32)])
    with pytest.raises(BadManifest):
        manifest.read(data, BINDING, "00" * 32)


def test_form_round_trip_and_refusals():
    form = Form(123_456_789, 90, "合格", "张三")
    assert manifest.read_form(form.to_json()) == form
    good = {"v": 1, "price_fen": 5, "period_days": 1, "quality": "q", "leader": "l"}
    for change in ({"price_fen": -1}, {"price_fen": 0}, {"price_fen": True}, {"price_fen": "5"},
                   {"price_fen": 10**15 + 1}, {"period_days": 0}, {"quality": ""},
                   {"leader": "a\nb"}, {"v": 2}, {"extra": 1}, {"leader": None}):
        with pytest.raises(BadManifest):
            manifest.read_form(jcs({**good, **change}))
    for raw in (b"", b"{", b'{"v":1.0}', jcs(good) + b" "):
        with pytest.raises(BadManifest):
            manifest.read_form(raw)


CREDENTIALS = {"certificate": {"name": "一级建造师（市政公用工程）", "number": "浙1332017201901234"},
               "qualification": "市政公用工程施工总承包二级", "performance": ["某镇道路 2024 年竣工"]}


def test_a_form_of_version_3_states_what_the_candidates_notice_shows():
    whole = Form(5, 1, "q", "l", credentials=CREDENTIALS)
    assert manifest.read_form(whole.to_json()) == whole and b'"v":3' in whole.to_json()
    joint = Form(5, 1, "q", "l", {"members": []}, CREDENTIALS)  # judged by consortium.check
    assert manifest.read_form(joint.to_json()) == joint
    bare = {"certificate": None, "qualification": None, "performance": []}
    good = {"v": 3, "price_fen": 5, "period_days": 1, "quality": "q", "leader": "l"}
    for one in (bare | {"qualification": "二级"}, bare | {"performance": ["x"] * 20},
                bare | {"certificate": CREDENTIALS["certificate"]}):
        assert manifest.read_form(jcs(good | {"credentials": one})).credentials == one
    for one in (None, bare, [], CREDENTIALS | {"more": 1}, bare | {"qualification": ""},
                bare | {"performance": ["x"] * 21}, bare | {"performance": ["a\nb"]},
                bare | {"performance": "x"}, bare | {"certificate": {"name": "x"}},
                bare | {"certificate": {"name": "x", "number": 7}},
                bare | {"qualification": "x" * 1001}):
        with pytest.raises(BadManifest):
            manifest.read_form(jcs(good | {"credentials": one}))
    for version in (1, 2, True, 4):
        with pytest.raises(BadManifest):
            manifest.read_form(jcs(good | {"v": version, "credentials": CREDENTIALS}))
    with pytest.raises(BadManifest):
        manifest.read_form(jcs(good))


def declared(**change):
    shares = [{"path": "0", "share_hash": "aa" * 32, "wrap_hash": None}]
    parts = [{"part": part, "recipient": CLASSIC.recipient_of(bytes([i + 1]) * 32),
              "manifest_hash": "bb" * 32, "ciphertext_hash": "cc" * 32, "size": 10,
              "shares": shares} for i, part in enumerate(manifest.PARTS)]
    value = {"v": 1, "type": "bid", "log_origin": "a.example/log", "suite": "intl-x25519-1",
             "tender": "1" * 32, "lot": "2" * 32, "bid": "3" * 32,
             "tenderer": "91330703MA2TERTA3E", "version": 1, "previous": None,
             "policy_hash": "dd" * 32, "parts": parts}
    return {**value, **change}


def text(value):
    return jcs(value).decode()


def test_declaration_round_trip_and_signature():
    read = declaration.parse(text(declared()))
    assert read.text == text(declared()) and read.hash == sha256(jcs(declared())).hex()
    key, signature = declaration.sign(read.value, bytes(32))
    assert declaration.verify(read.value, key, signature)
    assert declaration.signed_bytes(read.value).startswith(
        b"yangguang/v1/bid\na.example/log\n{")
    for other in (declared(version=2, previous="aa" * 32), declared(log_origin="b.example/log"),
                  declared(type="bid-withdrawal")):
        assert not declaration.verify(other, key, signature)
    assert not declaration.verify(read.value, key, signature[:-4] + "AAA=")
    assert not declaration.verify(read.value, "", signature)


def _part(**change):
    value = declared()
    value["parts"] = [{**value["parts"][0], **change}, *value["parts"][1:]]
    return value


MALFORMED = {
    "not json": "{", "not canonical": text(declared()).replace(":", ": "),
    "duplicate key": '{"v":1,"v":1}', "float": text(declared()).replace('"size":10', '"size":10.0'),
    "other type": text(declared(type="bid-withdrawal")), "extra field": text(declared(x=1)),
    "version 0": text(declared(version=0)), "version true": text(declared(version=True)),
    "v 2": text(declared(v=2)), "previous at first": text(declared(previous="aa" * 32)),
    "no previous": text(declared(version=2)), "upper-case id": text(declared(bid="A" * 32)),
    "short id": text(declared(lot="1")), "two parts": text(declared(parts=declared()["parts"][:2])),
    "parts swapped": text(declared(parts=declared()["parts"][::-1])),
    "size zero": text(_part(size=0)), "size text": text(_part(size="10")),
    "recipient": text(_part(recipient="age1x")),
    "one key for two parts": text(_part(recipient=CLASSIC.recipient_of(bytes([2]) * 32))),
    "no shares": text(_part(shares=[])), "bad hash": text(_part(manifest_hash="BB" * 32)),
    "path": text(_part(shares=[{"path": "../0", "share_hash": "aa" * 32, "wrap_hash": None}])),
    "path twice": text(_part(shares=[{"path": "0", "share_hash": "aa" * 32,
                                      "wrap_hash": None}] * 2)),
    "too long": text(declared()) + " " * 70_000, "list": "[]",
}


@pytest.mark.parametrize("case", MALFORMED, ids=str)
def test_malformed_declarations_name_the_field(case):
    with pytest.raises(declaration.BadDeclaration) as caught:
        declaration.parse(MALFORMED[case])
    assert caught.value.field and caught.value.problem


def test_withdrawal_names_its_version():
    value = declaration.withdrawal(declared())
    assert declaration.parse_withdrawal(text(value)) == value
    assert value["declaration"] == sha256(jcs(declared())).hex()
    with pytest.raises(declaration.BadDeclaration):
        declaration.parse_withdrawal(text(declared()))


@pytest.mark.parametrize("count", [0, 1, 3, 40])
def test_closing_tree_proves_membership_and_nothing_else(count):
    bids = [(f"{i:032x}", f"{i:064x}") for i in range(count)]
    root, places = closing.build(bids)
    assert len(places) == count
    for bid, digest in bids:
        place = closing.Place.from_json(places[bid].to_json())
        assert closing.verify(root, bid, digest, place) and len(place.siblings) == 12
        assert not closing.verify(root, bid, "f" * 64, place)
        assert not closing.verify("0" * 64, bid, digest, place)
        moved = closing.Place(place.position ^ 1, place.salt, place.siblings)
        assert not closing.verify(root, bid, digest, moved)
    assert closing.build(bids)[0] != root, "the same bids never give the same root twice"


def test_more_bids_than_leaves_make_a_deeper_tree():
    bids = [(f"{i:032x}", f"{i:064x}") for i in range(4097)]
    root, places = closing.build(bids)
    bid, digest = bids[-1]
    assert len(places[bid].siblings) == 13 and closing.verify(root, bid, digest, places[bid])


def test_a_promise_is_a_signed_note_and_says_when():
    signer = note.Signer("a.example/platform", bytes(range(32)))
    deadline = parse_time("2026-12-01T09:00:00Z")
    early, late = parse_time("2026-11-01T09:00:00Z"), parse_time("2026-12-01T08:59:59.999Z")
    value = promise.receipt(declared(), "ab" * 32, early, deadline)
    assert value["include_by"] == "2026-11-01T15:00:00.000Z"
    assert promise.receipt(declared(), "ab" * 32, late, deadline)["include_by"] \
        == "2026-12-01T09:01:00.000Z"
    signed = promise.sign(value, signer)
    assert promise.read(signed, signer.verifier) == value
    assert signed.count("\n") == 3 and signed.split("\n")[2].startswith("— a.example/platform ")
    for changed in (signed.replace("ab", "ac", 1), signed[:-6] + "AAAA=\n", "", signed * 2):
        with pytest.raises(promise.BadPromise):
            promise.read(changed, signer.verifier)
    with pytest.raises(promise.BadPromise):
        promise.read(signed, note.Signer("a.example/platform", bytes(32)).verifier)
