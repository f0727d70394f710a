"""The tenderer's way through the product's own pages, in a real browser: from signing in to the
receipt, with the line cut at a third, a reload, two windows, Back, a wrong clock, no network."""

import os
import re

import pytest
from playwright.sync_api import expect

from people.authentication import COOKIE

from .sealing import MIB, seed_of

pytestmark = pytest.mark.browser

LONG = 15_000
"""Milliseconds for what the browser works on; nothing here is asked once."""


def shot(page, name):
    """A picture of the page for who wants to look (YANGGUANG_SHOTS names the folder)."""
    if os.environ.get("YANGGUANG_SHOTS"):
        page.screenshot(path=f"{os.environ['YANGGUANG_SHOTS']}/{name}.png", full_page=True)


class Desk:
    """A company's browser at the product's pages."""

    def __init__(self, browser, site, **more):
        self.address = site.address
        self.context = browser.new_context(locale="zh-CN", accept_downloads=True, **more)
        self.context.set_default_timeout(LONG)
        self.page = self.window()

    def window(self):
        """One more window of the same browser."""
        page = self.context.new_page()
        page.said = []
        page.on("console", lambda message: page.said.append(message.text)
                if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: page.said.append(str(error)))
        return page

    def sign_in(self, token):
        self.context.add_cookies([{"name": COOKIE, "value": token, "url": self.address,
                                   "secure": True, "httpOnly": True, "sameSite": "Strict"}])

    def go(self, path, page=None):
        page = page or self.page
        page.goto(self.address + path)
        return page


@pytest.fixture
def desk(chromium, shared):
    opened = []

    def open_desk(**more):
        opened.append(Desk(chromium, shared[1], **more))
        return opened[-1]

    yield open_desk
    for one in opened:
        one.context.close()


def state(page, name):
    """Wait until the board says it, alone."""
    expect(page.locator("#bid")).to_have_attribute("data-state", name, timeout=LONG)
    expect(page.locator("#faces > .board:visible")).to_have_count(1, timeout=LONG)
    expect(page.locator(f'[data-face="{name}"]')).to_be_visible(timeout=LONG)


def ready(page):
    expect(page.locator("#bid")).to_have_attribute("data-ready", "1", timeout=LONG)


def filled(page, folder, size):
    folder.mkdir(exist_ok=True)
    (folder / "施工方案.pdf").write_bytes(b"%PDF-1.7\n" + os.urandom(size) + b"\n%%EOF\n")
    (folder / "清单.csv").write_bytes(os.urandom(3000))
    for name, text in (("price", "385,120.00"), ("period", "60"), ("quality", "合格"), ("leader", "王五")):
        page.fill(f"#{name}", text)
    page.set_input_files("#technical", folder / "施工方案.pdf")
    page.set_input_files("#sheets", folder / "清单.csv")


@pytest.fixture
def key_file(company, tmp_path):
    path = tmp_path / "signing.key"
    path.write_text(seed_of(company))
    return path


def test_the_whole_way(desk, world, lot, company, key_file, tmp_path):
    login, password, secret = world.password(company.actor)
    world.advance(seconds=31)
    mine = desk()
    page = mine.go(f"/desk/lots/{lot.id}/bid")
    page.fill("#login", login)
    page.fill("#password", password)
    page.fill("#totp", world.code(secret))
    page.click("main form button")
    page.wait_for_url(f"**/desk/lots/{lot.id}/bid")
    ready(page)
    state(page, "none")
    shot(page, "none")
    page.click('[data-face="none"] button')
    page.set_input_files("#backup", key_file)
    expect(page.locator("#key option")).not_to_have_text(re.compile("没有"))
    filled(page, tmp_path / "papers", 24 * MIB)
    expect(page.locator("#checked .good")).to_have_count(1)
    shot(page, "form")
    page.click("#form button[type=submit]")
    state(page, "draft")
    shot(page, "draft")
    with page.expect_download() as saving:
        page.click('[data-face="draft"] button')
    saving.value.save_as(tmp_path / "bid.key")
    state(page, "saved")
    shot(page, "saved")
    page.set_input_files("#key-file", key_file)
    expect(page.locator("#alarm")).to_contain_text("bid.key")
    state(page, "saved")
    page.set_input_files("#key-file", tmp_path / "bid.key")
    state(page, "ready")
    shot(page, "ready")
    page.click('[data-face="ready"] button')
    state(page, "submitted")
    expect(page.locator("#counted")).to_be_visible()
    shot(page, "submitted")
