"""What one act has read under its lock is read once.

From the moment an act holds the lock that everybody takes who changes these rows, to its COMMIT,
nobody else changes them. So what it has read of them can be handed on instead of read again, until
it changes them itself: the guard counts what is written, table by table. Nothing outlives the
transaction, and where no act holds anything everything is read as it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session

T = TypeVar("T")
WRITTEN, HELD = "written", "held"
"""Of a connection: how often each table was written to in this transaction, and what was read."""


def hold(session: Session) -> None:
    """Read once, from here to the end of the transaction, what is asked for by `once`. Call it with
    the lock in hand."""
    session.connection().info.setdefault(HELD, {})


def holds(session: Session) -> bool:
    """Whether what is asked for by `once` is read once now."""
    return HELD in session.connection().info


def note(info: dict, verb: str, table: str) -> None:
    """Count one writing to a table. The guard tells it of every statement."""
    written = info.setdefault(WRITTEN, {})
    rows, touched = written.get(table, (0, 0))
    written[table] = (rows + (verb != "update"), touched + 1)


def forget(info: dict) -> None:
    """Read everything anew: what was changed in between was taken back."""
    if HELD in info:
        info[HELD] = {}


def once(session: Session, name: tuple, tables: tuple[str, ...], read: Callable[[], T], *,
         living: bool = False) -> T:
    """What `read` gives, kept under `name` while this transaction writes to none of `tables`.

    `living` things are the session's own objects, which show what is changed of them: they are
    kept through UPDATEs, and read again when a row comes or goes.
    """
    info = session.connection().info
    held = info.get(HELD)
    if held is None:
        return read()
    if session.new or session.deleted or not living:
        session.flush()
    state = _state(info, tables, living)
    found = held.get(name)
    if found is None or found[0] != state:
        found = held[name] = (state, read())
    return found[1]


def keep(session: Session, name: tuple, tables: tuple[str, ...], value: object) -> None:
    """Keep living things that were read with their lock, as `once` would have read them."""
    once(session, name, tables, lambda: value, living=True)


def _state(info: dict, tables: tuple[str, ...], living: bool) -> list[int]:
    written = info[WRITTEN]
    return [written.get(table, (0, 0))[not living] for table in tables]
