"""The running installation: gunicorn for the public and for administrators, one tick loop for time."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from flask import Flask
from sqlalchemy import create_engine

from audit.keys import Keys
from people.door import MOST

from .config import Settings
from .factory import check_installation, create_app
from .tick import act_round, errands, tick

log = logging.getLogger("yangguang.serve")


def gunicorn_command(settings: Settings) -> list[str]:
    """The command line of the public's web server."""
    return _gunicorn("wsgi:app", f"{settings.host}:{settings.port}", settings.workers)


def offices_command(settings: Settings) -> list[str]:
    """The command line of the administrators' web server: processes of its own, so that a flood at
    the public's door leaves theirs open."""
    return _gunicorn("portal.offices:app()", f"{settings.admin_host}:{settings.admin_at}", "1")


def _gunicorn(application: str, bind: str, workers: str) -> list[str]:
    return [sys.executable, "-m", "gunicorn", application, "--bind", bind, "--workers", workers,
            "--worker-class", "portal.worker.Worker", "--threads", str(MOST + 2), "--timeout", "120",
            # Who was told to come again finds its connection still there.
            "--keep-alive", "15",
            "--graceful-timeout", "20", "--no-control-socket", "--log-level", "warning"]


def tick_loop(settings: Settings) -> None:
    """Tick until told to stop by SIGTERM or SIGINT.

    Errands have a thread of their own: a guarantor that does not answer must not hold up a
    close, a draw that is void without the platform's nonce, or the record.
    """
    app, stopped = create_app(settings), threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopped.set())
    keys, every = Keys.load(settings.keys), float(settings.tick_seconds)
    # It may be in the middle of a call when we end, as when we are killed: all of it is resumed.
    threading.Thread(target=again, args=(app, errands, every, stopped), daemon=True).start()
    again(app, lambda: act_round(keys), every, stopped)


def again(app: Flask, work: Callable[[], object], every: float, stopped: threading.Event) -> None:
    """Do it every so many seconds, inside an app context, until `stopped`."""
    with app.app_context():
        while not stopped.is_set():
            began = time.monotonic()
            try:
                work()
            except Exception:
                log.exception("a round failed; the next one tries again")
            stopped.wait(max(0.05, every - (time.monotonic() - began)))


def tick_once(settings: Settings) -> None:
    """One tick, with the record brought up to date."""
    with create_app(settings).app_context():
        tick(Keys.load(settings.keys))


def _start(command: list[str]) -> subprocess.Popen:
    return subprocess.Popen(command, env=dict(os.environ))


def serve(settings: Settings) -> int:
    """Run the web servers and the tick loop until one of them ends or we are told to stop.

    Raises NotReady before it starts anything.
    """
    engine = create_engine(settings.url)
    try:
        check_installation(engine, settings)
    finally:
        engine.dispose()
    children = [_start(gunicorn_command(settings)),
                _start([sys.executable, "-m", "portal.cli", "tick", "--loop"])]
    if settings.admin_at:
        children.append(_start(offices_command(settings)))
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
