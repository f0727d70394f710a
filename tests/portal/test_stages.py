"""A lot of two envelopes as it is told: each opening is an act, a release and a record of its own."""

import json
from datetime import datetime
from decimal import Decimal

import pytest

from bidding import acts, reading
from kernel.canonical import jcs, sha256
from portal import show
from portal.ocds import exact

from .ocds import check
from .test_ocds import package, record
from .test_pages import get

PRICES = (381_111_100, 372_222_200, 393_333_300)


@pytest.fixture
def lot(world):
    """Three bids, of whose two envelopes the first is open."""
    lot = world.lots(world.published_tender(two_envelopes=True))[0]
    world.companies = [world.sealed_bid(lot, price_fen=price) for price in PRICES]
    world.past_deadline(lot)
    world.authorise(lot)
    for company in world.companies:
        world.give_own(lot, company)
    world.tick()
    return lot


def prices_opened(world, lot, shut: int = 0) -> None:
    """The second envelope is opened; of `shut` bids the prices stay shut and are taken back."""
    world.advance(hours=1)
    world.sign_sheets(lot, world.drawn_panel(lot))
    acts.authorise_prices(world.fresh(world.officials[0]), lot.id, reason="技术评分已全部签署")
    for company in world.companies[:len(world.companies) - shut]:
        world.give_prices(lot, company)
    world.advance(minutes=31)
    world.tick()
    if shut:
        world.decide_faults(lot)


def told(world, lot) -> list[str]:
    """The releases as they are written, each by itself."""
    return [exact.dumps(one) for one in package(world, world.tender(lot.tender_id))["releases"]]


def test_the_prices_are_a_release_of_their_own_and_the_first_keeps_its_bytes(world, lot):
    """Planted: the release of the first opening was made from what the last stage found."""
    before = told(world, lot)
    opened = json.loads(before[-1], parse_float=Decimal)
    assert opened["id"] == f"{lot.id}-opened" and len(opened["bids"]["details"]) == 3
    assert not any({"value", "contractPeriod"} & set(one) for one in opened["bids"]["details"])
    prices_opened(world, lot)
    after = told(world, lot)
    assert after[:-1] == before, "a release never changes"
    sent = check(package(world, world.tender(lot.tender_id)))
    last, second = sent["releases"][-1], reading.opening_of(world.session, lot.id, 2)
    assert last["id"] == f"{lot.id}-prices-opened" and last["tag"] == ["tenderUpdate"]
    assert datetime.fromisoformat(last["date"]) == second.opened_at
    assert {one["value"]["amount"] for one in last["bids"]["details"]} == {
        Decimal(price) / 100 for price in PRICES}
    assert "parties" not in last and "tender" not in last, "what it brought and nothing else"


def test_the_record_and_the_month_hold_both(world, lot):
    prices_opened(world, lot)
    tender = world.tender(lot.tender_id)
    whole = record(world, tender)["records"][0]["compiledRelease"]["bids"]
    assert {(one["status"], one["value"]["amount"], len(one["tenderers"]))
            for one in whole["details"]} == {
        ("valid", Decimal(price) / 100, 1) for price in PRICES}
    assert {one["measure"]: one["value"] for one in whole["statistics"]} == {
        "bids": 3, "validBids": 3, "tenderers": 3}
    month = next(one for one in world.client().get("/bulk").get_json()["items"]
                 if one["month"] == f"{tender.published_at:%Y-%m}")
    lines = world.client().get(month["jsonl"].partition("/api/v1")[2]).get_data(as_text=True)
    assert json.loads(lines, parse_float=Decimal)["bids"] == json.loads(
        exact.dumps(whole), parse_float=Decimal)


def test_a_price_that_stayed_shut_makes_its_bid_withdrawn_from_that_act_on(world, lot):
    before = told(world, lot)
    prices_opened(world, lot, shut=1)
    assert told(world, lot)[:-1] == before
    sent = check(package(world, world.tender(lot.tender_id)))
    first, second = ({one["id"]: one for one in release["bids"]["details"]}
                     for release in sent["releases"][-2:])
    shut = world.companies[-1].bids[lot.id].declaration["bid"]
    assert first[shut]["status"] == "valid" and second[shut]["status"] == "withdrawn"
    assert "value" not in second[shut] and second[shut]["description"]
    assert {one["measure"]: one["value"] for one in
            sent["releases"][-1]["bids"]["statistics"]} == {"validBids": 2}


def test_the_feed_tells_of_both_openings(world, lot):
    prices_opened(world, lot)
    world.publish_record()
    world.tick(record=True)
    told = [one["type"] for one in world.client().get("/changes").get_json()["items"]]
    assert [one for one in told if one.endswith("opened")] == ["lot.opened", "lot.prices_opened"]


def test_the_page_shows_each_opening_with_its_time_and_hash(world, lot):
    """Planted: prices stood over the hash of the first record, which holds none."""
    first = reading.record_view(world.session, lot.id)
    before = get(world, f"/tenders/{lot.tender_id}")
    assert first["record_hash"] in before and show.money(PRICES[0]) not in before
    assert "None" not in before
    prices_opened(world, lot)
    after = get(world, f"/tenders/{lot.tender_id}")
    opened, priced = (after.index(f"<code>{one}</code>") for one in (
        first["record_hash"], reading.record_view(world.session, lot.id)["prices"]["record_hash"]))
    sums = [after.index(show.money(price)) for price in PRICES]
    assert opened < min(sums) and max(sums) < priced, "each table stands over its own record"
    for stage in (1, 2):
        row = reading.opening_of(world.session, lot.id, stage)
        assert sha256(jcs(json.loads(row.record))).hex() == row.record_hash
        assert show.beijing(row.opened_at)[:19] in after
