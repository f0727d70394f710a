"""Services and village works as everybody may know them: OCDS, Atom, the feed, search and pages."""

from __future__ import annotations

import json
from datetime import timedelta
from html import unescape
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from evaluation.services import ending, objecting
from kernel.db import db
from portal import market as shop
from portal import opendata
from portal.ocds import exact
from portal.ocds.services import record_package, release_package
from portal.tick import tick
from portal.webhooks.clock import message
from supervision import acts as watch
from tender.model import Change
from tender.timetable import beijing_day
from tests.evaluation.test_services import Market
from tests.permissions.watch import WORK
from tests.worlds.tender import EVIDENCE

from .ocds import check, merger

HERE = {"base": "https://yg.example", "publisher": "test"}
SAID = {"argument": "某公司串通投标", "remedy": "作废"}


@pytest.fixture
def market(world):
    return Market(world)


def tags(package) -> list[str]:
    return [release["tag"][0] for release in package["releases"]]


def test_a_service_is_a_process_of_its_own_valid_at_every_step(world, market):
    service = market.publish()
    told = []

    def look(*wanted: str) -> dict:
        db.session.rollback()
        package = release_package(db.session, service.id, **HERE)
        assert tags(package) == list(wanted)
        told.append([exact.dumps(one) for one in package["releases"]])
        return check(package)

    first = look("tender")
    for one, price in zip(market.agencies, (2_500_000, 2_400_000, 3_000_001), strict=True):
        market.offer(service, one, price)
    look("tender")
    names = [one["name"] for one in world.client().get("/agencies").json["items"]]
    assert not any(name in exact.dumps(first) for name in names)
    world.advance(to=service.offers_until)
    for one, price in zip(market.agencies, (2_500_000, 2_400_000, 3_000_001), strict=True):
        market.reveal(service, one, price)
    world.advance(hours=25)
    tick()
    failed = look("tender", "tenderUpdate", "tenderCancellation")
    assert [bid["status"] for bid in failed["releases"][1]["bids"]["details"]].count(
        "disqualified") == 1
    for before, after in pairwise(told):
        assert after[:len(before)] == before  # what was released keeps its bytes


def test_result_objection_contract_and_completion_merge_as_the_standard_says(world, market):
    service = market.settled(market.publish())
    made = objecting.object_to_result(market.agencies[0], service.id, **SAID)
    assert tags(release_package(db.session, service.id, **HERE))[-1] == "award"
    objecting.answer_objection(world.chief, made.id, outcome="rejected", text="未发现串通。")
    world.advance(to=service.objections_until)
    ending.contract_service(world.clerk, service.id, amount_fen=2_400_000, document_hash="d" * 64)
    world.advance(days=1)
    ending.finish_service(world.clerk, service.id, document_hash="f" * 64)
    package = release_package(db.session, service.id, **HERE)
    check(package)
    assert tags(package)[2:] == ["award", "tenderUpdate", "contract", "contractTermination"]
    text = exact.dumps(package)
    assert SAID["argument"] not in text and '"outcome":"rejected"' in text
    sent = world.client().get(f"/services/{service.id}/ocds/record")
    assert sent.mimetype == "application/json" and sent.headers["ETag"]
    record = record_package(db.session, service.id, **HERE)["records"][0]
    made = json.loads(exact.dumps(record["compiledRelease"]))
    wanted = merger().create_compiled_release(json.loads(exact.dumps(record["releases"])))
    assert made == wanted | {"id": made["id"]}
    assert made["awards"][0]["status"] == "active"
    assert made["contracts"][0]["status"] == "terminated"


def test_an_upheld_objection_cancels_the_award_and_the_next_request_names_it(world, market):
    service = market.settled(market.publish())
    made = objecting.object_to_result(market.agencies[0], service.id, **SAID)
    objecting.answer_objection(world.chief, made.id, outcome="upheld", text="属实")
    package = check(release_package(db.session, service.id, **HERE))
    assert package["releases"][-1]["awards"] == [{"id": f"{service.id}-award",
                                                  "status": "cancelled"}]
    again = market.publish(predecessor_id=service.id)
    package = check(release_package(db.session, again.id, **HERE))
    assert package["releases"][0]["relatedProcesses"][0]["identifier"] == f"ocds-yg2026-{service.id}"


def test_a_request_is_told_to_nobody_before_it_is_published(world, market):
    made = market.request()
    for path in (f"/services/{made.id}", f"/services/{made.id}/ocds",
                 f"/services/{made.id}/ocds/record"):
        assert world.client().get(path).status_code == 404, path
    assert made.id not in page(world, "/services") and made.title not in page(world, "/services")


def page(world, path: str) -> str:
    answer = world.client().get(path, headers={"Accept": "text/html"}) if path.startswith("/api") \
        else world.app.test_client().get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200 and answer.mimetype == "text/html", answer.status_code
    return unescape(answer.get_data(as_text=True))


