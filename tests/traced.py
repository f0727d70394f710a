"""Killing a piece of work at its system calls, one after the other, by strace (assurance F03).

A child is forked and held, asking its own priority over and over; when strace has written that
down it sees every call, so that they can be counted from then on; then the child does the work,
and is killed on entry to the chosen call.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

CALLS = ("openat", "write", "pwrite64", "fsync", "fdatasync", "rename", "close", "sendto",
         "recvfrom", "ftruncate", "unlink", "link", "sendmsg", "read", "pread64", "fcntl",
         "lseek", "mkdir")
DURABLE = ("openat", "write", "pwrite64", "fsync", "fdatasync", "rename", "ftruncate", "unlink")
"""Those of them that keep something, or make room for it."""

PATIENCE = 120
"""Seconds: strace begins at once, unless the machine has no time for it."""
HELD = "getpriority"
"""What the child does while it is held: not counted, and nothing of the platform does it."""
FORBIDDEN = "Operation not permitted"

Work = Callable[[Callable[[], object], Callable[[bytes], object]], object]
"""work(hold, say): makes ready, calls `hold()` and then does what is traced; what it tells of
it by `say` counts as acknowledged."""

_CALL = re.compile(r"^(?:\[pid +\d+\] |\d+ +)?(\w+)\(")

needed = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


def traced(work: Work, log: Path, inject: str | None = None) -> tuple[bytes, bool]:
    """Do `work` in a child under strace: (what it said, whether it was killed).

    Skips the test where strace may not attach. `work` must close over no open connection.
    """
    child, answer, ready = _held(work)
    # Only now, or the calls of making ready would be counted, and killed at, as well.
    held = os.read(ready, 1)
    os.close(ready)
    assert held, "the work ended before it was held"
    options = ["-e", f"inject={inject}"] if inject else []
    log.unlink(missing_ok=True)
    tracer = subprocess.Popen(
        ["strace", "-f", "-qq", "-o", log, "-e", f"trace={','.join((*CALLS, HELD))}", *options,
         "-p", str(child)], stderr=subprocess.PIPE)
    try:
        _wait_for_sight(log, tracer)
    except BaseException:
        tracer.kill()
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise
    os.kill(child, signal.SIGUSR1)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    said = b""
    while more := os.read(answer, 65536):
        said += more
    os.close(answer)
    tracer.wait(30)
    tracer.stderr.close()
    return said, status == -signal.SIGKILL


def _held(work: Work) -> tuple[int, int, int]:
    """A child that waits for SIGUSR1: in calls that are not counted, because one that is would be
    begun anew when strace attaches, and perhaps killed at before the work."""
    ready, told = os.pipe()
    answer, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            signal.alarm(2 * PATIENCE)
            os.close(answer)
            os.close(ready)
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})

            def hold() -> None:
                os.write(told, b"r")  # the last call that counts: not even a close after it
                while signal.SIGUSR1 not in signal.sigpending():
                    os.getpriority(os.PRIO_PROCESS, 0)
                    time.sleep(0.002)

            work(hold, lambda words: os.write(writer, words))
        finally:
            os._exit(0)
    os.close(writer)
    os.close(told)
    return child, answer, ready


def _wait_for_sight(log: Path, tracer: subprocess.Popen) -> None:
    """One attachment, waited for: a second strace is refused where the first has only not begun
    yet. Skips where the system forbids to attach; anything else that ends it is a failure."""
    ends = time.monotonic() + PATIENCE
    while not log.exists() or HELD not in log.read_text():
        if tracer.poll() is not None:
            said = tracer.stderr.read().decode()
            if FORBIDDEN in said:
                pytest.skip(f"strace may not attach here: {said[:200]}")
            raise AssertionError(f"strace ended with {tracer.returncode}: {said[:500]}")
        assert time.monotonic() < ends, f"strace sees nothing after {PATIENCE} seconds"
        time.sleep(0.005)


def calls_of(log: Path) -> list[tuple[str, int]]:
    """(call, its number among those of its kind), in order."""
    counts: Counter[str] = Counter()
    found = []
    for line in log.read_text(errors="replace").splitlines():
        if (match := _CALL.match(line)) and match[1] != HELD:
            counts[match[1]] += 1
            found.append((match[1], counts[match[1]]))
    return found
