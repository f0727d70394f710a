"""A deadline that cannot be trusted: doubts about time, restored deadlines, unwitnessed closes."""

import itertools
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy.exc import IntegrityError

import audit.reading
from audit.act import wiring
from audit.actor import CLOCK
from audit.watch import Doubt, Watch
from bidding import acts, closing, reading
from bidding.model import BidPlace, LotClosing
from kernel.refusal import Refused
from tender import deadlines
from tender import reading as tenders
from tender.lifecycle import Facts, Phase, close_due
from tender.lifecycle import phase as phase_at
from tender.model import DeadlineProposal, LotDoubt, LotOutcome

HOUR = timedelta(hours=1)


@pytest.fixture
def lot(world):
    return world.lots(world.published_tender())[0]


@pytest.fixture
def hands(world):
    """A watch whose two clocks a test may move: `wall` and `steady` run on by themselves."""
    moved = SimpleNamespace(wall=timedelta(), steady=timedelta())
    true = Watch()
    watch = Watch(lambda: datetime.now(UTC) + moved.wall,
                  lambda: time.monotonic() + moved.steady.total_seconds())
    if world.postgres:
        decider = true._decider
        watch._decider = lambda connection: decider(connection) + moved.wall
    wiring().watch = watch
    with world.app.app_context():
        watch.keep(world.session.connection())
    return moved


def refused(call, *args, **kwargs) -> str:
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    return caught.value.word.code


def phase(world, lot) -> str:
    return tenders.phase_of(world.session, lot.id, world.now).name


def propose(world, lot, decision="restored", **more):
    return deadlines.propose(world.clerk, lot.id, decision=decision, evidence="机房停电两小时",
                             **more)


def decide(world, lot, number=1, who=None):
    return acts.decide_deadline(world.fresh(who or world.supervisor), lot.id, proposal=number,
                                reason="证据属实")


# --- restored ------------------------------------------------------------------------------------
def test_a_restored_deadline_opens_a_round_of_its_own(world, lot):
    companies = [world.sealed_bid(lot) for _ in range(3)]
    world.past_deadline(lot)
    first = world.session.query(LotClosing).one()
    later = world.now + 48 * HOUR
    proposed = propose(world, lot, deadline=later)
    assert phase(world, lot) == "CLOSED", "a proposal changes nothing"
    decide(world, lot)
    assert phase(world, lot) == "BIDDING"
    assert tenders.lot(world.session, lot.id).deadline == later
    fourth = world.sealed_bid(lot)
    second = world.replacement(lot, companies[0], price_fen=370_000_000)
    world.redeclare(companies[0], second)
    world.send(companies[0], second)
    companies[0].bids[lot.id] = second
    assert refused(world.authorise, lot) == "phase.wrong"
    world.advance(to=later)
    world.tick()
    assert phase(world, lot) == "CLOSED"
    one, two = world.session.query(LotClosing).order_by(LotClosing.round)
    assert (one.id, one.root) == (first.id, first.root) and two.round == 2
    assert two.root != one.root
    closed = world.session.query(LotOutcome).filter_by(lot_id=lot.id, outcome="closed")
    assert sorted(row.round for row in closed) == [1, 2], "outcomes are append-only"
    places = world.session.query(BidPlace).filter_by(lot_id=lot.id, purpose="closing")
    assert sorted(place.round for place in places) == [1] * 3 + [2] * 4
    for company in (*companies, fourth):
        bid = reading.bid(world.session, company.bids[lot.id].declaration["bid"])
        path = reading.receipts_view(world.session, bid)["closing"]
        last = reading.versions_of(world.session, bid.id)[-1]
        assert path["round"] == 2 and path["root"] == two.root
        assert closing.verify(two.root, bid.id, last.declaration_hash,
                              closing.Place.from_json(path["place"]))
    world.authorise(lot)
    assert reading.wraps_view(world.session, lot.id, world.officials[0].account_id)[
        "closing_root"] == two.root
    for company in (*companies, fourth):
        world.give_own(lot, company)
    world.tick()
    assert len(reading.opened_bids(world.session, lot.id)) == 4
    assert proposed.number == 1
    entry, = world.entries("deadline.restored")
    assert '"round":2' in entry.record and "停电" not in entry.record


