"""Forms at once, forms cut off, forms out of shape, and doors that lead to each other."""

import io
import threading

import pytest
from sqlalchemy import func, select

from people import acts
from people.authentication import COOKIE, csrf_token
from people.model import ApiToken, LoginSession
from portal.factory import create_app
from portal.listeners import ADMINISTRATORS, PUBLIC
from tests.people.test_page_attacks import Forger
from tests.reader import Reader
from tests.worlds.tender import PDF


@pytest.fixture
def member(world):
    return world.account("tenderer")


def at_once(count, send):
    """What `send` answered, called so many times at the same moment."""
    gate, found = threading.Barrier(count), []

    def one():
        gate.wait(300)
        found.append(send())

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert len(found) == count
    return found


def test_one_form_sent_many_times_at_once_is_done_once_and_answered_alike(world):
    world.buyer_unit()
    token = world.session_token(world.clerk)
    sheet = Reader(world.app, token).get("/desk/plans").form("/act/plans")
    before = len(world.entries("plan.published"))
    forger = Forger(world, token)
    pairs = [pair for pair in sheet.fields if pair[0].startswith("_")] + [
        ("title", "同时提交"), ("region", "330703"), ("category", "works"),
        ("estimate_fen:yuan", "1000000"), ("expected", "2027-03")]

    def send():
        client = Forger(world)
        client.headers = dict(forger.headers)
        answer = client.send(sheet.action, *pairs)
        return answer.status_code, answer.headers.get("Location")

    world.session.rollback()
    found = at_once(6, send)
    made = [one for one in world.entries() if "plan" in one.type]
    assert len(made) - before == 1, [one.type for one in world.entries()]
    assert {status for status, _ in found} == {303} and len(set(found)) == 1, found
    assert send() == found[0], "and later the same again"


def test_a_session_that_ends_under_way_does_nothing_and_keeps_what_was_typed(world):
    world.buyer_unit()
    reader = Reader(world.app, world.session_token(world.clerk)).get("/desk/plans")
    sheet = reader.form("/act/plans")
    acts.end_all_sessions(world.admin("sec_admin"), world.clerk.account_id, reason="疑似被盗用")
    typed = {"title": "打了一半的标题", "region": "330703", "category": "works",
             "estimate_fen": "1000000", "expected": "2027-03"}
    reader.send(sheet, **typed)
    assert reader.status == 401 and "打了一半的标题" in reader.text and "/sign-in" in reader.text
    assert not [one for one in world.entries() if one.type.startswith("plan.")]
    login, password, _ = world.password(world.clerk, factor=False)
    reader.send(reader.form("/sign-in"), login=login, password=password)
    assert reader.status == 200 and 'value="打了一半的标题"' in reader.text, "and sends nothing itself"
    assert not [one for one in world.entries() if one.type.startswith("plan.")]


def test_who_is_disabled_under_way_comes_no_further_not_with_a_file_either(world):
    tender = world.draft_tender(document=False)
    forger = Forger(world, world.session_token(world.clerk))
    path = f"/act/tenders/{tender.id}/documents"
    acts.disable_account(world.admin("sys_admin"), world.clerk.account_id, reason="离职")
    answer = forger.client.post(path, headers=forger.headers, data={
        **dict(forger.own), "_q_name": "", "_key": "0123456789abcdef",
        "_file": (io.BytesIO(PDF), "a.pdf")})
    assert answer.status_code == 401
    assert world.client(world.chief).get(f"/tenders/{tender.id}").json["documents"] == []


@pytest.mark.parametrize("database", ["sqlite"])
def test_forms_and_pages_lead_through_neither_door_to_the_other(world):
    token = world.session_token(world.admin("sec_admin"))
    doors = {name: create_app(world.settings, clock=world.clock, listener=name)
             for name in (PUBLIC, ADMINISTRATORS)}
    with world.app.app_context():
        own = {"_csrf": csrf_token(token), "_back": "/desk/account", "_form": "x"}
    sent = {"Cookie": f"{COOKIE}={token}", "Accept": "text/html"}

    def post(door, path, **more):
        with doors[door].app_context():
            return doors[door].test_client(use_cookies=False).post(
                path, data=own | more, headers=sent).status_code

    for root in ("", "/en", "/en/en", "/en/en/en"):
        assert post(PUBLIC, f"{root}/act/policy/proposals", why="x" * 9, _match='"0"') in (404, 405), root
        assert post(PUBLIC, f"{root}/act/session-endings", login="abc", reason="xx") in (404, 405)
        assert post(PUBLIC, f"{root}/read/admin/policy", reason="例行查验") in (404, 405), root
        assert post(ADMINISTRATORS, f"{root}/act/tenders", title="x") in (404, 405), root
        assert post(ADMINISTRATORS, f"{root}/read/desk/tenders", reason="例行查验") in (404, 405), root
    assert post(PUBLIC, "/act/sessions", _method="DELETE", _back="/admin/policy") == 303
    with doors[PUBLIC].app_context():
        client = doors[PUBLIC].test_client(use_cookies=False)
        for path in ("/admin", "/en/admin", "/en/en/admin", "/admin/", "/./admin", "/%61dmin",
                     "/desk/../admin", "//admin", "/en//admin", "/admin%2f", "/ADMIN"):
            answer = client.get(path, headers=sent)
            assert answer.status_code != 200 or "安全策略" not in answer.get_data(as_text=True), path
            assert answer.headers.get("Location", "/").startswith("/") \
                and not answer.headers.get("Location", "").startswith("//"), path


