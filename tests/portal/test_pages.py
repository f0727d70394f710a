"""The pages show what the API shows to anybody, change nothing, and carry their headers."""

import json
import re
import subprocess
from html import unescape

import pytest

from audit.__main__ import main as audit_main
from audit.actor import CLOCK
from audit.watch import Doubt
from bidding import acts as bidding
from kernel.canonical import time_text
from kernel.db import Base
from people import permissions
from people.edge import ROUTES
from people.pagebook import PAGES, SCRIPTS
from portal import show
from portal.headers import ALWAYS
from tender import acts as tenders
from tender.deadlines import doubt_time
from tender.lifecycle import PHASES
from tests.served import running

pytestmark = pytest.mark.usefixtures("no_officials")

HTML = {"Accept": "text/html,application/xhtml+xml"}


def lot_of(world, tender, number=1):
    return world.lots(tender)[number - 1]


READ = ("/", "/tenders", "/tenders/{tender}", "/services", "/direct-awards", "/works", "/calendar",
        "/record", "/record/entries", "/record/entries/0", "/record/compare", "/api", "/reference/tender",
        "/components")
"""The pages for everybody; each stands below `/en` too."""


def get(world, path, status=200):
    answer = world.client().get(f"/{path}", headers=HTML)
    assert answer.status_code == status, answer.get_data(as_text=True)[:500]
    assert answer.mimetype == "text/html"
    return answer.get_data(as_text=True)


def test_the_list_shows_published_tenders_and_no_drafts(world):
    draft = world.draft_tender()
    tender = world.published_tender(2)
    assert tender.id not in get(world, "/tenders"), "found before it is indexed"
    world.tick()
    page = get(world, "/tenders")
    assert f"/tenders/{tender.id}" in page and draft.id not in page
    assert "投标中" in page and "北京时间" in page and "浙江" in page
    assert show.beijing(lot_of(world, tender).deadline) in page
    page = get(world, "/")
    assert page.count(f'href="/tenders/{tender.id}"') == 2 and draft.id not in page
    assert show.beijing(lot_of(world, tender).deadline) in page
    assert re.search(r'class="figure">(\d+)<', page)[1] == "2"


def test_the_search_page_takes_people_s_words_and_keeps_what_was_typed(world, monkeypatch):
    monkeypatch.setattr("portal.browse.PER_PAGE", 1)
    tenders_ = [world.published_tender().id, world.published_tender().id]
    world.tick()
    lot = world.lots(world.tender(tenders_[0]))[0]
    day = show.beijing(lot.deadline)[:10]
    ceiling = lot.price_ceiling_fen // 100
    for query, found in (
            ("", True), ("q=道路修复&province=33&state=open", True), ("category=works", True),
            (f"value_from={ceiling:,}&value_to={ceiling}", True), (f"value_to={ceiling - 1}", False),
            (f"value_from={ceiling + 1}", False), ("state=awarded", False), ("region=3301", False),
            (f"deadline_from={day}&deadline_to={day}", True), ("q=nothing-like-it", False)):
        page = get(world, f"/tenders?{query}")
        assert (f"/tenders/{tenders_[1]}" in page) == found, query
        assert ("没有符合条件" in page) != found, query
    page = get(world, "/en/tenders?q=道路修复")
    further = unescape(re.search(r'href="(/en/tenders\?[^"]*cursor=[^"]*)"', page)[1])
    assert f"/tenders/{tenders_[0]}" in get(world, further)
    assert "<mark>" not in page and "<mark>" in get(world, "/tenders?q=buyer")
    for wrong in ("value_from=many", "deadline_to=2026-13-01", "region=浙江", "category=x",
                  "q=-only", "cursor=x", "deadline_from=0001-01-01", "deadline_to=9999-12-31",
                  "value_to=99999999999999999999", "regime=x", "q=%00", "state=x&province=x"):
        page = get(world, f"/en/tenders?{wrong}")
        assert 'role="alert"' in page and "</html>" in page, wrong


def test_the_calendar_has_each_deadline_on_its_beijing_day(world):
    tender = world.published_tender(2)
    world.tick()
    lot = lot_of(world, tender)
    said = show.beijing(lot.deadline)
    page = get(world, f"/calendar?month={said[:7]}&region=33")
    assert page.count(f'href="/tenders/{tender.id}"') == 2
    day = re.search(rf'</span>{said[8:10]}</p>\s*<ul>(.*?)</ul>', page, re.DOTALL)[1]
    assert said[11:16] in day and f"/api/v1/lots/{lot.id}/calendar" in day
    assert tender.id not in get(world, f"/calendar?month={said[:7]}&region=11")
    for odd in ("month=0000-00", "month=9999-99", "region=x'", "month=1999-12", "month=2199-12"):
        assert "</table>" in get(world, f"/en/calendar?{odd}")


