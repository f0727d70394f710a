"""The commands `yangguang bid` and `yangguang holder` against a server on a real socket."""

import errno
import json
import shlex
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from werkzeug.serving import make_server

from audit.act import wiring
from bidding import acts, client, ends, holder, reading, suites, wire
from bidding.client import commands
from bidding.wire import Problem
from people.model import Party
from portal import cli
from tests.people import ca

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def profile(tmp_path, monkeypatch):
    """The tenderer's own folder of pinned keys."""
    monkeypatch.setenv("YANGGUANG_PROFILE", str(tmp_path / "profile"))


@pytest.fixture
def live(app):
    """The application behind a socket: its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(300)


def signed_in(world, actor, path):
    path.write_text(world.session_token(actor))
    return ["--token-file", str(path)]


def test_a_bid_by_commands_alone(world, live, tmp_path, capsys, monkeypatch):
    lot = world.lots(world.published_tender())[0]
    company = world.company()
    token = signed_in(world, company.actor, tmp_path / "token")
    base = ["--url", live, *token]
    (tmp_path / "plan.pdf").write_bytes(b"plan" * 100)
    (tmp_path / "bill.csv").write_bytes(b"1,2\n")
    key = str(tmp_path / "signing.key")
    assert client.main(["new-key", key]) == 0
    assert client.main([*base, "bind-key", key]) == 0
    world.advance(hours=25)  # the company's second key cools first
    signed_in(world, company.actor, tmp_path / "token")
    capsys.readouterr()
    common = ["--lot", lot.id, "--uscc", company.uscc, "--key", key, "--quality", "合格",
              "--leader", "王五", "--period-days", "60",
              "--technical", str(tmp_path / "plan.pdf"), "--price", str(tmp_path / "bill.csv")]
    assert client.main([*base, "seal", *common, "--price-fen", "390000000",
                        "--out", str(tmp_path / "one")]) == 0
    bid = json.loads(capsys.readouterr().out)["bid"]
    assert client.main([*base, "submit", str(tmp_path / "one")]) == 0
    out = capsys.readouterr()
    assert json.loads(out.out)["bid"] == bid and "100 %" not in out.err, "no bar in a file"
    assert client.main([*base, "replace", str(tmp_path / "one"), *common, "--price-fen",
                        "380000000", "--out", str(tmp_path / "two")]) == 0
    assert client.main([*base, "submit", str(tmp_path / "two")]) == 0
    capsys.readouterr()
    assert client.main([*base, "status", str(tmp_path / "two"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["state"] for one in told["bid"]["versions"]] == ["REPLACED", "SUBMITTED"]
    monkeypatch.setattr(commands, "now", lambda: world.now)
    for name, said in (("one", "replaced by a later version"), ("two", "submitted, receipt held")):
        assert client.main([*base, "status", str(tmp_path / name)]) == 0
        assert capsys.readouterr().out.startswith(said)
    monkeypatch.setattr(commands, "now", lambda: world.now + timedelta(hours=7))
    assert client.main([*base, "status", str(tmp_path / "two")]) == 3, "by our own clock"
    assert capsys.readouterr().out.startswith("OVERDUE")
    assert client.main([*base, "receipts", str(tmp_path / "two")]) == 0
    capsys.readouterr()
    assert client.main([*base, "open", str(tmp_path / "two")]) == 1
    assert "phase.wrong" in capsys.readouterr().err
    assert client.main([*base, "withdraw", str(tmp_path / "one"), "--key", key]) == 1
    refused = capsys.readouterr()
    assert "bid.not-the-last" in refused.err and '"type":"bid-refusal"' in refused.out
    assert client.main([*base, "withdraw", str(tmp_path / "two"), "--key", key]) == 0
    assert reading.count_standing(world.session, lot.id) == 0
    assert client.main([*base, "status", str(tmp_path / "nowhere")]) == 1


def test_an_opening_by_commands_alone(world, live, tmp_path, capsys):
    tender = world.draft_tender()
    lot = world.lots(tender)[0]
    world.appoint_officials(lot.id)
    world.holder_seeds[lot.id]  # known, so that publication keeps these officials
    from tender import acts as tender_acts

    notice = tender_acts.submit_notice(world.clerk, tender.id)
    tender_acts.approve_notice(world.fresh(world.chief), tender.id,
                               content_hash=notice.content_hash)
    for _ in range(3):
        world.sealed_bid(lot)
    world.past_deadline(world.lots(tender)[0])
    commands = []
    for number, official in enumerate(world.officials[:2]):
        path = tmp_path / f"opening{number}.key"
        seed = world.holder_seeds[lot.id][official.account_id]
        path.write_text(suites.get(lot.suite).identity_text(seed) + "\n")
        path.chmod(0o600)
        token = signed_in(world, official, tmp_path / f"token{number}")
        commands.append((["--url", live, *token], str(path)))
    base, key = commands[0]
    assert holder.main([*base, "start", "--lot", lot.id, "--reason", "到时开标"]) == 0
    assert holder.main([*base, "start", "--lot", lot.id, "--reason", "again"]) in (0, 1)
    capsys.readouterr()
    log = tmp_path / "log.vkey"
    log.write_text(f"{world.log_keys.log.verifier}\n")
    pinned = ["--lot", lot.id, "--log-key", str(log)]
    assert holder.main([*base, "share", key, *pinned]) == 1  # nothing of it is proven yet
    assert "no published notice" in capsys.readouterr().err
    world.publish_record()
    assert holder.main([*base, "share", key, *pinned, "--dry-run"]) == 0
    assert json.loads(capsys.readouterr().out) == {"would_give": 9, "withheld": []}
    assert holder.main([*base, "rehearse", key, *pinned]) == 1
    assert "no rehearsal is answered" in capsys.readouterr().err
    for base, key in commands:
        assert holder.main([*base, "share", key, *pinned]) == 0
        assert json.loads(capsys.readouterr().out)["given"] == 9
    world.tick()
    capsys.readouterr()
    assert holder.main([*base, "sign", "--lot", lot.id]) == 0
    assert json.loads(capsys.readouterr().out)["record_hash"] \
        == reading.record_view(world.session, lot.id)["record_hash"]
    assert holder.main([*base, "key", key, "--lot", lot.id]) == 1
    assert holder.main(["key", str(tmp_path / "fresh.key")]) == 0
    open_to_all = tmp_path / "fresh.key"
    open_to_all.chmod(0o644)
    assert holder.main(["key", str(open_to_all)]) == 1
    assert "age1" in capsys.readouterr().out


def _certified(world, tmp_path, uscc, password=None):
    """A believed authority, and the files of a certificate of this unit: (key, chain)."""
    root = ca.Authority("Root", now=world.now)
    ca.install(tmp_path / "ca", root)
    wiring().settings["ca"] = str(tmp_path / "ca")
    signer = root.signer(uscc)
    cipher = serialization.BestAvailableEncryption(password) if password \
        else serialization.NoEncryption()
    (tmp_path / "unit.key").write_bytes(signer.private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, cipher))
    (tmp_path / "unit.pem").write_text(signer.chain)
    return str(tmp_path / "unit.key"), str(tmp_path / "unit.pem")


def test_a_bid_under_a_certificate_by_commands_alone(world, live, tmp_path, capsys):
    lot = world.lots(world.published_tender())[0]
    company = world.company()
    key, chain = _certified(world, tmp_path, company.uscc, b"pw")
    (tmp_path / "pw").write_text("pw\n")
    (tmp_path / "plan.pdf").write_bytes(b"plan")
    base = ["--url", live, *signed_in(world, company.actor, tmp_path / "token")]
    signing = ["--key", key, "--certificate", chain, "--key-password-file", str(tmp_path / "pw")]
    common = ["--lot", lot.id, "--uscc", company.uscc, "--quality", "合格", "--leader", "王五",
              "--period-days", "60", "--price-fen", "390000000", "--technical",
              str(tmp_path / "plan.pdf"), "--price", str(tmp_path / "plan.pdf")]
    one, two = str(tmp_path / "one"), str(tmp_path / "two")
    assert client.main([*base, "seal", *common, "--key", key, "--out", one]) == 1
    assert "give --certificate too" in capsys.readouterr().err
    assert client.main([*base, "seal", *common, *signing[:4], "--out", one]) == 1
    assert "encrypted: give --key-password-file" in capsys.readouterr().err
    assert client.main([*base, "trial", *common, *signing]) == 0
    assert client.main([*base, "seal", *common, *signing, "--out", one]) == 0
    assert client.main([*base, "submit", one]) == 0
    assert client.main([*base, "replace", one, *common, *signing, "--out", two]) == 0
    assert client.main([*base, "submit", two]) == 0
    assert reading.count_standing(world.session, lot.id) == 1
    kept = client.load(tmp_path / "two")["key"]
    assert kept == {"certificate": (tmp_path / "unit.pem").read_text()}
    assert client.main([*base, "withdraw", two, *signing]) == 0
    assert reading.count_standing(world.session, lot.id) == 0


def test_an_officials_key_is_certified_by_its_units_certificate(world, live, tmp_path, capsys):
    tender = world.draft_tender()
    lot, official = world.lots(tender)[0], world.officials[0]
    acts.assign_official(world.clerk, lot.id, account_id=official.account_id)
    unit = world.session.get_one(Party, official.party_id)
    key, chain = _certified(world, tmp_path, unit.uscc)
    (tmp_path / "log.vkey").write_text(f"{world.log_keys.log.verifier}\n")
    base = ["--url", live, *signed_in(world, official, tmp_path / "token"), "key",
            str(tmp_path / "opening.key"), "--lot", lot.id, "--suite", lot.suite]
    signing = ["--certificate", chain, "--certificate-key", key]
    assert holder.main([*base, *signing]) == 1
    assert "--certificate needs" in capsys.readouterr().err
    assert holder.main([*base, *signing, "--log-key", str(tmp_path / "log.vkey")]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["certified_at"], "nobody else had to certify it"


@pytest.mark.parametrize("line", [
    line for line in (ROOT / "docs/books/bidding.md").read_text("utf-8").splitlines()
    if line.startswith(("yangguang bid ", "yangguang holder ", "yangguang clock-holder "))])
def test_the_commands_of_the_book_exist(line, monkeypatch):
    parsed = []
    monkeypatch.setattr(ends, "run", lambda *given, **more: parsed.append(more["after"]) or 0)
    assert cli.main(shlex.split(line)[1:]) == 0
    assert parsed and parsed[0], "and each says how things stand when it is cut off"


@pytest.mark.parametrize("error, said, status", [
    (KeyboardInterrupt(), "interrupted", 130),
    (OSError(errno.ENOSPC, "No space left on device", "x/bid.key"), "the disk is full", 1),
    (ConnectionRefusedError(111, "Connection refused"), "does not answer", 1),
    (TimeoutError("timed out"), "does not answer", 1),
    (FileNotFoundError(2, "No such file or directory", "one/bid.key"), "one/bid.key", 1),
    (Problem(401, {"code": "session.ended"}), "sign in again", 1),
    (Problem(403, {"code": "session.step-up"}), "second factor", 1),
    (KeyError("policy"), "not of the known form", 1),
])
def test_each_end_says_what_to_do(error, said, status, tmp_path, monkeypatch, capsys):
    def fails(*_given):
        raise error

    monkeypatch.setattr(commands, "_run", fails)
    assert client.main(["submit", str(tmp_path)]) == status
    text = capsys.readouterr().err
    assert text.startswith("yangguang bid: ") and said in text
    if not isinstance(error, (FileNotFoundError, Problem, KeyError)):
        assert "bid status DIR" in text, "how it stands now"


def test_waiting_and_wrong_clocks_are_said_once(world, live, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(wire, "WAIT_SECONDS", 0)
    assert client.main(["--url", "http://127.0.0.1:9", "notice", "--lot", "x", "--out",
                        str(tmp_path / "n")]) == 1
    text = capsys.readouterr().err
    assert text.count("trying again") == 7 and "2 of 8" in text
    lot = world.lots(world.published_tender())[0]
    monkeypatch.setattr(wire, "parsedate_to_datetime", lambda _date: datetime.now(UTC)
                        - timedelta(minutes=10))
    assert client.main(["--url", live, "notice", "--lot", lot.id, "--out",
                        str(tmp_path / "n")]) == 0
    text = capsys.readouterr().err
    assert text.count("this machine's clock is") == 1 and "ahead of" in text
