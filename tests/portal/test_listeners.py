"""Q23: administrators have a door of their own, and the public's has nothing of theirs."""

import json
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, urlencode

import pyotp
import pytest

from kernel.canonical import parse_time
from kernel.db import db
from people.edge import ROUTES
from people.pagebook import PAGES
from people.permissions import ACTIONS, ADMINISTRATORS
from portal import serve
from portal.config import BadSetting, Settings
from portal.factory import create_app
from portal.listeners import ADMINISTRATORS as OFFICES
from portal.listeners import PUBLIC
from portal.serve import gunicorn_command, offices_command
from tests.served import environment, free_port, running, wait_for

ROOT = Path(__file__).parents[2]
REASON = {"Access-Reason": quote("例行查验")}


def only_administrators() -> set[tuple[str, str]]:
    """The operations of actions that no row of the table gives to anybody else."""
    held = {name: {role for roles, _ in action.rows for role in roles}
            for name, action in ACTIONS.items()}
    return {(route.method, route.rule) for route in ROUTES
            if route.action and held[route.action] <= ADMINISTRATORS}


@pytest.fixture
def doors(world):
    """Both doors of the world's installation, in this process."""
    return {name: create_app(world.settings, world.app.extensions["yangguang"].clock, listener=name)
            for name in (PUBLIC, OFFICES)}


def status(app, method, rule, headers):
    path = re.sub(r"<(?:\w+:)?\w+>", "0" * 32, rule)
    with app.app_context():
        answer = app.test_client(use_cookies=False).open(path, method=method, headers=headers)
        db.session.remove()
    return answer.status_code


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_public_door_has_nothing_that_is_only_administrators(world, doors):
    hidden = only_administrators()
    assert len(hidden) >= 15 and ("GET", "/api/v1/accounts") in hidden
    pages = {("GET", page.rule) for page in PAGES if page.rule.startswith("/admin")}
    assert len(pages) >= 8
    told = {"Authorization": f"Bearer {world.session_token(world.admin('sys_admin'))}"} | REASON
    for method, rule in hidden | pages:
        assert status(doors[PUBLIC], method, rule, told) == 404, (method, rule)
    for rule in ("/api/v1/accounts", "/api/v1/policy", "/admin/roles"):
        assert status(doors[PUBLIC], "PATCH", rule, told) == 404, "405 would tell of it"
    assert status(doors[PUBLIC], "GET", "/api/v1/tenders", {}) == 200
    assert status(doors[PUBLIC], "GET", "/sign-in", {}) == 200


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_administrators_door_has_their_offices_and_the_way_in_and_nothing_else(world, doors):
    system = {"Authorization": f"Bearer {world.session_token(world.admin('sys_admin'))}"} | REASON
    for method, rule in only_administrators():
        if method == "GET":
            assert status(doors[OFFICES], method, rule, system) in (200, 403), rule
    for rule in ("/sign-in", "/activate", "/recover", "/api/v1/session", "/api/v1/time"):
        assert status(doors[OFFICES], "GET", rule, system) != 404, rule
    assert status(doors[OFFICES], "GET", "/", {}) == 303
    for rule in ("/tenders", "/desk", "/record", "/register", "/api", "/api/v1/tenders",
                 "/api/v1/record/checkpoint", "/api/v1/saved-searches"):
        assert status(doors[OFFICES], "GET", rule, system) == 404, rule
    assert status(doors[OFFICES], "POST", "/api/v1/registrations", {}) == 404
    assert status(doors[OFFICES], "GET", "/nowhere", {}) == 404
    audited = {"Authorization": f"Bearer {world.session_token(world.admin('audit_admin'))}"} | REASON
    lot = world.lots(world.published_tender())[0]
    assert status(doors[OFFICES], "GET", f"/api/v1/lots/{lot.id}/record", audited) == 200


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_administrators_door_is_open_to_the_policy_s_networks_alone(world, doors):
    near = {"REMOTE_ADDR": "10.1.2.3"}
    answer = world.client(world.admin("sec_admin")).post("/policy/proposals", json={
        "password_min": 8, "password_complexity": True, "guesses_free": 5, "factor_for_all": False,
        "admin_networks": ["10.1.0.0/16"], "why": "只准内网管理"}, headers={"If-Match": '"0"'},
        environ_overrides=near)
    assert answer.status_code == 201, answer.json
    approving = world.client(world.admin("sec_admin_2"))
    approval = f"/policy/proposals/{answer.json['id']}/approval"
    assert approving.post(approval).json["code"] == "settings.own-source"
    assert approving.post(approval, environ_overrides=near).status_code == 200
    with doors[OFFICES].app_context():
        client = doors[OFFICES].test_client()
        assert client.get("/sign-in").status_code == 403
        assert client.get("/api/v1/time", environ_overrides=near).status_code == 200
        db.session.remove()
    assert status(doors[PUBLIC], "GET", "/sign-in", {}) == 200


