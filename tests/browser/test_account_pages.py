"""One's own account and the administrators' offices in a real browser: in by the form, with the
cookies that browsers take from 127.0.0.1 as from a secure place, in both languages, on a phone."""

import os
import re

import pyotp
import pytest
from playwright.sync_api import expect

from people import acts
from people.authentication import COOKIE
from tests.world import World

from .conftest import LONG
from .test_public_pages import overflow, violations

pytestmark = pytest.mark.browser


@pytest.fixture
def world(app, installation):
    """A world of its own: its time moves as the folder's shared one must not."""
    made = World(app, installation)
    yield made
    made.close()


@pytest.fixture
def window(chromium, site):
    """`window(english=…)`: a browser of somebody's, with what its console said."""
    contexts = []

    def open_window():
        context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
        context.set_default_timeout(LONG)
        contexts.append(context)
        page = context.new_page()
        page.said = []
        # A refused form is an answer of 4xx, which a browser notes by itself.
        page.on("console", lambda message: page.said.append(message.text)
                if "the server responded with a status of 4" not in message.text else None)
        page.on("pageerror", lambda error: page.said.append(str(error)))
        return page

    yield open_window
    for context in contexts:
        context.close()


def shot(page, name):
    """A picture for who wants to look (YANGGUANG_SHOTS names the folder)."""
    if os.environ.get("YANGGUANG_SHOTS"):
        page.screenshot(path=f"{os.environ['YANGGUANG_SHOTS']}/{name}.png", full_page=True)


def judged(page, name):
    """Accessible and within the window, on a desk and on a phone."""
    assert violations(page) == [], name
    shot(page, name)
    assert overflow(page, 360) == 0, name
    shot(page, name + "-phone")
    page.set_viewport_size({"width": 1280, "height": 900})
    assert page.said == [], name


def each(page, site, *paths):
    """Every page in both languages; the English one has Chinese in data alone."""
    for path in paths:
        for root in ("", "/en"):
            page.goto(site + root + path)
            expect(page.locator("h1")).to_have_count(1)
            judged(page, (root + path).strip("/").replace("/", "-"))
            if root:
                assert not re.search("[\u4e00-\u9fff]", page.inner_text("h1")), path


def sign_in(page, site, login, password, code="", path="/sign-in"):
    page.goto(site + path)
    page.fill("#login", login)
    page.fill("#password", password)
    page.fill("#totp", code)
    page.click("main form button")


@pytest.mark.parametrize("database", ["sqlite"])
def test_an_account_from_the_form_to_a_second_factor_and_a_token(world, site, window):
    member = world.account("tenderer", login="linjiang")
    _, password, _ = world.password(member, factor=False)
    colleague = world.account("tenderer", party=member.party_id)
    acts.create_account(world.admin("sys_admin"), login="third.person", person_name="某丙",
                        id_number=world.id_number(), party_id=member.party_id)
    page = window()
    each(page, site, "/register", "/activate", "/recover", "/sign-in", "/health")
    page.goto(site + "/register")
    page.fill("[name=uscc]", "91330703MA9K00770")
    page.fill("[name=name]", "临江建设有限公司")
    for name, text in (("person_name", "某甲"), ("id_number", world.id_number()),
                       ("login", "other.person"), ("password", "Lin-Jiang-2026!")):
        page.fill(f"[name={name}]", text)
    page.click("main form button")
    expect(page.get_by_role("alert")).to_contain_text("统一社会信用代码")
    expect(page.locator("[name=name]")).to_have_value("临江建设有限公司")
    judged(page, "register-refused")

    sign_in(page, site, "linjiang", "wrong words", path="/sign-in?next=/desk/account")
    expect(page.get_by_role("alert")).to_contain_text("登录未成功")
    expect(page.locator("#login")).to_have_value("linjiang")
    page.fill("#password", password)
    page.click("main form button")
    page.wait_for_url(site + "/desk/account")
    cookies = {one["name"]: one for one in page.context.cookies(site)}
    for name in (COOKIE, "__Host-yg-device"):
        assert cookies[name]["secure"] and cookies[name]["httpOnly"] and cookies[name]["path"] == "/"
    expect(page.get_by_text("本设备")).to_have_count(2)

    page.goto(site + "/desk/account/factor")
    page.fill("#post-factors-password", password)
    page.get_by_role("button", name="显示密钥").click()
    expect(page.locator(".qr svg")).to_be_visible()
    secret = page.locator("code", has_text=re.compile(r"^[A-Z2-7]{32}$")).inner_text()
    judged(page, "factor-new")
    page.fill("[name=totp]", "000000")
    page.get_by_role("button", name="确认绑定").click()
    expect(page.get_by_role("alert")).to_contain_text("动态口令不正确")
    page.fill("[name=totp]", pyotp.TOTP(secret).at(int(world.now.timestamp())))
    page.get_by_role("button", name="确认绑定").click()
    expect(page.get_by_role("status")).to_contain_text("动态口令已绑定")

    world.signing_key(member)
    world.signing_key(colleague)
    each(page, site, "/desk", "/desk/account", "/desk/account/factor", "/desk/account/keys",
         "/desk/account/tokens", "/desk/account/colleagues", "/desk/account/mail")
    page.goto(site + "/desk/account/tokens")
    page.fill("[name=name]", "财务系统")
    page.get_by_text("选择操作").click()
    page.locator("input[value='notice.view']").check()
    page.get_by_role("button", name="发放").click()
    expect(page.locator("code", has_text=re.compile("^ygt_"))).to_be_visible()
    judged(page, "token-new")


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_offices_of_the_three_administrators(world, site, window):
    logins = {name: world.password(world.admin(name))
              for name in ("sys_admin", "sec_admin", "audit_admin")}
    waiting = world.account(None, world.party("other", name="某公证处"), login="chen.opener")
    acts.propose_grant(world.admin("sec_admin_2"), account_id=waiting.account_id, role="opener")
    world.settle(password_min=10, factor_for_all=True, admin_networks=["127.0.0.0/8"])
    acts.propose_policy(world.admin("sec_admin_2"), body={
        "password_min": 12, "password_complexity": False, "guesses_free": 5, "factor_for_all": True,
        "admin_networks": []}, why="按新规定放宽", version=1, source="127.0.0.1")
    world.tick(record=True)
    world.advance(minutes=2)  # the codes they were enrolled with count once
    pages = {"sys_admin": ("/admin", "/admin/parameters", "/admin/webhooks"),
             "sec_admin": ("/admin/policy", "/admin/erasures", "/admin/parameters/proposals"),
             "audit_admin": ("/admin/log", "/admin/log/events")}
    sensitive = {"sys_admin": "/admin/accounts", "sec_admin": "/admin/roles",
                 "audit_admin": "/admin/erasures"}
    for name, (login, password, secret) in logins.items():
        page = window()
        sign_in(page, site, login, password, world.code(secret), "/sign-in?next=/admin")
        page.wait_for_url(site + "/admin")
        each(page, site, *pages[name])
        for root in ("", "/en"):
            page.goto(site + root + sensitive[name])
            page.fill("#reason", "例行查验管理台")
            page.click("main form[action*='/read/'] button")
            page.wait_for_url("**/read/**")
            expect(page.locator("h1")).to_have_count(1)
            judged(page, (root + sensitive[name]).strip("/").replace("/", "-") + f"-{name}")
        if name == "sec_admin":
            page.get_by_role("button", name="Approve", exact=True).click()
            expect(page.get_by_role("status")).to_contain_text("Approved, with effect now")
