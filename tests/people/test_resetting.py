"""A lost second factor replaced by two persons: nobody alone, never past the password (Q14, Q21)."""

import pytest
from sqlalchemy import select

from people.model import Account, LoginSession
from people.recovery_model import FactorReset
from tests.people.test_account_pages import secret_of
from tests.people.test_sessions import me, sign_in
from tests.reader import Reader


@pytest.fixture
def unit(world):
    """The owner and two colleagues of one company, and the owner's login, password, secret."""
    owner = world.account("tenderer")
    colleagues = [world.account("tenderer", party=owner.party_id) for _ in range(2)]
    return owner, colleagues, world.password(owner)


def asked(world, by, owner):
    return world.client(by).post(f"/colleagues/{owner.account_id}/factor-reset",
                                 json={"reason": "手机和恢复码都丢了"})


def seconded(world, by, reset_id):
    return world.client(by).post(f"/factor-resets/{reset_id}/seconding")


def test_two_colleagues_and_the_owner_through_pages(world, unit):
    owner, (first, second), (login, password, old) = unit
    world.client(owner).post("/recovery-codes")
    signed = world.session_token(owner)
    page = Reader(world.app, world.session_token(first)).get("/desk/account/colleagues")
    page.send(f"/act/colleagues/{owner.account_id}/factor-reset", reason="手机丢失")
    assert "本人已被告知" in page.text and "待另一人批准" in page.text and "/seconding" not in page.text
    assert "有人提出更换您的动态口令" in Reader(world.app, signed).get("/desk").text
    other = Reader(world.app, world.session_token(second)).get("/desk/account/colleagues")
    other.send("/seconding")
    code = other.text.split("<code>ygf_")[1].split("<")[0]
    lost = Reader(world.app, english=True).get("/recover/factor")
    lost.send("/recover/factor", login=login, password="wrong", code="ygf_" + code)
    assert lost.status == 401 and "ygf_" in lost.text and "wrong" not in lost.text.split("<main")[1]
    lost.send("/recover/factor", password=password)
    fresh = secret_of(lost)
    world.advance(seconds=61)
    lost.send("/recover/factor", password=password, totp="000000")
    assert lost.status == 401 and secret_of(lost) == fresh
    lost.send("/recover/factor", password=password, totp=world.code(fresh))
    assert lost.status == 200 and "The new second factor counts" in lost.text
    assert me(world, signed).status_code == 401, "every session has ended"
    world.advance(seconds=31)
    assert sign_in(world, login, password, world.code(old)).status_code == 401
    assert sign_in(world, login, password, world.code(fresh)).status_code == 200
    assert world.client(owner).get("/recovery-codes").json["left"] == 0
    kinds = [kind for kind in ("factor.reset_asked", "factor.reset_seconded", "factor.replaced")
             for entry in world.entries(kind) if entry.veiled and "手机" not in entry.record]
    assert len(kinds) == 3
    again = Reader(world.app).get("/recover/factor").send(
        "/recover/factor", login=login, password=password, code="ygf_" + code)
    assert again.status == 401, "once"


def test_nobody_alone_nor_from_elsewhere_nor_for_oneself(world, unit):
    owner, (first, second), _ = unit
    assert asked(world, owner, owner).json["code"] == "role.same-person"
    stranger = world.account("tenderer")
    assert asked(world, stranger, owner).status_code == 404
    made = asked(world, first, owner).json["id"]
    assert asked(world, second, owner).json["code"] == "factor.reset-waits"
    for who in (first, owner):
        assert seconded(world, who, made).json["code"] == "factor.reset-persons"
    assert seconded(world, stranger, made).status_code == 404
    twin = world.account("tenderer", party=owner.party_id, person=first,
                         id_number=world.number_of(first))
    assert seconded(world, twin, made).json["code"] == "factor.reset-persons"
    stale = world.client(second, fresh=False).post(f"/factor-resets/{made}/seconding")
    assert stale.json["code"] == "session.step-up"
    assert world.client(stranger).delete(f"/factor-resets/{made}").status_code == 404
    assert world.client(owner).delete(f"/factor-resets/{made}").status_code == 200
    assert seconded(world, second, made).json["code"] == "factor.reset-ended"
    assert world.session.scalars(select(FactorReset.code_hash)).all() == [None]
    assert world.session.get(Account, owner.account_id).totp_secret