def test_the_list_can_be_searched_and_turned(world, monkeypatch):
    from portal import public
    from portal.public import published

    monkeypatch.setattr(public, "PER_PAGE", 2)
    made = []
    for _ in range(5):
        world.advance(minutes=1)
        made.append(world.published_tender().id)
    seen, after = [], ""
    while after is not None:
        found, after = published(world.session, world.now, after=after)
        seen += [one.tender.id for one in found]
    assert seen == made[::-1]
    assert not published(world.session, world.now, text="道路修复")[0], "found before it is indexed"
    two = world.published_tender(2).id
    world.tick()
    for asked in ({"text": "道路修复"}, {"region": "3307"}, {"text": "修复工程", "region": "33"}):
        seen, after = [], ""
        while after is not None:
            found, after = published(world.session, world.now, after=after, **asked)
            seen += [one.tender.id for one in found]
        assert seen == [two, *made[::-1]], asked
    code = world.tender(two).code
    assert [one.tender.id for one in published(world.session, world.now, text=code)[0]] == [two]
    assert not published(world.session, world.now, text="%")[0], "a percent sign is a letter"
    assert published(world.session, world.now, region="3307")[0]
    for nowhere in ("11", "3", "33'", "浙江"):
        assert not published(world.session, world.now, region=nowhere)[0]
    assert not published(world.session, world.now, text="镇府修路")[0], "not these neighbours"


def test_a_draft_and_nonsense_are_not_found_and_look_the_same(world):
    draft = world.draft_tender()
    one = get(world, f"/tenders/{draft.id}", 404)
    other = get(world, f"/tenders/{'0' * 32}", 404)
    assert one.replace(draft.id, "") == other.replace("0" * 32, "")
    assert "怎么办" in one and "What to do" not in one
    english = get(world, f"/en/tenders/{draft.id}", 404)
    assert "What to do" in english and "怎么办" not in english
    get(world, "/tenders/nonsense", 404)
    get(world, "/nowhere", 404)


def test_a_client_that_wants_json_gets_the_problem(world):
    answer = world.client().get("//nowhere", headers={"Accept": "application/json"})
    assert answer.status_code == 404 and answer.mimetype == "application/problem+json"
    answer = world.client().get(f"/tenders/{'0' * 32}", headers=HTML)
    assert answer.mimetype == "application/problem+json", "the API never answers with a page"


def test_the_tender_page_says_all_that_is_published(world):
    tender = world.published_tender(2)
    lot = lot_of(world, tender)
    asker = world.party("tenderer", name="好问建设有限公司")
    question = tenders.ask_question(world.account("tenderer", party=asker), lot.id,
                                    text="<b>几米</b>？")
    page = get(world, f"/tenders/{tender.id}")
    assert "几米" not in page
    tenders.answer_question(world.clerk, lot.id, question.id, text="三米 & 半")
    page = get(world, f"/tenders/{tender.id}")
    assert "&lt;b&gt;几米&lt;/b&gt;？" in page and "三米 &amp; 半" in page and "好问" not in page
    for text in (tender.ocid, tender.code, lot.id, lot.section_code, "¥1,990,000.00",
                 "壹佰玖拾玖万元整", "招标文件.pdf", "SHA-256", "提出疑问"):
        assert text in page, text
    assert "ask a question" not in page
    english = get(world, f"/en/tenders/{tender.id}")
    assert "ask a question" in english and "提出疑问" not in english


def test_the_deadline_shown_is_the_one_enforced(world):
    tender = world.published_tender()
    lot = lot_of(world, tender)
    page = get(world, f"/tenders/{tender.id}")
    shown = re.search(r"投标截止.*?<time datetime=\"([^\"]+)\"", page, re.DOTALL).group(1)
    assert shown == show.iso(lot.deadline)
    from datetime import datetime, timedelta

    moment = datetime.fromisoformat(shown)
    world.freeze(moment - timedelta(milliseconds=1))
    assert "投标中" in get(world, f"/tenders/{tender.id}")
    world.freeze(moment)
    page = get(world, f"/tenders/{tender.id}")
    assert "已截止" in page and "投标中" not in page


