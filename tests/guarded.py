"""Nothing that a test started outlives the run, even one that is killed.

A run that is killed tears nothing down: its servers, its clocks and its browsers went on and took the
machine's time. Whatever a test starts inherits one word in its environment; a small process beside
the run waits for its end, however it comes, and then kills who still has the word. Run as a
program this module is that process: `guarded.py WORD`, with the run as its parent.
"""

from __future__ import annotations

import os
import secrets
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

NAME = "TESTS_OF_YANGGUANG"
LOOKS = 1.0
"""Seconds between two looks at whether the run is still there; a closed pipe says it at once."""


@contextmanager
def guarded() -> Iterator[None]:
    """From now on: what this process starts ends with it."""
    word = secrets.token_hex(8)
    before, os.environ[NAME] = os.environ.get(NAME), word
    mine = {key: value for key, value in os.environ.items() if key != NAME}
    guard = subprocess.Popen([sys.executable, "-ISE", __file__, word], stdin=subprocess.PIPE,
                             env=mine, start_new_session=True)
    try:
        yield
    finally:
        if before is None:
            del os.environ[NAME]
        else:
            os.environ[NAME] = before
        guard.stdin.close()
        guard.wait(60)


def wait_and_kill(word: str) -> None:
    """Wait until the parent is gone or lets go of our standard input; then kill who has the word."""
    parent = os.getppid()
    while os.getppid() == parent and not select.select([0], [], [], LOOKS)[0]:
        pass
    for _ in range(200):
        found = list(marked(word))
        for pid in found:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        if not found:
            break
        select.select([], [], [], 0.05)


def marked(word: str) -> Iterator[int]:
    """The processes in whose environment the word is and which have not ended."""
    wanted = f"{NAME}={word}".encode()
    for place in Path("/proc").iterdir():
        if not place.name.isdigit() or int(place.name) == os.getpid():
            continue
        with suppress(OSError):
            if wanted in (place / "environ").read_bytes().split(b"\0"):
                yield int(place.name)


if __name__ == "__main__":
    wait_and_kill(sys.argv[1])
