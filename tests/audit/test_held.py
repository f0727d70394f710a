"""What is read once under a lock is read again as soon as the act itself changed it."""

from __future__ import annotations

import pytest
from sqlalchemy import event, text, update

from audit.held import HELD, hold, once
from kernel.db import db
from tender import acts, reading
from tender.model import Item


@pytest.fixture
def draft(world):
    """A draft of two lots, with bills."""
    return world.draft_tender(2)


@pytest.fixture
def asked(world):
    """The statements that were sent, in order."""
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_more):
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def test_what_is_held_is_read_once_and_only_then(world, draft, asked):
    session = world.session
    lots = reading.lots_of(session, draft.id)
    for _ in range(2):
        reading.bills_of(session, lots)
    assert len([one for one in asked if "FROM item" in one]) == 2, "kept, though nothing is held"
    hold(session)
    asked.clear()
    for _ in range(3):
        reading.bills_of(session, lots)
        reading.documents_of(session, draft.id)
    assert len(asked) == 2


def test_a_change_of_ones_own_is_seen(world, draft):
    session = world.session
    hold(session)
    lots = reading.lots_of(session, draft.id)
    before = reading.bills_of(session, lots)
    session.execute(update(Item).where(Item.lot_id == lots[0].id).values(description="石方"))
    after = reading.bills_of(session, lots)
    assert {row.description for row in after[lots[0].id]} == {"石方"} != {
        row.description for row in before[lots[0].id]}
    session.rollback()


def test_rows_that_come_are_seen_by_living_things(world, draft):
    session = world.session
    hold(session)
    counted = []

    def read():
        counted.append(1)
        return len(counted)

    def asked():
        return once(session, ("some",), ("item",), read, living=True)

    assert asked() == asked() == 1
    session.execute(update(Item).values(description="石方"))
    assert asked() == 1, "an UPDATE shows in the objects themselves"
    session.execute(text("DELETE FROM item"))
    assert asked() == 2
    session.rollback()


def test_nothing_outlives_its_transaction(world, draft):
    session = world.session
    hold(session)
    lots = reading.lots_of(session, draft.id)
    known = reading.bills_of(session, lots)
    session.rollback()
    assert HELD not in session.connection().info
    world.raw("UPDATE item SET description = '石方'")
    session = world.session
    hold(session)
    assert reading.bills_of(session, reading.lots_of(session, draft.id)) != known


def test_what_is_taken_back_to_a_savepoint_is_read_anew(world, draft):
    session = world.session
    hold(session)
    lots = reading.lots_of(session, draft.id)
    with session.begin_nested() as inner:
        session.execute(update(Item).values(description="石方"))
        assert {row.description for row in reading.bills_of(session, lots)[lots[0].id]} == {"石方"}
        inner.rollback()
    assert {row.description for row in reading.bills_of(session, lots)[lots[0].id]} != {"石方"}
    session.rollback()


def test_approval_asks_for_nothing_twice(world, draft, asked):
    world.before_publishing(draft)
    notice = acts.submit_notice(world.clerk, draft.id)
    asked.clear()
    acts.approve_notice(world.fresh(world.chief), draft.id, content_hash=notice.content_hash)
    # The installation's row tells the time under the lock, too.
    reads = [one for one in asked if one.startswith("SELECT") and "lot_outcome" not in one
             and "FROM installation" not in one]
    assert len(reads) == len(set(reads)), sorted(one for one in reads if reads.count(one) > 1)
    print(f"{len(asked)} statements for an approval")
    assert len(asked) <= 28
