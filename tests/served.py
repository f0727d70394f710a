"""The application of a world behind a real gunicorn, for what the test client cannot show."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields

from kernel.db import db
from portal.config import Settings
from portal.demo.ports import free_port
from portal.serve import gunicorn_command


def environment(settings: Settings, **over: str) -> dict[str, str]:
    """The environment that gives a process these settings."""
    given = {item.metadata["env"]: over.get(item.name, getattr(settings, item.name))
             for item in fields(Settings)}
    return {**os.environ, **given}


@contextmanager
def served(world, command=None, **over: str) -> Iterator[str]:
    """Serve the world's installation; its address. `over` are other settings by name.

    The command is `gunicorn_command`'s unless another is given. Stopped when the block ends.
    """
    db.session.remove()
    db.engine.dispose()
    with running(world.settings, command, **over) as (address, _process):
        yield address


@contextmanager
def running(settings: Settings, command=None, **over: str):
    """The same from settings alone: (address, the gunicorn master)."""
    over = {"port": str(free_port()), "workers": "2"} | over
    made = Settings(**{item.name: over.get(item.name, getattr(settings, item.name))
                       for item in fields(Settings)})
    process = subprocess.Popen(command or gunicorn_command(made), env=environment(made),
                               cwd=os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    try:
        wait_for(int(over["port"]), process)
        yield f"http://127.0.0.1:{over['port']}", process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(port: int, process: subprocess.Popen, seconds: float = 120) -> None:
    """Return once something listens; RuntimeError when the process ended or took too long."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        with socket.socket() as probe:
            probe.settimeout(5)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError("the server does not answer")


__all__ = ["environment", "free_port", "running", "served", "wait_for"]
