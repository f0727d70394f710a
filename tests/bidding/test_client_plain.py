"""Who lost its key hands in the plain files, with the manifests that sealing kept (办法 31)."""

import json
import os
import stat

import pytest

from bidding import client, reading
from bidding.manifest import Form
from bidding.wire import Problem
from tests.bidding.test_commands import live, profile, signed_in

__all__ = ["live", "profile"]


@pytest.fixture
def lot(world):
    """Only the tenderers themselves can open it: a lost key is lost."""
    return world.lots(world.published_tender(access={"policy": "classic"}))[0]


def stored(world, lot, folder):
    """A company whose bid stands, sealed by its own program into `folder`."""
    folder.mkdir()
    technical, price = folder / "方案.pdf", folder / "清单.xlsx"
    technical.write_bytes(os.urandom(300_000))
    price.write_bytes(b"1,2\n")
    company = world.company()
    wire = world.wire(company)
    notice = client.read_notice(wire, lot.id)
    client.seal(notice, company.uscc, company.signing.private_bytes_raw(),
                Form(390_000_000, 60, "合格", "王五"), [technical], [price], folder / "bid")
    client.submit(wire, folder / "bid", notice.platform)
    return company, wire


def test_who_lost_its_key_hands_in_the_plain_files_and_is_opened(world, lot, live, tmp_path,
                                                                 capsys):
    companies = [stored(world, lot, tmp_path / name) for name in "abc"]
    for name in ("form.manifest.json", "technical.manifest.json", "price.manifest.json",
                 "form.json"):
        assert stat.S_IMODE((tmp_path / "a" / "bid" / name).stat().st_mode) == 0o600
    told = json.loads((tmp_path / "a" / "bid" / "form.manifest.json").read_text())
    (tmp_path / "a" / "bid" / client.KEY_FILE).unlink()
    world.past_deadline(lot)
    with pytest.raises(Problem) as caught:  # before the opening nobody takes them
        client.hand_in(companies[0][1], tmp_path / "a" / "bid", [tmp_path / "a"])
    assert caught.value.code == "phase.wrong"
    world.authorise(lot)
    for (_, wire), name in zip(companies[1:], "bc", strict=True):
        client.open_bid(wire, tmp_path / name / "bid")
    base = ["--url", live, *signed_in(world, companies[0][0].actor, tmp_path / "token")]
    folder, paper = tmp_path / "a" / "bid", tmp_path / "a" / "方案.pdf"
    assert client.main([*base, "open", str(folder)]) == 1, "there is no key"
    spoiled = bytearray(whole := paper.read_bytes())
    spoiled[-1] ^= 1
    paper.write_bytes(spoiled)
    assert client.main([*base, "plain", str(folder), str(tmp_path / "a")]) == 1
    assert "方案.pdf" in capsys.readouterr().err
    paper.unlink()
    (tmp_path / "a" / "renamed.pdf").write_bytes(whole)
    for _ in range(2):  # repeated, as where the answer was lost
        assert client.main([*base, "plain", str(folder), str(tmp_path / "a")]) == 0
        out = capsys.readouterr()
        assert json.loads(out.out)["parts"] == ["form", "technical", "price"]
        assert "can read these files" in out.err
    world.tick()
    opened = {one.bid_id: one for one in reading.opened_bids(world.session, lot.id)}
    assert len(opened) == 3 and opened[told["bid"]].price_fen == 390_000_000
    size, pieces = reading.read_member(world.session, told["bid"], "technical", "方案.pdf")
    assert b"".join(pieces) == whole and size == len(whole)
