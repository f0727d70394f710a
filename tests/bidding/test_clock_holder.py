"""The clock holder finds its own lots, refuses foreign ones, and keeps nothing in clear."""

from __future__ import annotations

import json

import pytest

from bidding import acts, clock_holder, locked, reading, suites
from bidding.clock_holder import ClockHolder
from bidding.locked import Locker, WrongPassphrase
from bidding.proven import NotNamed

from .test_holding import DEFAULT, PHRASE, has_key, service

SECRETS = ("the-login", "the password", "THESECRET", "AGE-SECRET-KEY-")


def restarted(world, clock, who) -> ClockHolder:
    return ClockHolder(clock.folder, PHRASE, wire=world.wire(who), now=lambda: world.now)


def test_a_lot_whose_notice_names_its_key_is_found_in_the_record(world, tmp_path):
    lot = world.lots(world.published_tender(access=DEFAULT))[0]
    mine, = world.clocks
    clock = service(world, tmp_path, lot, mine)
    assert clock.round() == [], "without a key there is nothing to look for"
    has_key(world, clock, lot, mine)
    assert clock.round() == [], "the record has no notice yet: the platform alone is not asked"
    world.publish_record()
    said = clock.round()
    assert said[0] == f"{lot.id}: found: its notice names this key"
    assert "waits: the deadline" in said[1]
    for _ in range(3):
        world.sealed_bid(lot)
    world.past_deadline(lot)
    world.authorise(lot)
    world.publish_record()
    assert restarted(world, clock, mine).round() == [f"{lot.id}: gave 9 shares, withheld []"]


def test_a_lot_that_does_not_name_its_key_gets_nothing(world, tmp_path):
    foreign = world.lots(world.published_tender(access=DEFAULT))[0]
    mine, = world.clocks
    clock = service(world, tmp_path, foreign, mine)
    kind = suites.get(foreign.suite)
    clock.secrets.put(f"{foreign.suite}.key", kind.identity_text(kind.generate()).encode())
    clock._note(foreign.id, {"suite": foreign.suite, "state": "registered"})  # added by mistake
    for _ in range(3):
        world.sealed_bid(foreign)
    world.past_deadline(foreign)
    world.authorise(foreign)
    world.publish_record()
    asked = []
    honest = clock.wire.request
    clock.wire.request = lambda method, path, *more: asked.append((method, path)) or honest(
        method, path, *more)
    assert clock.round() == [
        f"{foreign.id}: REFUSED: its published policy does not name this key"]
    assert clock.round() == [] and clock.lots()[foreign.id]["state"] == "foreign"
    assert not [path for method, path in asked if method == "POST" or path.endswith("/wraps")]
    with pytest.raises(NotNamed):
        clock._holder(foreign.suite).share(foreign.id)


def test_a_policy_shown_to_it_that_is_not_the_records_is_no_find(world, tmp_path):
    """The platform names our key in a lot of others: the record has another policy's hash."""
    lot = world.lots(world.published_tender(access=DEFAULT))[0]
    mine, = world.clocks
    clock = service(world, tmp_path, lot, mine)
    kind = suites.get(lot.suite)
    seed = kind.generate()
    clock.secrets.put(f"{lot.suite}.key", kind.identity_text(seed).encode())
    world.publish_record()
    honest = clock.wire.request
    theirs = world.identity(lot.id, mine).recipient

    def lying(method, path, *more):
        status, content = honest(method, path, *more)
        if not path.startswith("/lots/"):
            return status, content
        return status, content.replace(theirs.encode(), kind.recipient_of(seed).encode())

    clock.wire.request = lying
    assert clock.round() == [f"{lot.id}: the policy shown is not the one in the record"]
    assert clock.lots() == {}
    clock.wire.request = honest
    assert clock.round() == [] and clock.lots() == {}


def test_it_waits_for_the_technical_sheets_before_it_gives_prices(world, tmp_path):
    lot = world.lots(world.published_tender(two_envelopes=True, access=DEFAULT))[0]
    mine, = world.clocks
    clock = service(world, tmp_path, lot, mine)
    has_key(world, clock, lot, mine)
    world.companies = [world.sealed_bid(lot) for _ in range(3)]
    world.past_deadline(lot)
    world.authorise(lot)
    world.publish_record()
    assert f"{lot.id}: gave 3 shares, withheld []" in clock.round()
    assert clock.lots()[lot.id]["state"] == "waits-for-prices"
    for company in world.companies:
        world.give_own(lot, company)
    world.tick()
    panel = world.drawn_panel(lot)
    world.sign_sheets(lot, panel[:-1])
    for _ in range(2):  # killed and started again in between, it still waits
        world.publish_record()
        clock = restarted(world, clock, mine)
        assert clock.round() == [] and clock.lots()[lot.id]["state"] == "waits-for-prices"
    world.sign_sheets(lot, panel[-1:])
    world.publish_record()
    assert clock.round() == [], "signed, and not yet authorised"
    acts.authorise_prices(world.fresh(world.officials[0]), lot.id, reason="评完")
    assert clock.round() == [], "authorised, and not yet in the record"
    world.publish_record()
    assert clock.round() == [f"{lot.id}: gave 6 shares, withheld []"]
    assert clock.round() == [] and clock.lots()[lot.id]["state"] == "released"
    assert set(reading.opening_of(world.session, lot.id, 2).roots) == {"form", "price"}


