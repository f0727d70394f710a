"""The story on the embedded database."""

import pytest

from .played import Evidence, Played


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    folder = tmp_path_factory.mktemp("story") / "demo"
    return Played(folder, {"DATABASE_URL": "", "DATABASE_OWNER_URL": ""}, lambda: b"")


class TestOnSqlite(Evidence):
    """Files are the whole of the embedded database, so they are all that is searched."""
