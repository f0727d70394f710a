"""From declaration to opening record, on both databases."""

import json

from audit import note
from audit.act import wiring
from bidding import age, promise, reading, suites
from bidding.lifecycle import State
from kernel.canonical import time_text, unb64
from tender import reading as tender_reading


def says(text):
    return promise.read(text, note.Verifier.parse(wiring().settings["platform_vkey"]))


def test_a_lot_is_opened_and_its_record_is_public(world):
    lot = world.opened_lot(bids=3, prices=[391_000_000, 385_000_000, 388_000_000])
    assert tender_reading.phase_of(world.session, lot.id, world.now).name == "OPENED"
    opened = reading.opened_bids(world.session, lot.id)
    assert sorted(one.price_fen for one in opened) == [385_000_000, 388_000_000, 391_000_000]
    assert {one.party_id for one in opened} == {c.party_id for c in world.companies}
    view = reading.record_view(world.session, lot.id)
    assert len(view["record"]["bids"]) == 3 and len(view["forms"]) == 3
    for form in view["forms"]:
        line = next(one for one in view["record"]["bids"] if one["bid"] == form["bid"])
        opener = suites.of_recipient(line["form"]["recipient"]).identity(
            unb64(line["form"]["seed"]))
        assert b"price_fen" in age.unseal(unb64(form["ciphertext"]), [opener])
    company = world.companies[0]
    bid = company.bids[lot.id].declaration["bid"]
    size, pieces = reading.read_member(world.session, bid, "technical", "施工组织设计.pdf")
    plain = (company.bids[lot.id].files["technical"].parent.parent / "施工组织设计.pdf")
    assert b"".join(pieces) == plain.read_bytes() and size == plain.stat().st_size


def test_the_last_block_is_the_submission_and_gives_the_receipt(world):
    lot = world.lots(world.published_tender())[0]
    company = world.company()
    sealed = world.seal(lot, company)
    assert world.declare(lot, company, sealed)["state"] == "DECLARED"
    before = world.send(company, sealed, -1)
    assert before.missing == 1 and before.receipt is None and before.state == "DECLARED"
    assert reading.count_standing(world.session, lot.id) == 0
    last = world.send(company, sealed)
    assert last.state == State.SUBMITTED.name and last.missing == 0
    said = says(last.receipt)
    assert said["type"] == "bid-receipt" and said["bid"] == sealed.declaration["bid"]
    assert said["lot"] == lot.id and said["received_at"] <= time_text(world.now)
    assert reading.count_standing(world.session, lot.id) == 1
    assert len(world.entries("bid.submitted")) == 1
    again = world.send(company, sealed)
    assert again.receipt == last.receipt and len(world.entries("bid.submitted")) == 1


def test_a_replacement_stands_from_its_last_byte_on(world):
    lot = world.lots(world.published_tender())[0]
    company = world.sealed_bid(lot)
    first = company.bids[lot.id]
    second = world.replacement(lot, company)
    world.redeclare(company, second)
    world.send(company, second, -1)
    assert reading.stands(world.session, lot.id, company.party_id)["version"] == 1
    world.send(company, second)
    assert reading.stands(world.session, lot.id, company.party_id)["version"] == 2
    view = reading.bid_view(world.session, reading.bid(world.session, first.declaration["bid"]))
    assert [one["state"] for one in view["versions"]] == ["REPLACED", "SUBMITTED"]


def test_withdrawn_and_declared_again(world):
    lot = world.lots(world.published_tender())[0]
    company = world.sealed_bid(lot)
    view = world.withdraw(lot, company)
    assert view["state"] == "WITHDRAWN" and says(view["ending"])["type"] == "bid-withdrawal-receipt"
    assert reading.count_standing(world.session, lot.id) == 0
    world.sealed_bid(lot, company)
    assert reading.count_standing(world.session, lot.id) == 1


def test_too_few_bids_fail_and_are_returned_unopened(world):
    lot = world.lots(world.published_tender())[0]
    companies = [world.sealed_bid(lot) for _ in range(2)]
    world.past_deadline(lot)
    assert tender_reading.phase_of(world.session, lot.id, world.now).name == "FAILED"
    for company in companies:
        bid = reading.bid(world.session, company.bids[lot.id].declaration["bid"])
        assert reading.bid_view(world.session, bid)["versions"][0]["state"] == "RETURNED"
    assert len(world.entries("lot.failed")) == 1 and len(world.entries("bid.returned")) == 2


def test_incomplete_at_the_deadline_is_deemed_withdrawn_and_told_so(world):
    lot = world.lots(world.published_tender())[0]
    company = world.company()
    sealed = world.seal(lot, company)
    world.declare(lot, company, sealed)
    world.send(company, sealed, -1)
    world.past_deadline(lot)
    bid = reading.bid(world.session, sealed.declaration["bid"])
    view = reading.receipts_view(world.session, bid)["versions"][0]
    assert view["state"] == "DEEMED_WITHDRAWN"
    said = says(view["ending"])
    assert said["type"] == "bid-deemed-withdrawn" and said["deadline"] == time_text(lot.deadline)


def test_closing_and_authorisation_prove_each_bid_to_its_owner(world):
    from bidding import closing
    from bidding.model import BidPlace, BidVersion, Opening

    lot = world.opened_lot(bids=3)
    opening = world.session.query(Opening).one()
    root = reading.receipts_view(world.session, reading.bid(
        world.session, world.companies[0].bids[lot.id].declaration["bid"]))["closing"]["root"]
    roots = {"closing": root, **opening.roots}
    rows = world.session.query(BidPlace).all()
    assert len(rows) == 12 and len(set(roots.values())) == 4
    for row in rows:
        digest = world.session.get(BidVersion, row.version_id).declaration_hash
        assert closing.verify(roots[row.purpose], row.bid_id, digest,
                              closing.Place.from_json(row.place))
    entry = json.loads(world.entries("lot.closed")[0].record)
    assert entry["facts"]["root"] == root and "3" not in entry["facts"]
