"""The database's side of a tick: who may sequence, what waits, which lots are sealed, what is taken.

Called by the sequencer, all but the lock inside its one transaction; `cover.plan` decides, this
carries it out.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import timedelta
from types import SimpleNamespace

from sqlalchemy import Connection, Table, delete, func, insert, or_, select, text, update

from kernel.db import new_id

from . import cover, disclosed, leaf
from .model import Disclosure, Leaf, PendingEntry, SealedSpan

_AT_ONCE = 500
"""Ids named in one statement."""

_DRAWN = 16
"""Random bytes that draw a leaf's place within its tick: too many for two to be alike."""

_PENDING, _LEAF, _DISCLOSURE = PendingEntry.__table__, Leaf.__table__, Disclosure.__table__
_SPAN = SealedSpan.__table__
_TAKEN = [_PENDING.c[name] for name in (
    "id", "type", "tender_id", "lot_id", "party_id", "disclose", "record", "salt")]


_ADVISORY = 0x79616E67_6C6F6701

_HOLDER = text("""
    SELECT holder.pid, clock_timestamp() - holder.state_change AS since
    FROM pg_locks AS held JOIN pg_stat_activity AS holder USING (pid)
    WHERE held.locktype = 'advisory' AND held.granted AND held.objsubid = 1
      AND held.classid = :high AND held.objid = :low AND holder.state LIKE 'idle%'
      AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
""")


def locked(connection: Connection, stale: timedelta) -> bool:
    """Whether this session now holds PostgreSQL's one lock of the sequencer.

    A holder that has let its session stand idle for `stale` was stopped or lost: its session is
    ended, so that it cannot sign any more, and the lock is tried once again.
    """
    for attempt in range(2):
        if connection.execute(select(func.pg_try_advisory_lock(_ADVISORY))).scalar():
            connection.commit()
            return True
        holder = connection.execute(_HOLDER, {"high": _ADVISORY >> 32,
                                              "low": _ADVISORY & 0xFFFFFFFF}).first()
        if attempt or holder is None or holder.since < stale:
            break
        # Waits until the session is gone, so that its lock is, too.
        connection.execute(select(func.pg_terminate_backend(holder.pid, 5000)))
    connection.rollback()
    return False


def unlock(connection: Connection) -> None:
    """Let the lock go."""
    connection.execute(select(func.pg_advisory_unlock(_ADVISORY)))
    connection.commit()


def held(connection: Connection) -> list[cover.Waiting]:
    """What of the waiting entries may have to wait for a beat or a tick of its own."""
    columns = (_PENDING.c.id, _PENDING.c.lot_id, _PENDING.c.at, _PENDING.c.veiled,
               _PENDING.c.alone)
    return [cover.Waiting(*row) for row in connection.execute(
        select(*columns).where(or_(_PENDING.c.veiled, _PENDING.c.alone != "")))]


def note_sealed(connection: Connection, size: int, sealed: cover.Sealed) -> None:
    """Note from which position on a lot is sealed, and from which on no more."""
    known = set(connection.execute(
        select(_SPAN.c.lot_id).where(_SPAN.c.until.is_(None))).scalars())
    if gone := known - sealed.keys():
        connection.execute(update(_SPAN).values(until=size).where(
            _SPAN.c.lot_id.in_(gone), _SPAN.c.until.is_(None)))
    if new := sealed.keys() - known:
        again = set(connection.execute(update(_SPAN).values(until=None).where(
            _SPAN.c.lot_id.in_(new)).returning(_SPAN.c.lot_id)).scalars())
        if new - again:
            connection.execute(insert(_SPAN), [
                {"lot_id": lot, "since": size} for lot in sorted(new - again)])


def take(connection: Connection, plan: cover.Plan, batch: int) -> tuple[list, bool]:
    """Take the entries of this tick out of the waiting ones; (rows, whether more wait)."""
    rows, wanted = [], plan.take if plan.alone or plan.beat else plan.take[:batch]
    for start in range(0, len(wanted), _AT_ONCE):
        rows += connection.execute(delete(_PENDING).where(
            _PENDING.c.id.in_(wanted[start:start + _AT_ONCE])).returning(*_TAKEN)).all()
    room = 0 if plan.alone else batch - min(len(rows), batch)
    if room:
        turn = select(_PENDING.c.id).where(~_PENDING.c.veiled, _PENDING.c.alone == "").order_by(
            _PENDING.c.at, _PENDING.c.id).limit(room)
        beside = connection.execute(
            delete(_PENDING).where(_PENDING.c.id.in_(turn)).returning(*_TAKEN)).all()
        return rows + beside, len(beside) == room
    return rows, True


def store(connection: Connection, start: int, placed: list, entries: list[bytes]) -> None:
    """Write the leaves from position `start` on, and what each commits to."""
    _write(connection, _LEAF, ("position", "entry"), enumerate(entries, start))
    _write(connection, _DISCLOSURE, (
        "position", "entry_id", "type", "tender_id", "lot_id", "party_id", "disclose", "record",
        "salt"), ((position, row.id, row.type, row.tender_id, row.lot_id, row.party_id,
                   row.disclose, row.record, row.salt) for position, row in enumerate(placed, start)))


def _write(connection: Connection, table: Table, columns: tuple[str, ...], rows: Iterable) -> None:
    """Insert rows in the connection's transaction: by COPY where there is one, which costs the
    server a fifth of as many inserts."""
    if connection.dialect.name != "postgresql":
        connection.execute(insert(table), [dict(zip(columns, row, strict=True)) for row in rows])
        return
    # The guard watches statements of SQLAlchemy's; to the sequencer's connection it says yes.
    with connection.connection.cursor() as cursor, \
            cursor.copy(f"COPY {table.name} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def cover_row() -> SimpleNamespace:
    """A cover leaf's row: a real commitment, with a salt of its own."""
    return SimpleNamespace(id=new_id(), type=cover.CLASS, tender_id=None, lot_id=None, party_id=None,
                           disclose=cover.CLASS, record=disclosed.COVER.decode(),
                           salt=secrets.token_bytes(leaf.SALT))


def permuted(rows: list) -> list:
    """The leaves of one tick in an order that says nothing about that of acts, or about cover."""
    numbers = secrets.token_bytes(_DRAWN * len(rows))
    order = sorted(range(len(rows)), key=lambda one: numbers[one * _DRAWN:(one + 1) * _DRAWN])
    return [rows[one] for one in order]
