"""The one sequencer: gives waiting entries their place, writes the tiles, signs, publishes.

The order of a tick, and what stands if we die in it:

0. compare  the database with the published checkpoint and with what the witnesses have seen;
            refuse to sign when it is behind or another tree (a restored dump must not become a fork)
1. commit   pending → leaf + disclosure + head, one transaction. If we died before, the
            entries wait; if we die after, the next tick finds the database ahead and goes on
            at 2
2. tiles    each temp, fsync, rename. If we die here some are there and nothing names them;
            they are made again, the same bytes
3. sign     the signed note is kept in `checkpoint` (the table). If we die after it, the next
            tick publishes that note; Ed25519 signs the same head with the same bytes anyway
4. witness  ask the witnesses that have not cosigned this head, keep what they give. If we die
            here they give the same line again, or a later one; we keep one
5. publish  `checkpoint` (the file) last, with the witnesses' lines. If we die after it only
            old partial tiles remain. A head that is already published gains late lines
6. stamp    ask for RFC 3161 tokens where they are due, without waiting for them

Which entries come out in a tick, and with how much cover, is said in `audit/cover.py`.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, Row, func, insert, or_, select, update

from kernel.clock import Clock
from kernel.db import Installation, db

from . import checkpoint, cover, leaf, placing, tiles, witnessing
from .act import wiring
from .checkpoint import Head
from .folder import Folder
from .growth import Growth, WillNotSign
from .keys import Keys
from .model import Checkpoint, LogHead
from .note import BadNote, parse
from .timestamps import Stamping
from .witnessing import Behind, Request, Witnessing

BATCH = 8192
"""The most entries one tick takes; what is left waits for the next."""

Awaited = Callable[[Connection], list[int]]
"""Sizes of signed checkpoints that something waits for every witness on (a draw does)."""

STALE = timedelta(seconds=60)
"""A sequencer whose database session did nothing for so long stands still; a standby takes over."""

_HEAD, _SIGNED = LogHead.__table__, Checkpoint.__table__

OpenLots = Callable[[Connection, datetime], list[tuple[str, datetime | None]]]
"""As `Wiring.open_lots`: the sealed lots, each with its deadline."""


@dataclass(frozen=True)
class Tick:
    """What a tick did: the head it left published, and how many leaves it added."""

    size: int
    root: bytes
    added: int
    at: datetime
    more: bool = False
    """Whether something waits that the next tick would take at once."""


class Sequencer:
    """One installation's sequencer. `tick()` may be called from anywhere; one at a time works."""

    def __init__(self, engine: Engine, clock: Clock, keys: Keys, folder: Path, batch: int = BATCH,
                 open_lots: OpenLots = lambda _connection, _now: [],
                 witnesses: Witnessing | None = None, stamping: Stamping | None = None,
                 awaited: Awaited = lambda _connection: [], stale: timedelta = STALE):
        self.engine, self.clock, self.keys, self.batch = engine, clock, keys, batch
        self.folder, self.open_lots, self.stale = Folder(folder), open_lots, stale
        self.witnesses, self.stamping, self.awaited = witnesses, stamping, awaited

    def tick(self) -> Tick | None:
        """One tick; None when another sequencer is at work. Raises WillNotSign."""
        with self._alone() as connection:
            if connection is None:
                return None
            self.folder.sweep()
            state = self._compare(connection)
            at, added, more = self._integrate(connection, state)
            if added or state.behind:
                self._write(connection, state)
            self._publish(connection, *self._sign(connection, state))
            self.folder.drop_partials(state.made + state.filled)
            if self.stamping is not None:
                self.stamping.step(connection)
            return Tick(state.edge.size, state.edge.root(), added, at, more)

    def drain(self) -> Tick | None:
        """Tick until nothing waits but what waits for its beat; the last tick, None when another
        sequencer is at work."""
        while (tick := self.tick()) and tick.more:
            pass
        return tick

    @contextmanager
    def _alone(self) -> Iterator[Connection | None]:
        """A connection that nobody else sequences beside; None when somebody does.

        On PostgreSQL its session holds the lock, and stores the signed note later: a sequencer
        that lost its lock can no longer sign. A standby takes the lock from one that stands still.
        On SQLite, which is one host's, a lock on a file does, and goes with its process.
        """
        with self.engine.connect() as plain:
            connection = plain.execution_options(sequencer=True, immediate=True)
            if connection.dialect.name != "postgresql":
                with self._file_lock() as ours:
                    yield connection if ours else None
                return
            if not placing.locked(connection, self.stale):
                yield None
                return
            try:
                yield connection
                placing.unlock(connection)
            except BaseException:
                # Closing the session for good lets the lock go, whatever state it is in.
                connection.invalidate()
                raise

    @contextmanager
    def _file_lock(self) -> Iterator[bool]:
        handle = os.open(self.folder.lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                ours = True
            except BlockingIOError:
                ours = False
            yield ours
        finally:
            os.close(handle)

    # 0. compare

    def _compare(self, connection: Connection) -> Growth:
        """The tree to go on from, made to include all that the database has committed."""
        published = self._published()
        with connection.begin():
            head = self._head(connection)
            newest = connection.execute(
                select(_SIGNED).order_by(_SIGNED.c.size.desc()).limit(1)).first()
            same = published and connection.execute(
                select(_SIGNED.c.root).where(_SIGNED.c.size == published.size)).scalar()
        signed = newest.size if newest else -1
        if published and signed < published.size:
            raise WillNotSign(f"published {published.size} leaves, but the database has signed "
                              f"only {max(signed, 0)}: an old state was restored")
        if head.size < signed:
            raise WillNotSign(f"the database holds {head.size} leaves and has signed {signed}")
        if published and same != published.root:
            raise WillNotSign(f"at {published.size} leaves another root was published")
        if newest and newest.size == head.size and newest.root != head.root:
            raise WillNotSign(f"at {head.size} leaves another root was signed")
        self._heed(head.size, newest)
        known = {newest.size: newest.root} if newest else {}
        if published:
            known[published.size] = published.root
        known[head.size] = head.root
        state = Growth(self.folder, published, head.size)
        state.catch_up(connection, known)
        return state

    def _published(self) -> Head | None:
        note = self.folder.checkpoint()
        try:
            return None if note is None else checkpoint.read(note, self.keys.log.verifier)
        except BadNote as error:
            raise WillNotSign(f"the published checkpoint is not ours: {error}") from error

    def _head(self, connection: Connection) -> Head:
        origin = connection.execute(select(Installation.log_origin)).scalar_one()
        if origin != self.keys.log.name:
            raise WillNotSign(f"the key is {self.keys.log.name}'s, the database {origin}'s")
        row = connection.execute(select(_HEAD).with_for_update()).first()
        if row is None:
            connection.execute(insert(_HEAD).values(id=1, size=0, root=tiles.EMPTY_ROOT))
            return Head(origin, 0, tiles.EMPTY_ROOT)
        return Head(origin, row.size, row.root)

    # 1. commit

    def _integrate(self, connection: Connection, state: Growth) -> tuple[datetime, int, bool]:
        """Give waiting entries their places; (time of the tick, leaves added, more at once)."""
        with connection.begin():
            head = connection.execute(select(_HEAD).with_for_update()).one()
            if head.size != state.edge.size:
                raise WillNotSign("another sequencer has moved the head")
            held = placing.held(connection)
            now = self.clock.now(connection)
            tick = max(now, head.tick) if head.tick else now
            # Read after what waits: a lot whose entry we hold was published before.
            sealed = dict(self.open_lots(connection, now))
            placing.note_sealed(connection, head.size, sealed)
            plan = cover.plan(held, sealed, tick, head.beat)
            rows, more = placing.take(connection, plan, self.batch)
            placed = placing.permuted(rows + [placing.cover_row() for _ in range(plan.cover)])
            edge = state.edge.copy()
            entries = leaf.make_all(tick, (leaf.commitment(row.salt, row.record.encode())
                                           for row in placed))
            full = edge.extend(tiles.hashed(tiles.LEAF, entries))
            if placed:
                placing.store(connection, state.edge.size, placed, entries)
                connection.execute(update(_HEAD).values(
                    size=edge.size, root=edge.root(), tick=tick,
                    beat=tick if plan.beat else head.beat))
            connection.execute(update(Installation.__table__).values(high_water=tick).where(or_(
                Installation.high_water.is_(None), Installation.high_water < tick)))
        # If we died before this line nothing has happened; from here on the leaves are there.
        state.edge = edge
        state.made += full
        return tick, len(placed), more

    # 2. tiles

    def _write(self, connection: Connection, state: Growth) -> None:
        state.write(connection)

    # 3. sign

    def _sign(self, connection: Connection, state: Growth) -> tuple[Head, str]:
        """The head of this tick and the note with the log's own signature, which is kept."""
        head = Head(self.keys.log.name, state.edge.size, state.edge.root())
        with connection.begin():
            if connection.execute(select(_HEAD.c.size).with_for_update()).scalar() != head.size:
                raise WillNotSign("another sequencer has moved the head")
            kept = connection.execute(
                select(_SIGNED.c.note, _SIGNED.c.root).where(_SIGNED.c.size == head.size)).first()
            if kept and kept.root != head.root:
                raise WillNotSign(f"at {head.size} leaves another root was signed")
            note = kept.note if kept else checkpoint.sign(head, self.keys.log)
            if not kept:
                # The mark is the tick's time: a clock set back since the last note falls below it.
                now, last = self.clock.now(connection), connection.execute(
                    select(func.max(_SIGNED.c.signed_at))).scalar()
                connection.execute(insert(_SIGNED).values(
                    size=head.size, root=head.root, note=note, signed_at=max(now, last or now)))
        return head, note

    # 4. witness

    def _heed(self, size: int, newest: Row | None) -> None:
        """Refuse to go on where a witness has seen what this database does not hold."""
        if self.witnesses is None:
            return
        last = newest and self._request(checkpoint.head_of(parse(newest.note)), newest.note)
        try:
            self.witnesses.heed(size, last)
        except Behind as error:
            raise WillNotSign(str(error)) from error

    def _request(self, head: Head, note: str) -> Request:
        return Request(head, note, lambda path: self.folder.tile(*tiles.read_path(path)))

    def _cosigned(self, connection: Connection, head: Head, note: str) -> str:
        """The note with the lines of all witnesses that have cosigned this head."""
        if self.witnesses is None:
            return note
        cosigners = self.witnesses.policy.cosigners
        with connection.begin():
            lines = witnessing.kept(connection, head.size, cosigners)
            earlier = [] if len(lines) == len(cosigners) else self._awaited(connection, head.size)
        try:
            gained = self.witnesses.collect(
                [*earlier, self._request(head, note)], set(lines))
        except Behind as error:
            raise WillNotSign(str(error)) from error
        if gained:
            with connection.begin():
                witnessing.keep(connection, gained)
                lines = witnessing.kept(connection, head.size, cosigners)
        return note + "".join(lines.values())

    def _awaited(self, connection: Connection, size: int) -> list[Request]:
        """The earlier checkpoints that somebody waits for, to be shown before this one."""
        sizes = [one for one in self.awaited(connection) if one < size]
        notes = connection.execute(select(_SIGNED.c.note).where(_SIGNED.c.size.in_(sizes))
                                   .order_by(_SIGNED.c.size)).scalars().all() if sizes else []
        return [self._request(checkpoint.head_of(parse(note)), note) for note in notes]

    # 5. publish

    def _publish(self, connection: Connection, head: Head, note: str) -> None:
        note = self._cosigned(connection, head, note)
        if self.folder.checkpoint() != note.encode():
            self.folder.publish(note, self.keys.log.verifier,
                                self.witnesses.policy.cosigners if self.witnesses else [])


def run_once(keys: Keys, folder: Path) -> Tick | None:
    """One tick for the running app, inside its context, and those that must follow at once.

    Raises WillNotSign.
    """
    db.session.rollback()
    return Sequencer(db.engine, wiring().clock, keys, folder,
                     open_lots=wiring().open_lots,
                     witnesses=wiring().settings.get("witnesses"),
                     stamping=wiring().settings.get("stamping"),
                     awaited=wiring().awaited).drain()
