"""Framework agreements: stated by two, joined at any time, three ways to buy, objections, the clock."""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from audit.keys import verifier
from evaluation import selection
from evaluation.frameworks import calling, ending, joining, offers, reading, stating
from evaluation.frameworks.model import Calloff, CalloffTurn, FrameworkApplication
from kernel.canonical import parse_time
from kernel.db import db
from kernel.refusal import Refused
from people.model import Party
from portal.tick import tick
from tender import notices, timetable
from tender.acts import approve_debarment, propose_debarment
from tests.portal import ocds
from tests.worlds.tender import EVIDENCE, PDF

STATED = {"kind": "open", "title": "办公设备维修", "category": "services",
          "requirement": "两小时内响应，质保三十日", "conditions": ["营业执照", "维修资质"],
          "price_kind": "highest", "price_fen": 30_000, "unit": "次", "users": [],
          "methods": ["direct", "rotation", "mini"], "methods_reason": "零星维修须均衡派单，便于比价。",
          "leaving": "提前五日书面告知；约定的其他情形见征集文件", "until_day": "2027-12-31"}
PAPERS = [{"condition": place, "name": name, "number": "1", "evidence_hash": EVIDENCE,
           "valid_until": "2028-01-01"} for place, name in enumerate(STATED["conditions"])]
WHY = "距离最近，用户评价最好，价格最低。"


def refused(function, *args, **kwargs) -> str:
    with pytest.raises(Refused) as caught:
        function(*args, **kwargs)
    return caught.value.word.code


class Frame:
    """A framework that runs, and suppliers who stand in it."""

    def __init__(self, world, suppliers: int = 3, **over):
        self.world = world
        world.buyer_unit()
        self.user = world.account("buyer", world.party("buyer", region="330703"))
        self.draft = stating.state_framework(world.clerk, **STATED | over)
        self.id = self.draft.id
        self.hash = reading.content_hash(db.session, self.draft)
        self.suppliers = []
        if suppliers:
            self.publish()
        for _ in range(suppliers):
            self.supplier()

    def publish(self):
        return stating.publish_framework(self.world.fresh(self.world.chief), self.id,
                                         content_hash=self.hash)

    def company(self):
        return self.world.keeps_paper(self.world.account("tenderer", self.world.party("tenderer")))

    def apply(self, one, price: int = 28_000, papers=PAPERS, **over):
        return joining.apply(one, self.id, papers=papers, price_fen=price,
                             **{"terms_hash": self.hash} | over)

    def supplier(self, price: int = 28_000):
        one = self.company()
        made = self.apply(one, price)
        joining.admit(self.world.clerk, made.id)
        self.suppliers.append((one, made.id))
        return one, made.id

    def call(self, method: str = "rotation", who=None, **over):
        return calling.state_calloff(self.world.fresh(who or self.user), self.id, **{
            "title": f"维修{secrets.choice('甲乙丙丁戊己庚辛')}楼{secrets.token_hex(4)}",
            "requirement": "", "quantity": 10, "method": method} | over)

    def asked(self, called) -> str:
        """Whose turn it is, by its account."""
        db.session.rollback()
        turn = reading.open_turn(db.session, called.id)
        return next(one for one, own in self.suppliers if own == turn.application_id)

    def state(self, called) -> str:
        db.session.rollback()
        return self.world.client().get(f"/calloffs/{called.id}").json["state"]

    def over(self):
        """Past the time to object to a result that was just published."""
        self.world.advance(days=10)
        tick()


ONE = pytest.mark.parametrize("database", ["sqlite"])
"""What holds on one database holds on the other; the others are played on both."""


@pytest.fixture
def frame(world):
    return Frame(world)


