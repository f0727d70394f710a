"""The intermediary supermarket: sealed offers, a reasoned choice, a draw behind a screen, ratings."""

from __future__ import annotations

import json
import secrets
from datetime import timedelta

import pytest
from sqlalchemy import select

from audit.model import Disclosure
from evaluation import draw, replay, selection
from evaluation.services import directory, drawing, ending, offers, reading, requests
from kernel.canonical import b64, sha256
from kernel.db import db
from kernel.refusal import Refused
from portal.tick import tick
from tests.worlds.tender import EVIDENCE, PDF

KIND = "造价咨询"
PAPERS = [{"name": "营业执照", "number": "1", "evidence_hash": EVIDENCE,
           "valid_until": "2027-01-01"}]


def refused(function, *args, **kwargs) -> str:
    with pytest.raises(Refused) as caught:
        function(*args, **kwargs)
    return caught.value.word.code


class Market:
    """Agencies in the directory and a buyer who asks for a service."""

    def __init__(self, world, agencies: int = 3):
        self.world = world
        world.buyer_unit()
        self.supervisors = [world.account("supervisor", region="330703") for _ in range(2)]
        self.agencies = [world.account("tenderer", world.party("tenderer")) for _ in range(agencies)]
        for one in self.agencies:
            self.enter(one)
        self.salts: dict[str, str] = {}

    def enter(self, one, papers=PAPERS):
        self.world.keeps_paper(one)
        made = directory.enter_agency(one, region="330703", kinds=[KIND], qualifications=papers)
        read = {"content_hash": directory.digest(made)}
        directory.propose_agency(self.supervisors[0], made.id, **read)
        directory.approve_agency(self.supervisors[1], made.id, **read)
        return made

    def request(self, method: str = "quote", **over):
        return requests.request_service(self.world.clerk, **{
            "kind": KIND, "title": "结算审核", "requirement": "出具审核报告", "method": method,
            "budget_fen": 3_000_000, "offers_until": self.world.now + timedelta(days=7),
            "screen": "近三年有同类业绩" if method == "draw" else "",
            "policy_document": "某政办〔2026〕5号" if method == "draw" else "", "reason": ""} | over)

    def publish(self, method: str = "quote", **over):
        made = self.request(method, **over)
        return requests.approve_service(self.world.chief, made.id,
                                        content_hash=made.content_hash)

    def offer(self, service, one, price: int) -> None:
        salt = self.salts[one.party_id] = secrets.token_hex(32)
        offers.make_offer(one, service.id, sealed=selection.commitment(
            service.id, one.party_id, price, "b" * 64, salt))

    def reveal(self, service, one, price: int) -> None:
        offers.reveal_offer(one, service.id, price_fen=price, proposal_hash="b" * 64,
                            salt=self.salts[one.party_id])

    def settled(self, service, prices=(2_500_000, 2_400_000, 2_600_000)):
        for one, price in zip(self.agencies, prices, strict=False):
            self.offer(service, one, price)
        self.world.advance(to=service.offers_until)
        for one, price in zip(self.agencies, prices, strict=False):
            self.reveal(service, one, price)
        self.world.advance(hours=25)
        tick()
        db.session.rollback()
        return reading.service(db.session, service.id)


@pytest.fixture
def market(world):
    return Market(world)


