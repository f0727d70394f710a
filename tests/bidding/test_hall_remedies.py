"""The opening through pages where it does not go by itself: plain files, whose fault it was, a
restored deadline, the second envelope."""

import io
from datetime import timedelta

import pytest

from bidding import acts
from bidding.client import hand_in
from bidding.wire import Problem
from tests.reader import Reader


def page(world, actor=None, **more):
    return Reader(world.app, actor and world.session_token(actor), **more)


def given_by(world, lot, companies):
    for company in companies:
        world.give_own(lot, company)


def test_a_bid_that_stays_shut_is_explained_decided_about_and_objected_to(world):
    lot = world.lots(world.published_tender())[0]
    hall, own = f"/lots/{lot.id}/hall", f"/desk/lots/{lot.id}/hall"
    companies = [world.sealed_bid(lot) for _ in range(5)]
    shut, remedied, *rest = companies
    world.past_deadline(lot)
    world.authorise(lot)
    given_by(world, lot, rest)
    # A lost key: what was sealed is handed in plain, and the page says so.
    bid = remedied.bids[lot.id].declaration["bid"]
    theirs = page(world, remedied.actor).get(own)
    assert "请现在解密" in theirs.text and "办法 31" in theirs.text
    for part in ("form", "technical", "price"):
        acts.give_plain_file(remedied.actor, bid, part, io.BytesIO(world.plain(lot, remedied, part)))
    assert "已提交明文文件" in theirs.get(own).text and "请现在解密" not in theirs.text
    world.advance(minutes=31)
    world.tick()

    mine, buyer = page(world, shut.actor).get(own), page(world, world.clerk).get(own)
    assert "未能开启：说明情况" in mine.text
    assert "投标人尚未说明" in buyer.text
    buyer.send("/fault", fault="revoked", grounds="到时未解密", evidence_hash="e" * 64)
    assert buyer.status == 409 and "到时未解密" in buyer.text, "heard first, and what was typed stays"
    mine.send("/statement", text="解密页面打不开")
    assert mine.status == 200 and "说明已提交" in mine.text and "解密页面打不开" in mine.text
    assert "解密页面打不开" in buyer.get(own).text
    for other in (page(world), page(world, rest[0].actor)):
        assert "解密页面打不开" not in other.get(hall).text + other.get(own).text
    buyer.send("/fault", fault="revoked", grounds="查明密钥未提交", evidence_hash="e" * 64)
    assert buyer.status == 200 and "已作出决定" in buyer.text, buyer.text[-3000:]
    assert "视为撤销投标" in mine.get(own).text and "查明密钥未提交" in mine.text
    mine.send("/fault-objection", text="平台当时中断")
    assert mine.status == 200 and "说明已提交" in mine.text
    assert "平台当时中断" in buyer.get(own).text
    world.tick()
    for english, words in ((False, "视为撤销投标"), (True, "deemed revoked")):
        everybody = page(world, english=english).get(hall)
        assert words in everybody.text and "3,900,000.00" in everybody.text
        assert "平台当时中断" not in everybody.text
    board = page(world, shut.actor).get(f"/desk/lots/{lot.id}/bid").text
    assert "未能开启" in board


def test_a_restored_deadline_is_proposed_decided_and_seen_by_the_tenderer(world):
    lot = world.lots(world.published_tender())[0]
    own, board = f"/desk/lots/{lot.id}/hall", f"/desk/lots/{lot.id}/bid"
    companies = [world.sealed_bid(lot) for _ in range(3)]
    late = world.company()
    world.past_deadline(lot)
    mine, other = page(world, companies[0].actor), page(world, late.actor)
    assert 'data-seen="SEALED"' in mine.get(board).text
    assert 'data-seen="LATE"' in other.get(board).text
    later = world.now + timedelta(hours=48)
    typed = (later + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M")
    buyer = page(world, world.clerk).get(own)
    buyer.send("/deadline-proposals", decision="restored", deadline=typed,
               evidence="机房停电两小时")
    assert buyer.status == 200 and "建议已提交" in buyer.text, buyer.text[-3000:]
    assert 'data-seen="SEALED"' in mine.get(board).text, "a proposal changes nothing"
    supervisor = page(world, world.supervisor).get(own)
    assert "机房停电两小时" in supervisor.text
    supervisor.send("/deadline-proposals/decision", reason="证据属实")
    assert supervisor.status == 200 and "已决定" in supervisor.text, supervisor.text[-3000:]
    # The bid that was in stands; who was too late may bid again; both see the new time.
    shown = (later + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M")
    for reader, seen in ((mine, "SUBMITTED"), (other, "NONE")):
        assert f'data-seen="{seen}"' in reader.get(board).text
        assert shown in reader.text
    assert shown in mine.get("/desk").text
    assert "尚未截止" in page(world).get(f"/lots/{lot.id}/hall").text
    assert "已批准" in mine.get(own).text, "why the deadline is another one"


def test_the_second_envelope_in_the_hall(world):
    lot = world.lots(world.published_tender(two_envelopes=True))[0]
    hall, own = f"/lots/{lot.id}/hall", f"/desk/lots/{lot.id}/hall"
    world.companies = [world.sealed_bid(lot, price_fen=price)
                       for price in (381_111_100, 372_222_200, 393_333_300)]
    world.past_deadline(lot)
    world.authorise(lot)
    given_by(world, lot, world.companies)
    world.tick()
    everybody = page(world)
    assert "报价另行开启" in everybody.get(hall).text and "3,811,111.00" not in everybody.text
    world.sign_sheets(lot, world.drawn_panel(lot))
    official = page(world, world.officials[0]).get(f"/desk/lots/{lot.id}/opening")
    official.send("/price-opening", reason="技术评分已全部签署")
    assert official.status == 200 and "开标已授权" in official.text, official.text[-3000:]
    mine = page(world, world.companies[0].actor)
    assert "请现在解密 · 报价" in mine.get(own).text and "data-prices" in mine.text
    assert "yangguang bid open-prices" in mine.text
    for company in world.companies[1:]:
        world.give_prices(lot, company)
    # The first lost its key in the meantime: the same remedy, by its own program.
    first = world.companies[0]
    folder = first.bids[lot.id].files["form"].parent
    with pytest.raises(Problem):
        hand_in(world.wire(first), folder, [folder.parent])
    assert hand_in(world.wire(first), folder, [folder.parent], prices=True)["parts"] \
        == ["form", "price"]
    assert "已提交明文文件 · 报价" in mine.get(own).text
    assert "3,811,111.00" not in everybody.get(hall).text
    world.tick()
    for reader in (everybody, mine, page(world, english=True)):
        for price in ("3,811,111.00", "3,722,222.00", "3,933,333.00"):
            assert price in reader.get(hall).text
        assert "报价另行开启" not in reader.text and "opened later" not in reader.text