@ONE
def test_two_persons_publish_and_suppliers_come_decided_and_go(world):
    frame, public = Frame(world, suppliers=0), world.client()
    assert refused(stating.state_framework, world.clerk, **STATED | {"kind": "closed"}) \
        == "framework.closed-kind"
    assert public.get(f"/frameworks/{frame.id}").status_code == 404
    assert refused(stating.publish_framework, world.fresh(world.clerk), frame.id,
                   content_hash=frame.hash) == "notice.same-person"
    work = world.client(world.clerk).get(f"/frameworks/{frame.id}/work").json
    assert work["draft"] and work["own"] and work["findings"] == []
    assert refused(stating.publish_framework, world.fresh(world.chief), frame.id,
                   content_hash="0" * 64) == "notice.changed"
    frame.publish()
    one = frame.company()
    assert refused(frame.apply, one, terms_hash="0" * 64) == "framework.terms"
    assert refused(frame.apply, one, 30_001) == "framework.price"
    assert refused(frame.apply, one, papers=PAPERS[:1]) == "framework.papers"
    assert refused(frame.apply, world.account("tenderer", world.party("tenderer"))) \
        == "paper.missing"
    made = frame.apply(one)
    assert refused(frame.apply, one) == "framework.applied"
    assert public.get(f"/frameworks/{frame.id}").json["suppliers"] == []
    paper = f"/framework-applications/{made.id}/papers/{EVIDENCE}"
    assert world.client(world.clerk).get(paper).data == PDF
    assert world.client(one).get(paper).status_code == 404
    assert refused(joining.refuse, world.clerk, made.id, against=[2], reason="不合适") \
        == "framework.grounds"
    assert refused(joining.admit, frame.user, made.id) == "object.not-found"
    # The decision is late: said once, and it can still be taken.
    world.advance(days=14)
    tick()
    tick()
    assert len(world.written("framework.application_overdue")) == 1
    joining.refuse(world.clerk, made.id, against=[1], reason="资质证书与单位名称不符")
    assert refused(joining.admit, world.clerk, made.id) == "framework.application-state"
    mine = world.client(one).get("/framework-applications/mine").json["items"][0]
    assert mine["state"] == "refused" and mine["against"] == [1]
    assert "资质证书与单位名称不符" not in public.get(f"/frameworks/{frame.id}").get_data(as_text=True)
    objection = ending.object_to_refusal(one, made.id, argument="证书已更名，附变更证明",
                                         remedy="准予入围", evidence=[EVIDENCE])
    assert refused(frame.apply, one) == "framework.applied"
    evidence = f"/framework-objections/{objection.id}/evidence/{EVIDENCE}"
    assert world.client(world.clerk).get(evidence).data == PDF
    ending.answer_refusal_objection(world.clerk, objection.id, outcome="upheld",
                                    text="经核对变更证明属实，准予入围。")
    assert refused(ending.answer_refusal_objection, world.clerk, objection.id, outcome="rejected",
                   text="不再受理") == "framework.objection-answered"
    shown = public.get(f"/frameworks/{frame.id}").json
    assert [item["price_fen"] for item in shown["suppliers"]] == [28_000]
    assert [item["kind"] for item in shown["notices"]] == ["framework", "framework_admission"]
    platform = verifier(world.settings.keys, "platform")
    for told in shown["notices"]:
        notices.verify(told["content"].encode(), told["signature"], platform)
    assert public.get(f"/frameworks/{frame.id}/notices/1/pdf").data.startswith(b"%PDF")
    joining.leave(one, made.id)
    assert public.get(f"/frameworks/{frame.id}").json["suppliers"] == []
    again = frame.apply(one)
    joining.withdraw(one, again.id)
    stating.stop_framework(world.fresh(world.chief), frame.id, reason="需求变化，停止征集")
    assert refused(frame.apply, one) == "framework.state"


@ONE
def test_one_is_struck_off_by_two_on_a_ground_and_does_not_come_back(world, frame):
    (one, own), (_, second), _ = frame.suppliers
    called = frame.call()
    assert frame.asked(called) is one
    strike = joining.propose_strike(world.clerk, own, ground="false-papers", reason="资质证书系伪造")
    assert refused(joining.propose_strike, world.clerk, own, ground="breach",
                   reason="拒不返修") == "framework.strike-open"
    assert refused(joining.approve_strike, world.fresh(world.clerk), strike.id) \
        == "notice.same-person"
    joining.approve_strike(world.fresh(world.chief), strike.id)
    assert refused(calling.take_turn, one, called.id) in ("calloff.state", "calloff.not-yours")
    tick()
    db.session.rollback()
    assert reading.open_turn(db.session, called.id).application_id == second
    assert refused(frame.apply, one) == "framework.struck"
    assert refused(joining.approve_strike, world.fresh(world.chief), strike.id) \
        == "framework.strike-state"
    shown = world.client().get(f"/frameworks/{frame.id}").json
    assert [item["ground"] for item in shown["struck"]] == ["false-papers"]
    assert len(shown["suppliers"]) == 2