def test_the_bidding_documents_can_be_downloaded_from_the_page(world):
    tender = world.published_tender()
    page = get(world, f"/tenders/{tender.id}")
    link = re.search(r'href="([^"]+/content)"', page).group(1)
    answer = world.client().get(link)
    assert answer.status_code == 200 and answer.data.startswith(b"%PDF")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("phase", [phase for phase in PHASES if phase.name not in (
    "DRAFT", "ARCHIVED")], ids=lambda phase: phase.name)
def test_a_page_shows_no_more_than_the_api_does(world, phase):
    """Bids are there from the beginning, as in a leaking database; the page keeps still."""
    tender = world.published_tender()
    lot = lot_of(world, tender)
    world.opened_rows(lot)
    if phase.name != "BIDDING":
        world.force_phase(lot.id, phase.name)
    page = get(world, f"/tenders/{tender.id}")
    said = permissions.decide("opening_record.view", {"anonymous"}, phase.name)
    allowed = said is permissions.Answer.ALLOWED
    for secret in ("甲建设有限公司", "¥3,851,200.00", "甲某某"):
        assert (secret in page) == allowed, f"{secret} in {phase.name}"
    assert ("甲建设有限公司" in get(world, "/")) is False


def test_results_appear_with_their_phase(world):
    tender = world.published_tender()
    lot = lot_of(world, tender)
    world.opened_rows(lot)
    world.force_phase(lot.id, "OPENED")
    panel = world.scored(lot)
    names = {row[0] for row in world.raw(
        "SELECT name FROM person WHERE id IN (SELECT person_id FROM panel_seat)")}
    page = get(world, f"/en/tenders/{tender.id}")
    assert len(panel) == len(names) == 5
    assert "Candidates, in no order" not in page and not any(name in page for name in names)
    from evaluation import acts

    acts.publish_candidates(world.clerk, lot.id)
    assert "公示期至" in get(world, f"/tenders/{tender.id}")
    page = get(world, f"/en/tenders/{tender.id}")
    assert "Candidates, in no order" in page
    assert "Winner" not in page
    size = lot.award_method["committee_size"]
    committee = [world.account("awarder", party=world.buyer_unit()) for _ in range(size)]
    acts.form_committee(world.clerk, lot.id, members=[one.account_id for one in committee])
    world.advance(to=lot_of(world, tender).publicity_ends)
    world.vote(lot, committee)
    award = acts.confirm_award(world.chief, lot.id)
    page = get(world, f"/en/tenders/{tender.id}")
    assert "Winner" in page and show.money(award.price_fen) in page
    assert show.capital(award.price_fen) in page
    assert all(name in page for name in names)
    assert "Last day to sign the contract" in page


def test_candidates_of_an_ended_tender_are_shown_as_the_table_says(world):
    """TERMINATED allows the result and not the opening record; neither may break the page."""
    tender = world.published_tender()
    lot = lot_of(world, tender)
    world.opened_rows(lot)
    world.force_phase(lot.id, "OPENED")
    world.awarding(lot)
    world.raw("INSERT INTO lot_outcome (id, lot_id, outcome, at) VALUES (:id, :lot, 'terminated',"
              " :at)", id="f" * 32, lot=lot.id, at=time_text(world.now))
    page = get(world, f"/en/tenders/{tender.id}")
    assert "Terminated" in page and "Candidates, in no order" in page
    assert "Opening record" not in page
    page = get(world, f"/tenders/{tender.id}")
    assert "已终止" in page and "候选人公示" in page and "开标记录</h3>" not in page
    answer = world.client().get(f"/tenders/{tender.id}/ocds").get_json()
    assert [one["tag"] for one in answer["releases"]][-1] == ["tenderCancellation"]
    assert "bids" not in {key for one in answer["releases"] for key in one}


def test_looking_changes_nothing(world):
    tender = world.published_tender()
    lot = lot_of(world, tender)
    world.tick(record=True)
    world.advance(to=lot.deadline)
    before = _count_and_content(world)
    for path in READ:
        get(world, path.format(tender=tender.id))
        get(world, "/en" + path.format(tender=tender.id))
    world.client().get(f"/tenders/{tender.id}/ocds")
    assert _count_and_content(world) == before, "a page view closed or wrote something"
    assert "已截止" in get(world, f"/tenders/{tender.id}")


