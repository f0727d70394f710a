"""Columns that an act writes at once."""

from __future__ import annotations

import pytest

from audit.columns import write_columns
from audit.guard import UnrecordedChange
from kernel.db import db
from tender import reading


@pytest.fixture
def lots(world):
    """The lots of a draft."""
    return reading.lots_of(world.session, world.draft_tender(2).id)


def test_the_row_and_its_object_say_what_was_written(world, lots):
    session = db.session()
    lots[0].title = "变更"  # what was changed before goes first
    write_columns(session, [(lot, {"quality": f"优良 {lot.number}", "profile": {"id": lot.id}})
                            for lot in lots])
    assert not session.dirty
    for _ in ("the objects", "the rows"):
        assert [(lot.quality, lot.profile) for lot in lots] == [
            (f"优良 {lot.number}", {"id": lot.id}) for lot in lots]
        session.expire_all()
    assert lots[0].title == "变更"
    session.rollback()


def test_a_row_that_is_gone_is_no_row_that_was_written(world, lots):
    session = db.session()
    session.expunge(lots[1])
    lots[1].id = "0" * 32
    with pytest.raises(RuntimeError, match="1 of 2"):
        write_columns(session, [(lot, {"quality": "优良"}) for lot in lots])
    session.rollback()


def test_the_guard_sees_it_like_any_other_change(world, lots):
    session = db.session()
    write_columns(session, [(lots[0], {"quality": "优良"})])
    with pytest.raises(UnrecordedChange):
        session.commit()
    session.rollback()
