"""Appending, killed at its system calls and at any moment: one order, no fork, none lost, none
twice (assurance F01, F03).

The child writes three entries, a transaction each, says which are committed, and lets the
sequencer work. It is killed on entry to a call; then another sequencer goes on.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from audit import model
from audit.sequencer import Sequencer
from audit.verify import verify
from kernel.clock import Clock
from tests.traced import calls_of, needed, traced

from .stores import entry
from .test_sequencer import fetch, whole

ADDED, OWN = 9, 3
"""Entries that wait already, and those the child writes."""
DONE = b"." * 32
"""What the child says after the sequencer's tick."""


def append(log, rows):
    """What the child does: write `rows`, say which are there, sequence."""
    def work(hold, say):
        engine = log.guarded()
        sequencer = Sequencer(engine, Clock(log.host), log.keys, log.folder)
        with engine.connect() as warm:
            warm.execute(select(1))
        hold()
        for row in rows:
            with (engine.connect().execution_options(immediate=True) as connection,
                  connection.begin()):
                connection.execute(insert(model.PendingEntry), row)
            say(row["id"].encode())
        sequencer.tick()
        say(DONE)
    return work


def gone_on(log):
    """Another sequencer takes over; on PostgreSQL the server must first see the session gone."""
    until = time.monotonic() + 120
    while log.another(stale=timedelta(seconds=1)).drain() is None:
        assert time.monotonic() < until, "the lock was never let go"
        time.sleep(0.02)


def seen_now(log, seen: set[bytes], died: bool = False) -> None:
    """Whoever looks at the folder now finds it whole, and goes home with its checkpoint.

    After a death there may be tiles of the next tree beside it, which no checkpoint names yet, or
    a folder made for them.
    """
    found = verify(log.folder, log.keys.log.verifier).problems
    assert [one for one in found if not (died and (
        "has no place in a tree of" in one or one.endswith("is an empty folder")))] == []
    seen.add((log.folder / "checkpoint").read_bytes())


def judged(log, promised: list[str], perhaps: list[str], seen: set[bytes]) -> None:
    """One order, nothing lost, nothing twice, and all that was ever published continued."""
    report = whole(log)
    there = Counter(row[0] for row in fetch(log, model.Disclosure.entry_id))
    assert max(there.values()) == 1 and report.size == len(there)
    assert set(promised) <= there.keys() <= set(promised) | set(perhaps)
    for note in seen:
        assert verify(log.folder, log.keys.log.verifier, note).problems == [], "a fork"


def kill_at_every(log, calls, step: int) -> str:
    """Kill at every `step`th call; what was tried and what was found, in words."""
    seen, promised, perhaps = set(), [], []

    def once(inject):
        promised.extend(log.add(ADDED))
        rows = [entry(number) for number in range(OWN)]
        log.engine.dispose()
        log.plain.dispose()
        said, killed = traced(append(log, rows), calls, inject)
        said = [said[i:i + 32].decode() for i in range(0, len(said), 32)]
        promised.extend(row["id"] for row in rows if row["id"] in said)
        perhaps.extend(row["id"] for row in rows if row["id"] not in said)
        seen_now(log, seen, killed)
        gone_on(log)
        seen_now(log, seen)
        return killed, len(said)

    log.add(1)
    promised.extend(row[0] for row in fetch(log, model.PendingEntry.id))
    log.sequencer.tick()
    assert once(None) == (False, OWN + 1)
    listed = calls_of(calls)
    names = {name for name, _ in listed}
    assert len(listed) > 60 and {"fsync", "rename", "openat"} <= names
    killed, ended = 0, Counter()
    for name, number in listed[::step]:
        died, said = once(f"{name}:signal=KILL:when={number}")
        killed += died
        ended[said] += 1
    assert killed >= len(listed) // step * 9 // 10
    # Kills fell before the first commit, between them, and after the last.
    assert ended[0] and ended[OWN], ended
    judged(log, promised, perhaps, seen)
    return (f"F03 append: {len(listed)} calls, {killed} kills, {len(promised)} entries promised, "
            f"{len(seen)} checkpoints continued, 0 lost, 0 twice, 0 forks")