def test_the_doors_have_two_ports():
    assert Settings(port="8080").admin_at == 8081 and Settings(admin_port="9000").admin_at == 9000
    assert Settings(admin_port="0").admin_at == 0
    for value in ("8080", "x"):
        with pytest.raises(BadSetting, match="YANGGUANG_ADMIN_PORT"):
            Settings.from_environment({"YANGGUANG_ADMIN_PORT": value})
    names = Settings(admin_names="admin.example.cn, x.example", public_url="https://a.example")
    assert {"admin.example.cn", "x.example", "127.0.0.1"} <= set(names.admin_hosts)
    assert "a.example" not in names.admin_hosts


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args):
        return None


def asked(address, data=None, **headers):
    """(status, headers, text) of a real request."""
    wanted = urllib.request.Request(address, data=urlencode(data).encode() if data else None,
                                    headers={name.replace("_", "-"): value
                                             for name, value in headers.items()})
    try:
        with urllib.request.build_opener(_NoRedirect).open(wanted, timeout=300) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers, refused.read().decode()


@pytest.mark.parametrize("database", ["sqlite"])
def test_q23_two_real_listeners(world):
    login, password, secret = world.password(world.admin("sys_admin"))
    world.advance(seconds=31)  # the code it was enrolled with counts once
    token = world.session_token(world.admin("sys_admin"))
    bearer = {"Authorization": f"Bearer {token}", "Access_Reason": quote("例行查验")}
    db.session.remove()
    db.engine.dispose()
    given = replace(world.settings, workers="1", port=str(free_port()), admin_port=str(free_port()))
    with running(given, gunicorn_command(given), workers="1", port=given.port,
                 admin_port=given.admin_port) as (public, _), \
            listening(offices_command(given), given) as offices:
        for path in ("/api/v1/accounts", "/admin", "/admin/accounts", "/en/admin/roles"):
            assert asked(public + path, **bearer)[0] == 404, path
        assert asked(public + "/tenders")[0] == 200
        assert asked(offices + "/tenders")[0] == 404
        found = asked(offices + "/api/v1/accounts", **bearer)
        assert found[0] == 200 and json.loads(found[2])["items"]
        led = asked(offices + "/admin/accounts")
        assert led[0] == 303 and led[1]["Location"] == "/sign-in?next=/admin/accounts"
        now = parse_time(json.loads(asked(offices + "/api/v1/time")[2])["now"])
        signed = asked(offices + "/sign-in", {"login": login, "password": password,
                                              "totp": pyotp.TOTP(secret).at(now)})
        assert signed[0] == 303 and signed[1]["Location"] == "/admin", signed[2]
        cookie = next(one.partition(";")[0] for one in signed[1].get_all("Set-Cookie")
                      if one.startswith("__Host-yg="))
        desk = asked(offices + "/admin", Cookie=cookie)
        assert desk[0] == 200 and "/admin/parameters" in desk[2] and "/admin/policy" not in desk[2]
        assert asked(public + "/admin", Cookie=cookie)[0] == 404


@contextmanager
def listening(command, settings):
    """The administrators' server of `settings`, running; its address."""
    process = subprocess.Popen(command, env=environment(settings), cwd=ROOT)
    try:
        wait_for(settings.admin_at, process)
        yield f"http://127.0.0.1:{settings.admin_at}"
    finally:
        process.terminate()
        process.wait(300)


@pytest.mark.parametrize("port,doors", [("", 2), ("0", 1)])
def test_serve_starts_both_doors_and_ends_when_one_of_them_does(monkeypatch, port, doors):
    started = []
    kept = {name: signal.getsignal(name) for name in (signal.SIGTERM, signal.SIGINT)}
    monkeypatch.setattr(serve, "check_installation", lambda *_: None)
    # What is started here ends by itself, and with one of them all of it.
    monkeypatch.setattr(serve, "_start", lambda command: started.append(command)
                        or subprocess.Popen([sys.executable, "-c", ""]))
    try:
        assert serve.serve(Settings(admin_port=port)) == 1
    finally:
        for name, handler in kept.items():
            signal.signal(name, handler)
    binds = [command[command.index("--bind") + 1] for command in started if "--bind" in command]
    assert binds == ["127.0.0.1:8080", "127.0.0.1:8081"][:doors]
    assert len(started) == doors + 1, "and the loop of the clock"