def _count_and_content(world):
    found = {}
    for name in sorted(Base.metadata.tables):
        with world._raw.connect() as connection:
            rows = connection.exec_driver_sql(f'SELECT * FROM "{name}"').all()
        found[name] = sorted(map(repr, rows))
    return found


def test_headers_stand_on_every_answer(world):
    tender = world.published_tender()
    client = world.client()
    for path in ("//", f"//tenders/{tender.id}", "//record", "//api", "//nowhere", "/time",
                 "/nowhere", "//static/portal/yangguang.css", f"/tenders/{tender.id}",
                 "/record/checkpoint", "/session"):
        answer = client.get(path, headers=HTML)
        for name, value in ALWAYS.items():
            if name == "Cross-Origin-Resource-Policy" and "/record/" in path:
                assert answer.headers[name] == "cross-origin"
            elif name == "Content-Security-Policy" and answer.mimetype == "text/html":
                assert answer.headers[name] == SCRIPTS, path
            else:
                assert answer.headers[name] == value, f"{path} {name}"
        assert "Set-Cookie" not in answer.headers, path
        assert "Cache-Control" in answer.headers
    answer = client.post("//", headers=HTML)
    assert answer.status_code == 405 and answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Allow"]
    for policy in (ALWAYS["Content-Security-Policy"], SCRIPTS):
        assert "unsafe" not in policy and "data:" not in policy and "http" not in policy
        for name in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"):
            assert name in policy
    assert "require-trusted-types-for 'script'" in SCRIPTS


def test_headers_stand_on_our_own_mistakes(world, monkeypatch):
    from portal import browse

    def broken(*_args, **_kwargs):
        raise ZeroDivisionError("secret words")

    monkeypatch.setattr(browse, "home", broken)
    world.app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = world.client().get("//", headers=HTML)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 500 and "secret words" not in text and "Traceback" not in text
    assert "内部错误" in text
    for name, value in ALWAYS.items():
        assert answer.headers[name] == (
            SCRIPTS if name == "Content-Security-Policy" else value), name


LANGUAGES = (("", "zh-CN"), ("/en", "en"))


@pytest.mark.parametrize("database", ["sqlite"])  # templates know of none
@pytest.mark.parametrize(("root", "tag"), LANGUAGES)
def test_pages_carry_our_own_modules_and_nothing_from_elsewhere(world, root, tag):
    tender = world.published_tender()
    world.tick(record=True)
    for path in (*READ, "/nowhere"):
        page = get(world, root + path.format(tender=tender.id), 404 if path == "/nowhere" else 200)
        assert "style=" not in page and not re.search(r"\son[a-z]+=", page)
        for script in re.findall(r"<script\b.*?</script>", page, re.DOTALL):
            assert re.fullmatch(r'<script type="module" src="/static/[a-z/-]+\.js"></script>',
                                script), script
        for link in re.findall(r'(?:src|href|action)="([^"]*)"', page):
            assert link.startswith(("/", "#")) and not link.startswith("//"), link
        assert f'<html lang="{tag}">' in page and page.count("<h1") == 1


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize(("root", "tag"), LANGUAGES)
def test_every_link_of_a_page_leads_somewhere_in_its_language(world, root, tag):
    tender = world.published_tender(2)
    world.tick(record=True)
    client, seen = world.client(), set()
    for path in READ:
        page = get(world, root + path.format(tender=tender.id))
        links = set(re.findall(r'<a\b[^>]*href="(/[^"]*)"', page))
        switch = set(re.findall(r'href="([^"]*)" hreflang=', page))
        assert len(switch) == 1
        for link in links - switch:
            plain = link.startswith(("/api/v1/", "/static/"))
            assert plain or link.startswith(root + "/") or link == root, f"{path}: {link}"
            assert plain or root or not link.startswith("/en/"), f"{path}: {link}"
        for link in links - seen:
            answer = client.get("/" + unescape(link), headers=HTML)
            # What only a signed-in person reads leads to the way in, in the same language.
            assert answer.status_code == 200 or (
                answer.status_code == 303 and "/desk" in link
                and answer.location.startswith(root + "/sign-in?next=")), f"{path}: {link}"
        seen |= links
        targets = set(re.findall(r'href="#([^"]+)"', page))
        assert targets <= set(re.findall(r'id="([^"]+)"', page)), path


