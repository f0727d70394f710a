"""The rows of a PostgreSQL database, kept under names and put back, each table only if it moved.

A copy of the whole database costs a tenth of a second and leaves every session cold; what one
request changed is some rows of a few tables. Whether a table moved is told by the newest
transaction among its rows and by their number: a row that was added or changed is newer than all
before it, and where one was only removed it is missing. So no two contents have one standing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import psycopg

WORN = 200
"""After so many tables put back, what they left dead is swept."""

Standing = tuple[int | None, int]
"""The newest transaction among a table's rows, and their number."""


@dataclass(frozen=True)
class Kept:
    """One table's rows as COPY wrote them, known by their digest."""

    digest: str
    rows: bytes


class Rows:
    """The tables of one database, over a superuser's connection of its own."""

    def __init__(self, connection: psycopg.Connection):
        self._connection = connection
        connection.prepare_threshold = 1
        connection.execute("SET session_replication_role = replica")  # no triggers, no foreign keys
        self._tables, self._sequences = ([name for (name,) in connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
            "AND relkind = %s ORDER BY relname", (kind,))] for kind in "rS")
        self._asked = " UNION ALL ".join(
            f"SELECT '{name}', max(xmin::text::bigint), count(*) FROM \"{name}\""
            for name in self._tables)
        self._kept: dict[str, dict[str, Kept]] = {}
        self._places: dict[str, dict[str, tuple]] = {}
        """Of the sequences."""
        self._given: dict[str, tuple[str, Standing]] = {}
        """By table: the digest of the rows it was given last, and how it stood just then."""
        self._digests: dict[str, tuple[Standing, str]] = {}
        self._worn: list[str] = []

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def keep(self, name: str) -> None:
        """Keep all rows of all tables under `name`, and where the sequences stand."""
        found = self._kept[name] = {}
        for table, standing in self._standing().items():
            rows = self._read(table) if standing[1] else b""
            found[table] = Kept(hashlib.sha256(rows).hexdigest(), rows)
            self._given[table] = found[table].digest, standing
        self._places[name] = {
            sequence: self._connection.execute(
                f'SELECT last_value, is_called FROM "{sequence}"').fetchone()
            for sequence in self._sequences}

    def put_back(self, name: str) -> None:
        """Give every table the rows that were kept under `name`, and the sequences their places."""
        standing, kept = self._standing(), self._kept[name]
        moved = [table for table in self._tables
                 if self._given.get(table) != (kept[table].digest, standing[table])]
        with self._connection.transaction():
            for table in moved:
                self._write(table, kept[table].rows)
            for sequence, place in self._places[name].items():
                self._connection.execute("SELECT setval(%s::regclass, %s, %s)", (sequence, *place))
        self._worn += moved
        if len(self._worn) > WORN:
            self._connection.execute(f"VACUUM {', '.join(sorted(set(self._worn)))}")
            self._worn = []
        standing = self._standing()
        self._given |= {table: (kept[table].digest, standing[table]) for table in moved}

    def digests(self, tables: list[str]) -> dict[str, str]:
        """A digest of the rows of each table, in whatever order they lie."""
        standing = self._standing()
        moved = [table for table in tables
                 if self._digests.get(table, (None,))[0] != standing[table]]
        if moved:
            found = self._connection.execute(" UNION ALL ".join(
                f"SELECT '{name}', md5(coalesce(string_agg(r::text, ',' ORDER BY r::text), '')) "
                f'FROM "{name}" r' for name in moved)).fetchall()
            self._digests |= {name: (standing[name], digest) for name, digest in found}
        return {table: self._digests[table][1] for table in tables}

    def _standing(self) -> dict[str, Standing]:
        return {name: (newest, count)
                for name, newest, count in self._connection.execute(self._asked)}

    def _read(self, table: str) -> bytes:
        with self._connection.cursor().copy(f'COPY "{table}" TO STDOUT (FORMAT binary)') as rows:
            return b"".join(map(bytes, rows))

    def _write(self, table: str, rows: bytes) -> None:
        self._connection.execute(f'DELETE FROM "{table}"')
        if rows:
            with self._connection.cursor().copy(
                    f'COPY "{table}" FROM STDIN (FORMAT binary)') as into:
                into.write(rows)
