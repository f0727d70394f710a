"""A page of many costs the questions of a page of one: no list asks the database row by row."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event

from evaluation.services import drawing, offers
from kernel.db import db
from people import acts as peopling
from portal.tick import tick
from supervision.complaints import deciding, reading
from tender import acts as tendering

from ..bidding.test_cost import COMPARING
from ..evaluation.test_services import Market
from ..supervision import test_complaints as complaints
from ..tender import test_direct as directs
from ..tender.test_invitation import invite

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

FEW = 2
"""Of how many rows a page is compared with all of them; of one some questions are not asked."""


@pytest.fixture
def costs(world):
    """`costs(path, actor)`: the kinds of statements of a short page and of the whole list that
    are more often in the latter; the list has at least three rows, or more where it is told so."""
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_more):
        if statement != COMPARING:
            seen.append(" ".join(statement.split())[:90])

    def ask(path, actor, limit):
        client = world.client(actor)
        seen.clear()
        answer = client.get(path, query_string={"limit": limit}, headers={"Access-Reason": "checking"})
        assert answer.status_code == 200, answer.json
        return list(seen), len(answer.json["items"])

    def grown(path, actor=None, least=3):
        ask(path, actor, FEW)  # what is asked once in a process
        few, short = ask(path, actor, FEW)
        many, rows = ask(path, actor, 200)
        assert short == FEW and rows >= least, (path, rows)
        return {one for one in many if many.count(one) > few.count(one)}

    grown.seen = seen
    event.listen(db.engine, "before_cursor_execute", note)
    yield grown
    event.remove(db.engine, "before_cursor_execute", note)


PRICES = (2_500_000, 2_400_000, 2_600_000)


def test_services_and_agencies(world, costs):
    market = Market(world)
    three = [market.publish("draw", title=f"结算审核{at}") for at in range(3)]
    salts = {}
    for service in three:
        for one, price in zip(market.agencies, PRICES, strict=True):
            market.offer(service, one, price)
        salts[service.id] = dict(market.salts)
    world.advance(to=three[-1].offers_until)
    for service in three:
        market.salts = salts[service.id]
        for one, price in zip(market.agencies, PRICES, strict=True):
            market.reveal(service, one, price)
    world.advance(hours=25)
    tick()
    for service in three:
        offers.screen_offers(world.clerk, service.id, verdicts=[
            {"party_id": one.party_id, "passed": True, "because": ""} for one in market.agencies])
        drawing.announce_selection(world.clerk, service.id, commit_minutes=10, reveal_minutes=10)
    shown = world.client().get("/services").json["items"]
    assert [(len(one["offers"]), len(one["draws"])) for one in shown] == [(3, 1)] * 3
    assert costs("/services") == costs("/agencies") == set()


def test_watched_lots_and_the_logs(world, costs):
    for _ in range(4):
        world.published_tender()
    people = [world.account("supervisor", region="330703") for _ in range(4)]
    for one in people:
        assert world.client(one).get("/security-log").status_code == 403
    found = {path: costs(path, actor) for path, actor in (
        ("/watched-lots", people[0]),
        ("/tenders", None), ("/role-grants", world.admin("sec_admin")),
        ("/security-log", world.admin("audit_admin")), ("/accounts", world.admin("sys_admin")))}
    assert {path: one for path, one in found.items() if one} == {}


def test_opened_bids(world, costs):
    lot = world.opened_lot(4)
    assert costs(f"/lots/{lot.id}/opened-bids", world.drawn_panel(lot)[0]) == set()


def test_direct_awards_of_ones_own_unit(world, costs):
    directs.allowed(world)
    for at in range(4):
        award, digest = directs.stated(world, title=f"维修第{at}处", estimate_fen=1_000_000,
                                       price_fen=900_000)
        directs.approve(world, award, digest)
        directs.stated(world, title=f"草稿第{at}份")
    assert costs("/direct-awards/own", world.clerk, least=8) == set()
    told = [(one["title"], len(one["notices"]))
            for one in world.client(world.clerk).get("/direct-awards/own").json["items"]]
    assert sorted(told) == sorted([(f"维修第{at}处", 1) for at in range(4)]
                                  + [(f"草稿第{at}份", 0) for at in range(4)])


def test_complaints_and_their_clock(world, costs):
    lot, company = world.lots(world.published_tender())[0], world.company()
    second = world.account("supervisor", world.supervisor.party_id, region="330703")
    rows = [complaints.filed(world, lot, company, facts=f"第{at}项条件不合理。") for at in range(4)]
    for row in rows[:3]:
        complaints.accepted(world, row)
        number = complaints.proposed(world, row).number
        deciding.approve_decision(world.fresh(second), lot.id, row.id, proposal=number)
    costly = {path: costs(path, actor) for path, actor in (
        ("/complaints", world.supervisor), (f"/lots/{lot.id}/complaints", None))}
    costly["buyer"] = costs("/complaints", world.clerk)
    costly["own"] = costs("/complaints", company.actor)
    assert {path: one for path, one in costly.items() if one} == {}
    late = world.now + timedelta(days=400)
    assert [one.id for one in reading.waited_for(db.session, late)] == [rows[3].id], \
        "nothing is awaited where nothing was ordered"


def test_questions_and_securities(world, costs):
    """The actions of a list's rows are asked of authority once for their lot."""
    lot = world.lots(world.published_tender())[0]
    companies = [world.company() for _ in range(4)]
    for at, one in enumerate(companies):
        asked = tendering.ask_question(one.actor, lot.id, text=f"第{at}个检查井多深？")
        tendering.answer_question(world.clerk, lot.id, asked.id, text="二米。")
        world.lodged(lot, one.actor)
    place = f"/lots/{lot.id}/questions"
    assert costs(place) == costs(place, companies[0].actor) == costs(place, world.clerk) == set()
    world.force_phase(lot.id, "OPENED")
    costs.seen.clear()  # a list without pages
    listed = world.client(world.clerk).get(f"/lots/{lot.id}/guarantees").json["items"]
    assert len(listed) == 4 and len([one for one in costs.seen if "prolongation" in one]) == 1


def test_invitations_replaced_factors_and_events_of_administrators(world, costs):
    companies = [world.company() for _ in range(3)]
    for _ in range(3):
        invite(world, companies)
    forgetful = [world.account("supervisor", region="330703") for _ in range(3)]
    for one in forgetful:
        world.password(one)
        peopling.propose_reset(world.admin("sec_admin_2"), one.account_id, reason="手机丢失")
        assert world.client(world.admin("sec_admin")).get("/security-log").status_code == 403
    auditor, keeper = world.admin("audit_admin"), world.admin("sec_admin")
    found = {path: costs(path, actor) for path, actor in (
        ("/invitations", companies[0].actor), ("/factor-resets", keeper),
        ("/administration-log/events", auditor))}
    assert {path: one for path, one in found.items() if one} == {}
