"""The tenderer's way through the product's own pages, in a real browser: from signing in to the
receipt, with the line cut at a third, a reload, two windows, Back, a wrong clock, no network."""

import io
import os
import re
import time
import zipfile

import pytest
from playwright.sync_api import expect

from bidding import acts, sealing
from people.authentication import COOKIE
from tender import acts as tendering
from tests.browser.test_public_pages import overflow, violations

from .conftest import FLAGS, LONG
from .sealing import MIB, Alone, seed_of, written

pytestmark = pytest.mark.browser


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
        self.context.add_cookies([{"name": COOKIE, "value": token, "secure": True, "httpOnly": True,
                                   "sameSite": "Strict", "path": "/", "domain": "127.0.0.1"}])

    def go(self, path, page=None):
        page = page or self.page
        page.goto(self.address + path)
        return page


class Lasting(Desk):
    """The same in a browser of its own, with a profile on the disk; it can be killed."""

    kill = Alone.kill

    def __init__(self, driver, profile, site):
        self.driver, self.profile, self.address = driver, profile, site.address
        self.open()

    def open(self):
        """Start the browser."""
        playwright, path = self.driver
        self.context = playwright.chromium.launch_persistent_context(
            str(self.profile), executable_path=path, headless=True, args=FLAGS, locale="zh-CN",
            accept_downloads=True)
        self.context.set_default_timeout(LONG)
        self.page = self.window()

    def slow(self):
        """Let the window's line be a slow 3G: 50 KiB a second, 0.4 s to the other end."""
        self.context.new_cdp_session(self.page).send("Network.emulateNetworkConditions", {
            "offline": False, "latency": 400, "downloadThroughput": 51200,
            "uploadThroughput": 51200})


@pytest.fixture
def lasting_desk(driver, shared, tmp_path):
    made = Lasting(driver, tmp_path / "profile", shared[1])
    yield made
    made.context.close()


@pytest.fixture
def desk(chromium, shared):
    opened = []

    def open_desk(**more):
        opened.append(Desk(chromium, shared[1], **more))
        return opened[-1]

    yield open_desk
    for number, one in enumerate(opened):
        shot(one.page, f"end-{number}")
        one.context.close()


def state(page, name):
    """Wait until the board says it, alone."""
    expect(page.locator("#bid")).to_have_attribute("data-state", name)
    expect(page.locator("#faces > .board:visible")).to_have_count(1)
    expect(page.locator(f'[data-face="{name}"]')).to_be_visible()


def ready(page):
    expect(page.locator("#bid")).to_have_attribute("data-ready", "1")


def filled(page, folder, size):
    folder.mkdir(exist_ok=True)
    (folder / "施工方案.pdf").write_bytes(b"%PDF-1.7\n" + os.urandom(size) + b"\n%%EOF\n")
    (folder / "清单.csv").write_bytes(os.urandom(3000))
    for name, text in (("price", "385,120.00"), ("period", "60"), ("quality", "合格"),
                       ("leader", "王五")):
        page.fill(f"#{name}", text)
    page.set_input_files("#technical", folder / "施工方案.pdf")
    page.set_input_files("#sheets", folder / "清单.csv")


def a_key_of_its_own(page, world, secret, folder):
    """Make a signing key in the page, read its backup back, register it."""
    with page.expect_download() as saving:
        page.click("[data-do=new-key]")
    saving.value.save_as(folder / "signing.key")
    expect(page.locator("#key-note")).to_contain_text("signing.key")
    page.set_input_files("#backup", folder / "signing.key")
    expect(page.locator("#key-bind")).to_be_visible()
    world.advance(seconds=31)  # the code of the sign-in counts once
    page.fill("#totp", world.code(secret))
    page.click("[data-do=bind]")
    expect(page.locator("#key-bind")).to_be_hidden()


def save_and_prove(page, button, field, path):
    with page.expect_download() as saving:
        page.click(button)
    saving.value.save_as(path)
    page.set_input_files(field, path)


