"""The three administrators: policy, parameters, their own operations, and their consoles."""

import pytest
from sqlalchemy import select

from people import acts
from people.model import Account, PlatformSetting, RoleGrant
from tests.people.test_sessions import sign_in
from tests.reader import Reader

POLICY = {"password_min": 10, "password_complexity": True, "guesses_free": 5,
          "factor_for_all": False, "admin_networks": [], "why": "等保测评整改"}
WEEK = {"document_mib": 200, "registrations_free": 30, "letters": True, "why": "试运行期间"}


def propose(client, path, body, version=0):
    return client.post(f"{path}/proposals", json=body, headers={"If-Match": f'"{version}"'})


def settle(world, path, body, version=0):
    """Proposed by one administrator and approved by another."""
    one, other = ("sec_admin", "sec_admin_2") if path == "/policy" else ("sys_admin", "sec_admin")
    made = propose(world.client(world.admin(one)), path, body, version)
    assert made.status_code == 201, made.json
    return world.client(world.admin(other)).post(f"{path}/proposals/{made.json['id']}/approval")


@pytest.fixture
def sec(world):
    return world.client(world.admin("sec_admin"))


def test_a_policy_counts_at_once_and_says_what_changed(world, sec):
    shown = sec.get("/policy")
    assert shown.headers["ETag"] == '"0"' and shown.json["password_min"] == 8
    made = propose(sec, "/policy", POLICY)
    assert made.json["changes"] == [{"name": "password_min", "from": 8, "to": 10}], made.json
    assert sec.get("/policy").json["password_min"] == 8, "a proposal changes nothing"
    other = world.client(world.admin("sec_admin_2"))
    answer = other.post(f"/policy/proposals/{made.json['id']}/approval")
    assert answer.status_code == 200 and answer.json["version"] == 1, answer.json
    assert answer.json["set_by"] != answer.json["approved_by"] and answer.json["waiting"] == []
    facts = world.entries("policy.changed")[0].record
    assert '"from":{"password_min":8}' in facts and '"to":{"password_min":10}' in facts
    member = world.account("tenderer")
    _, old, _ = world.password(member, factor=False)
    weak = world.client(member).post("/password", json={"old": old, "new": "Jinhua-8"})
    assert weak.status_code == 422 and "10" in weak.json["detail"]["en"]
    assert propose(sec, "/policy", POLICY).json["code"] == "version.stale"
    assert propose(sec, "/policy", POLICY, 1).json["code"] == "settings.same"
    assert propose(world.client(world.admin("sec_admin"), fresh=False), "/policy",
                   POLICY | {"password_min": 9}, 1).json["code"] == "session.step-up"
    kept = world.session.scalars(select(PlatformSetting)).all()
    assert [one.version for one in kept] == [1]


def test_nobody_settles_anything_alone_not_even_with_a_second_account(world, sec):
    made = propose(sec, "/policy", POLICY).json["id"]
    approval = f"/policy/proposals/{made}/approval"
    own = sec.post(approval)
    assert (own.status_code, own.json["code"]) == (403, "settings.same-person")
    again = world.account(None, world.party("other"), person=world.admin("sec_admin"),
                          id_number=world.number_of(world.admin("sec_admin")))
    acts.propose_grant(world.admin("sec_admin_2"), account_id=again.account_id, role="sec_admin")
    grant = world.session.scalars(select(RoleGrant).where(
        RoleGrant.account_id == again.account_id)).one()
    third = world.account("sec_admin")
    acts.approve_grant(third, grant.id)
    assert world.client(again).post(approval).json["code"] == "settings.same-person"
    for role in ("sys_admin", "audit_admin"):
        assert world.client(world.admin(role)).post(approval).status_code == 403
    stale = world.client(world.admin("sec_admin_2"), fresh=False).post(approval)
    assert stale.json["code"] == "session.step-up"
    assert world.session.scalars(select(PlatformSetting)).all() == []
    assert world.client(world.admin("sec_admin_2")).delete(f"/policy/proposals/{made}").status_code == 200
    gone = world.client(third).post(approval)
    assert (gone.status_code, gone.json["code"]) == (409, "settings.decided")
    assert sec.post("/parameters/proposals/" + made + "/approval").status_code == 404


def test_what_was_proposed_before_another_change_is_not_approved_after_it(world, sec):
    old = propose(sec, "/policy", POLICY | {"password_min": 12}).json["id"]
    assert settle(world, "/policy", POLICY).status_code == 200
    late = world.client(world.admin("sec_admin_2")).post(f"/policy/proposals/{old}/approval")
    assert (late.status_code, late.json["code"]) == (412, "version.stale")
    assert [one["id"] for one in sec.get("/policy").json["waiting"]] == [old]


