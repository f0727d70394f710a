"""The web server's own clock jumps by hours and days while bids come in (assurance F13).

On PostgreSQL the database's clock decides, so not one decision may change. The same run on
SQLite, where the host's clock decides, is the planted bug: there the jumps must show.
"""

from __future__ import annotations

import itertools
import shutil
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from audit.act import wiring
from bidding.model import BidRefusal, BidVersion
from bidding.wire import Problem
from kernel.db import db
from portal.serve import gunicorn_command
from tests.served import free_port, running

from .oracle import judge
from .swarm import Swarm

JUMPS = ("+0", "-3600", "+86400", "+3600", "-86400")
LIBRARY = next(iter(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)

pytestmark = pytest.mark.skipif(LIBRARY is None, reason="libfaketime is not installed")


def jumping(path: Path, stop: threading.Event) -> threading.Thread:
    """Give the faked processes another time twice a second."""
    def work() -> None:
        for jump in itertools.cycle(JUMPS):
            path.with_suffix(".new").write_text(jump + "\n")
            shutil.move(path.with_suffix(".new"), path)
            if stop.wait(0.5):
                return

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def bid_across_the_deadline(world, tmp_path, monkeypatch, seconds: float, count: int,
                            taken: int = 0, refused: int = 0):
    """Bids before and after a deadline under a jumping host clock: (verdict, lot).

    With `taken` the deadline waits until so many were accepted; with `refused` the tenderers go
    on until so many were not.
    """
    lot = world.lots(world.published_tender())[0]
    told, stop = tmp_path / "faketime.rc", threading.Event()
    told.write_text("+0\n")
    settings = type(world.settings)(**{**vars(world.settings), "port": str(free_port())})
    command = [*gunicorn_command(settings)]
    # The monotonic clock jumps too, and would fire gunicorn's watch over its workers.
    command[command.index("--timeout") + 1] = "0"
    with monkeypatch.context() as patch:
        patch.setenv("LD_PRELOAD", str(LIBRARY))
        patch.setenv("FAKETIME_TIMESTAMP_FILE", str(told))
        patch.setenv("FAKETIME_NO_CACHE", "1")
        db.session.remove()
        db.engine.dispose()
        with running(world.settings, command, port=settings.port) as (address, _):
            world.advance(to=lot.deadline - timedelta(minutes=20 if taken else 10))
            # Without a rest a quick machine takes all their versions before the deadline.
            swarm = Swarm(world, lot, address, count, stubborn=refused // count, rest=0.4)
            if not taken:
                world.advance(to=lot.deadline - timedelta(seconds=seconds))
            thread = jumping(told, stop)
            began = time.monotonic()
            with swarm:
                until(lambda: len(swarm.ledger.acked) >= taken or not swarm.busy, 1800,
                      swarm.ledger)
                if taken:
                    world.advance(to=lot.deadline - timedelta(seconds=seconds))
                until(lambda: not swarm.busy or len(swarm.ledger.refused) >= refused > 0,
                      3 * seconds + 20 + refused, swarm.ledger)
            stop.set()
            thread.join()
    swarm.ledger.injected = int(2 * (time.monotonic() - began))
    return judge(world.session, wiring().store, swarm.ledger), lot


def until(true, seconds: float, ledger) -> None:
    """Wait until it is true, for so long at most; says now and then how far it is."""
    ends, told = time.monotonic() + seconds, time.monotonic()
    while not true() and time.monotonic() < ends:
        time.sleep(0.1)
        if time.monotonic() - told > 20:
            told = time.monotonic()
            print(f"  {len(ledger.acked)} accepted, {len(ledger.refused)} refused", flush=True)


def refused_too_early(world, lot) -> int:
    """How many were called late before the deadline."""
    return len([one for one in world.session.scalars(select(BidRefusal).where(
        BidRefusal.lot_id == lot.id, BidRefusal.code == "bid.late")) if one.at < lot.deadline])


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_jumping_host_clock_changes_no_decision(world, tmp_path, monkeypatch):
    verdict, lot = bid_across_the_deadline(world, tmp_path, monkeypatch, 8, 4, 4, 4)
    verdict.require(16)
    on_time = [one for one in world.session.scalars(select(BidVersion).where(
        BidVersion.lot_id == lot.id)) if one.submitted_at]
    print(f"{len(on_time)} accepted, {len(verdict.ledger.refused)} refused")
    assert on_time and verdict.ledger.refused and refused_too_early(world, lot) == 0
    assert all(one.submitted_at < lot.deadline for one in on_time)


@pytest.mark.faults
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_thousand_bids_under_a_jumping_host_clock(world, tmp_path, monkeypatch):
    verdict, lot = bid_across_the_deadline(world, tmp_path, monkeypatch, 20, 24, 500, 500)
    decided = len(verdict.ledger.acked) + len(verdict.ledger.refused)
    early = refused_too_early(world, lot)
    print(f"FAULTS F13: {decided} decisions, {early + len(verdict.wrong)} other than by the "
          f"database's clock; {verdict}")
    verdict.require(40)
    assert decided >= 1000 and early == 0


@pytest.mark.faults
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_where_the_host_clock_decides_its_jumps_show(world, tmp_path, monkeypatch):
    try:
        _, lot = bid_across_the_deadline(world, tmp_path, monkeypatch, 8, 2)
    except Problem as problem:
        # A day forward ends every session, for good or until it is back: the jumps are real.
        assert problem.code == "session.ended"
        return
    except AssertionError as error:
        assert "a tenderer never got an answer" in str(error)
        return
    later = lot.deadline + timedelta(hours=1)
    assert any(one.at > later for one in world.session.scalars(select(BidRefusal).where(
        BidRefusal.lot_id == lot.id))), "nothing was faked"
