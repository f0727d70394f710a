"""The pages of framework agreements, played without a script: state, publish, apply, buy, answer."""

from __future__ import annotations

import pytest

from tests.reader import Reader

from .test_frameworks import EVIDENCE, STATED, WHY


@pytest.fixture
def database():
    return "sqlite"


def test_a_framework_goes_through_its_pages(world):
    world.buyer_unit()

    def sits(actor, **more):
        return Reader(world.app, actor and world.session_token(actor), **more)

    clerk, chief = sits(world.clerk), sits(world.chief, english=True)
    company = sits(world.keeps_paper(world.account("tenderer", world.party("tenderer"))))
    public = sits(None)
    assert "框架协议" in public.get("/frameworks").text and public.status == 200
    assert '"/desk/frameworks"' in clerk.get("/desk").text and '"/desk/frameworks"' in company.get(
        "/desk").text, "a first one is stated, and one's own are found, from everywhere on the desk"
    assert clerk.text.index('"/desk/tenders"') < clerk.text.index('"/desk/frameworks"')
    clerk.get("/desk/frameworks/new").send(
        "/act/frameworks", title=STATED["title"], category="services", price_fen="300.00",
        requirement=STATED["requirement"], conditions="营业执照\n维修资质", unit="次",
        **{"methods:list": ["direct", "rotation"]}, methods_reason="零星维修须均衡派单，保证响应。",
        leaving="提前五日书面告知", until_day="2027-10-01")
    assert clerk.status == 200 and "请本单位另一人" in clerk.text, clerk.text[:2000]
    own = clerk.address.rpartition("/")[2].partition("?")[0]
    desk = f"/desk/frameworks/{own}"
    assert public.get(f"/frameworks/{own}").status == 404
    chief.get(desk).send("/approval")
    assert chief.status == 200 and "Running" in chief.text, chief.text[:2000]
    assert "现在不能采购" in clerk.get(desk).text and "/calloffs" not in clerk.text
    empty = sits(world.account("tenderer", world.party("tenderer"))).get(desk)
    assert "/desk/papers" in empty.text and "SHA-256" not in empty.text
    papers = {f"papers.{place}.{name}": value for place in (0, 1) for name, value in (
        ("name", "证照"), ("number", "1"), ("evidence_hash", EVIDENCE),
        ("valid_until", "2028-01-01"))}
    company.get(desk).send("/applications", **papers, price_fen="280")
    assert "待审核" in company.text, company.text[:3000]
    assert f'"{desk}"' in clerk.get("/desk").text and "待审核的加入申请：办公设备维修" in clerk.text
    clerk.get(desk)
    refused = clerk.form("/refusal")
    clerk.send(refused, reason="资质证书与单位名称不符", **{"against.1:int": "1"})
    assert "未入围" in clerk.text
    company.get(desk).send("/objections", argument="证书已更名", remedy="准予入围")
    clerk.get(desk).send("/answer", outcome="upheld", text="经核对属实，准予入围。")
    assert "已入围" in clerk.text
    chief.get(desk)
    buying = next(one for one in chief.forms() if ("method", "direct") in one.fields)
    chief.send(buying, title="复印机维修", quantity="2", reason=WHY)
    assert "Result in public" in chief.text, chief.text[:3000]
    asking = next(one for one in chief.get(desk).forms() if ("method", "rotation") in one.fields)
    chief.send(asking, title="电梯检修", quantity="1")
    called = chief.address.rpartition("/")[2].partition("?")[0]
    assert "轮到贵单位" in company.get("/desk").text
    company.get(f"/desk/calloffs/{called}").send("/turn/declined", reason="人手不足，无法安排")
    chief.get(f"/desk/calloffs/{called}")
    judged = next(one for one in chief.forms() if "judgement" in one.action)
    chief.send(judged)
    assert "nobody took the turn" in chief.text
    assert "declined" in chief.text and "to be judged" not in chief.text, "judged is judged"
    for reader in (public, sits(None, english=True)):
        for path in ("/frameworks", f"/frameworks/{own}", f"/calloffs/{called}"):
            assert reader.get(path).status == 200, path
    assert company.get("/desk/frameworks").status == chief.get("/desk/frameworks").status == 200
