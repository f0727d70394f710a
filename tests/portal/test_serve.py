"""The loop of the clock: what is slow holds up nothing that is due. And what a start loads."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import deque
from pathlib import Path
from types import SimpleNamespace

import pytest

from portal import serve, tick
from portal.worker import Worker
from tender.lifecycle import Phase
from tender.reading import phase_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def stuck(monkeypatch):
    """An errand that waits for somebody who does not answer."""
    began, answered = threading.Event(), threading.Event()

    def ask(_now):
        began.set()
        answered.wait(600)

    monkeypatch.setattr(tick, "WORK", (ask,))
    yield began, answered
    answered.set()


def test_an_errand_that_hangs_holds_up_no_act(world, stuck):
    lot = world.lots(world.published_tender())[0]
    world.advance(to=lot.deadline)
    stopped, closed = threading.Event(), threading.Event()

    def acts():
        if tick.act_round():
            closed.set()

    threads = [threading.Thread(target=serve.again, args=(world.app, work, 0.05, stopped))
               for work in (tick.errands, acts)]
    began, answered = stuck
    threads[0].start()
    try:
        assert began.wait(60)
        threads[1].start()
        assert closed.wait(60), "the close waits for the errand"
        assert not answered.is_set()
    finally:
        # What they still do is done before the database is another test's.
        stopped.set()
        answered.set()
        for thread in threads:
            if thread.ident is not None:
                thread.join()
    world.session.rollback()
    assert phase_of(world.session, lot.id, world.now) is not Phase.BIDDING


def test_a_round_that_fails_is_not_the_last(world):
    stopped, rounds = threading.Event(), []

    def fails():
        rounds.append(1)
        if len(rounds) == 3:
            stopped.set()
        raise OSError

    serve.again(world.app, fails, 0, stopped)
    assert len(rounds) == 3


LOADED = """
import os, sys, threading
from portal.worker import Worker

def held():
    found = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            found[name] = os.readlink(f"/proc/self/fd/{name}")
        except FileNotFoundError:
            pass
    return found

before = held()
Worker.setup()
assert "portal.factory" in sys.modules
assert not {"alembic", "fpdf", "jieba"} & set(sys.modules), "what few processes need"
assert held() == before, held()
assert threading.active_count() == 1
"""


def test_what_is_loaded_before_the_fork_opens_nothing_that_workers_would_share():
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", LOADED], cwd=ROOT, check=False,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_stop_waits_no_longer_for_who_said_nothing_than_for_who_was_answered():
    worker = Worker.__new__(Worker)
    worker.keepalived_conns, worker.pending_conns = (
        deque(SimpleNamespace(timeout=timeout) for timeout in (3.0, 15.0)) for _ in range(2))
    worker._cap_keepalive(5.0)
    for waiting in (worker.keepalived_conns, worker.pending_conns):
        assert [conn.timeout for conn in waiting] == [3.0, 5.0]
