"""Connections to PostgreSQL: a rollback ends the transaction and forgets nothing else; one that died
while it lay unused is not handed out."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from kernel.db import db
from portal import postgres
from tests.postgres import server


@pytest.fixture
def session(world):
    if not world.postgres:
        pytest.skip("SQLite has one connection and prepares by itself")
    return db.session()


def test_what_is_prepared_outlives_a_rollback(session):
    ours = text("SELECT count(*) FROM installation WHERE id = :id")
    for _ in range(8):
        session.execute(ours, {"id": 1})
        session.rollback()
    kept = session.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
    assert any("installation" in one for one in kept)


def test_a_rollback_undoes_and_mends_a_failed_transaction(session):
    before = session.scalar(text("SHOW application_name"))
    session.execute(text("SET application_name = 'changed'"))
    with pytest.raises(ProgrammingError):
        session.execute(text("SELECT nothing FROM nowhere"))
    session.rollback()
    assert session.scalar(text("SHOW application_name")) == before != "changed"


@pytest.fixture
def asked(monkeypatch):
    """How often a connection was asked whether it lives."""
    seen = []
    ping = db.engine.dialect.do_ping
    monkeypatch.setattr(db.engine.dialect, "do_ping",
                        lambda connection: seen.append(connection) or ping(connection))
    return seen


def test_a_connection_that_died_while_it_lay_there_is_not_handed_out(session, monkeypatch, asked):
    monkeypatch.setattr(postgres, "QUIET", 0.0)
    died = session.scalar(text("SELECT pg_backend_pid()"))
    session.rollback()
    with server().connect("postgres") as other:
        assert other.execute("SELECT pg_terminate_backend(%s, 10000)", [died]).fetchone()[0]
    assert session.scalar(text("SELECT pg_backend_pid()")) != died
    assert asked


def test_a_connection_that_was_in_use_just_now_is_not_asked(session, monkeypatch, asked):
    monkeypatch.setattr(postgres, "QUIET", 3600.0)
    for _ in range(5):
        session.execute(text("SELECT 1"))
        session.rollback()
    assert not asked
