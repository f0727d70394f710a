"""kill -9 of workers, and of the whole server, while bids come in (assurance F01, F02).

Short forms run in the plain tier; `-m faults` reaches the figures of assurance.md.
"""

import os
import random
import signal
import time
from contextlib import suppress

import pytest

from audit import note
from audit.act import wiring
from kernel.db import db
from portal import litter
from tests.served import running

from .oracle import judge, verify_record
from .swarm import Swarm
from .warm import warm

KILLS = int(os.environ.get("YANGGUANG_KILLS", "1000"))


def settle(world, swarm):
    """Judge with what is ambiguous still so, ask again, judge again, let the record be verified."""
    platform = note.Verifier.parse(wiring().settings["platform_vkey"])
    first = judge(world.session, wiring().store, swarm.ledger, platform)
    assert first.clean, (str(first), first.lost[:5], first.partial[:5], first.wrong[:5])
    swarm.settle()
    last = judge(world.session, wiring().store, swarm.ledger, platform)
    db.session.rollback()
    world.tick(record=True)
    problem = verify_record(world.settings.record)
    assert problem == "", problem
    litter.sweep(wiring().store, 0)
    assert not list((wiring().store.root / "tmp").iterdir()), "what a crash left was not swept"
    return last


def under_fire(world, kills: int, workers: int, fire, crew: int) -> float:
    """Let companies bid and `fire(server, chance)` so many times; the longest silence (s)."""
    lot = world.lots(world.published_tender())[0]
    chance, slowest = random.Random(kills), 0.0
    with warm(world, workers) as server, \
            Swarm(world, lot, server.address, crew=crew) as swarm:
        ends = time.monotonic() + 600 + 3 * kills
        while swarm.ledger.injected < kills and time.monotonic() < ends and swarm.busy:
            # Mostly after the next answer, now and then only after the next whole bid.
            answers, began = swarm.ledger.answers, time.monotonic()
            acked = len(swarm.ledger.acked) + (swarm.ledger.injected % 3 == 0)
            while swarm.ledger.answers == answers and time.monotonic() - began < 30:
                time.sleep(0.002)
            slowest = max(slowest, time.monotonic() - began)
            while len(swarm.ledger.acked) < acked and time.monotonic() - began < 30:
                time.sleep(0.002)
            time.sleep(chance.uniform(0, 0.15))
            fire(server, chance)
            swarm.ledger.injected += 1
            if swarm.ledger.injected % 50 == 0:
                print(f"  {swarm.ledger.injected} kills, {len(swarm.ledger.acked)} acknowledged",
                      flush=True)
        swarm.stop.set()
        for one in swarm.tenderers:
            one.join(300)
        verdict = settle(world, swarm)
    verdict.require(kills)
    assert len(verdict.ledger.acked) >= kills // 4, "hardly anything was submitted"
    return slowest


def kill_a_worker(server, chance) -> None:
    """kill -9 of one worker; the master forks another."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with suppress(ProcessLookupError):  # gone between the look and the blow: the next one
            if children := server.workers():
                os.kill(chance.choice(children), signal.SIGKILL)
                return
        time.sleep(0.002)
    raise AssertionError("no worker came back")


def kill_all(server, _chance) -> None:
    """kill -9 of master and workers, and a new start."""
    server.stop()
    server.start()


def test_f01_a_worker_killed_at_random(world):
    print(f"F01: the longest silence was {under_fire(world, 12, 3, kill_a_worker, 2):.1f} s")


@pytest.mark.faults
def test_f01_a_thousand_workers_killed(world):
    print(f"F01: the longest silence was {under_fire(world, KILLS, 3, kill_a_worker, 60):.1f} s")


def test_f02_the_whole_server_killed(world):
    print(f"F02: the longest silence was {under_fire(world, 4, 2, kill_all, 2):.1f} s")


@pytest.mark.faults
def test_f02_the_whole_server_killed_three_hundred_times(world):
    print(f"F02: the longest silence was {under_fire(world, 300, 2, kill_all, 20):.1f} s")


@pytest.mark.faults
def test_f02_a_cold_start_is_ready_in_time(world):
    """The same start with the importing of the platform, from nothing to listening."""
    db.session.remove()
    db.engine.dispose()
    times = []
    for _ in range(3):
        began = time.monotonic()
        with running(world.settings) as (_address, master):
            times.append(time.monotonic() - began)
            master.kill()
    print(f"F02: a cold start listens after {max(times):.1f} s at most")
    assert min(times) <= 5
