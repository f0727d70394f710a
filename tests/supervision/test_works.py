"""Village works: a register from workbooks, payments past the platform, findings two persons close."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from kernel.db import db
from kernel.refusal import Refused
from portal import litter
from portal.tick import tick
from supervision import acts, clock, reading
from supervision.model import Work, WorkFinding
from tender.timetable import beijing_day

from ..permissions.watch import DONE, WORK, book
from ..worlds.tender import PDF

HEADS = ["村", "工程名称", "年度", "资金来源", "金额（元）", "施工单位代码", "平台编号", "状态"]
LINE = ["前王村", "道路硬化", 2026, "村集体资金", 98000, "", "", "在建"]
PAID = ["付款单位", "付款单位代码", "收款单位", "收款单位代码", "金额（元）", "日期", "平台编号"]


def refused(function, *args, **kwargs) -> str:
    with pytest.raises(Refused) as caught:
        function(*args, **kwargs)
    return caught.value.word.code


@pytest.fixture
def town(world):
    world.buyer_unit()
    return world.client(world.clerk)


@pytest.fixture
def watchers(world):
    return [world.account("supervisor", region="330703") for _ in range(2)]


def test_a_workbook_of_works_is_entered_whole_or_not_at_all(world, town):
    made = town.post("/works/imports", data=book(HEADS, LINE, [*LINE[:1], "水渠", *LINE[2:]]))
    assert made.status_code == 201, made.json
    assert (made.json["count"], made.json["amount_fen"]) == (2, 19_600_000)
    answer = town.post("/works/imports", data=book(
        HEADS, ["后王村", *LINE[1:]], LINE, [*LINE[:2], 1900, *LINE[3:]],
        ["后王村", "公厕", 2026, "补助", 50000, "", "E33", "在建"],
        ["后王村", "公厕", 2026, "补助", "五万", "", "", "拆除"]))
    assert answer.status_code == 422 and answer.json["code"] == "sheet.wrong"
    assert {one["cell"] for one in answer.json["facts"]["problems"]} \
        == {"Sheet!C4", "Sheet!E6", "Sheet!H6"}
    answer = town.post("/works/imports", data=book(
        HEADS, LINE, ["后王村", "公厕", 2026, "补助", 50000, "", "E33", "在建"],
        ["后王村", "公厕", 2026, "补助", 60000, "", "", "在建"]))
    assert {one["cell"] for one in answer.json["facts"]["problems"]} \
        == {"Sheet!B2", "Sheet!G3", "Sheet!B4"}
    page = world.client().get("/works?year=2026&region=3307").json["items"]
    assert {one["name"] for one in page} == {"道路硬化", "水渠"}
    (entry,) = world.written("works.imported")
    assert json.loads(entry.record)["facts"]["works"] == 2


def test_amounts_may_be_headed_in_ten_thousand_yuan_and_are_exact(world, town):
    heads = [head.replace("（元）", "（万元）") for head in HEADS]
    made = town.post("/works/imports", data=book(
        heads, LINE[:4] + [9.8] + LINE[5:], [*LINE[:1], "水渠", *LINE[2:4], 0.1, *LINE[5:]],
        [*LINE[:1], "公厕", *LINE[2:4], "12.345678", *LINE[5:]]))
    assert made.status_code == 201, made.json
    assert made.json["amount_fen"] == 9_800_000 + 100_000 + 12_345_678
    wrong = town.post("/works/imports", data=book(
        heads, [*LINE[:1], "井", *LINE[2:4], "1.2345678", *LINE[5:]]))
    assert [one["cell"] for one in wrong.json["facts"]["problems"]] == ["Sheet!E2"]
    both = town.post("/works/imports", data=book([*heads, HEADS[4]], [*LINE, 1]))
    assert [one["cell"] for one in both.json["facts"]["problems"]] == ["Sheet!I1"]


def test_a_work_belongs_to_its_unit_and_names_codes_the_platform_knows(world, town):
    assert refused(acts.enter_work, world.clerk, name="路", **WORK | {"code": "E330703"}) \
        == "work.code-unknown"
    tender = world.published_tender()
    lot = world.lots(tender)[0]
    work = acts.enter_work(world.clerk, name="路", **WORK | {"code": lot.section_code})
    assert refused(acts.enter_work, world.clerk, name="路", **WORK) == "work.repeated"
    other = world.account("buyer")
    assert refused(acts.change_work, other, work.id, if_match=1, state="finished") \
        == "object.not-found"
    assert acts.change_work(world.chief, work.id, if_match=1, state="finished").version == 2
    assert refused(acts.change_work, world.chief, work.id, if_match=1, state="accepted") \
        == "version.stale"


def test_payments_that_nothing_explains_are_hits_of_the_place(world, town, watchers):
    tender = world.published_tender()
    unit, lot = world.buyer_unit(), world.lots(tender)[0]
    builders = [world.party("tenderer") for _ in range(3)]
    acts.enter_work(world.clerk, name="桥", **WORK | {"contractor_uscc": builders[0].uscc})
    def paid(payee, yuan, code=""):
        return [unit.name, unit.uscc, payee.name, payee.uscc, yuan, "2026-02-01", code]
    data = book(PAID, paid(builders[0], 98000), paid(builders[1], 98000),
                paid(builders[1], 400000, lot.section_code), paid(builders[1], 60000, "E33"),
                paid(builders[2], 30000), paid(builders[2], 20000), paid(builders[0], 49999.99))
    client = world.client(watchers[0])
    made = client.post("/payment-ledgers?region=330703", data=data)
    assert made.status_code == 201, made.json
    assert client.post("/payment-ledgers?region=330703", data=data).json["code"] \
        == "ledger.repeated"
    found = client.get("/payment-hits?region=330703").json["items"]
    assert {(one["row"], one["why"]) for one in found} \
        == {(3, "hit"), (5, "hit"), (6, "split"), (7, "split")}
    assert client.post("/payment-ledgers?region=110000", data=data).status_code == 403
    assert client.get("/payment-hits?region=11").status_code == 403
    figures = world.client().get("/works/figures?year=2026&region=330703").json
    assert (figures["works"], figures["off_platform"], figures["surveyed"]) == (1, 4, 5)
    assert figures["entered_pct"] == "20.00" and figures["closed_pct"] is None
    assert all({"zh", "en"} == set(one) for one in figures["definitions"].values())


def test_a_finding_is_closed_on_evidence_by_two_persons(world, town, watchers):
    first, second = watchers
    work = acts.enter_work(world.clerk, name="渠", **WORK)
    today = beijing_day(world.now)
    said = {"work_id": work.id, "kind": "funds", "text": "凭证缺失"}
    for wrong in (today, today + timedelta(days=31)):
        assert refused(acts.open_finding, first, due=wrong, **said) == "finding.due"
    far = world.account("supervisor", region="110000")
    assert refused(acts.open_finding, far, due=today + timedelta(days=5), **said) \
        == "access.denied"
    found = acts.open_finding(first, due=today + timedelta(days=5), **said)
    assert refused(acts.open_finding, second, due=today + timedelta(days=5), **said) \
        == "finding.open"
    read = {"evidence_hash": DONE["evidence_hash"]}
    assert refused(acts.propose_closing, first, found.id, **read) == "finding.unanswered"
    assert refused(acts.approve_closing, second, found.id, **read) == "finding.unanswered"
    other = world.account("buyer")
    assert refused(acts.answer_finding, other, found.id, **DONE) == "object.not-found"
    assert refused(acts.answer_finding, world.clerk, found.id, **DONE) == "paper.missing"
    world.keeps_paper(other)
    assert refused(acts.answer_finding, world.clerk, found.id, **DONE) == "paper.missing"
    world.keeps_paper(world.clerk)
    acts.answer_finding(world.clerk, found.id, **DONE)
    evidence = f"/work-findings/{found.id}/evidence"
    assert world.client(second).get(evidence).data == PDF
    assert world.client(far).get(evidence).status_code == 403
    assert world.client(other).get(evidence).status_code == 403
    assert DONE["evidence_hash"] in litter.named(db.session)
    assert refused(acts.approve_closing, second, found.id, **read) == "finding.moved"
    assert refused(acts.propose_closing, first, found.id, evidence_hash="f" * 64) \
        == "finding.moved"
    acts.return_finding(second, found.id, reason="照片不符")
    acts.answer_finding(world.clerk, found.id, **DONE)
    acts.propose_closing(first, found.id, **read)
    assert refused(acts.approve_closing, first, found.id, **read) == "finding.same-person"
    acts.approve_closing(second, found.id, **read)
    assert refused(acts.return_finding, first, found.id, reason="再看") == "finding.moved"
    figures = reading.figures(db.session, 2026, "3307", world.now)
    assert (figures["findings"], figures["closed_pct"], figures["on_time_pct"]) \
        == (1, "100.00", "100.00")


def test_no_row_is_closed_without_evidence_whoever_writes_it(world, town, watchers):
    work = acts.enter_work(world.clerk, name="渠", **WORK)
    found = acts.open_finding(watchers[0], work_id=work.id, kind="other", text="资料不全",
                              due=beijing_day(world.now) + timedelta(days=5))
    with world._raw.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(WorkFinding.__table__.update().where(
            WorkFinding.__table__.c.id == found.id).values(closed_at=world.now,
                                                           closed_person="a" * 32))


def test_the_clock_writes_down_once_that_a_day_passed(world, town, watchers):
    work = acts.enter_work(world.clerk, name="渠", **WORK)
    found = acts.open_finding(watchers[0], work_id=work.id, kind="other", text="资料不全",
                              due=beijing_day(world.now) + timedelta(days=1))
    assert list(clock.due(db.session, world.now)) == []
    world.advance(days=2, hours=1)
    assert tick() >= 1
    tick()
    assert len(world.written("finding.fell_overdue")) == 1
    world.keeps_paper(world.clerk)
    page = town.get("/work-findings").json["items"]
    assert [(one["id"], one["state"], one["overdue"]) for one in page] \
        == [(found.id, "open", True)]
    acts.answer_finding(world.clerk, found.id, **DONE)
    assert town.get("/work-findings").json["items"][0]["overdue"]
    assert world.client(world.account("supervisor", region="110000")).get(
        "/work-findings").json["items"] == []
    assert db.session.scalar(select(Work.id)) == work.id
