"""What makes the tests quick must not be seen by any of them."""

import subprocess
import sys
from contextlib import closing

import psycopg
import pytest
from sqlalchemy import create_engine

from tests import lent, postgres, remembered
from tests.world import World


@pytest.fixture
def again(app, world, database, request, kept_worlds, installation):
    """Another world over the same installation made fresh, as the next test would find it."""
    world.published_tender()  # seen once: what comes next is kept
    fresh = world._past._fresh

    def make(play=lambda world: None) -> World:
        remembered.db.session.remove()
        remembered.db.engine.dispose()
        world.close()
        found = fresh
        if database == "postgres":
            fresh.put_back(lent.FRESH)
        else:
            for more in ("", "-wal", "-shm"):
                (installation.folder / f"{remembered.FILE}{more}").unlink(missing_ok=True)
            file = installation.folder / remembered.FILE
            file.write_bytes(request.getfixturevalue("sqlite_template").read_bytes())
            found = file.stat().st_mtime_ns
        create_engine(installation.url).dispose()
        world.app.extensions["yangguang"].clock.frozen = None
        remembered.db.session.connection()  # the application's own, open as in any test
        remembered.db.session.rollback()
        made = World(world.app, installation)
        made.remember(found, kept_worlds)
        request.addfinalizer(made.close)
        play(made)
        return made

    return make


def test_the_next_one_gets_the_same_and_can_go_on(again):
    one = again()
    kept = one.published_tender()
    two = again()
    copy = two.published_tender()
    assert copy.id == kept.id
    assert two.clerk == one.clerk and two.number() == one.number()
    lot = two.lots(copy)[0]
    two.sealed_bid(lot)
    two.past_deadline(lot)
    assert two.verify_record().problems == []
    assert len(two.records("notice.approved")) == 1


TOUCHES = {
    "by hand": lambda world: world.raw(
        "UPDATE installation SET clock_offset_ms = clock_offset_ms + 5"),
    "the time": lambda world: world.advance(minutes=1),
    "held still": lambda world: world.freeze(),
    "an account": lambda world: world.account("buyer"),
    "the world": lambda world: setattr(world, "mine", 1),
    "another tender": lambda world: world.draft_tender(lots=2),
}


def test_whoever_did_anything_before_gets_none(again):
    kept = again().published_tender().id
    assert again().published_tender().id == kept
    for name, touch in TOUCHES.items():
        assert again(touch).published_tender().id != kept, name


def test_whoever_patched_or_wired_anything_gets_none(again, monkeypatch):
    kept = again().published_tender().id
    with monkeypatch.context() as patch:
        patch.setattr(remembered, "APART", remembered.APART)
        assert again().published_tender().id != kept
    other = again()
    other.app.extensions["yangguang"].settings["review_plugins"] = "x.y"
    assert other.published_tender().id != kept
    del other.app.extensions["yangguang"].settings["review_plugins"]


def test_no_file_is_replaced_under_another_process(again, installation, database):
    if database == "postgres":
        pytest.skip("rows are replaced, not a file")
    kept = again().published_tender().id
    with closing(create_engine(installation.url).connect()):
        assert again().published_tender().id == kept, "not opened yet"
    other = again()
    with create_engine(installation.url).connect() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM party").scalar()
        assert other.published_tender().id != kept


@pytest.fixture
def books(postgres_template):
    made = lent.Lender(postgres.server(), postgres_template)
    yield made
    for one in made._free:
        one.rows.close()
        postgres.server().drop(one.name)


def rows_of(one: lent.Lent, statement: str) -> list:
    with psycopg.connect(one.owner_url.replace("+psycopg", "")) as connection:
        found = connection.execute(statement)
        return found.fetchall() if found.description else []


@pytest.mark.parametrize("change", [
    "INSERT INTO alembic_version VALUES ('x')",
    "UPDATE installation SET kind = 'demo'", "DELETE FROM installation",
    "SELECT nextval(pg_get_serial_sequence('pending_change', 'turn'))",
], ids=["added", "changed", "removed", "counted"])
def test_a_lent_database_comes_back_as_the_template_is(books, change):
    one = books.lend()
    count = ("SELECT (SELECT count(*) FROM alembic_version), (SELECT kind FROM installation), "
             "nextval(pg_get_serial_sequence('pending_change', 'turn'))")
    before = rows_of(one, count)
    books.take_back(one)
    assert books.lend() is one
    rows_of(one, change)
    books.take_back(one)
    assert books.lend() is one and rows_of(one, count) == before
    books.take_back(one)


@pytest.mark.parametrize("change", [
    "ALTER TABLE lot_outcome DISABLE TRIGGER USER", "CREATE TABLE mine (a int)", "DROP TABLE throttle",
    "CREATE INDEX mine ON party (name)", "GRANT TRUNCATE ON party TO yg_app",
    "ALTER TABLE lot_outcome DROP CONSTRAINT uq_lot_outcome", "TRUNCATE throttle",
])
def test_a_database_of_another_shape_is_lent_to_nobody(books, change):
    one = books.lend()
    rows_of(one, change)
    books.take_back(one)
    other = books.lend()
    assert other.name != one.name
    books.take_back(other)


def test_a_session_that_stays_is_ended(books):
    one = books.lend()
    with psycopg.connect(one.owner_url.replace("+psycopg", "")) as left:
        left.execute("UPDATE installation SET kind = 'demo'")
        books.take_back(one)
        with pytest.raises(psycopg.OperationalError):
            left.execute("SELECT 1")
    assert books.lend() is one
    books.take_back(one)


def test_sessions_that_are_just_going_are_no_trouble(books):
    one = books.lend()
    for _ in range(5):
        going = [psycopg.connect(one.owner_url.replace("+psycopg", "")) for _ in range(8)]
        for session in going:  # so much to let go of that it takes a moment
            session.execute("SELECT pg_advisory_lock_shared(n) FROM generate_series(1, 3000) n")
        for session in going:
            session.close()
        books.take_back(one)
        assert books.lend() is one
    books.take_back(one)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_our_locks_on_a_file_stay_ours(again, installation):
    """Whoever opens and closes a database's file past SQLite ends the process's locks on it: then
    another process that goes takes the write-ahead log along, and what we write is lost."""
    again().published_tender()
    file = installation.folder / remembered.FILE
    look = ("import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); "
            "c.execute('SELECT count(*) FROM party'); c.close()")
    subprocess.run([sys.executable, "-c", look, str(file)], check=True)
    assert file.with_name(f"{file.name}-wal").exists()