def zipped(name, member, password=False):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(member, b"x")
    data = bytearray(made.getvalue())
    data[data.rindex(b"PK\x01\x02") + 8] |= password
    return name, bytes(data)


def suspect(page, folder):
    """Dangerous and unreadable files are named before anything is sealed, each by what it is."""
    folder.mkdir()
    pdf = b"%%PDF-1.7\n%s\n%%%%EOF\n"
    bad = {"图纸.pdf": (b"PK\x03\x04 no pdf", "内容不是 pdf"), "报价.pdf.exe": (b"MZ", "双扩展名"),
           "说明.docx": (b"MZ\x90\x00", "内容是程序"), "合\u202efdp.exe": (b"MZ", "显示方向"),
           "锁.xlsx": (b"\xd0\xcf\x11\xe0", "打开密码")}
    look = {"脚本.pdf": (pdf % b"/JavaScript", "有脚本"), "启动.pdf": (pdf % b"/Launch", "启动程序"),
            "密.pdf": (pdf % b"/Encrypt 1 0 R", "设了密码"),
            **{name: (data, said) for (name, data), said in (
                (zipped("宏.xlsm", "xl/vbaProject.bin"), "含有宏"),
                (zipped("密.zip", "a.pdf", password=True), "压缩包设了密码"),
                (zipped("包.zip", "setup.exe"), "压缩包里有程序"))}}
    for name, (data, _) in (bad | look).items():
        (folder / name).write_bytes(data)
    page.set_input_files("#technical", [folder / name for name in (*bad, *look)])
    for kind, files in (("bad", bad), ("wait", look)):
        expect(page.locator(f"#checked .{kind}")).to_have_count(len(files))
        for name, (_, said) in files.items():
            expect(page.locator("#checked li").filter(has_text=name)).to_contain_text(said)
    page.click("#form button[type=submit]")
    expect(page.locator("#bid")).to_have_attribute("data-state", "none")


class Line:
    """The company's line: how many pieces of the technical part still go through it."""

    def __init__(self, context):
        self.pieces = None
        context.route("**/parts/technical/upload", self._pass)

    def _pass(self, route):
        if route.request.method == "PATCH" and self.pieces is not None:
            if self.pieces <= 0:
                route.abort("connectionreset")
                return
            self.pieces -= 1
        route.continue_()


AN_HOUR_AHEAD = """(() => {
  const Right = Date, off = SHIFT;
  globalThis.Date = class extends Right {
    constructor(...given) { given.length ? super(...given) : super(Right.now() + off); }
    static now() { return Right.now() + off; }
  };
})()"""


