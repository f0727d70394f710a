"""Answers that are kept: of one snapshot, bounded, made anew when any of their rows is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import bindparam, select, text

from kernel.db import db
from people import kept
from people.idempotency import Stored
from people.model import Party

NOW = datetime(2026, 3, 2, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
PLAN = kept.Kept(((Party.__table__, Party.__table__.c.id == bindparam("party_id")),),
                 lambda _session, _now, *, party_id: datetime.max.replace(tzinfo=UTC))


def stored(text: str) -> Stored:
    return Stored(200, "application/json", text.encode())


def test_what_is_made_while_somebody_commits_is_of_the_moment_it_began(world):
    party = world.party()
    party_id, name = party.id, party.name

    def make() -> Stored:
        with world._raw.begin() as other:  # world.raw would end what is under way here
            other.execute(text("UPDATE party SET name = 'renamed' WHERE id = :id"), {"id": party_id})
        return stored(db.session.scalar(select(Party.name).where(Party.id == party_id)))

    def asked(making=make) -> bytes:
        return kept.answer(PLAN, "/party", {"party_id": party_id}, making).body

    assert asked() == name.encode(), "made of a version that nobody looked at"
    assert asked(lambda: stored("anew")) == b"anew", "kept, though its row has changed"
    assert asked(make) == b"anew"


def test_nothing_is_kept_where_it_must_not_be_and_no_refusal_is(world):
    party = world.party()
    never = kept.Kept(PLAN.rows, lambda _session, _now, *, party_id: None)
    made = iter(("one", "two"))
    for said in (b"one", b"two"):
        assert kept.answer(never, "/p", {"party_id": party.id},
                           lambda: stored(next(made))).body == said


def test_what_cannot_be_compared_is_said_in_the_log_without_values(world, caplog):
    with caplog.at_level("WARNING", "yangguang.kept"):
        assert kept.watch().look(PLAN, {"party": "a-secret"}) is None
    (said,) = caplog.messages
    assert "made anew" in said and "Error" in said and "a-secret" not in said
    assert kept.watch().look(PLAN, {"party_id": world.party().id}) is not None


def test_a_shelf_keeps_no_more_than_it_may_and_what_was_asked_for_last():
    shelf = kept.Shelf(most=25)
    for name in "abc":
        shelf.keep((name,), b"v", NOW, LATER, stored(name * 10))
        shelf.find(("a",), b"v", NOW)
    assert [bool(shelf.find((name,), b"v", NOW)) for name in "abc"] == [True, False, True]
    shelf.keep(("a",), b"w", NOW, LATER, stored("a" * 15))
    assert shelf._bytes == 25 and shelf.find(("a",), b"v", NOW) is None
    shelf.keep(("d",), b"v", NOW, LATER, stored("d" * 26))
    assert shelf._bytes == 0 and shelf.find(("d",), b"v", NOW) is None


def test_a_kept_answer_ends_with_its_time_and_is_none_before_it():
    shelf = kept.Shelf()
    shelf.keep(("a",), b"v", NOW, LATER, stored("a"))
    just = timedelta(milliseconds=1)
    assert shelf.find(("a",), b"v", LATER - just) and not shelf.find(("a",), b"v", LATER)
    assert not shelf.find(("a",), b"v", NOW - just)
