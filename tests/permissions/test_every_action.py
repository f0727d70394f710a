"""Every action × role × phase of the permission table, over HTTP, on both databases (Q15-Q18)."""

from __future__ import annotations

import pytest

from .bench import Bench
from .checker import Checker
from .course import Course
from .table import PHASES


@pytest.fixture(scope="class")
def course(request, installation_keys):
    """The course, kept at every station of it, on the database of the class."""
    database = request.cls.database
    bench = Bench(database, installation_keys, request.getfixturevalue(f"{database}_template"))
    try:
        yield Course(bench)
    finally:
        bench.close()


class EveryCell:
    """One course on one database; each test puts its own state back."""

    database = ""

    @pytest.mark.parametrize("phase", PHASES)
    def test_phase(self, course, phase):
        """All 66 actions by all 19 roles in one phase."""
        checker = Checker(course)
        checker.phase(phase)
        assert not checker.outcome.faults, "\n".join(checker.outcome.faults)


class TestOnSqlite(EveryCell):
    """The embedded database."""

    database = "sqlite"


class TestOnPostgres(EveryCell):
    """PostgreSQL."""

    database = "postgres"
