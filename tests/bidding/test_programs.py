"""The tenderer's and the official's programs, over HTTP, on both databases."""

import os
import stat

import pytest

from bidding import client, declaration, holder, reading
from bidding.manifest import Form
from bidding.wire import Problem


@pytest.fixture
def lot(world):
    return world.lots(world.published_tender())[0]


@pytest.fixture
def papers(tmp_path):
    technical, price = tmp_path / "方案.pdf", tmp_path / "清单.xlsx"
    technical.write_bytes(os.urandom(9 * 1024 * 1024))
    price.write_bytes(os.urandom(50_000))
    return [technical], [price]


def prepare(world, lot, papers, folder, company=None, price=390_000_000):
    company = company or world.company()
    wire = world.wire(company)
    notice = client.read_notice(wire, lot.id)
    client.seal(notice, company.uscc, company.signing.private_bytes_raw(),
                Form(price, 60, "合格", "王五"), *papers, folder)
    return company, wire, notice


def test_a_bid_is_submitted_over_http_and_its_receipt_checked(world, lot, papers, tmp_path):
    _company, wire, notice = prepare(world, lot, papers, tmp_path / "a")
    seen = []
    says = client.submit(wire, tmp_path / "a", notice.platform, lambda *p: seen.append(p))
    assert says["type"] == "bid-receipt" and (tmp_path / "a" / "receipt.txt").exists()
    assert seen[-1][1] == seen[-1][2] and {part for part, _, _ in seen} \
        == {"form", "technical", "price"}
    bid = client.load(tmp_path / "a")["declaration"]["bid"]
    assert client.status(wire, bid)["versions"][0]["state"] == "SUBMITTED"
    assert stat.S_IMODE((tmp_path / "a" / "bid.key").stat().st_mode) == 0o600
    again = client.submit(wire, tmp_path / "a", notice.platform)
    assert again == says
    assert len(world.entries("bid.submitted")) == 1


def test_an_upload_goes_on_where_it_was_cut(world, lot, papers, tmp_path, monkeypatch):
    monkeypatch.setattr("bidding.wire.WAIT_SECONDS", 0)
    _company, wire, _notice = prepare(world, lot, papers, tmp_path / "a")
    client.declare(wire, tmp_path / "a")
    wire.cut_after = 3
    with pytest.raises(OSError):
        client.upload(wire, tmp_path / "a")
    assert reading.count_standing(world.session, lot.id) == 0
    wire.cut_after = None
    assert client.upload(wire, tmp_path / "a", most=0)["state"] == "DECLARED"
    assert client.upload(wire, tmp_path / "a")["receipt"]
    assert len(world.entries("bid.submitted")) == 1


def test_an_answer_lost_at_the_deadline_is_found_again(world, lot, papers, tmp_path, monkeypatch):
    monkeypatch.setattr("bidding.wire.WAIT_SECONDS", 0)
    _, wire, notice = prepare(world, lot, papers, tmp_path / "a")
    client.declare(wire, tmp_path / "a")
    client.upload(wire, tmp_path / "a", most=4)
    whole = wire.request

    def lost(method, path, data=None, headers=None):
        status, content = whole(method, path, data, headers)
        if b'"state":"SUBMITTED"' in content and method == "PATCH":
            world.set_time(lot.deadline)
            raise OSError("the answer was lost")
        return status, content

    wire.request = lost
    assert client.upload(wire, tmp_path / "a")["state"] == "SUBMITTED"
    wire.request = whole
    says = client.submit(wire, tmp_path / "a", notice.platform)
    assert says["type"] == "bid-receipt" and len(world.entries("bid.submitted")) == 1


def test_replace_and_withdraw(world, lot, papers, tmp_path):
    company, wire, notice = prepare(world, lot, papers, tmp_path / "a")
    client.submit(wire, tmp_path / "a", notice.platform)
    seed = company.signing.private_bytes_raw()
    client.seal(notice, company.uscc, seed, Form(380_000_000, 50, "合格", "王五"), *papers,
                tmp_path / "b", replaces=tmp_path / "a")
    client.submit(wire, tmp_path / "b", notice.platform)
    assert reading.stands(world.session, lot.id, company.party_id)["version"] == 2
    with pytest.raises(Problem) as caught:
        client.withdraw(wire, tmp_path / "a", seed)
    assert caught.value.code == "bid.not-the-last" and "promise" in caught.value.facts
    assert client.withdraw(wire, tmp_path / "b", seed)["state"] == "WITHDRAWN"
    assert client.withdraw(wire, tmp_path / "b", seed)["state"] == "WITHDRAWN", "same key again"


def test_officials_open_for_who_lost_its_key(world, lot, papers, tmp_path):
    wires, bids = [], []
    for name in "abc":
        _company, wire, notice = prepare(world, lot, papers, tmp_path / name)
        client.submit(wire, tmp_path / name, notice.platform)
        wires.append(wire)
        bids.append(tmp_path / name)
    world.past_deadline(lot)
    officials = [world.wire(official) for official in world.officials]
    with pytest.raises(Problem):
        client.open_bid(wires[0], bids[0])
    holder.start(officials[0], lot.id, "到时开标")
    for wire, folder in list(zip(wires, bids, strict=True))[:2]:
        client.open_bid(wire, folder)
    world.tick()
    world.publish_record()
    for official in world.officials[1:3]:
        answer = world.holder(lot, official, tmp_path).share(lot.id)
        assert answer["wrong"] == [] and answer["withheld"] == []
    world.tick()
    record = world.client().get(f"/lots/{lot.id}/opening-record").get_json()
    assert [line["verdict"] for line in record["record"]["bids"]] == ["opened"] * 3
    signed = holder.sign_record(officials[2], lot.id)
    assert signed["record_hash"] == record["record_hash"]
    own = client.load(bids[0])["declaration"]["bid"]
    listed = world.client(None)
    assert listed.get(f"/bids/{own}/content").status_code in (401, 403, 404)
    mine = wires[0].client.get(f"/bids/{own}/content/technical/方案.pdf")
    assert mine.data == papers[0][0].read_bytes()
    assert mine.headers["Content-Disposition"].startswith("attachment")


def test_keys_are_files_of_their_owner_alone(tmp_path):
    public = client.new_key(tmp_path / "signing.key")
    seed = client.read_key(tmp_path / "signing.key")
    assert declaration.sign({"type": "x", "log_origin": "y"}, seed)[0] == public
    recipient = holder.new_key(tmp_path / "opening.key")
    suite, seed = holder.read_key(tmp_path / "opening.key")
    assert suite.recipient_of(seed) == recipient
    for name in ("signing.key", "opening.key"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        client.new_key(tmp_path / "signing.key")


def test_a_bad_form_or_a_bad_disk_is_found_before_anything_is_sent(world, lot, papers, tmp_path,
                                                                   monkeypatch):
    from bidding import sealing
    from bidding.content import BadContent
    from bidding.manifest import BadManifest

    with pytest.raises(BadManifest):
        prepare(world, lot, papers, tmp_path / "a", price=0)
    true = sealing.seal

    def faulty(*args, **kwargs):
        sealed = true(*args, **kwargs)
        with open(sealed.files["technical"], "r+b") as file:
            file.seek(5_000_000)
            file.write(b"\0\0\0\0")
        return sealed

    monkeypatch.setattr(sealing, "seal", faulty)
    with pytest.raises(BadContent, match="chunk"):
        prepare(world, lot, papers, tmp_path / "b")
    assert not (tmp_path / "b" / "bid.key").exists()
