"""Exact amounts and aware times on both databases, one clock, and races that end in a word."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from audit.act import wiring
from kernel.clock import Clock
from kernel.db import Installation, db, refusal_for
from kernel.refusal import WORDS, Refused, Word
from people.model import Party


def _connection():
    db.session.rollback()
    return db.session.connection()


def test_an_amount_beyond_a_floats_reach_is_kept_to_the_fen(app):
    # 1234567890123456.78 yuan: a float column makes …56.75 of it.
    fen = 123_456_789_012_345_678
    connection = _connection()
    connection.execute(Installation.__table__.update().values(clock_offset_ms=fen))
    assert connection.execute(select(Installation.clock_offset_ms)).scalar_one() == fen
    db.session.rollback()


def test_a_time_comes_back_aware_and_the_same_from_any_zone(app):
    moment = datetime(2026, 12, 1, 17, 0, 0, 123_000, timezone(timedelta(hours=8)))
    connection = _connection()
    connection.execute(text("UPDATE installation SET high_water = NULL"))
    connection.execute(Installation.__table__.update().values(high_water=moment))
    kept = connection.execute(select(Installation.high_water)).scalar_one()
    assert kept == moment and kept.tzinfo is UTC
    db.session.rollback()


def test_a_naive_time_never_reaches_the_database(app):
    with pytest.raises(StatementError, match="offset"):
        _connection().execute(
            Installation.__table__.update().values(high_water=datetime(2026, 1, 1)))
    db.session.rollback()


def test_a_clock_set_back_is_not_believed(app):
    hands = [datetime(2030, 1, 1, tzinfo=UTC)]
    clock = Clock(lambda: hands[0])
    connection = _connection()
    if connection.dialect.name == "postgresql":
        pytest.skip("PostgreSQL's own clock decides there")
    first = clock.now(connection)
    hands[0] -= timedelta(hours=1)
    assert clock.now(connection) == first


def test_no_time_falls_below_the_high_water_mark_of_another_process(app):
    mark = datetime(2090, 1, 1, tzinfo=UTC)
    connection = _connection()
    connection.execute(Installation.__table__.update().values(high_water=mark))
    assert Clock().now(connection) == mark
    db.session.rollback()


def test_a_broken_unique_rule_becomes_its_word(app):
    now = wiring().clock.now(_connection())
    row = {"name": "某公司", "uscc": "91330703MA2TERTA3E", "kind": "tenderer", "registered_at": now}
    connection = _connection()
    connection.execute(insert(Party).values(id="0" * 32, **row))
    with pytest.raises(IntegrityError) as broken:
        connection.execute(insert(Party).values(id="1" * 32, **row))
    db.session.rollback()
    assert refusal_for(broken.value).word.code == "party.exists"


def test_a_broken_foreign_key_is_our_own_mistake(app):
    connection = _connection()
    with pytest.raises(IntegrityError) as broken:
        connection.execute(text(
            "INSERT INTO item (id, lot_id, position, code, description, unit, quantity) "
            "VALUES ('a', 'nothing', 1, 'c', 'd', 'u', '1')"))
        db.session.commit()
    db.session.rollback()
    with pytest.raises(IntegrityError):
        refusal_for(broken.value)


def test_a_strangers_braces_are_no_template():
    word = Word("test.braces", 400, "—", "名称 {name}", "name {name}", "改 {name}", "mend {name}")
    del WORDS["test.braces"]
    refused = word(name="{name.__class__} {0}")
    assert isinstance(refused, Refused)
    assert refused.text("en") == "name {name.__class__} {0}"
    assert refused.advice("zh") == "改 {name.__class__} {0}"


def test_two_words_cannot_share_a_code():
    with pytest.raises(ValueError, match="request.malformed"):
        Word("request.malformed", 400, "—", "", "", "", "")
