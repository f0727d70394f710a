"""An opening through pages alone: the official's key in the browser, its rehearsal, authorisation
and share; a tenderer's one button; the hall that keeps itself up to date; the record signed."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from bidding import acts, holder, sealing, suites
from bidding.holding import Holder, Pins
from people import rates, security
from people.authentication import COOKIE
from portal.factory import create_app
from tender import acts as tenders
from tests.world import World, WorldClock

from .conftest import LONG, served_sealing
from .test_public_pages import overflow, violations

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database", ["sqlite"])]

SHOTS = os.environ.get("YANGGUANG_TEST_SHOTS")
"""A folder for pictures of every page, to be looked at."""


@pytest.fixture
def world(installation):
    """A world of its own, whose clock this story moves."""
    app = create_app(installation, WorldClock())
    app.testing = True
    security._seen.clear()
    rates._left.clear()
    with app.app_context():
        made = World(app, installation)
        yield made
        made.close()


@pytest.fixture
def place(world, built, tmp_path):
    """The address of the served application, with the built modules."""
    with served_sealing(world.app, built, tmp_path) as site:
        yield site.address


class Person:
    """One signed-in person's window."""

    def __init__(self, chromium, world, place, actor=None, **more):
        self.world, self.place, self.actor = world, place, actor
        self.context = chromium.new_context(locale="zh-CN", viewport={"width": 1280, "height": 900},
                                            accept_downloads=True, **more)
        self.context.set_default_timeout(LONG)
        self.said = []
        self.page = self._window()
        self.on_time()

    def _window(self):
        page = self.context.new_page()
        page.on("console", lambda message: self.said.append(
            f"{message.text} {message.location['url']}"))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        return page

    def on_time(self):
        """The window's clock is the world's, and its session a fresh one."""
        self.page.clock.set_fixed_time(self.world.now)
        if self.actor is not None:
            self.context.add_cookies([{
                "name": COOKIE, "value": self.world.session_token(self.actor), "path": "/",
                "domain": "127.0.0.1", "secure": True, "httpOnly": True, "sameSite": "Lax"}])

    def go(self, path, status=200):
        """Open it in a window of its own: a page left open may just be drawing itself anew."""
        before, self.page = self.page, self._window()
        before.close()
        answer = self.page.goto(self.place + path)
        assert answer.status == status, (path, answer.status, self.page.inner_text("body")[:600])
        return self.page

    def sees(self, words, **more):
        """Wait until the words stand in the page."""
        expect(self.page.locator("main")).to_contain_text(words, **more)

    def looked_at(self, path, name):
        """The page in both languages: accessible, quiet, within the window of a telephone."""
        self.said.clear()
        for language, root in (("zh", ""), ("en", "/en")):
            self.go(root + path)
            expect(self.page.locator("h1")).to_have_count(1)
            assert violations(self.page) == [], (name, language)
            for width in (360, 1280):
                assert overflow(self.page, width) == 0, (name, language, width)
                if SHOTS:
                    self.page.screenshot(path=Path(SHOTS, f"{name}-{language}-{width}.png"),
                                         full_page=True)
        assert self.said == [], (name, self.said)


@pytest.fixture
def person(chromium, world, place):
    made = []

    def window(actor=None, **more):
        made.append(Person(chromium, world, place, actor, **more))
        return made[-1]

    yield window
    for one in made:
        one.context.close()