def test_an_official_s_factor_is_approved_by_a_security_administrator_alone(world):
    official = world.account("opener")
    login, password, _ = world.password(official)
    colleagues = [world.account(None, party=official.party_id) for _ in range(2)]
    made = asked(world, colleagues[0], official).json["id"]
    assert seconded(world, colleagues[1], made).json["code"] == "factor.reset-office"
    sec = world.client(world.admin("sec_admin"))
    assert world.client(world.admin("sys_admin")).post(
        f"/factor-resets/{made}/approval").status_code == 403
    code = sec.post(f"/factor-resets/{made}/approval").json["reset_code"]
    given = {"login": login, "password": password, "code": code}
    secret = world.client().post("/factor-recovery", json=given).json["secret"]
    world.advance(seconds=61)
    assert world.client().post("/factor-recovery/completion", json=given | {
        "totp": world.code(secret)}).status_code == 204
    assert sec.post("/factor-resets", json={"login": login, "reason": "又丢了"},
                    headers={"Idempotency-Key": "0123456789"}).status_code == 201


def test_a_role_granted_meanwhile_asks_for_a_security_administrator_s_approval(world):
    official = world.account("buyer")
    login, password, _ = world.password(official)
    first, second = (world.account(None, party=official.party_id) for _ in range(2))
    made = asked(world, first, official).json["id"]
    given = {"login": login, "password": password,
             "code": seconded(world, second, made).json["reset_code"]}
    secret = world.client().post("/factor-recovery", json=given).json["secret"]
    world.grant(official, "opener")
    world.advance(seconds=61)
    late = world.client().post("/factor-recovery/completion", json=given | {
        "totp": world.code(secret)})
    assert late.json["code"] == "activation.refused", late.json


def test_the_code_opens_nothing_without_the_password_nor_after_three_days(world, unit):
    owner, (first, second), (login, password, _) = unit
    made = asked(world, first, owner).json["id"]
    early = world.client().post("/factor-recovery", json={
        "login": login, "password": password, "code": "ygf_x"})
    code = seconded(world, second, made).json["reset_code"]
    given = {"login": login, "password": password, "code": code}
    wrong = [world.client().post("/factor-recovery", json=given | change, environ_overrides={
        "REMOTE_ADDR": f"198.51.100.{n}"}) for n, change in enumerate((
            {"password": "wrong"}, {"code": "ygf_wrong"}, {"login": "nobody.at.all"}))]
    assert {one.data for one in [early, *wrong]} == {early.data} and early.status_code == 401
    before = world.session.scalars(select(LoginSession.id)).all()
    world.advance(days=3, seconds=1)
    late = world.client().post("/factor-recovery", json=given)
    assert late.data == early.data
    assert world.session.scalars(select(LoginSession.id)).all() == before
    assert asked(world, first, owner).status_code == 200, "a code that ran out blocks nothing"


def test_q03_guesses_at_the_code_slow_their_source_and_leave_the_owner_alone(world, unit):
    _, _, (login, password, secret) = unit
    world.advance(seconds=31)
    world.freeze()
    thief = [world.client().post("/factor-recovery", json={
        "login": login, "password": f"guess {n}", "code": "ygf_x"}, environ_overrides={
            "REMOTE_ADDR": "203.0.113.9"}).status_code for n in range(8)]
    assert thief[:5] == [401] * 5 and thief[-1] == 429
    assert sign_in(world, login, password, world.code(secret)).status_code == 200
