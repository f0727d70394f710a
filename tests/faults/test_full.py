"""The disk runs full in four places while bids come in (assurance F09), and is given room again.

The bids' files, the database, its write-ahead log and the folder of temporary files lie on small
file systems of their own. Full, the platform says so at once and takes nothing by halves; what
was acknowledged is there; with room again it goes on, PostgreSQL perhaps after a new start.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from audit.act import wiring
from kernel.db import db
from portal.factory import create_app
from tests import postgres
from tests.served import running
from tests.world import World, WorldClock, create_schema, settings_for

from .oracle import judge
from .swarm import Swarm

pytestmark = [pytest.mark.root, pytest.mark.faults]

SMALL = {"store": 48, "database": 220, "wal": 160, "temporary": 16}
"""MiB of the file system in each place: enough to begin with."""


@contextlib.contextmanager
def small_disk(place: Path, megabytes: int):
    """A file system of so many MiB at `place`; skips where it may not be mounted."""
    place.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0777", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a file system of one's own needs root")
    try:
        yield lambda more: subprocess.run(
            ["mount", "-o", f"remount,size={more}m", str(place)], check=True)
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)


def fill(place: Path) -> Path:
    """Leave no byte free under `place`; the file that holds it."""
    ballast = place / "ballast"
    with open(ballast, "wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(1 << 16))
    return ballast


@contextlib.contextmanager
def stand(tmp_path: Path, keys: Path, where: str):
    """A world whose `where` lies on a small disk: (world, server, that folder)."""
    with tempfile.TemporaryDirectory(prefix="yg-tight-") as made, \
            small_disk(Path(made) / "disk", SMALL[where]), contextlib.ExitStack() as stack:
        Path(made).chmod(0o711)  # PostgreSQL runs as nobody
        tight = Path(made) / "disk"
        server = postgres.Server(durable=True, place=tight if where == "database" else None)
        stack.callback(server.close)
        if where == "wal":
            server.stop()
            inside = tight / "wal"
            shutil.copytree(server.data / "pg_wal", inside)
            shutil.rmtree(server.data / "pg_wal")
            subprocess.run(["chown", "-R", f"{postgres.NOBODY}:{postgres.NOBODY}", inside],
                           check=True)
            inside.chmod(0o700)
            (server.data / "pg_wal").symlink_to(inside)
            server.start()
        data = tmp_path / "data"
        data.mkdir()
        shutil.copytree(keys, data / "keys")
        if where == "store":
            (data / "objects").symlink_to(tight)
        owner, application = server.database()
        settings = settings_for(data, application, owner)
        create_schema(settings)
        app = create_app(settings, WorldClock())
        with app.app_context():
            world = World(app, settings)
            try:
                yield world, server, tight
            finally:
                world.close()
                db.session.remove()
                db.engine.dispose()


@pytest.mark.parametrize("where", SMALL)
def test_a_full_disk_takes_nothing_by_halves(tmp_path, installation_keys, monkeypatch, where):
    with stand(tmp_path, installation_keys, where) as (world, server, tight):
        if where == "temporary":
            monkeypatch.setenv("TMPDIR", str(tight))
        lot = world.lots(world.published_tender())[0]
        db.session.remove()
        db.engine.dispose()
        with running(world.settings) as (address, _), \
                Swarm(world, lot, address, 4, size=200_000) as swarm:
            _until(lambda: len(swarm.ledger.acked) >= 4)
            ballast = fill(tight)
            before = len(swarm.ledger.acked)
            time.sleep(6)
            swarm.ledger.injected += 1
            stuck = len(swarm.ledger.acked)
            ballast.unlink()
            if not _answers(server):
                # A full log stops PostgreSQL for good (PANIC): somebody starts it again.
                server.kill()
                (server.data / "postmaster.pid").unlink(missing_ok=True)
                server.start()
            _until(lambda: len(swarm.ledger.acked) >= stuck + 4, 90)
            swarm.stop.set()
            for one in swarm.tenderers:
                one.join(60)
            swarm.settle()
        db.engine.dispose()
        verdict = judge(world.session, wiring().store, swarm.ledger)
        print(f"\nFAULTS F09 {where}: {before} before, {stuck - before} while full; {verdict}")
        verdict.require(1)
        if where in ("store", "wal"):
            assert stuck - before <= 4, "the disk was not full"


def _until(true, seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "nothing goes on"
        time.sleep(0.05)


def _answers(server: postgres.Server) -> bool:
    for _ in range(20):
        try:
            server._connect().close()
            return True
        except Exception:  # noqa: BLE001
            time.sleep(0.1)
    return False
