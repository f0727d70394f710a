"""The stage of the demonstration: folder, processes and the day that can be moved.

The platform runs as it would for anybody: migrated, then gunicorn with two workers and a
tick loop. The guarantor is a process of its own. Everything started here is ended here.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from sqlalchemy import Engine, create_engine, select

from audit.model import PendingEntry
from bidding.holding import Pins
from kernel.refusal import Refused
from portal import admin
from portal.config import Settings
from portal.refusals import BACKWARDS

from . import outsiders
from .ports import free_port

MARK = ".yangguang-demo"
MOST_BEATS = 40
BEAT = timedelta(seconds=60)
PATIENCE = 60
"""Seconds in which a tick comes by, however slow the machine is."""


class Stage:
    """Folder, environment and processes of one demonstration; a context manager."""

    def __init__(self, folder: Path, environment: dict[str, str] | None = None):
        self.evidence = Path(folder).resolve()
        """What is left for everybody; nothing else lies in it."""
        self.folder = self.evidence.with_name(self.evidence.name + "-stage")
        """Everything that runs: the platform, and other people's machines."""
        self.port, self.admin_port = free_port(), free_port()
        given = os.environ if environment is None else environment
        self.environment = dict(given) | {
            "YANGGUANG_DATA": str(self.folder / "platform"),
            "YANGGUANG_ACCELERATOR": "1",
            "YANGGUANG_PORT": str(self.port),
            "YANGGUANG_ADMIN_PORT": str(self.admin_port),
            "YANGGUANG_TICK_SECONDS": "0.2",
            "YANGGUANG_RATE_PER_MINUTE": "0",
            "YANGGUANG_LOG_ORIGIN": "demo.yangguang.example/log",
            "YANGGUANG_ARGON2": given.get("YANGGUANG_ARGON2", "1,19456,1"),
        }
        self.settings = Settings.from_environment(self.environment)
        self.children: list[subprocess.Popen] = []

    @property
    def address(self) -> str:
        """Where the site answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def admin_address(self) -> str:
        """Where the administrators' own door is."""
        return f"http://127.0.0.1:{self.admin_port}"

    def __enter__(self) -> Self:
        self._clear()
        return self

    def __exit__(self, *_exception) -> None:
        self.end()

    def _clear(self) -> None:
        """Begin with empty folders; folders that are not a demonstration's are left alone."""
        mark = self.folder / MARK
        for folder in (self.evidence, self.folder):
            if folder.exists() and any(folder.iterdir()) and not mark.exists():
                raise SystemExit(
                    f"{folder} holds something that is no demonstration; "
                    "name another folder with --folder."
                )
        if mark.exists():
            _end_left_over(mark)
        for folder in (self.evidence, self.folder):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        mark.write_text("[]", "ascii")

    def command(self, *words: str, given: str = "") -> str:
        """Run `yangguang WORDS` as the operator would, `given` on its standard input; return
        what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "portal.cli", *words],
            check=False,
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=120,
        )
        if done.returncode:
            raise RuntimeError(f"yangguang {' '.join(words)}: {done.stderr[-2000:]}")
        return done.stdout.strip()

    def start(self, *words: str, log: str, module: str = "portal.cli") -> subprocess.Popen:
        """Start `yangguang WORDS` (or another module) in the background, its output in `log`."""
        with open(self.folder / log, "ab") as output:
            child = subprocess.Popen(
                [sys.executable, "-m", module, *words],
                env=self.environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.children.append(child)
        (self.folder / MARK).write_text(
            json.dumps([[one.pid, _born(one.pid)] for one in self.children]), "ascii"
        )
        return child

    def serve(self) -> None:
        """Start the platform and wait for its first answer."""
        child = self.start("serve", log="platform.log")
        self._wait(f"{self.address}/api/v1/health", child, "platform.log")
        self._wait(f"{self.admin_address}/api/v1/health", child, "platform.log")

    def guarantor(self, uscc: str) -> dict[str, str]:
        """Start the guarantor; return its card (uscc, public_key, url) and its two bearers."""
        folder = self.folder / "guarantor"
        child = self.start(
            "guarantor", "--folder", str(folder), "--uscc", uscc, log="guarantor.log"
        )
        card = folder / "guarantor.json"
        while not (card.exists() and card.read_text("utf-8")):
            if child.poll() is not None:
                raise RuntimeError((self.folder / "guarantor.log").read_text()[-2000:])
            time.sleep(0.05)
        known = json.loads(card.read_text("utf-8"))
        self._wait(f"{known['url']}/health", child, "guarantor.log")
        return known | {
            name: (folder / f"{name}.token").read_text().strip() for name in ("counter", "platform")
        }

    def set(self, **variables: str) -> None:
        """Give what is started from now on more settings."""
        self.environment |= variables
        self.settings = Settings.from_environment(self.environment)

    def pins(self) -> Pins:
        """The keys that holders believe: the log's, and the witnesses' where there are any."""
        witnesses = self.settings.witnesses
        return Pins.read(self.settings.keys / "log.vkey", Path(witnesses) if witnesses else None)

    def forward(self, to: datetime) -> None:
        """Move the time forward to `to`, the witnesses' and then the platform's, once the record holds what it must by then.

        Veiled entries wait for their beat; a jump over it would break the promises of receipts.
        Done in this process: a command of its own for each minute would spend most of the story
        on importing.
        """
        engine = create_engine(self.settings.url)
        try:
            for _ in range(MOST_BEATS):
                before = self._veiled(engine)
                if not before or self._now() + BEAT >= to:
                    break
                outsiders.forward(self, admin.moved(self.settings, seconds=BEAT.total_seconds()))
                # Some of them come out with this beat, as soon as a tick comes by. Others may
                # have come to wait meanwhile: their number says nothing.
                waiting = time.monotonic() + PATIENCE
                while time.monotonic() < waiting and before <= self._veiled(engine):
                    time.sleep(0.1)
        finally:
            engine.dispose()
        if self._now() >= to:
            return  # it has become later than that by itself
        outsiders.forward(self, to)
        try:
            admin.moved(self.settings, to)
        except SystemExit as ended:
            # The same, in this very moment.
            refused = ended.__cause__
            if not isinstance(refused, Refused) or refused.word is not BACKWARDS:
                raise

    def _now(self) -> datetime:
        """The platform's time."""
        with urllib.request.urlopen(f"{self.address}/api/v1/time", timeout=PATIENCE) as answer:
            return datetime.fromisoformat(json.load(answer)["now"])

    @staticmethod
    def _veiled(engine: Engine) -> set[str]:
        """The entries that wait for their beat."""
        with engine.connect() as connection:
            return set(connection.scalars(select(PendingEntry.id).where(PendingEntry.veiled)))

    def _wait(self, address: str, child: subprocess.Popen, log: str, seconds: float = 300) -> None:
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            if child.poll() is not None:
                break
            try:
                with urllib.request.urlopen(address, timeout=30) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise RuntimeError(f"{address} did not answer: {(self.folder / log).read_text()[-3000:]}")

    def end(self) -> None:
        """End every process that was started here."""
        for child in reversed(self.children):
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        for child in self.children:
            try:
                child.wait(40)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait(10)
        self.children.clear()


def _born(pid: int) -> str:
    """When a process started, so that a number used again is not mistaken for it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
    except OSError:
        return ""


def _end_left_over(mark: Path) -> None:
    """End what an interrupted demonstration left running in its own process groups."""
    try:
        left = json.loads(mark.read_text("ascii"))
    except ValueError:
        return
    for pid, born in left:
        if born and _born(pid) == born:
            os.killpg(pid, signal.SIGKILL)
