"""The rows of a PostgreSQL database, kept under names and put back, each table only if it moved.

A copy of the whole database costs a tenth of a second and leaves every session cold; what one
request changed is some rows of a few tables. Whether a table moved is told by the newest
transaction among its rows and by their number: a row that was added or changed is newer than all
before it, and where one was only removed it is missing. So no two contents have one standing.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass

import psycopg

CATALOGUES = ("pg_class", "pg_attribute", "pg_attrdef", "pg_constraint", "pg_index", "pg_trigger",
              "pg_proc", "pg_type", "pg_rewrite", "pg_policy", "pg_namespace", "pg_depend",
              "pg_extension", "pg_default_acl", "pg_db_role_setting")
"""Where it stands what tables, rules and rights there are."""

WORN = 200
"""After so many tables put back, what they left dead is swept."""

ENDING_SECONDS = 20

Standing = tuple[int | None, int]
"""The newest transaction among a table's rows, and their number."""


@dataclass(frozen=True)
class Kept:
    """One table's rows as COPY wrote them, known by their digest."""

    digest: str
    rows: bytes


class Library:
    """What was kept of databases that are copies of one template, so that any may be given it."""

    def __init__(self):
        self.tables: list[str] = []
        self.sequences: list[str] = []
        self.kept: dict[object, dict[str, Kept]] = {}
        self.places: dict[object, dict[str, tuple]] = {}
        """Of the sequences."""
        self.fresh: dict[str, tuple[str, Standing]] = {}
        """By table of a fresh copy: the digest of its rows, and how it stands."""

    def learn(self, connection: psycopg.Connection) -> None:
        """Read the names of tables and sequences."""
        self.tables, self.sequences = ([name for (name,) in connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
            "AND relkind = %s ORDER BY relname", (kind,))] for kind in "rS")


def _looking(tables: list[str]) -> str:
    """A function of one session that looks at all tables: at most of them, which have no page, not
    further, and at the others by plans that are made once. One statement that reads all of them
    takes twenty times as long, and it is asked several times in every test."""
    looks = "".join(
        f"""IF pg_relation_size('"{name}"') > 0 THEN
            RETURN QUERY SELECT '{name}', max(xmin::text::bigint), count(*) FROM "{name}";
        END IF; """ for name in tables)
    return ("CREATE FUNCTION pg_temp.standing() RETURNS TABLE (place text, newest bigint, "
            f"number bigint) LANGUAGE plpgsql AS $$ BEGIN {looks} END $$")


class Rows:
    """The tables of one database, over a superuser's connection of its own."""

    def __init__(self, connection: psycopg.Connection, library: Library | None = None):
        self._connection, self._library = connection, library or Library()
        connection.prepare_threshold = 1
        connection.execute("SET session_replication_role = replica")  # no triggers, no foreign keys
        if not self._library.tables:
            self._library.learn(connection)
        connection.execute(_looking(self._library.tables))
        self._given: dict[str, tuple[str, Standing]] = {}
        """By table: the digest of the rows it was given last, and how it stood just then."""
        if not self._library.fresh:
            self.keep("")
            self._library.fresh = dict(self._given)
        self._given = dict(self._library.fresh)
        self._digests: dict[str, tuple[Standing, str]] = {}
        self._worn: list[str] = []

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def keep(self, name: object) -> None:
        """Keep all rows of all tables under `name`, and where the sequences stand."""
        found = self._library.kept[name] = {}
        for table, standing in self.standing().items():
            rows = self._read(table) if standing[1] else b""
            found[table] = Kept(hashlib.sha256(rows).hexdigest(), rows)
            self._given[table] = found[table].digest, standing
        self._library.places[name] = {
            sequence: self._connection.execute(
                f'SELECT last_value, is_called FROM "{sequence}"').fetchone()
            for sequence in self._library.sequences}

    def moved(self, name: object) -> list[str]:
        """The tables that have not, or not untouched, the rows that were kept under `name`."""
        return self._moved(self._library.kept[name], self.standing())

    def shape(self) -> list[tuple]:
        """Unequal as soon as a table, a rule or a right was made, changed or removed."""
        return self._connection.execute(" UNION ALL ".join(
            f"SELECT '{name}', max(xmin::text::bigint), count(*) FROM {name}"
            for name in CATALOGUES)).fetchall()

    def end_others(self) -> bool:
        """End every other session in this database; whether all are gone.

        One that goes by itself between being listed and being ended counts as not ended: so they
        are listed until none is left.
        """
        until = time.monotonic() + ENDING_SECONDS
        while self._connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()").fetchall():
            if time.monotonic() > until:
                return False
        return True

    def put_back(self, name: object) -> None:
        """Give every table the rows that were kept under `name`, and the sequences their places."""
        standing, kept = self.standing(), self._library.kept[name]
        moved = self._moved(kept, standing)
        with self._connection.transaction():
            for table in moved:
                self._write(table, kept[table].rows)
            for sequence, place in self._library.places[name].items():
                self._connection.execute("SELECT setval(%s::regclass, %s, %s)", (sequence, *place))
        self._worn += moved
        if len(self._worn) > WORN:
            self._connection.execute(f"VACUUM {', '.join(sorted(set(self._worn)))}")
            self._worn = []
        standing = self.standing()
        self._given |= {table: (kept[table].digest, standing[table]) for table in moved}

    def digests(self, tables: list[str]) -> dict[str, str]:
        """A digest of the rows of each table, in whatever order they lie."""
        standing = self.standing()
        moved = [table for table in tables
                 if self._digests.get(table, (None,))[0] != standing[table]]
        if moved:
            found = self._connection.execute(" UNION ALL ".join(
                f"SELECT '{name}', md5(coalesce(string_agg(r::text, ',' ORDER BY r::text), '')) "
                f'FROM "{name}" r' for name in moved)).fetchall()
            self._digests |= {name: (standing[name], digest) for name, digest in found}
        return {table: self._digests[table][1] for table in tables}

    def _moved(self, kept: dict[str, Kept], standing: dict[str, Standing]) -> list[str]:
        return [table for table in self._library.tables
                if self._given.get(table) != (kept[table].digest, standing[table])]

    def standing(self) -> dict[str, Standing]:
        """How every table stands: unequal as soon as a row of it was added, changed or removed."""
        found = dict.fromkeys(self._library.tables, (None, 0))
        for name, newest, count in self._connection.execute("SELECT * FROM pg_temp.standing()"):
            found[name] = newest, count
        return found

    def _read(self, table: str) -> bytes:
        with self._connection.cursor().copy(f'COPY "{table}" TO STDOUT (FORMAT binary)') as rows:
            return b"".join(map(bytes, rows))

    def _write(self, table: str, rows: bytes) -> None:
        self._connection.execute(f'DELETE FROM "{table}"')
        if rows:
            with self._connection.cursor().copy(
                    f'COPY "{table}" FROM STDIN (FORMAT binary)') as into:
                into.write(rows)