def test_two_people_decide_and_only_the_last_proposal(world, lot):
    for _ in range(3):
        world.sealed_bid(lot)
    world.past_deadline(lot)
    later = world.now + 48 * HOUR
    propose(world, lot, deadline=later)
    propose(world, lot, deadline=later + HOUR)
    assert refused(decide, world, lot, 1) == "deadline.proposal-moved"
    assert refused(decide, world, lot, 2, world.chief) == "access.denied"
    assert refused(decide, world, lot, 3) == "deadline.proposal-moved"
    assert refused(deadlines.propose, world.supervisor, lot.id, decision="restored",
                   evidence="x", deadline=later) == "access.denied"
    same = world.account("supervisor", region="330703")
    world.raw("UPDATE account SET person_id = :person WHERE id = :account",
              person=world.clerk.person_id, account=same.account_id)
    assert refused(decide, world, lot, 2, world.actor_of(same.account_id)) \
        == "deadline.same-person"
    decide(world, lot, 2)
    assert refused(decide, world, lot, 2) in ("phase.wrong", "deadline.proposal-moved")
    assert tenders.lot(world.session, lot.id).deadline == later + HOUR


def test_a_restored_deadline_lies_ahead_and_never_follows_an_authorisation(world, lot):
    for _ in range(3):
        world.sealed_bid(lot)
    old = lot.deadline
    assert refused(propose, world, lot, deadline=old + HOUR) == "phase.wrong"
    world.past_deadline(lot)
    for wrong in (old, world.now, world.now - HOUR, world.now + timedelta(days=3000), None):
        assert refused(propose, world, lot, deadline=wrong) == "deadline.not-later"
    propose(world, lot, deadline=world.now + HOUR)
    world.advance(hours=2)
    assert refused(decide, world, lot) == "deadline.not-later", "it has passed meanwhile"
    propose(world, lot, deadline=world.now + HOUR)
    world.authorise(lot)
    for call in (lambda: propose(world, lot, deadline=world.now + HOUR),
                 lambda: decide(world, lot, 2)):
        assert refused(call) == "phase.wrong"
    with pytest.raises(IntegrityError):
        world.raw("INSERT INTO deadline_proposal (id, lot_id, number, round, decision, "
                  "deadline_before, deadline, evidence, proposed_at, proposed_by, proposed_person)"
                  " SELECT 'x', lot_id, 9, 1, 'restored', deadline, deadline_before, 'x', "
                  "proposed_at, 'x', 'x' FROM deadline_proposal WHERE number = 2")


def test_after_an_authorisation_even_a_suspended_lot_gets_no_new_deadline(world, lot):
    for _ in range(3):
        world.sealed_bid(lot)
    world.past_deadline(lot)
    world.authorise(lot)
    facts = tenders.lot_facts(world.session, lot.id)
    with pytest.raises(Refused) as caught:
        deadlines.check_restored(facts, world.now + HOUR, world.now)
    assert caught.value.word.code == "deadline.opening-authorised"


def test_a_clock_set_back_reopens_no_round(world, lot):
    for _ in range(3):
        world.sealed_bid(lot)
    world.past_deadline(lot)
    propose(world, lot, deadline=world.now + HOUR)
    decide(world, lot)
    world.advance(hours=1)
    acts.close_due_lot(CLOCK, lot.id)
    assert phase(world, lot) == "CLOSED"
    world.set_time(world.now - timedelta(minutes=30))
    assert phase(world, lot) == "CLOSED"
    assert refused(world.sealed_bid, lot) in ("phase.wrong", "bid.late")