def test_the_whole_way_at_an_hour_s_wrong_clock(desk, world, lot, tmp_path):
    actor = world.account("tenderer")
    login, password, secret = world.password(actor)
    world.advance(seconds=31)  # the code it was enrolled with counts once
    mine = desk()
    ahead = int((world.now.timestamp() + 3600 - time.time()) * 1000)
    mine.context.add_init_script(AN_HOUR_AHEAD.replace("SHIFT", str(ahead)))
    line, page, board = Line(mine.context), mine.page, f"/desk/lots/{lot.id}/bid"
    mine.go(board)
    page.fill("#login", login)
    page.fill("#password", password)
    page.fill("#totp", world.code(secret))
    page.click("main form button")
    page.wait_for_url(f"**{board}")
    ready(page)
    state(page, "none")
    expect(page.locator("#clock")).to_contain_text(re.compile("快 (59|60|61) 分钟"))
    expect(page.locator("#left")).to_contain_text(re.compile(r"剩余 \d+ 天"))
    shot(page, "none")

    # A key, the form, what it holds after a reload, files that cannot be used, a trial.
    page.click('[data-face="none"] button')
    a_key_of_its_own(page, world, secret, tmp_path)
    page.fill("#price", "99,999,999,999")
    page.click("#form button[type=submit]")
    expect(page.locator("#price-wrong")).to_have_text("高于最高限价")
    filled(page, tmp_path / "papers", 12 * MIB)
    suspect(page, tmp_path / "suspect")
    shot(page, "form")
    page.reload()
    ready(page)
    page.click('[data-face="none"] button')
    expect(page.locator("#price")).to_have_value("385,120.00")
    filled(page, tmp_path / "papers", 12 * MIB)
    expect(page.locator("#checked .bad")).to_have_count(0)
    page.click("[data-do=trial]")
    expect(page.locator("#tried")).to_contain_text("不是投标")
    state(page, "none")
    page.click("#form button[type=submit]")
    state(page, "draft")

    # The key file: saved, another one refused, read back. A desk that warns of it.
    with page.expect_download() as saving:
        page.click('[data-face="draft"] button')
    saving.value.save_as(tmp_path / "bid.key")
    state(page, "saved")
    page.set_input_files("#key-file", tmp_path / "signing.key")
    expect(page.locator("#alarm")).to_contain_text("不能打开")
    page.set_input_files("#key-file", tmp_path / "bid.key")
    state(page, "ready")
    shot(page, "ready")
    mine.go("/desk")
    expect(page.locator("#device-drafts")).to_contain_text("还没有递交")
    shot(page, "desk")
    mine.go("/desk/help")
    expect(page.locator("#note")).to_contain_text("proven")
    expect(page.locator("#note")).to_contain_text("prove  0")
    shot(page, "help")
    page.go_back()
    page.go_back()
    ready(page)
    state(page, "ready")

    # Cut at a third; the page reloaded; a second window; no network; gone on with; received.
    line.pieces = 1
    page.click('[data-face="ready"] button')
    state(page, "sending")
    percent = page.locator("#faces .board:visible [data-slot=percent]")
    expect(percent).to_have_text(re.compile("^(2[89]|3[0-9])$"))
    shot(page, "sending")
    page.reload()
    ready(page)
    state(page, "paused")
    expect(percent).to_have_text(re.compile("^(2[89]|3[0-9])$"))
    mine.context.set_offline(True)
    expect(page.locator("#away")).to_be_visible()
    state(page, "paused")
    mine.context.set_offline(False)
    expect(page.locator("#away")).to_be_hidden()
    other = mine.go(board, mine.window())
    ready(other)
    state(other, "paused")
    page.click('[data-face="paused"] button')
    state(page, "sending")
    state(other, "elsewhere")
    line.pieces = None
    state(page, "submitted")
    state(other, "submitted")
    expect(page.locator("#counted")).to_be_visible()
    shot(page, "submitted")
    number = page.locator('[data-face="submitted"] [data-slot=receipt]').inner_text()
    assert re.fullmatch("[0-9a-f]{8}", number)

    # The receipt, Back, whether it counts.
    page.click('[data-face="submitted"] .button')
    expect(page.locator("h2 .code")).to_have_text(number)
    expect(page.locator("[data-print]")).to_be_visible()
    shot(page, "receipt")
    page.go_back()
    ready(page)
    state(page, "submitted")
    world.publish_record()
    page.click('a[href^="/desk/bids/"]:not(.button):visible')
    expect(page.locator("#check .badge.good")).to_contain_text("已计入")
    shot(page, "bid")
    expect(page.locator("#check")).to_have_attribute("data-done", "1")

    # Replaced, then withdrawn: until the last byte the version before counts.
    mine.go(board)
    ready(page)
    page.click("[data-do=replace]")
    filled(page, tmp_path / "second", 1 * MIB)
    page.click("#form button[type=submit]")
    expect(page.locator("#also")).to_contain_text("尚未递交")
    state(page, "submitted")
    save_and_prove(page, "#also [data-do=save-key]", "#key-file-also", tmp_path / "second.key")
    page.click("#also [data-do=send]")
    state(page, "replaced")
    state(other, "replaced")
    shot(page, "replaced")
    page.click("[data-do=withdraw]")
    page.click("#withdrawal button.danger")
    state(page, "withdrawn")
    state(other, "withdrawn")

    # Left open: the session ends, the deadline goes by, and the page says both.
    world.advance(to=lot.deadline)
    expect(page.locator("#ended")).to_be_visible()
    mine.sign_in(world.session_token(actor))
    page.reload()
    ready(page)
    state(page, "withdrawn")
    expect(page.locator('[data-face="withdrawn"] button')).to_be_hidden()
    odd = [line for line in page.said + other.said if not re.search(
        "ERR_CONNECTION_RESET|ERR_INTERNET_DISCONNECTED|ERR_FAILED|status of (401|409)", line)]
    assert odd == []


