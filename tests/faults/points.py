"""Every system call of any operation, one after the other, from one and the same beginning.

A world is brought to where the operation can begin, and its database kept; before each point it
is put back. The operation runs in a child that is killed at the call, or for which the call
fails. What is found is compared with the states that an undisturbed run commits: the database
must be in one of them, nothing between (partial); in the last one if the child said that it had
done it (lost). Then `yangguang admin fsck` must find nothing wrong, and doing it again must lead
to the last state.
"""

from __future__ import annotations

import io
import os
import resource
import shutil
import signal
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from audit.act import wiring
from audit.folder import Folder
from audit.keys import verifier
from kernel.db import Base, configure_sqlite, db
from kernel.refusal import Refused
from portal.fsck import fsck
from tests import postgres
from tests.traced import calls_of, traced

KILLED = ("openat", "write", "pwrite64", "fsync", "fdatasync", "rename", "link", "unlink", "close",
          "sendto", "recvfrom", "ftruncate")
"""The calls at which assurance F03 kills."""

State = tuple
"""How many rows each table has, and how many of each column's values are not null."""


class Kept:
    """A world whose database can be put back to where it was kept."""

    def __init__(self, world):
        self.world, settings = world, world.settings
        self._file = settings.folder / "yangguang.db"
        self._copy = settings.folder.parent / "kept.db"
        self._name = None if not world.postgres else make_url(settings.url).database
        self._count = 0
        world.keep_to_itself()

    def keep(self) -> None:
        """Keep the database as it is now."""
        self._let_go()
        if self._name is None:
            engine = create_engine(f"sqlite:///{self._file}")
            with engine.connect() as connection:
                connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
            engine.dispose()
            shutil.copy(self._file, self._copy)
            return
        self._count += 1
        postgres.server().database(f"{self._name}_{self._count}", template=self._name)

    def put_back(self) -> None:
        """Make the database what it was when it was kept last."""
        self._let_go()
        if self._name is None:
            for left in ("-wal", "-shm"):
                Path(f"{self._file}{left}").unlink(missing_ok=True)
            shutil.copy(self._copy, self._file)
        else:
            postgres.server().drop(self._name)
            postgres.server().database(self._name, template=f"{self._name}_{self._count}")
        # The memory of a time that, after this, was never read.
        wiring().clock._said = datetime.min.replace(tzinfo=UTC)

    def close(self) -> None:
        """Remove what was kept."""
        self._copy.unlink(missing_ok=True)
        for number in range(1, self._count + 1):
            postgres.server().drop(f"{self._name}_{number}")

    def _let_go(self) -> None:
        db.session.remove()
        db.engine.dispose()
        self.world._raw.dispose()


def fingerprint(engine) -> State:
    """The state of a database, as far as counting tells."""
    found = []
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            columns = ", ".join(f'count("{column.name}")' for column in table.columns)
            found.append((table.name, *connection.execute(
                text(f'SELECT count(*), {columns} FROM "{table.name}"')).one()))
    return tuple(found)


def difference(one: State, other: State) -> list[str]:
    """The tables that differ."""
    return [f"{a} / {b[1:]}" for a, b in zip(one, other, strict=True) if a != b]


@dataclass
class Tally:
    """What was tried and found, of one operation or of many."""

    injected: int = 0
    acknowledged: int = 0
    between: int = 0
    """Points after which neither the first nor the last state was found: a further act stood."""
    lost: list[str] = field(default_factory=list)
    partial: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __iadd__(self, other: Tally) -> Self:
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))
        return self

    def __str__(self) -> str:
        return (f"injected {self.injected}, acknowledged {self.acknowledged}, ambiguous "
                f"{self.injected - self.acknowledged}, lost {len(self.lost)}, "
                f"partial {len(self.partial)}, wrong {len(self.wrong)}")

    def require(self, promised: int) -> None:
        """Fail unless all is well and as many faults as promised were injected."""
        assert self.injected >= promised > 0, f"{self.injected} injected, {promised} promised"
        assert not (self.lost or self.partial or self.wrong), (
            self.lost[:3], self.partial[:3], self.wrong[:3])


@dataclass
class Operation:
    """`work()` does it; what it raises as a refusal is its answer."""

    name: str
    work: Callable[[], object]
    after: Callable[[], object] = lambda: None
    """What is done, once, before the next operation can begin."""


