"""What a holder's program believes and gives: the record under pinned keys, its own clock, its own
share and nothing else (sealed-bid A2, A3.7)."""

import json
from datetime import timedelta

import pyotp
import pytest

from audit.cosignature import CosignerKey
from audit.follow import Untrue, folder
from audit.note import Signer
from bidding import clock_holder, proven, reading, suites, wire
from bidding.clock_holder import ClockHolder
from bidding.holding import Partial, Pins, check
from bidding.proven import NotProven
from bidding.wire import Problem
from kernel.canonical import b64, parse_time, time_text, unb64

DEFAULT = {"policy": "default", "officials": 3, "needed": 2, "clocks": 1}


def authorised(world, bids=3, **over):
    """A lot whose opening is authorised, with the record up to date."""
    lot = world.lots(world.published_tender(**over))[0]
    companies = [world.sealed_bid(lot) for _ in range(bids)]
    world.past_deadline(lot)
    world.authorise(lot)
    world.publish_record()
    return lot, companies


def raw_wraps(world, lot, official):
    return reading.wraps_view(world.session, lot.id, official.account_id)


@pytest.fixture
def opening(world, tmp_path):
    lot, companies = authorised(world)
    return lot, companies, world.holder(lot, world.officials[0], tmp_path)


def test_a_holder_gives_what_the_record_proves_and_gives_it_once(world, opening):
    lot, companies, holder = opening
    answer = holder.share(lot.id)
    assert (answer["given"], answer["wrong"], answer["withheld"]) == (9, [], [])
    assert holder.share(lot.id) == answer, "the same key gives the same answer"
    world.wire(world.officials[0])
    again = world.holder(lot, world.officials[0], world.settings.folder)
    again.wire.request = _fresh_keys(again.wire.request)
    with pytest.raises(Problem, match="opening.shares-given"):
        again.share(lot.id)
    assert len(companies) == 3


def _fresh_keys(request):
    return lambda method, path, data=None, headers=None: request(
        method, path, data, {**headers, "Idempotency-Key": "other-" + "k" * 20} if headers else None)


def test_nothing_is_given_before_all_of_it_is_in_the_record(world, tmp_path):
    lot = world.lots(world.published_tender())[0]
    for _ in range(3):
        world.sealed_bid(lot)
    holder = world.holder(lot, world.officials[0], tmp_path)
    with pytest.raises(NotProven, match="no published notice"):
        holder.facts(lot.id)
    world.publish_record()
    with pytest.raises(NotProven, match="the deadline is"):
        holder.facts(lot.id)
    world.past_deadline(lot)
    with pytest.raises(NotProven, match="no closing"):
        holder.facts(lot.id)
    world.publish_record()
    with pytest.raises(NotProven, match="no authorisation"):
        holder.facts(lot.id)
    world.authorise(lot)
    with pytest.raises(NotProven, match="no authorisation"):
        holder.share(lot.id)  # the platform says so, the record does not yet
    world.publish_record()
    assert set(holder.facts(lot.id).roots) == {"form", "technical", "price"}
    holder.now = lambda: lot.deadline
    with pytest.raises(NotProven, match="the deadline is"):
        holder.facts(lot.id)


def test_the_deadline_is_the_latest_that_the_record_names(world, opening):
    lot, _, holder = opening
    seen = holder.follower.follow()
    later = lot.deadline + timedelta(days=1)
    for kind in proven.MOVED:
        moved = [*seen.records, (seen.size, {"type": kind, "lot": lot.id, "facts": {
            "deadline": time_text(later)}})]
        found = proven.lot_facts(moved, lot.id)
        assert found.deadline == later and found.closing_root is None
        with pytest.raises(NotProven, match="the deadline is"):
            proven.may_open(found, lot.deadline + timedelta(hours=1))
    proposed = (seen.size, {"type": "deadline.restoration_proposed", "lot": lot.id, "facts": {
        "deadline": time_text(later)}})
    assert not proven.wanted(proposed[1])
    twice = (seen.size, {"type": "opening.authorised", "lot": lot.id, "facts": {
        "parts": [{"part": "price", "root": "0" * 64}]}})
    with pytest.raises(NotProven, match="twice"):
        proven.lot_facts([*seen.records, twice], lot.id)


