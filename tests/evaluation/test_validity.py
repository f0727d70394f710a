"""Asking all tenderers to stay bound longer (30号令 29), as acts."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from bidding.model import Bid
from evaluation import acts as judging
from evaluation import reading as judged
from evaluation import report
from evaluation.rules import digest
from evaluation.validity import acts, reading, rules
from guarantees.instrument import CASH_DEPOSIT, read_instrument
from guarantees.ledger import Paper
from kernel.canonical import time_text
from kernel.db import new_id
from kernel.refusal import Refused
from portal.verify.ranked import lapsed_in
from tender import reading as tenders
from tender.lifecycle import Phase
from tender.schedule import schedule
from tender.timetable import end_of, start_of, validity_ends
from tests.worlds.bidding import uscc_of
from tests.worlds.evaluation import PB1

WHY = "评标期间需核实业绩，评标工作延长。"


def refused(function, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        function(*args, **kwargs)
    return caught.value.word.code


def asked(world, lot, until=None, days=4, **more):
    """A request of the buyer; its page."""
    lot = tenders.lot(world.session, lot.id)
    standing = lot.validity_until or validity_ends(lot.deadline, lot.validity_days)
    return acts.ask_extension(
        world.fresh(world.clerk), lot.id, until=until or standing + timedelta(days=30),
        answer_by=world.now + timedelta(days=days), reason=WHY, **more)["requests"][-1]


def said(world, lot, company, agreed, *papers):
    one = reading.open_request(world.session, lot.id)
    return acts.answer_extension(
        world.fresh(company.actor), lot.id, own(world, lot, company), extension=one.id,
        agreed=agreed, securities=[{"instrument": one.text, "signature": one.signature}
                                   for one in papers])


def own(world, lot, company):
    """The company's bid in the lot."""
    return world.session.scalars(select(Bid.id).where(
        Bid.lot_id == lot.id, Bid.party_id == company.party_id)).one()


def by_hand(world, lot, answers):
    """Answers of bids opened by fiat, whose companies have no bid in a table."""
    request = reading.open_request(world.session, lot.id)
    rows = [(bid.bid_id, bid.party_id, answers[n]) for n, bid in
            enumerate(judged.report_bids(world.session, lot)) if answers.get(n) is not None]
    for bid, party, agreed in rows:
        world.raw("INSERT INTO validity_answer (id, request_id, bid_id, party_id, agreed, "
                  "answered_at, answered_by) VALUES (:id, :request, :bid, :party, :agreed, "
                  ":at, :bid)", id=new_id(), bid=bid, request=request.id, party=party, agreed=agreed,
                  at=time_text(world.now))
    return request


def concluded(world, request):
    world.advance(to=request.answer_by)
    world.tick()