class Points:
    """One operation on one kept world."""

    def __init__(self, world, kept: Kept, operation: Operation, log: Path):
        self.world, self.kept, self.operation, self.log = world, kept, operation, log
        self.raw = create_engine(world.settings.migration_url)
        if not world.postgres:
            configure_sqlite(self.raw)
        kept.keep()
        self.states = self._undisturbed()

    def _undisturbed(self) -> list[State]:
        """Every state that the operation commits, the one before it first."""
        states = [self._now()]

        def committed(_session) -> None:
            if (state := fingerprint(self.raw)) != states[-1]:
                states.append(state)

        event.listen(Session, "after_commit", committed)
        try:
            self.operation.work()
        finally:
            event.remove(Session, "after_commit", committed)
            db.session.remove()
        assert self._now() == states[-1] != states[0], f"{self.operation.name} changed nothing"
        self._put_back()
        return states

    def calls(self, names: tuple[str, ...]) -> list[tuple[str, int]]:
        """The system calls of the operation, in order: (call, its number among its kind)."""
        said, killed = self._child(None)
        assert said == b"A" and not killed, f"{self.operation.name} does not go through"
        self._put_back()
        return [one for one in calls_of(self.log) if one[0] in names]

    def killed_at(self, point: tuple[str, int], tally: Tally) -> None:
        """Kill at one call, and judge."""
        said, killed = self._child(f"{point[0]}:signal=KILL:when={point[1]}")
        if killed:
            self._judge(f"{self.operation.name}, killed at {point[0]} {point[1]}", said, tally)
        self._put_back()

    def failed_at(self, point: tuple[str, int], error: str, tally: Tally) -> None:
        """Let one call fail, and judge."""
        said, _ = self._child(f"{point[0]}:error={error}:when={point[1]}")
        if f" {error} (" in self.log.read_text(errors="replace"):
            self._judge(f"{self.operation.name}, {error} of {point[0]} {point[1]}", said, tally)
        self._put_back()

    def cut_short(self, limit: int | None, tally: Tally) -> None:
        """Every write to a file is short; with `limit` no file may grow beyond so many bytes, as
        on a disk that runs full in the middle of a write."""
        said, _ = self._child(None, before=lambda: short_writes(limit), strace=False)
        if limit is None:
            assert said == b"A", f"{self.operation.name}: short writes are no reason to fail"
        self._judge(f"{self.operation.name}, cut short at {limit}", said, tally)
        self._put_back()

    def _child(self, inject: str | None, before=lambda: None, strace: bool = True):
        self.raw.dispose()
        self.kept._let_go()

        def work(hold, say) -> None:
            with self.world.app.app_context():
                db.session.connection()
                db.session.rollback()
                before()
                hold()
                try:
                    self.operation.work()
                    say(b"A")
                except Refused:
                    say(b"R")

        work = loudly(work)
        return traced(work, self.log, inject) if strace else forked(work)

    def _judge(self, name: str, said: bytes, tally: Tally) -> None:
        tally.injected += 1
        tally.acknowledged += said == b"A"
        found = self._now()
        if found not in self.states:
            tally.partial.append(f"{name}: {difference(found, self.states[-1])}")
        elif said == b"A" and found != self.states[-1]:
            tally.lost.append(f"{name}: {difference(found, self.states[-1])}")
        tally.between += found in self.states[1:-1]
        tally.wrong += [f"{name}: {fault}" for fault in faults_of(self.world)]
        if found != self.states[-1]:
            try:
                self.operation.work()
            except Refused as refused:
                tally.wrong.append(f"{name}: refused afterwards: {refused.word.code}")
            db.session.remove()
            again = self._now()
            if again != self.states[-1]:
                tally.wrong.append(f"{name}: again, and {difference(again, self.states[-1])}")

    def _now(self) -> State:
        return fingerprint(self.raw)

    def _put_back(self) -> None:
        self.raw.dispose()
        self.kept.put_back()

    def close(self) -> None:
        """Let go, with the operation done."""
        self.raw.dispose()
        self.operation.work()
        self.operation.after()
        db.session.remove()


def faults_of(world) -> list[str]:
    """What `yangguang admin fsck` says."""
    settings = world.settings
    found = list(fsck(world.session, Folder(settings.record), verifier(settings.keys, "log"),
                      verifier(settings.keys, "platform"), wiring().store))
    db.session.remove()
    return found


def loudly(work):
    """The same work; what it did not expect is printed before its process ends."""
    def told(hold, say) -> None:
        try:
            work(hold, say)
        except (OSError, DBAPIError) as error:
            print(f"    {type(error).__name__}: {error}"[:160], flush=True)
        except BaseException:
            traceback.print_exc()
            raise

    return told


def forked(work) -> tuple[bytes, bool]:
    """Do `work(hold, say)` in a child: (what it said, whether a signal ended it)."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            signal.alarm(300)
            work(lambda: None, lambda words: os.write(writer, words))
        finally:
            os._exit(0)
    os.close(writer)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with os.fdopen(reader, "rb") as pipe:
        return pipe.read(), status < 0


class _Short(io.FileIO):
    """A file that takes at most 997 bytes at once, as POSIX lets every file do."""

    def write(self, data) -> int:
        return super().write(memoryview(data)[:997])


def short_writes(limit: int | None) -> None:
    """Make the writes of this process short. `limit`: bytes beyond which a file does not grow;
    the kernel itself then writes what still fits and refuses the rest."""
    import builtins

    if limit is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        return
    true_open = builtins.open

    def short(file, mode="r", buffering=-1, *more, **options):
        if "b" in mode and set(mode) & set("wxa"):
            raw = _Short(file, mode.replace("b", ""))
            return raw if buffering == 0 else io.BufferedWriter(raw)
        return true_open(file, mode, buffering, *more, **options)

    builtins.open = io.open = short

