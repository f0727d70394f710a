"""Candidates, committee, ballots, award notice, contract as acts."""

import dataclasses
import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from evaluation import acts, reading
from evaluation.rules import digest
from kernel.refusal import Refused
from tender import reading as tenders
from tender.lifecycle import Phase

HASH = "ab" * 32


def refused(function, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        function(*args, **kwargs)
    return caught.value.word.code


def candidates(world, lot):
    return [row.bid_id for row in reading.candidates(world.session, lot.id)]


def awarders(world, count=5):
    return [world.account("awarder", party=world.buyer_unit()) for _ in range(count)]


def form(world, lot, members):
    return acts.form_committee(world.clerk, lot.id,
                               members=[member.account_id for member in members])


def test_publicity_rolls_over_a_weekend_and_awarding_waits_for_its_end(world):
    lot = world.opened_by_fiat()
    world.scored(lot)
    # Published on Wednesday: the third day is Saturday, so Monday is the last day.
    world.set_time(datetime(2026, 3, 18, 2, tzinfo=UTC))
    assert refused(acts.publish_candidates, world.clerk, lot.id) == \
        "timetable.late-needs-reason"
    acts.publish_candidates(world.clerk, lot.id, reason="等待监督部门答复")
    assert refused(acts.publish_candidates, world.clerk, lot.id) in ("lot.decided", "phase.wrong")
    ends = tenders.lot(world.session, lot.id).publicity_ends
    assert ends == datetime(2026, 3, 23, 16, tzinfo=UTC)
    members = awarders(world)
    form(world, lot, members)
    bid = candidates(world, lot)[0]
    for moment, phase in ((ends - timedelta(milliseconds=1), Phase.EVALUATED),
                          (ends, Phase.AWARDING)):
        assert tenders.phase_of(world.session, lot.id, moment) is phase
    assert refused(acts.cast_vote, members[0], lot.id, ballot=1, choice=bid) == "phase.wrong"
    facts = json.loads(world.written("candidates.published")[0].record)["facts"]
    assert facts["late_reason"] == "等待监督部门答复" and len(facts["candidates"]) == 3


def test_the_committee_shares_no_person_with_anybody(world):
    lot = world.opened_by_fiat()
    panel = world.scored(lot)
    good = awarders(world, 5)
    same_person = world.account("awarder", party=world.buyer_unit(),
                                id_number=world.number_of(panel[2]))
    assert same_person.account_id != panel[2].account_id
    tenderer = world.account("tenderer", party=reading.report_bids(world.session, lot)[0].party_id)
    of_tenderer = world.same_person(awarders(world, 1)[0], tenderer)
    supervisor = world.account("supervisor", region="330703")
    of_supervisor = world.same_person(awarders(world, 1)[0], supervisor)
    twin = world.account("awarder", party=world.buyer_unit(), id_number=world.number_of(good[0]))
    for bad in (same_person, of_tenderer, of_supervisor, twin):
        for place in range(1, 5):
            members = good[:4]
            members.insert(place, bad)
            assert refused(form, world, lot, members) in (
                "judge.same-person", "role.conflict-in-lot"), place
    assert reading.committee(world.session, lot.id) == []
    form(world, lot, good)
    assert refused(form, world, lot, awarders(world)) == "award.committee-exists"


def test_who_left_the_panel_does_not_award_either(world):
    lot = world.opened_by_fiat()
    panel = world.drawn_panel(lot)
    acts.declare(panel[0], lot.id, accept=False, reason="利害关系")
    panel = world.panel(lot)
    left = reading.judges(world.session, lot.id, "panel") - {one.person_id for one in panel}
    world.sign_sheets(lot, panel)
    for expert in panel:
        found = reading.to_sign(world.session, tenders.lot(world.session, lot.id))
        acts.sign_report(expert, lot.id, report_hash=found["report_hash"])
    gone = next(iter(left))
    number = world._numbers_of[gone]
    same = world.account("awarder", party=world.buyer_unit(), id_number=number)
    assert refused(form, world, lot, [*awarders(world, 4), same]) in (
        "judge.same-person", "role.conflict-in-lot")


def test_the_database_itself_keeps_the_two_bodies_apart(world):
    lot = world.opened_by_fiat()
    person = world.drawn_panel(lot)[0].person_id
    for body in ("award_committee", "panel"):
        with pytest.raises(IntegrityError):
            world.raw("INSERT INTO judge (id, lot_id, person_id, body) "
                      "VALUES (:id, :lot, :person, :body)", id="f" * 32, lot=lot.id,
                      person=person, body=body)
    account = world.account("awarder", party=world.buyer_unit())
    if not world.postgres:
        world_sql = "PRAGMA foreign_keys=ON"
        world.raw(world_sql)
        return
    with pytest.raises(IntegrityError):
        world.raw("INSERT INTO committee_member (id, lot_id, account_id, person_id, body, "
                  "formed_at) VALUES (:id, :lot, :account, :person, 'award_committee', now())",
                  id="f" * 32, lot=lot.id, account=account.account_id, person=person)


def test_a_committee_has_the_published_size(world):
    lot = world.opened_by_fiat()
    world.scored(lot)
    members = awarders(world, 7)
    for number in (3, 4, 7):
        assert refused(form, world, lot, members[:number]) == "award.committee-size"


def test_members_hold_an_approved_grant(world):
    lot = world.opened_by_fiat()
    world.scored(lot)
    members = awarders(world, 5)
    plain = world.account("buyer", party=world.buyer_unit())
    assert refused(form, world, lot, [*members[:4], plain]) == "award.not-an-awarder"
    world.revoke(members[0], "awarder")
    assert refused(form, world, lot, members) == "award.not-an-awarder"


def test_aw2_in_the_flesh(world):
    lot = world.opened_by_fiat(award_method={"method": "direct-vote", "committee_size": 7})
    members = world.awarding(lot)
    one, two, three = candidates(world, lot)

    def ballot(number, *choices):
        for member, choice in zip(members, choices, strict=True):
            page = acts.cast_vote(member, lot.id, ballot=number, choice=choice)
        return page

    page = ballot(1, one, one, one, two, two, three, three)
    assert (page["open"], page["kind"], sorted(page["choices"])) == (
        2, "tie", sorted([two, three]))
    assert refused(acts.cast_vote, members[0], lot.id, ballot=2,
                   choice=one) == "ballot.choice-not-open"
    assert refused(acts.cast_vote, members[0], lot.id, ballot=1, choice=two) == "ballot.not-open"
    assert refused(acts.cast_vote, members[0], lot.id, ballot=3, choice=two) == "ballot.not-open"
    page = ballot(2, two, two, two, two, three, three, three)
    assert page["kind"] == "runoff" and sorted(page["choices"]) == sorted([one, two])
    page = ballot(3, one, one, one, two, two, two, two)
    assert page["open"] is None and page["result"] == two
    assert [row["votes"] for row in page["tallies"]] == [
        {one: 3, two: 2, three: 2}, {two: 4, three: 3}, {one: 3, two: 4}]
    assert refused(acts.cast_vote, members[0], lot.id, ballot=4, choice=one) == "ballot.over"
    award = acts.confirm_award(world.chief, lot.id, reason="报价与方案综合最优")
    assert award.bid_id == two
    notice = json.loads(award.notice)
    assert (notice["how"], len(notice["ballots"])) == ("runoff", 3)


def test_votes_are_hidden_until_the_ballot_is_complete(world):
    lot = world.opened_by_fiat()
    members = world.awarding(lot)
    one, two, _ = candidates(world, lot)
    pages = [acts.cast_vote(member, lot.id, ballot=1, choice=choice)
             for member, choice in zip(members[:4], (one, two, one, two), strict=True)]
    for page in pages:
        assert page["tallies"] == [] and page["result"] is None and page["own_vote_cast"]
    page = reading.ballot_page(world.session, lot.id, members[4].account_id)
    assert page["voted"] == 4 and not page["own_vote_cast"]
    assert refused(acts.cast_vote, members[0], lot.id, ballot=1,
                   choice=two) == "ballot.already-voted"
    assert refused(acts.confirm_award, world.chief, lot.id) == "award.ballots-open"
    assert len(world.written("vote.cast")) == 4


def test_the_award_opens_the_votes_to_whoever_kept_their_hashes(world):
    lot = world.opened_by_fiat()
    world.awarded(lot)
    shown = json.loads(world.written("award.confirmed")[0].record)["facts"]["votes"]
    kept = {json.loads(entry.record)["facts"]["vote_hash"]
            for entry in world.written("vote.cast")}
    assert {digest(vote) for vote in shown} == kept and len(shown) == 5


def test_only_candidates_can_be_voted_for_and_only_by_members_with_a_fresh_factor(world):
    lot = world.opened_by_fiat()
    members = world.awarding(lot)
    loser = next(bid.bid_id for bid in reading.report_bids(world.session, lot)
                 if bid.bid_id not in candidates(world, lot))
    good = candidates(world, lot)[0]
    assert refused(acts.cast_vote, members[0], lot.id, ballot=1,
                   choice=loser) == "ballot.choice-not-open"
    assert refused(acts.cast_vote, world.account("awarder", party=world.buyer_unit()), lot.id,
                   ballot=1, choice=good) == "access.denied"
    assert refused(acts.cast_vote, world.clerk, lot.id, ballot=1, choice=good) == "access.denied"
    tired = dataclasses.replace(members[0], fresh_until=None)
    assert refused(acts.cast_vote, tired, lot.id, ballot=1, choice=good) == "session.step-up"
    tired = dataclasses.replace(world.chief, fresh_until=None)
    world.vote(lot, members)
    assert refused(acts.confirm_award, tired, lot.id) == "session.step-up"


def test_a_second_award_is_refused(world):
    lot = world.opened_by_fiat()
    world.awarded(lot)
    assert refused(acts.confirm_award, world.chief, lot.id) == "phase.wrong"
    with pytest.raises(IntegrityError):
        world.raw("INSERT INTO award (id, lot_id, bid_id, party_id, price_fen, notice, "
                  "notice_hash, decided_at) SELECT '" + "f" * 32 + "', lot_id, bid_id, party_id, "
                  "price_fen, notice, notice_hash, decided_at FROM award")


def test_a_late_notice_needs_its_reason(world):
    lot = world.opened_by_fiat()
    world.vote(lot, world.awarding(lot))
    world.advance(days=11)
    assert refused(acts.confirm_award, world.chief, lot.id) == "timetable.late-needs-reason"
    award = acts.confirm_award(world.chief, lot.id, reason="等待财政批复")
    assert json.loads(award.notice)["reason"] == "等待财政批复"


def test_nothing_to_vote_on_and_nothing_to_contract(world):
    lot = world.opened_by_fiat()
    world.force_phase(lot.id, "AWARDED")
    assert refused(reading.voting, world.session, lot.id) == "ballot.none"
    assert refused(acts.register_contract, world.clerk, lot.id, amount_fen=1,
                   signed_at=world.now, document_hash=HASH) == "contract.no-award"


def test_a_contract_follows_the_bid_and_comes_in_time(world):
    lot = world.opened_by_fiat()
    award = world.awarded(lot)
    world.advance(days=2)
    good = {"amount_fen": award.price_fen, "signed_at": world.now, "document_hash": HASH}
    for change, code in (
            ({"amount_fen": award.price_fen + 1}, "contract.amount"),
            ({"amount_fen": award.price_fen - 1}, "contract.amount"),
            ({"signed_at": award.decided_at - timedelta(seconds=1)}, "contract.time"),
            ({"signed_at": world.now + timedelta(hours=1)}, "contract.time")):
        assert refused(acts.register_contract, world.clerk, lot.id, **good | change) == code
    contract = acts.register_contract(world.clerk, lot.id, **good)
    assert contract.late_reason is None
    assert tenders.phase_of(world.session, lot.id, world.now) is Phase.CONTRACTED
    assert refused(acts.register_contract, world.clerk, lot.id, **good) == "phase.wrong"


def test_a_late_contract_needs_its_reason(world):
    lot = world.opened_by_fiat(validity_days=365)
    award = world.awarded(lot)
    world.advance(days=32)
    late = {"amount_fen": award.price_fen, "signed_at": world.now, "document_hash": HASH}
    assert refused(acts.register_contract, world.clerk, lot.id, **late) == "contract.late"
    contract = acts.register_contract(world.clerk, lot.id, **late, late_reason="汛期停工")
    assert contract.late_reason == "汛期停工"


def test_securities_are_due_from_the_day_of_signing_not_of_its_registration(world, monkeypatch):
    lot = world.opened_by_fiat()
    award = world.awarded(lot)
    told = []
    monkeypatch.setattr("evaluation.acts.award.contract_signed",
                        lambda ctx, lot_id, winner, signed_at=None: told.append(signed_at))
    signed = world.now
    world.advance(days=3)
    acts.register_contract(world.clerk, lot.id, amount_fen=award.price_fen, signed_at=signed,
                           document_hash=HASH)
    assert told == [signed]


def test_the_salt_of_the_tickets_is_shown_with_the_award_and_not_before(world):
    lot = world.opened_by_fiat()
    members = world.awarding(lot)
    assert reading.result(world.session, lot.id)["tickets"] is None
    world.vote(lot, members)
    assert reading.result(world.session, lot.id)["tickets"] is None
    acts.confirm_award(world.chief, lot.id)
    assert len(reading.result(world.session, lot.id)["tickets"]) == 64
    assert world.session.execute(text("SELECT count(*) FROM award")).scalar_one() == 1