def secured_lot(world):
    """An opened lot of five bids: three bank guarantees, a deposit, one without security."""
    lot = world.lots(world.published_tender())[0]
    top = lot.price_ceiling_fen
    companies = [world.sealed_bid(lot, price_fen=top - top // 50 * (n + 1) // 2)
                 for n in range(5)]
    held = [world.lodged(lot, one.actor, *([CASH_DEPOSIT] if n == 3 else []))
            for n, one in enumerate(companies[:4])]
    world.past_deadline(lot)
    world.authorise(lot)
    for company in companies:
        world.give_own(lot, company)
    world.tick()
    return tenders.lot(world.session, lot.id), companies, held


def test_who_agrees_stays_who_does_not_has_the_bid_lapse_and_the_security_back(world):
    lot, companies, held = secured_lot(world)
    standing = validity_ends(lot.deadline, lot.validity_days)
    until = standing + timedelta(days=30)
    request = asked(world, lot, until)
    assert (request["standing"], request["until"]) == (standing, until)
    number = held[0].instrument_no
    # Who agrees must have the security prolonged as well, and by nothing but its end.
    assert refused(said, world, lot, companies[0], True) == "validity.security-short"
    early = world.ledger.prolong(number, standing + timedelta(days=2))
    assert refused(said, world, lot, companies[0], True, early) == "validity.security-short"
    assert refused(said, world, lot, companies[0], True,
                   world.ledger.prolong(held[1].instrument_no, until)) == "guarantee.other-terms"
    longer = world.ledger.prolong(number, until)
    raised = replace(read_instrument(longer.text.encode()), amount_fen=1).as_bytes().decode()
    assert refused(said, world, lot, companies[0], True,
                   Paper(raised, longer.signature)) == "guarantee.forged"
    page = said(world, lot, companies[0], True, longer)
    assert page["own"]["agreed"] is True and page["own"]["securities"][0]["until"] == until
    assert page["requests"][0]["kept"] == []  # told to nobody before all are in
    assert refused(said, world, lot, companies[0], False) == "validity.answered"
    said(world, lot, companies[3], True)  # cash does not end
    assert refused(said, world, lot, companies[1], False, longer) == "validity.security-unasked"
    said(world, lot, companies[1], False)
    said(world, lot, companies[4], True)  # asked for no security
    others = reading.page(world.session, lot, companies[0].party_id)
    assert others["requests"][0]["lapsed"] == [] and world.security(held[1].id).release is None
    world.advance(to=request["answer_by"] - timedelta(seconds=1))
    world.tick()
    assert reading.open_request(world.session, lot.id) is not None
    world.advance(seconds=1)
    assert refused(said, world, lot, companies[2], True) == "validity.answers-over"
    world.tick()
    page = reading.page(world.session, tenders.lot(world.session, lot.id), companies[2].party_id)
    assert page["until"] == until and page["own"]["bound_until"] is None
    told = page["requests"][0]
    uscc = [uscc_of(world, one.party_id) for one in companies]
    assert {one["uscc"] for one in told["kept"]} == {uscc[n] for n in (0, 3, 4)}
    assert {(one["uscc"], one["why"]) for one in told["lapsed"]} == {
        (uscc[1], "refused"), (uscc[2], "silent")}
    causes = [release and release.cause for release in (
        world.security(one.id).release for one in held)]
    assert causes == [None, "extension_refused", "extension_refused", None]
    assert world.security(held[0].id).valid_until == until
    lot = tenders.lot(world.session, lot.id)
    facts = tenders.lot_facts(world.session, lot.id)

    days = {one.rule: one.day for one in schedule(lot, lot.profile, facts)}
    assert days["T18"] == days["T19"] == days["T20"] == until
    entry = json.loads(world.written("validity.concluded")[0].record)["facts"]
    assert entry["validity_until"] == until.isoformat() and len(entry["lapsed"]) == 2
    # The panel judges what stayed; the report names what did not, and is computed again from that.
    assert len(judged.valid_bids(world.session, lot)) == 3
    world.scored(lot)
    content = judged.concluded_report(world.session, lot.id)["report"]
    assert {row["why"] for row in content["lapsed"]} == {"refused", "silent"}
    assert not {row["bid"] for row in content["lapsed"]} & set(content["candidates"])
    assert set(lapsed_in(entry)) == {
        row["bid"] for row in content["lapsed"]}


def test_what_one_company_says_shows_nowhere_before_the_answers_are_in(world):
    """A guarantee that lasts longer, an entry that supervisors read: either would be the answer."""
    lot, companies, held = secured_lot(world)
    standing = validity_ends(lot.deadline, lot.validity_days)
    request = asked(world, lot)
    supervisor = world.client(world.supervisor)

    def told():
        world.tick(record=True)
        ends = {row["id"]: row["valid_until"] for row in world.client(world.clerk).get(
            f"/lots/{lot.id}/guarantees").json["items"]}
        entries = supervisor.get(f"/lots/{lot.id}/record?limit=100",
                                 headers={"Access-Reason": "review"}).json["items"]
        return ends, {one["type"] for one in entries}

    before = told()
    longer = world.ledger.prolong(held[0].instrument_no, request["until"])
    said(world, lot, companies[0], True, longer)
    said(world, lot, companies[1], False)
    assert told() == before
    assert world.client(companies[0].actor).get(f"/lots/{lot.id}/guarantees/mine").json["items"][0][
        "valid_until"] == request["until"].isoformat()
    concluded(world, reading.open_request(world.session, lot.id))
    ends, kinds = told()
    assert ends[held[0].id] == request["until"].isoformat() != before[0][held[0].id]
    assert "validity.concluded" in kinds and ends[held[2].id] >= standing.isoformat()


def test_whom_when_and_how_long_one_may_ask(world):
    lot = world.lots(world.published_tender())[0]
    assert refused(asked, world, lot) == "phase.wrong"
    companies = [world.sealed_bid(lot) for _ in range(3)]
    world.past_deadline(lot)
    assert refused(asked, world, lot) == "phase.wrong"
    world.authorise(lot)
    for company in companies:
        world.give_own(lot, company)
    world.tick()
    lot = tenders.lot(world.session, lot.id)
    standing = validity_ends(lot.deadline, lot.validity_days)
    assert refused(acts.ask_extension, world.stale(world.clerk), lot.id, until=standing + timedelta(days=1),
                   answer_by=world.now + timedelta(days=4), reason=WHY) == "session.step-up"
    assert refused(asked, world, lot, standing) == "validity.not-later"
    assert refused(asked, world, lot, standing + timedelta(days=367)) == "validity.not-later"
    assert refused(asked, world, lot, days=2) == "validity.answer-time"
    assert refused(asked, world, lot, days=200) == "validity.answer-time"
    outside = world.company()
    request = asked(world, lot)
    assert refused(asked, world, lot) == "validity.under-way"
    bid = own(world, lot, companies[0])
    for stranger in (outside, companies[1]):  # learns no more than that there is no such thing
        assert refused(acts.answer_extension, world.fresh(stranger.actor), lot.id, bid,
                       extension=request["id"], agreed=True) == "object.not-found"
    assert refused(acts.answer_extension, world.fresh(companies[0].actor), lot.id, bid,
                   extension="0" * 32, agreed=True) == "validity.not-open"
    for company in companies:
        said(world, lot, company, True)
    assert reading.open_request(world.session, lot.id) is None  # the last answer concludes
    lot = tenders.lot(world.session, lot.id)
    assert lot.validity_until == request["until"]
    # On the last day one may still ask, with the full time to answer; a day later no more.
    world.set_time(end_of(lot.validity_until) - timedelta(seconds=1))
    second = asked(world, lot, days=3)
    assert second["number"] == 2 and second["standing"] == request["until"]
    concluded(world, reading.open_request(world.session, lot.id))
    assert tenders.phase_of(world.session, lot.id, world.now) is Phase.FAILED


def test_after_the_last_day_nobody_is_asked(world):
    lot = world.opened_by_fiat()
    world.set_time(start_of(validity_ends(lot.deadline, lot.validity_days) + timedelta(days=1)))
    assert refused(asked, world, lot) == "validity.over"


def test_nothing_is_signed_voted_or_awarded_meanwhile(world):
    lot = world.opened_by_fiat()
    panel = world.drawn_panel(lot)
    world.sign_sheets(lot, panel)
    found = judged.to_sign(world.session, lot)
    first = asked(world, lot)
    assert refused(judging.sign_report, panel[0], lot.id, report_hash=found["report_hash"]) == \
        "validity.waits"
    by_hand(world, lot, dict.fromkeys(range(6), True))  # the seventh says nothing
    concluded(world, reading.open_request(world.session, lot.id))
    again = judged.to_sign(world.session, tenders.lot(world.session, lot.id))
    assert again["report_hash"] != found["report_hash"]  # it would name whose bid lapsed
    assert len(again["report"]["lapsed"]) == 1 and first["number"] == 1
    judging.sign_report(panel[0], lot.id, report_hash=again["report_hash"])
    assert refused(asked, world, lot) == "validity.signing"
    for expert in panel[1:]:
        judging.sign_report(expert, lot.id, report_hash=again["report_hash"])
    judging.publish_candidates(world.clerk, lot.id)
    named = [row.bid_id for row in judged.candidates(world.session, lot.id)]
    size = lot.award_method["committee_size"]
    committee = [world.account("awarder", party=world.buyer_unit()) for _ in range(size)]
    judging.form_committee(world.clerk, lot.id, members=[one.account_id for one in committee])
    world.advance(to=tenders.lot(world.session, lot.id).publicity_ends + timedelta(seconds=1))
    second = asked(world, lot)
    assert refused(judging.cast_vote, committee[0], lot.id, ballot=1, choice=named[0]) == \
        "validity.waits"
    bids = [bid.bid_id for bid in judged.report_bids(world.session, lot)]
    by_hand(world, lot, {n: bid != named[0] for n, bid in enumerate(bids)
                         if bid in reading.asked(world.session, lot.id)})
    concluded(world, reading.open_request(world.session, lot.id))
    assert second["number"] == 2
    # Published candidates stay as they were published; who lapsed since is no choice any more.
    page = judged.result(world.session, lot.id)
    assert [row["bid_id"] for row in page["candidates"]] == named
    assert [bool(row["lapsed_at"]) for row in page["candidates"]] == [True, False, False]
    assert refused(judging.cast_vote, committee[0], lot.id, ballot=1, choice=named[0]) == \
        "ballot.choice-not-open"
    judging.cast_vote(committee[0], lot.id, ballot=1, choice=named[1])
    assert refused(asked, world, lot) == "validity.voting"


def test_where_nobody_stays_bound_the_lot_has_failed(world):
    lot = world.opened_by_fiat({"A": 385120000, "B": 379250050, "C": 381500000})
    asked(world, lot)
    by_hand(world, lot, {0: False})
    concluded(world, reading.open_request(world.session, lot.id))
    assert tenders.phase_of(world.session, lot.id, world.now) is Phase.FAILED
    notice = world.session.connection().exec_driver_sql(
        "SELECT content FROM published_notice WHERE kind = 'failure'").scalar()
    assert "未同意延长投标有效期" in notice


def test_a_winner_is_bound_by_the_award_and_signs_in_the_time_agreed(world):
    lot = world.opened_by_fiat(PB1, regime="below", validity_days=60)
    award = world.awarded(lot)
    standing = validity_ends(lot.deadline, lot.validity_days)
    asked(world, lot)
    bids = [bid.bid_id for bid in judged.report_bids(world.session, lot)]
    by_hand(world, lot, {n: bid != award.bid_id for n, bid in enumerate(bids)})
    concluded(world, reading.open_request(world.session, lot.id))
    lot = tenders.lot(world.session, lot.id)
    assert tenders.phase_of(world.session, lot.id, world.now) is Phase.AWARDED
    assert reading.lapsed(world.session, lot.id) == {}
    assert lot.validity_until > standing
    assert reading.bound_until(world.session, lot, award.bid_id) == standing


def test_a_report_without_lapses_has_the_bytes_it_had():
    basis = report.Basis("l", "d", None, {"factors": [{"code": "T", "max": "40"}]}, {
        "method": "trimmed-mean-drawn-coefficient", "full_score": "60", "coefficients": ["0.03"],
        "deduct_per_pct_above": "1.0", "deduct_per_pct_below": "0.5"}, "0.03", 3, [
        report.Bid(name, "", name, 100 + n) for n, name in enumerate("abc")])
    sheets = [report.SignedSheet(1, {"scores": {bid: {"T": "30"} for bid in "abc"},
                                     "competition": None}, "0" * 64)]
    assert "lapsed" not in report.build(basis, sheets)
    gone = replace(basis, lapsed=[{"bid": "b", "uscc": "b", "why": "silent"}])
    made = report.build(gone, sheets)
    assert made["rejected"] == [] and set(made["results"]) == {"a", "c"}
    assert digest(made) != digest(report.build(basis, sheets))


def test_a_place_s_own_time_to_answer_holds_in_the_days_it_names():
    friday = datetime(2026, 5, 29, 2, tzinfo=UTC)

    def first_day(**said):
        numbers = {"T20.answer_days": said} if said else {}
        return rules.window({"numbers": numbers}, date(2026, 6, 30), friday).answer_from

    assert first_day() == start_of(date(2026, 6, 1)), "three days where a place says nothing"
    assert first_day(value=5, unit="calendar_days") == start_of(date(2026, 6, 3))
    assert first_day(value=5, unit="working_days") == start_of(date(2026, 6, 5))
