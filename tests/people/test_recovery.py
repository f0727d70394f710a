"""Recovery codes: high entropy, once each, kept as digests, and no way round the password."""

import re
import threading

import pytest
from sqlalchemy import select

from audit.act import wiring
from people import recovery
from people.digests import unseal
from people.model import LoginSession, SecurityEvent
from people.recovery_model import RecoveryCode
from portal.alerts.model import Letter
from tests.people.test_sessions import sign_in


@pytest.fixture
def member(world):
    actor = world.account("tenderer")
    return actor, *world.password(actor)


@pytest.fixture
def codes(world, member):
    return world.client(member[0]).post("/recovery-codes").json["codes"]


def rows(world):
    return world.session.scalars(select(RecoveryCode).order_by(RecoveryCode.made_at)).all()


def test_codes_have_eighty_random_bits_and_are_read_however_they_were_copied(world):
    made = recovery.new_codes()
    assert len(set(made)) == 10 and all(re.fullmatch(r"([a-z2-7]{4}-){3}[a-z2-7]{4}", one)
                                        for one in made)
    with world.app.app_context():
        right = recovery.digest("a", "love-bolt-2345-6777")
        for copied in ("LOVE BOLT 2345 6777", "l0ve-80lt-23456777", " love–bolt–2345–6777 ",
                       "1ovebo1t23456777"):
            assert recovery.digest("a", copied) == right
        assert recovery.digest("b", "love-bolt-2345-6777") != right
        assert recovery.digest("a", "\ud800") != right


def test_a_code_takes_the_place_of_the_second_factor_once_and_of_nothing_else(world, member, codes):
    actor, login, password, _ = member
    assert not {code for code in codes for row in rows(world) if code in row.code_hash}
    wrong = sign_in(world, login, "wrong", recovery=codes[0])
    none = sign_in(world, login, password, recovery="aaaa-aaaa-aaaa-aaaa")
    assert (wrong.status_code, none.status_code) == (401, 401) and wrong.data == none.data
    assert all(row.used_at is None for row in rows(world)), "a wrong password uses up nothing"
    answer = sign_in(world, login, password, recovery=codes[0])
    assert answer.status_code == 200 and answer.json["second_factor"] and answer.json["fresh_until"]
    assert sign_in(world, login, password, recovery=codes[0]).status_code == 401
    assert world.client(actor).get("/recovery-codes").json["left"] == 9
    (entry,) = world.entries("recovery.used")
    assert '"left":9' in entry.record and codes[0] not in entry.record and entry.veiled
    kinds = [one.kind for one in world.session.scalars(select(SecurityEvent).where(
        SecurityEvent.account_id == actor.account_id))]
    assert kinds.count("session.recovered") == 1 and kinds.count("session.refused") == 3
    other = world.account("tenderer")
    theirs, word, _ = world.password(other)
    assert sign_in(world, theirs, word, recovery=codes[1]).status_code == 401, "it is its owner's"


def test_a_new_set_ends_the_one_before_and_asks_for_a_fresh_factor(world, member, codes):
    actor, login, password, _ = member
    stale = world.client(actor, fresh=False).post("/recovery-codes")
    assert (stale.status_code, stale.json["code"]) == (401, "session.step-up")
    again = world.client(actor).post("/recovery-codes").json["codes"]
    assert not set(again) & set(codes)
    assert sign_in(world, login, password, recovery=codes[0]).status_code == 401
    assert sign_in(world, login, password, recovery=again[0]).status_code == 200
    bare = world.account("tenderer")
    world.password(bare, factor=False)
    assert world.client(bare).post("/recovery-codes").json["code"] == "session.no-second-factor"


def test_q03_wrong_codes_slow_their_source_and_never_the_owner(world, member, codes):
    _, login, password, _ = member
    world.freeze()
    thief = [sign_in(world, login, password, recovery=f"aaaa-aaaa-aaaa-{n:04d}", source="203.0.113.9")
             .status_code for n in range(8)]
    assert thief[:5] == [401] * 5 and thief[-1] == 429
    assert sign_in(world, login, password, recovery=codes[0]).status_code == 200


def test_two_at_once_with_one_code_begin_one_session(world, member, codes):
    actor, login, password, _ = member
    world.session.rollback()
    found, gate = [], threading.Barrier(4)

    def come():
        client = world.app.test_client(use_cookies=False)
        gate.wait()
        found.append(client.post("/api/v1/session", json={
            "login": login, "password": password, "recovery": codes[0]}).status_code)

    threads = [threading.Thread(target=come) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(found) == [200, 401, 401, 401]
    begun = world.session.scalars(select(LoginSession).where(
        LoginSession.account_id == actor.account_id, LoginSession.source == "127.0.0.1",
        LoginSession.second_factor)).all()
    assert len(world.entries("recovery.used")) == 1 and begun


def test_the_owner_is_told_by_letter_at_a_confirmed_address_alone(world, member, codes):
    actor, login, password, _ = member
    settings = wiring().settings
    before, settings["mail"] = settings["mail"], object()
    try:
        world.client(actor).put("/mail-address", json={"address": "linjiang@example.com"})
        asked = world.session.scalars(select(Letter)).one()
        code = re.search(r"[A-Z2-7]{16}", unseal(asked.body))[0]
        sign_in(world, login, password, recovery=codes[0])
        assert len(world.session.scalars(select(Letter)).all()) == 1
        assert world.client(actor).post("/mail-address/confirmation", json={"code": code}).status_code < 300
        sign_in(world, login, password, recovery=codes[1])
    finally:
        settings["mail"] = before
    (letter,) = world.session.scalars(select(Letter).where(Letter.id != asked.id))
    assert letter.about == "recovery.used" and "恢复码" in unseal(letter.body)
    assert codes[1] not in unseal(letter.body) and login not in letter.subject
