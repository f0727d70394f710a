"""A complaint through pages: filed by a company, handled by two persons, mended by the buyer."""

import re

from tests.reader import Reader
from tests.worlds.tender import EVIDENCE

NAME = "沉默建设集团有限公司"


def page(world, actor, **more):
    return Reader(world.app, world.session_token(actor), **more)


def test_a_complaint_goes_its_way_through_pages(world):
    tender = world.published_tender()
    lot = world.lots(tender)[0]
    second = world.account("supervisor", world.supervisor.party_id, region="330703")
    assert "投诉处理决定" not in Reader(world.app).get(f"/tenders/{tender.id}").text
    own = page(world, world.company(NAME).actor).get(f"/desk/lots/{lot.id}/complain")
    assert "投诉不收费" in own.text and "没有提出过" in own.text
    own.send(f"/lots/{lot.id}/complaints", subject="documents", facts="条件不合理", claims="请改正")
    assert own.status == 409 and "应当先由贵单位就该事项提出异议" in own.text and "条件不合理" in own.text
    own.get(f"/desk/lots/{lot.id}/complain")
    own.send(f"/lots/{lot.id}/complaints", subject="conduct", facts="条件不合理", claims="请改正",
             hotline_no="12345-1")
    assert own.status == 200 and "投诉已提交" in own.text and "监督机构决定是否受理" in own.text
    case = re.search(r"/desk/complaints/[0-9a-f]{32}", own.text)[0]
    assert NAME in own.get(case).text
    body = page(world, world.supervisor)
    assert "投诉：等待您办理" in body.get("/desk").text
    assert case in body.get("/desk/supervision").text and "早于" in body.text
    assert NAME not in body.get(case).text and "12345-1" in body.text
    body.send("/acceptance", **{"document_no": "督受〔2026〕1号", "suspend:bool": "true",
                                "reason": "调查"})
    assert body.status == 200 and "标段已暂停" in body.text and "已受理" in body.text
    body.get(case).send("/statement-request", text="请说明")
    buyer = page(world, world.keeps_paper(world.clerk))
    assert "投诉：等待您办理" in buyer.get("/desk").text and case in buyer.text
    assert NAME not in buyer.get(case).text and "投诉人不向被投诉人披露" in buyer.text
    buyer.send("/statement", text="为方便管理")
    assert buyer.status == 200 and "现在没有要办的" in buyer.text
    assert "为方便管理" in body.get(case).text
    body.send("/proposal", outcome="upheld", text="属于不合理条件", law="招标投标法 18",
              document_no="督决〔2026〕3号", orders="删除该条件", order_due="2026-12-01")
    assert body.status == 200 and "等待另一人批准" in body.text
    body.send("/decision")
    assert body.status == 403 and "不得批准" in body.text
    other = page(world, second).get(case)
    other.send("/decision", **{"lift:bool": "true"})
    assert other.status == 200 and "处理决定已作出并公开" in other.text, other.text
    for reader in (Reader(world.app), Reader(world.app, english=True)):
        shown = reader.get(f"/tenders/{tender.id}").text
        assert "属于不合理条件" in shown and NAME not in shown
    assert "Complaints that were decided" in shown and "administrative review until" in shown
    buyer.get(case).send("/report", text="已删除", evidence_hash=EVIDENCE)
    assert buyer.status == 200
    body.get(case).send("/closing")
    assert body.status == 200 and "案件办结" in body.text
    english = page(world, world.supervisor, english=True)
    assert "What was ordered is done" in english.get(case).text
    assert "Closed on evidence" in english.text and "Complaints" in english.get(
        "/desk/complaints").text
    assert page(world, world.company().actor).get(case).status == 404


def test_who_complains_is_read_after_the_opening_for_a_reason(world):
    lot = world.lots(world.published_tender())[0]
    own = page(world, world.company(NAME).actor).get(f"/desk/lots/{lot.id}/complain")
    own.send(f"/lots/{lot.id}/complaints", subject="conduct", facts="条件不合理", claims="请改正")
    case = re.search(r"/desk/complaints/[0-9a-f]{32}", own.text)[0]
    assert '"/desk/complaints"' in own.text, "its cases are led to from everywhere on its desk"
    body = page(world, world.supervisor).get(case)
    body.send("/acceptance", document_no="督受〔2026〕1号")
    assert "/complainant" not in body.text and "披露" not in body.text
    assert body.get(case + "/complainant").status in (403, 409)
    world.force_phase(lot.id, "OPENED")
    assert f'"{case}/complainant"' in body.get(case).text and "/disclosure" in body.text
    assert body.get(case + "/complainant").status >= 400 and "说明理由" in body.text
    body.send(body.form("/read/"), reason="核查投诉")
    assert body.status == 200 and NAME in body.text
