"""The buyer's pages in a real browser: a draft, its second person, and what comes after."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from people.authentication import COOKIE
from people.signed import verify
from supervision import acts as watch
from tender import acts, bills, files, sheet_writer
from tender.pages.amending import PARTS
from tender.pages.draft import STEPS
from tender.profile import shipped_for
from tender.timetable import BEIJING, earliest_deadline, national_calendar, start_of
from tests.world import World
from tests.worlds.tender import PDF

from .conftest import LONG
from .test_public_pages import overflow, violations

pytestmark = pytest.mark.browser


@pytest.fixture
def world(app, installation):
    """A world of its own: this story moves its time."""
    made = World(app, installation)
    yield made
    made.close()


@pytest.fixture
def sit(world, chromium, site):
    """`sit(actor)`: a page of a browser at which the actor sits, signed in."""
    opened = []

    def seat(actor, *, fresh: bool = True):
        context = chromium.new_context(viewport={"width": 1280, "height": 900}, base_url=site)
        context.set_default_timeout(LONG)
        opened.append(context)
        context.add_cookies([{
            "name": COOKIE, "value": world.session_token(actor, fresh=fresh), "path": "/",
            "domain": "127.0.0.1", "secure": True, "httpOnly": True, "sameSite": "Lax"}])
        page = context.new_page()
        page.said = []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        return page

    yield seat
    for context in opened:
        context.close()


def busy(world):
    """(a draft that lacks something and was reviewed, a tender that runs with all that waits)."""
    draft = world.draft_tender(lots=2, price_ceiling_fen=0)
    world.client(world.clerk).post(f"/tenders/{draft.id}/review")
    running = world.published_tender()
    lot, asker = world.lots(running)[0], world.account("tenderer")
    acts.keep_template(world.clerk, name="道路修复范本", tender_id=running.id)
    acts.ask_question(asker, lot.id, text="K0+300 处雨水管径图纸与清单不一致，以何为准？")
    watch.file_objection(asker, lot.id, argument="资质要求与标段规模不相称。", remedy="请修改。")
    amendment = acts.draft_amendment(
        world.clerk, running.id, why="工期写错，需要更正",
        lots=[{"id": lot.id, "period_days_max": 95}])
    acts.submit_amendment(world.clerk, running.id, amendment.id)
    return draft, running


def addresses(draft, running):
    """Every page of the buyer, but for what a draft's second person sees."""
    one, other = f"/desk/tenders/{draft.id}", f"/desk/tenders/{running.id}"
    return ("/desk", "/desk/tenders", "/desk/tenders/new", "/desk/templates",
            "/desk/agencies", "/desk/plans", "/desk/papers", "/desk/works", "/desk/direct-awards",
            "/desk/direct-awards/new", one, one + "/advance",
            *(f"{other}/amendments/{part.name}" for part in PARTS[1:]),
            *(f"{one}/{step.name}" for step in STEPS), other, *(
                f"{other}/{name}" for name in ("questions", "objections", "amendments", "course",
                                               "invitees", "lots")))


def looked_at(page, address):
    answer = page.goto(address)
    assert answer.status == 200, address
    expect(page.locator("h1")).to_have_count(1)
    assert violations(page) == [], address
    assert overflow(page, 360) == 0, address
    page.set_viewport_size({"width": 1280, "height": 900})
    assert page.said == [], address


def presses(page, name, **more):
    """Press the button and wait for the page that comes of it."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, **more).first.click()


def saves(page, name, **more):
    presses(page, name, **more)
    expect(page.get_by_role("status")).to_contain_text("已保存")


def put(page, **values):
    """Type into fields by their names; `__` stands for a dot."""
    for name, value in values.items():
        page.locator(f'[name="{name.replace("__", ".")}"]').first.fill(value)


def begun(clerk):
    """A draft made from nothing; its address."""
    clerk.goto("/desk/tenders/new")
    blank = clerk.locator("section", has=clerk.locator("#h-blank"))
    for label, value in (("项目名称", "孝顺镇道路修复工程"), ("行政区划代码", "330703"),
                         ("标段名称", "孝顺段"), ("估算价", "3,985,000")):
        blank.get_by_label(label).fill(value)
    with clerk.expect_navigation():
        blank.get_by_role("button", name="建立草稿").click()
    expect(clerk.locator("h1")).to_contain_text("孝顺镇道路修复工程")
    return urlsplit(clerk.url).path


def written(world, clerk, path):
    """The draft's other steps, each by its page."""
    clerk.goto(path + "/project")
    put(clerk, **{"funding:blank": "镇财政", "description:blank": "修复道路三公里。"})
    saves(clerk, "保存", exact=True)
    put(clerk, approval_body="区发改局", funding__0__source="镇财政", funding__0__share="100")
    saves(clerk, "保存登记")
    clerk.goto(path + "/criteria")
    for n, (code, title, most) in enumerate((("plan", "施工组织设计", "25"), ("team", "项目班子", "15"))):
        put(clerk, **{f"lots__0__criteria__factors__{n}__{key}": value for key, value in (
            ("code", code), ("title", title), ("max", most), ("min", "0"), ("step", "0.5"))})
    put(clerk, lots__0__price_method__full_score="60")
    saves(clerk, "保存评分")
    clerk.goto(path + "/timetable")
    soon = earliest_deadline(shipped_for("below", world.now.date()), world.now + timedelta(hours=1),
                             comprehensive=True, calendar=national_calendar())
    at = max(soon, start_of(soon.astimezone(BEIJING).date()) + timedelta(hours=17))
    put(clerk, **{"lots__0__deadline:when": f"{at.astimezone(BEIJING):%Y-%m-%dT%H:%M}"})
    saves(clerk, "保存时间")
    expect(clerk.locator("main")).to_contain_text("可不顺延的最后澄清时间")
    clerk.goto(path + "/documents")
    clerk.locator("#doc-file").set_input_files(
        {"name": "招标文件.pdf", "mimeType": "application/pdf", "buffer": PDF})
    saves(clerk, "上传", exact=True)
    expect(clerk.get_by_role("link", name="招标文件.pdf")).to_be_visible()
    clerk.goto(path + "/award")
    put(clerk, **{"lots__0__guarantee__amount_fen:yuan": "76000"})
    saves(clerk, "保存", exact=True)


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_buyer_s_pages_are_accessible_in_both_languages(world, sit):
    draft, running = busy(world)
    clerk = sit(world.clerk)
    for address in addresses(draft, running):
        for root in ("", "/en"):
            looked_at(clerk, root + address)