@ONE
def test_a_direct_choice_has_a_reason_a_limit_and_a_contract(world, frame):
    (_, own), (two, _), _ = frame.suppliers
    other = world.account("buyer", world.party("buyer", region="110101"))
    assert refused(frame.call, "direct", other, application_id=own, reason=WHY) \
        == "framework.user"
    assert refused(frame.call, "direct", application_id=own) == "calloff.reason"
    assert refused(frame.call, "direct", reason=WHY) == "calloff.supplier"
    assert refused(frame.call, "direct", application_id=own, reason=WHY, quantity=1000) \
        == "calloff.large"
    named = {"application_id": own, "reason": WHY, "quantity": 600}
    called = frame.call("direct", title="空调维修一期", **named)
    assert refused(frame.call, "direct", title="空调维修二期", **named) == "calloff.split"
    split = frame.call("direct", title="空调维修二期", split_reason="极端高温后应急，已报财政备案。", **named)
    assert world.client().get(f"/calloffs/{split.id}").json["split_reason"]
    shown = world.client().get(f"/calloffs/{called.id}").json
    assert shown["price_fen"] == 600 * 28_000 and shown["state"] == "result"
    assert refused(ending.contract, frame.user, called.id, amount_fen=shown["price_fen"],
                   document_hash="c" * 64) == "calloff.state"
    assert refused(ending.object_to_result, frame.company(), called.id, argument="不公",
                   remedy="重选") == "framework.not-yours"
    first = ending.object_to_result(two, called.id, argument="我方更近且价低", remedy="重新选定")
    assert refused(ending.object_to_result, two, called.id, argument="再提", remedy="重选") \
        == "framework.objected"
    frame.over()
    assert frame.state(called) == "objected"
    assert len(world.written("framework.objection_overdue")) == 1
    assert refused(ending.answer_result_objection, world.clerk, first.id, outcome="rejected",
                   text="理由充分") == "object.not-found"
    ending.answer_result_objection(frame.user, first.id, outcome="rejected", text="选定理由已公布。")
    assert refused(ending.contract, frame.user, called.id, amount_fen=1,
                   document_hash="c" * 64) == "calloff.amount"
    ending.contract(frame.user, called.id, amount_fen=shown["price_fen"], document_hash="c" * 64)
    assert world.client().get(f"/frameworks/{frame.id}").json["spent_fen"] == shown["price_fen"]
    for path in (f"/frameworks/{frame.id}", f"/calloffs/{called.id}", f"/calloffs/{split.id}"):
        sent = json.loads(world.client().get(path + "/ocds").data, parse_float=Decimal)
        ocds.check(sent)
        kept = json.loads(world.client().get(path + "/ocds/record").data, parse_float=Decimal)
        assert kept["records"][0]["compiledRelease"] == ocds.merger().create_compiled_release(
            sent["releases"])
    tags = [one["tag"][0] for one in json.loads(
        world.client().get(f"/calloffs/{called.id}/ocds").data)["releases"]]
    assert tags == ["tender", "award", "tenderUpdate", "contract"]
    (change,) = [one for one in world.client().get("/changes").json["items"]
                 if one["type"] == "calloff.contracted"]
    assert change["framework_id"] == frame.id and change["tender_id"] is None
    (hit,) = world.client().get("/search?q=办公设备维修").json["items"]
    assert hit["kind"] == "framework" and hit["framework_id"] == frame.id
    assert frame.state(split) == "signing"
    assert refused(joining.leave, frame.suppliers[0][0], own) == "framework.busy"
    ending.give_up(frame.user, split.id, reason="供应商拒签合同")
    assert frame.state(split) == "failed"
    joining.leave(frame.suppliers[0][0], own)


