"""The buyer's pages without scripts: a tender written and published by two persons on them."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest

from supervision import acts as watch
from tender import acts, bills, sheet_writer
from tender.pages.draft import STEPS, step_of
from tender.profile import shipped_for
from tender.timetable import BEIJING, earliest_deadline, national_calendar, start_of
from tests.reader import Reader
from tests.worlds.tender import PDF


@pytest.fixture
def readers(world):
    """(clerk, chief): two persons of one unit, each before a browser."""
    return seated(world)


def seated(world):
    """The two before their browsers, signed in just now."""
    world.buyer_unit()
    return tuple(Reader(world.app, world.session_token(one)) for one in (world.clerk, world.chief))


def named(reader, name):
    """The form of the page that has this name."""
    return next(one for one in reader.forms() if ("_form", name) in one.fields)


def workbook(rows):
    return (io.BytesIO(sheet_writer.write(bills.SHEET, bills.COLUMNS, rows)), "清单.xlsx")


def test_two_persons_write_and_publish_a_tender_through_pages_alone(world, readers):
    clerk, chief = readers
    clerk.get("/desk/tenders/new")
    clerk.send(clerk.forms()[-1], title="孝顺镇道路修复", region="330703", lots__0__title="孝顺段",
               lots__0__estimate_fen="3,985,000.00")
    assert clerk.status == 200 and "还差" in clerk.text and "下一步：标段" in clerk.text
    place = clerk.address.partition("?")[0]
    tender_id = place.rpartition("/")[2]

    clerk.get(place + "/project")
    clerk.send(named(clerk, f"PATCH /tenders/{tender_id}"), funding="镇财政", description="修复道路")
    clerk.send(named(clerk, "registration"), approval_body="区发改局", funding__0__source="镇财政",
               funding__0__share="100")
    assert "已保存" in clerk.text and "区发改局" in clerk.text
    clerk.get(place + "/lots")
    clerk.send(named(clerk, "lot-1"), lots__0__price_ceiling_fen="3980000",
               lots__0__period_days_max="90")
    assert "已保存" in clerk.text
    clerk.send(named(clerk, "bill"), _file=[workbook([["040101001", "土方", "m3", "很多"]])])
    assert clerk.status == 422 and "!D2</code>" in clerk.text, "each wrong cell is named"
    clerk.send(named(clerk, "bill"), _file=[workbook([["040101001", "土方", "m3", "12.5"]])])
    assert "已有 1 行" in clerk.text
    clerk.get(place + "/criteria")
    clerk.send(named(clerk, "scores"), lots__0__price_method__full_score="60", **{
        f"lots__0__criteria__factors__{n}__{key}": value for n, one in enumerate((
            {"title": "施工组织设计", "code": "plan", "max": "25", "min": "0", "step": "0.5"},
            {"title": "项目班子", "code": "team", "max": "15", "min": "0", "step": "0.5"}))
        for key, value in one.items()})
    assert "已保存" in clerk.text, clerk.text[-3000:]
    clerk.get(place + "/timetable")
    assert "上城区" in clerk.text, "the rule stands beside the field"
    clerk.send(f"/act/tenders/{tender_id}", lots__0__deadline="2026-03-03T09:00")
    assert clerk.status == 422 and "2026-03-03T09:00" in clerk.text, "what was typed is kept"
    soon = earliest_deadline(shipped_for("below", world.now.date()), world.now + timedelta(hours=1),
                             comprehensive=True, calendar=national_calendar())
    stated = max(soon, start_of(soon.astimezone(BEIJING).date()) + timedelta(hours=17))
    clerk.send(f"/act/tenders/{tender_id}",
               lots__0__deadline=f"{stated.astimezone(BEIJING):%Y-%m-%dT%H:%M}")
    assert "可不顺延的最后澄清时间" in clerk.text, "the dates are counted before publication"
    clerk.get(place + "/documents")
    clerk.send(named(clerk, "document"), _file=[(io.BytesIO(PDF), "招标文件.pdf")])
    assert "招标文件.pdf" in clerk.text
    assert "开标人员还没有就绪" in clerk.get(place + "/approval").text
    world.before_publishing(world.tender(tender_id))
    assert "已就绪" in clerk.get(place + "/officials").text
    assert "开标人员还没有就绪" not in clerk.get(place + "/approval").text
    clerk.send(named(clerk, "submit"))
    assert "已提交" in clerk.text and "不能批准自己" in clerk.text

    assert "请审核并发布公告" in chief.get("/desk").text
    chief.get(place + "/approval")
    chief.send(named(chief, "return"), reason="工期应为八十日")
    assert "已退回" in chief.text
    assert "工期应为八十日" in clerk.get(place + "/lots").text
    clerk.send(named(clerk, "lot-1"), lots__0__period_days_max="80")
    clerk.get(place + "/approval")
    clerk.send(named(clerk, "submit"))
    chief.get(place + "/approval")
    assert "与上一次提交相比" in chief.text and "<del>90 天</del> → <ins>80 天</ins>" in chief.text
    chief.send(named(chief, "approve"))
    assert chief.address.startswith(place) and "投标中" in chief.text and "剩余" in chief.text
    assert "公告已经发布" in clerk.get(place + "/lots").text


def test_who_was_overtaken_sees_both_and_overwrites_nothing(world, readers):
    clerk, chief = readers
    tender = world.draft_tender()
    path = f"/desk/tenders/{tender.id}/lots"
    mine, theirs = (named(one.get(path), "lot-1") for one in readers)
    chief.send(theirs, lots__0__quality="优良")
    clerk.send(mine, lots__0__quality="合格率百分之百", lots__0__period_days_max="70")
    assert clerk.status == 412 and "现在已存的是" in clerk.text
    assert "合格率百分之百" in clerk.text and "<ins>优良</ins>" in clerk.text
    assert world.lots(tender)[0].quality == "优良", "nothing was overwritten"
    clerk.send(named(clerk, "lot-1"))
    assert clerk.status == 200 and world.lots(tender)[0].quality == "合格率百分之百"


def test_no_form_that_replaces_a_whole_overwrites_what_came_between(world, readers):
    """Every form of the draft's pages that sends PUT names the version its page was read at."""
    clerk, chief = readers
    tender, invited = world.draft_tender(method="invite"), world.party("tenderer")
    place = f"/desk/tenders/{tender.id}"
    for step, name, typed in (
            ("project", "registration", {"approval_body": "区发改局"}),
            ("criteria", "requirements", {"credit": "近三年无行贿犯罪"}),
            ("lots", "invitees", {"invitees__0__name": "甲公司", "invitees__0__uscc": invited.uscc}),
            ("lots", "bill", {"_file": [workbook([["040101001", "土方", "m3", "12.5"]])]}),
            ("review", "fair", {"unit": "区市场监管局", "document_number": "1号", "reviewed_on": "2026-03-02"})):
        mine = named(clerk.get(f"{place}/{step}"), name)
        chief.send(named(chief.get(place + "/project"), f"PATCH /tenders/{tender.id}"), funding=name)
        assert "已保存" in chief.text
        before = world.tender(tender.id).version
        clerk.send(mine, **typed)
        assert clerk.status == 412 and "已被他人修改" in clerk.text, (name, clerk.status)
        assert all(str(one) in clerk.text for one in typed.values() if isinstance(one, str)), name
        assert world.tender(tender.id).version == before, name


