"""What everybody may read, kept as it was answered while nothing it was made of has changed.

An answer to somebody who is not signed in is a function of rows, of the platform's time and of
settings that do not change while the process runs. `Kept` names the rows, or marks that are never
the same again once one of too many rows to name has changed; one statement reads, in the very
snapshot in which the answer would be made, which versions of them stand. Where they
are the versions of the answer kept, and no moment has come at which time alone would change it,
making it again would give the same bytes. So nothing stale is ever sent: a row that was changed,
added or taken away has another version from its COMMIT on, and nothing has to be told of it.

The look takes one statement on a connection of its own, outside any transaction, which is a
snapshot by itself; nothing else is asked where the answer stands. What is missing is made in a
transaction that sees one snapshot, beginning with the same statement. When the connection is lost
everything is forgotten: it may be another state of the database that comes back.

Only answers that were allowed are kept, only those of readers who are not signed in, and nobody
else is given them. A row that must not be seen to change (an objection nobody may know of yet)
must not stand in `rows`: what is made anew takes longer. `until` says instead that an answer
which such a row could change is not kept at all.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from flask import current_app
from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    Table,
    Text,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from audit.act import wiring
from kernel.canonical import sha256
from kernel.db import Installation, db

from .exchange import moment
from .idempotency import Stored

log = logging.getLogger("yangguang.kept")

MOST = 32 << 20
"""Bytes of answers that one process keeps; of more the ones asked for longest ago go."""


@dataclass(frozen=True)
class Kept:
    """What answers are made of. Hashed by identity."""

    rows: tuple[tuple[Table, ColumnElement[bool]], ...]
    """Every table the answer is read from, and which of its rows; parameters are bound by the
    names of the route's path. Each table has a column `id`."""
    until: Callable[..., datetime | None]
    """`until(session, now, **path)`, asked after the answer was made: the moment at which time
    alone may change it; None where it must not be kept."""
    marks: tuple[ScalarSelect, ...] = ()
    """Single values that say by themselves whether what else is read stands as it did."""
    beside: Callable[[], bytes] = bytes
    """What is read outside the database."""
    within: bool = True
    """Whether the answer is made in the snapshot in which the versions were read. Else no
    transaction is held meanwhile, and what is made may be newer than they, never older."""

    def __hash__(self) -> int:
        return id(self)


@dataclass
class Shelf:
    """The answers of one process; safe for threads."""

    most: int = MOST
    _held: OrderedDict[tuple, tuple[bytes, datetime, datetime, Stored]] = field(
        default_factory=OrderedDict)
    _bytes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, place: tuple, versions: bytes, now: datetime) -> Stored | None:
        """The answer kept at `place`, if it was made of these versions and holds at `now`."""
        with self._lock:
            held = self._held.get(place)
            if held is None:
                return None
            self._held.move_to_end(place)
        made_of, since, until, stored = held
        return stored if made_of == versions and since <= now < until else None

    def keep(self, place: tuple, versions: bytes, now: datetime, until: datetime,
             stored: Stored) -> None:
        """Keep an answer in the place of the one kept there before."""
        with self._lock:
            self._drop(self._held.pop(place, None))
            self._held[place] = (versions, now, until, stored)
            self._bytes += len(stored.body)
            while self._bytes > self.most:
                self._drop(self._held.popitem(last=False)[1])

    def _drop(self, held: tuple | None) -> None:
        if held is not None:
            self._bytes -= len(held[3].body)


class Watch:
    """A connection that only looks at versions, and the answers kept as long as it lasts."""

    def __init__(self, engine: Engine):
        self._engine = engine
        self._connection = None
        self._lock = threading.Lock()
        self.shelf = Shelf()

    def look(self, kept: Kept, path: dict[str, str]) -> tuple[bytes, datetime] | None:
        """Which versions of the rows stand, and when that was; None where it cannot be told."""
        beside = kept.beside()
        with self._lock:
            try:
                if self._connection is None:
                    self._open()
                row = self._cursor.execute(_spelled_out(kept, self._engine.name), path).fetchone()
            except self._engine.dialect.loaded_dbapi.Error as error:
                # Its kind alone: the text of a driver's error may quote values.
                log.warning("what is kept of answers cannot be compared, and they are made anew: "
                            "%s, sqlstate %s", type(error).__name__,
                            getattr(error, "sqlstate", None) or "-")
                self._connection, self.shelf = None, Shelf()
                return None
        said = _SAID[self._engine.name]
        return _digest(row[said:], beside), wiring().clock.said(*row[:said])

    def close(self) -> None:
        """Let the connection go, and what was kept with it."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection, self.shelf = None, Shelf()

    def _open(self) -> None:
        fairy = self._engine.raw_connection()
        connection = fairy.driver_connection
        fairy.detach()
        if self._engine.name == "postgresql":
            connection.rollback()
            connection.autocommit = connection.read_only = True
        self._connection, self._cursor, self.shelf = connection, connection.cursor(), Shelf()


def watch() -> Watch:
    """The running application's."""
    found = current_app.extensions.get("yangguang_kept")
    return found or current_app.extensions.setdefault("yangguang_kept", Watch(db.engine))