def test_the_record_page_shows_the_published_checkpoint(world):
    world.published_tender()
    assert "还没有发布检查点" in get(world, "/record")
    world.tick(record=True)
    page = unescape(get(world, "/record"))
    note = (world.settings.record / "checkpoint").read_text("utf-8")
    assert note.strip() in page
    size = note.split("\n")[1]
    assert f"<strong>{size}</strong>" in page
    client = world.client()
    for name in " ".join(re.findall(r"for f in (.*?); do", page)).split():
        answer = client.get(f"/record/{name}")
        assert answer.status_code == 200, name
        if name.startswith("disclosed/"):
            types = [json.loads(line)["r"]["type"] for line in answer.data.splitlines()]
            assert "notice.approved" in types and "account.created" not in types
        else:
            assert answer.data == (world.settings.record / name).read_bytes()
    assert client.get("/record/checkpoint").get_data(as_text=True) == note


def test_the_page_s_own_recipe_verifies_what_it_fetches(world, tmp_path):
    """Whatever is disclosed by then: a bundle without anything has no file."""
    world.draft_tender()
    world.tick(record=True)
    script = "\n".join(re.findall(r"<pre[^>]*>(.*?)</pre>", unescape(get(world, "/record")), re.DOTALL)[:3])
    with running(world.settings, workers="1") as (address, _):
        script = re.sub(r"(?m)^B=.*$", f"B={address}/api/v1/record", script)
        subprocess.run(["sh", "-c", script], cwd=tmp_path, check=True, timeout=120)
    assert audit_main(["verify", str(tmp_path / "record")]) == 0


def test_the_record_s_entries_show_what_is_disclosed_and_no_more(world, monkeypatch):
    for path in ("/record", "/record/entries", "/record/compare"):
        page = get(world, path)
        assert "还没有发布检查点" in page and 'class="empty"' in page and "data-compare" not in page
        assert "there is one within a minute" in get(world, f"/en{path}")
    get(world, "/record/entries/0", 404)
    assert world.client().get("/record/checkpoint").get_json()["code"] == "record.unpublished"
    tender = world.published_tender()
    world.draft_tender()
    world.tick(record=True)
    monkeypatch.setattr("portal.entries.PER_PAGE", 7)
    client = world.client()
    size = int(client.get("/record/checkpoint").get_data(as_text=True).split("\n")[1])
    told = {json.loads(line)["i"]: json.loads(line)["r"] for line in
            client.get("/record/disclosed/000.jsonl").get_data(as_text=True).splitlines()}
    page, seen = get(world, "/record/entries"), []
    while True:
        seen += [int(one) for one in
                 re.findall(r'<th scope="row"><a href="/record/entries/(\d+)"', page)]
        older = re.search(r'rel="next" href="([^"]+)"', page)
        if older is None:
            break
        page = get(world, unescape(older[1]))
    assert seen == list(range(size))[::-1]
    for index in range(size):
        page = unescape(get(world, f"/record/entries/{index}"))
        shown = re.search(r'id="shown-record"[^>]*>(.*?)</pre>', page, re.DOTALL)
        assert (json.loads(shown[1]) if shown else None) == told.get(index), index
        assert ("内容尚未公开" in page) == (index not in told)
    assert any(one["tender"] == tender.id for one in told.values())
    get(world, f"/record/entries/{size}", 404)
    get(world, f"/record/entries/{'9' * 30}", 404)


