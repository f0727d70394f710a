"""Suspended, resumed, ended, put out again: what halts a lot, and what of it stays."""

from __future__ import annotations

import secrets
from datetime import timedelta

import pytest

from audit.act import CATALOGUE, act
from audit.actor import CLOCK, OPERATOR
from kernel.canonical import parse, time_text
from kernel.refusal import WRONG_PHASE, Refused
from portal.fsck.entries import entries
from portal.fsck.rows import rows
from tender import acts, reading, timetable
from tender.lifecycle import Facts, Phase, phase
from tender.method_refusals import SUSPENSION_SPENT
from tender.model import Document, Item, PublishedNotice
from tender.refusals import ALREADY_SUSPENDED, NOT_ENDED, NOT_SUSPENDED, RETENDERED

ORDER = {"document_no": "金发改督〔2026〕7号", "reason": "核查投诉"}
LIFTED = {"document_no": "金发改督〔2026〕8号", "reason": "投诉已处理"}


@act("test.held", law="—", by=("operator",))
def held(ctx, lot_id, subject, answer_by):
    """What the book above does when somebody objects."""
    acts.lock_lot(ctx, lot_id)
    acts.hold_lot(ctx, lot_id, subject, answer_by)
    ctx.record(lot_id, {}, lot_id=lot_id)


del CATALOGUE["test.held"]


@pytest.fixture
def lot(world):
    return world.lots(world.published_tender())[0]


def stands(world, lot) -> Phase:
    return reading.phase_of(world.session, lot.id, world.now)


def suspend(world, lot):
    return acts.suspend_lot(world.fresh(world.supervisor), lot.id, **ORDER)


def resume(world, lot):
    return acts.resume_lot(world.fresh(world.supervisor), lot.id, **LIFTED)


def notices(world, lot, kind):
    return world.session.query(PublishedNotice).filter(
        PublishedNotice.tender_id == lot.tender_id, PublishedNotice.kind == kind).all()


def again(world, lot):
    return world.lots(world.tender(lot.tender_id))[lot.number - 1]


def test_a_deadline_that_comes_during_a_suspension_never_takes_effect(world, lot):
    world.freeze(lot.deadline - timedelta(days=2))
    suspend(world, lot)
    assert stands(world, lot) is Phase.SUSPENDED
    world.advance(to=lot.deadline + timedelta(days=3))
    world.tick()
    assert stands(world, lot) is Phase.SUSPENDED and not world.entries("lot.closed")
    with pytest.raises(Refused) as refused:
        acts.ask_question(world.company().actor, lot.id, text="还来得及吗？")
    assert refused.value.word is WRONG_PHASE
    resume(world, lot)
    now = again(world, lot)
    assert now.deadline - world.now >= timedelta(days=2), "what was left is left again"
    assert now.deadline.astimezone(timetable.BEIJING).time() \
        == lot.deadline.astimezone(timetable.BEIJING).time()
    assert timetable.national_calendar().working(timetable.beijing_day(now.deadline))
    assert stands(world, lot) is Phase.BIDDING
    assert notices(world, lot, "amendment"), "the moved deadline is published"
    world.tick()
    assert not world.entries("lot.closed")
    world.advance(to=now.deadline)
    world.tick()
    assert stands(world, lot) in (Phase.CLOSED, Phase.FAILED) and len(world.entries("lot.closed")) == 1


def test_a_resume_opens_no_deadline_that_had_passed(world, lot):
    world.advance(to=lot.deadline + timedelta(seconds=1))
    world.force_phase(lot.id, "CLOSED")
    suspend(world, lot)
    world.advance(days=4)
    row = resume(world, lot)
    assert row.deadline is None and again(world, lot).deadline == lot.deadline
    assert stands(world, lot) is Phase.CLOSED


def test_a_deadline_that_passed_before_the_suspension_and_was_not_yet_closed_stays_passed(world, lot):
    """The supervisor's act closes first; were it too slow to, the row would still say so."""
    world.advance(to=lot.deadline)
    suspend(world, lot)
    assert len(world.entries("lot.closed")) == 1
    world.advance(days=1)
    resume(world, lot)
    assert again(world, lot).deadline == lot.deadline


def test_the_publicity_runs_on_after_a_suspension_and_is_rolled(world, lot):
    world.force_phase(lot.id, "AWARDING")
    ends = timetable.publicity_ends(world.now, 3)
    world.raw("UPDATE lot SET publicity_ends = :ends WHERE id = :lot",
              ends=ends if world.postgres else ends.isoformat(timespec="milliseconds").replace(
                  "+00:00", "Z"), lot=lot.id)
    assert stands(world, lot) is Phase.EVALUATED
    suspend(world, lot)
    world.advance(days=5)
    resume(world, lot)
    now = again(world, lot).publicity_ends
    assert now >= ends + timedelta(days=5) and stands(world, lot) is Phase.EVALUATED
    last = timetable.beijing_day(now - timedelta(seconds=1))
    assert timetable.national_calendar().working(last) and timetable.end_of(last) == now


