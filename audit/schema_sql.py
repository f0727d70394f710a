"""Triggers that keep append-only tables append-only, on both databases.

A table says `info={"append_only": True}`. `db.create_all()` makes the triggers with it, and
migrations call `protect`. On PostgreSQL the application's role lacks the rights besides; on
SQLite, where whoever holds the file holds everything, the triggers stop mistakes, not theft.
(INSERT OR REPLACE fires the DELETE trigger because kernel.db sets recursive_triggers.)
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, Table, event

from kernel.db import Base

_FUNCTION = """
CREATE OR REPLACE FUNCTION yangguang_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only', ERRCODE = '23001'; END $$"""


def append_only_tables() -> list[Table]:
    """The tables that say they are append-only, parents first."""
    return [table for table in Base.metadata.sorted_tables if table.info.get("append_only")]


def statements(name: str, dialect: str) -> list[str]:
    """The DDL that protects the table called `name`; safe to run again."""
    if dialect == "postgresql":
        return [
            _FUNCTION,
            (f'CREATE OR REPLACE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE ON "{name}" '
            "FOR EACH ROW EXECUTE FUNCTION yangguang_append_only()"),
            (f'CREATE OR REPLACE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON "{name}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION yangguang_append_only()"),
        ]
    abort = f"SELECT RAISE(ABORT, '{name} is append-only')"
    return [
        (f'CREATE TRIGGER IF NOT EXISTS {name}_no_update BEFORE UPDATE ON "{name}" '
        f"BEGIN {abort}; END"),
        (f'CREATE TRIGGER IF NOT EXISTS {name}_no_delete BEFORE DELETE ON "{name}" '
        f"BEGIN {abort}; END"),
    ]


def protect(connection: Connection, tables: Iterable[Table] | None = None) -> None:
    """Make the triggers of all append-only tables, or of `tables`."""
    for table in append_only_tables() if tables is None else tables:
        for statement in statements(table.name, connection.dialect.name):
            connection.exec_driver_sql(statement)


@event.listens_for(Base.metadata, "after_create")
def _protect_new(_metadata, connection, tables=(), **_more) -> None:
    protect(connection, [table for table in tables if table.info.get("append_only")])
