"""Killing a piece of work at its system calls, one after the other, by strace (assurance F03).

A child is forked and held; strace attaches to it, so that its calls can be counted from one
moment on; then the child does the work, and is killed on entry to the chosen call.
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
    for _ in range(3):  # on a busy machine it sometimes ends before it has begun
        tracer = subprocess.Popen(
            ["strace", "-f", "-qq", "-o", log, "-e", f"trace={','.join(CALLS)}", *options, "-p",
             str(child)], stderr=subprocess.PIPE)
        if _attached(child, tracer):
            break
    else:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        pytest.skip(f"strace may not attach here: {tracer.returncode} "
                    + tracer.stderr.read().decode()[:200])
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
    """A child that waits for SIGUSR1: in a call that is not traced, because one that is would be
    begun anew when strace attaches, counted, and perhaps killed at before the work."""
    ready, told = os.pipe()
    answer, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            signal.alarm(60)
            os.close(answer)
            os.close(ready)
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})

            def hold() -> None:
                os.write(told, b"r")
                os.close(told)
                signal.sigwait({signal.SIGUSR1})

            work(hold, lambda words: os.write(writer, words))
        finally:
            os._exit(0)
    os.close(writer)
    os.close(told)
    return child, answer, ready


def _attached(child: int, tracer: subprocess.Popen) -> bool:
    for _ in range(1000):
        with open(f"/proc/{child}/status") as status:
            if "TracerPid:\t0" not in status.read():
                return True
        if tracer.poll() is not None:
            return False
        time.sleep(0.01)
    return False


def calls_of(log: Path) -> list[tuple[str, int]]:
    """(call, its number among those of its kind), in order."""
    counts: Counter[str] = Counter()
    found = []
    for line in log.read_text(errors="replace").splitlines():
        if match := _CALL.match(line):
            counts[match[1]] += 1
            found.append((match[1], counts[match[1]]))
    return found
