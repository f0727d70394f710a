"""The database's clock is set back and forward around ticks and a deadline (assurance F15, Q44).

The database's time is the platform's on PostgreSQL. It is moved by the offset that a
demonstration has, which the one clock adds to what the database says, and with another process's
clock, which remembers nothing, reading it; under `-m faults` the server itself runs under
libfaketime.
"""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select, text

from audit import leaf, model
from audit.act import wiring
from kernel.canonical import parse_time
from kernel.clock import Clock
from kernel.db import Installation
from kernel.refusal import Refused
from tests import postgres
from tests.audit.stores import Log
from tests.audit.test_sequencer import fetch, whole
from tests.bidding.test_refusals import phase

LIBRARY = next(iter(Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
JUMPS = (timedelta(0), -HOUR, DAY, -HOUR, -3 * DAY, 2 * DAY)


def set_clock(world, by: timedelta) -> None:
    """Let the database's clock jump; every process starts anew, so that none remembers."""
    world.raw("UPDATE installation SET clock_offset_ms = clock_offset_ms + :by",
              by=int(by.total_seconds() * 1000))
    world.clock._said = datetime.min.replace(tzinfo=UTC)


def tick_times(world) -> list[datetime]:
    """The times of the leaves in the order of the tree."""
    return [parse_time(leaf.read(entry)[0]) for entry in world.leaves()]


def monotone(times) -> bool:
    return all(one <= other for one, other in pairwise(times))


@pytest.fixture
def closing(world):
    """A world with a lot that has three bids and closes in ten minutes, and a company without one."""
    lot = world.lots(world.published_tender())[0]
    companies = [world.company() for _ in range(4)]
    world.advance(hours=25)
    for company in companies[:3]:
        world.sealed_bid(lot, company)
    world.advance(to=lot.deadline - timedelta(minutes=10))
    world.tick(record=True)
    return world, lot, companies


def refused(world, lot, company) -> str:
    """The word a bid on `lot` is refused with."""
    sealed = world.seal(lot, company)
    with pytest.raises(Refused) as caught:
        world.declare(lot, company, sealed)
    return caught.value.word.code


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
@pytest.mark.parametrize("who", ["the tick", "a bid that came late"])
def test_once_closed_never_open(closing, who):
    """The clock leaps over the deadline, somebody sees it, the clock goes back before it."""
    world, lot, (_, owner, _, late) = closing
    set_clock(world, HOUR)
    if who == "the tick":
        world.tick(record=True)
    else:
        assert refused(world, lot, late) == "bid.late"
    assert phase(world, lot) == "CLOSED"
    for jump in (-HOUR, -2 * DAY, timedelta(0)):
        set_clock(world, jump)
        # A tick writes the mark that no time falls below; a refusing act writes the close alone.
        assert world.now >= lot.deadline or who != "the tick", "a time shown fell below the mark"
        assert refused(world, lot, late) in ("bid.late", "phase.wrong")
        sealed = world.replacement(lot, owner)
        with pytest.raises(Refused):
            world.redeclare(owner, sealed)
        world.tick(record=True)
        assert phase(world, lot) == "CLOSED"
    assert len(world.records("lot.closed")) == 1
    assert monotone(tick_times(world)) and world.verify_record().problems == []


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_without_the_mark_it_would_open_again(closing, monkeypatch):
    """The planted bug: a clock that heeds no high-water mark shows an earlier time."""
    world, lot, _ = closing

    def bare(self, connection):
        offset = connection.execute(text("SELECT clock_offset_ms FROM installation")).scalar_one()
        return (connection.execute(text("SELECT clock_timestamp()")).scalar_one()
                + timedelta(milliseconds=offset))

    set_clock(world, HOUR)
    world.tick(record=True)
    monkeypatch.setattr(Clock, "now", bare)
    set_clock(world, -HOUR)
    assert wiring().clock.now(world.session.connection()) < lot.deadline


def jump_about(log, jump, rounds: int) -> str:
    """Ticks under a clock that jumps: every process fresh; the tree's times never fall."""
    chance, ids, ticks = random.Random(15), [], []
    for number in range(rounds):
        jump(JUMPS[number % len(JUMPS)] if number < len(JUMPS) else
             timedelta(seconds=chance.randint(-4 * 86400, 4 * 86400)))
        ids += log.add(3)
        tick = log.another().tick()
        with log.plain.connect() as connection:
            mark = connection.execute(select(Installation.high_water)).scalar_one()
            shown = Clock().now(connection)
        ticks.append(tick.at)
        assert tick.added == 3 and shown >= mark >= tick.at, "the mark fell behind"
    assert monotone(ticks)
    times = [parse_time(leaf.read(row[1])[0])
             for row in fetch(log, model.Leaf.position, model.Leaf.entry)]
    assert monotone(times) and times[-1] - times[0] > 20 * HOUR, "no jump forward was seen"
    signed = [row[1] for row in fetch(log, model.Checkpoint.size, model.Checkpoint.signed_at)]
    assert monotone(signed)
    assert whole(log).size == len(ids)
    return f"F15: {rounds} jumps, {len(ids)} entries, times monotone, verified"


@pytest.fixture
def faked(tmp_path):
    """A record on a PostgreSQL of its own: (log, jump). The server runs under libfaketime."""
    if LIBRARY is None:
        pytest.skip("libfaketime is not installed")
    moved = [timedelta(0)]
    with postgres.Server(environment={
            "LD_PRELOAD": str(LIBRARY), "FAKETIME_TIMESTAMP_FILE": "../faketime",
            "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}) as server:
        told = server.folder / "faketime"
        told.write_text("+0\n")
        told.chmod(0o644)
        owner, application = server.database()
        log = Log(application, tmp_path, owner, postgres.APPLICATION)

        def jump(by: timedelta) -> None:
            moved[0] += by
            new = told.with_suffix(".new")
            new.write_text(f"{int(moved[0].total_seconds()):+d}\n")
            new.chmod(0o644)
            new.replace(told)
            time.sleep(0.01)
            with log.plain.connect() as connection:
                shown = connection.execute(select(func.clock_timestamp())).scalar_one()
            assert abs(shown - datetime.now(UTC) - moved[0]) < timedelta(seconds=5), "not faked"

        yield log, jump
        log.close()


@pytest.fixture
def offset(tmp_path):
    """A record on PostgreSQL, its clock moved by the offset: (log, jump)."""
    server = postgres.server()
    owner, application = server.database()
    log = Log(application, tmp_path, owner, postgres.APPLICATION)
    plain = create_engine(owner)

    def jump(by: timedelta) -> None:
        with plain.begin() as connection:
            connection.execute(text("UPDATE installation SET clock_offset_ms = clock_offset_ms "
                                    "+ :by"), {"by": int(by.total_seconds() * 1000)})

    yield log, jump
    plain.dispose()
    log.close()
    server.drop(application.partition("@/")[2].partition("?")[0])


def test_the_tree_s_times_never_fall(offset):
    print(jump_about(*offset, 12))


@pytest.mark.faults
def test_the_tree_s_times_never_fall_under_libfaketime(faked):
    print(jump_about(*faked, 60))
