"""Receipts of acceptance, replacement, withdrawal and refusal, as their holder checks them."""

import json
from datetime import timedelta
from itertools import pairwise

import pytest

from audit.act import wiring
from audit.note import Signer, Verifier
from bidding import digest, promise, receipt
from bidding.model import BidRefusal, DigestLeaf, SecurityDigest
from bidding.receipt import BadReceipt, CannotCheck, Keys, State, files
from kernel.canonical import jcs, parse_time, unb64
from people import security
from people.model import SecurityEvent, Undigested
from portal.fsck.log import root_again

from .test_refusals import _declared


@pytest.fixture
def lot(world):
    return world.lots(world.published_tender())[0]


@pytest.fixture
def keys(app):
    settings = wiring().settings
    return Keys(Verifier.parse(settings["log_vkey"]), Verifier.parse(settings["platform_vkey"]))


def beat(world, **delta):
    """Let a minute pass and the record catch up, cover and all."""
    for _ in range(2):
        world.advance(**(delta or {"seconds": 61}))
        world.tick(record=True)


def mine(world, company, lot):
    bid = company.bids[lot.id].declaration["bid"]
    return world.client(company.actor).get(f"/bids/{bid}/receipts").get_json()


def turned_away(world, company, lot, change=None):
    """One refused declaration; its promise."""
    path = f"/bids/{company.bids[lot.id].declaration['bid']}/versions" if lot.id in company.bids \
        else f"/lots/{lot.id}/bids"
    answer = world.client(company.actor).post(
        path, json=_declared(world, lot, company, change or {"version": 0}))
    return answer.get_json()["facts"]["promise"]


def own_refusals(world, company, lot):
    answer = world.client(company.actor).get(
        f"/lots/{lot.id}/tenderers/{company.party_id}/refusals")
    return answer.get_json()["items"]


def test_every_kind_of_receipt_is_first_held_and_then_proven(world, lot, keys):
    company = world.sealed_bid(lot)
    first = company.bids[lot.id]
    second = world.replacement(lot, company)
    world.redeclare(company, second)
    world.send(company, second)
    company.bids[lot.id] = second
    turned_away(world, company, lot)
    gone = world.sealed_bid(lot)
    world.withdraw(lot, gone)
    for one in (company, gone):
        found = mine(world, one, lot)
        for held in found["receipts"] + [one["receipt"] for one in found["refusals"]]:
            assert receipt.check(held, keys).state in (State.HELD, State.REFUSED)
    for _ in range(4):
        beat(world)
    for version, sealed in enumerate((first, second)):
        proven = receipt.check(mine(world, company, lot)["receipts"][version], keys,
                               jcs(sealed.declaration).decode())
        assert proven.state is State.PROVEN and proven.declared
        assert proven.record["type"] == ("bid.submitted", "bid.replaced")[version]
    accepted, withdrawn = mine(world, gone, lot)["receipts"]
    assert receipt.check(accepted, keys).state is State.PROVEN
    ending = receipt.check(withdrawn, keys, gone_withdrawal(gone, lot))
    assert ending.record["type"] == "bid.withdrawn" and ending.declared
    refusal = receipt.check(mine(world, company, lot)["refusals"][0]["receipt"], keys)
    assert refusal.state is State.REFUSAL_PROVEN
    assert refusal.record["type"] == "security.digested"


def gone_withdrawal(company, lot):
    from bidding import declaration

    return jcs(declaration.withdrawal(company.bids[lot.id].declaration)).decode()


