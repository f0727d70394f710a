"""What is written into a table: no cell runs, and every text can be had back."""

import csv
import io
import zipfile

from hypothesis import example, given
from hypothesis import strategies as st

from portal import bulk
from tender import bills, sheet_writer

RUNS = tuple("=+-@＝＋－＠")


@given(st.one_of(st.text(max_size=12), st.text("'=+-@ \t\r\n　＝＋－＠,;\"1", max_size=6)))
@example("'=1")
@example("\t=cmd|' /C calc'!A0")
def test_a_guarded_cell_runs_nowhere_and_is_given_back(text):
    (row,) = csv.reader(io.StringIO(bulk._row([text, "next"]).decode(), newline=""))
    assert len(row) == 2 and not row[0].lstrip().startswith(RUNS)
    assert row[0].removeprefix("'") == text


@given(st.sampled_from(RUNS), st.text("abc1()!|' ", max_size=8))
def test_a_workbook_of_ours_holds_texts_as_they_are(first, rest):
    data = sheet_writer.write(bills.SHEET, bills.COLUMNS, [["1", first + rest, "m3", "2.5"]])
    assert b"<f" not in _page(data) and b't="inlineStr"' in _page(data)


def _page(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read("xl/worksheets/sheet1.xml")
