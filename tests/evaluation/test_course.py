"""One lot all the way from the opening to the contract, and what the record says of it."""

import json

from audit.act import CATALOGUE
from evaluation import draw, lifecycle, reading
from evaluation.rules import digest
from tender import reading as tenders
from tests.worlds.evaluation import PB1


def test_from_the_opening_to_the_contract(world):
    lot = world.opened_by_fiat()
    contract = world.contracted(lot)
    session = world.session
    facts = tenders.lot_facts(session, lot.id)
    assert sorted(facts.outcomes, key=facts.outcomes.get)[-6:] == [
        "panel_drawn", "report_concluded", "candidates_published", "committee_formed", "awarded",
        "contracted"]
    held = reading.held_draw(session, lot.id)
    draw.verify(json.loads(held.document))
    report = reading.concluded_report(session, lot.id)
    assert digest(report["report"]) == report["report_hash"]
    assert [row["price"] for row in report["report"]["rejected"]] == ["3995000.00"]
    assert len(report["report"]["candidates"]) == 3 and len(report["signatures"]) == 5
    award = reading.award(session, lot.id)
    assert award.bid_id in report["report"]["candidates"]
    assert contract.amount_fen == award.price_fen and award.price_fen in PB1.values()
    page = reading.result(session, lot.id)
    assert page["award"]["winner"]["bid_id"] == award.bid_id
    assert digest(page["award"]) == award.notice_hash
    assert [row["uscc"] for row in page["candidates"]] == sorted(
        row["uscc"] for row in page["candidates"])


def test_pb1_in_the_flesh(world):
    lot = world.opened_by_fiat(price_method={
        "method": "trimmed-mean-drawn-coefficient", "full_score": "60", "coefficients": ["0.03"],
        "deduct_per_pct_above": "1.0", "deduct_per_pct_below": "0.5"})
    world.scored(lot)
    content = reading.concluded_report(world.session, lot.id)["report"]
    assert content["price"]["benchmark"] == "3694899.87"
    by_price = {row["price_fen"]: row["bid"] for row in content["bids"]}
    scores = {name: content["results"][by_price[price]]["price_score"]
              for name, price in PB1.items() if name != "G"}
    assert scores == {"A": "55.77", "B": "57.36", "C": "56.75", "D": "59.00", "E": "54.30",
                      "F": "57.75"}
    best = {by_price[PB1[name]] for name in "DFB"}
    assert set(content["candidates"]) == best


def test_every_step_left_its_entry(world):
    lot = world.opened_by_fiat()
    world.contracted(lot)
    written = {}
    for entry in world.written():
        written.setdefault(entry.type, []).append(json.loads(entry.record))
    counts = {name: len(rows) for name, rows in written.items() if name in {
        step.act for step in lifecycle.STEPS}}
    assert counts == {
        "draw.announced": 1, "draw.revealed": 1, "draw.closed": 1, "panel.drawn": 1,
        "expert.declared": 5, "score.saved": 5, "score.signed": 5, "report.signed": 5,
        "report.concluded": 1, "candidates.published": 1, "award_committee.formed": 1,
        "vote.cast": 5, "award.confirmed": 1, "contract.registered": 1}
    for step in lifecycle.STEPS:
        assert step.act in CATALOGUE, step.act


def test_no_public_entry_names_the_panel_or_a_vote_before_the_award(world):
    lot = world.opened_by_fiat()
    committee = world.awarding(lot)
    world.vote(lot, committee)
    seats = reading.seats(world.session, lot.id)
    hidden = {seat.account_id for seat in seats} | {seat.person_id for seat in seats}
    hidden |= {member.account_id for member in committee} | {m.person_id for m in committee}
    own = {"role.proposed", "role.approved", "account.created"}
    entries = [entry for entry in world.written() if entry.lot_id == lot.id]
    assert len(entries) > 30
    for entry in entries:
        if entry.disclose == "public" and entry.type not in own:
            assert not [name for name in hidden if name in entry.record], entry.type
    votes = [json.loads(entry.record) for entry in entries if entry.type == "vote.cast"]
    assert all(set(vote["facts"]) == {"ballot", "vote_hash"} for vote in votes)
    assert len({vote["facts"]["vote_hash"] for vote in votes}) == len(votes)


def test_on_bids_that_were_really_sealed_and_opened(world):
    lot = world.opened_lot(bids=4, prices=[385120000, 379250050, 399500000, 362088000])
    contract = world.contracted(tenders.lot(world.session, lot.id))
    report = reading.concluded_report(world.session, lot.id)["report"]
    assert len(report["rejected"]) == 1 and len(report["candidates"]) == 3
    assert contract.amount_fen in (385120000, 379250050, 362088000)


def test_a_bid_that_could_not_be_opened_stands_in_the_report_and_its_people_stay_out(world):
    tender = world.published_tender()
    lot = world.lots(tender)[0]
    companies = [world.sealed_bid(lot, price_fen=price)
                 for price in (385120000, 379250050, 381500000, 362088000)]
    world.past_deadline(lot)
    world.authorise(lot)
    for company in companies[:3]:
        world.give_own(lot, company)
    world.advance(minutes=lot.decrypt_minutes + 1)
    world.tick()
    assert world.decide_faults(lot) == 1
    lost = companies[3].party_id
    lot = tenders.lot(world.session, lot.id)
    assert len(reading.report_bids(world.session, lot)) == 3
    assert lost in {party.id for party in reading.tenderers_of(world.session, lot)}
    world.scored(lot)
    report = reading.concluded_report(world.session, lot.id)["report"]
    assert [row["verdict"] for row in report["unopened"]] == ["unopened"]
    assert report["unopened"][0]["bid"] not in report["candidates"]