def test_its_folder_alone_tells_no_secret(world, tmp_path):
    lot = world.lots(world.published_tender(access=DEFAULT))[0]
    clock = service(world, tmp_path, lot, world.clocks[0])
    has_key(world, clock, lot, world.clocks[0])
    world.publish_record()
    clock.round()
    files = [path for path in clock.folder.rglob("*") if path.is_file()]
    assert len(files) > 4
    for path in files:
        data = path.read_bytes()
        assert not [word for word in SECRETS if word.encode() in data], path
    for path in clock.folder.glob("*.locked"):
        assert oct(path.stat().st_mode)[-3:] == "600"
    with pytest.raises(WrongPassphrase):
        ClockHolder(clock.folder, "another passphrase")
    assert json.loads(Locker(clock.folder, PHRASE).get("login"))["password"] == "the password"


def test_a_locked_secret_cannot_be_changed_or_take_anothers_place(tmp_path):
    locker = Locker(tmp_path, PHRASE)
    locker.put("one", b"first secret")
    locker.put("two", b"second secret")
    with pytest.raises(FileExistsError):
        locker.put("one", b"again")
    one, two = (tmp_path / f"{name}.locked" for name in ("one", "two"))
    kept = one.read_bytes()
    with pytest.raises(WrongPassphrase):
        Locker(tmp_path, "correct horse battery.").get("one")
    one.write_bytes(two.read_bytes())
    with pytest.raises(WrongPassphrase):
        Locker(tmp_path, PHRASE).get("one")
    value = json.loads(kept)
    for change in ({"n": 1 << 4}, {"n": 1 << 30}, {"salt": 7}, {"box": value["nonce"]},
                   {"kdf": "none"}, {"name": "two"}):
        one.write_text(json.dumps(value | change))
        with pytest.raises(WrongPassphrase):
            Locker(tmp_path, PHRASE).get("one")
    for text in (b"", b"[]", b"\xff", kept[:-9]):
        one.write_bytes(text)
        with pytest.raises(WrongPassphrase):
            Locker(tmp_path, PHRASE).get("one")
    one.write_bytes(kept)
    assert Locker(tmp_path, PHRASE).get("one") == b"first secret"


def test_where_the_passphrase_comes_from(tmp_path, monkeypatch):
    own = tmp_path / "phrase"
    own.write_text("of the file itself\n")
    own.chmod(0o600)
    given = tmp_path / "credentials"
    given.mkdir()
    (given / locked.CREDENTIAL).write_text("of systemd itself")
    with_systemd = {"CREDENTIALS_DIRECTORY": str(given)}
    assert locked.passphrase(None, with_systemd) == "of systemd itself"
    assert locked.passphrase(own, with_systemd) == "of the file itself"
    monkeypatch.setattr("sys.stdin", open("/dev/null"))  # noqa: SIM115
    with pytest.raises(ValueError, match="no passphrase"):
        locked.passphrase(None, {"YANGGUANG_PASSPHRASE": "not from the environment"})
    own.chmod(0o644)
    with pytest.raises(ValueError, match="read by others"):
        locked.passphrase(own, {})
    own.chmod(0o600)
    own.write_text("short")
    with pytest.raises(ValueError, match="shorter than"):
        locked.passphrase(own, {})


def test_a_folder_in_clear_is_refused_and_locked_by_one_command(tmp_path, capsys, monkeypatch):
    folder, phrase = tmp_path / "clock", tmp_path / "phrase"
    phrase.write_text(PHRASE)
    phrase.chmod(0o600)
    folder.mkdir()
    (folder / "settings.json").write_text(json.dumps({
        "url": "http://127.0.0.1:1", "login": SECRETS[0], "password": SECRETS[1],
        "totp_secret": SECRETS[2]}))
    kind = suites.get(suites.DEFAULT)
    seed = kind.generate()
    (folder / f"{kind.name}.key").write_text(kind.identity_text(seed) + "\n")
    where = ["--folder", str(folder), "--passphrase-file", str(phrase)]
    assert clock_holder.main(["run", "--once", *where]) == 1
    assert "clock-holder lock" in capsys.readouterr().err
    true = clock_holder.write_whole
    monkeypatch.setattr(clock_holder, "write_whole", _dies)
    assert clock_holder.main(["lock", *where]) == 130, "cut off after the login was locked"
    monkeypatch.setattr(clock_holder, "write_whole", true)
    capsys.readouterr()
    assert clock_holder.main(["lock", *where]) == 0
    assert capsys.readouterr().out.split() == ["login", f"{kind.name}.key"]
    text = b"".join(path.read_bytes() for path in folder.iterdir())
    assert not [word for word in SECRETS if word.encode() in text]
    assert clock_holder.program.key_of(
        Locker(folder, PHRASE).get(f"{kind.name}.key").decode())[1] == seed
    assert clock_holder.main(["lock", *where]) == 0
    assert "nothing lay in clear" in capsys.readouterr().out


def _dies(*_given, **_more):
    raise KeyboardInterrupt


def test_a_hostile_platform_ends_no_service(world, tmp_path):
    lot = world.lots(world.published_tender(access=DEFAULT))[0]
    clock = service(world, tmp_path, lot, world.clocks[0])
    has_key(world, clock, lot, world.clocks[0])
    world.publish_record()
    honest, waits = clock.wire.request, []
    answers = iter([b"[]", b'{"policy":7}', b"{}", b'{"policy":{"k":{},"of":7}}', b"\xff"])

    def lying(method, path, *more):
        if path.startswith("/lots/"):
            return 200, next(answers)
        return honest(method, path, *more)

    clock.wire.request = lying
    clock.run(every=1, rounds=5, sleep=waits.append)
    assert len(waits) == 4 and clock.lots() == {}
    clock.wire.request = honest
    assert "found" in clock.round()[0]