def test_the_directory_takes_an_agency_by_two_persons(world, market):
    one = world.account("tenderer", world.party("tenderer"))
    assert refused(directory.enter_agency, one, region="330703", kinds=[KIND],
                   qualifications=PAPERS) == "paper.missing"
    world.keeps_paper(one)
    made = directory.enter_agency(one, region="330703", kinds=[KIND], qualifications=PAPERS)
    read = {"content_hash": directory.digest(made)}
    first, second = market.supervisors
    assert refused(directory.approve_agency, second, made.id, **read) == "agency.state"
    paper = f"/agencies/{made.id}/papers/{EVIDENCE}"
    assert world.client(second).get(paper).data == PDF
    assert world.client(second).get(paper.replace(EVIDENCE, "0" * 64)).status_code == 404
    assert world.client(one).get(paper).status_code == 403
    directory.propose_agency(first, made.id, **read)
    assert refused(directory.approve_agency, first, made.id, **read) == "agency.same-person"
    assert refused(directory.approve_agency, world.account("supervisor", region="110000"),
                   made.id, **read) == "access.denied"
    service = market.publish()
    assert refused(offers.make_offer, one, service.id, sealed="c" * 64) == "agency.not-entered"
    directory.approve_agency(second, made.id, **read)
    offers.make_offer(one, service.id, sealed="c" * 64)
    directory.enter_agency(market.agencies[0], region="330703", kinds=[KIND], qualifications=PAPERS)
    assert refused(offers.make_offer, market.agencies[0], service.id, sealed="c" * 64) \
        == "agency.not-entered"
    market.enter(market.agencies[1], [PAPERS[0] | {"valid_until": "2026-03-01"}])
    assert refused(offers.make_offer, market.agencies[1], service.id, sealed="c" * 64) \
        == "agency.not-entered"


def test_a_request_is_published_by_another_person_under_its_profile(world, market):
    made = market.request()
    read = {"content_hash": made.content_hash}
    assert refused(requests.approve_service, world.clerk, made.id, **read) \
        == "service.same-person"
    assert refused(requests.approve_service, world.account("buyer"), made.id, **read) \
        == "object.not-found"
    soon = {"offers_until": world.now + timedelta(hours=5)}
    assert refused(market.request, **soon) == "service.early"
    market.request(**soon, reason="汛期抢险，经单位集体研究决定。")
    assert refused(market.request, budget_fen=100_000_000) == "service.large"
    assert refused(market.request, "draw", screen=" ") == "service.lottery-gate"
    assert refused(market.request, "draw", policy_document="") == "service.lottery-gate"
    found = requests.approve_service(world.chief, made.id, **read)
    assert found.profile["regime"] == "intermediary"


def test_the_lowest_of_sealed_quotes_wins_and_nobody_reads_one_before(world, market):
    service = market.publish()
    one, two, three = market.agencies
    market.offer(service, one, 2_500_000)
    assert refused(offers.make_offer, one, service.id, sealed="c" * 64) == "offer.exists"
    market.offer(service, two, 2_400_000)
    market.offer(service, three, 3_000_001)
    shown = world.client().get(f"/services/{service.id}").json
    assert shown["offers"] == [] and shown["state"] == "offers"
    assert refused(market.reveal, service, one, 2_500_000) == "service.state"
    world.advance(to=service.offers_until)
    assert refused(offers.make_offer, world.account("tenderer"), service.id, sealed="c" * 64) \
        == "service.state"
    assert refused(market.reveal, service, two, 2_300_000) == "offer.differs"
    for agency, price in zip(market.agencies, (2_500_000, 2_400_000, 3_000_001), strict=True):
        market.reveal(service, agency, price)
    world.advance(hours=25)
    tick()
    shown = world.client().get(f"/services/{service.id}").json
    assert shown["state"] == "failed"  # one of three is over the budget
    service = market.settled(market.publish())
    assert (service.winner_id, service.price_fen) == (two.party_id, 2_400_000)
    text = world.client().get(f"/services/{service.id}").json["result"]
    assert json.loads(text.split("\n", 1)[0])["winner"] == two.party_id
    seals = json.loads(world.written("service.offers_closed")[-1].record)["facts"]["commitments"]
    assert len(seals) == 3
    assert {row.disclose for row in world.written("offer.made")} == {"never"}


def test_who_does_not_reveal_has_withdrawn(world, market):
    service = market.publish()
    for one in market.agencies:
        market.offer(service, one, 2_000_000)
    world.advance(to=service.offers_until + timedelta(hours=25))
    assert refused(market.reveal, service, market.agencies[0], 2_000_000) == "service.state"
    tick()
    assert reading.service(db.session, service.id).failed_at is not None
    facts = json.loads(world.written("service.settled")[-1].record)["facts"]
    assert facts["failed"] and len(facts["silent"]) == 3