def test_an_opening_through_pages_alone(world, person, tmp_path):
    tender = world.draft_tender()
    lot = world.lots(tender)[0]
    first, second, third = world.officials
    for one in world.officials:
        acts.assign_official(world.clerk, lot.id, account_id=one.account_id, kind="official")
    own = f"/desk/lots/{lot.id}/opening"

    # The first official's key is made in the browser; the command line rehearses with it too.
    official = person(first)
    official.go("/desk")
    official.sees("制作并登记开标密钥")
    page = official.go(own)
    with page.expect_download() as saved:
        page.get_by_role("button", name="生成密钥并保存文件").click()
    key_file = tmp_path / "opening.key"
    saved.value.save_as(key_file)
    key_file.chmod(0o600)
    other = tmp_path / "other.key"
    holder.new_key(other, suites.get(lot.suite))
    proof = page.get_by_label("读回刚才保存的文件")
    proof.set_input_files(other)
    page.get_by_role("button", name="登记公钥").click()
    official.sees("这不是刚才生成的密钥文件")
    proof.set_input_files(key_file)
    page.get_by_role("button", name="登记公钥").click()
    official.sees("公钥已登记")
    page.get_by_label("开标密钥文件").set_input_files(other)
    page.get_by_role("button", name="演练", exact=True).click()
    official.sees("这不是为本标段登记的密钥")
    page.get_by_label("开标密钥文件").set_input_files(key_file)
    page.get_by_role("button", name="演练", exact=True).click()
    official.sees("演练通过")
    suite, seed = holder.read_key(key_file)
    pins = Pins(world.log_keys.log.verifier)
    Holder(world.wire(first), suite, seed, pins, tmp_path / "key.record",
           now=lambda: world.now).rehearse(lot.id)

    # The second's is made by the command line and rehearsed in the browser.
    theirs = tmp_path / "theirs.key"
    holder.register(world.wire(second), lot.id, holder.new_key(theirs, suite))
    others = person(second)
    page = others.go(own)
    page.get_by_label("开标密钥文件").set_input_files(theirs)
    page.get_by_role("button", name="演练", exact=True).click()
    others.sees("演练通过")
    world.holder_key(lot.id, third)
    world.rehearse(lot.id, third)
    watcher = person(world.supervisor)
    watcher.looked_at(f"/desk/lots/{lot.id}/watch", "watch")
    watcher.on_time()
    for left in (3, 2, 1):
        page = watcher.go(f"/desk/lots/{lot.id}/watch")
        expect(page.get_by_role("button", name="认证这把密钥")).to_have_count(left)
        page.get_by_role("button", name="认证这把密钥").first.click()
        watcher.sees("密钥已认证")
    official.looked_at(own, "official")

    notice = tenders.submit_notice(world.clerk, tender.id)
    tenders.approve_notice(world.fresh(world.chief), tender.id, content_hash=notice.content_hash)
    lot = world.lots(tender)[0]
    companies = [world.sealed_bid(lot) for _ in range(3)]
    hall, mine = f"/lots/{lot.id}/hall", f"/desk/lots/{lot.id}/hall"
    everybody = person()
    everybody.go(hall)
    everybody.sees("尚未截止")
    stale = everybody.page.locator("#stale")
    everybody.page.route("**" + hall, lambda route: route.abort())
    everybody.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(stale).to_be_visible(timeout=60_000)
    everybody.page.unroute("**" + hall)
    before = world.now
    world.past_deadline(lot)
    world.publish_record()

    # Left open since before the deadline, the hall is right without being asked.
    everybody.on_time()
    everybody.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    everybody.sees("投标已截止，等待开标")
    expect(stale).to_be_hidden(timeout=60_000)
    tenderer = person(companies[0].actor)
    tenderer.go(mine)
    tenderer.sees("等待授权开标")
    official.on_time()
    page = official.go(own)
    page.get_by_role("button", name="授权开标").click()
    official.sees("开标已授权")
    world.publish_record()

    # By a clock that says the deadline lies ahead nothing is given, whatever the platform says.
    page.clock.set_fixed_time(before)
    page.get_by_label("开标密钥文件").set_input_files(key_file)
    page.get_by_role("button", name="核对并提交份额").click()
    official.sees("存证没有证明可以这样做")
    assert world.entries("opening.shares_released") == []
    official.on_time()
    page.get_by_role("button", name="核对并提交份额").click()
    official.sees("解密份额已提交")
    official.looked_at(own, "official-given")

    everybody.sees("开标进行中")
    tenderer.sees("请现在解密")
    expect(tenderer.page.get_by_label("投标密钥文件")).to_be_visible()
    tenderer.looked_at(mine, "hall-own")
    sealed = companies[0].bids[lot.id]
    signed = companies[0].sign(sealed.declaration)
    keys = [tmp_path / name for name in ("bid.key", "wrong.key")]
    for file, one in zip(keys, (sealed, companies[1].bids[lot.id]), strict=True):
        sealing.write_key_file(file, one, world.terms(lot.id),
                               (signed["key"], signed["signature"]))
    tenderer.on_time()
    # Nothing is to be pressed before what it needs is here, in either language; why is said.
    page = tenderer.go("/en" + mine)
    expect(page.get_by_role("button", name="Decrypt", exact=True)).to_be_enabled()
    for missing, said in (("vendor/sealer.js", "解密模块没有载入"), ("portal/hall.js", "还没有载入")):
        tenderer.context.route(f"**/{missing}", lambda route: route.abort())
        page = tenderer.go(mine)
        tenderer.sees(said, use_inner_text=True)
        expect(page.get_by_role("button", name="解密", exact=True)).to_be_disabled()
        tenderer.context.unroute_all()
    page = tenderer.go(mine)
    page.get_by_role("button", name="解密", exact=True).click()
    tenderer.sees("请选择递交前保存的密钥文件")
    page.get_by_label("投标密钥文件").set_input_files(keys[1])
    page.get_by_role("button", name="解密", exact=True).click()
    tenderer.sees("这是另一份投标的密钥文件")
    page.get_by_label("投标密钥文件").set_input_files(keys[0])
    page.get_by_role("button", name="解密", exact=True).click()
    tenderer.sees("密钥份额已提交")
    tenderer.sees("1 / 3")
    for company in companies[1:]:
        world.give_own(lot, company)
    world.tick()
    tenderer.sees("3 / 3")
    everybody.sees("开标记录公布于")
    everybody.looked_at(hall, "hall")

    tenderer.on_time()
    page = tenderer.go(mine)
    page.get_by_label("异议事项和理由").fill("解密顺序有误")
    page.get_by_label("请求").fill("请复核")
    page.get_by_role("button", name="提出异议").click()
    tenderer.sees("异议已提出")
    official.on_time()
    page = official.go(mine)
    page.get_by_label("答复及理由").fill("经核对，顺序无误")
    page.get_by_role("button", name="当场答复").click()
    official.sees("异议已答复")
    page = official.go(own)
    page.get_by_role("button", name="签署这份记录").click()
    official.sees("开标记录已签署")
    everybody.sees("经核对，顺序无误")
    assert len(world.entries("opening_record.signed")) == 1

    world.publish_record()
    watcher.on_time()
    watcher.looked_at("/desk/supervision", "supervision")
    watcher.looked_at("/desk", "desk")
    page = watcher.go(f"/desk/lots/{lot.id}/trail", 400)  # not without a reason
    page.get_by_label("理由").fill("例行检查")
    page.get_by_role("button", name="查阅").click()
    watcher.sees("公布开标记录")
    if SHOTS:
        page.screenshot(path=Path(SHOTS, "trail-zh-1280.png"), full_page=True)
    assert violations(page) == []
