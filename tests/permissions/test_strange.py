"""Ten thousand strange requests to the whole API, at every station of a tender, by every role.

The short form, one of each operation, stands in `test_every_action.py`, where a course is
played anyway (Q61, F34).
"""

from __future__ import annotations

import os

import pytest

from .strange import Attack, drawn

NUMBER = int(os.environ.get("YANGGUANG_SEED", "1"))
"""The seed; printed, so that what was found can be found again."""


class Strange:
    """The attack on one database."""

    database = ""

    @pytest.mark.faults
    def test_ten_thousand_strange_requests(self, course):
        attack = Attack(course, drawn(course.bench.app, 12, NUMBER), NUMBER,
                        look=1 if self.database == "sqlite" else 0.15)
        for name in sorted(course.stations):
            attack.station(name)
        found = attack.found
        print(f"{self.database}, seed {NUMBER}: {found.tried} requests at {len(course.stations)} "
              f"stations, {len(found.routes)} of {len(attack.cases)} operations had their way, "
              f"{len(found.codes)} refusals; {dict(found.statuses)}")
        assert found.wrong == [], f"{len(found.wrong)}:\n" + "\n".join(sorted(found.wrong)[:60])
        assert found.tried >= 10_000


class TestOnSqlite(Strange):
    """The embedded database."""

    database = "sqlite"


class TestOnPostgres(Strange):
    """PostgreSQL."""

    database = "postgres"
