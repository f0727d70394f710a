"""Workbooks of strangers: every error by its cell, and what could act refused before it is read."""

from __future__ import annotations

import io
import random
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import Workbook, load_workbook

from kernel.refusal import Refused
from tender import files, sheet_writer, sheets, workbook
from tender.sheets import Column
from tests import work

COLUMNS = (
    Column("code", ("项目编码", "code"), "code", unique=True),
    Column("name", ("项目名称", "description"), most=20),
    Column("quantity", ("工程量",), "decimal"),
    Column("price", ("综合单价",), "fen", required=False),
    Column("day", ("日期",), "day", required=False),
)
HEADS = ["项目编码", "项目名称", "工程量", "综合单价", "日期"]
LINE = ["0401", "土方", 1.5, 12.25, date(2026, 1, 31)]


def made(*rows, title="Sheet1", heads=HEADS, before=()) -> bytes:
    book, out = Workbook(), io.BytesIO()
    book.active.title = title
    for row in (*before, heads, *rows):
        book.active.append(list(row))
    book.save(out)
    return out.getvalue()


def read(data: bytes, **more) -> sheets.Table:
    return sheets.table(io.BytesIO(data), len(data), COLUMNS, rows=more.pop("rows", 100), **more)


def refused(data: bytes, **more) -> Refused:
    with pytest.raises(Refused) as caught:
        read(data, **more)
    return caught.value


def problems(data: bytes, **more) -> dict[str, str]:
    found = refused(data, **more)
    assert found.word.code == "sheet.wrong", found
    return {one["cell"]: one["en"] for one in found.facts["problems"]}


