"""A record of its own for each test, on both databases."""

import pytest

from tests import postgres

from .stores import Log


@pytest.fixture(params=["sqlite", "postgres"])
def log(request, tmp_path):
    """A record whose tables alone exist, with the application's rights on PostgreSQL."""
    if request.param == "sqlite":
        made = Log(f"sqlite:///{tmp_path / 'record.db'}", tmp_path)
        yield made
        made.close()
        return
    server = postgres.server()
    owner, application = server.database()
    made = Log(application, tmp_path, owner, postgres.APPLICATION)
    yield made
    made.close()
    server.drop(application.partition("@/")[2].partition("?")[0])


@pytest.fixture
def quick(tmp_path):
    """A record on SQLite, for what no database changes."""
    made = Log(f"sqlite:///{tmp_path / 'record.db'}", tmp_path)
    yield made
    made.close()
