"""The public pages in a real browser: Chinese, quiet, accessible, at every width."""

import re
import time
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from evaluation.services import objecting
from supervision import acts as watch
from tender import acts as tenders
from tender.acts import publishing
from tender.timetable import beijing_day
from tests.evaluation.test_services import Market
from tests.permissions.watch import WORK
from tests.world import World

pytestmark = pytest.mark.browser

BROAD = 3840


@pytest.fixture(autouse=True)
def no_officials(monkeypatch):
    """Publish without officials and their keys: what is looked at here is not the sealing."""
    monkeypatch.setattr(World, "before_publishing", lambda world, tender: None)
    monkeypatch.setattr(publishing, "publish_hooks", [])
    monkeypatch.setattr(publishing, "finding_hooks", [])


@pytest.fixture
def world(app, installation):
    """A world of its own: these tests move its time as the folder's shared one must not be."""
    made = World(app, installation)
    yield made
    made.close()


@pytest.fixture
def tender(world):
    """An opened lot and one that takes bids, with a question and a long word in it."""
    made = world.published_tender(2)
    first, second = world.lots(made)
    question = tenders.ask_question(world.account("tenderer"), second.id, text="图纸" * 200)
    tenders.answer_question(world.clerk, second.id, question.id, text="Donaudampfschiff" * 20)
    world.opened_rows(first, verdicts={"乙": ("unopened", "technical: shares_missing")})
    world.force_phase(first.id, "OPENED")
    world.tick(record=True)
    return made


@pytest.fixture
def watched(world, tender):
    """The pages of services and village works, with an objected result and an open finding."""
    place = Market(world)
    service = place.settled(place.publish())
    made = objecting.object_to_result(place.agencies[0], service.id, argument="资质不符",
                                      remedy="重审")
    objecting.answer_objection(world.chief, made.id, outcome="rejected", text="经核对相符。")
    work = watch.enter_work(world.clerk, name="水渠改造", **WORK)
    watch.open_finding(place.supervisors[0], work_id=work.id, kind="funds", text="凭证缺失",
                       due=beijing_day(world.now) + timedelta(days=3))
    return "/services", f"/services/{service.id}", "/works?year=2026&region=3307"


def violations(page):
    """What axe finds wrong, each with the elements it is wrong about."""
    from axe_playwright_python.base import AXE_SCRIPT

    page.evaluate(f"globalThis.axe ? 0 : (() => {{ {AXE_SCRIPT} }})()")
    return page.evaluate("""async () => {
        const {violations} = await axe.run({resultTypes: ['violations'], preload: false});
        return violations.map(({id, nodes}) => [id, nodes.slice(0, 3).map(({html}) => html)]);
    }""")


def overflow(page, width=None):
    """By how many pixels the page is wider than the window, once this is `width` wide."""
    if width:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function("width => window.innerWidth === width", arg=width)
    return page.evaluate("document.documentElement.scrollWidth"
                         " - document.documentElement.clientWidth")


def told_of_the_policy(page, what, seconds=120):
    """Wait until the console says that the policy stopped something."""
    end = time.monotonic() + seconds
    while not any(word in words for words in page.said
                  for word in ("Content Security Policy", "TrustedScript")):
        assert time.monotonic() < end, (what, page.said)
        page.wait_for_timeout(20)