def test_the_phase_follows_from_the_facts_of_the_round_alone():
    times = [datetime(2026, 1, day) for day in range(1, 6)]
    for closed, now, doubted in itertools.product((False, True), times, (False, True)):
        outcomes = {"published": times[0]} | ({"closed": times[1]} if closed else {})
        facts = Facts(times[2], None, outcomes, False, doubted)
        reached = phase_at(facts, now)
        if doubted:
            assert reached is Phase.SUSPENDED and not close_due(facts, now)
        elif closed or now >= times[2]:
            assert reached is Phase.CLOSED
        else:
            assert reached is Phase.BIDDING


# --- in doubt ------------------------------------------------------------------------------------
def test_clocks_that_agree_close_the_lot(world, lot, hands):
    for _ in range(3):
        world.sealed_bid(lot)
    world.past_deadline(lot)
    assert phase(world, lot) == "CLOSED" and not world.session.query(LotDoubt).count()


@pytest.mark.parametrize("way", ["the tick", "an act"])
def test_a_day_that_jumps_ahead_closes_nothing_by_itself(world, lot, hands, way):
    company = world.sealed_bid(lot)
    world.advance(to=lot.deadline - 12 * HOUR)
    world.advance(hours=24)
    hands.steady -= 24 * HOUR  # a day that only the deciding clock has seen
    if way == "the tick":
        world.tick()
    else:
        assert refused(world.sealed_bid, lot) == "phase.wrong", "not: late"
    assert phase(world, lot) == "SUSPENDED"
    assert not world.session.query(LotClosing).count()
    for _ in range(2):
        world.tick()
    assert world.session.query(LotDoubt).count() == 1 and not world.session.query(
        LotClosing).count()
    view = world.client().get(f"/lots/{lot.id}/closing").get_json()
    assert set(view["doubt"]["sources"]) >= {"clock", "monotonic"} and view["closed_at"] is None
    assert refused(world.withdraw, lot, company) == "phase.wrong"
    assert refused(world.authorise, lot) == "phase.wrong"


@pytest.mark.parametrize(("before", "doubted"), [(timedelta(minutes=10), True), (HOUR, False)])
def test_only_near_a_deadline_is_a_jump_of_two_seconds_a_doubt(world, lot, hands, before, doubted):
    world.advance(to=lot.deadline - before)
    hands.wall += timedelta(seconds=2)
    world.tick()
    assert phase(world, lot) == ("SUSPENDED" if doubted else "BIDDING")


def test_a_jump_of_half_a_second_is_none(world, lot, hands):
    world.advance(to=lot.deadline - timedelta(minutes=1))
    hands.wall += timedelta(seconds=0.5)
    world.tick()
    assert phase(world, lot) == "BIDDING"


def test_in_doubt_what_was_received_stays_and_two_people_restore(world, lot, hands):
    companies = [world.sealed_bid(lot) for _ in range(3)]
    world.advance(to=lot.deadline - timedelta(minutes=5))
    hands.wall -= timedelta(seconds=5)
    world.tick()
    assert phase(world, lot) == "SUSPENDED"
    hands.wall += timedelta(seconds=5)
    world.tick()
    assert phase(world, lot) == "SUSPENDED", "a clock that agrees again settles nothing"
    propose(world, lot, deadline=lot.deadline + 24 * HOUR)
    decide(world, lot)
    assert phase(world, lot) == "BIDDING"
    assert tenders.lot(world.session, lot.id).round == 1, "nothing was closed in between"
    fourth = world.sealed_bid(lot)
    world.past_deadline(lot)
    world.authorise(lot)
    for company in (*companies, fourth):
        world.give_own(lot, company)
    world.tick()
    assert len(reading.opened_bids(world.session, lot.id)) == 4