def test_a_second_factor_for_everybody_begins_a_week_later(world, sec):
    member = world.account("tenderer")
    token = world.session_token(member, second_factor=False)
    bearer = {"Authorization": f"Bearer {token}"}
    assert settle(world, "/policy", POLICY | {"factor_for_all": True}).status_code == 200
    assert world.client().get("/session", headers=bearer).json["roles"] == ["tenderer_outside"]
    assert settle(world, "/policy", POLICY | {"factor_for_all": True, "guesses_free": 4},
                  1).json["factor_from"] == sec.get("/policy").json["factor_from"], "another change does not begin it anew"
    world.advance(days=7)
    bare = {"Authorization": f"Bearer {world.session_token(member, second_factor=False)}"}
    assert world.client().get("/session", headers=bare).json["roles"] == ["anonymous"]
    both = {"Authorization": f"Bearer {world.session_token(member)}"}
    assert world.client().get("/session", headers=both).json["roles"] == ["tenderer_outside"]


def test_the_policy_says_how_many_tries_are_free_and_nobody_shuts_himself_out(world, sec):
    away = propose(sec, "/policy", POLICY | {"admin_networks": ["10.1.0.0/16"]})
    assert (away.status_code, away.json["code"]) == (422, "settings.own-source")
    assert propose(sec, "/policy", POLICY | {"admin_networks": ["10.1.0.0/99"]}).status_code == 422
    assert settle(world, "/policy", POLICY | {"guesses_free": 3}).status_code == 200
    world.freeze()
    login, _, _ = world.password(world.account("tenderer"), factor=False)
    assert [sign_in(world, login, "wrong").status_code for _ in range(5)] == [401] * 4 + [429]


def test_parameters_bound_a_file_and_the_registrations_of_a_source(world):
    assert settle(world, "/parameters", WEEK | {"document_mib": 1, "registrations_free": 1}) \
        .status_code == 200
    tender = world.draft_tender()
    clerk = world.client(world.clerk)
    large = clerk.post(f"/tenders/{tender.id}/documents?name=a.pdf", data=b"%PDF" + bytes(1 << 20))
    assert large.status_code == 413 and str(1 << 20) in large.get_data(as_text=True)
    world.freeze()
    tried = [world.client().post("/registrations", json={
        "name": "某某公司", "uscc": world.party("tenderer").uscc, "login": f"some.{n}",
        "password": "Lin-Jiang-2026!", "person_name": "某", "id_number": world.id_number()}
    ).status_code for n in range(3)]
    assert tried == [201, 201, 429]


def test_the_auditor_reads_what_administrators_did_and_nobody_else(world, sec):
    settle(world, "/policy", POLICY)
    world.account("opener")
    world.tick(record=True)
    acts.disable_account(world.admin("sys_admin"), world.account("buyer").account_id, reason="离职")
    auditor = world.client(world.admin("audit_admin"))
    seen = auditor.get("/administration-log?limit=200").json["items"]
    kinds = {one["act"] for one in seen}
    assert {"policy.changed", "role.approved", "account.created", "account.disabled",
            "administrator.appointed"} <= kinds
    assert not {kind for kind in kinds if kind.startswith(("tender.", "bid.", "session."))}
    ((policy,), (ended,)) = ([one for one in seen if one["act"] == name]
                             for name in ("policy.changed", "account.disabled"))
    assert policy["login"].startswith("sec_admin_2.") and isinstance(policy["position"], int)
    assert ended["position"] is None, "it waits for the next tick of the record"
    first = auditor.get("/administration-log?limit=2").json
    further = auditor.get(f"/administration-log?limit=2&cursor={first['next']}").json["items"]
    assert not {one["subject"] + one["act"] for one in further} & {
        one["subject"] + one["act"] for one in first["items"]}
    login, password, secret = world.password(world.admin("sys_admin"))
    member, word, _ = world.password(world.account("tenderer"), factor=False)
    world.advance(seconds=31)
    sign_in(world, login, password, world.code(secret))
    sign_in(world, member, word)
    events = auditor.get("/administration-log/events").json["items"]
    assert "session.begun" in {one["kind"] for one in events}
    assert {one["login"] for one in events} <= {
        world.session.get(Account, actor.account_id).login
        for actor in world.administrators.values()}, "nobody else's sign-ins are told"
    for other in ("sys_admin", "sec_admin"):
        assert world.client(world.admin(other)).get("/administration-log").status_code == 403