@pytest.fixture
def bought(world):
    """A lot of government procurement, for which bids are taken."""
    deadline = timetable.resumed(world.now, world.now, world.now + timedelta(days=45))
    return world.lots(world.published_tender(regime="govproc", deadline=deadline))[0]


def test_government_procurement_is_suspended_for_thirty_days_at_most(world, bought):
    world.freeze(bought.deadline - timedelta(days=2))
    row = suspend(world, bought)
    began = timetable.beijing_day(world.now)
    assert row.until == timetable.end_of(began + timedelta(days=30))  # 94号令 28
    dates = {one["name"]: one for one in world.client().get(f"/lots/{bought.id}").json["dates"]}
    assert dates["suspension"]["at"] == time_text(row.until)
    assert b"-suspension@yangguang" in world.client().get(f"/lots/{bought.id}/calendar").data
    world.advance(to=row.until - timedelta(seconds=1))
    world.tick()
    assert stands(world, bought) is Phase.SUSPENDED
    with pytest.raises(Refused) as refused:  # the clock may not before its time
        acts.resume_lot(CLOCK, bought.id, document_no="1", reason=acts.halting.OVER)
    assert refused.value.word is NOT_SUSPENDED
    world.advance(to=row.until)
    world.tick()
    now = again(world, bought)
    assert stands(world, bought) is Phase.BIDDING and not world.entries("lot.closed")
    assert now.deadline - world.now >= timedelta(days=2), "what was left is left again"
    with pytest.raises(Refused) as refused:  # the same matter has had its thirty days
        suspend(world, bought)
    assert refused.value.word is SUSPENSION_SPENT
    acts.suspend_lot(world.fresh(world.supervisor), bought.id, document_no="9号", reason="另一投诉")
    assert not [one for one in rows(world.session, list(entries(world.session)))
                if "suspension" in one]
    said = world.client().get(f"/lots/{bought.id}/course").json["suspensions"]
    assert [one["until"] is not None for one in said] == [True, True]


def test_elsewhere_a_suspension_lasts_until_it_is_lifted(world, lot):
    assert suspend(world, lot).until is None
    world.advance(days=120)
    world.tick()
    assert stands(world, lot) is Phase.SUSPENDED


def test_the_validity_runs_on_in_a_suspension_and_its_end_is_said(world, lot):
    world.advance(to=lot.deadline + timedelta(seconds=1))
    world.force_phase(lot.id, "OPENED")
    suspend(world, lot)
    ends = timetable.validity_ends(lot.deadline, lot.validity_days)
    dates = {one["name"]: one for one in world.client().get(f"/lots/{lot.id}").json["dates"]}
    assert dates["validity"]["day"] == dates["award"]["day"] == ends.isoformat()
    world.advance(to=timetable.end_of(ends))
    resume(world, lot)
    (entry,) = world.entries("tender.resumed")
    assert parse(entry.record)["facts"]["validity_ended"] == ends.isoformat()


def test_suspended_once_and_lifted_once(world, lot):
    suspend(world, lot)
    with pytest.raises(Refused) as refused:
        suspend(world, lot)
    assert refused.value.word in (WRONG_PHASE, ALREADY_SUSPENDED)
    resume(world, lot)
    with pytest.raises(Refused) as refused:
        resume(world, lot)
    assert refused.value.word is WRONG_PHASE


def test_what_no_supervisor_suspended_no_supervisor_resumes(world, lot):
    hold(world, lot)
    world.advance(to=lot.deadline)
    assert stands(world, lot) is Phase.SUSPENDED
    # The act moves the held deadline first, so the lot is not suspended any more.
    with pytest.raises(Refused) as refused:
        resume(world, lot)
    assert refused.value.word in (NOT_SUSPENDED, WRONG_PHASE)
    assert stands(world, lot) is Phase.BIDDING


def hold(world, lot, days: int = 3):
    held(OPERATOR, lot.id, secrets.token_hex(16), world.now + timedelta(days=days))


