"""A lottery all the way: a screen, a draw among who passed that anybody repeats, the first wins."""

import base64
import hashlib
import json
from datetime import timedelta
from pathlib import Path

import pytest

from audit.note import Signer
from evaluation import __main__ as tool
from evaluation import acts, draw, reading
from evaluation.lottery import acts as drawing
from evaluation.lottery import reading as lotteries
from evaluation.rules import digest
from kernel.db import db
from people.model import Party
from portal import evidence
from portal.verify import command
from portal.verify.folder import pretty
from tender import reading as tenders
from tender.lifecycle import Phase
from tender.reading import published_notices
from tests.portal.courses import settle, sign_again
from tests.portal.ocds import check
from tests.portal.test_ocds import package
from tests.reader import Reader
from tests.worlds.tender import lottery_fields

from .test_inquiry import HASH, bid_of, on_sqlite, opened, refused, wrong

PRICES = [398_000_000, 338_300_000, 350_000_000, 360_000_000, 338_299_999]
"""The band is from 338,300,000 to the ceiling of 398,000,000 fen, both inside."""


def test_a_lottery_from_the_notice_to_the_contract(world, tmp_path):
    lot = opened(world, PRICES, **lottery_fields())
    companies = {bid_of(lot, one): one for one in world.companies}
    bids = list(companies)
    assert refused(drawing.announce_lottery, world.clerk, lot.id) == "phase.wrong"
    world.screen(lot, {bids[3]: "资质证书已过期"})
    report = reading.concluded_report(world.session, lot.id)["report"]
    assert sorted(report["passed"]) == sorted(bids[:3]) and report["candidates"] == []
    assert not report["results"][bids[4]]["in_band"]
    assert refused(acts.publish_candidates, world.clerk, lot.id) == "lottery.draw-first"
    settle(world)
    made = drawing.announce_lottery(world.clerk, lot.id)
    assert refused(drawing.announce_lottery, world.clerk, lot.id) == "draw.exists"
    _contributed(world, made, companies, bids)
    page = lotteries.draw_page(world.session, lotteries.the_draw(world.session, made.id), world.now)
    document = page["document"]
    draw.verify(document)
    announced = document["announcement"]
    assert announced["policy_document"] == "某政办〔2026〕5号" and announced["screen"]
    assert sorted(row["excluded"] or "" for row in announced["pool"]) == [
        "", "", "", "failed_the_screen", "failed_the_screen"]
    order = [page["tickets"][name] for name in document["order"]]
    assert sorted(order) == sorted(bids[:3])
    assert [row.bid_id for row in reading.candidates(world.session, lot.id)] == order
    acts.publish_candidates(world.clerk, lot.id)
    world.advance(to=tenders.lot(world.session, lot.id).publicity_ends)
    award = acts.confirm_award(world.chief, lot.id)
    assert award.bid_id == order[0] and json.loads(award.notice)["how"] == "drawn"
    acts.register_contract(world.clerk, lot.id, amount_fen=award.price_fen, signed_at=world.now,
                           document_hash=HASH)
    settle(world)
    tender = world.tender(lot.tender_id)
    check(package(world, tender))
    told = world.client().get(f"/lots/{lot.id}/lotteries").get_json()["items"][0]
    assert (told["document"], told["tickets"]) == (document, page["tickets"])
    notice = next(one for one in published_notices(world.session, tender.id)
                  if one.kind == "candidates")
    assert digest(document) in notice.content and "第 1 名候选人" in notice.content
    text = Reader(world.app).get(f"/tenders/{tender.id}").text
    assert "在审查合格者中公开抽取" in text and "公平竞争审查规则 8(4)" in text \
        and "某政办〔2026〕5号" in text
    assert wrong(world) == []
    evidence.write(db.session(), tender.id, tmp_path / "public",
                   evidence.Wish(sealed=True, panel=tmp_path / "panel"), "http://x")
    assert command.check(tmp_path / "public",
                         panel=command.read_panel(tmp_path / "panel")).problems == []
    _replayed(tmp_path, Signer.parse(
        (Path(world.settings.keys) / "platform.skey").read_text().strip()))


