"""Coming in, forms that perform the interface's operations, and what never gets lost."""

import re

import pytest

from kernel.refusal import WORDS
from people.model import SecurityEvent
from people.pages import local
from people.pagewords import ON_PAGES, words
from tests.reader import Reader


@pytest.fixture
def member(world):
    return world.account("tenderer")


def test_a_page_of_one_s_own_leads_to_the_way_in_and_back(world, member):
    login, password, secret = world.password(member)
    world.advance(seconds=31)  # the code it was enrolled with counts once
    reader = Reader(world.app).get("/desk/account?x=1")
    assert "登录" in reader.text and reader.status == 200
    sheet = reader.form("/sign-in")
    assert ("_next", "/desk/account?x=1") in sheet.fields
    wrong = reader.send(sheet, login=login, password="not this one")
    assert wrong.status == 401 and "登录未成功" in wrong.text and login in wrong.text
    assert "not this one" not in wrong.text
    right = reader.send("/sign-in", login=login, password=password, totp=world.code(secret))
    assert right.status == 200 and right.address == "/desk/account?x=1"
    assert reader.get("/desk").status == 200 and login in reader.text
    reader.send("/sign-out")
    assert "已退出" in reader.text
    assert "/sign-in" in reader.get("/desk").address


def test_the_page_speaks_the_language_of_its_address(world, member):
    reader = Reader(world.app, world.session_token(member), english=True).get("/desk")
    assert 'lang="en"' in reader.text and "My desk" in reader.text and "工作台" not in reader.text
    assert 'href="/en/desk/account"' in reader.text and 'hreflang="zh-CN"' in reader.text
    assert world.app.test_client().get("/en/api/v1/time").status_code == 404
    assert Reader(world.app, english=True).get("/nowhere").status == 404


@pytest.mark.parametrize("address", [
    "//evil.example/x", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "x",
    "/a\nb", "/\t/evil.example"])
def test_a_way_back_never_leads_out(address):
    assert local(address) == ""


def test_a_way_back_within_is_kept():
    assert local("/en/desk?a=1") == "/desk?a=1" and local("/desk#x") == "/desk#x"


def test_a_form_performs_its_operation_once(world, member):
    mine, other = world.session_token(member), world.session_token(member)
    reader = Reader(world.app, mine).get("/desk/account")
    sheet = reader.form("/act/sessions/")
    assert reader.send(sheet).status == 200 and "登录已结束" in reader.text
    assert not [one for one in reader.forms() if "/act/sessions/" in one.action]
    assert "/sign-in" in Reader(world.app, other).get("/desk").address
    assert reader.send(sheet).status == 404, "done twice"


def test_what_is_refused_comes_back_where_it_was_sent_from(world, member):
    world.password(member)
    reader = Reader(world.app, world.session_token(member), english=True).get("/desk/account")
    reader.send("/act/password", old="wrong", new="correct horse 42 battery")
    assert reader.status >= 400 and 'role="alert"' in reader.text and "My desk" in reader.text
    assert "correct horse" not in reader.text


def test_a_form_from_elsewhere_is_refused(world, member):
    token = world.session_token(member)
    reader = Reader(world.app, token).get("/desk/account")
    sheet = reader.form("/act/password")
    assert reader.send(sheet, _csrf="forged").status == 403
    client = world.app.test_client(use_cookies=False)
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = client.post(sheet.action, data=dict(sheet.fields), headers={
            "Cookie": f"__Host-yg={token}", "Accept": "text/html", **headers})
        assert answer.status_code == 403, headers
    assert reader.get("/desk").status == 200, "the session still stands"


def test_an_ended_session_loses_no_text(world, member):
    login, password, secret = world.password(member)
    world.advance(seconds=31)  # the code it was enrolled with counts once
    token = world.session_token(member)
    reader = Reader(world.app, token).get("/desk/account")
    sheet = reader.form("/act/password")
    sheet.fields.append(("remark", "写了很久的一段话\n第二行"))
    world.client(member).delete("/session", headers={"Authorization": f"Bearer {token}"})
    reader.send(sheet, old="old words", new="new words")
    assert reader.status == 401 and "没有丢" in reader.text
    assert "old words" not in reader.text and "new words" not in reader.text
    reader.send("/sign-in", login=login, password=password, totp=world.code(secret))
    assert reader.status == 200 and "还没有提交" in reader.text


SPEAKS_TO_PROGRAMS = re.compile(
    r"\b(API|POST|GET|PUT|JSON|ETag|If-Match|Idempotency-Key|Access-Reason|Content-\w+|fields"
    r"|header|yangguang)\b|X-CSRF|请求头|接口")


def test_no_refusal_on_a_page_speaks_to_programs():
    said = {code for code, word in WORDS.items()
            if SPEAKS_TO_PROGRAMS.search(word.do_zh + " " + word.do_en)}
    assert len(said) > 15
    assert said - set(ON_PAGES) <= {"guarantor.bad-address"}, "these are said to administrators"
    assert set(ON_PAGES) <= set(WORDS)
    assert not [code for code, two in ON_PAGES.items()
                if SPEAKS_TO_PROGRAMS.search(" ".join(two))]


def test_a_refusal_on_a_page_tells_moments_in_beijing_time():
    said = words({"code": "x", "do": {"zh": "", "en": ""}, "detail": {
        "zh": "至 2027-01-10T16:06:00.897Z 或 2026-12-31T16:00:00.000Z", "en": ""}})
    assert said["detail"] == "至 2027-01-11 00:06:00.897 北京时间 或 2027-01-01 00:00:00 北京时间"
    assert words({"detail": "9999-99-99T99:99:99Z"})["detail"] == "9999-99-99T99:99:99Z"


def test_what_a_page_goes_on_without_is_nobody_s_attempt(world, member):
    """The security log keeps who tried what is not theirs, not what a page looked for."""
    lot = world.lots(world.published_tender())[0]
    reader = Reader(world.app, world.session_token(member))

    def refused():
        world.session.rollback()
        return [event.kind for event in world.session.query(SecurityEvent)
                if event.kind in ("access.denied", "phase.wrong")]

    assert reader.get(f"/desk/lots/{lot.id}/hall").status == 200
    assert reader.get("/desk").status == 200 and not refused()
    assert reader.get("/desk/supervision").status == 403
    assert refused() == ["access.denied"]
