"""Connections to PostgreSQL: a rollback ends the transaction and forgets nothing else."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from kernel.db import db


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
