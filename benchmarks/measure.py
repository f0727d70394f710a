"""Running a command and saying what it cost: seconds by the clock and of the processor, memory."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Cost:
    """What a process cost; `peak` is its largest resident memory in bytes."""

    wall: float
    cpu: float
    peak: int


def run(command: Sequence[str | os.PathLike]) -> Cost:
    """Run a command to its end and weigh it; raises CalledProcessError."""
    began, peak, done = time.perf_counter(), 0, 0
    child = subprocess.Popen([os.fspath(word) for word in command], cwd=ROOT)
    while not done:
        # Not ru_maxrss: that of a child begins at what its parent had when it was started.
        peak = max(peak, high_water(child.pid))
        time.sleep(0.005)
        done, status, usage = os.wait4(child.pid, os.WNOHANG)
    child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - began
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)
    return Cost(wall, usage.ru_utime + usage.ru_stime, peak)


def high_water(pid: int | str = "self") -> int:
    """Bytes of the largest resident memory of a process so far; 0 when it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found.group(1)) * 1024 if found else 0


def module(name: str, *words: object) -> Cost:
    """Run `python -m benchmarks.NAME WORDS` and weigh it."""
    return run([sys.executable, "-m", f"benchmarks.{name}", *map(str, words)])


def in_turn(rounds: int, **tasks: Callable[[], Cost]) -> dict[str, Cost]:
    """The median cost of each task; the tasks take turns, so that noise meets them all alike."""
    found: dict[str, list[Cost]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            found[name].append(task())
    return {name: Cost(median([cost.wall for cost in costs]), median([cost.cpu for cost in costs]),
                       max(cost.peak for cost in costs)) for name, costs in found.items()}


def report(what: str, ours: float, baseline: float, target: float) -> float:
    """Print and return baseline / ours (1 is as fast, 2 twice as fast) beside its target."""
    ratio = baseline / ours
    noise = os.getloadavg()[0]
    print(f"\nBENCH {what}: {ratio:.2f} (target {target}); ours {ours:.3f} s, baseline "
          f"{baseline:.3f} s, load {noise:.1f}", flush=True)
    return ratio


def median(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)