@pytest.mark.parametrize("database", ["sqlite"])
def test_pages_are_quiet_accessible_and_fit(visit, tender, watched):
    for path in ("/", f"/tenders/{tender.id}", "/record", "/api", *watched):
        page = visit(path)
        assert page.answer.status == 200
        for colours, width in (("light", 1280), ("dark", 360)):
            page.emulate_media(color_scheme=colours)
            assert overflow(page, width) == 0, (path, width)
            assert violations(page) == [], (path, colours)
        assert page.said == [], f"{path}: console, or a request to elsewhere"


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_tender_page_reads_in_chinese(visit, tender):
    page = visit(f"/tenders/{tender.id}")
    text = page.inner_text("main")
    for words in ("标段 1", "开标记录", "甲建设有限公司", "¥3,851,200.00", "北京时间",
                  "叁佰捌拾伍万壹仟贰佰元整", "未能开启", "解密时间结束时密钥份额不足"):
        assert words in text, words
    assert "Opening record" not in text
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    # A face with these characters draws them wider than nothing and unlike the missing glyph.
    drawn = page.evaluate("""() => {
        const pen = document.createElement('canvas').getContext('2d');
        pen.font = '40px ' + getComputedStyle(document.body).fontFamily;
        const ink = sign => {
            pen.clearRect(0, 0, 60, 60); pen.fillText(sign, 0, 50);
            return Array.from(pen.getImageData(0, 0, 60, 60).data).join();
        };
        return new Set(['阳', '光', '标', '\\uFFFF'].map(ink)).size;
    }""")
    assert drawn == 4, "no Chinese face is installed"


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_style_applies_and_the_policy_stops_scripts(visit, tender):
    page = visit("/")
    assert page.evaluate("getComputedStyle(document.querySelector('.top')).display") == "flex"
    page.said.clear()
    page.evaluate("""() => {
        const script = document.createElement('script');
        script.append(document.createTextNode('window.ran = true'));
        document.body.append(script);
    }""")
    assert page.evaluate("window.ran") is None
    told_of_the_policy(page, "a script in the page")
    for sink in ("document.body.innerHTML = '<p>'", "document.body.setAttribute('onclick', 'x()')",
                 "trustedTypes.createPolicy('another', {})"):
        assert page.evaluate(f"""() => {{ try {{ {sink}; }} catch (error) {{ return error.name; }} }}
                             """) == "TypeError", sink


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_wide_screen_and_paper_hold_the_page(visit, tender):
    page = visit(f"/tenders/{tender.id}", width=BROAD)
    assert overflow(page) == 0
    assert float(page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")) >= 20
    page.emulate_media(media="print")
    assert not page.is_visible("nav") and page.is_visible("h1")


@pytest.mark.parametrize("database", ["sqlite"])
def test_everything_can_be_reached_by_keyboard(visit, tender):
    page = visit("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('href')") == f"/tenders/{tender.id}":
            break
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/tenders/{tender.id}")


@pytest.mark.parametrize("database", ["sqlite"])
def test_an_error_reads_in_both_languages(visit, tender):
    for path, says, others in (("/nowhere", "怎么办", "What to do"),
                               ("/en/nowhere", "What to do", "怎么办")):
        page = visit(path)
        assert page.answer.status == 404
        text = page.inner_text("main")
        assert says in text and others not in text
        assert violations(page) == [] and overflow(page) == 0


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_reader_s_own_browser_verifies_the_record(visit, world, tender):
    """The true record passes in both languages; each file forged on the way is found, by name."""
    shown = world.raw("SELECT position FROM leaf JOIN disclosure USING (position) "
                      "WHERE disclosure.disclose = 'public' ORDER BY position")
    index, hidden = shown[0][0], next(n for n in range(99) if (n,) not in set(map(tuple, shown)))
    page = visit(f"/record/entries/{index}")
    verdict = page.locator("[data-result]")

    def verify(says):
        page.get_by_role("button", name="核对这一条").click()
        expect(verdict).to_have_class(re.compile("good|bad"))
        expect(verdict).to_contain_text(says)

    verify("核对通过")
    expect(page.locator(".checks .good")).to_have_count(4)
    expect(page.locator(".checks .wait")).to_have_text(re.compile("第一次见到这个公钥"))
    verify("核对通过")
    expect(page.locator(".checks .good")).to_have_count(6)
    assert violations(page) == [] and page.said == []

    def forged(path, change):
        def answer(route):
            true = route.fetch()
            route.fulfill(response=true, body=change(true.body()))
        page.route(f"**/api/v1/record/{path}", answer)

    def flip(body):
        return bytes([body[0] ^ 1]) + body[1:]

    for path, change, says in (
            ("tile/0/**", flip, "算"),
            ("tile/entries/**", lambda body: body.replace(b'"t":"20', b'"t":"19'), "算出的根"),
            ("checkpoint", lambda body: body.replace(b"\n", b"\n1", 1), "签名是错的"),
            ("disclosed/**", lambda body: body.replace(b'"law":"', b'"law":"x'), "不是这个条目所承诺"),
            ("log.vkey", lambda body: body.replace(b"+", b"0+", 1), "公钥"),
            ("tile/0/**", lambda body: body[:32], "不完整")):
        forged(path, change)
        verify(says)
        expect(verdict).to_have_class(re.compile("bad"))
        page.unroute_all(behavior="wait")  # what the verification did not wait for
    page.evaluate("document.getElementById('shown-record').append('!')")
    verify("本页显示的内容和存证里的不同")
    # An older checkpoint whose tree is another is found, although the present one is whole.
    page.evaluate("""() => {
        const name = Object.keys(localStorage)[0];
        const kept = JSON.parse(localStorage[name]);
        kept.vkey = kept.vkey.replace(/.$/, sign => sign === 'A' ? 'B' : 'A');
        localStorage[name] = JSON.stringify(kept);
    }""")
    verify("和本浏览器以前见到的不同")

    page = visit(f"/en/record/entries/{hidden}", another=True)
    page.get_by_role("button", name="Verify this entry").click()
    expect(page.locator("[data-result]")).to_have_text(re.compile("^Verified"))
    expect(page.locator(".checks")).to_contain_text("not disclosed")
    old = (world.settings.record / "checkpoint").read_text("utf-8")
    world.advance(minutes=1)
    world.published_tender()
    world.tick(record=True)
    page.goto(page.url.partition("/record/")[0] + "/record/compare")
    expect(page.get_by_label("The earlier")).to_have_value(old)
    page.get_by_role("button", name="Compare").click()
    expect(page.locator("[data-result]")).to_have_text(re.compile("^Verified"))
    expect(page.locator(".checks")).to_contain_text("only adds")
    new = (world.settings.record / "checkpoint").read_text("utf-8")
    page.get_by_label("The earlier").fill(new)
    page.get_by_label("The later").fill(old)
    page.get_by_role("button", name="Compare").click()
    expect(page.locator("[data-result]")).to_have_text(re.compile("exchange them"))
    assert violations(page) == [] and page.said == []
