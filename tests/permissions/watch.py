"""What the watch's addresses name in the course: works and findings, of one's own and foreign."""

from __future__ import annotations

import io
from datetime import timedelta
from types import SimpleNamespace

from openpyxl import Workbook

from kernel.db import new_id
from people.uscc import completed
from supervision import acts
from supervision.model import Work, WorkFinding
from tender.timetable import beijing_day
from tests.worlds.tender import EVIDENCE


def book(*rows: list) -> bytes:
    """A workbook of one sheet."""
    made, out = Workbook(), io.BytesIO()
    for row in rows:
        made.active.append(row)
    made.save(out)
    return out.getvalue()


WORKS = book(["村", "工程名称", "年度", "资金来源", "金额（元）", "状态"],
             ["前王村", "道路硬化", 2026, "村集体资金", 98000, "在建"])
PAYMENTS = book(["付款单位", "付款单位代码", "收款单位", "收款单位代码", "金额（元）", "日期"],
                ["某镇", completed("11330703", "MA2A0001"), "某公司",
                 completed("91330703", "MA2A0002"), 60000, "2026-03-01"])

WORK = {"village": "前王村", "year": 2026, "funding": "村集体资金", "amount_fen": 9_800_000,
        "contractor": "", "contractor_uscc": "", "code": "", "state": "building"}
DONE = {"answer": "已补正资料", "evidence_hash": EVIDENCE}


def begin(world, now: SimpleNamespace, holders: dict) -> None:
    """A work with a finding in each state that some action waits for."""
    clerk, supervisor = world.keeps_paper(holders["buyer_own"]), holders["supervisor_in"]
    due = beijing_day(world.now) + timedelta(days=20)
    now.work = acts.enter_work(clerk, name="水渠", **WORK).id
    now.finding, now.answered, now.closing = (
        acts.open_finding(supervisor, work_id=now.work, kind=kind, text="资料不全", due=due).id
        for kind in ("incomplete", "quality", "other"))
    for one in (now.answered, now.closing):
        acts.answer_finding(clerk, one, **DONE)
    another = world.account("supervisor", region="330703")
    acts.propose_closing(another, now.closing, evidence_hash=EVIDENCE)


def foreign_rows(world, party_id: str) -> dict[str, str]:
    """Another unit's work in another region, with an open finding; their ids by place."""
    made = {"work_id": new_id(), "finding_id": new_id()}
    with world._raw.begin() as connection:
        connection.execute(Work.__table__.insert().values(
            id=made["work_id"], party_id=party_id, region="110101", name=made["work_id"],
            entered_at=world.now, **WORK))
        connection.execute(WorkFinding.__table__.insert().values(
            id=made["finding_id"], work_id=made["work_id"], party_id=party_id, region="110101",
            kind="other", text="别处的问题", opened_at=world.now, opened_by=party_id,
            due_at=world.now + timedelta(days=900)))
    return made