def member(desk, world, lot, company, folder):
    """A company's board with its form open and its signing key read in."""
    one = desk()
    one.sign_in(world.session_token(company.actor))
    page = one.go(f"/desk/lots/{lot.id}/bid")
    ready(page)
    page.click('[data-face="none"] button')
    (folder / f"{company.uscc}.key").write_text(seed_of(company))
    page.set_input_files("#backup", folder / f"{company.uscc}.key")
    expect(page.locator("#key-note")).to_be_hidden()
    expect(page.locator("#key")).not_to_have_value("")
    page.click("#joint summary")
    return page


def test_a_joint_bid_is_begun_signed_by_its_members_and_sealed(desk, world, tmp_path):
    tender = world.draft_tender()
    lot = world.lots(tender)[0]
    tendering.set_requirements(world.clerk, lot.id, licences=[], personnel=[], credit=[],
                               consortium=True, members_max=2)
    world.before_publishing(tender)
    sent = tendering.submit_notice(world.clerk, tender.id)
    tendering.approve_notice(world.fresh(world.chief), tender.id, content_hash=sent.content_hash)
    world.publish_record()
    lead, mate = world.company(), world.company()
    agreement = tmp_path / "共同投标协议.pdf"
    agreement.write_bytes(b"%PDF-1.7\nagreed\n%%EOF\n")
    page = member(desk, world, lot, lead, tmp_path)
    wrong, standing = page.locator("#joint-wrong"), page.locator("#joint-standing li")
    page.click("[data-do=joint-sign]")
    expect(wrong).to_contain_text("请先建立")
    page.set_input_files("#joint-agreement", agreement)
    page.fill("#joint-members", f"{mate.uscc} 绿化\n{lead.uscc} 土建")
    page.click("[data-do=joint-begin]")
    expect(wrong).to_contain_text("第一行是牵头人")
    page.fill("#joint-members", f"{lead.uscc} 土建 道路\n{mate.uscc} 绿化")

    def kept(on, button, name):
        with on.expect_download() as saving:
            on.click(button)
        saving.value.save_as(tmp_path / name)
        return tmp_path / name

    kept(page, "[data-do=joint-begin]", "begun.json")
    expect(wrong).to_be_hidden()
    half = kept(page, "[data-do=joint-sign]", "half.json")
    expect(standing).to_have_text([re.compile("已签名.*牵头.*本单位"), re.compile("尚未签名.*绿化"),
                                   re.compile("交给尚未签名的成员")])
    shot(page, "joint")
    # The form is not sealed before all have signed, nor without the agreement among its files.
    page.reload()
    ready(page)
    page.click('[data-face="none"] button')
    expect(standing).to_have_count(3)
    filled(page, tmp_path / "papers", 2000)
    page.click("#form button[type=submit]")
    expect(page.locator("#alarm")).to_contain_text("尚未签名")
    theirs = member(desk, world, lot, mate, tmp_path)
    theirs.set_input_files("#joint-file", tmp_path / "papers" / "清单.csv")
    expect(theirs.locator("#joint-wrong")).to_contain_text("不是联合体文件")
    theirs.set_input_files("#joint-file", half)
    expect(theirs.locator("#joint-standing li")).to_have_count(3)
    whole = kept(theirs, "[data-do=joint-sign]", "whole.json")
    page.set_input_files("#joint-file", whole)
    expect(standing.last).to_contain_text("全部成员已签名")
    page.click("#form button[type=submit]")
    expect(page.locator("#alarm")).to_contain_text("招标投标法 31")
    page.set_input_files("#technical", [tmp_path / "papers" / "施工方案.pdf", agreement])
    page.click("#form button[type=submit]")
    state(page, "draft")
    save_and_prove(page, '[data-face="draft"] button', "#key-file", tmp_path / "bid.key")
    state(page, "ready")
    page.click('[data-face="ready"] button')
    state(page, "submitted")
    # At the opening it is a joint bid of the two, and a good one.
    others = [world.sealed_bid(lot) for _ in range(2)]
    world.past_deadline(lot)
    world.authorise(lot)
    for company in others:
        world.give_own(lot, company)
    kept_key = sealing.read_key_file(tmp_path / "bid.key")
    acts.give_own_shares(lead.actor, kept_key["declaration"]["bid"], shares={
        part: share for part, share in kept_key["own"].items()})
    world.tick()
    record = world.client().get(f"/lots/{lot.id}/opening-record").json["record"]
    assert {one["verdict"] for one in record["bids"]} == {"opened"} and len(record["bids"]) == 3