def test_turns_go_round_and_who_declines_without_good_reason_loses_one(world, frame):
    one, two, three = (who for who, _ in frame.suppliers)
    first = frame.call()
    assert refused(calling.take_turn, two, first.id) == "calloff.not-yours"
    calling.decline_turn(one, first.id, reason="人手不足，本周无法安排")
    assert frame.state(first) == "declined"
    assert refused(calling.judge_decline, world.clerk, first.id, good=True) == "object.not-found"
    calling.judge_decline(frame.user, first.id, good=True)
    assert frame.asked(first) is two
    calling.take_turn(two, first.id)
    assert frame.state(first) == "result"
    second = frame.call()
    assert frame.asked(second) is one  # kept its place
    calling.decline_turn(one, second.id, reason="不想去")
    calling.judge_decline(frame.user, second.id, good=False)
    assert frame.asked(second) is three
    world.advance(days=5)
    tick()
    assert frame.asked(second) is two
    assert len(world.written("calloff.turn_passed")) == 1
    calling.decline_turn(two, second.id, reason="设备送检中，无法承接")
    calling.judge_decline(frame.user, second.id, good=False)
    assert frame.state(second) == "failed"
    assert world.client().get(f"/calloffs/{second.id}").json["failure"] == "nobody"
    assert frame.asked(frame.call()) is one


def test_a_mini_competition_is_sealed_capped_and_told_to_nobody_before(world, frame):
    (one, _), (two, _), (three, _) = frame.suppliers
    until = world.now + timedelta(hours=30)
    assert refused(frame.call, "mini", offers_until=world.now + timedelta(hours=3)) \
        == "calloff.time"
    with pytest.raises(Refused, match="calloff.time") as late:
        frame.call("mini", offers_until=world.now + timedelta(days=900))
    latest = parse_time(late.value.facts["latest"])
    assert refused(frame.call, "mini", offers_until=latest + timedelta(milliseconds=1)) \
        == "calloff.time"
    frame.call("mini", offers_until=latest)  # what a refusal names as the latest is taken
    called = frame.call("mini", offers_until=until)
    before = world.client().get(f"/calloffs/{called.id}").data
    feed = world.client().get("/changes").json["items"]
    salts = {}
    for who, price in ((one, 280_001), (two, 270_000), (three, 260_000)):
        salts[who] = secrets.token_hex(32)
        offers.offer(who, called.id, sealed=selection.commitment(
            called.id, who.party_id, price, "b" * 64, salts[who]))
    assert refused(offers.offer, one, called.id, sealed="c" * 64) == "calloff.offered"
    assert refused(offers.offer, frame.company(), called.id, sealed="c" * 64) \
        == "calloff.not-yours"
    for reader in (None, frame.user, world.clerk, two):
        assert world.client(reader).get(f"/calloffs/{called.id}").data == before
    assert world.client().get("/changes").json["items"] == feed
    assert world.client(two).get(f"/calloffs/{called.id}/offers/mine").status_code == 200
    assert world.client(frame.user).get(f"/calloffs/{called.id}/offers/mine").status_code == 404
    world.advance(to=until)
    tick()
    shown = world.client().get(f"/calloffs/{called.id}").json
    assert len(shown["offers"]) == 3 and all(set(item) == {"commitment"}
                                             for item in shown["offers"])

    def reveal(who, price):
        offers.reveal(who, called.id, price_fen=price, proposal_hash="b" * 64, salt=salts[who])

    assert refused(reveal, two, 250_000) == "calloff.offer-differs"
    reveal(one, 280_001)  # above its agreed price: it does not stand
    reveal(two, 270_000)
    world.advance(hours=25)
    tick()
    shown = world.client().get(f"/calloffs/{called.id}").json
    assert shown["price_fen"] == 270_000 and shown["state"] == "result"
    db.session.rollback()
    alone = frame.call("mini", offers_until=world.now + timedelta(hours=30))
    world.advance(hours=56)
    tick()
    assert world.client().get(f"/calloffs/{alone.id}").json["failure"] == "offers"


@ONE
def test_an_objection_that_is_upheld_fells_the_result_and_the_day_ends_the_framework(world, frame):
    (_, own), (two, _), _ = frame.suppliers
    called = frame.call("direct", application_id=own, reason=WHY)
    row = ending.object_to_result(two, called.id, argument="该单位资质已过期", remedy="撤销")
    ending.answer_result_objection(frame.user, row.id, outcome="upheld", text="经查属实，结果作废。")
    assert frame.state(called) == "failed"
    waiting = frame.call()
    world.advance(to=reading.framework(db.session, frame.id).valid_until)
    assert refused(frame.call) == "framework.state"
    tick()
    db.session.rollback()
    assert len(world.written("framework.ended")) == 1
    assert frame.state(waiting) == "failed"  # its turn was passed on, and nobody may be asked
    assert world.client().get(f"/frameworks/{frame.id}").json["state"] == "ended"