def test_the_platforms_word_for_roots_and_policy_counts_for_nothing(world, opening):
    lot, _, holder = opening
    honest = holder.wire.request

    def lying(change):
        def request(method, path, data=None, headers=None):
            status, content = honest(method, path, data, headers)
            if path.startswith("/lots/"):
                value = json.loads(content)
                change(path, value)
                content = json.dumps(value).encode()
            return status, content
        return request

    def roots(path, value):
        if path.endswith("/wraps"):
            value["closing_root"], value["roots"] = "0" * 64, dict.fromkeys(value["roots"], "0" * 64)

    holder.wire.request = lying(roots)
    assert len(holder.check(lot.id).shares) == 9

    def others(path, value):
        if path.endswith("/wraps"):
            value["bids"][0]["place"] = value["bids"][1]["place"]
            value["bids"][1]["parts"][0]["place"] = value["bids"][1]["parts"][1]["place"]

    holder.wire.request = lying(others)
    checked = holder.check(lot.id)
    assert len(checked.shares) == 5
    assert [one["part"] for one in checked.withheld] == ["*", "form"]
    with pytest.raises(Partial):
        holder.share(lot.id)

    def own_policy(path, value):
        if path == f"/lots/{lot.id}":
            value["policy"] = "tenderer"

    holder.wire.request = lying(own_policy)
    with pytest.raises(NotProven, match="not the one in the record"):
        holder.check(lot.id)

    def empty(path, value):
        if path.endswith("/wraps"):
            value["bids"] = []

    holder.wire.request = lying(empty)
    with pytest.raises(Partial):
        holder.share(lot.id, partial=True)
    assert holder.share(lot.id, empty=True)["given"] == 0


def test_foreign_shares_are_refused_by_name_and_the_rest_given(world, opening):
    """A wrap of another bid, tenderer, part or path is not opened for whoever shows it (Q30)."""
    lot, _, holder = opening
    facts = holder.facts(lot.id)
    path = holder.path(lot.id, facts)
    wraps = raw_wraps(world, lot, world.officials[0])
    origin = holder.pins.log.name

    def tried(change):
        copy = json.loads(json.dumps(wraps, default=str))
        change(copy["bids"])
        return check(copy, holder.seed, lot.id, path, facts, origin)

    def swap_bids(bids):
        bids[0]["parts"][0]["wrap"] = bids[1]["parts"][0]["wrap"]

    def swap_parts(bids):
        bids[0]["parts"][0]["wrap"] = bids[0]["parts"][1]["wrap"]

    def other_path(bids):
        bids[0]["parts"][0]["path"] = "1/2"

    def unknown_part(bids):
        bids[0]["parts"][0]["part"] = "secret"

    def other_declaration(bids):
        bids[0]["declaration"] = bids[1]["declaration"]

    def spoiled(bids):
        bids[0]["parts"][0]["wrap"] = b64(b"x" + unb64(bids[0]["parts"][0]["wrap"])[1:])

    for change, left, why in (
            (swap_bids, 8, "another bid"), (swap_parts, 8, "another part"),
            (other_path, 8, "another holder's path"), (unknown_part, 8, "not authorised"),
            (other_declaration, 6, "another bid"), (spoiled, 8, "not a wrapped share")):
        found = tried(change)
        assert len(found.shares) == left, change
        assert len(found.withheld) == 1 and why in found.withheld[0]["why"], found.withheld
        assert found.withheld[0]["bid"] == wraps["bids"][0]["bid"]
    unauthorised = check(wraps, holder.seed, lot.id, path,
                         proven.LotFacts(**{**vars(facts), "roots": {"form": facts.roots["form"]}}),
                         origin)
    assert len(unauthorised.shares) == 3 and len(unauthorised.withheld) == 6
    assert not check(wraps, holder.seed, lot.id, path, facts, "other.example/log").shares
    assert not check(wraps, bytes(32), lot.id, path, facts, origin).shares


