"""Administrators over accounts and keys of others: for a reason, never more than the office needs."""

import pytest
from sqlalchemy import select

from audit.act import wiring
from people.model import Account, LoginSession, Party
from tests.people import ca
from tests.people.test_sensitive import asked
from tests.people.test_sessions import bearer, me, sign_in
from tests.reader import Reader


@pytest.fixture
def sec(world):
    return world.client(world.admin("sec_admin"))


def login_of(world, actor):
    return world.session.get(Account, actor.account_id).login


def test_sessions_of_others_end_with_a_reason_and_nobody_is_locked_out(world, sec):
    member = world.account("tenderer")
    login, password, _ = world.password(member, factor=False)
    tokens = [sign_in(world, login, password).json["token"] for _ in range(2)]
    page = Reader(world.app, world.session_token(world.admin("sec_admin"))).get("/admin/factors")
    page.send("/read/admin/factors", reason="企业来电报失")
    page.send("/act/session-endings", login=login, reason="笔记本电脑被盗")
    assert page.status == 200 and "全部登录已结束" in page.text, page.text
    assert [me(world, token).status_code for token in tokens] == [401, 401]
    assert {one.ended_why for one in world.session.scalars(select(LoginSession).where(
        LoginSession.account_id == member.account_id))} == {"security"}
    back = Reader(world.app).get("/sign-in").send("/sign-in", login=login, password=password)
    assert back.address == "/desk" and "笔记本电脑被盗" in back.get("/desk/account/log").text
    (entry,) = world.entries("sessions.ended")
    assert entry.veiled and "笔记本" not in entry.record and '"facts":{"reason_hash"' in entry.record
    other = sec.post("/session-endings", json={"login": login, "reason": "再次"})
    none = sec.post("/session-endings", json={
        "login": login_of(world, world.account("tenderer")), "reason": "再次"})
    assert (other.status_code, other.data) == (none.status_code, none.data), \
        "whether anybody was signed in is told to nobody"
    stale = world.client(world.admin("sec_admin"), fresh=False).post(
        "/session-endings", json={"login": login, "reason": "再次"})
    assert stale.json["code"] == "session.step-up"


def test_a_unit_s_keys_are_read_for_a_reason_by_its_code(world, sec):
    member = world.account("tenderer")
    world.signing_key(member)
    code = world.session.get(Party, member.party_id).uscc
    assert asked(sec, f"/unit-keys?uscc={code}", "").json["code"] == "access.reason-needed"
    (key,) = asked(sec, f"/unit-keys?uscc={code}").json["items"]
    assert key["login"] == login_of(world, member) and key["revoked_at"] is None
    page = Reader(world.app, world.session_token(world.admin("sec_admin")), english=True)
    page.get(f"/admin/keys?uscc={code}").send("/read/admin/keys", reason="monthly review")
    assert page.status == 200 and "in force" in page.text and login_of(world, member) in page.text
    assert "bound signing keys alone are accepted" in page.get("/admin/keys").text


def test_authorities_that_are_believed_are_shown_with_their_lists(world, sec, tmp_path):
    authority = ca.Authority("某电子认证", now=world.now)
    ca.install(tmp_path, authority)
    settings = wiring().settings
    before, settings["ca"] = settings["ca"], tmp_path
    try:
        told = sec.get("/certificate-authorities").json
        page = Reader(world.app, world.session_token(world.admin("sec_admin"))).get("/admin/keys")
        (tmp_path / "roots" / "broken.pem").write_text("-----BEGIN CERTIFICATE-----\nx\n")
        broken = sec.get("/certificate-authorities").json
        warned = page.text, page.get("/admin/keys").text
    finally:
        settings["ca"] = before
    assert "某电子认证" in told["roots"][0]["subject"] and len(told["roots"][0]["fingerprint"]) == 64
    assert told["lists"][0]["revoked"] == 0 and "某电子认证" in warned[0]
    assert broken["roots"] == [] and "broken.pem" in broken["problem"] and "broken.pem" in warned[1]


def test_the_security_log_leaves_out_who_could_be_bidding(world):
    official, member, bank = (world.account(role) for role in ("opener", "tenderer", "guarantor"))
    for actor in (official, member, bank):
        sign_in(world, login_of(world, actor), "wrong")
    sign_in(world, "nobody.at.all", "wrong")
    late = world.client().post(f"/bids/{'0' * 32}/validity-answers", json={},
                                headers=bearer("ygs_over"))
    assert late.json["code"] == "session.ended", "of nobody: but it says what was tried"
    auditor = world.client(world.admin("audit_admin"))
    assert asked(auditor, "/security-log", "").json["code"] == "access.reason-needed"
    seen = asked(auditor, "/security-log").json["items"]
    refused = {one["login"] for one in seen if one["kind"] == "session.refused"}
    assert refused == {login_of(world, official), None}
    assert {one["action"] for one in seen if one["kind"] == "session.ended"} == {""}
    page = Reader(world.app, world.session_token(world.admin("audit_admin")))
    page.get("/admin/log/security?login=" + login_of(world, official))
    page.send("/read/admin/log/security", reason="例行核查")
    assert page.status == 200 and "session.refused" in page.text
    empty = asked(auditor, "/security-log?login=" + login_of(world, member)).json["items"]
    assert empty == [] == asked(auditor, "/security-log?login=nobody.here").json["items"]
    mine = world.client(member).get("/sign-ins").json["items"]
    assert [one["kind"] for one in mine] == ["session.refused"] and mine[0]["source"]
