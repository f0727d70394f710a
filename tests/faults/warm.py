"""A web server that is up again in a moment: gunicorn forked from a process that has it imported.

A kill costs the importing of the platform, some seconds of processor time, of which nothing is
tried. Here one process imports it and opens nothing; every master and worker is a fork of it. A
start that includes the importing is measured beside it, once (test_kills).

Run as a program: reads `start` from its input, forks a master, and says its process id.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from kernel.db import db
from portal.config import Settings
from portal.serve import gunicorn_command
from tests.served import environment, free_port, wait_for

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


class Warm:
    """The forking process; `start()` gives a new master, `stop()` kills it with all its workers."""

    def __init__(self, settings: Settings, workers: int):
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        told = Settings(**{**vars(settings), "port": str(self.port), "workers": str(workers)})
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.warm"], env=environment(told), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            cwd=os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
        assert self._process.stdout.readline() == "ready\n", "the platform was not imported"
        self.master = 0

    def start(self) -> float:
        """Fork a master and wait until it listens; the seconds that took."""
        began = time.monotonic()
        self._process.stdin.write("start\n")
        self._process.stdin.flush()
        self.master = int(self._process.stdout.readline())
        wait_for(self.port, self._process)
        return time.monotonic() - began

    def stop(self) -> None:
        """kill -9 of master and workers; returns when all are gone."""
        with contextlib.suppress(ProcessLookupError):
            while self.master:
                os.killpg(self.master, signal.SIGKILL)
                time.sleep(0.002)
        self.master = 0

    def workers(self) -> list[int]:
        """The living children of the master: one killed before may not be buried yet."""
        try:
            with open(f"/proc/{self.master}/task/{self.master}/children") as file:
                return [int(pid) for pid in file.read().split() if _lives(pid)]
        except OSError:
            return []

    def close(self) -> None:
        """End all of it."""
        self.stop()
        self._process.stdin.close()
        self._process.wait(120)
        self._process.stdout.close()


def _lives(pid: str) -> bool:
    with contextlib.suppress(OSError), open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0] not in "ZX"
    return False


@contextmanager
def warm(world, workers: int = 2) -> Iterator[Warm]:
    """A warm server over the world's installation, started once."""
    db.session.remove()
    db.engine.dispose()
    server = Warm(world.settings, workers)
    try:
        server.start()
        yield server
    finally:
        server.close()


def main() -> None:
    """Import all, then fork a master for every line."""
    from gunicorn.app.wsgiapp import WSGIApplication

    import wsgi

    with wsgi.app.app_context():
        db.session.remove()
        db.engine.dispose()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    # Workers whose master is killed become children of this process, which buries them at once:
    # the machine's first process may take seconds, and `stop` waits until nobody is left.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    sys.argv = [*gunicorn_command(Settings.from_environment())[2:], "--preload"]
    print("ready", flush=True)
    while sys.stdin.readline():
        child = os.fork()
        if child == 0:
            os.setsid()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(2, 1)
            WSGIApplication("gunicorn").run()
            os._exit(0)
        print(child, flush=True)


if __name__ == "__main__":
    main()
