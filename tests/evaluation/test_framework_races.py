"""Framework agreements on PostgreSQL, by threads: two purchases two turns, one decision of many."""

import pytest
from sqlalchemy import select

from evaluation.frameworks import calling, joining, reading
from evaluation.frameworks.model import CalloffTurn
from kernel.db import db

from .test_frameworks import Frame
from .test_races import at_once, one_of


@pytest.fixture
def database():
    return "postgres"


def test_purchases_and_decisions_at_once(app, world):
    frame = Frame(world, suppliers=4)
    own = world.fresh(frame.user)
    calls = [lambda number=number: calling.state_calloff(
        own, frame.id, title=f"{'甲乙丙丁'[number]}楼电梯检修", requirement="", quantity=1,
        method="rotation") for number in range(4)]
    assert at_once(app, calls) == {"ok": 4}
    db.session.rollback()
    turns = db.session.scalars(select(CalloffTurn).order_by(CalloffTurn.place)).all()
    assert [turn.place for turn in turns] == [1, 2, 3, 4]
    assert {turn.application_id for turn in turns} == {one for _, one in frame.suppliers}
    assert len({turn.calloff_id for turn in turns}) == 4
    # One turn is taken once, however often its supplier says so.
    called, whose = turns[0].calloff_id, turns[0].application_id
    supplier = next(one for one, its in frame.suppliers if its == whose)
    db.session.rollback()
    one_of(at_once(app, [lambda: calling.take_turn(supplier, called)] * 4))
    # One application is decided once, admitted or refused.
    made = frame.apply(frame.company()).id
    one_of(at_once(app, [lambda: joining.admit(world.clerk, made),
                         lambda: joining.refuse(world.chief, made, against=[0], reason="证照不符"),
                         lambda: joining.admit(world.chief, made)]))
    # One supplier applies once.
    late = frame.company()
    one_of(at_once(app, [lambda: frame.apply(late)] * 4))
    db.session.rollback()
    assert len(reading.admitted(db.session, frame.id)) in (4, 5)


def test_what_a_unit_buys_at_once_under_two_frameworks_is_summed(app, world):
    frames = [Frame(world, suppliers=1), Frame(world, suppliers=1)]
    own = world.fresh(frames[0].user)
    calls = [lambda frame=frame, part=part: calling.state_calloff(
        own, frame.id, title=f"空调维修{part}期", requirement="", quantity=600, method="direct",
        application_id=frame.suppliers[0][1], reason="距离最近，用户评价最好，价格最低。")
        for frame, part in zip(frames, "一二", strict=True)]
    assert at_once(app, calls) == {"ok": 1, "422 calloff.split": 1}
