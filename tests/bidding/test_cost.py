"""The work of one bid does not grow with the bids that are there (no scans)."""

from sqlalchemy import event

from bidding.client import send_piece
from bidding.manifest import PARTS
from bidding.wire import call
from kernel.canonical import jcs
from kernel.db import db

COMPARING = "SELECT clock_timestamp()"
"""By which the watch compares two clocks every few seconds, whatever is asked meanwhile."""


def statements(world, call):
    found = []

    def note(_c, _cursor, statement, *_):
        if statement != COMPARING:
            found.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        call()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return found


def test_a_bid_takes_the_same_statements_whatever_the_lot_holds(world):
    lot = world.lots(world.published_tender())[0]

    def one():
        company = world.company()
        sealed = world.seal(lot, company)
        return statements(world, lambda: (world.declare(lot, company, sealed),
                                          world.send(company, sealed)))

    first = one()
    for _ in range(6):
        one()
    later = one()
    assert len(later) == len(first), [s for s in later if s not in first]
    print(f"{len(first)} statements for declaration and three blocks")


def test_the_statements_of_a_bid_use_indexes(world):
    if world.postgres:
        return  # with so few rows its planner rightly reads whole tables
    lot = world.lots(world.published_tender())[0]
    company = world.company()
    sealed = world.seal(lot, company)
    found = statements(world, lambda: (world.declare(lot, company, sealed),
                                       world.send(company, sealed)))
    scanned = set()
    with db.engine.connect() as connection:
        for statement in found:
            if not statement.lstrip().startswith("SELECT"):
                continue
            count = statement.count("?")
            for row in connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement,
                                                  ("x",) * count):
                if row.detail.startswith("SCAN") and "installation" not in row.detail:
                    scanned.add(row.detail)
    assert not scanned


def test_a_bid_by_http_keeps_within_its_budget(world):
    """What the last minute rests on: 244 statements and five commits before they were counted."""
    lot = world.lots(world.published_tender())[0]
    company = world.company()
    sealed, wire = world.seal(lot, company), world.wire(company)
    call(wire, "GET", "/tenders")  # signs in
    commits, body = [], {"declaration": jcs(sealed.declaration).decode(), "wraps": sealed.wraps,
                         **company.sign(sealed.declaration)}
    told = []

    def committed(connection):
        commits.append(connection)

    def bid():
        call(wire, "POST", f"/lots/{lot.id}/bids", body, key="declare-" + sealed.declaration["bid"])
        for part in PARTS:
            told.append(send_piece(wire, sealed.declaration, part, 0,
                                   sealed.files[part].read_bytes()))

    event.listen(db.engine, "commit", committed)
    try:
        found = statements(world, bid)
    finally:
        event.remove(db.engine, "commit", committed)
    assert told[-1]["receipt"]
    counted = [one for one in found if not one.startswith("BEGIN")]
    print(f"{len(counted)} statements and {len(commits)} commits for a bid by HTTP")
    assert len(counted) <= 90 and len(commits) == 4
