"""A lot that was really sealed and opened: the page, the API and the open data agree."""

import json
from decimal import Decimal
from html import unescape

from portal import show


def seen(world, tender_id):
    client = world.client()
    page = client.get(f"//tenders/{tender_id}", headers={"Accept": "text/html"})
    assert page.status_code == 200
    return unescape(page.get_data(as_text=True)), client.get(f"/tenders/{tender_id}/ocds").data


def test_sealed_opened_and_one_that_stayed_shut(world):
    tender = world.published_tender()
    lot = world.lots(tender)[0]
    prices = [390_000_001, 380_000_050, 370_000_099, 360_123_456]
    companies = [world.sealed_bid(lot, price_fen=price) for price in prices]
    names = [world.raw("SELECT name FROM party WHERE id = :id", id=company.party_id)[0][0]
             for company in companies]
    secrets = [*names, *(show.money(price) for price in prices),
               *(str(Decimal(price) / 100) for price in prices)]

    def hidden():
        page, data = seen(world, tender.id)
        assert not [secret for secret in secrets if secret in page or secret in data.decode()]

    hidden()
    world.past_deadline(lot)
    hidden()
    world.authorise(lot)
    hidden()
    for company in companies[:3]:
        world.give_own(lot, company)
    hidden()
    world.advance(minutes=lot.decrypt_minutes, seconds=1)
    world.tick()
    hidden()
    assert world.decide_faults(lot) == 1

    page, data = seen(world, tender.id)
    record = world.client().get(f"/lots/{lot.id}/opening-record").get_json()
    lines = {line["bid"]: line for line in record["record"]["bids"]}
    assert sorted(line["verdict"] for line in lines.values()) == ["opened"] * 3 + ["unopened"]
    assert record["record_hash"] in page
    for name, price, company in zip(names, prices, companies, strict=True):
        assert name in page
        opened = company is not companies[3]
        assert (show.money(price) in page) == opened
        assert (f'"amount":{Decimal(price) / 100:.2f}' in data.decode()) == opened
    assert "解密时间结束时密钥份额不足" in page
    sent = json.loads(data, parse_float=Decimal)
    details = sent["releases"][-1]["bids"]["details"]
    assert {one["id"]: one["status"] for one in details} == {
        bid: {"opened": "valid", "unopened": "withdrawn"}[line["verdict"]]
        for bid, line in lines.items()}
    for one in details:
        line = lines[one["id"]]
        assert one["tenderers"][0]["name"] == line["name"]
        if line["form"]:
            assert one["value"]["amount"] * 100 == line["form"]["price_fen"]
    sealing = sent["releases"][0]["tender"]["lots"][0]["sealing"]
    assert sealing["policyHash"] == world.lots(tender)[0].policy_hash
