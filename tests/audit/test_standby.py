"""Two sequencers, one stopped or killed at any moment: one order, no fork, nothing twice (F23)."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from audit import model
from audit.verify import verify

from .test_sequencer import fetch, whole

ROOT = Path(__file__).resolve().parents[2]
STALE = 0.7

LOOP = """
import sys, time
from datetime import timedelta
from pathlib import Path
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError
from audit.keys import Keys
from audit.sequencer import Sequencer
from kernel.clock import Clock
from kernel.db import configure_sqlite
url, place, stale = sys.argv[1:]
engine = create_engine(url)
if engine.dialect.name == "sqlite":
    configure_sqlite(engine)
sequencer = Sequencer(engine, Clock(), Keys.load(Path(place) / "keys"), Path(place) / "record",
                      stale=timedelta(seconds=float(stale)))
print("up", flush=True)
while True:
    try:
        sequencer.tick()
    except (DBAPIError, FileNotFoundError) as error:
        print(type(error).__name__, flush=True)
    time.sleep(0.01)
"""


def process(log):
    started = subprocess.Popen(
        [sys.executable, "-c", LOOP, log.url, str(log.place), str(STALE)], cwd=ROOT,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = started.stdout.readline()
    assert said == "up\n", said + started.stdout.read()
    return started


def placed(log):
    with log.plain.connect() as connection:
        return connection.execute(select(func.count()).select_from(model.Leaf)).scalar()


def wait_for(log, count, seconds=120):
    until = time.monotonic() + seconds
    while placed(log) < count:
        assert time.monotonic() < until, f"{placed(log)} of {count}: nobody went on"
        time.sleep(0.02)


def shown(log, seconds=120) -> bytes:
    """The checkpoint that is out; the first one comes a moment after the first leaves have their
    places, and much later where who placed them was killed before."""
    until = time.monotonic() + seconds
    while not (log.folder / "checkpoint").exists():
        assert time.monotonic() < until, "nobody published"
        time.sleep(0.02)
    return (log.folder / "checkpoint").read_bytes()


def test_one_is_stopped_or_killed_and_the_other_goes_on(log):
    """On PostgreSQL a stopped one's lock is taken from it; on SQLite, which is one host's, only
    what dies lets go. Every checkpoint that was ever seen must be continued by the last."""
    stops = log.engine.dialect.name == "postgresql"
    chance, ids, seen = random.Random(7), [], set()
    pair = [process(log), process(log)]
    try:
        for number in range(6):
            ids += log.add(3)
            wait_for(log, len(ids))
            victim = pair[number % 2]
            time.sleep(chance.random() * 0.05)
            os.kill(victim.pid, signal.SIGSTOP if stops and number % 3 else signal.SIGKILL)
            ids += log.add(5)
            wait_for(log, len(ids))
            seen.add(shown(log))
            if stops and number % 3:
                os.kill(victim.pid, signal.SIGCONT)
            else:
                victim.wait(120)
                pair[number % 2] = process(log)
            seen.add(shown(log))
    finally:
        for one in pair:
            one.kill()
            one.wait(120)
            one.stdout.close()
    log.next_tick()
    assert whole(log).size == len(ids) == 48
    assert sorted(ids) == sorted(row[0] for row in fetch(log, model.Disclosure.entry_id))
    for note in seen:
        assert verify(log.folder, log.keys.log.verifier, note).problems == []


@pytest.mark.parametrize("when", ["_write", "_sign"])
def test_who_lost_the_lock_cannot_sign(log, when):
    """The standby ends the session of a holder that stands still, before it takes the lock."""
    if log.engine.dialect.name != "postgresql":
        pytest.skip("a lock on a file goes only with its process")
    log.add(4)
    log.sequencer.tick()
    published = (log.folder / "checkpoint").read_bytes()
    log.add(3)
    victim, standby = log.another(), log.another(stale=timedelta(minutes=5))
    real = getattr(victim, when)

    def slow(*arguments):
        assert standby.tick() is None, "the holder has only just worked"
        time.sleep(0.4)
        log.add(2)
        standby.stale = timedelta(seconds=0.3)
        until = time.monotonic() + 120
        while (tick := standby.tick()) is None:  # until the server has ended the session
            assert time.monotonic() < until
        assert tick.size == 9
        return real(*arguments)

    setattr(victim, when, slow)
    with pytest.raises(DBAPIError):
        victim.tick()
    assert verify(log.folder, log.keys.log.verifier, published).problems == []
    assert whole(log).size == 9
    assert len(fetch(log, model.Checkpoint.size)) == 2, "it signed nothing after it lost the lock"


def test_a_second_one_waits_while_the_first_works(log):
    """The lock is not taken from who works, however short its patience."""
    with log.sequencer._alone() as connection:
        assert connection is not None
        if log.engine.dialect.name == "postgresql":
            connection.execute(text("SELECT 1"))
            connection.commit()
        assert log.another().tick() is None
    assert log.another().tick() is not None