def test_two_people_may_say_that_the_deadline_was_good(world, lot, hands):
    for _ in range(3):
        world.sealed_bid(lot)
    world.advance(to=lot.deadline - timedelta(minutes=5))
    hands.wall += timedelta(seconds=5)
    world.tick()
    propose(world, lot, "closed")
    assert refused(decide, world, lot) == "phase.wrong", "the deadline has not passed"
    world.advance(to=lot.deadline + timedelta(minutes=1))
    world.tick()
    assert phase(world, lot) == "SUSPENDED"
    decide(world, lot)
    assert phase(world, lot) == "CLOSED" and world.session.query(LotClosing).count() == 1
    world.authorise(lot)


def test_nobody_confirms_a_close_that_nobody_doubts(world, lot):
    for _ in range(3):
        world.sealed_bid(lot)
    world.past_deadline(lot)
    propose(world, lot, "closed")
    assert refused(decide, world, lot) == "deadline.nothing-to-settle"
    assert world.session.query(DeadlineProposal).one().approved_at is None


def test_a_doubt_reaches_as_far_as_its_sources():
    noon = datetime(2026, 3, 2, 12)
    doubt = Doubt({"clock": noon + 24 * HOUR, "monotonic": noon})
    margin = timedelta(minutes=15)
    for deadline, near in ((noon - margin, True), (noon - margin * 1.1, False),
                           (noon + 12 * HOUR, True), (noon + 24 * HOUR + margin, True),
                           (noon + 25 * HOUR, False)):
        assert doubt.near(deadline, margin) is near


def test_slow_drift_is_no_jump_and_a_jump_stays_doubted(world):
    at, steady = [datetime(2026, 3, 2, tzinfo=UTC)], [0.0]
    watch = Watch(lambda: at[0], lambda: steady[0])
    watch._decider = lambda connection: at[0]
    connection = world.session.connection()
    for _ in range(100):
        at[0] += timedelta(seconds=700.5)
        steady[0] += 700.0
        assert watch.doubt(connection) is None
    at[0] += timedelta(seconds=1.2)
    assert watch.doubt(connection) is not None
    for _ in range(100):
        at[0] += timedelta(seconds=700)
        steady[0] += 700.0
        assert watch.doubt(connection) is not None


def test_a_machine_that_stood_still_while_it_read_its_clocks_doubts_none_of_them(world):
    at, steady, stall = [datetime(2026, 3, 2, tzinfo=UTC)], [0.0], [0.0]
    watch = Watch(lambda: at[0], lambda: steady[0])

    def passing(seconds, wall=0.0):
        at[0] += timedelta(seconds=seconds + wall)
        steady[0] += seconds

    def decider(_connection):
        said = at[0]
        passing(stall[0])
        return said

    watch._decider = decider
    connection = world.session.connection()
    stall[0] = 10.0
    watch.keep(connection)  # it stands still at the very beginning,
    stall[0] = 0.0
    for seconds in (0, 30, 0, 10):  # now and then, and never again
        stall[0] = seconds
        passing(60)
        assert watch.doubt(connection) is None
    stall[0] = 0.0
    passing(60, wall=1.2)
    assert watch.doubt(connection) is not None, "no pause excuses a jump that it does not hide"
    stall[0] = 10.0
    passing(60, wall=15)
    assert watch.doubt(connection) is not None


# --- unwitnessed ---------------------------------------------------------------------------------
@pytest.fixture
def witnesses(monkeypatch):
    """Witnesses that are asked for, and when they have seen the close (None: not at all)."""
    seen = SimpleNamespace(at=None, needed=2)
    monkeypatch.setattr(audit.reading, "witnesses_required", lambda: seen.needed)
    monkeypatch.setattr(audit.reading, "cosigned", lambda session, position: seen.at
                        and SimpleNamespace(at=seen.at, size=position + 1))
    return seen


