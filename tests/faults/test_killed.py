"""Every process of PostgreSQL is killed while companies bid (F06), and the server started anew.

All processes are stopped before any is killed, so that none acts on the death of another. The
planted bug is a database that answers before its log is on the disk (synchronous_commit=off).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from kernel.db import db
from portal.factory import create_app
from tests import postgres
from tests.world import World, WorldClock, create_schema, settings_for

from .oracle import Verdict, judge_at
from .workload import Workload

KILLS = 100
"""Kills of the full run (assurance F06)."""


@contextlib.contextmanager
def standing(folder: Path, keys: Path, **settings: str):
    """A world on a PostgreSQL that writes through to its disk."""
    server = postgres.Server(durable=True, settings=settings)
    data = folder / "data"
    data.mkdir()
    shutil.copytree(keys, data / "keys")
    owner, application = server.database()
    told = settings_for(data, application, owner)
    create_schema(told)
    app = create_app(told, WorldClock())
    with app.app_context():
        world = World(app, told)
        try:
            yield world, server, data
        finally:
            world.close()
            db.session.remove()
            db.engine.dispose()
            server.close()


def kill_all(server: postgres.Server) -> None:
    """Stop every process of the server, then kill them."""
    family = [server.pid, *_children(server.pid)]
    for pid in family:
        with contextlib.suppress(ProcessLookupError):  # a session that has just ended by itself
            os.kill(pid, signal.SIGSTOP)
    for pid in family + _children(server.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    server.kill()
    until = time.monotonic() + 120
    while any(Path(f"/proc/{pid}").exists() and _state(pid) != "Z" for pid in family):
        assert time.monotonic() < until, "a killed server lives"
        time.sleep(0.005)
    (server.data / "postmaster.pid").unlink(missing_ok=True)


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(word) for word in task.read_text().split()]
    return found


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def kill_often(folder: Path, keys: Path, kills: int, **settings: str) -> Verdict:
    """What is found after `kills` kills under work."""
    with standing(folder, keys, **settings) as (world, server, data):
        lot = world.lots(world.published_tender())[0]
        work = Workload(world, lot)
        work.start()
        slowest = 0.0
        try:
            for number in range(1, kills + 1):
                work.wait_for(3)
                kill_all(server)
                began = time.monotonic()
                server.start()
                slowest = max(slowest, time.monotonic() - began)
                work.ledger.injected += 1
                if number % 10 == 0:
                    print(f"  {number} kills, {len(work.ledger.acked)} acknowledged", flush=True)
            work.wait_for(3)
        finally:
            work.stop()
        db.engine.dispose()
        engine = create_engine(world.settings.migration_url)
        found = judge_at(engine, data, work.ledger)
        engine.dispose()
        print(f"\nFAULTS F06 PostgreSQL killed: {found}; back within {slowest:.1f} s", flush=True)
        assert len(found.ledger.acked) >= kills
        return found


def test_a_killed_database_loses_nothing(tmp_path, installation_keys):
    kill_often(tmp_path, installation_keys, 2).require(2)


@pytest.mark.faults
def test_a_database_killed_often_loses_nothing(tmp_path, installation_keys):
    kills = int(os.environ.get("YANGGUANG_KILLS", KILLS))
    kill_often(tmp_path, installation_keys, kills).require(kills)


@pytest.mark.faults
def test_a_database_that_answers_too_early_would_be_found(tmp_path, installation_keys):
    settings = {"synchronous_commit": "off", "wal_writer_delay": "10000ms"}
    assert kill_often(tmp_path, installation_keys, 6, **settings).lost