def test_the_closing_path_and_a_deemed_withdrawal(world, lot, keys):
    companies = [world.sealed_bid(lot) for _ in range(3)]
    late = world.company()
    sealed = world.seal(lot, late)
    world.declare(lot, late, sealed)
    world.send(late, sealed, -1)
    late.bids[lot.id] = sealed
    world.past_deadline(lot)
    beat(world)
    found = receipt.check(mine(world, companies[0], lot)["receipts"][0], keys)
    assert found.closed_root and len(receipt.words(found)) >= 4
    ending = receipt.check(mine(world, late, lot)["receipts"][0], keys)
    assert ending.says["type"] == "bid-deemed-withdrawn" and ending.state is State.PROVEN
    swapped = dict(mine(world, companies[0], lot)["receipts"][0])
    swapped["closing"] = mine(world, companies[1], lot)["receipts"][0]["closing"]
    with pytest.raises(BadReceipt, match="closing"):
        receipt.check(swapped, keys)


def test_a_refused_company_that_never_declared_gets_its_receipts(world, lot, keys):
    company, other = world.company(), world.company()
    promised = turned_away(world, company, lot)
    assert [one["promise"] for one in own_refusals(world, company, lot)] == [promised]
    assert own_refusals(world, other, lot) == []
    wire = world.client(other.actor)
    for party in (company.party_id, "0" * 32):
        assert wire.get(f"/lots/{lot.id}/tenderers/{party}/refusals").status_code == 404
    beat(world)
    one = own_refusals(world, company, lot)[0]["receipt"]
    assert receipt.check(one, keys).state is State.REFUSAL_PROVEN
    # The receipt of one refusal proves no other.
    beat(world)
    second = turned_away(world, company, lot)
    with pytest.raises(BadReceipt, match="place"):
        receipt.check({**one, "promise": second}, keys)


def test_an_overdue_receipt_is_an_alarm(world, lot, keys):
    company = world.sealed_bid(lot)
    held = mine(world, company, lot)["receipts"][0]
    until = parse_time(promise.read(held["promise"], keys.platform)["include_by"])
    assert receipt.state(held, until, keys) is State.HELD
    assert receipt.state(held, until + timedelta(milliseconds=1), keys) is State.OVERDUE
    beat(world)
    proven = mine(world, company, lot)["receipts"][0]
    assert receipt.state(proven, until + timedelta(days=9), keys) is State.PROVEN


def test_a_digest_looks_the_same_over_none_and_over_many(world, lot):
    beat(world)
    company = world.company()
    for _ in range(3):
        turned_away(world, company, lot)
    beat(world)
    entries = world.session.query(SecurityDigest).order_by(SecurityDigest.beat).all()
    assert len(entries) >= 3
    from audit.model import Disclosure
    shapes = {len(row.record) for row in world.session.query(Disclosure).filter(
        Disclosure.type == "security.digested")}
    assert len(shapes) == 1
    assert world.session.query(Undigested).count() == 0


def test_the_beat_is_one_a_minute_while_a_lot_is_open_whatever_is_refused(world, lot):
    world.freeze()
    company = world.company()
    counts = []
    for turn in range(6):
        if turn % 2:
            turned_away(world, company, lot)
        for _ in range(6):
            world.advance(seconds=10)
            world.tick()
        counts.append(world.session.query(SecurityDigest).count())
    assert [b - a for a, b in pairwise(counts)] == [1] * 5


def test_overflow_waits_for_the_next_digest_and_refusals_go_first(world, lot, monkeypatch):
    monkeypatch.setattr(digest, "LEAVES", 1 << 2)
    monkeypatch.setattr(digest, "DEPTH", 2)
    company = world.company()
    world.tick()
    for number in range(5):
        security.note("test.event", world.now, detail=str(number))
    turned_away(world, company, lot)
    for _ in range(3):
        world.advance(seconds=61)
        world.tick()
    rows = world.session.query(SecurityDigest).order_by(SecurityDigest.beat).all()
    kinds = [[leaf.kind for leaf in world.session.query(DigestLeaf).filter(
        DigestLeaf.digest_id == one.id)] for one in rows]
    assert [len(one) for one in kinds][-3:] == [4, 2, 0]
    assert kinds[-3].count("refusal") == 1 and "refusal" not in kinds[-2]


