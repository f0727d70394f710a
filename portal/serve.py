"""The running installation: gunicorn for people, one tick loop for time."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time

from audit.keys import Keys
from people.door import MOST

from .config import Settings
from .factory import create_app
from .tick import tick

log = logging.getLogger("yangguang.serve")


def gunicorn_command(settings: Settings) -> list[str]:
    """The command line of the web server."""
    return [sys.executable, "-m", "gunicorn", "wsgi:app", "--bind",
            f"{settings.host}:{settings.port}", "--workers", settings.workers,
            "--worker-class", "gthread", "--threads", str(MOST + 2), "--timeout", "120",
            "--graceful-timeout", "20", "--no-control-socket", "--log-level", "warning"]


def tick_loop(settings: Settings) -> None:
    """Tick until told to stop by SIGTERM or SIGINT."""
    app = create_app(settings)
    stopped = []
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopped.append(True))
    with app.app_context():
        keys = Keys.load(settings.keys)
        while not stopped:
            began = time.monotonic()
            try:
                tick(keys)
            except Exception:
                log.exception("a tick failed; the next one tries again")
            while not stopped and time.monotonic() - began < float(settings.tick_seconds):
                time.sleep(0.05)


def tick_once(settings: Settings) -> None:
    """One tick, with the record brought up to date."""
    with create_app(settings).app_context():
        tick(Keys.load(settings.keys))


def serve(settings: Settings) -> int:
    """Run gunicorn and the tick loop until one of them ends or we are told to stop."""
    environment = dict(os.environ)
    children = [subprocess.Popen(gunicorn_command(settings), env=environment),
                subprocess.Popen([sys.executable, "-m", "portal.cli", "tick", "--loop"],
                                 env=environment)]
    stopped = []
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopped.append(True))
    while not stopped and all(child.poll() is None for child in children):
        time.sleep(0.2)
    for child in children:
        if child.poll() is None:
            child.terminate()
    for child in children:
        try:
            child.wait(30)
        except subprocess.TimeoutExpired:
            child.kill()
    return 0 if stopped else 1
