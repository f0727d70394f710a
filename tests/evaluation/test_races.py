"""Exactly one of each, however many knock at once (F19, F25); on PostgreSQL, by threads."""

import threading
from collections import Counter

import pytest
from sqlalchemy import func, select

from evaluation import acts, reading
from evaluation.acts import award as award_acts
from evaluation.model import Award, Contract, EvaluationReport, PanelSeat, Vote
from kernel.db import db
from kernel.refusal import Refused
from tender import reading as tenders
from tender.lifecycle import Phase
from tender.model import Lot

MANY = 8


@pytest.fixture
def database():
    return "postgres"


def at_once(app, calls):
    """Run all calls from a barrier; the code of each answer: `ok`, a refusal's, or the fault."""
    barrier, answers = threading.Barrier(len(calls)), []

    def run(call):
        with app.app_context():
            try:
                barrier.wait(300)
                call()
                answers.append("ok")
            except Refused as refused:
                answers.append(f"{refused.word.status} {refused.word.code}")
            except Exception as fault:  # noqa: BLE001 (a fault is what we look for)
                answers.append(repr(fault))
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(answers)


def one_of(answers):
    """Exactly one success, and every loser a 409."""
    assert answers["ok"] == 1, answers
    assert all(answer == "ok" or answer.startswith("409 ") for answer in answers), answers


def count(world, model, lot):
    return world.session.execute(
        select(func.count()).select_from(model).where(model.lot_id == lot.id)).scalar_one()


def test_eight_awards_at_once_make_one(app, world):
    lot = world.opened_by_fiat()
    lot_id = lot.id
    world.vote(lot, world.awarding(lot))
    buyers = [world.chief, world.clerk] * (MANY // 2)
    one_of(at_once(app, [lambda actor=actor: acts.confirm_award(actor, lot_id)
                         for actor in buyers]))
    assert count(world, Award, lot) == 1 and len(world.written("award.confirmed")) == 1


def test_eight_contracts_at_once_make_one(app, world):
    lot = world.opened_by_fiat()
    lot_id = lot.id
    award = world.awarded(lot)
    world.advance(hours=1)
    signed, price = world.now, award.price_fen
    one_of(at_once(app, [lambda: acts.register_contract(
        world.chief, lot_id, amount_fen=price, signed_at=signed,
        document_hash="ab" * 32)] * MANY))
    assert count(world, Contract, lot) == 1


def test_a_member_who_votes_eight_times_at_once_has_one_vote(app, world):
    lot = world.opened_by_fiat()
    lot_id = lot.id
    member = world.awarding(lot)[0]
    choices = [row.bid_id for row in reading.candidates(world.session, lot.id)]
    one_of(at_once(app, [lambda n=n: acts.cast_vote(member, lot_id, ballot=1,
                                                    choice=choices[n % 3])
                         for n in range(MANY)]))
    assert count(world, Vote, lot) == 1


def test_all_votes_at_once_are_all_counted(app, world):
    lot = world.opened_by_fiat()
    lot_id = lot.id
    members = world.awarding(lot)
    choice = reading.candidates(world.session, lot.id)[0].bid_id
    answers = at_once(app, [lambda member=member: acts.cast_vote(
        member, lot_id, ballot=1, choice=choice) for member in members])
    assert answers == {"ok": 5}
    assert reading.voting(world.session, lot.id).state.winner == choice


def test_all_sign_the_report_at_once_and_it_concludes_once(app, world):
    lot = world.opened_by_fiat()
    lot_id = lot.id
    panel = world.drawn_panel(lot)
    world.sign_sheets(lot, panel)
    digest = reading.to_sign(world.session, tenders.lot(world.session, lot.id))["report_hash"]
    answers = at_once(app, [lambda expert=expert: acts.sign_report(
        expert, lot_id, report_hash=digest) for expert in [*panel, *panel[:3]]])
    assert answers["ok"] == 5 and all(
        answer == "ok" or answer.startswith("409 ") for answer in answers), answers
    assert count(world, EvaluationReport, lot) == 1
    assert tenders.phase_of(world.session, lot.id, world.now) is Phase.EVALUATED


def test_an_expert_leaves_while_the_last_sheet_is_signed(app, world):
    """Either the sheet came first and nobody leaves any more, or the follower has to score."""
    lot = world.opened_by_fiat()
    lot_id = lot.id
    panel = world.drawn_panel(lot)
    world.sign_sheets(lot, panel[:4])
    acts.declare(panel[4], lot.id, accept=True)
    saved = acts.save_sheet(panel[4], lot.id, scores=world.sheet(lot))
    answers = at_once(app, [
        lambda: acts.sign_sheet(panel[4], lot_id, sheet_hash=saved.sheet_hash),
        lambda: acts.declare(panel[0], lot_id, accept=False, reason="利害关系")])
    missing = reading.missing_sheets(world.session, tenders.lot(world.session, lot.id))
    left = world.session.scalars(select(PanelSeat).where(
        PanelSeat.lot_id == lot.id, PanelSeat.left_at.is_not(None))).all()
    assert len(reading.seats(world.session, lot.id)) == 5
    if left:
        assert answers == {"ok": 2} and missing == 1
    else:
        assert answers == {"ok": 1, "409 panel.sheets-complete": 1} and missing == 0


def test_two_announcements_and_two_committees_at_once(app, world):
    lot = world.opened_by_fiat()
    lot_id = lot.id
    world.experts(8)
    one_of(at_once(app, [lambda: acts.announce_draw(world.clerk, lot_id)] * 4))
    assert len(reading.draws_of(world.session, lot.id)) == 1


def test_a_planted_check_then_insert_is_caught(app, world, monkeypatch):
    """Without the lock and without the constraints the same eight give more than one award:
    the tests above can fail."""
    lot = world.opened_by_fiat()
    lot_id = lot.id
    world.vote(lot, world.awarding(lot))
    world.raw("DROP INDEX uq_award_standing")
    world.raw("ALTER TABLE lot_outcome DROP CONSTRAINT uq_lot_outcome")
    world.raw("ALTER TABLE published_notice DROP CONSTRAINT uq_published_notice")
    gate = threading.Barrier(MANY)
    real = award_acts.publish_notice

    def unlocked(ctx, lot_id, share=False):
        return ctx.session.get_one(Lot, lot_id)

    def after_all_checks(*args, **named):
        gate.wait(300)
        return real(*args, **named)

    monkeypatch.setattr(award_acts, "lock_lot", unlocked)
    monkeypatch.setattr(award_acts, "publish_notice", after_all_checks)
    answers = at_once(app, [lambda: acts.confirm_award(world.chief, lot_id)] * MANY)
    with pytest.raises(AssertionError):
        one_of(answers)
    assert count(world, Award, lot) > 1