def test_a_killed_browser_goes_on_over_a_slow_line(lasting_desk, world, lot, company, tmp_path):
    mine, board = lasting_desk, f"/desk/lots/{lot.id}/bid"

    def opened():
        mine.sign_in(world.session_token(company.actor))
        page = mine.go(board)
        ready(page)
        return page

    page = opened()
    page.click('[data-face="none"] button')
    (tmp_path / "signing.key").write_text(seed_of(company))
    page.set_input_files("#backup", tmp_path / "signing.key")
    expect(page.locator("#key-note")).to_be_hidden()
    expect(page.locator("#key")).not_to_have_value("")
    filled(page, tmp_path / "papers", 200_000)
    mine.slow()
    page.click("#form button[type=submit]")
    state(page, "draft")
    save_and_prove(page, '[data-face="draft"] button', "#key-file", tmp_path / "bid.key")
    state(page, "ready")
    cut = Line(mine.context)
    cut.pieces = 0
    page.click('[data-face="ready"] button')
    state(page, "sending")
    mine.kill()

    # Its session is over with it; the bid is not, nor is it taken for submitted.
    mine.open()
    page = opened()
    expect(page.locator("#bid")).to_have_attribute("data-state", re.compile("ready|paused"))
    expect(page.locator("#faces .board:visible .state")).to_contain_text("未递交")
    assert world.client(company.actor).get(f"/lots/{lot.id}/bids/mine").json["counts"] is False
    mine.slow()
    page.click("#faces .board:visible [data-do=send]")
    state(page, "submitted")
    took = page.evaluate("""Math.max(...performance.getEntriesByType("resource")
        .filter(({name}) => name.includes("/technical/")).map(({duration}) => duration))""")
    assert took > 2000, "200 kB need four seconds of a slow line"
    assert written(world, lot, "bid.submitted") == 1


def test_pages_in_both_languages_are_accessible_and_fit(desk, world, lot, company):
    world.sealed_bid(lot, company)
    bid = company.bids[lot.id].declaration["bid"]
    mine = desk(viewport={"width": 1280, "height": 900})
    mine.sign_in(world.session_token(company.actor))
    page = mine.page
    for path in (f"/desk/lots/{lot.id}/bid", f"/desk/lots/{lot.id}/ask", "/desk/help", "/desk/searches",
                 f"/desk/lots/{lot.id}/security", "/desk/bids", f"/desk/bids/{bid}", "/desk",
                 f"/desk/bids/{bid}/receipt"):
        for root in ("", "/en"):
            mine.go(root + path)
            if path.endswith("/bid"):
                ready(page)
            if path.endswith(bid):
                expect(page.locator("#check")).to_have_attribute("data-done", "1")
            name = f"{path.replace(lot.id, '').replace(bid, 'one').strip('/').replace('/', '-')}{root and '-en'}"
            shot(page, name)
            assert violations(page) == [], root + path
            assert overflow(page, 360) == 0, root + path
            shot(page, f"{name}-360")
            page.set_viewport_size({"width": 1280, "height": 900})
    assert page.said == []
