"""Companies, persons, accounts and factors: registration, activation, tokens, keys."""

import threading
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import func, select

from audit.act import wiring
from audit.actor import ANONYMOUS, OPERATOR
from kernel.refusal import Refused
from people import acts, rules, uscc
from people.model import Account, ApiToken, Party, Person, SecurityEvent, SigningKey
from people.passwords import prepare

from .test_sessions import bearer, me, sign_in


def code_of(call, *args, **kwargs):
    with pytest.raises(Refused) as refused:
        call(*args, **kwargs)
    return refused.value.word.code


def registration(world, **changes):
    number = world.number()
    return {"name": "金东路桥有限公司", "uscc": uscc.completed("91330703", f"MA4{number:05d}"),
            "login": f"jindong{number}", "password": "Wuyi-River-19", "person_name": "李明",
            "id_number": world.id_number()} | changes


def hashed(password="Wuyi-River-19", login="somebody"):
    return prepare(password, login, wiring().settings["argon2"])


def count(world, model):
    return world.session.execute(select(func.count()).select_from(model)).scalar_one()


def test_a_company_registers_and_its_first_person_signs_in(world):
    body = registration(world)
    body["uscc"] = body["uscc"].lower()
    answer = world.client().post("/registrations", json=body)
    assert answer.status_code == 201, answer.json
    assert set(answer.json) == {"login", "next"}
    seen = me(world, sign_in(world, body["login"], body["password"]).json["token"]).json
    assert seen["party"]["uscc"] == body["uscc"].upper() and seen["party"]["kind"] == "tenderer"
    assert seen["roles"] == ["tenderer_outside"] and seen["has_factor"] is False
    entry = world.entries("account.registered")[0]
    assert entry.disclose == "never"
    for secret in (body["password"], body["id_number"], body["person_name"], body["login"]):
        assert secret not in entry.record


@pytest.mark.parametrize("changes,status,code", [
    ({"uscc": "91360732MA38K2P466"}, 422, "request.invalid"),
    ({"password": "Password1!"}, 422, "password.weak"), ({"login": "a b"}, 422, None),
    ({"id_number": "330703198001010010"}, 422, "person.id-number"),
    ({"kind": "supervisor"}, 422, "request.invalid"), ({"role": "sys_admin"}, 422, None),
    ({"api_base": "http://127.0.0.1"}, 422, None), ({"party_id": "0" * 32}, 422, None)])
def test_a_wrong_registration_is_refused_and_leaves_nothing(world, changes, status, code):
    answer = world.client().post("/registrations", json=registration(world, **changes))
    assert answer.status_code == status and code in (None, answer.json["code"])
    assert count(world, Party) == count(world, Account) == count(world, Person) == 0


def test_q04_registering_tells_nobody_who_is_known(world):
    known = registration(world)
    assert world.client().post("/registrations", json=known).status_code == 201
    official = world.account("expert")
    tries = [registration(world, login="x" * len(known["login"])),
             registration(world, login=known["login"]),
             registration(world, uscc=known["uscc"], login="y" * len(known["login"])),
             registration(world, id_number=world.number_of(official),
                          login="z" * len(known["login"]))]
    before = count(world, Account)
    answers = [world.client().post("/registrations", json=body) for body in tries]
    assert {answer.status_code for answer in answers} == {201}
    assert len({len(answer.data) for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers.keys())) for answer in answers}) == 1
    assert count(world, Account) == before + 1, "only the first one was new"
    assert sign_in(world, known["login"], known["password"]).status_code == 200


def test_somebody_signed_in_registers_no_company(world):
    for actor in (world.account("tenderer"), world.admin("sys_admin")):
        assert world.client(actor).post(
            "/registrations", json=registration(world)).status_code == 403


def test_registrations_from_one_source_are_slowed(world):
    world.freeze()
    statuses = [world.client().post("/registrations", json=registration(world, password="Xy-9z!"
                                                                        "Wuyi")).status_code
                for _ in range(34)]
    assert statuses[:31] == [201] * 31 and statuses[-1] == 429


