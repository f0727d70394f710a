"""The buyer's pages in a real browser: a draft, its second person, and what comes after."""

import pytest
from playwright.sync_api import expect

from people.authentication import COOKIE
from supervision import acts as watch
from tender import acts, bills, files, sheet_writer
from tender.pages.draft import STEPS
from tests.world import World

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
            "/desk/agencies", "/desk/plans", one,
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


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_buyer_at_the_desk(world, sit):
    draft, running = busy(world)
    clerk, path = sit(world.clerk), f"/desk/tenders/{draft.id}"
    for address in addresses(draft, running):
        for root in ("", "/en"):
            looked_at(clerk, root + address)

    # Two write at once: the second is told, sees both, and decides.
    other = sit(world.chief)
    clerk.goto(path + "/lots")
    other.goto(path + "/lots")
    other.get_by_label("质量要求").first.fill("优良")
    other.get_by_role("button", name="保存标段").click()
    expect(other.get_by_role("status")).to_contain_text("已保存")
    clerk.get_by_label("质量要求").first.fill("合格率百分之百")
    clerk.get_by_label("最高投标限价").first.fill("1990000")
    clerk.get_by_role("button", name="保存标段").click()
    expect(clerk.get_by_role("alert")).to_contain_text("已被他人修改")
    expect(clerk.locator("ins", has_text="优良")).to_be_visible()
    expect(clerk.get_by_label("质量要求").first).to_have_value("合格率百分之百")
    clerk.get_by_role("button", name="保存标段").click()
    expect(clerk.get_by_role("status")).to_contain_text("已保存")

    # A bill with a wrong cell keeps nothing and names the cell.
    wrong, right = (sheet_writer.write(bills.SHEET, bills.COLUMNS, [["040101001", "土方", "m3", much]])
                    for much in ("很多", "12.5"))
    for data in (wrong, right):
        clerk.locator("#bill-file").set_input_files(
            {"name": "清单.xlsx", "mimeType": files.XLSX, "buffer": data})
        clerk.get_by_role("button", name="上传清单").click()
        if data is wrong:
            expect(clerk.get_by_role("rowheader", name="工程量清单!D2")).to_be_visible()
    expect(clerk.locator("main")).to_contain_text("已有 1 行")
    clerk.goto(path + "/lots?lot=2")
    clerk.get_by_label("最高投标限价").first.fill("1990000")
    clerk.get_by_role("button", name="保存标段").click()
    expect(clerk.get_by_role("status")).to_contain_text("已保存")
    clerk.goto(path + "/review")
    clerk.get_by_role("button", name="重新审查").click()
    expect(clerk.locator("main")).to_contain_text("与现在的内容一致")

    # Submitted by one, approved by another, who shows once more that it is them.
    world.before_publishing(draft)
    clerk.goto(path + "/approval")
    clerk.get_by_role("button", name="提交审核").click()
    expect(clerk.locator("main")).to_contain_text("您是提交人")
    _, _, secret = world.password(world.chief)
    world.advance(seconds=31)  # the code it was enrolled with counts once
    chief = sit(world.chief, fresh=False)
    looked_at(chief, path + "/approval")
    chief.get_by_role("button", name="我已核对全文，批准并发布").click()
    chief.get_by_label("动态口令").fill(world.code(secret))
    chief.get_by_role("button", name="我已核对全文，批准并发布").click()
    expect(chief.locator("h1")).to_contain_text("道路修复工程")
    expect(chief.locator(".stage-bidding").first).to_be_visible()
    chief.said.clear()  # that the code was asked for
    looked_at(chief, "/en" + path)
