"""What a unit does besides tenders, on pages without scripts: direct awards, advance notices,
village works and what is found on them."""

from __future__ import annotations

import io
from datetime import timedelta

from supervision.model import Work
from tender import acts
from tender.timetable import BEIJING, beijing_day
from tests.reader import Reader
from tests.worlds.tender import PDF

from .test_direct import STATED, place  # noqa: F401
from .test_pages import named, seated


def _file(name, mark):
    return [(io.BytesIO(PDF.replace(b"obj<<", b"obj<</T(%d)" % mark)), name)]


def test_a_direct_award_goes_its_whole_way_on_pages(place):  # noqa: F811
    world = place
    clerk, chief = seated(world)
    clerk.get("/desk/direct-awards")
    clerk.get("/desk/direct-awards/new")
    said = {name: str(value) for name, value in STATED.items()} | {
        "estimate_fen": "80,000", "price_fen": "79000", "decision_day": "2026-02-27"}
    clerk.send(named(clerk, "state"), **said | {"estimate_fen": "许多"})
    assert clerk.status == 422 and STATED["reason"] in clerk.text, "what was typed is kept"
    clerk.send(named(clerk, "state"), **said)
    path = clerk.address.partition("?")[0]
    assert "须上传集体决策纪要" in clerk.text and "不能批准自己" in clerk.text
    clerk.send(named(clerk, "minutes"), _file=_file("纪要.pdf", 1))
    assert "等待另一人批准" in clerk.text
    assert "请审核直接发包" in chief.get("/desk").text
    assert path in chief.text
    chief.get(path)
    assert STATED["contractor"] in chief.text and "纪要.pdf" not in chief.text
    minutes = next(one for one in chief.text.split('"') if one.endswith("/minutes"))
    world.session.rollback()  # the test's own context kept a reading open
    assert chief.get(minutes, root="").text.startswith("%PDF")
    chief.get(path).send(named(chief, "approve"))
    assert "已公布，公示中" in chief.text
    stranger = Reader(world.app, world.session_token(world.account("buyer")))
    assert stranger.get(path).status == 404
    award = path.rpartition("/")[2]
    objector = world.account("tenderer")
    acts.object_to_award(objector, award, argument="该单位没有防水资质", remedy="请重新确定承包单位")
    chief.get(path).send("/answer", outcome="rejected", text="经核对，资质证书有效。")
    assert "没有防水资质" in chief.text and "经核对" in chief.text
    world.advance(days=8)
    clerk, chief = seated(world)
    clerk.get("/desk/papers").send(named(clerk, "paper"), _file=_file("合同.pdf", 2))
    assert "文件已存下" in clerk.text and "合同.pdf" in clerk.text
    clerk.get(path)
    signed = (world.now - timedelta(hours=1)).astimezone(BEIJING)
    clerk.send(named(clerk, "contract"), signed_at=f"{signed:%Y-%m-%dT%H:%M}")
    assert "已签约" in clerk.text, clerk.text.partition('role="alert"')[2][:500]
    assert "已签约" in clerk.get("/desk/direct-awards").text
    clerk.get("/desk/direct-awards/new").send(named(clerk, "state"), **said)
    clerk.send(named(clerk, "give-up"))
    assert "已放弃" in clerk.text


def test_an_advance_notice_is_published_by_two_on_pages(world):
    clerk, chief = seated(world)
    tender = world.draft_tender()
    place = f"/desk/tenders/{tender.id}"  # noqa: F811
    assert place + "/advance" in clerk.get(place).text
    expected = beijing_day(world.now) + timedelta(days=40)
    clerk.get(place + "/advance").send(named(clerk, "advance"), expected=expected.isoformat(),
                                       text="欢迎提前了解")
    assert "不能批准自己" in clerk.text and "欢迎提前了解" in clerk.text
    chief.get(place + "/project")
    chief.send(named(chief, f"PATCH /tenders/{tender.id}"), title="改过的名称")
    assert "不能再批准这一份" in chief.get(place + "/advance").text
    clerk.get(place + "/advance").send(named(clerk, "advance"))
    assert "请审核预公告" in chief.get("/desk").text
    chief.get(place + "/advance").send(named(chief, "approve"))
    assert "已公布" in chief.text and expected.isoformat() in chief.text
    assert clerk.get(place).status == 200 and "还差" in clerk.text or "草稿" in clerk.text


def test_village_works_are_entered_looked_at_and_mended_on_pages(world):
    clerk, chief = seated(world)
    said = {"name": "文化礼堂修缮", "village": "低田村", "funding": "村集体资金", "amount_fen": "120000"}
    clerk.get("/desk/works").send(named(clerk, "enter"), **said)
    assert "已登记" in clerk.text and "未招标" in clerk.text
    work = world.session.query(Work).one()
    mine = named(clerk, f"work-{work.id}")
    chief.get("/desk/works").send(named(chief, f"work-{work.id}"), state="building")
    clerk.send(mine, contractor="某村建筑队")
    assert clerk.status == 412 and "某村建筑队" in clerk.text, "two of one unit: nothing is lost"

    watching = Reader(world.app, world.session_token(world.supervisor))
    second = Reader(world.app, world.session_token(world.account("supervisor", region="330703")))
    assert "文化礼堂修缮" in watching.get("/desk/supervision/works").text
    due = beijing_day(world.now) + timedelta(days=5)
    watching.send(named(watching, f"work-{work.id}"), kind="quality", due=due.isoformat(),
                  text="屋面未按图施工")
    assert "限期整改" in watching.text and "屋面未按图施工" in watching.text
    assert "等待整改" in clerk.get("/desk/tenders").text
    clerk.get("/desk/papers").send(named(clerk, "paper"), _file=_file("整改照片.pdf", 3))
    answer = next(one for one in clerk.get("/desk/works").forms() if "/answer" in one.action)
    clerk.send(answer, answer="已返工并验收")
    assert "等待监督机构核对" in clerk.text
    watching.get("/desk/supervision").send("/return", reason="照片看不清，请补")
    assert "已退回" in watching.text
    answer = next(one for one in clerk.get("/desk/works").forms() if "/answer" in one.action)
    clerk.send(answer, answer="已补拍照片")
    watching.get("/desk/supervision").send(watching.form("/closing"))
    assert "已提出销号" in watching.text
    second.get("/desk/supervision").send(second.form("/approval"))
    assert "已销号" in second.text and "没有未销号的问题" in second.text