def test_the_interface_s_page_has_every_operation_with_its_fields(world):
    from portal.reference import BOOKS, operations

    page = get(world, "/en/api")
    shown = {(method, "/api/v1" + unescape(rule)) for method, rule in re.findall(
        r"<td><code>([A-Z]+)</code></td><td><a [^>]*><code>([^<]*)</code>", page)}
    assert shown == {(one.method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", one.rule)) for one in ROUTES}
    assert operations().keys() <= BOOKS.keys()
    for book, all_of in operations().items():
        page = get(world, f"/reference/{book}")
        assert all(page.count(f'id="{one.id}"') == 1 for one in all_of), book
    for path in ("/en/api", "/en/record", "/en/reference/audit"):
        assert "/api/v1" in get(world, path) and "/en/api/v1" not in get(world, path), path
    page = get(world, "/api?q=tus-resumable+post")
    assert "没有这样的操作" in page
    page = get(world, "/en/api?q=questions+POST")
    assert "/lots/{lot_id}/questions" in page and "/record/checkpoint" not in page
    get(world, "/reference/nothing", 404)


def test_a_notice_leads_to_its_entry_of_the_record(world):
    tender = world.published_tender()
    assert "一分钟内可核对" in get(world, f"/tenders/{tender.id}")
    world.tick(record=True)
    page = get(world, f"/en/tenders/{tender.id}")
    found = re.search(r'id="notice-([0-9a-f]{32})".*?href="/en/record/entries/(\d+)"', page, re.DOTALL)
    entry = unescape(get(world, f"/record/entries/{found[2]}"))
    record = json.loads(re.search(r'id="shown-record"[^>]*>(.*?)</pre>', entry, re.DOTALL)[1])
    assert (record["type"], record["subject"]) == ("notice.published", found[1])
    lot = lot_of(world, tender)
    for place in (f"/en/desk/lots/{lot.id}/bid", f"/en/desk/lots/{lot.id}/ask"):
        assert f'href="{place}"' in page
    world.advance(to=lot.deadline)
    page = get(world, f"/tenders/{tender.id}")
    assert f'href="/lots/{lot.id}/hall"' in page and "/desk/lots/" not in page


def test_every_entry_that_a_page_tells_of_has_words():
    from audit.act import CATALOGUE
    from supervision.entry_words import WORDS

    in_a_trail = ("amendment", "bid", "guarantee", "notice", "objection", "question", "score")
    told = {name for name, kind in CATALOGUE.items()
            if kind.disclose in ("public", "opened", "awarded")
            or name.partition(".")[0] in in_a_trail}
    assert told - WORDS.keys() - {"phase.forced"} == set()
    assert WORDS.keys() - {"cover"} <= CATALOGUE.keys()
    for half in (0, 1):
        assert len({said[half] for said in WORDS.values()}) == len(WORDS)


def test_every_page_declares_its_audience(app):
    ours = [rule for rule in app.url_map.iter_rules()
            if rule.endpoint.partition(".")[0].endswith("_pages")]
    assert {(method, rule.rule) for rule in ours for method in rule.methods & {"GET", "POST"}} \
        == {(page.method, page.rule) for page in PAGES}
    for page in PAGES:
        assert page.audience in ("open", "self") or page.action in permissions.ACTIONS
    assert not {page.rule for page in PAGES} & {route.rule for route in ROUTES}
    for rule in ours:
        assert rule.methods <= {"GET", "HEAD", "OPTIONS"} or rule.methods <= {"POST", "OPTIONS"}


def test_a_demonstration_says_so(world):
    assert "演示环境" not in get(world, "/")
    world.raw("UPDATE installation SET kind = 'demo'")
    assert "演示环境" in get(world, "/")


# --- the close -----------------------------------------------------------------------------------
def test_without_witnesses_the_pages_say_what_is_not_proven(world, monkeypatch):
    tender = world.published_tender()
    lot = lot_of(world, tender)
    for path in (f"/tenders/{tender.id}", "/record"):
        assert "不能证明截止后无人增加、去掉或者替换投标" in get(world, path)
        assert "does not prove that" in get(world, "/en" + path)
    monkeypatch.setattr("audit.reading.witnesses_required", lambda: 1)
    monkeypatch.setattr("portal.pages.witnesses_required", lambda: 1)
    monkeypatch.setattr("portal.pages.cosigners", lambda: ["witness.example+12345678+AQ=="])
    world.advance(seconds=1)  # no page is kept longer, whatever it is made of
    page = get(world, f"/tenders/{tender.id}")
    assert "没有运营者以外的见证" not in page and "已截止，未经见证" not in page
    assert "<code>witness.example+12345678+AQ==</code>" in get(world, "/record")
    world.advance(to=lot.deadline)
    bidding.close_if_due(lot.id)
    world.advance(minutes=2)
    page = get(world, f"/tenders/{tender.id}")
    assert "已截止，未经见证" in page
    assert "Closed, unwitnessed" in get(world, f"/en/tenders/{tender.id}")


def test_a_doubt_about_time_is_shown_to_everybody(world):
    tender = world.published_tender()
    lot = lot_of(world, tender)
    assert "时间存疑" not in get(world, f"/tenders/{tender.id}")
    world.advance(to=lot.deadline)
    doubt_time(CLOCK, lot.id, Doubt({"clock": lot.deadline, "monotonic": world.now}))
    page = get(world, f"/tenders/{tender.id}")
    assert "时间存疑" in page
    assert "Time in doubt" in get(world, f"/en/tenders/{tender.id}")