def test_questions_objections_and_amendments_are_dealt_with_on_pages(world, readers):
    clerk, chief = readers
    tender = world.published_tender()
    lot, asker = world.lots(tender)[0], world.account("tenderer")
    acts.ask_question(asker, lot.id, text="K0+300 处管径以何为准？")
    watch.file_objection(asker, lot.id, argument="资质要求与规模不相称", remedy="请修改资质要求")
    place = f"/desk/tenders/{tender.id}"
    assert "答复提问" in clerk.get("/desk").text and "答复异议" in clerk.text
    clerk.get(place + "/questions")
    clerk.send("/act/questions/", text="以清单为准。")
    assert "已公开答复" in clerk.text and "以清单为准。" in clerk.text
    clerk.get(place + "/objections")
    clerk.send("/act/objections/", outcome="rejected", text="经核对，资质要求与规模相称。")
    assert "不成立" in clerk.text
    clerk.get(place + "/amendments")
    clerk.send(named(clerk, "new"), why="工期写错，需要更正为九十五日")
    assert "草稿已建立" in clerk.text, clerk.text[-2000:]
    clerk.send(named(clerk, "terms"), lots__0__period_days_max="95")
    clerk.get(place + "/amendments")
    assert "<del>90 天</del> → <ins>95 天</ins>" in clerk.text, "before it is sent"
    clerk.send(named(clerk, "submit"))
    assert "不能批准自己" in clerk.text and "90 天" in clerk.text, clerk.text.partition("h-content")[2][:5000]
    chief.get(place + "/amendments")
    chief.send(named(chief, "approve"))
    assert "已发布" in chief.text and world.lots(tender)[0].period_days_max == 95
    clerk.get(place + "/course")
    assert "永远不再开启" in clerk.text and "实施条例 31" in clerk.text
    clerk.send(named(clerk, "end-1"), reason="项目资金取消")
    assert "已终止" in clerk.text
    clerk.send(named(clerk, "again-1"))
    assert "草稿已建立" in clerk.text


