"""The judgement's pages, played without a script: a draw, the panel's sheets, its report."""

from __future__ import annotations

import base64
import hashlib

import pytest

from evaluation import reading
from tender import reading as tenders
from tender.lifecycle import Phase
from tests.reader import Reader
from tests.worlds.tender import inquiry_fields


@pytest.fixture
def database():
    return "sqlite"


def sits(world, actor, **more):
    return Reader(world.app, world.session_token(actor), **more)


def test_a_panel_is_drawn_scores_and_signs_through_its_pages(world):
    lot = world.opened_by_fiat()
    world.experts(8)
    path = f"/desk/lots/{lot.id}/draws"
    buyer = sits(world, world.clerk).get(path)
    assert "还没有公布抽取" in buyer.text
    buyer.send(f"/lots/{lot.id}/draws")
    assert "提交承诺中" in buyer.text, buyer.text[-3000:]
    nonce = b"\7" * 32
    sheet = [one for one in buyer.forms() if "/commitments" in one.action][-1]
    buyer.send(sheet, commitment=hashlib.sha256(nonce).hexdigest())
    assert "承诺已收到" in buyer.text and "平台" in buyer.text
    (drawn,) = reading.draws_of(world.session, lot.id)
    world.advance(to=drawn.commit_by)
    buyer = sits(world, world.clerk).get(path)
    sheet = [one for one in buyer.forms() if "/reveals" in one.action][-1]
    buyer.send(sheet, nonce=base64.b64encode(nonce).decode())
    assert "随机数已公开" in buyer.text, buyer.text[-3000:]
    world.draw_round()  # the platform reveals its own
    world.advance(to=drawn.reveal_by)
    world.draw_round()
    world.session.expire_all()

    path = f"/desk/lots/{lot.id}/sheet"
    assert sits(world, world.clerk).get(path).status == 403
    panel = [sits(world, one, english=bool(place)) for place, one in enumerate(world.panel(lot))]
    first = panel[0]
    assert f'"{path}"' in first.get("/desk").text and "请声明回避或接受" in first.text
    for one in panel:
        one.get(path).send(next(sheet for sheet in one.forms() if ("accept:bool", "true")
                                in sheet.fields))
        sheet = one.form("/score-sheets/mine")
        scores = {name: "20" if "plan" in name else "12.5" for name, _ in sheet.fields
                  if name.startswith("scores.")}
        assert len(scores) == 2 * 6
        if one is first:  # a part may be saved, and an outdated sheet is not written over
            one.send(sheet, **dict(list(scores.items())[:3]))
            assert "评分表已保存" in one.text, one.text[-2000:]
            one.send(sheet, **scores)
            assert one.status == 412 and "20" in one.text
            sheet = one.get(path).form("/act/lots/" + lot.id + "/score-sheets/mine/signature")
            one.send(sheet)
            assert one.status == 422, "a sheet with gaps is not signed"
            sheet = next(each for each in one.get(path).forms()
                         if each.action.endswith("/score-sheets/mine"))
        one.send(sheet, **scores)
        one.send("/score-sheets/mine/signature")
        assert "<h2 id=\"h-report\"" in one.text, one.text[-2000:]
    for one in panel:
        one.get(path).send("/evaluation-report/signatures")
        assert one.status == 200 and one.address.startswith(one.root + "/desk?"), one.text[-1500:]
    assert tenders.phase_of(world.session, lot.id, world.now) is Phase.EVALUATED
    assert "h-seats" not in first.get("/desk").text


def test_a_screen_is_found_and_a_seat_left_through_the_page(world):
    lot = world.opened_by_fiat({"A": 28_000_000, "B": 25_000_000}, **inquiry_fields())
    leaver, other, *_ = world.drawn_panel(lot)
    path = f"/desk/lots/{lot.id}/sheet"
    one = sits(world, other).get(path)
    one.send(next(sheet for sheet in one.forms() if ("accept:bool", "true") in sheet.fields))
    first, second = [bid.bid_id for bid in reading.valid_bids(world.session, lot)]
    one.send("/score-sheets/mine", **{
        f"findings.{first}.meets:bool": "true", f"findings.{second}.meets:bool": "false",
        f"findings.{second}.reason": "未提供检测报告", f"findings.{second}.fails:list": "spec"})
    assert "评分表已保存" in one.text, one.text[-3000:]
    saved = reading.own_sheet(world.session, lot.id, other.account_id).findings
    assert saved[first]["meets"] and saved[second] == {
        "meets": False, "fails": ["spec"], "reason": "未提供检测报告"}
    gone = sits(world, leaver, english=True).get(path)
    gone.send(next(sheet for sheet in gone.forms() if ("accept:bool", "false") in sheet.fields),
              reason="与投标人有利害关系")
    assert gone.status == 200 and gone.get(path).status == 403
