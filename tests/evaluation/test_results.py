"""What follows a selection's result: objections, the contract's time, failure, asking again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation import selection
from evaluation.services import clock, directory, ending, objecting, offers, reading, requests
from evaluation.services.model import Service
from kernel.db import db
from portal.tick import tick
from tender.parts import published_parts
from tender.profile import shipped_for
from tender.timetable import BEIJING, beijing_day, national_calendar
from tests.worlds.tender import EVIDENCE, PDF

from .test_services import PAPERS, Market, refused

SAID = {"argument": "中标机构的资质证书与所报类别不符。", "remedy": "重新审查"}
PAPER = {"document_hash": "d" * 64}
PROFILE = shipped_for("intermediary", datetime(2026, 3, 2).date())


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING).astimezone(UTC)


def numbered(**values: int | None) -> dict:
    """The intermediary profile with other numbers; None takes one away."""
    numbers = {name: dict(one) for name, one in PROFILE["numbers"].items()}
    for name, value in values.items():
        name = f"service.{name}"
        if value is None:
            numbers.pop(name)
        else:
            numbers[name] = numbers[name] | {"value": value}
    return {**PROFILE, "numbers": numbers}


@pytest.fixture
def market(world):
    return Market(world)


def decided(market) -> Service:
    """A quote with its result: the second agency won."""
    return market.settled(market.publish())


def test_the_windows_are_the_profiles_days():
    friday = at("2026-03-06 23:59")  # one working day: the Monday after
    assert selection.objections_until(PROFILE, friday) == at("2026-03-10 00:00")
    assert selection.objections_until(numbered(objection_days=3), friday) == at("2026-03-12 00:00")
    assert selection.objections_until(numbered(objection_days=None), friday) == friday
    over = selection.objections_until(PROFILE, friday)
    assert selection.contract_until(PROFILE, friday, over) == at("2026-03-20 00:00")
    assert selection.contract_until(PROFILE, friday, over, [at("2026-03-13 09:00")]) \
        == at("2026-03-24 00:00")
    assert selection.contract_until(numbered(contract_days=None), friday, over) is None


@settings(max_examples=60, deadline=None)
@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)), st.integers(0, 30),
       st.integers(0, 60))
def test_windows_end_at_midnights_and_never_before_what_they_follow(moment, days, more):
    moment = moment.replace(tzinfo=UTC)
    profile = numbered(objection_days=days, contract_days=more)
    over = selection.objections_until(profile, moment)
    assert over > moment or days == 0
    assert sum(national_calendar().working(beijing_day(moment) + timedelta(days=one))
               for one in range(1, (beijing_day(over) - beijing_day(moment)).days)) == days
    ends = selection.contract_until(profile, moment, over)
    assert ends - over == timedelta(days=more)


def test_who_offered_may_object_in_time_and_the_contract_waits(world, market):
    service = decided(market)
    one, winner, three = market.agencies
    assert refused(objecting.object_to_result, winner, service.id, **SAID) == "service.not-yours"
    assert refused(objecting.object_to_result, world.account("tenderer", world.party("tenderer")),
                   service.id, **SAID) == "service.not-yours"
    assert refused(objecting.object_to_result, one, service.id, **SAID, evidence=["9" * 64]) \
        == "paper.missing"
    made = objecting.object_to_result(one, service.id, **SAID, evidence=[EVIDENCE])
    assert refused(objecting.object_to_result, one, service.id, **SAID) == "service.objected"
    until = service.objections_until
    world.advance(to=until - timedelta(seconds=30))
    objecting.object_to_result(three, service.id, **SAID)
    world.advance(to=until)
    assert refused(objecting.object_to_result, three, service.id, **SAID) \
        == "service.not-objectable"
    shown = world.client().get(f"/services/{service.id}").json
    assert (shown["state"], shown["objections"]) == ("objected", [])
    assert refused(ending.contract_service, world.clerk, service.id, amount_fen=2_400_000, **PAPER) \
        == "service.state"
    inside = world.client(world.clerk).get(f"/services/{service.id}/objections").json["items"]
    assert [row["argument"] for row in inside] == [SAID["argument"]] * 2
    assert one.party_id not in json.dumps(inside) and one.party_id not in made.argument
    assert world.client(one).get(f"/services/{service.id}/objections").status_code == 404
    paper = f"/service-objections/{made.id}/evidence/{EVIDENCE}"
    assert world.client(world.clerk).get(paper).data == PDF
    assert world.client(winner).get(paper).status_code in (403, 404)
    said = {"outcome": "rejected", "text": "资质证书经核对与类别相符。"}
    for row in reading.objections(db.session, service.id):
        assert refused(objecting.answer_objection, world.account("buyer"), row.id, **said) \
            == "object.not-found"
    for row in reading.objections(db.session, service.id):
        objecting.answer_objection(world.chief, row.id, **said)
        assert refused(objecting.answer_objection, world.chief, row.id, **said) \
            == "service.answered"
    shown = world.client().get(f"/services/{service.id}").json
    assert shown["state"] == "signing"
    assert [set(row) & {"argument", "remedy", "party_id"} for row in shown["objections"]] \
        == [set(), set()]
    ending.contract_service(world.clerk, service.id, amount_fen=2_400_000, **PAPER)
    assert {row.disclose for row in world.written("service.objected")} == {"never"}


def test_who_never_revealed_an_offer_does_not_object(world, market):
    silent = world.account("tenderer", world.party("tenderer"))
    market.enter(silent)
    service = market.publish()
    market.offer(service, silent, 2_000_000)
    service = market.settled(service)
    assert refused(objecting.object_to_result, silent, service.id, **SAID) == "service.not-yours"
    objecting.object_to_result(market.agencies[0], service.id, **SAID)


def test_an_upheld_objection_fails_the_request_which_is_made_again_once(world, market):
    service = decided(market)
    assert refused(market.request, predecessor_id=service.id) == "service.not-failed"
    made = objecting.object_to_result(market.agencies[0], service.id, **SAID)
    objecting.answer_objection(world.chief, made.id, outcome="upheld", text="属实，结果无效。")
    shown = world.client().get(f"/services/{service.id}").json
    assert (shown["state"], shown["failure"]) == ("failed", "objection")
    assert refused(ending.contract_service, world.clerk, service.id, amount_fen=2_400_000, **PAPER) \
        == "service.state"
    assert refused(market.request, predecessor_id=service.id, kind="工程监理") \
        == "service.not-failed"
    again = market.publish(predecessor_id=service.id)
    assert refused(market.request, predecessor_id=service.id) == "service.succeeded"
    shown = world.client().get(f"/services/{again.id}").json
    assert (shown["attempt"], shown["predecessor_id"]) == (2, service.id)
    other = world.account("buyer")
    assert refused(requests.request_service, other, kind=service.kind, title="另一单位", method="quote",
                   requirement="出具审核报告", budget_fen=1_000_000, screen="", policy_document="",
                   reason="", offers_until=world.now + timedelta(days=9),
                   predecessor_id=service.id) == "service.not-failed"


def test_too_few_offers_fail_and_the_third_attempt_counts_three(world, market):
    failed = None
    for attempt in (1, 2, 3):
        service = market.publish(predecessor_id=failed and failed.id)
        market.offer(service, market.agencies[0], 2_000_000)
        world.advance(to=service.offers_until + timedelta(hours=25))
        tick()
        db.session.rollback()
        failed = reading.service(db.session, service.id)
        assert failed.failure == "offers"
        before = reading.succession_of(db.session, service.id)
        assert (before.attempt if before else 1) == attempt


def test_a_contract_that_does_not_come_ends_the_request_by_the_clock(world, market):
    service = decided(market)
    until = reading.contract_until(db.session, service)
    world.advance(to=until - timedelta(seconds=1))
    assert list(clock.due(db.session, world.now)) == []
    world.advance(to=until)
    assert refused(ending.contract_service, world.clerk, service.id, amount_fen=2_400_000, **PAPER) \
        == "service.contract-late"
    assert tick() >= 1
    tick()
    assert len(world.written("service.lapsed")) == 1
    assert world.client().get(f"/services/{service.id}").json["failure"] == "contract"


def test_where_the_profile_lets_it_a_late_contract_needs_its_reason(world, market):
    service = decided(market)
    profile = numbered()
    profile["numbers"]["service.contract_days"] |= {"breach": "reason"}
    with world._raw.begin() as connection:
        connection.execute(Service.__table__.update().where(
            Service.__table__.c.id == service.id).values(profile=profile))
    world.advance(to=reading.contract_until(db.session, service))
    tick()
    assert world.written("service.lapsed") == []
    late = {"amount_fen": 2_400_000, **PAPER}
    assert refused(ending.contract_service, world.clerk, service.id, **late) \
        == "service.contract-late"
    ending.contract_service(world.clerk, service.id, **late, late_reason="汛期封路，双方延期签署。")
    assert world.client().get(f"/services/{service.id}").json["late_reason"]


def test_an_answer_that_does_not_come_is_written_down_and_the_contract_still_waits(world, market):
    service = decided(market)
    made = objecting.object_to_result(market.agencies[0], service.id, **SAID)
    assert made.answer_by == at(f"{beijing_day(world.now) + timedelta(days=4)} 00:00")  # T5: 3 days
    world.advance(to=made.answer_by)
    tick()
    tick()
    assert len(world.written("service.objection_overdue")) == 1
    world.advance(days=30)
    tick()
    assert world.client().get(f"/services/{service.id}").json["state"] == "objected"
    objecting.answer_objection(world.chief, made.id, outcome="partly", text="更正公告文字，结果不变。")
    assert reading.contract_until(db.session, service) > world.now
    ending.contract_service(world.clerk, service.id, amount_fen=2_400_000, **PAPER)


def test_an_agency_leaves_is_kept_out_and_comes_back(world, market):
    one, two, three = market.agencies
    agencies = {row["party_id"]: row["id"] for row in world.client().get("/agencies").json["items"]}
    service = market.publish()
    assert refused(directory.leave_directory, two, agencies[one.party_id]) == "object.not-found"
    directory.leave_directory(one, agencies[one.party_id])
    assert refused(directory.leave_directory, one, agencies[one.party_id]) == "agency.state"
    assert refused(offers.make_offer, one, service.id, sealed="c" * 64) == "agency.out"
    market.enter(one)
    offers.make_offer(one, service.id, sealed="c" * 64)
    first, second = market.supervisors
    day = beijing_day(world.now)
    said = {"kind": "suspended", "document_no": "区监〔2026〕3号", "reason": "出具虚假报告"}
    mine = agencies[two.party_id]
    assert refused(directory.propose_sanction, first, mine, **said, until=day) \
        == "agency.sanction-day"
    made = directory.propose_sanction(first, mine, **said, until=day + timedelta(days=2))
    assert refused(directory.propose_sanction, second, mine, **said, until=day + timedelta(days=2)) \
        == "agency.sanction-open"
    assert refused(directory.approve_sanction, first, made.id) == "agency.same-person"
    assert refused(directory.approve_sanction, world.account("supervisor", region="110000"),
                   made.id) == "access.denied"
    directory.approve_sanction(second, made.id)
    assert refused(offers.make_offer, two, service.id, sealed="c" * 64) == "agency.out"
    shown = next(row for row in world.client().get("/agencies").json["items"] if row["id"] == mine)
    assert [row["document_no"] for row in shown["sanctions"]] == [said["document_no"]]
    world.advance(days=3)
    offers.make_offer(two, service.id, sealed="c" * 64)
    gone = directory.propose_sanction(first, agencies[three.party_id], **said | {"kind": "removed"},
                                      until=beijing_day(world.now) + timedelta(days=60))
    directory.approve_sanction(second, gone.id)
    made = directory.enter_agency(three, region="330703", kinds=["造价咨询"], qualifications=PAPERS)
    read = {"content_hash": directory.digest(made)}
    directory.propose_agency(first, made.id, **read)
    assert refused(directory.approve_agency, second, made.id, **read) == "agency.out"


def test_parts_of_one_project_are_summed_over_requests_and_tenders(world, market):
    reason = "分期审核，经单位集体研究决定。"
    market.publish(title="道路结算审核一期", budget_fen=60_000_000)
    second = {"title": "道路结算审核（二期）", "budget_fen": 40_000_000}
    assert refused(market.request, **second) == "service.split"
    market.request(**second | {"budget_fen": 39_999_999})
    market.request(**second | {"title": "水渠结算审核"})
    market.request(**second, reason=reason)
    tender = world.draft_tender()  # the check of its notice sums requests too
    since = beijing_day(world.now) - timedelta(days=9)
    parts = published_parts(db.session(), tender.buyer_id, since, tender.id)
    assert [(part.title, part.category, part.estimate_fen) for part in parts] \
        == [("道路结算审核一期", "services", 60_000_000)]
    today = beijing_day(world.now)
    assert published_parts(db.session(), tender.buyer_id, today, tender.id) == []
