"""Appending by 4 workers on PostgreSQL, no lot open: from the waiting row to the signed checkpoint,
against the driver alone inserting the same rows, one by one or 256 to a commit.

The database is durable (fsync on, on disk) unless YANGGUANG_BENCH_FSYNC is 0. The sequencer runs
beside the workers, as it does in an installation; the time ends when every entry is under a
signed, published checkpoint.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest
from sqlalchemy import text

from tests import postgres
from tests.audit.stores import Log

from .measure import ROOT, median, report

pytestmark = pytest.mark.bench

DURABLE = os.environ.get("YANGGUANG_BENCH_FSYNC", "1") != "0"
WORKERS, ROUNDS = 4, 3
ROWS = {1: 500, 256: 2048}
"""Rows of each worker, by rows to a commit."""


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """A record on a durable PostgreSQL, and beside it the plain table."""
    place = tmp_path_factory.mktemp("append")
    with postgres.Server(durable=DURABLE) as server:
        owner, application = server.database()
        made = Log(application, place, owner, postgres.APPLICATION)
        with made.plain.begin() as connection:
            connection.execute(text("CREATE TABLE raw_entry (LIKE pending_entry INCLUDING ALL)"))
            connection.execute(text(f"GRANT INSERT ON raw_entry TO {postgres.APPLICATION}"))
        yield made
        made.close()


def timed(log, kind: str, per_commit: int, until) -> float:
    """Seconds from the word to begin until all rows are in and `until()` says so."""
    words = [sys.executable, "-m", "benchmarks.append", kind, log.url, str(ROWS[per_commit]),
             str(per_commit)]
    workers = [subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                text=True) for _ in range(WORKERS)]
    try:
        for worker in workers:
            assert worker.stdout.readline() == "up\n"
        began = time.perf_counter()
        for worker in workers:
            worker.stdin.write("go\n")
            worker.stdin.flush()
        until(workers)
        took = time.perf_counter() - began
        assert [worker.wait(60) for worker in workers] == [0] * WORKERS
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()
    return took


def ended(workers) -> None:
    for worker in workers:
        worker.wait(120)


@pytest.mark.parametrize(("per_commit", "target"), [(1, 0.6), (256, 0.5)])
def test_appending(log, per_commit, target):
    def sequenced(workers):
        while log.sequencer.tick().size < goal:
            if any(worker.poll() is None for worker in workers):
                time.sleep(0.05)

    ours, raw = [], []
    for _ in range(ROUNDS):
        goal = log.sequencer.drain().size + WORKERS * ROWS[per_commit]
        raw.append(timed(log, "raw", per_commit, ended))
        ours.append(timed(log, "pending", per_commit, sequenced))
        assert log.sequencer.tick().size == goal
    ratios = sorted(one / other for one, other in zip(raw, ours, strict=True))
    print("\nratios of the rounds:", ", ".join(f"{ratio:.2f}" for ratio in ratios))
    assert report(f"append, {per_commit} to a commit, {WORKERS} workers", median(ours),
                  median(raw), target) >= target
