"""The browser module's own verifier of receipts and proofs, in Node, against the platform's real
ones and against Python's verifier: what one refuses the other refuses."""

from datetime import timedelta

import pytest

from audit.act import wiring
from audit.note import Signer
from bidding import client, declaration, promise, receipt
from bidding.client import standing, trial
from bidding.manifest import Form
from kernel.canonical import b64, jcs, parse_time, time_text, unb64

from .test_receipts import beat, mine, turned_away
from .test_sealer_modules import node

ONE = pytest.mark.parametrize("database", ["sqlite"])
NOW = "2026-03-02T01:00:00.000Z"


@pytest.fixture
def lot(world):
    return world.lots(world.published_tender())[0]


@pytest.fixture
def keys(app):
    settings = wiring().settings
    return {"log": settings["log_vkey"], "platform": settings["platform_vkey"]}


def checked(receipts, keys, now=NOW):
    return node("receipts", receipts=receipts, keys=keys, now=now)


@ONE
def test_all_five_kinds_are_known_held_proven_and_refused(world, lot, keys, tmp_path):
    company, gone, late, trying = (world.company() for _ in range(4))
    world.sealed_bid(lot, company)
    turned_away(world, company, lot)
    world.sealed_bid(lot, gone)
    world.withdraw(lot, gone)
    (tmp_path / "a").write_bytes(b"a")
    says = trial.run(world.wire(trying), client.read_notice(world.wire(trying), lot.id),
                     trying.uscc, trying.signing.private_bytes_raw(), Form(1, 1, "a", "b"),
                     [tmp_path / "a"], [tmp_path / "a"])
    tried = receipt.make(promise.sign(says, wiring().platform_key))
    soon = time_text(world.now)

    def held(one):
        found = mine(world, one, lot)
        return found["receipts"] + [item["receipt"] for item in found["refusals"]]

    found = checked([*held(company), *held(gone), tried], keys, soon)
    assert [one.get("state") for one in found] == ["held", "refused", "held", "held", "tried"]
    for _ in range(3):
        beat(world)
    for _ in range(2):
        world.sealed_bid(lot)
    sealed = world.seal(lot, late)
    world.declare(lot, late, sealed)
    world.send(late, sealed, -1)
    late.bids[lot.id] = sealed
    world.past_deadline(lot)
    beat(world)
    proven = [*held(company), *held(gone), *held(late)]
    found = checked(proven, keys)
    assert [(one.get("refused"), one.get("state")) for one in found] \
        == [(None, state) for state in ("proven", "refusal-proven", "proven", "proven", "proven")]
    assert {one["says"]["type"] for one in found} | {"bid-trial"} == set(promise.TYPES)
    assert found[0]["closed"] and found[0]["record"]["type"] == "bid.submitted"
    _planted(proven, keys)
    _another_promise(proven[0], found[0]["says"], keys)
    flips = node("flips", receipt=proven[0], keys=keys)
    assert flips["tried"] > 1500 and flips["unnoticed"] == []


def _planted(proven, keys):
    accepted, refused, _, withdrawn, deemed = proven
    other = str(Signer.generate(keys["platform"].partition("+")[0]).verifier)
    log = str(Signer.generate(keys["log"].partition("+")[0]).verifier)
    siblings = [*refused["place"]["siblings"]]
    siblings[3] = "0" * 64
    swapped = {**accepted, "closing": {**accepted["closing"], "place": refused["place"]}}
    bad = [{**accepted, "proof": withdrawn["proof"], "leaf": withdrawn["leaf"]},
           {**accepted, "leaf": deemed["leaf"]}, {**accepted, "promise": withdrawn["promise"]},
           {**accepted, "place": refused["place"]}, swapped,
           {**accepted, "stamped": accepted["proof"]}, {**accepted, "token": "AAAA"},
           {**accepted, "proof": None, "closing": None},
           {**refused, "place": {**refused["place"], "siblings": siblings}},
           {**refused, "place": None}, {**refused, "promise": accepted["promise"]}]
    assert ["refused" in one for one in checked(bad, keys)] == [True] * len(bad)
    for changed in ({"platform": other}, {"log": log}):
        assert "refused" in checked([accepted], keys | changed)[0]