@pytest.fixture
def signable(app, built, tmp_path, monkeypatch):
    """The site with the module by which a browser signs, where the product serves it."""
    folder = tmp_path / "static"
    folder.mkdir()
    (folder / "vendor").symlink_to(built)
    (folder / "portal").symlink_to(Path(app.static_folder) / "portal")
    monkeypatch.setattr(app, "static_folder", str(folder))


def a_key_of_ones_own(page, code, path):
    """Make a key, read its backup back, register it: all on the page of keys. `code()` is asked for
    when it is typed: it is good for a minute."""
    page.goto("/desk/account/keys")
    with page.expect_download() as saving:
        page.get_by_role("button", name="生成密钥并保存备份").click()
    saving.value.save_as(path)
    page.get_by_label("读入备份").set_input_files(path)
    page.get_by_label("登记这把密钥").fill(code())
    with page.expect_navigation():
        page.get_by_role("button", name="登记这把密钥").click()
    expect(page.locator("main")).to_contain_text("密钥已登记")
    looked_at(page, "/desk/account/keys")


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_tender_from_an_empty_page_to_its_publication(world, sit, signable, tmp_path):
    """All by pages, but for the opening keys, which are test_hall_pages.py's."""
    world.buyer_unit()
    clerk, other = sit(world.clerk), sit(world.chief)
    path = begun(clerk)
    draft = world.tender(path.rpartition("/")[2])

    # Two write at once: the second is told, sees both, and decides.
    clerk.goto(path + "/lots")
    other.goto(path + "/lots")
    other.get_by_label("质量要求").first.fill("优良")
    saves(other, "保存标段")
    clerk.get_by_label("质量要求").first.fill("合格率百分之百")
    clerk.get_by_label("最高投标限价").first.fill("3980000")
    clerk.get_by_label("最长工期").first.fill("90")
    presses(clerk, "保存标段")
    expect(clerk.get_by_role("alert")).to_contain_text("已被他人修改")
    expect(clerk.locator("ins", has_text="优良")).to_be_visible()
    expect(clerk.get_by_label("质量要求").first).to_have_value("合格率百分之百")
    saves(clerk, "保存标段")

    # A bill with a wrong cell keeps nothing and names the cell.
    wrong, right = (sheet_writer.write(bills.SHEET, bills.COLUMNS, [["040101001", "土方", "m3", much]])
                    for much in ("很多", "12.5"))
    for data in (wrong, right):
        clerk.locator("#bill-file").set_input_files(
            {"name": "清单.xlsx", "mimeType": files.XLSX, "buffer": data})
        presses(clerk, "上传清单")
        if data is wrong:
            expect(clerk.get_by_role("rowheader", name="工程量清单!D2")).to_be_visible()
    expect(clerk.locator("main")).to_contain_text("已有 1 行")
    written(world, clerk, path)
    clerk.goto(path + "/review")
    presses(clerk, "开始审查")
    expect(clerk.locator("main")).to_contain_text("与现在的内容一致")

    # Submitted by one, approved by another, who shows once more that it is them.
    world.before_publishing(draft)
    clerk.goto(path + "/approval")
    presses(clerk, "提交审核")
    expect(clerk.locator("main")).to_contain_text("您是提交人")
    _, _, secret = world.password(world.chief)
    world.advance(seconds=31)  # the code it was enrolled with counts once
    chief = sit(world.chief, fresh=False)
    a_key_of_ones_own(chief, lambda: world.code(secret), tmp_path / "signing.key")
    world.advance(minutes=6)
    chief.goto(path + "/approval")
    expect(chief.get_by_label("用本人密钥签名")).to_be_visible()
    looked_at(chief, path + "/approval")
    expect(chief.get_by_label("用本人密钥签名")).not_to_have_value("")
    presses(chief, "我已核对全文，批准并发布")
    expect(chief.get_by_label("用本人密钥签名")).not_to_have_value("")
    chief.get_by_label("动态口令").fill(world.code(secret))
    presses(chief, "我已核对全文，批准并发布")
    expect(chief.locator("h1")).to_contain_text("孝顺镇道路修复工程")
    expect(chief.locator(".stage-bidding").first).to_be_visible()
    told = world.client().get(f"/tenders/{draft.id}/notices").json["items"][0]["id"]
    (signed,) = world.client().get(f"/notices/{told}").json["signatures"]
    assert signed["role"] == "approve" and verify(
        signed["statement"], signed["key"], signed["signature"])
    chief.goto(f"/notices/{told}")
    expect(chief.locator("main")).to_contain_text(signed["fingerprint"][:16])
    chief.said.clear()  # that the code was asked for
    looked_at(chief, "/en" + path)
