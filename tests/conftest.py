"""Fixtures for all tests: an application on each database, and a world around it."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as examples

from audit.keys import Keys
from kernel.db import db
from portal.factory import create_app

from . import alike, postgres, quick, remembered
from .guarded import guarded
from .lent import Lender
from .quick import pytest_collection_finish, pytest_collection_modifyitems  # noqa: F401
from .world import ORIGIN, World, WorldClock, as_started, create_schema, settings_for

DATABASES = ("sqlite", "postgres")

# The same examples in every run, and none of them against the clock. Who wants others sets
# YANGGUANG_EXAMPLES to `random`: what a search finds once in a hundred runs is for who searches.
examples.register_profile("steady", database=None, deadline=None,
                          derandomize=os.environ.get("YANGGUANG_EXAMPLES") != "random",
                          suppress_health_check=[HealthCheck.too_slow])
examples.load_profile("steady")
quick.remember_routes()
remembered.watch_patches()
quick.share_compiled_statements()
alike.share_routes()
alike.share_templates()


@pytest.fixture(scope="session", autouse=True)
def nothing_left():
    """What the tests start ends with the run, even if it is killed."""
    with guarded():
        yield


@pytest.fixture(scope="session")
def installation_keys(tmp_path_factory) -> Path:
    """A folder of keys that every test's installation copies."""
    folder = tmp_path_factory.mktemp("keys") / "keys"
    Keys.make(folder, ORIGIN)
    (folder / "secret").write_bytes(secrets.token_bytes(32))
    return folder


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory) -> Path:
    """A SQLite file with all tables and nothing else."""
    settings = settings_for(tmp_path_factory.mktemp("sqlite"))
    settings.folder.mkdir(parents=True, exist_ok=True)
    create_schema(settings)
    return settings.folder / "yangguang.db"


@pytest.fixture(scope="session")
def postgres_template() -> str:
    """The name of a PostgreSQL database with all tables and nothing else."""
    try:
        server = postgres.server()
    except postgres.NoPostgres as missing:
        pytest.skip(f"no postgres: {missing}")
    name = "template_of_tests"
    owner_url, app_url = server.database(name)
    create_schema(settings_for(Path("/nonexistent"), app_url, owner_url))
    return name


@pytest.fixture(scope="session")
def lender(postgres_template) -> Lender:
    """Lends copies of the template."""
    return Lender(postgres.server(), postgres_template)


@pytest.fixture(params=DATABASES)
def database(request) -> str:
    """Which database the test stands on: `sqlite` or `postgres`."""
    return request.param


@pytest.fixture
def installation(database, request, tmp_path, installation_keys):
    """Fresh settings of a fresh, empty installation on the database."""
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copytree(installation_keys, folder / "keys")
    if database == "sqlite":
        file = Path(shutil.copy(request.getfixturevalue("sqlite_template"), folder / "yangguang.db"))
        request.node.fresh = file.stat().st_mtime_ns
        yield settings_for(folder)
        return
    lender = request.getfixturevalue("lender")
    lent = lender.lend()
    request.node.fresh = lent.rows
    yield settings_for(folder, lent.app_url, lent.owner_url)
    lender.take_back(lent)


@pytest.fixture
def app(installation):
    """The application on fresh data, with its context pushed for the length of the test."""
    application = create_app(installation, WorldClock())
    application.testing = True
    as_started()
    with application.app_context():
        yield application
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def kept_worlds(tmp_path_factory) -> Path:
    """Where the files of worlds lie that are kept for other tests."""
    return tmp_path_factory.mktemp("worlds")


@pytest.fixture
def world(app, installation, database, request, kept_worlds):
    """The simulator around `app`; it begins on 2 March 2026, 09:00 in Beijing."""
    made = World(app, installation)
    if hasattr(request.node, "fresh"):
        made.remember(request.node.fresh, kept_worlds)
    yield made
    made.close()