def test_a_held_deadline_is_moved_by_whoever_reads_it_first(world, lot):
    world.advance(to=lot.deadline - timedelta(days=1))
    before = world.client().get(f"/lots/{lot.id}").json
    hold(world, lot)
    world.freeze()
    held = world.client().get(f"/lots/{lot.id}").json
    assert held == before, "until its time nothing shows it"
    world.advance(to=lot.deadline)
    world.tick()
    (entry,) = world.entries("deadline.postponed")
    now = again(world, lot)
    assert stands(world, lot) is Phase.BIDDING and not world.entries("lot.closed")
    assert now.deadline - (lot.deadline + timedelta(days=2)) >= timedelta(days=3)
    assert now.round == 1 and entry.lot_id == lot.id
    world.tick()
    assert len(world.entries("deadline.postponed")) == 1
    world.advance(to=now.deadline)
    world.tick()
    assert len(world.entries("deadline.postponed")) == 2, "nobody has answered yet"
    world.raw("UPDATE lot_hold SET released_at = held_at")
    world.advance(to=again(world, lot).deadline)
    world.tick()
    assert len(world.entries("lot.closed")) == 1


def test_the_phase_of_a_held_lot_is_a_function_of_facts(world, lot):
    published = {"published": lot.deadline - timedelta(days=20)}
    one = Facts(lot.deadline, None, published, held=True)
    assert phase(one, lot.deadline - timedelta(seconds=1)) is Phase.BIDDING
    assert phase(one, lot.deadline) is Phase.SUSPENDED
    closed = Facts(lot.deadline, None, published | {"closed": lot.deadline}, held=True)
    assert phase(closed, lot.deadline) is Phase.CLOSED


@pytest.mark.parametrize("name", ["OPENING", "EVALUATING", "AWARDED", "CONTRACTED", "FAILED"])
def test_nothing_is_ended_while_it_is_opened_or_once_it_is_awarded(world, lot, name):
    world.force_phase(lot.id, name)
    with pytest.raises(Refused) as refused:
        acts.terminate_lot(world.fresh(world.clerk), lot.id, reason="项目资金已取消")
    assert refused.value.word is WRONG_PHASE and stands(world, lot) is Phase[name]


def test_a_suspension_is_no_way_round_what_may_not_be_ended(world, lot):
    world.force_phase(lot.id, "AWARDED")
    suspend(world, lot)
    with pytest.raises(Refused) as refused:
        acts.terminate_lot(world.fresh(world.clerk), lot.id, reason="项目资金已取消")
    assert refused.value.word.code == "lot.not-to-be-ended"


def test_an_ended_lot_is_public_with_its_reason_and_moves_no_more(world, lot):
    acts.terminate_lot(world.fresh(world.clerk), lot.id, reason="项目资金已取消")
    assert stands(world, lot) is Phase.TERMINATED
    said = world.client().get(f"/lots/{lot.id}/course").json
    (notice,) = notices(world, lot, "termination")
    assert notice.lot_id == lot.id and "项目资金已取消" in notice.content
    assert said["termination"]["reason"] == "项目资金已取消" and said["successor_id"] is None
    world.advance(to=lot.deadline + timedelta(days=1))
    world.tick()
    assert stands(world, lot) is Phase.TERMINATED and not world.entries("lot.closed")


def test_the_next_round_has_the_terms_and_no_deadline(world, lot):
    acts.terminate_lot(world.fresh(world.clerk), lot.id, reason="项目资金已取消")
    made = acts.retender(world.clerk, lot.id)
    fresh = world.lots(made)[0]
    assert fresh.deadline is None and fresh.policy is None and fresh.profile is None
    assert (fresh.title, fresh.estimate_fen, fresh.criteria) == (
        lot.title, lot.estimate_fen, lot.criteria)
    session = world.session
    assert session.query(Item).filter(Item.lot_id == fresh.id).count() \
        == session.query(Item).filter(Item.lot_id == lot.id).count() > 0
    assert session.query(Document).filter(Document.tender_id == made.id).count() == 1
    link = reading.succession_of(session, fresh.id)
    assert (link.predecessor_id, link.attempt, link.failures) == (lot.id, 2, 0)
    assert world.client().get(f"/lots/{lot.id}/course").json["successor_id"] is None, \
        "a draft is nobody's to know"
    with pytest.raises(Refused) as refused:
        acts.retender(world.clerk, lot.id)
    assert refused.value.word is RETENDERED


def test_only_what_failed_or_was_ended_is_put_out_again(world):
    first, second = world.lots(world.published_tender(2))
    acts.terminate_lot(world.fresh(world.clerk), first.id, reason="项目资金已取消")
    with pytest.raises(Refused) as refused:
        acts.retender(world.clerk, first.id, also=[second.id])
    assert refused.value.word is NOT_ENDED
    world.force_phase(second.id, "FAILED")
    made = acts.retender(world.clerk, first.id, also=[second.id])
    links = [reading.succession_of(world.session, one.id) for one in world.lots(made)]
    assert [(one.predecessor_id, one.failures) for one in links] == [(first.id, 0), (second.id, 1)]


