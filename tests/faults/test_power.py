"""The power is cut while companies bid (F07, F08): what was acknowledged is on the disk.

The database and the bids lie on one disk; a cut is a copy of what the platters hold at that
instant, on which the installation is started anew and examined. Planted: the files without
fsync, the folders without fsync, a database without fsync; each must be found.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError

from kernel import store
from kernel.db import configure_sqlite, db
from portal.factory import create_app
from tests import postgres
from tests.world import World, WorldClock, create_schema, settings_for

from .disk import Disk, NoRig
from .oracle import Ledger, Verdict, judge_at
from .workload import Workload

pytestmark = [pytest.mark.root, pytest.mark.faults]

CUTS = {"sqlite": 200, "postgres": 100}
"""How many cuts the full run makes (assurance F07, F08)."""
BETWEEN = 4
"""Acknowledged versions between two cuts, at least."""


class Installation:
    """A world on a disk that can be cut."""

    def __init__(self, kind: str, keys: Path, durable: bool = True):
        self.kind = kind
        place = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path(tempfile.gettempdir())
        self.disk = Disk(Path(tempfile.mkdtemp(prefix="yg-disk-", dir=place)))
        self.server = None
        try:
            self._install(keys, durable)
        except BaseException:
            self.close()
            raise

    def _install(self, keys: Path, durable: bool) -> None:
        data = self.disk.at / "data"
        data.mkdir()
        shutil.copytree(keys, data / "keys")
        if self.kind == "postgres":
            self.server = postgres.Server(durable=durable, place=self.disk.at)
            owner, application = self.server.database()
            self.settings = settings_for(data, application, owner)
        else:
            self.settings = settings_for(data)
        create_schema(self.settings)
        store.Store(data / "objects").prepare()
        os.sync()
        self.app = create_app(self.settings, WorldClock())
        self.context = self.app.app_context()
        self.context.push()
        self.world = World(self.app, self.settings)

    def after_a_cut(self, work: Workload, between: int) -> Verdict:
        """What is found on the disk as it is now; a database that does not come back has lost all."""
        ledger = work.wait_for(between)
        try:
            with self.disk.cut() as place, work.paused():
                return self._after_a_cut(place, ledger)
        except (DBAPIError, postgres.NoPostgres) as gone:
            print(f"the database does not come back: {gone}"[:200])
            return Verdict(ledger, lost=[str(key) for key in sorted(ledger.acked)])

    def _after_a_cut(self, place: Path, ledger: Ledger) -> Verdict:
        if self.server is None:
            engine = create_engine(f"sqlite:///{place / 'data' / 'yangguang.db'}")
            configure_sqlite(engine)
            found = judge_at(engine, place / "data", ledger)
            engine.dispose()
            return found
        with self.server.over(place / self.server.folder.relative_to(self.disk.at)) as other:
            engine = create_engine(other.url(self._name(), postgres.OWNER))
            found = judge_at(engine, place / "data", ledger)
            engine.dispose()
        return found

    def _name(self) -> str:
        return self.settings.url.partition("@/")[2].partition("?")[0]

    def close(self) -> None:
        """End everything and unmount."""
        if hasattr(self, "world"):
            self.world.close()
            db.session.remove()
            db.engine.dispose()
            self.context.pop()
        if self.server is not None:
            self.server.close()
        self.disk.close()


@pytest.fixture
def installed(request, installation_keys):
    made = []

    def install(kind: str, durable: bool = True) -> Installation:
        try:
            made.append(Installation(kind, installation_keys, durable))
        except (NoRig, postgres.NoPostgres) as missing:
            pytest.skip(f"no power to cut here: {missing}")
        return made[-1]

    yield install
    for one in made:
        one.close()


def cut_often(installation: Installation, cuts: int, sabotage=None,
              between: int = BETWEEN) -> Verdict:
    """Cut the power `cuts` times under work; what was found, summed over the cuts."""
    world = installation.world
    lot = world.lots(world.published_tender())[0]
    work = Workload(world, lot, companies=max(12, cuts * between // 100), sabotage=sabotage)
    total = Verdict(work.ledger)
    work.start()
    try:
        for number in range(1, cuts + 1):
            found = installation.after_a_cut(work, between)
            work.ledger.injected += 1
            total.lost += found.lost
            total.partial += found.partial
            total.wrong += found.wrong
            if number % 20 == 0:
                print(f"  {number} cuts: {total}", flush=True)
    finally:
        work.stop()
    print(f"\nFAULTS {installation.kind}: cuts of power: {total}", flush=True)
    assert len(work.ledger.acked) >= cuts * between // 2, "the workers stood still"
    return total


@pytest.mark.parametrize("kind", CUTS)
def test_nothing_acknowledged_is_lost(installed, kind):
    cuts = int(os.environ.get("YANGGUANG_CUTS", CUTS[kind]))
    cut_often(installed(kind), cuts).require(cuts)


def _no_fsync() -> None:
    store.os.fsync = lambda _handle: None


def _no_folder_fsync() -> None:
    store.sync_folder = lambda _folder: None


@pytest.mark.parametrize("sabotage", [_no_fsync, _no_folder_fsync])
def test_files_without_fsync_would_be_found(installed, sabotage):
    # So much work that the log of the database is written over: as long as it grows, its own
    # fsync takes a forgotten folder along.
    found = cut_often(installed("sqlite"), 10, sabotage, between=40)
    assert found.lost or found.partial, "the rig cuts no power"


def test_a_database_without_fsync_would_be_found(installed):
    assert cut_often(installed("postgres", durable=False), 6).lost, "the rig cuts no power"