def changed(data: bytes, replace: dict | None = None, **parts: bytes) -> bytes:
    """The workbook with parts replaced (None: as they are) and others added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, \
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, (replace or {}).get(name) or old.read(name))
        for name, content in parts.items():
            new.writestr(name.replace("__", "/").replace("_DOT_", "."), content)
    return out.getvalue()


def test_values_come_out_exact_and_typed():
    table = read(made(LINE, ["0402", "石方", 0.1 + 0.2, 1e6 / 3 // 1, "2026-02-28"]))
    first, second = (row.values for row in table.rows)
    assert first == {"code": "0401", "name": "土方", "quantity": Decimal("1.5"), "price": 1225,
                     "day": date(2026, 1, 31)}
    assert second["quantity"] == Decimal("0.3") and second["day"] == date(2026, 2, 28)
    assert second["price"] == 33_333_300
    assert table.cell(table.rows[1], "quantity") == "Sheet1!C3"


def test_each_error_is_named_by_its_cell():
    good = [[f"{n:04d}", "土方", n, 1, None] for n in range(2, 30)]
    good[15][2] = "1,234.5"     # row 17
    good[16][2] = -1            # row 18
    good[17][3] = 12.345        # row 19
    good[18][0] = 405           # row 20: leading zeros would be lost
    good[19][1] = None          # row 21
    good[20][4] = "2026-02-30"  # row 22
    good[21][1] = "长" * 21      # row 23
    good[22][0] = good[2][0]    # row 24: the same as row 4
    good[23][2] = 0.1234567     # row 25
    found = problems(made(*good))
    assert set(found) == {"Sheet1!C17", "Sheet1!C18", "Sheet1!D19", "Sheet1!A20", "Sheet1!B21",
                          "Sheet1!E22", "Sheet1!B23", "Sheet1!A24", "Sheet1!C25"}
    assert "2 decimals" in found["Sheet1!D19"] and "Sheet1!A4" in found["Sheet1!A24"]
    assert list(found) == sorted(found, key=lambda cell: int(cell[8:]))


def test_a_title_above_blank_rows_and_an_odd_name_do_not_move_the_cells():
    found = problems(made(LINE, [], [], ["0402", "石方", "x", 1, None], title="清单 1",
                          before=[["某工程工程量清单"], []]))
    assert set(found) == {"'清单 1'!C7"}


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "\t=1"])
def test_a_text_that_would_be_run_is_refused(text):
    book = load_workbook(io.BytesIO(made(LINE)))
    cell = book.active["B2"]
    cell.value, cell.data_type = text, "s"
    out = io.BytesIO()
    book.save(out)
    assert "formula" in problems(out.getvalue())["Sheet1!B2"]


def test_a_formula_is_refused_where_a_value_belongs_and_its_stored_value_read_where_asked():
    data = made(["0401", "土方", 2, "=C2*3", None])
    assert "formula" in problems(data)["Sheet1!D2"]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    data = changed(data, {"xl/worksheets/sheet1.xml": sheet.replace(
        b"<f>C2*3</f><v />", b"<f>C2*3</f><v>6.5</v>").replace(
        b"<f>C2*3</f><v></v>", b"<f>C2*3</f><v>6.5</v>")})
    asked = [*COLUMNS[:3], Column("price", ("综合单价",), "fen", stored=True), COLUMNS[4]]
    table = sheets.table(io.BytesIO(data), len(data), asked, rows=9)
    assert table.rows[0].values["price"] == 650


@pytest.mark.parametrize(("heads", "cell"), [
    (["项目编码", "项目名称", "工程量", "单价？", "日期"], "Sheet1!D1"),
    (["项目编码", "项目编码", "工程量", "综合单价", "日期"], "Sheet1!B1"),
    (["项目编码", "项目名称", "x", "综合单价", "日期"], "Sheet1!F1"),
    (["a", "b", "c", "d", "e"], "Sheet1!A1"),
])
def test_headings_are_never_guessed(heads, cell):
    assert cell in problems(made(LINE, heads=heads))


def test_a_value_beside_the_table_is_an_error_and_an_empty_table_too():
    assert set(problems(made([*LINE, "stray"]))) == {"Sheet1!F2"}
    assert set(problems(made())) == {"Sheet1!A2"}


def test_nothing_follows_the_closing_line():
    end = ["合 计", None, None, 12.25, None]
    assert read(made(LINE, end), closing="合计").closing.values["price"] == 1225
    assert set(problems(made(LINE, end, LINE), closing="合计")) == {"Sheet1!A4"}


def test_of_several_sheets_none_is_passed_over_in_silence():
    book = load_workbook(io.BytesIO(made(LINE)))
    book.create_sheet("more")
    out = io.BytesIO()
    book.save(out)
    assert refused(out.getvalue()).word.code == "sheet.kind"
    assert len(read(out.getvalue(), sheet="Sheet1").rows) == 1


def test_too_many_rows_are_refused_early(monkeypatch):
    row = b'<row><c t="inlineStr"><is><t>x</t></is></c></row>'
    head = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    sheet = head + row * 200_000 + b"</sheetData></worksheet>"
    data = changed(made(LINE), {"xl/worksheets/sheet1.xml": sheet})
    unpacked = work.inflated(monkeypatch, files)
    found = refused(data)
    assert found.word.code in ("sheet.rows", "document.archive")
    assert unpacked.done < len(sheet) // 4
    few = head + b"".join(row.replace(b"x", str(n).encode()) for n in range(200)) \
        + b"</sheetData></worksheet>"
    assert refused(changed(made(LINE), {"xl/worksheets/sheet1.xml": few})).word.code == "sheet.rows"


@pytest.mark.parametrize(("length", "code"), [(4_000_000, "sheet.kind"), (32_000, "sheet.wrong")])
def test_one_long_text_that_many_cells_name_costs_little(length, code, monkeypatch):
    """Forty thousand cells that each look through four million blanks would take minutes."""
    space = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    cells = b"".join(b"<row>" + b'<c t="s"><v>0</v></c>' * 200 + b"</row>" for _ in range(200))
    shared = b"<sst %s><si><t>%s</t></si></sst>" % (
        space, random.Random(1).randbytes(length).translate(BLANKS))
    data = changed(made(LINE), {
        "xl/worksheets/sheet1.xml": b"<worksheet %s><sheetData>%s<row>%s</row></sheetData>"
                                    b"</worksheet>" % (
            space, cells, b'<c t="inlineStr"><is><t>x</t></is></c>')},
        xl__sharedStrings_DOT_xml=shared)
    looked = work.looked_through(monkeypatch)
    assert refused(data).word.code == code
    assert looked.done <= 2 * workbook.MAX_CHARACTERS  # where it is read, and where it is told


BLANKS = (b" \n\t" * 86)[:256]
"""Blanks in no order: they pack too little to be a bomb."""

RELS = (b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        b'<Relationship Id="r1" Type="http://x/externalLinkPath" Target="http://169.254.169.254/" '
        b'TargetMode="External"/></Relationships>')


@pytest.mark.parametrize(("parts", "code"), [
    ({"xl__vbaProject_DOT_bin": b"x"}, "sheet.unsafe"),
    ({"xl__VBAproject_DOT_bin": b"x"}, "sheet.unsafe"),
    ({"xl__externalLinks__externalLink1_DOT_xml": b"<x/>"}, "sheet.unsafe"),
    ({"xl__worksheets___rels__sheet1_DOT_xml_DOT_rels": RELS}, "sheet.unsafe"),
    ({"xl__embeddings__oleObject1_DOT_bin": b"x"}, "sheet.unsafe"),
    ({"xl__connections_DOT_xml": b"<x/>"}, "sheet.unsafe"),
    ({"xl__macrosheets__sheet1_DOT_xml": b"<x/>"}, "sheet.unsafe"),
    ({"..__evil_DOT_xml": b"<x/>"}, "document.archive"),
    ({"xl__media__a_DOT_xml": bytes(30 << 20)}, "document.archive"),
])
def test_what_could_act_or_reach_outside_is_refused(parts, code):
    assert refused(changed(made(LINE), **parts)).word.code == code


def test_a_clicked_link_is_text_and_is_taken():
    link = RELS.replace(b"externalLinkPath", b"hyperlink")
    assert read(changed(made(LINE), xl__worksheets___rels__sheet1_DOT_xml_DOT_rels=link))


def test_a_macro_workbook_is_told_by_its_types_whatever_its_name():
    data = made(LINE)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        types = archive.read("[Content_Types].xml")
    macro = types.replace(b"spreadsheetml.sheet.main+xml", b"ms-excel.sheet.macroEnabled.main+xml")
    assert macro != types
    assert refused(changed(data, {"[Content_Types].xml": macro})).word.code == "sheet.unsafe"


def test_entities_are_refused_before_they_are_expanded():
    bomb = b'<!DOCTYPE x [<!ENTITY a "' + b"a" * 50 + b'"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    for part in ("xl/workbook.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml"):
        assert refused(changed(made(LINE), {part: bomb})).word.code == "sheet.unsafe", part


@pytest.mark.parametrize("data", [
    b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), b"a,b\n1,2\n",
    made(LINE)[:-30], made(LINE)[:3000],
])
def test_what_is_no_workbook_is_said_to_be_none(data):
    assert refused(data).word.code in ("sheet.kind", "document.empty", "document.archive")


@pytest.mark.parametrize("sheet", [
    b"<x", b"", b'<worksheet><sheetData><row r="2"><c r="A3"><v>1</v></c></row></sheetData></worksheet>',
    b'<worksheet><sheetData><row r="0"/></sheetData></worksheet>',
    b'<worksheet><sheetData><row><c t="s"><v>99999</v></c></row></sheetData></worksheet>',
    b'<worksheet><sheetData><row><c t="zz"><v>1</v></c></row></sheetData></worksheet>',
    b'<worksheet><sheetData><row><c r="B1"/><c r="A1"/></row></sheetData></worksheet>',
])
def test_a_damaged_sheet_is_refused_and_never_an_error_of_ours(sheet):
    data = changed(made(LINE), {"xl/worksheets/sheet1.xml": sheet or b" "})
    data = data if b"sheetData" not in sheet else changed(made(LINE), {
        "xl/worksheets/sheet1.xml": sheet.replace(
            b"<worksheet>", b'<worksheet xmlns="http://schemas.openxmlformats.org/'
            b'spreadsheetml/2006/main">')})
    assert refused(data).word.code == "sheet.kind"


def test_what_we_write_reads_back_and_runs_nothing():
    data = sheet_writer.write("清单", COLUMNS, [["0401", "=1+1", "1.5", 1225, date(2026, 1, 31)]])
    cell = load_workbook(io.BytesIO(data))["清单"]["B2"]
    assert cell.value == "=1+1" and cell.data_type == "s"
    good = sheet_writer.write("清单", COLUMNS, [["0401", "土方", "1.5", 1225, date(2026, 1, 31)]])
    assert read(good).rows[0].values == {"code": "0401", "name": "土方", "price": 1225,
                                         "quantity": Decimal("1.5"), "day": date(2026, 1, 31)}


def test_columns_are_lettered_as_spreadsheets_do():
    assert [workbook.letters(n) for n in (1, 26, 27, 52, 703)] == ["A", "Z", "AA", "AZ", "AAA"]
