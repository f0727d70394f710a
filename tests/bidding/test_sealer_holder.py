"""The official's module for browsers against Python's program: the same record is believed, the
same shares are given and withheld, and a false record is refused."""

import json
import shutil

import pytest

from audit import follow
from bidding import holder, holding, policy, proven, suites
from bidding.reading import wraps_view
from tests.worlds.bidding import ORIGIN

from .test_sealer_modules import node

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def lot(world):
    found = world.lots(world.published_tender())[0]
    world.publish_record()
    return found


def read(world, folder, **kept):
    return node("follow", folder=str(folder), vkey=str(world.log_keys.log.verifier), **kept)


@ON_SQLITE
def test_both_believe_the_same_record_and_no_false_one(world, lot, tmp_path):
    before = world.copy_record(tmp_path / "before")
    first = read(world, before)
    for _ in range(3):
        world.sealed_bid(lot)
    world.past_deadline(lot)
    world.authorise(lot)
    world.publish_record()
    after = world.copy_record(tmp_path / "after")
    seen = follow.Follower(follow.folder(after), world.log_keys.log.verifier, [],
                           tmp_path / "state", proven.wanted).follow()
    whole, on = read(world, after), read(world, after, kept=first["kept"])
    for found in (whole, on):
        assert found["kept"]["size"] == seen.size
        assert [tuple(one) for one in found["kept"]["records"]] == seen.records
    assert {"opening.authorised", "lot.closed", "notice.approved"} <= {
        record["type"] for _, record in whole["kept"]["records"]}
    assert "rolled back" in read(world, before, kept=whole["kept"])["untrue"]
    other = dict(first["kept"], edge=list(reversed(first["kept"]["edge"])) or ["A" * 43 + "="])
    if other["edge"] != first["kept"]["edge"]:
        assert "forked" in read(world, after, kept=other)["untrue"]
    bundle = next(path for path in sorted((after / "tile" / "entries").rglob("*"))
                  if path.is_file())
    for path in (bundle, after / "disclosed" / "000.jsonl", after / "checkpoint"):
        shutil.copytree(after, tmp_path / "false", dirs_exist_ok=True)
        data = bytearray(path.read_bytes())
        data[data.index(b'"r":{"actor"') + 8 if b'"r":{"actor"' in data else len(data) // 2] ^= 1
        (tmp_path / "false" / path.relative_to(after)).write_bytes(data)
        assert read(world, tmp_path / "false").get("untrue"), path


@ON_SQLITE
def test_both_give_and_withhold_the_same_shares(world, lot, tmp_path):
    for _ in range(3):
        world.sealed_bid(lot)
    world.past_deadline(lot)
    world.authorise(lot)
    world.publish_record()
    official = world.officials[0]
    program = world.holder(lot, official, tmp_path)
    facts, seed = program.facts(lot.id), world.holder_seeds[lot.id][official.account_id]
    path = program.path(lot.id, facts)
    honest = wraps_view(world.session, lot.id, official.account_id)
    for change in (lambda wraps: None, _other_wrap, _other_place, _other_path, _other_bid):
        wraps = {**honest, "bids": [{**bid, "parts": [dict(part) for part in bid["parts"]]}
                                    for bid in honest["bids"]]}
        change(wraps["bids"])
        said = holding.check(wraps, seed, lot.id, path, facts, ORIGIN)
        here = node("wraps", wraps={"bids": wraps["bids"]}, lot=lot.id, path=path, origin=ORIGIN,
                    key=suites.get(lot.suite).identity_text(seed), facts={
                        "tender": facts.tender, "suite": facts.suite, "roots": facts.roots,
                        "policyHash": facts.policy_hash, "closingRoot": facts.closing_root})
        assert here["shares"] == said.shares
        assert bool(here["withheld"]) == bool(said.withheld) == (change.__name__ != "<lambda>")
    assert policy.holders(lot.policy)[path]["holder"] == honest["official"]
    # A wrap copied into a declaration that promises the same share: it names whose it was (Q30).
    bid, part = honest["bids"][0], honest["bids"][0]["parts"][0]
    declared = json.loads(bid["declaration"])
    copies = [declared, *({**declared, name: "x"} for name in ("tenderer", "bid", "lot", "version"))]
    own, *others = node("unwrap", key=suites.get(lot.suite).identity_text(seed), wrap=part["wrap"],
                        part=part["part"], path=path, declared=copies)
    assert own == next(one["share"] for one in holding.check(
        honest, seed, lot.id, path, facts, ORIGIN).shares if one["bid"] == bid["bid"]
        and one["part"] == part["part"])
    assert all(one.startswith("refused: the share was dealt for another") for one in others)


def _other_wrap(bids):
    one, two = bids[0]["parts"][0], bids[1]["parts"][0]
    one["wrap"], two["wrap"] = two["wrap"], one["wrap"]


def _other_place(bids):
    bids[0]["place"], bids[1]["place"] = bids[1]["place"], bids[0]["place"]


def _other_path(bids):
    bids[0]["parts"][1]["path"] = "1/1"


def _other_bid(bids):
    bids[0]["bid"], bids[1]["bid"] = bids[1]["bid"], bids[0]["bid"]


@pytest.mark.parametrize("suite", list(suites.SUITES))
def test_one_key_file_serves_both(tmp_path, suite):
    made = node("key", suite=suite)
    kind, seed = holder.key_of(made["text"])
    assert (kind.name, kind.recipient_of(seed)) == (suite, made["recipient"])
    recipient = holder.new_key(tmp_path / "key", kind)
    assert node("recipient", text=(tmp_path / "key").read_text())["recipient"] == recipient
