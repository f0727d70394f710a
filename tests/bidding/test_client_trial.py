"""A trial does everything and counts for nothing; sealing works from a file; the notice is proven."""

import json
import os

import pytest

from audit import note
from audit.act import wiring
from audit.model import PendingEntry
from bidding import client, declaration, promise
from bidding.client import trial
from bidding.manifest import Form
from bidding.model import Bid, BidBlock, BidRefusal, BidVersion
from bidding.wire import Problem
from kernel.canonical import jcs

FORM = Form(390_000_000, 60, "合格", "王五")


@pytest.fixture
def lot(world):
    return world.lots(world.published_tender())[0]


@pytest.fixture
def papers(tmp_path):
    technical, price = tmp_path / "方案.pdf", tmp_path / "清单.xlsx"
    technical.write_bytes(os.urandom(5 << 20))
    price.write_bytes(os.urandom(5000))
    return [technical], [price]


def test_a_trial_is_real_and_leaves_no_trace(world, lot, papers):
    company = world.company()
    wire = world.wire(company)
    notice = client.read_notice(wire, lot.id)
    before = (set(wiring().store.names()), world.session.query(PendingEntry).count())
    says = trial.run(wire, notice, company.uscc, company.signing.private_bytes_raw(), FORM, *papers)
    assert says["type"] == "bid-trial" and says["lot"] == lot.id
    for table in (Bid, BidVersion, BidBlock, BidRefusal):
        assert world.session.query(table).count() == 0
    assert (set(wiring().store.names()), world.session.query(PendingEntry).count()) == before
    assert not list((wiring().store.root / "tmp").iterdir())


def test_a_trial_streams_its_parts_and_begins_anew_after_a_cut(world, lot, papers):
    company, cuts = world.company(), []
    wire = world.wire(company)
    notice, request = client.read_notice(wire, lot.id), wire.request

    def cut_once(method, path, data=None, headers=None):
        if method == "PUT":
            assert not isinstance(data, bytes), "a part of 8 GiB would be held in memory"
            if not cuts and path.endswith("/technical"):
                cuts.append(len(data.read(1 << 20)))
                raise OSError("cut")
        return request(method, path, data, headers)

    wire.request = cut_once
    trial.run(wire, notice, company.uscc, company.signing.private_bytes_raw(), FORM, *papers)
    assert cuts == [1 << 20]


def test_a_trial_is_judged_as_a_bid_would_be(world, lot, papers):
    company, wire = world.company(), None
    wire = world.wire(company)
    stranger = world.company()
    notice = client.read_notice(wire, lot.id)
    with pytest.raises(Problem) as caught:
        trial.run(wire, notice, company.uscc, stranger.signing.private_bytes_raw(), FORM, *papers)
    assert caught.value.code == "bid.key-unknown"
    with pytest.raises(Problem) as caught:
        trial.run(wire, notice, stranger.uscc, company.signing.private_bytes_raw(), FORM, *papers)
    assert caught.value.code == "bid.declared-elsewhere"
    answer = wire.client.put(f"/lots/{lot.id}/bid-trials/form", data=b"%PDF-1.7" + bytes(9000))
    assert answer.status_code == 422 and answer.get_json()["code"] == "bid.not-sealed"
    world.set_time(lot.deadline)
    with pytest.raises(Problem):
        trial.run(wire, notice, company.uscc, company.signing.private_bytes_raw(), FORM, *papers)


def test_neither_can_be_handed_in_for_the_other(world, lot):
    company = world.company()
    client_, sealed = world.client(company.actor), world.seal(lot, company)
    body = lambda value, signed: {"declaration": jcs(value).decode(), "wraps": sealed.wraps,
                                  **company.sign(signed)}
    bid, tried = sealed.declaration, {**sealed.declaration, "type": "bid-trial"}
    assert client_.post(f"/lots/{lot.id}/bids", json=body(tried, tried)).get_json()["code"] \
        == "bid.declaration-malformed"
    assert client_.post(f"/lots/{lot.id}/bids", json=body(bid, tried)).get_json()["code"] \
        == "bid.signature-wrong"
    assert client_.post(f"/lots/{lot.id}/bid-trials", json=body(bid, bid)).get_json()["code"] \
        == "bid.declaration-malformed"
    assert client_.post(f"/lots/{lot.id}/bid-trials", json=body(tried, bid)).get_json()["code"] \
        == "bid.signature-wrong"
    said = client_.post(f"/lots/{lot.id}/bid-trials", json=body(tried, tried)).get_json()
    says = promise.read(said["promise"],
                        note.Verifier.parse(wiring().settings["platform_vkey"]))
    assert says["declaration"] == declaration.digest(tried) and "include_by" not in says


def test_a_bid_is_sealed_from_a_file_and_read_again_without_a_server(world, lot, papers, tmp_path):
    company = world.company()
    client.read_notice(world.wire(company), lot.id).save(tmp_path / "notice.json")
    kept = client.load_notice(tmp_path / "notice.json")
    client.seal(kept, company.uscc, company.signing.private_bytes_raw(), FORM, *papers,
                tmp_path / "bid")
    files = client.unseal(tmp_path / "bid", tmp_path / "plain")
    assert files == {"form": ["form.json"], "technical": ["方案.pdf"], "price": ["清单.xlsx"]}
    assert (tmp_path / "plain" / "technical" / "方案.pdf").read_bytes() \
        == papers[0][0].read_bytes()
    assert client.submit(world.wire(company), tmp_path / "bid", kept.platform)["bid"]


def test_the_approval_of_the_notice_is_proven_and_a_false_one_is_seen(world, lot, tmp_path):
    wire = world.wire(world.company())
    assert client.prove(client.read_notice(wire, lot.id)) == "", "not in the record yet"
    world.tick(record=True)
    found = client.read_notice(wire, lot.id)
    assert client.prove(found).startswith("2026-03-02T")
    found.save(tmp_path / "notice.json")
    kept = json.loads((tmp_path / "notice.json").read_text())
    for change in (
            lambda one: one["approved"]["content"].update(title="x"),
            lambda one: one["approved"]["content"]["more"]["policies"].update({lot.id: "a" * 64}),
            lambda one: one["approved"].update(leaf=one["approved"]["leaf"][:-8] + "AAAAAAA="),
            lambda one: one["approved"].update(proof=one["approved"]["proof"].replace("— ", "—  "))):
        false = json.loads(json.dumps(kept))
        change(false)
        (tmp_path / "false.json").write_text(json.dumps(false))
        with pytest.raises(client.Distrust):
            client.prove(client.load_notice(tmp_path / "false.json"))
    other = json.loads(json.dumps(kept))
    other["lot"]["seal"]["log_vkey"] = str(note.Signer.generate(
        other["lot"]["seal"]["log_origin"]).verifier)
    (tmp_path / "other.json").write_text(json.dumps(other))
    with pytest.raises(client.Distrust):
        client.prove(client.load_notice(tmp_path / "other.json"))
    # The approved notice names the key of promises too: another cannot be shown at the first meeting.
    other = json.loads(json.dumps(kept))
    other["lot"]["seal"]["platform_vkey"] = str(note.Signer.generate(
        other["lot"]["seal"]["platform_vkey"].partition("+")[0]).verifier)
    (tmp_path / "other.json").write_text(json.dumps(other))
    with pytest.raises(client.Distrust, match="other keys"):
        client.prove(client.load_notice(tmp_path / "other.json"))
