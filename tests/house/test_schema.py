"""Migrations produce exactly the tables the models describe, and take away what they made."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.sql import sqltypes

from audit.schema_sql import append_only_tables
from kernel.db import Base
from portal.config import Settings
from portal.migrate import alembic_config, migrate
from portal.revision import head
from tests import postgres


@pytest.fixture(params=["sqlite", "postgres"])
def migrated(request, tmp_path):
    if request.param == "sqlite":
        settings = Settings(data=str(tmp_path / "data"))
    else:
        owner, application = postgres.server().database()
        settings = Settings(data=str(tmp_path / "data"), database_url=application, owner_url=owner)
    migrate(settings, "production")
    engine = create_engine(settings.migration_url)
    yield settings, engine
    engine.dispose()


def compare_type(context, _inspected, _column, found, meant):
    """SQLite keeps no lengths: a text is a text there. None leaves the question to Alembic."""
    texts = isinstance(found, sqltypes.String) and isinstance(meant, sqltypes.String)
    return False if texts and context.dialect.name == "sqlite" else None


def own_table(name, kind, _parents):
    """The index of words lies beside the tables that models describe (portal/search/model.py)."""
    return not (kind in ("table", "index") and name and name.startswith("search_text"))


COMPARED = {"compare_type": compare_type, "include_name": own_table}


def test_the_schema_is_the_models(migrated):
    _, engine = migrated
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=COMPARED)
        assert compare_metadata(context, Base.metadata) == []


def test_a_missing_column_would_be_seen(migrated):
    _, engine = migrated
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE item DROP COLUMN unit"))
        context = MigrationContext.configure(connection, opts=COMPARED)
        assert compare_metadata(context, Base.metadata) != []


def test_migrating_again_changes_nothing_and_another_kind_is_refused(migrated):
    settings, _ = migrated
    migrate(settings)
    migrate(settings, "production")
    with pytest.raises(SystemExit, match="created as 'production'"):
        migrate(settings, "demo")


def test_every_append_only_table_is_protected(migrated):
    _, engine = migrated
    with engine.connect() as connection:
        catalogue = "SELECT name FROM sqlite_master WHERE type = 'trigger'" \
            if engine.dialect.name == "sqlite" else "SELECT tgname FROM pg_trigger"
        triggers = " ".join(connection.execute(text(catalogue)).scalars())
    assert len(append_only_tables()) > 15
    for table in append_only_tables():
        assert table.name in triggers


def test_the_application_gets_no_more_than_it_needs(migrated):
    settings, engine = migrated
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite knows no roles")
    application = create_engine(settings.url)
    with application.connect() as connection:
        for table in append_only_tables():
            for right in ("UPDATE", "DELETE", "TRUNCATE"):
                assert not connection.execute(text(
                    f"SELECT has_table_privilege('{table.name}', '{right}')")).scalar(), \
                    f"the application may {right} {table.name}"
    application.dispose()


def test_the_newest_revision_is_the_same_without_alembic():
    assert head() == ScriptDirectory.from_config(alembic_config("")).get_current_head()


def test_going_down_leaves_nothing(migrated):
    settings, engine = migrated
    command.downgrade(alembic_config(settings.migration_url), "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}


def test_officials_outlive_the_change_of_their_table(tmp_path):
    """0002 makes the table anew on SQLite; who refers to it must find it whole, both ways."""
    settings = Settings(data=str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    config = alembic_config(settings.migration_url)
    command.upgrade(config, "0001")
    engine = create_engine(settings.migration_url)
    with engine.begin() as connection:
        for table, row in {
            "party": {"id": "u"}, "person": {"id": "p"},
            "account": {"id": "a", "person_id": "p", "party_id": "u"},
            "tender": {"id": "t", "buyer_id": "u"}, "lot": {"id": "l", "tender_id": "t"},
            "official": {"id": "o", "lot_id": "l", "account_id": "a", "person_id": "p",
                         "unit_id": "u", "seat": 1},
            "holder_key": {"id": "k", "official_id": "o", "lot_id": "l"},
        }.items():
            for column in inspect(engine).get_columns(table):
                if not column["nullable"] and column["name"] not in row:
                    number = not isinstance(column["type"], sqltypes.String)
                    row[column["name"]] = 1 if number else "2026-03-02T01:00:00.000Z" \
                        if column["name"].endswith("_at") else "other"
            connection.execute(text(f"INSERT INTO {table} ({', '.join(row)}) VALUES "
                                    f"({', '.join(':' + name for name in row)})"), row)
    for target in ("0002", "0001", "0002"):
        (command.upgrade if target == "0002" else command.downgrade)(config, target)
        with engine.connect() as connection:
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
            assert connection.execute(text(
                "SELECT official.seat FROM holder_key JOIN official "
                "ON official.id = holder_key.official_id")).scalars().all() == [1]
            if target == "0002":
                found = connection.execute(text(
                    "SELECT kind, unit_seat, unit_limit FROM official")).one()
                assert tuple(found) == ("official", 1, 1)
    engine.dispose()
