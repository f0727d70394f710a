"""Village works, services and direct awards, a million of each against a thousand, on PostgreSQL:
their lists, what their pages are made of, the steps of services, a page of a month's file.

As `test_many.py`: two installations, asked by turns, and pages that the thousand can fill.
`YANGGUANG_BENCH_ROWS` says how many.
"""

from __future__ import annotations

import base64
import os
import time
from datetime import datetime

import pytest
from sqlalchemy import text

from kernel.canonical import jcs, time_text
from kernel.db import db
from portal import awarded, bulk, market, watched

from . import many
from .measure import median
from .test_many import API, answer

pytestmark = pytest.mark.bench

FEW, MANY, CALLS = 1000, int(os.environ.get("YANGGUANG_BENCH_ROWS", "1000000")), 21
SPAN = tuple(datetime.fromisoformat(f"{year}-01-01T00:00:00+08:00") for year in (2024, 2025))
"""Of ten years, so that the thousand too fill a page of a file."""
SMALL = "&limit=20"

REQUESTS = {
    "works": "/works?limit=50", "works of a year": "/works?year=2024" + SMALL,
    "works of a county": "/works?region=330703" + SMALL,
    "works of a village": "/works?village=v7" + SMALL,
    "works, in the middle": "/works?cursor={village_work}",
    "services": "/services?limit=50", "services, in the middle": "/services?cursor={service}",
    "steps of services": "/services.atom",
    "steps of services, in the middle": "/services.atom?before={middle}-published",
    "direct awards": "/direct-awards?limit=50",
    "direct awards, in the middle": "/direct-awards?cursor={direct_award}",
    "months of files": "/bulk",
}
READINGS = {
    "page of works of a year": lambda now, _: watched.shown(
        db.session(), watched.wish("2024", "", "", now), now),
    "page of services": lambda now, _: market.listed(db.session(), now),
    "page of services, in the middle": lambda now, middle: market.listed(
        db.session(), now, after=middle),
    "page of direct awards": lambda _now, _: awarded.listed(db.session()),
    "page of direct awards, in the middle": lambda _now, middle: awarded.listed(
        db.session(), after=middle),
} | {f"lines of a file of {kind}": lambda now, _, kind=kind: _second(
    bulk.other_table(db.engine, SPAN, now, kind)) for kind in ("services", "direct-awards")}


def _second(parts):
    next(parts)
    return next(parts)


def test_registers_of_a_million_against_a_thousand(tmp_path, postgres_template):
    with many.installation(tmp_path / "few") as few, many.installation(tmp_path / "many") as lots:
        places = []
        for world, total in ((few, FEW), (lots, MANY)):
            with world.app.app_context():
                places.append(_fill(world, total))
                db.session.remove()
        ratios = {}
        for name in (*REQUESTS, *READINGS):
            took: list[list[float]] = [[], []]
            for _ in range(CALLS):
                for which, world in enumerate((few, lots)):
                    took[which].append(_asked(world, name, places[which]))
            ours = [median(one[1:]) * 1000 for one in took]
            ratios[name] = ours[1] / ours[0]
            print(f"BENCH {name:38} {ours[0]:7.1f} ms {ours[1]:7.1f} ms  {ratios[name]:5.2f} x",
                  flush=True)
    print(f"BENCH the median of all {median(list(ratios.values())):.2f} x, the worst "
          f"{max(ratios.values()):.2f} x (target 1.5), load {os.getloadavg()[0]:.1f}")
    assert median(list(ratios.values())) <= 1.5


def _asked(world, name: str, places: dict[str, str]) -> float:
    """Seconds of one question."""
    if name in REQUESTS:
        began = time.perf_counter()
        answer(world, API + REQUESTS[name].format(**places))
        return time.perf_counter() - began
    with world.app.app_context():
        began = time.perf_counter()
        READINGS[name](world.now, places["middle"])
        took = time.perf_counter() - began
        db.session.remove()
    return took


def _fill(world, total: int) -> dict[str, str]:
    """`total` rows of each register over ten years; what a page in their middle is asked with."""
    buyer = world.buyer_unit().id
    at = "timestamptz '2024-12-01' - interval '3650 days' * (n::float / :total)"
    own = {"id": "lpad(to_hex(n), 32, '0')", "buyer_id": f"'{buyer}'", "party_id": f"'{buyer}'",
           "region": "'3307' || lpad((n % 29 + 1)::text, 2, '0')", "title": "'道路' || n",
           "name": "'道路' || n", "code": "lpad(n::text, 20, '0')", "ocid": "'ocds-yg-' || n",
           "village": "'v' || n / 20", "year": f"extract(year from {at})::int",
           "state": "'planned'", "method": "'quote'", "approved_person": "'other'",
           "entered_at": at, "requested_at": at, "approved_at": at, "offers_until": at,
           "drafted_at": at, "published_at": at, "decided_at": at, "contracted_at": at,
           "winner_id": f"'{buyer}'", "price_fen": "1", "amount_fen": "1"}
    found = {"middle": f"{total // 2:032x}"}
    for table, when in (("village_work", "entered_at"), ("service", "requested_at"),
                        ("direct_award", "published_at")):
        columns = world.raw("SELECT column_name, data_type, is_nullable FROM "
                            "information_schema.columns WHERE table_name = :table", table=table)
        given = {name: own.get(name) or ("1" if kind in ("integer", "bigint") else "'1'")
                 for name, kind, nullable in columns if name in own or nullable == "NO"}
        world.raw(f"INSERT INTO {table} ({', '.join(given)}) SELECT {', '.join(given.values())} "
                  f"FROM generate_series(1, CAST(:total AS int)) AS n", total=total)
        moment = world.raw(f"SELECT {when} FROM {table} WHERE id = :id", id=found["middle"])[0][0]
        found[table] = base64.urlsafe_b64encode(
            jcs([time_text(moment), found["middle"]])).decode().rstrip("=")
    with world._raw.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return found
