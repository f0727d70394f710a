"""A reader behind 200 public acts a second."""

from __future__ import annotations

import threading
import time

import pytest
from sqlalchemy import text

from kernel.db import db
from tender import feed

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
