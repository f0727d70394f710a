"""Services and direct awards in search, letters, feed, Atom, whole months and pages, as tenders are."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from html import unescape
from xml.etree import ElementTree as ET

import pytest

from evaluation.services import ending
from kernel.db import db
from portal import awarded, bulk, opendata
from portal.ocds import exact
from portal.ocds.direct import package
from portal.ocds.services import record_package
from portal.search import indexing
from portal.tick import tick
from portal.webhooks.clock import _wanted
from tender import acts
from tender.model import Change
from tests.evaluation.test_services import Market
from tests.tender.test_direct import STATED, approve, place, stated  # noqa: F401

from .test_alerts import box, mailed, save  # noqa: F401

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def market(place):  # noqa: F811
    return Market(place)


def awarded_directly(world, **over) -> str:
    award, digest = stated(world, **over)
    approve(world, award, digest)
    return award


def found(world, q="", **query):
    answer = world.client().get("/search", query_string={"q": q, **query})
    assert answer.status_code == 200, answer.json
    return answer.json["items"]


def ids(items) -> list[str]:
    return [one["service_id"] or one["direct_award_id"] or one["tender_id"] for one in items]


def test_one_search_finds_all_that_is_published_and_no_draft(place, market):  # noqa: F811
    world = place
    stated(world, title="未公布的直接发包")
    market.request(title="未公布的造价服务")
    service, award = market.publish(title="岭下镇道路结算审核"), awarded_directly(world)
    world.tick()
    assert found(world, "未公布") == []
    (one,), (two,) = found(world, "结算审核"), found(world, "防水工程")
    assert one["kind"] == "service" and one["service_id"] == service.id
    assert one["tender_id"] is one["lot_id"] is one["direct_award_id"] is None
    assert one["phase"] == "BIDDING" and one["regime"] == "intermediary"
    assert one["deadline"] == world.client().get(f"/services/{service.id}").json["offers_until"]
    assert two["direct_award_id"] == award and two["phase"] == "AWARDED" and not two["deadline"]
    assert two["value_fen"] == STATED["estimate_fen"] and two["service_id"] is None
    for query, wanted in (
            ({}, [award, service.id]), ({"kind": "service"}, [service.id]),
            ({"kind": "direct_award"}, [award]), ({"kind": "tender"}, []),
            ({"phase": "BIDDING"}, [service.id]), ({"phase": "complete"}, [award]),
            ({"regime": "below"}, [award]), ({"category": "services"}, [service.id]),
            ({"region": "3307", "kind": "service"}, [service.id]), ({"region": "11"}, []),
            ({"value_to": 5_000_000}, [service.id]), ({"buyer": world.buyer_unit().uscc}, [
                award, service.id])):
        assert ids(found(world, **query)) == wanted, query
    assert world.client().get("/search?kind=works").status_code == 422
    # The first page's own search asks the same index and shows tenders.
    assert "岭下镇道路结算审核" not in unescape(world.app.test_client().get(
        "/?q=结算审核").get_data(as_text=True))
    # Time alone moves a phase, acts move it too.
    world.advance(to=service.offers_until)
    assert ids(found(world, phase="OPENING")) == [service.id]
    acts.contract_award(world.clerk, award, amount_fen=7_900_000, signed_at=world.now,
                        document_hash="c" * 64)
    world.tick()
    assert ids(found(world, phase="CONTRACTED")) == [award]
    world.advance(hours=25)
    tick()
    tick()
    assert ids(found(world, phase="FAILED", kind="service")) == [service.id]


def test_the_index_made_anew_holds_the_same(place, market, monkeypatch):  # noqa: F811
    world = place
    monkeypatch.setattr(indexing, "BATCH", 2)
    made = []
    for number in range(3):
        made.append(market.publish(title=f"审核{'甲乙丙'[number]}").id)
        world.advance(minutes=1)
        made.append(awarded_directly(world, title=f"修缮{'子丑寅'[number]}", estimate_fen=2_000_000,
                                     price_fen=1_900_000))
    for _ in range(5):
        world.tick()
    before = found(world, limit=50)
    assert sorted(ids(before)) == sorted(made)
    world.raw("DELETE FROM search_entry")
    with world.app.app_context():
        assert indexing.rebuild() == 6
    db.session.rollback()
    again = found(world, limit=50)
    assert ids(again) == made[::-1], "in the order of publication"
    assert sorted(again, key=ids_key) == sorted(before, key=ids_key)


def ids_key(item) -> str:
    return item["ocid"]


def test_letters_tell_of_them_once_and_of_nothing_old(place, market, mailed, box):  # noqa: F811
    world = place
    old = market.publish(title="旧审核")
    world.advance(minutes=1)
    save(mailed, query={"q": "审核", "kind": "service"})
    save(mailed, name="发包", query={"kind": "direct_award"})
    service, award = market.publish(title="桥梁审核"), awarded_directly(world)
    world.tick()
    world.advance(minutes=3)
    world.tick()
    assert len(box.letters) == 2
    text = "".join(box.texts())
    assert f"https://yg.example.cn/services/{service.id}" in text and "桥梁审核" in text
    assert f"https://yg.example.cn/direct-awards/{award}" in text and old.id not in text
    # An index that has grown behind its end tells nobody of what was published before.
    world.raw("UPDATE search_entry SET seq = seq + 100 WHERE lot_id = :id", id=old.id)
    world.advance(minutes=3)
    world.tick()
    assert len(box.letters) == 2


def test_the_feed_tells_a_direct_award_when_it_is_published(place):  # noqa: F811
    world = place
    before = world.client().get("/changes?limit=1000").json["next"]
    stated(world, title="草稿")
    award = awarded_directly(world)
    world.advance(days=5)
    acts.contract_award(world.clerk, award, amount_fen=7_900_000, signed_at=world.now,
                        document_hash="c" * 64)
    items = world.client().get(f"/changes?after={before}&limit=1000").json["items"]
    assert [(one["type"], one["tender_id"], one["direct_award_id"]) for one in items] == [
        ("direct_award.approved", None, award), ("direct_award.contracted", None, award)]
    mine = world.client().get(f"/changes?tender_id={award}").json["items"]
    assert [one["id"] for one in mine] == [one["id"] for one in items]
    row = world.session.query(Change).filter_by(entry_id=items[0]["id"]).one()
    assert _wanted(world.session, row, {"region": "3307"})
    assert not _wanted(world.session, row, {"region": "3308"})


def test_its_notices_stand_among_the_others_in_atom(place, monkeypatch):  # noqa: F811
    world = place
    monkeypatch.setattr(opendata, "PER_PAGE", 2)
    made = []
    for number in range(3):
        made.append(awarded_directly(world, title=f"修缮{number}", estimate_fen=2_000_000,
                                     price_fen=1_900_000))
        world.advance(minutes=1)
    tender = world.published_tender()
    seen, address = [], "/notices.atom"
    while address:
        root = ET.fromstring(world.client().get(address).data)
        seen += [one.find(f"{ATOM}link").get("href").split("/", 3)[3]
                 for one in root.iter(f"{ATOM}entry")]
        links = [one.get("href") for one in root.findall(f"{ATOM}link")
                 if one.get("rel") == "prev-archive"]
        address = links and links[0].partition("/api/v1")[2]
    assert seen == [f"tenders/{tender.id}", *(f"direct-awards/{one}" for one in reversed(made))]


def test_a_month_holds_them_as_lines_and_as_tables(place, market, monkeypatch):  # noqa: F811
    world, client = place, place.client()
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    service = market.settled(market.publish(title="=1+1审核"))
    open_one = market.publish(title="尚在报价")
    for one in market.agencies:
        market.offer(open_one, one, 2_000_000)
    world.advance(to=service.objections_until)
    ending.contract_service(world.clerk, service.id, amount_fen=2_400_000, document_hash="d" * 64)
    award = awarded_directly(world)
    (month,) = client.get("/bulk").json["items"]
    base = month["jsonl"].partition("/api/v1")[0]
    read = {name: client.get(path.partition("/api/v1")[2]).data
            for name, path in month.items() if name != "month"}
    lines = [json.loads(one, parse_float=Decimal) for one in read["services_jsonl"].splitlines()]
    wanted = [record_package(world.session, one, base=base, publisher="")["records"][0][
        "compiledRelease"] for one in (service.id, open_one.id)]
    assert [json.dumps(one, default=str) for one in lines] == [
        json.dumps(one, default=str) for one in wanted]
    (line,) = read["direct_awards_jsonl"].splitlines()
    told = package(world.session, award, base=base, publisher="")["releases"]
    assert json.loads(line)["ocid"] == json.loads(exact.dumps(told[0]))["ocid"]
    assert json.loads(line)["awards"][0]["suppliers"][0]["name"] == STATED["contractor"]
    first, second = table(read["services_csv"])
    assert first["title"] == "'=1+1审核" and first["price_yuan"] == "24000.00"
    assert first["state"] == "contracted" and first["agency"]
    assert second["state"] == "offers" and second["agency"] == second["price_yuan"] == ""
    (row,) = table(read["direct_awards_csv"])
    assert row["contractor"] == STATED["contractor"] and row["price_yuan"] == "79000.00"
    assert table(read["csv"]) == []


def table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_the_pages_show_what_is_published_and_turn(place, monkeypatch):  # noqa: F811
    world = place
    monkeypatch.setattr(awarded, "PER_PAGE", 2)
    draft, _ = stated(world, title="草稿中的修缮")
    made = []
    for number in range(3):
        made.append(awarded_directly(world, title=f"修缮{'子丑寅'[number]}", estimate_fen=2_000_000,
                                     price_fen=1_900_000))
        world.advance(minutes=1)
    browser = world.app.test_client()

    def page(path: str) -> str:
        answer = browser.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == 200, path
        return unescape(answer.get_data(as_text=True))

    first = page("/direct-awards")
    assert all(f"/direct-awards/{one}" in first for one in made[1:])
    assert draft not in first and "草稿中的修缮" not in first
    second = page(f"/direct-awards?after={made[1]}")
    assert f"/direct-awards/{made[0]}" in second and f"/direct-awards/{made[1]}" not in second
    shown = page(f"/direct-awards/{made[0]}")
    assert STATED["contractor"] in shown and STATED["reason"] in shown and "¥19,000.00" in shown
    assert browser.get(f"/direct-awards/{draft}").status_code == 404
    assert world.client(world.clerk).get(f"/direct-awards/{draft}").status_code == 200
