"""Public lists are read in the order of an index: no page of them sorts all there is."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from kernel.db import db
from portal import awarded, market, watched

LISTS = ("/works", "/works?year=2026", "/works?village=v", "/services", "/direct-awards")


@pytest.fixture
def asked(world):
    """The statements that were sent, with their values."""
    if world.postgres:
        pytest.skip("with no rows its planner rightly sorts")
    seen: list[tuple[str, tuple]] = []

    def note(_connection, _cursor, statement, values, *_more):
        seen.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def test_a_page_of_a_list_sorts_nothing(world, asked):
    for path in LISTS:
        assert world.client().get(path).status_code == 200
    now = world.now
    watched.shown(db.session(), watched.wish("2026", "", "", now), now)
    market.listed(db.session(), now)
    market.steps(db.session(), limit=50)
    awarded.listed(db.session())
    ordered = [one for one in asked if " ORDER BY " in one[0].replace("\n", " ")
               and any(table in one[0] for table in ("village_work", "service", "direct_award"))]
    assert len(ordered) >= len(LISTS) + 4
    for statement, values in ordered:
        plan = [row.detail for row in db.session.connection().exec_driver_sql(
            "EXPLAIN QUERY PLAN " + statement, values)]
        assert not any(step.startswith(("SCAN village_work", "SCAN service", "SCAN direct_award"))
                       and "USING INDEX" not in step for step in plan), (statement, plan)
        if "UNION" not in statement:  # of which the fifty newest of each kind are sorted
            assert not any("TEMP B-TREE" in step for step in plan), (statement, plan)
