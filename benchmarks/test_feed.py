"""A reader behind 200 public acts a second, and lists of a million tenders against a thousand."""

from __future__ import annotations

import threading
import time

import pytest
from sqlalchemy import text

from kernel.db import db
from tender import feed

from .measure import median

pytestmark = [pytest.mark.bench,
              pytest.mark.parametrize("database", ["postgres"], indirect=True)]

RATE, SECONDS, WRITERS = 200, 10, 8

ROW = """INSERT INTO pending_change (entry_id, type, at, tender_id, lot_id)
         VALUES (:entry, 'bench.tried', clock_timestamp(), :tender, NULL)"""


def test_a_reader_behind_200_acts_a_second(world):
    """Rows as acts write them, by 8 writers; the lag is from COMMIT to the reader's answer."""
    committed: dict[str, float] = {}
    seen: dict[str, float] = {}
    twice, stop = [], threading.Event()

    def write(number: int) -> None:
        with world.app.app_context():
            began = time.monotonic()
            for turn in range(RATE * SECONDS // WRITERS):
                time.sleep(max(0.0, began + turn * WRITERS / RATE - time.monotonic()))
                entry = f"{number:04x}{turn:028x}"
                with db.engine.begin() as connection:
                    connection.execute(text(ROW), {"entry": entry, "tender": "0" * 32})
                committed[entry] = time.monotonic()

    def read() -> None:
        with world.app.app_context():
            cursor = None
            while True:
                last = stop.is_set()
                rows, cursor = feed.changes_after(db.session(), cursor, 500)
                now = time.monotonic()
                twice.extend(row.entry_id for row in rows if row.entry_id in seen)
                seen.update({row.entry_id: now for row in rows})
                if last and not rows:
                    break
                time.sleep(0.05)
            db.session.remove()

    reader = threading.Thread(target=read)
    reader.start()
    began = time.monotonic()
    writers = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    took = time.monotonic() - began
    stop.set()
    reader.join()
    lags = sorted(max(0.0, seen[entry] - at) for entry, at in committed.items() if entry in seen)
    lost, p99 = len(committed.keys() - seen.keys()), lags[len(lags) * 99 // 100]
    print(f"\nBENCH feed: {len(committed) / took:.0f} acts/s, {lost} lost, {len(twice)} repeated, "
          f"lag p50 {lags[len(lags) // 2]:.3f} s, p99 {p99:.3f} s (target 1)")
    assert (lost, twice) == (0, []) and p99 <= 1


def test_lists_of_a_million_tenders(world):
    """The first page, one from the middle, and a page of the feed, at 1,000 and at 1,000,000."""
    tender = world.published_tender()
    client, found = world.client(), {}
    for total in (1_000, 1_000_000):
        _fill(world, tender.id, total)
        middle = world.raw("SELECT position, entry_id FROM change WHERE position = :at",
                           at=total // 2)[0]
        deep = _cursor(client, total)
        for name, path in (("tenders", "/tenders?limit=50"),
                           ("tenders, in the middle", f"/tenders?limit=50&cursor={deep}"),
                           ("changes", "/changes?limit=100"),
                           ("changes, in the middle",
                            f"/changes?limit=100&after={middle[0]}-{middle[1]}")):
            times = []
            for _ in range(15):
                began = time.perf_counter()
                assert client.get(path).status_code == 200
                times.append(time.perf_counter() - began)
            found.setdefault(name, []).append(median(times))
    for name, (few, many) in found.items():
        print(f"\nBENCH {name}: 1,000 {few * 1000:.1f} ms, 1,000,000 {many * 1000:.1f} ms, "
              f"{many / few:.2f} x (target 1.5)")
    assert all(many <= 1.5 * few for few, many in found.values())


def _fill(world, tender_id: str, total: int) -> None:
    """As many tenders, each with a lot and its publication, and as many changes."""
    have = world.raw("SELECT count(*) FROM tender")[0][0]
    span = {"first": have + 1, "last": total, "tender": tender_id}

    def like(table: str, own: dict[str, str], where: str) -> None:
        names = [row[0] for row in world.raw(
            "SELECT column_name FROM information_schema.columns WHERE table_name = :name",
            name=table)]
        values = ", ".join(own.get(name, f'one."{name}"') for name in names)
        world.raw(f"INSERT INTO {table} ({', '.join(chr(34) + name + chr(34) for name in names)}) "
                  f"SELECT {values} FROM {table} AS one, "
                  f"generate_series(CAST(:first AS int), CAST(:last AS int)) AS n WHERE {where}",
                  **span)

    number = "lpad(to_hex(n), 32, '0')"
    like("tender", {"id": number, "ocid": "'o' || n", "code": "lpad(n::text, 20, '0')",
                    "published_at": "one.published_at - n * interval '1 second'"},
         "one.id = :tender")
    like("lot", {"id": number, "tender_id": number, "section_code": "lpad(n::text, 23, '0')"},
         "one.tender_id = :tender")
    like("lot_outcome", {"id": number, "lot_id": number},
         "one.lot_id = (SELECT id FROM lot WHERE tender_id = :tender)")
    placed = world.raw("SELECT coalesce(max(position), 0) FROM change")[0][0]
    world.raw("INSERT INTO change (position, entry_id, type, at, tender_id) SELECT n, "
              "'c' || lpad(to_hex(n), 31, '0'), 'bench.tried', now(), :tender "
              "FROM generate_series(CAST(:placed AS int) + 1, CAST(:last AS int)) AS n",
              placed=placed, last=total, tender=tender_id)
    world.raw("ANALYZE")


def _cursor(client, total: int) -> str:
    """The cursor of a page in the middle of the list."""
    from people.paging import _write

    rows = client.world.raw("SELECT published_at, id FROM tender ORDER BY published_at DESC "
                            "OFFSET :half LIMIT 1", half=total // 2)
    return _write([rows[0][0], rows[0][1]])