def _another_promise(accepted, says, keys):
    """A promise that the platform did sign is not kept by an entry of something else."""
    bad = [{**accepted, "promise": promise.sign({**says, **change}, wiring().platform_key)}
           for change in ({"type": "bid-withdrawal-receipt"}, {"type": "bid-trial"},
                          {"declaration": "0" * 64}, {"bid": "0" * 32}, {"lot": "0" * 32},
                          {"tender": "0" * 32}, {"received_at": NOW})]
    bad = [{**one, "closing": None} for one in bad]
    assert ["refused" in one for one in checked(bad, keys)] == [True] * len(bad)


@ONE
def test_the_one_state_is_the_command_lines(world, lot, keys):
    company = world.sealed_bid(lot)
    digest = declaration.digest(company.bids[lot.id].declaration)
    soon, overdue = world.now, world.now + timedelta(hours=7)
    early = mine(world, company, lot)
    beat(world)
    beat(world)
    later = mine(world, company, lot)
    false = [{**later["receipts"][0], "proof": later["receipts"][0]["proof"].replace("index ", "index 1")}]
    version = {"declaration_hash": digest, "state": "SUBMITTED"}
    declared = {"declaration_hash": digest, "state": "DECLARED",
                "parts": [{"offset": 5, "size": 9}]}
    found = node("stands", digest=digest, keys=keys, cases=[
        {"receipts": [], "version": None, "now": NOW},
        {"receipts": [], "version": declared, "now": NOW},
        {"receipts": [], "version": declared, "late": True, "now": NOW},
        {"receipts": early["receipts"], "version": version, "now": time_text(soon)},
        {"receipts": early["receipts"], "version": None, "now": time_text(overdue)},
        {"receipts": later["receipts"], "version": version, "now": time_text(overdue)},
        {"receipts": false, "version": version, "now": time_text(soon)},
        {"receipts": later["receipts"] + false, "version": version, "now": time_text(soon)},
        {"receipts": [], "version": version, "now": time_text(soon)},
        {"receipts": early["receipts"], "version": {**version, "state": "WITHDRAWN"},
         "now": time_text(soon)}])
    assert [(one["name"], one["alarm"]) for one in found] == [
        ("draft", False), ("sending", False), ("late", True), ("submitted", False),
        ("overdue", True), ("proven", False), *[("doubtful", True)] * 4]
    assert "not yet counted" in found[3]["en"] and "counted at 20" in found[5]["en"]
    assert all("{" not in one[line] for one in found for line in ("zh", "en"))
    assert {one["name"] for one in found} <= set(standing.LINES)
    # The program on the command line says the same of what the platform tells it.
    for view, now in ((early, soon), (early, overdue), (later, overdue)):
        said = standing.standing(
            digest, now, *(client.read_notice(world.wire(company), lot.id).platform,
                           client.read_notice(world.wire(company), lot.id).log),
            version=None, receipts=view)
        assert said.name == {id(early): {soon: "submitted", overdue: "overdue"}.get(now),
                             id(later): "proven"}[id(view)]


def test_the_proof_of_the_format_page_holds_and_its_kin_do_not():
    """The example of docs/formats/record.md, and what the C2SP formats leave no room for."""
    from pathlib import Path

    page = (Path(__file__).parents[2] / "docs/formats/record.md").read_text("utf-8")

    def block(name):
        return page.partition(f"```{name}\n")[2].partition("```")[0]

    proof, vkey = block("tlog-proof"), block("vkey").strip()
    leaf = b64(block("leaf").strip().encode())
    assert len(unb64(leaf)) == 89
    lines = proof.split("\n")
    bad = ["\n".join([*lines[:3], *lines[4:]]), "\n".join([*lines[:4], lines[3], *lines[4:]]),
           proof.replace("index 1", "index 01"), proof.replace("index 1", "index 2"),
           proof.replace("index 1", "index 3"), proof.replace("\n3\n", "\n4\n"),
           proof.partition("\n\n")[0], proof.replace("extra ", "other "),
           proof.rstrip("\n"), proof + lines[-2] + "\n", "", "c2sp.org/tlog-proof@v1\n\n"]
    good, *others = node("proofs", proofs=[proof, *bad], leaf=leaf, vkey=vkey)
    assert good["record"]["type"] == "notice.approved" and (good["index"], good["size"]) == (1, 3)
    assert ["refused" in one for one in others] == [True] * len(bad)
    assert jcs(good["record"]) and parse_time(good["tick"])
