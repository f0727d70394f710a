"""kill -9 of workers, and of the whole server, while bids come in (assurance F01, F02).

Short forms run in the plain tier; `-m faults` reaches the figures of assurance.md.
"""

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from audit import note
from audit.act import wiring
from kernel.db import db
from portal.serve import gunicorn_command
from tests.served import environment, free_port, running, wait_for

from .oracle import judge, verify_record
from .swarm import Swarm


def workers_of(master: int) -> list[int]:
    """The children of a gunicorn master."""
    path = Path(f"/proc/{master}/task/{master}/children")
    return [int(pid) for pid in path.read_text().split()] if path.exists() else []


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
    wiring().store.sweep(0)
    assert not list((wiring().store.root / "tmp").iterdir()), "what a crash left was not swept"
    return last


def kill_workers(world, kills: int, patience: float) -> None:
    lot = world.lots(world.published_tender())[0]
    chance, slowest = random.Random(1), 0.0
    db.session.remove()
    with running(world.settings, workers="3") as (address, master), \
            Swarm(world, lot, address) as swarm:
        ends = time.monotonic() + patience
        while swarm.ledger.injected < kills and time.monotonic() < ends and swarm.busy:
            answers, began = swarm.ledger.answers, time.monotonic()
            while swarm.ledger.answers == answers and time.monotonic() - began < 20:
                time.sleep(0.002)
            slowest = max(slowest, time.monotonic() - began)
            time.sleep(chance.uniform(0, 0.15))
            children = workers_of(master.pid)
            if children:
                os.kill(chance.choice(children), signal.SIGKILL)
                swarm.ledger.injected += 1
        swarm.stop.set()
        for one in swarm.tenderers:
            one.join(60)
        verdict = settle(world, swarm)
    print(f"F01: the longest silence was {slowest:.1f} s")
    verdict.require(kills)
    assert verdict.ledger.acked, "nothing was submitted: nothing was tried"


def test_f01_a_worker_killed_at_random(world):
    kill_workers(world, 12, 90)


@pytest.mark.faults
def test_f01_a_thousand_workers_killed(world):
    kill_workers(world, 1000, 3600)


def kill_all(world, rounds: int) -> None:
    lot = world.lots(world.published_tender())[0]
    chance, port, slowest = random.Random(2), free_port(), 0.0
    settings = type(world.settings)(**{**vars(world.settings), "port": str(port), "workers": "2"})
    start = lambda: subprocess.Popen(gunicorn_command(settings), env=environment(settings),
                                     start_new_session=True)
    db.session.remove()
    db.engine.dispose()
    server = start()
    try:
        wait_for(port, server)
        with Swarm(world, lot, f"http://127.0.0.1:{port}") as swarm:
            while swarm.ledger.injected < rounds and swarm.busy:
                answers, began = swarm.ledger.answers, time.monotonic()
                while swarm.ledger.answers == answers and time.monotonic() - began < 30:
                    time.sleep(0.002)
                slowest = max(slowest, time.monotonic() - began)
                time.sleep(chance.uniform(0, 0.3))
                os.killpg(server.pid, signal.SIGKILL)
                server.wait()
                swarm.ledger.injected += 1
                server = start()
                wait_for(port, server)
            swarm.stop.set()
            for one in swarm.tenderers:
                one.join(60)
            verdict = settle(world, swarm)
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
    print(f"F02: the longest silence was {slowest:.1f} s")
    verdict.require(rounds)
    assert verdict.ledger.acked


def test_f02_the_whole_server_killed(world):
    kill_all(world, 3)


@pytest.mark.faults
def test_f02_the_whole_server_killed_three_hundred_times(world):
    kill_all(world, 300)