def test_a_close_that_no_quorum_saw_in_time_is_shown_and_opens_nothing(world, lot, witnesses):
    for _ in range(3):
        world.sealed_bid(lot)
    world.past_deadline(lot)
    world.publish_record()
    shown = lambda: world.client().get(f"/lots/{lot.id}/closing").get_json()["witnesses"]
    assert shown() == "pending"
    assert refused(world.authorise, lot) == "opening.close-unwitnessed"
    world.advance(seconds=61)
    assert shown() == "unwitnessed"
    witnesses.at = lot.deadline + timedelta(seconds=61)
    assert shown() == "unwitnessed", "seen, but late"
    assert refused(world.authorise, lot) == "opening.close-unwitnessed"
    propose(world, lot, "closed")
    assert refused(world.authorise, lot) == "opening.close-unwitnessed", "not decided yet"
    decide(world, lot)
    world.authorise(lot)


def test_an_unwitnessed_close_fails_no_lot_by_itself(world, lot, witnesses):
    world.sealed_bid(lot)
    world.past_deadline(lot, minutes=2)
    assert phase(world, lot) == "CLOSED"
    propose(world, lot, "closed")
    decide(world, lot)
    world.tick()
    assert phase(world, lot) == "FAILED"


def test_a_close_that_a_quorum_saw_in_time_needs_nobody(world, lot, witnesses):
    for _ in range(3):
        world.sealed_bid(lot)
    world.past_deadline(lot)
    world.publish_record()
    witnesses.at = lot.deadline + timedelta(seconds=60)
    assert world.client().get(f"/lots/{lot.id}/closing").get_json()["witnesses"] == "witnessed"
    world.authorise(lot)


def test_a_decision_about_one_round_does_not_speak_for_the_next(world, lot, witnesses):
    for _ in range(3):
        world.sealed_bid(lot)
    world.past_deadline(lot, minutes=2)
    propose(world, lot, "closed")
    decide(world, lot)
    propose(world, lot, deadline=world.now + HOUR)
    decide(world, lot, 2)
    world.advance(hours=2)
    world.tick()
    assert refused(world.authorise, lot) == "opening.close-unwitnessed"


# --- an outage over the deadline -----------------------------------------------------------------
def away(world, lot, bids=2, **long):
    """A lot at whose deadline the platform was away, for five minutes or so long."""
    companies = [world.sealed_bid(lot) for _ in range(bids)]
    world.past_deadline(lot, **(long or {"minutes": 5}))
    return companies


def test_an_outage_over_the_deadline_fails_no_lot_before_two_people_could_restore_it(world, lot):
    away(world, lot)
    assert phase(world, lot) == "CLOSED"
    assert refused(acts.fail_lot, CLOCK, lot.id) == "lot.close-late"
    world.advance(hours=23)
    world.tick()
    assert phase(world, lot) == "CLOSED"
    propose(world, lot, deadline=world.now + 48 * HOUR)
    decide(world, lot)
    assert phase(world, lot) == "BIDDING"
    third = world.sealed_bid(lot)
    world.past_deadline(lot)
    world.authorise(lot)
    world.give_own(lot, third)


def test_after_an_outage_the_two_may_say_that_the_close_stands(world, lot):
    away(world, lot)
    propose(world, lot, "closed")
    assert phase(world, lot) == "CLOSED"
    decide(world, lot)
    world.tick()
    assert phase(world, lot) == "FAILED"


def test_after_an_outage_of_which_nobody_speaks_the_lot_fails_a_day_later(world, lot):
    away(world, lot)
    world.advance(hours=24)
    world.tick()
    assert phase(world, lot) == "FAILED"


def test_a_proposal_that_waits_holds_the_failure_and_one_nobody_decides_does_not_for_ever(
        world, lot):
    away(world, lot)
    world.advance(hours=23)
    propose(world, lot, deadline=world.now + 96 * HOUR)
    world.advance(hours=23)
    world.tick()
    assert phase(world, lot) == "CLOSED"
    world.advance(hours=2)
    world.tick()
    assert phase(world, lot) == "FAILED"


def test_a_close_within_one_tick_is_no_outage(world, lot):
    away(world, lot, seconds=20)
    world.tick()
    assert phase(world, lot) == "FAILED"