def test_eight_registrations_of_one_company_at_once_make_one(world):
    code = uscc.completed("91330703", "MA400001")
    outcomes, barrier = [], threading.Barrier(8)

    def go(number):
        with world.app.app_context():
            barrier.wait()
            try:
                acts.register_company(ANONYMOUS, name="甲", uscc=code, login=f"first{number}",
                                      person_name="某", id_number=numbers[number],
                                      password=password)
                outcomes.append("made")
            except Refused as refused:
                outcomes.append(refused.word.code)

    numbers, password = [world.id_number() for _ in range(8)], hashed()
    threads = [threading.Thread(target=go, args=(number,)) for number in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(outcomes) == ["made"] + ["party.exists"] * 7
    assert count(world, Party) == len(world.entries("account.registered")) == 1


def test_the_same_identity_number_is_the_same_person_however_it_is_written(world):
    number = "33070319800101001" + rules.card_check("33070319800101001")
    first = world.account(id_number=number)
    second = world.account(id_number=f" {number.lower()} ")
    assert first.person_id == second.person_id and first.account_id != second.account_id
    assert number not in str(world.raw("SELECT id_digest, name FROM person"))


@pytest.mark.parametrize("number,good", [
    ("11010519491231002X", True), ("11010519491231002x", True), ("110105194912310021", False),
    ("440524188001010014", True), ("E12345678", True), ("12345", False), ("１１０１０５", False),
    ("110105491231002", False), ("A-123456", False)])
def test_identity_numbers_check(number, good):
    if good:
        assert rules.id_number(number) == number.upper()
    else:
        assert code_of(rules.id_number, number) == "person.id-number"


def test_an_account_is_activated_by_its_owner_with_a_factor(world):
    actor = world.account("opener")
    admin = world.client(world.admin("sys_admin"))
    issued = admin.post(f"/accounts/{actor.account_id}/activation").json
    anyone = world.client()
    begun = anyone.post("/activation", json={"code": issued["activation_code"]}).json
    secret = begun["factor"]["secret"]
    assert begun["factor"]["otpauth"].startswith("otpauth://totp/")
    body = {"code": issued["activation_code"], "password": "Wuyi-River-19"}
    wrong = anyone.post("/activation/completion", json=body | {"totp": "000000"})
    assert wrong.json["code"] == "session.second-factor"
    done = anyone.post("/activation/completion", json=body | {"totp": world.code(secret)})
    assert done.status_code == 204, done.json
    again = anyone.post("/activation/completion", json=body | {"totp": world.code(secret, 1)})
    assert again.json["code"] == "activation.refused", "a code counts once"
    world.advance(minutes=2)
    assert sign_in(world, begun["login"], "Wuyi-River-19", world.code(secret)).status_code == 200


def test_q14_a_reset_never_replaces_or_passes_the_second_factor(world):
    actor = world.account("opener")
    login, _, secret = world.password(actor)
    world.advance(minutes=2)
    code = acts.issue_activation(world.admin("sys_admin"), actor.account_id).activation_code
    anyone = world.client()
    assert anyone.post("/activation", json={"code": code}).json == {"login": login, "factor": None}
    body = {"code": code, "password": "Qiantang-77-x"}
    assert anyone.post("/activation/completion", json=body).status_code == 401
    mine = pyotp.random_base32()
    assert code_of(acts.activate, ANONYMOUS, code=code, password=hashed(), totp_secret=mine,
                   totp_code=world.code(mine)) == "session.second-factor"
    assert anyone.post("/activation/completion",
                       json=body | {"totp": world.code(secret)}).status_code == 204
    world.advance(minutes=2)
    assert sign_in(world, login, "Qiantang-77-x").status_code == 401
    assert sign_in(world, login, "Qiantang-77-x", world.code(secret)).status_code == 200


def test_activation_codes_end_and_guessing_them_is_slowed(world):
    actor = world.account("buyer")
    first = acts.issue_activation(OPERATOR, actor.account_id).activation_code
    second = acts.issue_activation(OPERATOR, actor.account_id).activation_code
    anyone = world.client()
    assert anyone.post("/activation", json={"code": first}).status_code == 401
    world.advance(days=3)
    assert anyone.post("/activation", json={"code": second}).status_code == 401
    world.freeze()
    statuses = [anyone.post("/activation", json={"code": f"yga_{n}"}).status_code
                for n in range(8)]
    assert statuses[-1] == 429


def test_only_the_system_administrator_makes_accounts_and_never_a_password(world):
    body = {"login": "new.person", "person_name": "王五", "id_number": world.id_number(),
            "party": {"name": "金东区住建局", "uscc": uscc.completed("11330703", "00260017"),
                      "kind": "supervisor"}}
    for actor in (None, world.account("buyer"), world.admin("sec_admin"),
                  world.admin("audit_admin")):
        answer = world.client(actor).post("/accounts", json=body)
        assert answer.status_code == (401 if actor is None else 403)
    admin = world.client(world.admin("sys_admin"))
    answer = admin.post("/accounts", json=body)
    assert answer.status_code == 201, answer.json
    assert set(answer.json) == {"id", "login", "party_id", "purpose", "created_at", "expires_at",
                                "disabled_at"}
    for name in ("password", "password_hash", "role", "totp_secret", "disabled_at", "person_id"):
        more = body | {"login": "other", name: "x", "id_number": world.id_number()}
        assert admin.post("/accounts", json=more).status_code == 422, name
    party = body["party"] | {"api_base": "http://169.254.169.254/"}
    assert admin.post("/accounts", json=body | {"party": party}).status_code == 422
    assert admin.post("/accounts", json=body | {"party_id": "0" * 32}).status_code == 422


def test_q06_a_testers_account_ends_within_seven_days(world):
    body = {"login": "tester.1", "person_name": "测试", "id_number": world.id_number(),
            "party_id": world.party("other").id, "purpose": "test"}
    admin = world.client(world.admin("sys_admin"))
    for expires in (None, world.now + timedelta(days=7, minutes=1), world.now):
        more = {} if expires is None else {"expires_at": expires.isoformat()}
        assert admin.post("/accounts", json=body | more).json["code"] == "account.expiry"
    answer = admin.post("/accounts", json=body | {
        "expires_at": (world.now + timedelta(days=7)).isoformat()})
    assert answer.status_code == 201, answer.json
    actor = world.actor_of(answer.json["id"])
    login, password, _ = world.password(actor, factor=False)
    world.advance(days=6, hours=23)
    token = sign_in(world, login, password).json["token"]
    world.advance(hours=1, seconds=5)
    assert me(world, token).status_code == 401
    assert sign_in(world, login, password).status_code == 401


def test_disabling_is_for_good_and_ends_tokens(world):
    actor = world.account("tenderer")
    new = acts.issue_token(actor, name="m", actions=["notice.view"],
                           expires_at=world.now + timedelta(days=30))
    assert world.client().get("/time", headers=bearer(new.token)).status_code == 200
    admin = world.client(world.admin("sys_admin"))
    path = f"/accounts/{actor.account_id}/disable"
    assert admin.post(path, json={"reason": "离职"}).status_code == 200
    assert admin.post(path, json={"reason": "离职"}).json["code"] == "account.disabled"
    assert world.client().get("/time", headers=bearer(new.token)).status_code == 401
    assert admin.post(f"/accounts/{actor.account_id}/activation").json["code"] == \
        "account.disabled"
    assert admin.post(f"/accounts/{'0' * 32}/disable", json={"reason": "离职"}).status_code == 404


def test_a_factor_is_enrolled_with_the_password_and_makes_the_session_fresh(world):
    actor = world.account("tenderer")
    login, password, _ = world.password(actor, factor=False)
    token = bearer(sign_in(world, login, password).json["token"])
    client = world.client()
    assert client.post("/factors", json={"password": "wrong"}, headers=token).status_code == 401
    secret = client.post("/factors", json={"password": password}, headers=token).json["secret"]
    assert client.post("/factors/confirmation", json={"totp": "000000"},
                       headers=token).json["code"] == "session.second-factor"
    used = world.code(secret)
    assert client.post("/factors/confirmation", json={"totp": used},
                       headers=token).status_code == 204
    assert me(world, token["Authorization"][7:]).json["second_factor"] is True
    world.advance(minutes=6)
    stolen = client.post("/factors", json={"password": password}, headers=token)
    assert stolen.json["code"] == "factor.exists", "a session alone replaces no factor"
    assert sign_in(world, login, password).status_code == 401
    assert sign_in(world, login, password, world.code(secret)).status_code == 200
    stored = world.raw("SELECT totp_secret FROM account WHERE id = :id", id=actor.account_id)
    assert secret not in str(stored)


def test_a_pending_factor_waits_half_an_hour(world):
    actor = world.account("tenderer")
    login, password, _ = world.password(actor, factor=False)
    token = bearer(sign_in(world, login, password).json["token"])
    secret = world.client().post("/factors", json={"password": password},
                                 headers=token).json["secret"]
    for _ in range(2):
        world.advance(minutes=16)
        me(world, token["Authorization"][7:])
    answer = world.client().post("/factors/confirmation", json={"totp": world.code(secret)},
                                 headers=token)
    assert answer.json["code"] == "factor.none-pending"


def test_a_signing_key_is_bound_once_under_a_fresh_factor_and_proved(world):
    actor, other = world.account("tenderer"), world.account("tenderer")
    key = world.signing_key(actor)
    public = key.public_key().public_bytes_raw()
    from people.rules import key_statement

    def bind(who, holder, origin="test.example/log"):
        return code_of(acts.bind_signing_key, who, public_key=public,
                       proof=key.sign(key_statement(origin, holder.account_id, public)))

    assert bind(actor, actor) == "signing-key.bound"
    assert bind(other, other) == "signing-key.bound"
    assert bind(other, actor) == "signing-key.proof"
    assert bind(actor, actor, "another.example/log") == "signing-key.proof"
    assert bind(world.stale(actor), actor) == "session.step-up"
    assert bind(OPERATOR, actor) == "access.denied"
    row = world.session.execute(select(SigningKey)).scalar_one()
    assert code_of(acts.revoke_signing_key, other, row.id) == "object.not-found"
    acts.revoke_signing_key(actor, row.id)
    assert code_of(acts.revoke_signing_key, actor, row.id) == "object.not-found"
    assert bind(actor, actor) == "signing-key.bound", "a revoked key never comes back"


def test_keys_of_small_order_prove_nothing_and_are_refused(world):
    actor = world.account("tenderer")
    for public in rules._SMALL_ORDER:
        for sign in (0, 0x80):
            point = public[:31] + bytes([public[31] | sign])
            for _ in range(3):
                assert code_of(acts.bind_signing_key, actor, public_key=point,
                               proof=bytes(64)) == "signing-key.proof"


def test_a_token_is_a_machines_within_its_actions_and_time(world):
    actor = world.account("tenderer")
    client = world.client(actor)
    body = {"name": "下载机", "actions": ["account.register", "notice.view"],
            "expires_at": (world.now + timedelta(days=10)).isoformat()}
    assert world.client(actor, fresh=False).post("/tokens", json=body).json["code"] == \
        "session.step-up"
    for bad in ({"actions": ["no.such"]}, {"actions": []}, {"actions": ["audit.change"]},
                {"expires_at": (world.now + timedelta(days=400)).isoformat()},
                {"expires_at": world.now.isoformat()}, {"account_id": "0" * 32}):
        assert client.post("/tokens", json=body | bad).status_code == 422, bad
    made = client.post("/tokens", json=body)
    assert made.status_code == 201, made.json
    token = bearer(made.json["token"])
    machine = world.client()
    assert machine.post("/registrations", json=registration(world),
                        headers=token).json["code"] == "access.denied"
    assert machine.post("/accounts", json={}, headers=token).json["code"] == "token.scope"
    for path in ("/session", "/tokens", "/signing-keys", "/sessions"):
        assert machine.get(path, headers=token).status_code == 403, path
    assert machine.post("/tokens", json=body, headers=token).status_code == 403
    items = client.get("/tokens").json["items"]
    assert [item["id"] for item in items] == [made.json["id"]] and "token" not in items[0]
    other = world.client(world.account("tenderer"))
    assert other.delete(f"/tokens/{made.json['id']}").status_code == 404
    assert client.delete(f"/tokens/{made.json['id']}").status_code == 200
    assert machine.get("/time", headers=token).status_code == 401
    assert made.json["token"] not in str(world.raw("SELECT * FROM api_token"))
    assert world.session.execute(select(ApiToken)).scalar_one().revoked_at is not None


def test_a_token_ends_by_itself_and_is_no_second_factor(world):
    from people.relations import relations

    actor = world.account("opener")
    new = acts.issue_token(actor, name="m", actions=["opening.start"],
                           expires_at=world.now + timedelta(days=1))
    from audit.actor import Actor

    machine = Actor("machine", actor.account_id, actor.person_id, actor.party_id, None, new.id)
    assert relations(world.session, machine, world.now) == {"anonymous"}
    world.advance(days=1)
    assert world.client().get("/time", headers=bearer(new.token)).status_code == 401
    assert code_of(relations, world.session, machine, world.now) == "session.ended"


def test_secrets_stay_out_of_record_and_security_log(world):
    actor = world.account("opener")
    login, password, secret = world.password(actor)
    world.advance(minutes=1)
    answer = sign_in(world, login, password, world.code(secret))
    sign_in(world, login, "Not-The-One-55")
    everything = "".join(entry.record for entry in world.entries())
    everything += str(world.raw("SELECT * FROM security_event"))
    for word in (password, secret, answer.json["token"], answer.json["device"], "Not-The-One-55"):
        assert word not in everything
    assert world.session.execute(select(SecurityEvent)).scalars().all()


def test_no_administrator_alone_becomes_a_companys_person(world):
    owner = world.account("tenderer")
    admin = world.client(world.admin("sys_admin"))
    made = admin.post("/accounts", json={
        "login": "cuckoo", "person_name": "某", "id_number": world.id_number(),
        "party_id": owner.party_id}).json
    cuckoo = world.actor_of(made["id"])
    assert me(world, world.session_token(cuckoo)).json["roles"] == ["anonymous"]
    path = f"/colleagues/{made['id']}/vouching"
    stranger = world.account("tenderer")
    assert world.client(cuckoo).post(path).status_code == 404
    assert world.client(stranger).post(path).status_code == 404
    assert world.client(owner, fresh=False).post(path).json["code"] == "session.step-up"
    assert world.client(owner).post(path).status_code == 200
    assert me(world, world.session_token(cuckoo)).json["roles"] == ["tenderer_outside"]
    acts.disable_account(OPERATOR, owner.account_id, reason="x")
    acts.disable_account(OPERATOR, cuckoo.account_id, reason="x")
    again = admin.post("/accounts", json={
        "login": "cuckoo.2", "person_name": "某", "id_number": world.id_number(),
        "party_id": owner.party_id}).json
    assert me(world, world.session_token(world.actor_of(again["id"]))).json["roles"] == \
        ["anonymous"], "an emptied company is not to be taken over either"


def test_no_administrator_alone_resets_an_account_without_a_factor(world):
    actor = world.account("buyer")
    world.password(actor, factor=False)
    assert code_of(acts.issue_activation, world.admin("sys_admin"), actor.account_id) == \
        "activation.no-factor"
    acts.issue_activation(OPERATOR, actor.account_id)


def test_a_strong_role_is_not_activated_without_a_factor(world):
    actor = world.account("expert")
    code = acts.issue_activation(OPERATOR, actor.account_id).activation_code
    answer = world.client().post("/activation/completion", json={
        "code": code, "password": "Wuyi-River-19"})
    assert answer.json["code"] == "session.second-factor"


def test_the_first_person_of_a_company_that_is_not_here_needs_two_administrators(world):
    admin = world.client(world.admin("sys_admin"))
    made = admin.post("/accounts", json={
        "login": "puppet", "person_name": "某", "id_number": world.id_number(),
        "party": {"name": "某水利工程有限公司", "uscc": uscc.completed("91330703", "MA7X0001"),
                  "kind": "tenderer"}}).json
    puppet = world.actor_of(made["id"])
    assert me(world, world.session_token(puppet)).json["roles"] == ["anonymous"]
    path, said = f"/accounts/{made['id']}/vouching", {"reason": "企业来函〔2026〕1号"}
    assert admin.post(path, json=said).status_code == 403
    guard = world.client(world.admin("sec_admin"))
    assert world.client(world.admin("sec_admin"), fresh=False).post(path, json=said).json["code"] \
        == "session.step-up"
    assert guard.post(path, json=said).status_code == 200
    assert me(world, world.session_token(puppet)).json["roles"] == ["tenderer_outside"]
    assert guard.post(path, json=said).status_code == 404
    second = admin.post("/accounts", json={
        "login": "puppet.2", "person_name": "某", "id_number": world.id_number(),
        "party_id": puppet.party_id}).json
    assert guard.post(f"/accounts/{second['id']}/vouching", json=said).status_code == 404, \
        "the company has people of its own"
    assert said["reason"] not in "".join(entry.record for entry in world.entries())