def test_an_amendment_changes_all_it_may_and_a_second_person_reads_the_difference(world):
    tender = world.published_tender()
    lot, place = world.lots(tender)[0], f"/desk/tenders/{tender.id}/amendments"
    standing = lot.deadline
    world.advance(to=standing - timedelta(days=3))
    clerk, chief = seated(world)
    clerk.send(named(clerk.get(place), "new"), why="清单漏项，限价和评分随之调整")
    mine = named(clerk, "terms")
    clerk.send(mine, lots__0__price_ceiling_fen="1999999.99", lots__0__quality="合格")
    assert "已保存" in clerk.text and "截止时间不得早于" in clerk.text, "T3 is computed and explained"
    chief.get(place + "/scores")
    chief.send(named(chief, "scores"), lots__0__price_method__score_floor="10")
    assert "已保存" in chief.text, chief.text[-3000:]
    clerk.send(mine, lots__0__price_ceiling_fen="1999999.99", lots__0__quality="合格",
               lots__0__period_days_max="88")
    assert clerk.status == 412 and 'value="88"' in clerk.text, "two of one unit: nothing is lost"
    clerk.send(named(clerk, "terms"))
    assert "已保存" in clerk.text

    clerk.get(place + "/files")
    clerk.send(named(clerk, "bill"), _file=[workbook([["040101001", "土方", "m3", "很多"]])])
    assert clerk.status == 422 and "!D2</code>" in clerk.text
    clerk.send(named(clerk, "bill"), _file=[workbook([["040101001", "土方", "m3", "12.5"]])])
    assert "发布后共 1 行" in clerk.text
    clerk.send(named(clerk, "file"), _file=[(io.BytesIO(PDF.replace(b"obj<<", b"obj<</T(1)")), "误传.pdf")])
    assert clerk.status == 200, clerk.text.partition('role="alert"')[2][:600]
    drop = next(one for one in clerk.forms() if "/documents/" in one.action)
    clerk.send(drop)
    assert "误传.pdf" not in clerk.text and "已移除" in clerk.text
    clerk.send(named(clerk, "file"), _file=[(io.BytesIO(PDF.replace(b"obj<<", b"obj<</T(2)")), "补充说明.pdf")])
    assert "补充说明.pdf" in clerk.text

    clerk.get(place)
    assert "清单第 1 行" in clerk.text and "处需要补正" in clerk.text, "what keeps it back is said before it is sent"
    later = world.now + timedelta(days=30)
    clerk.get(place + "/terms")
    while later.astimezone(BEIJING).weekday() > 4:
        later += timedelta(days=1)
    clerk.send(named(clerk, "terms"), lots__0__deadline=f"{later.astimezone(BEIJING):%Y-%m-%dT%H:%M}")
    clerk.get(place + "/checks")
    clerk.send(named(clerk, "review"))
    for sheet in [one for one in clerk.forms() if ("_form", "fair") not in one.fields
                  and one.action.endswith("/review/answers")]:
        clerk.send(sheet, answer="justified", reason="与工程规模相称，经集体研究保留")
    clerk.send(named(clerk, "fair"), unit="区市场监管局", document_number="审查〔2026〕9号",
               reviewed_on=f"{world.now.astimezone(BEIJING):%Y-%m-%d}", **{
                   f"standards__{n}__met": ["false", "true"] for n in range(20)
                   if f"standards.{n}.article" in dict(named(clerk, "fair").fields)})
    assert "已保存" in clerk.text and "审查〔2026〕9号" in clerk.text, clerk.text[-4000:]
    clerk.get(place)
    assert "内容完整，可以提交" in clerk.text, clerk.text.partition("h-submit")[2][:1500]
    clerk.send(named(clerk, "submit"))
    assert "不能批准自己" in clerk.text

    chief.get(place)
    assert "<del>" in chief.text and "审查〔2026〕9号" in chief.text and "补充说明.pdf" in chief.text
    file = next(one for one in chief.text.split('"') if one.endswith("/content"))
    assert chief.get(file, root="").text.startswith("%PDF"), "the second person reads the file, too"
    chief.get(place)
    chief.send(named(chief, "approve"))
    assert "已发布" in chief.text
    now = world.lots(tender)[0]
    assert (now.price_ceiling_fen, now.quality, now.period_days_max) == (199999999, "合格", 88)
    assert now.price_method["score_floor"] == "10" and now.deadline > standing


