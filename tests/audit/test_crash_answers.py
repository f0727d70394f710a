"""Each step of a tick fails in two ways, not done or done and said failed (assurance F10).

Steps are every fsync and rename of tiles and checkpoint, and every COMMIT. The next tick, by the
same sequencer or by another one, goes on: every entry once, one tree, nothing published forked.
"""

from __future__ import annotations

import os
import time

import pytest

from audit import model
from audit.verify import verify

from .test_sequencer import fetch, whole


class Step:
    """The calls of one kind of step; the chosen one fails, done or not."""

    def __init__(self, patch, log, kind: str):
        self.count, self.place, self.done = 0, 0, False
        holder, name = (log.engine.dialect, "do_commit") if kind == "commit" else (os, kind)
        true = getattr(holder, name)

        def step(*args, **options):
            self.count += 1
            if self.count != self.place:
                return true(*args, **options)
            if self.done:
                true(*args, **options)
            raise ConnectionError(5, f"{kind} {self.place} was lost")

        patch.setattr(holder, name, step)

    def fail(self, place: int, done: bool) -> None:
        """Let the call of this number fail, counted from now."""
        self.count, self.place, self.done = 0, place, done


def go_on(sequencer) -> None:
    """Drain, as soon as the server has let go of the lock of whose connection was lost."""
    until = time.monotonic() + 120
    while sequencer.drain() is None:
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.parametrize("kind", ["fsync", "replace", "commit"])
@pytest.mark.parametrize("done", [False, True], ids=["not done", "done and said failed"])
def test_f10_every_step_fails_either_way_and_the_next_tick_goes_on(log, monkeypatch, kind, done):
    log.add(250)
    log.sequencer.tick()
    step, ids, seen, failed = Step(monkeypatch, log, kind), [], set(), 0
    for place in range(1, 40):
        ids += log.add(3)
        victim = log.sequencer
        step.fail(place, done)
        try:
            victim.tick()
        except ConnectionError:
            failed += 1
        else:
            break
        finally:
            step.place = 0
        # Whoever looks now goes home with what is published, whole; beside it there may be
        # what the next checkpoint will name: its tiles, a folder made for them.
        assert [one for one in verify(log.folder, log.keys.log.verifier).problems
                if not one.endswith("empty folder") and "has no place in a tree of" not in one] == []
        seen.add((log.folder / "checkpoint").read_bytes())
        go_on(victim if place % 2 else log.another())
        seen.add((log.folder / "checkpoint").read_bytes())
    else:
        pytest.fail("the steps never ended")
    assert failed >= (2 if kind == "commit" else 3), failed
    report = whole(log)
    there = [row[0] for row in fetch(log, model.Disclosure.entry_id)]
    assert len(there) == len(set(there)) == report.size and set(ids) <= set(there)
    for note in seen:
        assert verify(log.folder, log.keys.log.verifier, note).problems == [], "a fork"
    print(f"F10 {kind}: {failed} steps failed, {len(seen)} checkpoints continued, none twice")