@pytest.mark.parametrize("database", ["sqlite"])
def test_forms_out_of_all_shape_are_refused_and_soon(world, member):
    forger = Forger(world, world.session_token(member))
    place = "/act/saved-searches"
    shapes = [
        [("a" + ".0" * 400, "x")], [("__proto__.x", "1"), ("constructor.prototype.y", "2")],
        [(f"f{n}", "x") for n in range(3000)], [("name", "x" * 2_000_000)],
        [("name", "a\0b"), ("query.text", "\0")], [("name:json", "{" * 500)],
        [("name:when", "2026-02-30T25:99")], [("name:int", "9" * 4000)],
        [("query.text:yuan", "٣")], [("", "x"), (".", "x"), ("..", "y"), (":", "z"), ("~", "q")],
        [("name", "x"), ("name.a", "y"), ("name.a.b", "z")], [("_q_x\r\ny", "1"), ("_q_", "1")],
        [("_method", "PUT"), ("_method", "DELETE")], [("_method", "get")], [("_method", "CONNECT")],
        [("_back", "/" * 5000)], [("_back", "/desk?" + "a=" * 5000)], [("_next", "/{id}//{id}")],
        [("_shows", "../../portal/error")], [("_done", "x\r\nSet-Cookie: a=b")],
        [("_reason", "a\r\nX: y" * 3)], [("_totp", "١٢٣٤٥٦")], [("_form", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"))]]
    for pairs in shapes:
        answer = forger.send(place, *pairs)
        assert answer.status_code < 500, (pairs[0][0][:40], answer.status_code)
        assert "Set-Cookie" not in answer.headers and "X" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store", pairs[0]
    for kind, body in (("application/x-www-form-urlencoded; charset=utf-16", b"a=b"),
                       ("application/x-www-form-urlencoded", b"\xff\xfe=\xff&%ff=%00&%ED%A0%80=1"),
                       ("multipart/form-data; boundary=", b"--"), ("multipart/form-data", b"x"),
                       ("multipart/form-data; boundary=" + "b" * 300, b"--b\r\n\r\n"),
                       ("application/json", b'{"_csrf":1}'), ("text/plain", b"a=b"), ("", b"a=b")):
        for path in (place, "/sign-in", "/activate", "/recover/factor", "/read/desk", "/sign-out"):
            answer = forger.client.post(path, data=body, content_type=kind, headers=forger.headers)
            assert answer.status_code < 500, (path, kind, answer.status_code)


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_session_s_name_is_never_the_visitor_s_choice(world, member):
    login, password, _ = world.password(member, factor=False)
    planted = Reader(world.app, "ygs_" + "A" * 43)
    planted.cookies["__Host-yg-device"] = "ygd_" + "B" * 43
    planted.get("/sign-in").send("/sign-in", login=login, password=password)
    assert planted.address == "/desk"
    assert planted.cookies["__Host-yg"] != "ygs_" + "A" * 43
    assert planted.cookies["__Host-yg-device"] != "ygd_" + "B" * 43
    first = planted.cookies["__Host-yg"]
    planted.get("/sign-in").send("/sign-in", login=login, password=password)
    assert planted.cookies["__Host-yg"] != first
    assert "/sign-in" in Reader(world.app, first).get("/desk").address, "the one before has ended"
    assert world.session.scalar(select(func.count()).select_from(LoginSession).where(
        LoginSession.account_id == member.account_id, LoginSession.ended_at.is_(None))) == 1


@pytest.mark.parametrize("database", ["sqlite"])
def test_what_a_proxy_or_a_visitor_writes_into_headers_moves_no_address(world, member):
    token = world.session_token(member)
    for headers in ({"X-Forwarded-Host": "evil.example"}, {"X-Forwarded-Proto": "javascript"},
                    {"Forwarded": "host=evil.example;proto=https"}, {"X-Original-URL": "/admin"},
                    {"X-Rewrite-URL": "/admin"}, {"X-HTTP-Method-Override": "DELETE"},
                    {"X-Forwarded-Prefix": "//evil.example"}, {"X-Forwarded-For": "10.0.0.1, <script>"}):
        for path in ("/", "/sign-in", "/desk/account", "/desk/nowhere"):
            answer = Forger(world, token).get(path, **headers)
            said = answer.get_data(as_text=True) + str(answer.headers)
            assert "evil.example" not in said and "<script>" not in said, (headers, path)
            assert answer.status_code in (200, 404)
    assert Forger(world, token).get("/desk").headers["Cache-Control"] == "no-store"
    left = Forger(world).get("/desk/account?a=1")
    assert (left.status_code, left.headers["Cache-Control"]) == (303, "no-store")
    assert world.session.scalars(select(ApiToken)).all() == []


@pytest.mark.parametrize("database", ["sqlite"])
def test_every_file_that_is_to_be_saved_is_nobody_s_page(world):
    tender = world.published_tender()
    lot = world.lots(tender)[0]
    for path in (f"/lots/{lot.id}/calendar", f"/lots/{lot.id}/bill", "/bill-template"):
        answer = world.client(world.clerk).get(path)
        assert answer.headers["Content-Disposition"].startswith("attachment"), path
        assert answer.headers["Content-Security-Policy"].startswith("sandbox"), path
        assert answer.headers["X-Content-Type-Options"] == "nosniff", path