def reader(world, name, english=False):
    return Reader(world.app, world.session_token(world.admin(name)), english=english)


def test_the_consoles_from_an_account_to_a_role_approved_by_a_second_person(world):
    system = reader(world, "sys_admin").get("/admin/accounts")
    assert "查阅前请说明理由" in system.text
    system.send("/read/admin/accounts", reason="新单位开户申请")
    system.send(next(one for one in system.forms() if one.action == "/act/accounts"),
                login="chen.opener", person_name="陈某", id_number="110101199003070000")
    assert system.status == 422 and 'value="chen.opener"' in system.text, "the reason is kept"
    system.send(next(one for one in system.forms() if one.action == "/act/accounts"),
                id_number=world.id_number(), party__name="某公证处",
                party__uscc=world.party("other").uscc[:-1] + "X", party__kind="other")
    assert system.status == 422
    unit = world.party("other")
    system.send(next(one for one in system.forms() if one.action == "/act/accounts"),
                id_number=world.id_number(), party_id=unit.id, party__name="", party__uscc="",
                party__kind="")
    assert system.status == 200 and "账号已建立" in system.text, system.text
    account = world.session.scalars(select(Account).where(Account.login == "chen.opener")).one()
    system.send(next(one for one in system.forms() if f"{account.id}/activation" in one.action))
    assert "yga_" in system.text and "只显示这一次" in system.text

    first = reader(world, "sec_admin", english=True).get("/admin/roles")
    first.send("/read/admin/roles", reason="monthly review")
    first.send(next(one for one in first.forms() if one.action == "/en/act/role-grants"),
               login="chen.opener", role="opener")
    assert "Proposed; another" in first.text and "another security administrator" in first.text
    second = reader(world, "sec_admin_2").get("/admin/roles")
    second.send("/read/admin/roles", reason="例行审批")
    assert "<ins>授予：开标人员" in second.text
    second.send("/approval")
    assert "已批准，立即生效" in second.text
    grant = world.session.scalars(select(RoleGrant).where(
        RoleGrant.account_id == account.id)).one()
    assert grant.approved_at is not None
    for name, own in (("sys_admin", "/admin/parameters"), ("sec_admin", "/admin/policy"),
                      ("audit_admin", "/admin/log"), ("audit_admin", "/admin/log/events"),
                      ("sys_admin", "/admin/webhooks"), ("sec_admin", "/admin/erasures"),
                      ("sec_admin", "/admin/parameters/proposals"),
                      ("audit_admin", "/admin")):
        for english in (False, True):
            assert reader(world, name, english).get(own).status == 200, own
    assert reader(world, "audit_admin").get("/admin/policy").status == 403
    assert Reader(world.app, world.session_token(world.account("buyer"))).get(
        "/admin/accounts").status == 403


def test_policy_is_changed_and_erasure_approved_by_page(world):
    page = reader(world, "sec_admin").get("/admin/policy")
    page.send(page.form("/act/policy/proposals"), password_min="12", why="等保测评整改")
    assert "批准之前什么也没有改变" in page.text and "由另一位安全管理员批准" in page.text
    assert "<del>8</del> <ins>12</ins>" in page.text and 'value="8"' in page.text
    other = reader(world, "sec_admin_2", english=True).get("/admin/policy").send("/approval")
    assert "Approved, with effect now" in other.text and 'value="12"' in other.text
    system = reader(world, "sys_admin").get("/admin/parameters")
    system.send("/act/parameters/proposals", document_mib="100", why="磁盘扩容前限制")
    assert "由安全管理员批准" in system.text
    page.get("/admin/parameters/proposals").send("/approval")
    assert "已批准，立即生效" in page.text and 'value="100"' in system.get("/admin/parameters").text
    page.get("/admin/policy")
    audit = reader(world, "audit_admin").get("/admin/log")
    assert "<del>8</del> <ins>12</ins>" in audit.text
    gone = world.account(None, world.party("other"))
    acts.disable_account(world.admin("sys_admin"), gone.account_id, reason="离职")
    world.tick(record=True)
    page.get("/admin/erasures").send(
        "/act/erasures", login=world.session.get(Account, gone.account_id).login, reason="本人申请")
    assert "待审计管理员批准" in page.text, page.text
    world.tick(record=True)
    audit.get("/admin/erasures").send("/read/admin/erasures", reason="审批删除申请")
    audit.send("/approval")
    assert "已删除，不能恢复" in audit.text, audit.text