def test_a_changed_line_of_the_security_log_is_seen_by_its_digest(world, lot, database):
    security.note("sign-in.refused", world.now, detail="x")
    world.advance(seconds=61)
    world.tick()
    made = next(one for one in world.session.query(SecurityDigest)
                if world.session.query(DigestLeaf).filter(DigestLeaf.digest_id == one.id).count())
    assert root_again(world.session, made) == made.root
    event = world.session.query(SecurityEvent).first()
    world.session.expunge(event)
    from sqlalchemy import text
    with world._raw.begin() as connection:
        if database == "sqlite":
            connection.execute(text("DROP TRIGGER security_event_no_update"))
        else:
            connection.execute(text("ALTER TABLE security_event DISABLE TRIGGER ALL"))
        connection.execute(text("UPDATE security_event SET detail = 'y'"))
    world.session.rollback()
    assert root_again(world.session, made) != made.root


def test_promises_beyond_the_kept_ones_say_so(world, lot, keys, monkeypatch):
    monkeypatch.setattr("bidding.acts.promises.REFUSALS_KEPT", 1)
    company = world.company()
    kept, given = (turned_away(world, company, lot) for _ in range(2))
    assert promise.read(kept, keys.platform)["include_by"]
    assert promise.read(given, keys.platform)["include_by"] is None
    assert world.session.query(BidRefusal).count() == 1
    far = world.now + timedelta(days=99)
    assert receipt.state(receipt.make(given), far, keys) is State.REFUSED
    assert receipt.state(receipt.make(kept), far, keys) is State.OVERDUE


def _flips(data: bytes):
    for place in range(len(data)):
        for bit in (1, 2, 0x20, 0x80):
            changed = bytearray(data)
            changed[place] ^= bit
            yield bytes(changed)


@pytest.mark.parametrize("database", ["sqlite"])  # what is flipped and who finds it know of none
def test_every_flipped_byte_of_every_receipt_is_found(world, lot, keys, tmp_path):
    company = world.sealed_bid(lot)
    sealed = company.bids[lot.id]
    turned_away(world, company, lot)
    for _ in range(2):
        beat(world)
    found = mine(world, company, lot)
    text = jcs(sealed.declaration).decode()
    accepted, refusal = found["receipts"][0], found["refusals"][0]["receipt"]
    for one, declared in ((accepted, text), (refusal, None)):
        data = receipt.write(one)
        assert receipt.check(receipt.read(data), keys, declared)
        for changed in _flips(data[:-1]):
            with pytest.raises(BadReceipt):
                receipt.check(receipt.read(changed), keys)
    for name, data in (("a.receipt.txt", accepted["promise"].encode()),
                       ("a.tlog-proof", accepted["proof"].encode())):
        _files(tmp_path, accepted)
        for changed in list(_flips(data))[::3]:
            (tmp_path / name).write_bytes(changed)
            with pytest.raises((BadReceipt, CannotCheck)):
                files.check_files(files.read_files(
                    [tmp_path / "a.receipt.txt", tmp_path / "a.tlog-proof"]), keys)


def _files(folder, one, name="a"):
    from kernel.canonical import unb64

    (folder / f"{name}.receipt.txt").write_text(one["promise"])
    (folder / f"{name}.tlog-proof").write_text(one["proof"])
    (folder / f"{name}.leaf").write_bytes(unb64(one["leaf"]))
    (folder / f"{name}.receipt.json").write_bytes(receipt.write(one))


