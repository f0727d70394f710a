"""Workbooks that we hand out: a heading line, typed columns, and no text that could be run."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from .sheets import Column

_WHEN = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""The same file for the same rows, whenever it is asked for."""
_WIDE = {"text": 24, "code": 18, "decimal": 14, "fen": 16, "day": 13, "whole": 10}
_FORMATS = {"text": "@", "code": "@", "fen": "#,##0.00", "day": "yyyy-mm-dd", "whole": "0"}


def write(sheet: str, columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> bytes:
    """An XLSX file with the columns' first headings and the rows, values in the columns' order.

    Texts stay texts whatever they begin with; fen are written as yuan; None leaves a cell empty.
    """
    book = Workbook()
    book.properties.created = book.properties.modified = _WHEN
    page = book.active
    page.title = sheet
    for place, column in enumerate(columns, 1):
        head = page.cell(1, place, column.heads[0])
        head.font = Font(bold=True)
        letter = page.column_dimensions[get_column_letter(place)]
        letter.width = _WIDE[column.kind]
        letter.number_format = _FORMATS.get(column.kind, "General")
    page.freeze_panes = "A2"
    for number, row in enumerate(rows, 2):
        for place, (column, value) in enumerate(zip(columns, row, strict=True), 1):
            if value is None:
                continue
            cell = page.cell(number, place)
            cell.value = value / 100 if column.kind == "fen" and isinstance(value, int) else value
            if isinstance(value, str):
                cell.data_type = "s"
            cell.number_format = _FORMATS.get(column.kind, "General")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
