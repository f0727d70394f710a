"""A bill of quantities of 5,000 lines from a workbook: reading, and the whole import."""

from __future__ import annotations

import io
import time

import pytest
from openpyxl import Workbook

from kernel.db import db
from tender import acts, bills

pytestmark = pytest.mark.bench

LINES = 5000
SECOND = 1.0
"""The target: five thousand lines in under a second."""


def spreadsheet() -> bytes:
    """The workbook as a spreadsheet program writes it: shared strings, numbers as floats."""
    book, out = Workbook(), io.BytesIO()
    book.active.title = bills.SHEET
    book.active.append([column.heads[0] for column in bills.COLUMNS])
    for line in range(1, LINES + 1):
        book.active.append([f"{line:012d}", f"挖一般土方 第 {line} 项，三类土，挖深 2m 以内", "m3",
                            line + 0.125])
    book.save(out)
    return out.getvalue()


def test_five_thousand_lines(world):
    data, tender = spreadsheet(), world.draft_tender(items=0)
    lot = world.lots(tender)[0].id
    reads, imports = [], []
    for _ in range(3):
        began = time.process_time()
        items = bills.read(io.BytesIO(data), len(data))
        read = time.process_time()
        db.session.rollback()
        acts.set_items(world.clerk, lot, items=items)
        reads.append(read - began)
        imports.append(time.process_time() - began)
    assert len(items) == LINES
    print(f"\n{LINES} lines, {len(data) >> 10} KiB: read {min(reads):.3f} s, "
          f"read and stored {min(imports):.3f} s of CPU ({'postgres' if world.postgres else 'sqlite'})")
    assert min(imports) < SECOND
