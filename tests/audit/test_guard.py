"""The guard: no change without an entry, and nobody but the sequencer in the record's tables."""

import pytest
from sqlalchemy import (
    Column,
    Integer,
    MetaData,
    String,
    Table,
    delete,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from audit import guard, model
from audit.guard import UnrecordedChange
from kernel.db import Installation

from .stores import entry

# A table of business that no package knows of; the guard knows only that it is not excepted.
THING = Table("thing", MetaData(), Column("id", Integer, primary_key=True), Column("word", String))


@pytest.fixture
def business(log):
    """The record with one table of business beside it."""
    with log.plain.begin() as connection:
        THING.create(connection)
        connection.execute(insert(THING).values(id=1, word="old"))
        if log.plain.dialect.name == "postgresql":
            connection.execute(text("GRANT ALL ON thing TO yg_app"))
    return log


def word(log):
    with log.plain.connect() as connection:
        return connection.execute(select(THING.c.word).where(THING.c.id == 1)).scalar()


CHANGES = {
    "core update": lambda c: c.execute(update(THING).values(word="new")),
    "core delete": lambda c: c.execute(delete(THING)),
    "core insert": lambda c: c.execute(insert(THING).values(id=2, word="new")),
    "bulk insert": lambda c: c.execute(insert(THING), [{"id": 2, "word": "a"}, {"id": 3, "word": "b"}]),
    "text": lambda c: c.execute(text("UPDATE thing SET word = 'new'")),
    "driver text": lambda c: c.exec_driver_sql("update  thing\n set word = 'new'"),
    "quoted": lambda c: c.execute(text("UPDATE \"thing\" SET word = 'new'")),
    "alias": lambda c: c.execute(text("UPDATE thing AS t SET word = 'new'")),
    "commented": lambda c: c.execute(text("UPDATE/* */thing -- SELECT\n SET word = 'new'")),
    "within a query": lambda c: c.execute(text("DELETE FROM thing WHERE id IN (SELECT 1)")),
    "after a savepoint": lambda c: _in_savepoint(c),
    "committed as text": lambda c: (c.execute(update(THING).values(word="new")),
                                    c.exec_driver_sql("COMMIT")),
}


def _in_savepoint(connection):
    nested = connection.begin_nested()
    connection.execute(insert(model.PendingEntry), [entry(1)])
    nested.rollback()
    connection.execute(update(THING).values(word="new"))


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_without_an_entry_is_not_committed(business, change):
    with (pytest.raises(UnrecordedChange, match="thing|COMMIT"),
          business.engine.begin() as connection):
        CHANGES[change](connection)
    assert word(business) == "old"
    with business.plain.connect() as connection:
        assert connection.execute(select(THING.c.id)).scalars().all() == [1]


@pytest.mark.parametrize("change", [name for name in CHANGES if name not in (
    "after a savepoint", "committed as text")])
def test_the_same_change_with_an_entry_is(business, change):
    with business.engine.begin() as connection:
        CHANGES[change](connection)
        connection.execute(insert(model.PendingEntry), [entry(1)])
    with business.plain.connect() as connection:
        assert connection.execute(select(THING.c.id, THING.c.word)).all() != [(1, "old")]
        assert len(connection.execute(select(model.PendingEntry.id)).all()) == 1


def test_without_the_guard_it_would_have_been(business):
    with business.plain.begin() as connection:
        CHANGES["text"](connection)
    assert word(business) == "new", "or the tests above prove nothing"


def test_the_orm_is_seen(log):
    with Session(log.engine) as session:
        session.get(Installation, 1).kind = "demo"
        with pytest.raises(UnrecordedChange, match="installation"):
            session.commit()
    with log.plain.connect() as connection:
        assert connection.execute(select(Installation.kind)).scalar() == "test"


def test_one_transaction_s_entry_does_not_cover_the_next(business):
    with business.engine.connect() as connection:
        with connection.begin():
            connection.execute(insert(model.PendingEntry), [entry(1)])
        with pytest.raises(UnrecordedChange), connection.begin():
            connection.execute(update(THING).values(word="new"))
    with business.engine.connect() as connection:
        with connection.begin() as transaction:
            connection.execute(insert(model.PendingEntry), [entry(1)])
            transaction.rollback()
        with pytest.raises(UnrecordedChange), connection.begin():
            connection.execute(update(THING).values(word="new"))
    assert word(business) == "old"


def test_removing_an_entry_is_not_an_entry(business):
    business.add(1)
    with (pytest.raises(UnrecordedChange, match="pending_entry"),
          business.engine.begin() as connection):
        connection.execute(update(THING).values(word="new"))
        connection.execute(delete(model.PendingEntry))
    assert word(business) == "old"


@pytest.mark.parametrize("statement", [
    "DELETE FROM pending_entry", "UPDATE pending_entry SET record = '{}'", "DELETE FROM leaf",
    "INSERT INTO leaf (position, entry) VALUES (99, '')", "UPDATE disclosure SET record = '{}'",
    "DELETE FROM disclosure", "UPDATE log_head SET size = 0", "DELETE FROM checkpoint",
    "WITH gone AS (SELECT 1) DELETE FROM leaf",
])
def test_the_record_s_own_tables_are_the_sequencer_s(log, statement):
    log.add(2)
    log.sequencer.tick()
    log.add(1)
    with pytest.raises(UnrecordedChange, match="sequencer"), log.engine.begin() as connection:
        connection.execute(insert(model.PendingEntry), [entry(1)])
        connection.execute(text(statement))
    with log.plain.connect() as connection:
        assert len(connection.execute(select(model.Leaf.position)).all()) == 2


@pytest.mark.parametrize("statement", [
    "UPDATE leaf SET entry = ''", "DELETE FROM leaf", "UPDATE leaf SET position = position + 9",
    "DELETE FROM checkpoint", "UPDATE checkpoint SET note = ''", "TRUNCATE leaf",
    "INSERT OR REPLACE INTO leaf (position, entry) VALUES (0, '')",
])
@pytest.mark.parametrize("role", ["owner", "application"])
def test_leaves_and_checkpoints_stay(log, statement, role):
    """By trigger for the owner as well; by rights for the application on PostgreSQL."""
    sqlite = log.plain.dialect.name == "sqlite"
    if ("TRUNCATE" if sqlite else " OR REPLACE ") in statement:
        pytest.skip("not a statement of this database")
    log.add(3)
    log.sequencer.tick()
    kept = rows(log)
    engine = log.plain if role == "owner" else log.engine
    with (pytest.raises(DBAPIError, match="append-only|permission denied|must be owner"),
          engine.connect().execution_options(sequencer=True) as connection, connection.begin()):
        connection.execute(text(statement))
    assert rows(log) == kept


def rows(log):
    with log.plain.connect() as connection:
        return (connection.execute(select(model.Leaf.position, model.Leaf.entry)).all(),
                connection.execute(select(model.Checkpoint.size, model.Checkpoint.note)).all())


def test_a_wall_must_be_climbed_before_it_counts(log):
    """With its trigger gone and as owner the row does change: the test above sees the triggers."""
    log.add(1)
    log.sequencer.tick()
    with log.plain.begin() as connection:
        connection.execute(text("ALTER TABLE leaf DISABLE TRIGGER USER"
                                if log.plain.dialect.name == "postgresql"
                                else "DROP TRIGGER leaf_no_delete"))
        connection.execute(text("DELETE FROM leaf"))
    assert rows(log)[0] == []


@pytest.mark.parametrize(("statement", "found"), [
    ("SELECT 1 FROM thing FOR UPDATE", []),
    ("SELECT 'UPDATE SET'", []),
    ("INSERT INTO a (x) VALUES (1) ON CONFLICT (x) DO UPDATE SET x = 2", [("insert", "a")]),
    ("insert or ignore into a values (1)", [("insert", "a")]),
    ("WITH d AS (DELETE FROM a RETURNING *) INSERT INTO b SELECT * FROM d",
     [("delete", "a"), ("insert", "b")]),
    ('UPDATE ONLY "public"."A" AS z SET x = 1', [("update", "a")]),
    ("UPDATE OR IGNORE a SET x = 1", [("update", "a")]),
    ("TRUNCATE TABLE a", [("truncate", "a")]),
    ("COPY a FROM STDIN", [("copy", "a")]),
    ("MERGE INTO a USING b ON true WHEN MATCHED THEN DELETE", [("merge", "a")]),
    ("CREATE TRIGGER t BEFORE TRUNCATE ON a EXECUTE FUNCTION f()", []),
    ("DO $$ BEGIN DELETE FROM a; END $$", [("delete", "a")]),
])
def test_what_a_statement_writes(statement, found):
    assert list(guard.written(statement)) == found
    assert list(guard.written(statement + " " * 9000)) == found
