"""I11, I12: what is opened names its row in manifest, shares and declaration, or it does not count.

And whatever bytes stand in the place of a promise or a receipt, its reader says no and nothing else.
"""

import os
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.note import Signer
from bidding import content, policy, promise, receipt, sealing, suites
from bidding.manifest import PARTS, Form
from bidding.receipt import BadReceipt, CannotCheck, Keys
from kernel.canonical import jcs, parse_time, unb64

CODES = ("91330703MA2TERTA3E", "91360732MA38K2P465")
SUITE = suites.get("intl-x25519-1")
SEEDS = [SUITE.generate() for _ in range(3)]
NAMED = ("log_origin", "tender", "lot", "bid", "tenderer", "version")
KEY = Signer.generate("a.example/log/platform")
LOG = Signer.generate("a.example/log")
KEYS = Keys(LOG.verifier, KEY.verifier)
NOW = parse_time("2026-12-01T09:00:00.000Z")


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("binding")
    (folder / "a.pdf").write_bytes(os.urandom(500))
    tree = policy.embedded([(f"o{i}", SUITE.recipient_of(s)) for i, s in enumerate(SEEDS)])
    terms = sealing.Terms("a.example/log", SUITE.name, "1" * 32, "2" * 32, tree)
    made = sealing.seal(terms, CODES[0], Form(100, 30, "合格", "李四"), [folder / "a.pdf"],
                        [folder / "a.pdf"], folder / "out")
    return SimpleNamespace(made=made, tree=tree, data={
        part: made.files[part].read_bytes() for part in PARTS})


OTHER = {"log_origin": "b.example/log", "tender": "3" * 32, "lot": "3" * 32, "bid": "3" * 32,
         "tenderer": CODES[1], "version": 2}
CHANGES = st.dictionaries(st.sampled_from(NAMED), st.just(None), max_size=3).map(
    lambda chosen: {name: OTHER[name] for name in chosen})


@given(change=CHANGES, part=st.sampled_from(PARTS), row=st.sampled_from(PARTS))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_part_counts_for_its_own_row_and_no_other(sealed, change, part, row):
    """Manifest against row: any field that differs, or another part, and it is not opened."""
    declared = {**sealed.made.declaration, **change}
    entry = next(one for one in declared["parts"] if one["part"] == part)
    data = sealed.data[part]
    held = SimpleNamespace(size=len(data), read_at=lambda at, size: data[at:at + size])
    binding = {**{name: declared[name] for name in NAMED}, "part": row}
    identity = SUITE.identity(sealed.made.seeds[part])
    if not change and part == row:
        assert content.examine(held, identity, binding, entry["manifest_hash"])
        return
    with pytest.raises(content.BadContent) as caught:
        content.examine(held, identity, binding, entry["manifest_hash"])
    if set(change) == {"tenderer"} and part == row:
        assert caught.value.code == "other_tenderer", "I12: the thief's row is rejected by name"


@given(change=CHANGES, part=st.sampled_from(PARTS), asked=st.sampled_from(PARTS),
       holder=st.integers(0, 2), path=st.integers(0, 2))
@settings(max_examples=120, deadline=None)
def test_a_share_counts_for_its_own_row_and_no_other(sealed, change, part, asked, holder, path):
    """Shares against declaration: a wrap opens for its holder, bid, part and path only."""
    paths = sorted(policy.holders(sealed.tree))
    declared = {**sealed.made.declaration, **change}
    wrap = next(unb64(one["wrap"]) for one in sealed.made.wraps
                if (one["part"], one["path"]) == (part, paths[path]))
    if not change and part == asked and holder == path:
        assert sealing.unwrap(wrap, SEEDS[holder], declared, asked, paths[path])
        return
    with pytest.raises(sealing.BadWrap):
        sealing.unwrap(wrap, SEEDS[holder], declared, asked, paths[path])


def promised(**more):
    declared = {"suite": "intl-pq-1", "tender": "1" * 32, "lot": "2" * 32, "bid": "3" * 32,
                "log_origin": "a.example/log"}
    return promise.sign({**promise.receipt(declared, "4" * 64, NOW, NOW), **more}, KEY)


GOOD = promised()
NOISE = st.text(max_size=200) | st.sampled_from(["\n\n— ", "— a.example/log/platform ", "{}", "\n"])
ANY = st.recursive(st.none() | st.booleans() | st.integers(-2, 2**53 - 1) | st.text(max_size=30)
                   | st.just(GOOD), lambda inner: st.lists(inner, max_size=3)
                   | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=8)


@given(NOISE, st.integers(0, len(GOOD)), st.integers(0, len(GOOD)))
@settings(max_examples=400, deadline=None)
def test_fuzz_of_promises(noise, start, end):
    for text in (noise, GOOD[:start] + noise, GOOD[:start] + noise + GOOD[end:]):
        if text == GOOD:
            continue
        with pytest.raises(BadReceipt):
            receipt.check_promise(text, KEYS)


@given(st.dictionaries(st.sampled_from(["v", "type", *receipt.FIELDS, "more"]), ANY), st.booleans(),
       st.binary(max_size=40))
@settings(max_examples=500, deadline=None)
def test_fuzz_of_receipts(fields, whole, noise):
    value = {**receipt.make(GOOD), **fields} if whole else fields
    for data in (jcs(value), noise, receipt.write(receipt.make(GOOD))[:-30] + noise):
        try:
            found = receipt.check(receipt.read(data), KEYS)
        except (BadReceipt, CannotCheck):
            continue
        assert found.says["bid"] == "3" * 32 and found.record is None


@pytest.mark.parametrize("change", [{"v": True}, {"v": 2}, {"type": "receipts"}, {"leaf": ""},
                                    {"place": {}}, {"proof": ""}, {"token": ""}, {"stamped": ""},
                                    {"closing": {}}, {"promise": None}, {"proof": 5}])
def test_a_receipt_has_one_form(change):
    assert receipt.check(receipt.read(jcs(receipt.make(GOOD))), KEYS).record is None
    with pytest.raises(BadReceipt):
        receipt.check(receipt.read(jcs({**receipt.make(GOOD), **change})), KEYS)


def test_a_line_by_a_stranger_under_a_promise_is_not_passed_over():
    said = GOOD.partition("\n\n")[0] + "\n"
    line = Signer.generate("b.example/log").sign(said).partition("\n\n")[2]
    assert promise.read(GOOD + line, KEY.verifier), "a signed note allows it"
    with pytest.raises(BadReceipt, match=r"b\.example/log"):
        receipt.check_promise(GOOD + line, KEYS)


def test_a_promise_under_another_key_or_of_another_kind_is_none():
    for text in (promise.sign({"v": 1, "type": "bid-receipt"}, LOG),
                 promised(type="something"), GOOD + GOOD, GOOD.replace("\n", "\r\n", 1)):
        with pytest.raises(BadReceipt):
            receipt.check_promise(text, KEYS)
    with pytest.raises(CannotCheck):
        receipt.check_promise(GOOD, Keys())