def _contributed(world, made, companies, bids):
    """A tenderer that passed and the supervisor contribute; who did not pass is turned away."""
    nonces = {companies[bids[0]].actor: b"\1" * 32, world.supervisor: b"\2" * 32}
    path = f"/desk/lots/{made.lot_id}/lottery"
    for actor, nonce in nonces.items():
        page = Reader(world.app, world.session_token(actor)).get(path)
        sheet = [one for one in page.forms() if "/commitments" in one.action][-1]
        assert "承诺已收到" in page.send(sheet, commitment=hashlib.sha256(nonce).hexdigest()).text
    turned = Reader(world.app, world.session_token(companies[bids[3]].actor)).get(path)
    assert turned.status == 200 and all(
        world.session.get_one(Party, actor.party_id).name in turned.text for actor in nonces), \
        "who contributes is there for everybody to see"
    assert refused(drawing.commit_to_lottery, companies[bids[3]].actor, made.id,
                   commitment="0" * 64) == "lottery.not-passed"
    world.advance(to=made.commit_by + timedelta(seconds=1))
    assert refused(drawing.commit_to_lottery, world.clerk, made.id, commitment="0" * 64) \
        == "draw.commit-closed"
    for actor in nonces:
        assert refused(drawing.reveal_to_lottery, actor, made.id,
                       nonce=base64.b64encode(b"\3" * 32).decode()) == "draw.nonce-differs"
    actor, nonce = nonces.popitem()
    page = Reader(world.app, world.session_token(actor)).get(path)
    sheet = [one for one in page.forms() if "/reveals" in one.action][-1]
    assert "随机数已公开" in page.send(sheet, nonce=base64.b64encode(nonce).decode()).text
    _revealed(world, made, nonces)


def contributed(world, made, nonces):
    """Some commit and reveal; the draw is held."""
    for actor, nonce in nonces.items():
        drawing.commit_to_lottery(actor, made.id, commitment=hashlib.sha256(nonce).hexdigest())
    world.advance(to=made.commit_by + timedelta(seconds=1))
    _revealed(world, made, nonces)


def _revealed(world, made, nonces):
    for actor, nonce in nonces.items():
        drawing.reveal_to_lottery(actor, made.id, nonce=base64.b64encode(nonce).decode())
    world.draw_round()
    world.advance(to=made.reveal_by + timedelta(seconds=1))
    world.draw_round()


def _replayed(folder, platform):
    """`yangguang draw verify` repeats it; another order is seen, there and in the evidence, even
    where the platform itself signs what was changed."""
    file = next((folder / "public" / "draws").glob("*lottery*"))
    assert tool.main(["verify", str(file)]) in (0, None)
    text = file.read_text()
    document = json.loads(text)
    document["order"] = document["order"][::-1]
    with pytest.raises(draw.NotTheDraw, match="order"):
        draw.verify(document)
    file.write_text(pretty(document))
    assert "not the draw" in _problems(folder, platform)
    file.write_text(text)
    result = next((folder / "public" / "results").glob("*.json"))
    page = json.loads(result.read_text())
    first, second = sorted(page["candidates"], key=lambda one: one["rank"])[:2]
    first["rank"], second["rank"] = 2, 1
    result.write_text(pretty(page))
    assert "do not stand in the order" in _problems(folder, platform)


def _problems(folder, platform) -> str:
    sign_again(platform, folder / "public")
    return "\n".join(map(str, command.check(folder / "public").problems))


@on_sqlite
def test_fewer_than_three_who_passed_and_nothing_is_drawn(world):
    lot = world.opened_lot(prices=PRICES[:3], **lottery_fields())
    world.screen(lot, {bid_of(lot, world.companies[0]): "资质证书已过期"})
    assert tenders.phase_of(world.session, lot.id, world.now) is Phase.FAILED


@on_sqlite
def test_only_a_lottery_is_drawn(world):
    lot = world.opened_by_fiat()
    world.scored(lot)
    assert refused(drawing.announce_lottery, world.clerk, lot.id) == "lottery.none"