def test_the_pages_say_what_the_api_says_and_no_more(world, market):
    service = market.publish()
    for one, price in zip(market.agencies, (2_500_000, 2_400_000, 2_600_000), strict=True):
        market.offer(service, one, price)
    names = [row["name"] for row in world.client().get("/agencies").json["items"]]
    text = page(world, f"/services/{service.id}")
    assert "报价中" in text and not any(name in text for name in names)
    assert f"/services/{service.id}" in page(world, "/services")
    service = market.settled(market.publish())
    made = objecting.object_to_result(market.agencies[0], service.id, **SAID)
    assert "异议待答复" in page(world, f"/services/{service.id}")
    objecting.answer_objection(world.chief, made.id, outcome="upheld", text="属实，结果无效。")
    text = page(world, f"/services/{service.id}")
    assert "属实，结果无效。" in text and SAID["argument"] not in text
    assert "异议成立，成交结果无效" in text and "¥24,000.00" in text
    again = market.publish(predecessor_id=service.id)
    assert f"/services/{service.id}" in page(world, f"/services/{again.id}")


def test_the_list_of_services_is_turned(world, market, monkeypatch):
    monkeypatch.setattr(shop, "PER_PAGE", 2)
    made = set()
    for number in range(3):
        world.advance(minutes=1)
        made.add(market.publish(title=f"审核{'甲乙丙'[number]}").id)
    first, after = shop.listed(db.session, world.now)
    second, end = shop.listed(db.session, world.now, after=after)
    assert {one["service"].id for one in first + second} == made and end is None


def test_works_are_shown_with_rates_and_open_findings_but_not_their_words(world):
    world.buyer_unit()
    first, second = (world.account("supervisor", region="330703") for _ in range(2))
    work = watch.enter_work(world.clerk, name="水渠改造", **WORK)
    found = watch.open_finding(first, work_id=work.id, kind="funds", text="某人挪用资金",
                               due=beijing_day(world.now) + timedelta(days=3))
    text = page(world, "/works?year=2026&region=3307")
    assert "水渠改造" in text and "资金" in text and "某人挪用资金" not in text
    assert "录入率" in text and "100.00 %" in text
    world.advance(days=4)
    assert "已逾期" in page(world, "/works?year=2026")
    for address in ("/works?year=x&region=%00", "/works?region=9", "/works?after=zzz"):
        page(world, address)
    world.keeps_paper(world.clerk)
    watch.answer_finding(world.clerk, found.id, answer="已补正", evidence_hash=EVIDENCE)
    watch.propose_closing(first, found.id, evidence_hash=EVIDENCE)
    watch.approve_closing(second, found.id, evidence_hash=EVIDENCE)
    assert "已逾期" not in page(world, "/works?year=2026")


def test_the_feed_tells_each_public_act_of_a_published_service_once(world, market):
    before = world.client().get("/changes?limit=1000").json["next"]
    market.request()
    service = market.settled(market.publish())
    objecting.object_to_result(market.agencies[0], service.id, **SAID)
    items = world.client().get(f"/changes?after={before}&limit=1000").json["items"]
    assert {(one["tender_id"], one["service_id"]) for one in items} == {(None, service.id)}
    assert [one["type"] for one in items] == [
        "service.approved", "service.offers_closed", *["offer.revealed"] * 3, "service.settled"]
    mine = world.client().get(f"/changes?tender_id={service.id}").json["items"]
    assert [one["id"] for one in mine] == [one["id"] for one in items]
    tender = world.published_tender()
    items = world.client().get("/changes?limit=1000").json["items"]
    assert [one for one in items if one["tender_id"] == tender.id and "service_id" not in one]
    tick()  # the search's index and the webhooks read it too
    made = json.loads(message(db.session.get(Change, 1)))
    assert made["data"]["service_id"] == service.id and made["data"]["tender_id"] is None


def test_the_atom_feed_tells_each_step_once_and_in_pages(world, market, monkeypatch):
    service = market.settled(market.publish())
    market.request()
    root = ElementTree.fromstring(world.client().get("/services.atom").data)
    name = "{http://www.w3.org/2005/Atom}"
    titles = [one.findtext(f"{name}title") for one in root.iter(f"{name}entry")]
    assert titles == [f"中介服务成交结果：{service.title}", f"中介服务需求：{service.title}"]
    assert {one.find(f"{name}link").get("href").rsplit("/", 1)[1]
            for one in root.iter(f"{name}entry")} == {service.id}
    monkeypatch.setattr(opendata, "PER_PAGE", 1)
    seen, address = [], "/services.atom"
    while address:
        root = ElementTree.fromstring(world.client().get(address).data)
        seen += [one.findtext(f"{name}id") for one in root.iter(f"{name}entry")]
        links = [one.get("href") for one in root.findall(f"{name}link")
                 if one.get("rel") == "prev-archive"]
        address = links and "/services.atom?" + links[0].split("?")[1]
    assert len(seen) == len(set(seen)) == 2
    assert world.client().get("/services.atom?before=x-nothing").status_code == 404