def test_another_log_key_a_fork_and_a_rollback_are_refused(world, opening, tmp_path):
    lot, _, holder = opening
    stranger = world.holder(lot, world.officials[0], tmp_path / "x",
                            pins=Pins(Signer.generate(holder.pins.log.name).verifier))
    with pytest.raises(Untrue):
        stranger.facts(lot.id)
    holder.facts(lot.id)
    kept = holder.follower.state.read_bytes()
    copy = world.copy_record(tmp_path / "copy")
    old = (copy / "checkpoint").read_bytes()
    world.plant_entry(lot)
    world.publish_record()
    holder.facts(lot.id)
    newer = holder.follower.state.read_bytes()
    assert newer != kept
    holder.follower.fetch = folder(copy)
    with pytest.raises(Untrue, match="rolled back"):
        holder.facts(lot.id)
    assert holder.follower.state.read_bytes() == newer, "what was believed stays"
    # The same log key over another history: the operator's fork.
    head = holder.follower.kept()
    from audit.checkpoint import Head, sign

    forked = sign(Head(holder.pins.log.name, head.size, bytes(32)), world.log_keys.log)
    holder.follower.fetch = lambda name: forked.encode() if name == "checkpoint" \
        else folder(copy)(name)
    with pytest.raises(Untrue, match="forked"):
        holder.facts(lot.id)
    larger = sign(Head(holder.pins.log.name, head.size + 5, bytes(32)), world.log_keys.log)
    holder.follower.fetch = lambda name: larger.encode() if name == "checkpoint" \
        else folder(copy)(name)
    with pytest.raises(Untrue):
        holder.facts(lot.id)
    holder.follower.fetch = lambda name: None
    with pytest.raises(Untrue, match="gone"):
        holder.facts(lot.id)
    assert old and holder.follower.state.read_bytes() == newer