def answer(kept: Kept, rule: str, path: dict[str, str], make: Callable[[], Stored]) -> Stored:
    """The answer kept for this address, or what `make` makes, which is then kept.

    For readers who are not signed in and nobody else. `make` judges, and may refuse.
    """
    return kept_at((rule, *path.values()), kept, path, make)


def kept_at(place: tuple, kept: Kept, path: dict[str, str], make: Callable[[], Stored]) -> Stored:
    """The same where more than its rule and path says which answer it is: all of that is `place`."""
    looked = watch().look(kept, path)
    shelf = watch().shelf
    if looked is not None and (found := shelf.find(place, *looked)) is not None:
        return found
    session = db.session()
    try:
        made_of = (_versions(session, kept, path), moment()) if kept.within else looked
        stored = make()
        until = kept.until(session, made_of[1], **path) if made_of and looked else None
        if until is not None:
            shelf.keep(place, *made_of, until, stored)
        return stored
    finally:
        session.rollback()


def _versions(session: Session, kept: Kept, path: dict[str, str]) -> bytes:
    """Which versions of the rows stand; opens the snapshot that everything after it reads. What
    lies beside the database is read first: what is made may be newer than that, never older."""
    beside = kept.beside()
    if session.in_transaction():
        session.rollback()
    name = session.get_bind().dialect.name
    # On SQLite a transaction is a snapshot; PostgreSQL must be told.
    connection = session.connection(
        execution_options={"isolation_level": "REPEATABLE READ"} if name == "postgresql" else {})
    return _digest(connection.execute(_statement(kept, name), path).one()[_SAID[name]:], beside)


def _digest(versions: Sequence[str | None], beside: bytes) -> bytes:
    return sha256("\0".join(one or "" for one in versions).encode() + b"\0" + beside)


_SAID = {"postgresql": 3, "sqlite": 2}
"""How many columns say the time (Clock.said), before those of the versions."""


@lru_cache(maxsize=64)
def _statement(kept: Kept, dialect: str) -> Select:
    postgres = dialect == "postgresql"
    version = _written if postgres else _spelled
    said = [Installation.clock_offset_ms, literal_column("installation.high_water")]
    return select(*said, *([func.clock_timestamp()] if postgres else []),
                  *[select(version(table)).where(which).scalar_subquery()
                    for table, which in kept.rows],
                  *[cast(one, Text) for one in kept.marks])


@lru_cache(maxsize=64)
def _spelled_out(kept: Kept, dialect: str) -> str:
    """The statement as the driver takes it; SQLAlchemy's own way costs as much as the answer."""
    spelling = postgresql.psycopg.dialect(paramstyle="pyformat") if dialect == "postgresql" \
        else sqlite.dialect(paramstyle="named")
    return str(_statement(kept, dialect).compile(dialect=spelling))


def _written(table: Table) -> ColumnElement[str]:
    """By which transaction each row was written: PostgreSQL's own mark of a row's version."""
    mark = cast(literal_column(f"{table.name}.xmin"), Text)
    return func.string_agg(table.c.id + mark, literal_column("','"))


def _spelled(table: Table) -> ColumnElement[str]:
    """Each row as a whole: SQLite marks no versions."""
    return func.group_concat(_joined([cast(func.quote(one), Text) for one in table.c]))


def _joined(parts: Sequence[ColumnElement[str]]) -> ColumnElement[str]:
    whole = parts[0]
    for part in parts[1:]:
        whole = whole + literal_column("','") + part
    return whole