def test_an_agency_is_let_in_and_finds_the_tender_on_its_own_desk(world, readers):
    clerk, _ = readers
    tender, unit = world.draft_tender(), world.party("agency")
    agency = Reader(world.app, world.session_token(world.account("buyer", party=unit)))
    assert tender.title not in agency.get("/desk/tenders").text
    clerk.get("/desk/agencies")
    clerk.send(named(clerk, "authorise"), agency=unit.uscc, letter="委托书〔2026〕1号", letter_hash="a" * 64, valid_until="2027-03-01T00:00",
               actions=["project.edit", "notice.view", "notice.submit"])
    assert "委托已登记" in clerk.text and "有效" in clerk.text, clerk.text[-1500:]
    assert tender.title in agency.get("/desk/tenders").text
    assert agency.get(f"/desk/tenders/{tender.id}/lots").status == 200
    agency.send(named(agency, "lot-1"), lots__0__quality="优良")
    assert "已保存" in agency.text
    clerk.send("/revocation")
    assert "已收回" in clerk.text
    assert agency.get(f"/desk/tenders/{tender.id}/lots").status == 404


def test_a_plan_is_announced(world, readers):
    clerk, _ = readers
    clerk.get("/desk/plans")
    clerk.send("/act/plans", title="明年的道路修复", region="330703", estimate_fen="2000000",
               expected="2026-09")
    assert "计划已公布" in clerk.text and "明年的道路修复" in clerk.text


def test_a_page_of_another_s_tender_is_not_found(world, readers):
    tender = world.draft_tender()
    other = Reader(world.app, world.session_token(world.account("buyer")))
    for path in ("", *(f"/{step.name}" for step in STEPS), "/questions", "/course"):
        assert other.get(f"/desk/tenders/{tender.id}{path}").status == 404, path


def test_every_finding_has_a_step():
    assert step_of("criteria.factors") == "criteria" and step_of("guarantee.amount_fen") == "award"
    assert step_of("whatever") == STEPS[-1].name