def test_a_record_changed_after_it_was_published_is_not_believed(world, opening, tmp_path):
    lot, _, holder = opening
    copy = world.copy_record(tmp_path / "copy")
    holder.follower.fetch = folder(copy)
    holder.follower.state = tmp_path / "fresh.record"
    true, refused = holder.facts(lot.id), 0
    for place in sorted(copy.glob("disclosed/*.jsonl")) + sorted(copy.glob("tile/**/*")):
        if not place.is_file():
            continue
        data = place.read_bytes()
        cuts = [data.index(b'"root":"') + 8] if b'"root":"' in data \
            else range(0, len(data), len(data) // 9 + 1)
        for cut in cuts:
            place.write_bytes(data[:cut] + bytes([data[cut] ^ 1]) + data[cut + 1:])
            holder.follower.state.unlink(missing_ok=True)
            try:
                assert holder.facts(lot.id) == true, "what does not concern the lot may pass"
                assert cuts != [cut], "a root was changed"
            except Untrue:
                refused += 1
                assert not holder.follower.state.exists()
        place.write_bytes(data)
    assert refused > 10 and holder.facts(lot.id) == true


def test_a_quorum_of_witnesses_must_say_that_the_deadline_has_passed(world, opening):
    lot, _, holder = opening
    keys = [CosignerKey.generate(f"w{number}.example/w") for number in range(3)]
    holder.follower.witnesses = [key.cosigner for key in keys]
    holder.pins = Pins(holder.pins.log, 2, holder.follower.witnesses)
    plain, deadline = holder.follower.fetch, int(lot.deadline.timestamp())

    def cosigned(*times):
        def fetch(name):
            data = plain(name)
            if name == "checkpoint":
                text = data.decode().partition("\n\n")[0] + "\n"
                data += "".join(key.cosign(text, at) for key, at in zip(
                    keys, times, strict=False) if at).encode()
            return data
        return fetch

    for times in ((), (deadline + 9,), (deadline + 9, deadline), (deadline - 5, 0, deadline + 9)):
        holder.follower.fetch = cosigned(*times)
        with pytest.raises(NotProven, match="witnesses"):
            holder.share(lot.id)
    holder.follower.fetch = cosigned(deadline - 5, deadline + 1, deadline + 2)
    assert holder.share(lot.id)["given"] == 9


def test_no_rehearsal_is_answered_once_the_record_has_the_notice(world, tmp_path):
    tender = world.draft_tender()
    lot = world.lots(tender)[0]
    world.before_publishing(tender)
    holder = world.holder(lot, world.officials[0], tmp_path)
    world.publish_record()
    assert holder.rehearse(lot.id)["passed_at"]
    from tender import acts as tendering

    notice = tendering.submit_notice(world.clerk, tender.id)
    tendering.approve_notice(world.fresh(world.chief), tender.id, content_hash=notice.content_hash)
    world.publish_record()
    asked = []
    answer = holder.wire.request
    holder.wire.request = lambda method, path, *more: asked.append(path) or answer(
        method, path, *more)
    with pytest.raises(NotProven, match="no rehearsal"):
        holder.rehearse(lot.id)
    assert not any("rehearsals" in path for path in asked), "the platform is not even asked"


PHRASE = "correct horse battery"


def service(world, tmp_path, lot, who) -> ClockHolder:
    """A clock holder's folder, with the wire and the days of the world."""
    log = tmp_path / "pinned.vkey"
    log.write_text(f"{world.log_keys.log.verifier}\n")
    clock_holder.prepare(tmp_path / "clock", PHRASE, url="http://127.0.0.1:9", login="the-login",
                         password="the password", totp_secret="THESECRET", log_key=log)
    return ClockHolder(tmp_path / "clock", PHRASE, wire=world.wire(who), now=lambda: world.now)


def has_key(world, clock, lot, who) -> None:
    """The service has the key that the world registered for it, and no lot was told to it."""
    text = suites.get(lot.suite).identity_text(world.holder_seeds[lot.id][who.account_id])
    clock.secrets.put(f"{lot.suite}.key", text.encode())


def test_a_clock_holder_rehearses_waits_and_gives_in_time(world, tmp_path):
    tender = world.draft_tender(access=DEFAULT)
    lot = world.lots(tender)[0]
    world._enough(lot.access)
    clock = service(world, tmp_path, lot, world.clocks[0])
    from bidding import acts
    from tender import acts as tendering

    for kind, group in (("official", world.officials), ("clock", world.clocks)):
        for holder in group:
            acts.assign_official(world.clerk, lot.id, account_id=holder.account_id, kind=kind)
    key = clock.add(lot.id, lot.suite)["id"]
    for official in world.officials:
        acts.certify_key(world.supervisor, lot.id, world.holder_key(lot.id, official))
        world.rehearse(lot.id, official)
    acts.certify_key(world.supervisor, lot.id, key)
    assert clock.round() == [f"{lot.id}: rehearsal passed"]
    notice = tendering.submit_notice(world.clerk, tender.id)
    tendering.approve_notice(world.fresh(world.chief), tender.id, content_hash=notice.content_hash)
    companies = [world.sealed_bid(lot) for _ in range(3)]
    world.publish_record()
    assert "waits: the deadline" in clock.round()[0]
    world.past_deadline(world.lots(tender)[0])
    world.publish_record()
    assert "no authorisation" in clock.round()[0]
    world.authorise(lot)
    for company in companies[:2]:
        world.give_own(lot, company)
    for official in world.officials[:2]:
        world.release(lot, official)
    assert not reading.opening_of(world.session, lot.id).complete_at, "officials alone do not do"
    world.publish_record()
    assert clock.round() == [f"{lot.id}: gave 9 shares, withheld []"]
    assert clock.round() == [] and clock.lots()[lot.id]["state"] == "released"
    # Killed after giving and before noting it: the next start finds that it was done.
    clock._note(lot.id, {"suite": lot.suite, "state": "rehearsed"})
    clock.wire.request = _fresh_keys(clock.wire.request)
    assert clock.round() == [f"{lot.id}: shares were given before"]
    world.tick()
    record = reading.record_view(world.session, lot.id)["record"]
    assert [line["verdict"] for line in record["bids"]] == ["opened"] * 3
    assert oct((tmp_path / "clock").stat().st_mode)[-3:] == "700"
    assert oct((tmp_path / "clock" / "settings.json").stat().st_mode)[-3:] == "600"


def test_a_clock_holder_spends_each_code_once(monkeypatch, tmp_path):
    now, secret = [parse_time("2026-12-01T08:00:00.000Z")], pyotp.random_base32()
    spent, tried = {pyotp.TOTP(secret).at(now[0])}, []  # by its owner, to be enrolled

    def answer(_wire, _method, path, data=None, _headers=None):
        if path != "/session":
            return 200, b'{"items":[]}'
        code = json.loads(data)["totp"]
        tried.append(code)
        if code in spent or not pyotp.TOTP(secret).verify(code, for_time=now[0], valid_window=1):
            return 401, b'{"code":"session.refused"}'
        spent.add(code)
        return 200, b'{"token":"t"}'

    def later(_seconds):
        now[0] += timedelta(seconds=10)

    monkeypatch.setattr(wire.Wire, "request", answer)
    monkeypatch.setattr(clock_holder.time, "sleep", later)
    login = {"login": "l", "password": "p", "totp_secret": secret}
    for count in (2, 3, 4):  # as commands one after another
        service = clock_holder.ServiceWire(
            "http://127.0.0.1:1", login, lambda: now[0], tmp_path / "spent")
        assert wire.call(service, "GET", "/lots") == {"items": []}
        assert len(tried) == count
    spent |= {pyotp.TOTP(secret).at(now[0] + timedelta(seconds=30 * n)) for n in range(-1, 9)}
    with pytest.raises(Problem, match="session.refused"):
        service.recover({"code": "session.expired"})
    assert len(tried) == 5, "it guesses no further"


def test_a_clock_holder_goes_on_after_failures_and_more_slowly(world, tmp_path):
    lot, _ = authorised(world, access=DEFAULT)
    clock = service(world, tmp_path, lot, world.clocks[0])
    has_key(world, clock, lot, world.clocks[0])
    clock._note(lot.id, {"suite": lot.suite, "state": "rehearsed"})
    honest, waits, answers = clock.wire.request, [], ["away", "forked", "away"]

    def sometimes(method, path, *more):
        if answers and path.endswith("/record/checkpoint"):
            if answers.pop(0) == "away":
                return 500, b"{}"
            return 200, b"not a checkpoint\n"
        return honest(method, path, *more)

    clock.wire.request = sometimes
    clock.run(every=1, rounds=5, sleep=waits.append)
    assert waits == [2, 4, 8, 1], waits
    assert clock.lots()[lot.id]["state"] == "released"


@pytest.mark.parametrize("suite", sorted(suites.SUITES))
def test_wrong_shares_at_every_place_are_named_and_the_rest_opens(world, suite):
    """One of three officials gives a false share of every bid: named, and the other two open."""
    lot, companies = authorised(world, suite=suite)
    world.give_own(lot, companies[0])
    from bidding import acts

    liar, *others = world.officials
    shares = world.official_shares(lot, liar)
    spoiled = [{**one, "share": b64(bytes(33))} for one in shares]
    release = acts.release_shares(world.fresh(liar), lot.id, shares=spoiled)
    assert sorted((one["bid"], one["part"]) for one in release.wrong) \
        == sorted((one["bid"], one["part"]) for one in shares)
    for official in others:
        world.release(lot, official)
    world.tick()
    record = reading.record_view(world.session, lot.id)["record"]
    assert [line["verdict"] for line in record["bids"]] == ["opened"] * 3
    named = [one["facts"]["wrong"] for one in world.records("opening.shares_released")]
    assert sorted(map(len, named)) == [0, 0, 9]
