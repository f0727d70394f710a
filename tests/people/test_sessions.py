"""Coming in and going out over HTTP: Q02-Q04, Q07-Q14."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from people import acts
from people.model import LoginSession, SecurityEvent

LOGIN = "/session"


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def sign_in(world, login, password, code=None, client=None, source="198.51.100.7", **more):
    body = {"login": login, "password": password} | ({"totp": code} if code else {}) | more
    return (client or world.client()).post(LOGIN, json=body,
                                           environ_overrides={"REMOTE_ADDR": source})


def me(world, token):
    return world.client().get(LOGIN, headers=bearer(token))


@pytest.fixture
def tenderer(world):
    actor = world.account("tenderer")
    return actor, *world.password(actor, factor=False)[:2]


@pytest.fixture
def official(world):
    actor = world.account("opener")
    return actor, *world.password(actor)


def test_a_password_opens_a_session_for_a_tenderer_and_no_strong_role(world, tenderer):
    _, login, password = tenderer
    answer = sign_in(world, login, password)
    assert answer.status_code == 200, answer.json
    seen = me(world, answer.json["token"]).json
    assert seen["roles"] == ["tenderer_outside"] and seen["second_factor"] is False
    assert answer.headers["Cache-Control"] == "no-store"


def test_q02_officials_need_two_factors_to_get_a_session_at_all(world, official):
    _, login, password, secret = official
    world.advance(minutes=1)
    assert sign_in(world, login, password).status_code == 401
    assert sign_in(world, login, password, "000000").status_code == 401
    code = world.code(secret)
    answer = sign_in(world, login, password, code)
    assert answer.status_code == 200
    assert me(world, answer.json["token"]).json["roles"] == ["opener_unassigned"]
    replay = sign_in(world, login, password, code)
    assert (replay.status_code, replay.json["code"]) == (401, "session.refused")


def test_a_role_that_needs_two_factors_does_not_count_in_a_session_of_one(world):
    actor = world.account("buyer")
    login, password, _ = world.password(actor, factor=False)
    token = sign_in(world, login, password).json["token"]
    world.grant(actor, "opener")
    assert me(world, token).json["roles"] == ["buyer_other"]
    assert sign_in(world, login, password).status_code == 401


def test_q03_a_flood_from_elsewhere_never_locks_the_owner_out(world, tenderer):
    _, login, password = tenderer
    device = sign_in(world, login, password).json["device"]
    world.freeze()
    client = world.client()
    statuses = [sign_in(world, login, f"wrong {n}", client=client, source="203.0.113.9").status_code
                for n in range(40)]
    assert statuses[:6] == [401] * 6 and set(statuses[7:]) == {429}
    slowed = sign_in(world, login, password, source="203.0.113.9")
    assert slowed.status_code == 429 and int(slowed.headers["Retry-After"]) >= 1
    assert sign_in(world, login, password).status_code == 200
    known = sign_in(world, login, password, source="203.0.113.9", device=device)
    assert known.status_code == 200, "a known device is not slowed by others at its address"
    world.advance(minutes=6)
    assert sign_in(world, login, password, source="203.0.113.9").status_code == 200
    kinds = set(world.session.execute(select(SecurityEvent.kind)).scalars())
    assert {"session.refused", "session.slow-down", "session.begun"} <= kinds


def test_q03_one_ipv6_subscriber_is_one_source(world, tenderer):
    _, login, password = tenderer
    world.freeze()
    for number in range(8):
        last = sign_in(world, login, "wrong", source=f"2001:db8:1:2::{number:x}")
    assert last.status_code == 429
    assert sign_in(world, login, password, source="2001:db8:1:3::1").status_code == 200


def test_q04_who_exists_cannot_be_told(world, official, tenderer):
    answers = [sign_in(world, official[1], "wrong", source="198.51.100.1"),
               sign_in(world, official[1], official[2], source="198.51.100.2"),
               sign_in(world, official[1], official[2], "123456", source="198.51.100.3"),
               sign_in(world, "nobody.at.all", "wrong", source="198.51.100.4"),
               sign_in(world, tenderer[1], "wrong", source="198.51.100.5")]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.data for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers)) for answer in answers}) == 1


def test_q04_an_unknown_login_costs_a_hash_too(world, monkeypatch):
    from people import passwords, sessions

    seen = []
    monkeypatch.setattr(sessions.passwords, "matches",
                        lambda stored, password, cost: seen.append(stored) or False)
    sign_in(world, "nobody.at.all", "wrong")
    assert seen == [None]
    assert passwords.matches.__name__ == "<lambda>"


def test_q07_a_new_session_has_a_new_id_and_the_old_cookie_ends(world, tenderer):
    _, login, password = tenderer
    first = sign_in(world, login, password, cookie=True)
    cookie = first.headers.getlist("Set-Cookie")[0].split(";")[0].split("=", 1)[1]
    assert me(world, cookie).status_code == 200
    second = world.client().post(LOGIN, json={"login": login, "password": password},
                                 headers={"Cookie": f"__Host-yg={cookie}"})
    assert second.status_code == 200 and second.json["token"] != cookie
    assert me(world, cookie).status_code == 401


@pytest.mark.parametrize("role,minutes", [("tenderer", 30), ("sys_admin", 10)])
def test_q08_idle_sessions_end(world, role, minutes):
    actor = world.admin(role) if role == "sys_admin" else world.account(role)
    world.freeze()
    token = world.session_token(actor)
    world.advance(minutes=minutes, seconds=-1)
    assert me(world, token).status_code == 200
    world.advance(minutes=minutes, seconds=-1)
    assert me(world, token).status_code == 200, "use keeps it alive"
    world.advance(minutes=minutes)
    assert me(world, token).json["code"] == "session.ended"


def test_q08_no_session_lives_beyond_twelve_hours(world):
    token = world.session_token(world.account("tenderer"))
    for _ in range(35):
        world.advance(minutes=20)
        assert me(world, token).status_code == 200
    world.advance(minutes=20)
    assert me(world, token).status_code == 401


def test_q09_leaving_disabling_and_a_new_password_end_every_session(world, tenderer):
    actor, login, password = tenderer
    tokens = [sign_in(world, login, password).json["token"] for _ in range(3)]
    assert world.client().delete(LOGIN, headers=bearer(tokens[0])).status_code == 204
    assert [me(world, token).status_code for token in tokens] == [401, 200, 200]
    changed = world.client().post("/password", headers=bearer(tokens[1]),
                                  json={"old": password, "new": "Wuyi-River-19"})
    assert changed.status_code == 204, changed.json
    assert [me(world, token).status_code for token in tokens] == [401, 401, 401]
    assert sign_in(world, login, password).status_code == 401
    token = sign_in(world, login, "Wuyi-River-19").json["token"]
    acts.disable_account(world.admin("sys_admin"), actor.account_id, reason="left the firm")
    assert me(world, token).status_code == 401
    assert sign_in(world, login, "Wuyi-River-19").status_code == 401


def test_a_new_password_needs_the_old_one_and_a_guessing_session_is_slowed(world, tenderer):
    _, login, password = tenderer
    token = sign_in(world, login, password).json["token"]
    world.freeze()
    statuses = [world.client().post("/password", headers=bearer(token), json={
        "old": f"wrong {n}", "new": "Wuyi-River-19"}).status_code for n in range(8)]
    assert statuses[:6] == [401] * 6 and statuses[-1] == 429
    weak = world.client().post("/password", headers=bearer(
        sign_in(world, login, password).json["token"]), json={"old": password, "new": "Password1!"})
    assert (weak.status_code, weak.json["code"]) == (422, "password.weak")


def test_q10_a_role_revoked_is_gone_at_the_next_request(world):
    official = world.account("opener")
    token = world.session_token(official)
    assert me(world, token).json["roles"] == ["opener_unassigned"]
    world.revoke(official, "opener")
    assert me(world, token).json["roles"] == ["anonymous"]


def test_q11_cookies_are_host_secure_and_closed_to_scripts(world, tenderer):
    _, login, password = tenderer
    answer = sign_in(world, login, password, cookie=True)
    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert re.match(r"__Host-yg(-device)?=yg[sd]_", cookie)
        parts = {part.strip().split("=")[0].lower() for part in cookie.split(";")[1:]}
        assert {"secure", "httponly", "samesite", "path"} <= parts and "domain" not in parts
        assert "Path=/" in cookie
    assert "token" not in answer.json and "device" not in answer.json


def test_q12_a_change_by_cookie_needs_the_token_and_our_origin(world, tenderer):
    _, login, password = tenderer
    answer = sign_in(world, login, password, cookie=True)
    cookie = answer.headers.getlist("Set-Cookie")[0].split(";")[0]
    csrf = answer.json["csrf_token"]

    def leave(**headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return world.client().post("/session/step-up", json={"totp": "000000"},
                                   headers={"Cookie": cookie} | named)

    for refused in (leave(), leave(X_CSRF_Token="x" * 64),
                    leave(X_CSRF_Token=csrf, Origin="https://evil.example"),
                    leave(X_CSRF_Token=csrf, Origin="null"),
                    leave(X_CSRF_Token=csrf, Origin="http://[::1"),
                    leave(X_CSRF_Token=csrf, Sec_Fetch_Site="cross-site"),
                    leave(X_CSRF_Token="\u00fc")):
        assert (refused.status_code, refused.json["code"]) == (403, "session.csrf")
    allowed = leave(X_CSRF_Token=csrf, Origin="http://localhost")
    assert allowed.json["code"] == "session.no-second-factor"
    assert world.client().get(LOGIN, headers={"Cookie": cookie}).json["csrf_token"] == csrf


def test_a_log_in_from_a_foreign_page_is_refused(world, tenderer):
    _, login, password = tenderer
    answer = world.client().post(LOGIN, json={"login": login, "password": password, "cookie": True},
                                 headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403 and not answer.headers.getlist("Set-Cookie")


def test_q13_step_up_is_fresh_for_five_minutes_and_each_code_counts_once(world, official):
    _, login, password, secret = official
    world.advance(minutes=1)
    world.freeze()
    token = sign_in(world, login, password, world.code(secret)).json["token"]
    replay = world.client().post("/session/step-up", headers=bearer(token),
                                 json={"totp": world.code(secret)})
    assert (replay.status_code, replay.json["code"]) == (401, "session.second-factor")
    world.advance(minutes=6)
    stale = world.client().post("/signing-keys", headers=bearer(token),
                                json={"public_key": "A" * 43 + "=", "proof": "A" * 86 + "=="})
    assert stale.json["code"] == "session.step-up"
    up = world.client().post("/session/step-up", headers=bearer(token),
                             json={"totp": world.code(secret)})
    assert up.status_code == 200
    again = world.client().post("/signing-keys", headers=bearer(token),
                                json={"public_key": "A" * 43 + "=", "proof": "A" * 86 + "=="})
    assert again.json["code"] == "signing-key.proof"


def test_guessing_codes_in_a_session_is_slowed(world, official):
    _, login, password, secret = official
    world.advance(minutes=1)
    world.freeze()
    token = sign_in(world, login, password, world.code(secret)).json["token"]
    statuses = [world.client().post("/session/step-up", headers=bearer(token),
                                    json={"totp": "000000"}).status_code for _ in range(9)]
    assert statuses[:6] == [401] * 6 and statuses[-1] == 429


def test_who_knows_the_password_cannot_guess_codes_from_many_sources(world, official):
    _, login, password, _ = official
    world.advance(minutes=1)
    world.freeze()
    statuses = [sign_in(world, login, password, "000000", source=f"203.0.113.{n}").status_code
                for n in range(14)]
    assert statuses[:11] == [401] * 11 and statuses[-1] == 429


def test_expired_tokens_strange_headers_and_unknown_schemes_are_401(world):
    for value in ("Bearer nothing", "Bearer ygs_" + "x" * 43, "Bearer ygt_" + "x" * 43, "Bearer ",
                  "Basic dXNlcjpwYXNz", "ygs_x"):
        answer = world.client().get("/time", headers={"Authorization": value})
        assert answer.status_code == 401, value
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_own_sessions_are_listed_and_ended_and_no_one_elses(world):
    mine, other = world.account("tenderer"), world.account("tenderer")
    first, second = world.session_token(mine), world.session_token(mine)
    foreign = world.session_token(other)
    items = world.client().get("/sessions", headers=bearer(first)).json["items"]
    assert len(items) == 2 and sum(item["current"] for item in items) == 1
    ids = {item["id"] for item in items}
    stranger = world.client().get(LOGIN, headers=bearer(foreign)).json["session_id"]
    assert stranger not in ids
    gone = world.client().delete(f"/sessions/{stranger}", headers=bearer(first))
    assert gone.status_code == 404 and me(world, foreign).status_code == 200
    victim = next(item["id"] for item in items if not item["current"])
    assert world.client().delete(f"/sessions/{victim}", headers=bearer(first)).status_code == 204
    assert me(world, second).status_code == 401


def test_the_database_holds_no_token(world):
    token = world.session_token(world.account("tenderer"))
    assert not world.session.execute(select(LoginSession).where(
        LoginSession.token_hash.contains(token))).first()


def test_a_session_ended_between_the_request_and_the_act_counts_no_more(world):
    from audit.actor import Actor
    from kernel.refusal import Refused

    actor = world.account("tenderer")
    token = world.session_token(actor)
    seen = me(world, token).json
    inside = Actor("account", actor.account_id, actor.person_id, actor.party_id,
                   seen["session_id"], None, world.now + timedelta(minutes=5))
    world.client().delete(LOGIN, headers=bearer(token))
    with pytest.raises(Refused) as refused:
        world.signing_key(inside)
    assert refused.value.word.code == "session.ended"


def test_the_sweep_removes_what_is_over_and_nothing_else(world):
    from people import clock

    clock._last.clear()
    actor = world.account("tenderer")
    old = world.session_token(actor)
    world.advance(days=2)
    new = world.session_token(actor)
    clock.sweep(world.now)
    assert len(list(world.session.execute(select(LoginSession)).scalars())) == 1
    assert me(world, old).status_code == 401 and me(world, new).status_code == 200