def test_display_and_choose_needs_a_standing_offer_and_a_reason(world, market):
    service = market.settled(market.publish("display"))
    assert service.winner_id is None
    winner = market.agencies[2].party_id
    why = "方案最优，团队有同类经验，价格在预算内。"
    assert refused(offers.choose_offer, world.chief, service.id, party_id=world.clerk.party_id,
                   reason=why) == "service.not-an-offer"
    offers.choose_offer(world.chief, service.id, party_id=winner, reason=why)
    assert refused(offers.choose_offer, world.chief, service.id, party_id=winner, reason=why) \
        == "service.state"
    paper = {"document_hash": "d" * 64}
    assert refused(ending.contract_service, world.clerk, service.id, amount_fen=2_600_000, **paper) \
        == "service.state"  # it stands in public
    world.advance(to=reading.service(db.session, service.id).objections_until)
    assert refused(ending.contract_service, world.clerk, service.id, amount_fen=1, **paper) \
        == "service.contract-differs"
    rate = {"stars": 4, "text": "按期完成"}
    assert refused(ending.rate_agency, world.clerk, service.id, **rate) == "service.state"
    ending.contract_service(world.clerk, service.id, amount_fen=2_600_000, **paper)
    assert refused(ending.rate_agency, world.clerk, service.id, **rate) == "service.state"
    ending.finish_service(world.clerk, service.id, document_hash="f" * 64)
    ending.rate_agency(world.clerk, service.id, **rate)
    assert refused(ending.rate_agency, world.chief, service.id, **rate) == "service.rated"
    assert refused(ending.rate_buyer, market.agencies[0], service.id, **rate) \
        == "service.not-yours"
    ending.rate_buyer(market.agencies[2], service.id, stars=5, text="付款及时")
    (row,) = [one for one in world.client().get("/agencies").json["items"]
              if one["party_id"] == winner]
    assert (row["average"], row["ratings"]) == ("4.0", 1)


def test_a_draw_needs_a_screen_and_can_be_held_again(world, market):
    service = market.settled(market.publish("draw"))
    times = {"commit_minutes": 10, "reveal_minutes": 10}
    assert refused(drawing.announce_selection, world.clerk, service.id, **times) \
        == "service.no-screen"
    one, two, three = (agency.party_id for agency in market.agencies)
    said = [{"party_id": one, "passed": True, "because": ""},
            {"party_id": two, "passed": True, "because": ""},
            {"party_id": three, "passed": False, "because": "无同类业绩"}]
    assert refused(offers.screen_offers, world.clerk, service.id, verdicts=said[:2]) \
        == "service.screen-incomplete"
    assert refused(offers.screen_offers, world.clerk, service.id, verdicts=[
        *said[:2], said[2] | {"because": " "}]) == "service.screen-incomplete"
    offers.screen_offers(world.clerk, service.id, verdicts=said)
    made = drawing.announce_selection(world.clerk, service.id, **times)
    assert refused(drawing.announce_selection, world.clerk, service.id, **times) \
        == "service.draw-once"
    nonce = secrets.token_bytes(32)
    drawing.commit_to_selection(market.agencies[0], made.id, commitment=sha256(nonce).hex())
    assert refused(drawing.commit_to_selection, market.agencies[2], made.id,
                   commitment="c" * 64) == "service.not-yours"
    world.advance(minutes=11)
    drawing.reveal_to_selection(market.agencies[0], made.id, nonce=b64(nonce))
    tick()
    world.advance(minutes=10)
    tick()
    world.publish_record()
    tick()
    shown = world.client().get(f"/services/{service.id}").json
    document = shown["draws"][0]["document"]
    draw.verify(document)
    assert shown["winner_id"] == shown["draws"][0]["tickets"][document["panel"][0]]
    assert shown["winner_id"] in (one, two)
    world.publish_record()
    db.session.rollback()
    entries = [(row.position, json.loads(row.record)) for row in db.session.scalars(
        select(Disclosure).where(Disclosure.record.contains("selection.")).order_by(
            Disclosure.position))]
    assert [at for at, one in entries if one["type"] == "selection.closed"] \
        == [replay.against_record(document, entries)]
    other = [(at, one | {"facts": one["facts"] | {"nonce": b64(bytes(32))}})
             if one["type"] == "selection.revealed" else (at, one) for at, one in entries]
    with pytest.raises(draw.NotTheDraw):
        replay.against_record(document, other)
