"""A real tick loop that is running again a moment after it was killed.

One process imports the platform and opens nothing; each loop is a fork of it, so that a kill -9
costs no importing. As a program: reads a line from its input, forks `yangguang tick --loop`, says
its process id.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

from portal.config import Settings
from tests.served import environment


class Ticking:
    """The tick loop of an installation; its process id stands in `pid_file`."""

    def __init__(self, settings: Settings, pid_file: Path):
        self.pid_file, self.pid, self.starts = pid_file, 0, 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.portal.ticking"], env=environment(settings), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            cwd=os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
        assert self._process.stdout.readline() == "ready\n", "the platform was not imported"

    def ensure(self) -> None:
        """See to it that a loop runs."""
        if self.pid and alive(self.pid):
            return
        self._process.stdin.write("start\n")
        self._process.stdin.flush()
        self.pid = int(self._process.stdout.readline())
        self.pid_file.write_text(str(self.pid))
        self.starts += 1

    def close(self) -> None:
        """End all of it."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        self._process.kill()  # it holds nothing that would have to be put away
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()


def alive(pid: int) -> bool:
    """Whether a process lives: neither gone nor waiting to be buried."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0] not in "ZX"
    return False


def main() -> None:
    """Import all, then fork a loop for every line."""
    from portal.serve import tick_loop

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    settings = Settings.from_environment()
    print("ready", flush=True)
    while sys.stdin.readline():
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(2, 1)
            tick_loop(settings)
            os._exit(0)
        print(child, flush=True)


if __name__ == "__main__":
    main()