def test_the_command_says_what_it_proves_and_names_what_is_wrong(world, lot, tmp_path, capsys):
    company = world.sealed_bid(lot)
    rival = world.sealed_bid(lot)
    for _ in range(2):
        beat(world)
    _files(tmp_path, mine(world, company, lot)["receipts"][0])
    _files(tmp_path, mine(world, rival, lot)["receipts"][0], "rival")
    (tmp_path / "bid.declaration.json").write_text(jcs(
        company.bids[lot.id].declaration).decode())
    run = lambda *names: files.main(["verify", *(str(tmp_path / name) for name in names)])
    assert run("a.receipt.json") == 2
    assert "--platform-vkey" in capsys.readouterr().err
    for name in ("log", "platform"):
        (tmp_path / f"{name}.vkey").write_text(wiring().settings[f"{name}_vkey"] + "\n")
    for names in (["a.receipt.json"], ["a.receipt.txt"], ["a.tlog-proof"],
                  ["a.receipt.txt", "a.tlog-proof", "a.leaf"],
                  ["a.receipt.json", "bid.declaration.json"],
                  ["a.receipt.txt", "rival.receipt.txt", "rival.tlog-proof", "a.tlog-proof"]):
        assert run(*names) == 0, names
    said = capsys.readouterr().out
    assert "已证明" in said and "received, proven" in said and "No witness" in said
    for names in (["a.receipt.txt", "rival.tlog-proof"],
                  ["rival.receipt.json", "bid.declaration.json"], ["bid.declaration.json"]):
        assert run(*names) == 1, names
    assert "no receipt given is about" in capsys.readouterr().err
    assert run("nothing.json") == 2
    (tmp_path / "platform.vkey").write_text(str(Signer.generate("test.example/log/platform")
                                                .verifier) + "\n")
    assert run("a.receipt.txt") == 1
    assert "promise" in capsys.readouterr().err


def test_another_promise_kept_by_the_same_key_is_no_promise_of_ours(world, lot, keys):
    company = world.sealed_bid(lot)
    held = mine(world, company, lot)["receipts"][0]
    says = promise.read(held["promise"], keys.platform)
    forged = promise.sign({**says, "type": "bid-other"}, wiring().platform_key)
    with pytest.raises(BadReceipt, match="not a promise"):
        receipt.check(receipt.make(forged), keys)
    assert receipt.check(json.loads(receipt.write(held)), keys).says == says


def test_a_refusal_s_path_lies_in_a_file_of_its_own(world, lot, keys, tmp_path):
    """As an evidence folder has it: promise, proof, leaf and the path, under one stem."""
    company = world.sealed_bid(lot)
    turned_away(world, company, lot)
    beat(world)
    held = mine(world, company, lot)["refusals"][0]["receipt"]
    names = {f"H.refusal1.{ending}": text for ending, text in (
        ("txt", held["promise"]), ("tlog-proof", held["proof"]),
        ("place.json", json.dumps(held["place"], indent=1)), ("paths.json", "{}"))}
    paths = [tmp_path / name for name in names]
    for path, text in zip(paths, names.values(), strict=True):
        path.write_text(text)
    (tmp_path / "H.refusal1.leaf").write_bytes(unb64(held["leaf"]))
    found = files.check_files(files.read_files(paths[:3]), keys)
    assert found["H.refusal1.txt"].state is State.REFUSAL_PROVEN
    (tmp_path / "H.refusal1.place.json").write_text(json.dumps({**held["place"], "position": 1}))
    with pytest.raises(BadReceipt, match="proves something else"):
        files.check_files(files.read_files(paths[:3]), keys)
    with pytest.raises(CannotCheck, match="H.refusal1.paths.json: paths to the roots"):
        files.read_files(paths)


def test_the_file_of_all_receipts_is_checked_as_the_page_gives_it_out(world, lot, keys, tmp_path):
    company = world.sealed_bid(lot)
    turned_away(world, company, lot)
    beat(world)
    given = tmp_path / "receipts.json"
    told = mine(world, company, lot)
    given.write_text(json.dumps({"receipts": [told["refusals"][0]["receipt"]], "bid": None}))
    found = files.check_files(files.read_files([given]), keys)
    assert found["receipts.json (1)"].state is State.REFUSAL_PROVEN