@ONE
def test_what_is_public_says_nothing_of_who_applied_or_was_refused(world, frame):
    public, known = world.client(), world.client().get(f"/frameworks/{frame.id}").data
    feed = public.get("/changes").json
    stranger = frame.company()
    made = frame.apply(stranger)
    joining.refuse(world.clerk, made.id, against=[0], reason="营业执照已注销")
    ending.object_to_refusal(stranger, made.id, argument="并未注销", remedy="重审")
    assert public.get(f"/frameworks/{frame.id}").data == known
    assert public.get("/changes").json == feed
    assert stranger.party_id not in json.dumps([json.loads(known)])
    rows = db.session.execute(select(func.count()).select_from(FrameworkApplication)).scalar_one()
    assert rows == 4
    assert world.client(world.account("buyer")).get(
        f"/frameworks/{frame.id}/applications").status_code == 404
    assert not db.session.scalars(select(Calloff)).all()
    assert not db.session.scalars(select(CalloffTurn)).all()


def _bar(world, company):
    """Put a company on the public list of debarments from today on."""
    one, two = (world.account("supervisor", region="330703") for _ in range(2))
    day = timetable.beijing_day(world.now)
    row = propose_debarment(
        one, uscc=db.session.get(Party, company.party_id).uscc, name="某公司", region="330703",
        authority="某县财政局", document_no="财罚〔2026〕3号", reason="提供虚假材料", nationwide=False,
        from_day=day, until_day=day + timedelta(days=300))
    approve_debarment(world.fresh(two), row.id)


@ONE
def test_who_is_barred_meanwhile_is_given_nothing(world, frame):
    """政府采购法 22, 77: admission was before the debarment; a purchase after it goes to others."""
    (one, own), (two, _), (three, _) = frame.suppliers
    until = world.now + timedelta(hours=30)
    mini, salt = frame.call("mini", offers_until=until), "d" * 64
    for who, price in ((one, 100_000), (two, 200_000)):
        offers.offer(who, mini.id, sealed=selection.commitment(
            mini.id, who.party_id, price, "b" * 64, salt))
    asked = frame.call()
    assert frame.asked(asked) is one
    _bar(world, one)
    assert refused(calling.take_turn, one, asked.id) == "framework.barred"
    assert refused(frame.call, "direct", application_id=own, reason=WHY) == "calloff.supplier"
    assert frame.asked(frame.call()) is two
    assert frame.asked(frame.call()) is three
    assert frame.asked(frame.call()) is two  # the turn of who is barred is left out
    late = frame.call("mini", offers_until=until)
    assert refused(offers.offer, one, late.id, sealed="c" * 64) == "framework.barred"
    world.advance(to=until)
    for who, price in ((one, 100_000), (two, 200_000)):
        offers.reveal(who, mini.id, price_fen=price, proposal_hash="b" * 64, salt=salt)
    world.advance(hours=25)
    tick()
    assert world.client().get(f"/calloffs/{mini.id}").json["price_fen"] == 200_000


@ONE
def test_who_leaves_and_comes_back_reveals_the_offer_that_stands(world, frame):
    one, own = frame.suppliers[0]
    until, salt = world.now + timedelta(hours=30), "d" * 64
    called = frame.call("mini", offers_until=until)

    def sealed(price):
        return selection.commitment(called.id, one.party_id, price, "b" * 64, salt)

    offers.offer(one, called.id, sealed=sealed(250_000))
    joining.leave(one, own)
    joining.admit(world.clerk, frame.apply(one).id)
    world.advance(minutes=1)
    offers.offer(one, called.id, sealed=sealed(240_000))
    mine = world.client(one).get(f"/calloffs/{called.id}/offers/mine")
    assert mine.status_code == 200 and mine.json["commitment"] == sealed(240_000)
    world.advance(to=until)
    for price in (250_000, 240_000):
        offers.reveal(one, called.id, price_fen=price, proposal_hash="b" * 64, salt=salt)
    world.advance(hours=25)
    tick()
    assert world.client().get(f"/calloffs/{called.id}").json["price_fen"] == 240_000


@ONE
@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_day_of_which_no_time_can_be_counted_is_refused(world, day):
    world.buyer_unit()
    answer = world.client(world.clerk).post("/frameworks", json=STATED | {"until_day": day})
    assert answer.status_code == 422, answer.text
