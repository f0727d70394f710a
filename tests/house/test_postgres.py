"""The PostgreSQL that the tests stand on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError

from tests import postgres

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def database():
    server = postgres.server()
    owner, application = server.database()
    engines = [create_engine(url) for url in (owner, application)]
    yield engines
    name = engines[0].url.database
    for engine in engines:
        engine.dispose()
    server.drop(name)


def test_the_application_may_do_only_what_the_owner_granted(database):
    owner, application = database
    with owner.begin() as connection:
        connection.execute(text("CREATE TABLE leaf (n int)"))
        connection.execute(text("GRANT SELECT, INSERT ON leaf TO yg_app"))
    with application.begin() as connection:
        connection.execute(text("INSERT INTO leaf VALUES (1)"))
        assert connection.execute(text("SELECT n FROM leaf")).scalar_one() == 1
    for refused in ("DELETE FROM leaf", "UPDATE leaf SET n = 2", "DROP TABLE leaf",
                    "CREATE TABLE other (n int)", "SET ROLE yg_owner"):  # fmt: skip
        denied = pytest.raises(ProgrammingError, match="permission denied|must be owner")
        with denied, application.begin() as connection:
            connection.execute(text(refused))


def test_a_template_is_copied_with_its_rows_and_grants(database):
    owner, _ = database
    with owner.begin() as connection:
        connection.execute(text("CREATE TABLE leaf AS SELECT 7 AS n"))
        connection.execute(text("GRANT SELECT ON leaf TO yg_app"))
    owner.dispose()
    server = postgres.server()
    _, application = server.database(template=owner.url.database)
    engine = create_engine(application)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT n FROM leaf")).scalar_one() == 7
    engine.dispose()
    server.drop(engine.url.database)


def test_it_listens_on_no_network_address():
    with postgres.Server(durable=True) as server:
        engine = create_engine(server.url("postgres"))
        with engine.connect() as connection:
            shown = [connection.execute(text(f"SHOW {name}")).scalar_one()
                     for name in ("listen_addresses", "fsync", "full_page_writes")]  # fmt: skip
        engine.dispose()
        assert shown == ["", "on", "on"]
        assert server.socket_folder.stat().st_mode & 0o077 == 0
        server.kill()
        server.start()
    assert not server.folder.exists()


def test_the_server_of_a_killed_run_is_swept():
    code = (
        "import os, signal; from tests import postgres; s = postgres.server();"
        "print(s.folder, s.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    folder, pid = ran.stdout.split()
    # Another worker that starts its server meanwhile may have swept already: either way it is gone.
    postgres.sweep()
    assert not Path(folder).exists()
    assert not postgres._alive(int(pid))


def test_a_forked_child_leaves_its_parents_server_alone():
    server = postgres.server()
    child = os.fork()
    if child == 0:
        try:
            server.close()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    engine = create_engine(server.url("postgres"))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    engine.dispose()