@needed
def test_killed_at_every_fifth_call(log, tmp_path):
    print(kill_at_every(log, tmp_path / "calls", 5))


@needed
@pytest.mark.faults
def test_killed_at_every_call(log, tmp_path):
    print(kill_at_every(log, tmp_path / "calls", 1))


def endless(log) -> tuple[int, int]:
    """A child that appends and sequences until it is killed: its process id, and what it says."""
    reader, writer = os.pipe()
    child = os.fork()
    if child:
        os.close(writer)
        return child, reader
    try:
        signal.alarm(600)

        def say(words):
            os.write(writer, words)

        while True:
            append(log, [entry(number) for number in range(OWN)])(lambda: None, say)
    finally:
        os._exit(1)


def kill_often(log, kills: int) -> str:
    """Two children append and sequence; one after the other is killed at a random moment."""
    chance, seen, promised, waits = random.Random(kills), set(), [], 0
    log.sequencer.tick()
    log.engine.dispose()
    log.plain.dispose()
    pair = [endless(log), endless(log)]
    try:
        for number in range(kills):
            if number % 3 == 0:  # else, on a slow machine, they die before they have published
                published(log)
                waits += 1
            time.sleep(0.02 + chance.random() * 0.3)
            child, reader = pair[number % 2]
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            promised += told(reader)
            with still(pair[1 - number % 2][0]):
                seen_now(log, seen, died=True)
            log.engine.dispose()
            log.plain.dispose()
            pair[number % 2] = endless(log)
    finally:
        for child, reader in pair:
            with suppress(ProcessLookupError, ChildProcessError):  # killed above, and not replaced
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                promised += told(reader)
    gone_on(log)
    there = [row[0] for row in fetch(log, model.Disclosure.entry_id)]
    # What was committed and not yet said when the child died is there, too.
    assert len(there) <= len(promised) + kills + 2
    judged(log, promised, there, seen)
    # Each wait brought a checkpoint that had not been seen; what it holds somebody had committed.
    assert len(seen) >= waits >= kills // 3 and len(there) >= waits
    return (f"F01 append: {kills} kills, {len(promised)} entries promised, {len(there)} there, "
            f"{len(seen)} checkpoints continued, 0 lost, 0 twice, 0 forks")


def published(log) -> None:
    """Wait until another checkpoint is out."""
    def now():
        return (log.folder / "checkpoint").read_bytes()

    before, until = now(), time.monotonic() + 120
    while now() == before:
        assert time.monotonic() < until, "nobody publishes"
        time.sleep(0.005)


@contextmanager
def still(child: int) -> Iterator[None]:
    """The other child stands still, as in death: what is examined is not swept meanwhile."""
    os.kill(child, signal.SIGSTOP)
    os.waitpid(child, os.WUNTRACED)
    try:
        yield
    finally:
        os.kill(child, signal.SIGCONT)


def told(reader: int) -> list[str]:
    """The entries that a child said are committed."""
    said = b""
    while more := os.read(reader, 65536):
        said += more
    os.close(reader)
    return [one.decode() for one in (said[i:i + 32] for i in range(0, len(said), 32))
            if one != DONE]


def test_killed_at_any_moment(log):
    print(kill_often(log, 20))


@pytest.mark.faults
def test_killed_at_any_moment_a_thousand_times(log):
    print(kill_often(log, int(os.environ.get("YANGGUANG_KILLS", "1000"))))


@needed
def test_a_sequencer_that_publishes_too_early_is_caught(quick, tmp_path, monkeypatch):
    """The planted bug: the checkpoint first, then the tiles that it names."""
    real = Sequencer._write

    def early(self, connection, state):
        self._publish(connection, *self._sign(connection, state))
        real(self, connection, state)

    monkeypatch.setattr(Sequencer, "_write", early)
    with pytest.raises(AssertionError, match="missing|not there|problems"):
        kill_at_every(quick, tmp_path / "calls", 5)
