"""Tables that people fill in with a spreadsheet: columns by their headings, errors by their cell.

`table` reads a workbook against a list of columns and either gives typed rows or refuses with
every error, each as `Sheet1!D17` with what is wrong there in both languages. Nothing is guessed: an
unknown heading, a formula where a value belongs, a text that a spreadsheet would run as a formula,
a number where leading zeros would be lost are errors.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import BinaryIO, NamedTuple

from . import workbook
from .refusals import SHEET_WRONG
from .workbook import Cell, Sheet

SHOWN = 200
"""Errors that a refusal lists; their number counts them all."""
HEADING_ROWS = 20
"""Rows above the headings may hold a title."""

HEADING_LONGEST = 200

_DECIMAL = re.compile(r"\A-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,12})?\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_RUNS = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins so is run as a formula by the program that opens our export."""
_DAY_ZERO = date(1899, 12, 30)
MAX_YUAN = Decimal(10) ** 13


@dataclass(frozen=True)
class Column:
    """One column: its key in the rows, the headings it may have (the first is the template's).

    `kind`: text, code (a text that must be typed as text, because leading zeros count), decimal,
    fen (yuan in the sheet, whole fen in the rows), day, whole. `most`: characters of a text;
    `places`: decimals of a decimal; `low`, `high`: bounds of a number, inclusive; `unique`: no value
    twice; `stored`: a formula's stored value is read, because the caller checks it.
    """

    key: str
    heads: tuple[str, ...]
    kind: str = "text"
    required: bool = True
    most: int = 200
    places: int = 6
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(999_999_999_999)
    unique: bool = False
    stored: bool = False
    only: tuple[str, ...] = ()
    """The values a text may have; none: any."""
    wan: bool = False
    """Whether a fen column may be headed （万元） in place of （元）: the same amounts in 10,000 yuan."""


class Problem(NamedTuple):
    """What is wrong with one cell."""

    cell: str
    zh: str
    en: str


class Row(NamedTuple):
    """A line of the table: its row in the sheet, its values by key (None: left empty)."""

    number: int
    values: dict[str, object]


@dataclass(frozen=True)
class Table:
    """The sheet's lines, the closing line if there is one, and where each column stands."""

    sheet: Sheet
    places: dict[str, int]
    rows: list[Row]
    closing: Row | None
    in_wan: frozenset[str] = field(default_factory=frozenset)
    """The columns whose amounts were given in 万元; the rows hold fen all the same."""

    def cell(self, row: Row, key: str) -> str:
        """The name of a row's cell in a column."""
        return self.sheet.cell(row.number, self.places[key])


class Wrong(ValueError):
    """Why a cell's value cannot be taken, in both languages."""

    def __init__(self, zh: str, en: str):
        super().__init__(en)
        self.zh, self.en = zh, en


def refuse(problems: Sequence[Problem]) -> None:
    """Raise SHEET_WRONG if there are problems; the first SHOWN are listed, in their order."""
    if problems:
        raise SHEET_WRONG(count=len(problems),
                          problems=[problem._asdict() for problem in problems[:SHOWN]])


def table(file: BinaryIO, size: int, columns: Sequence[Column], *, rows: int, sheet: str = "",
          closing: str = "") -> Table:
    """Read a workbook's sheet called `sheet`, or its only one, as a table of at most `rows` lines.

    `closing`: the first cell of a line that ends the table (合计). Raises what workbook.read
    raises, and SHEET_WRONG with every error by its cell.
    """
    found = workbook.read(file, size, rows=rows + HEADING_ROWS + 1, sheet=sheet)
    problems: list[Problem] = []
    at, places, in_wan = _headings(found, columns, problems)
    refuse(problems)
    columns = [replace(one, kind="wan") if one.key in in_wan else one for one in columns]
    lines, last = [], None
    for number, cells in found.rows[at + 1:]:
        if last is not None:
            problems.append(Problem(found.cell(number, min(cells)), "合计行之后不得再有内容。",
                                    "Nothing may follow the closing line."))
            break
        ends = bool(closing) and _plain(cells[min(cells)].text) == closing
        values = _values(found, number, cells, columns, places, ends, problems)
        if ends:
            last = Row(number, values)
        else:
            lines.append(Row(number, values))
    made = Table(found, places, lines, last, in_wan)
    if not lines:
        problems.append(Problem(found.cell(found.rows[at][0] + 1, 1), "没有数据行。",
                                "There are no lines."))
    if len(lines) > rows:
        raise workbook.SHEET_ROWS(sheet=found.name, limit=rows)
    for column in columns:
        if column.unique:
            _repeated(made, column, problems)
    refuse(sorted(problems, key=lambda one: _order(one.cell)))
    return made


def _order(cell: str) -> tuple[int, int, str]:
    name = cell.rpartition("!")[2]
    column = name.rstrip("0123456789")
    return int(name[len(column):]), len(column), column


def _headings(found: Sheet, columns: Sequence[Column],
              problems: list[Problem]) -> tuple[int, dict[str, int], frozenset[str]]:
    """Which row holds the headings, each column's place by its key, and those in 万元."""
    known = {_plain(head): column for column in columns for head in column.heads}
    larger = {_plain(head.replace("（元）", "（万元）")): column for column in columns if column.wan
              for head in column.heads if "（元）" in head}
    known |= larger
    best, at = 0, -1
    for place, (_, cells) in enumerate(found.rows[:HEADING_ROWS]):
        hits = sum(_plain(cell.text) in known for cell in cells.values())
        if hits > best:
            best, at = hits, place
    if at < 0:
        wanted = "、".join(column.heads[0] for column in columns)
        problems.append(Problem(found.cell(1, 1), f"没有表头，应有：{wanted}。",
                                f"There are no headings; they are: {wanted}."))
        return 0, {}, frozenset()
    number, cells = found.rows[at]
    places: dict[str, int] = {}
    in_wan: set[str] = set()
    for cell in cells.values():
        column = known.get(_plain(cell.text))
        name = found.cell(number, cell.column)
        if column is None:
            problems.append(Problem(name, f"不认识的表头“{cell.text[:40]}”。",
                                    f"An unknown heading “{cell.text[:40]}”."))
        elif column.key in places:
            problems.append(Problem(name, f"表头“{cell.text[:40]}”重复。",
                                    f"The heading “{cell.text[:40]}” is there twice."))
        else:
            places[column.key] = cell.column
            in_wan |= {column.key} if _plain(cell.text) in larger else set()
    for column in columns:
        if column.required and column.key not in places:
            problems.append(Problem(found.cell(number, max(cells) + 1),
                                    f"缺少“{column.heads[0]}”一列。",
                                    f"The column “{column.heads[0]}” is missing."))
    return at, places, frozenset(in_wan)


def _plain(text: str) -> str:
    """A heading as it is compared; nothing where no heading can be so long. A character may become
    eighteen by NFKC, so a long text in many rows would take minutes."""
    if len(text) > HEADING_LONGEST:
        return ""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def _values(found: Sheet, number: int, cells: dict[int, Cell], columns: Sequence[Column],
            places: dict[str, int], ends: bool, problems: list[Problem]) -> dict[str, object]:
    values: dict[str, object] = {}
    for column in columns:
        place = places.get(column.key)
        cell = cells.get(place) if place is not None else None
        values[column.key] = None
        if cell is None:
            if column.required and not ends:
                problems.append(Problem(found.cell(number, place),
                                        f"缺少“{column.heads[0]}”。",
                                        f"“{column.heads[0]}” is missing."))
            continue
        if ends and column.kind in ("text", "code"):
            continue
        try:
            values[column.key] = value_of(cell, column)
        except Wrong as wrong:
            problems.append(Problem(found.cell(number, place), wrong.zh, wrong.en))
    known = set(places.values())
    for place in cells.keys() - known:
        problems.append(Problem(found.cell(number, place), "此列没有表头。",
                                "This column has no heading."))
    return values


def _repeated(made: Table, column: Column, problems: list[Problem]) -> None:
    seen: dict[object, Row] = {}
    for row in made.rows:
        value = row.values[column.key]
        if value is None:
            continue
        first = seen.setdefault(value, row)
        if first is not row:
            other = made.cell(first, column.key)
            problems.append(Problem(made.cell(row, column.key), f"与 {other} 重复。",
                                    f"The same as {other}."))


def value_of(cell: Cell, column: Column) -> object:
    """The value of a cell under a column: str, Decimal, int (fen, whole) or date; else Wrong."""
    if cell.kind == "error":
        raise Wrong(f"是错误值 {cell.text[:20]}。", f"It is the error value {cell.text[:20]}.")
    if cell.formula and not column.stored:
        raise Wrong("是公式，请粘贴为数值。", "A formula; paste its value instead.")
    if cell.kind == "bool":
        raise Wrong("是逻辑值。", "It is TRUE or FALSE.")
    return _READ[column.kind](cell, column)


def _text(cell: Cell, column: Column) -> str:
    if cell.kind == "number":
        if column.kind == "code":
            raise Wrong("应为文本格式（数字会丢失前导零）。",
                        "It must be typed as text: a number loses its leading zeros.")
        number = _exact(cell.text)
        return format(number.normalize(), "f") if number else "0"
    text = cell.text.strip(" \n\u3000")
    if _CONTROL.search(cell.text):
        raise Wrong("含有控制字符。", "It holds control characters.")
    if cell.text.lstrip(" \n\u3000").startswith(_RUNS):
        raise Wrong(f"不得以 {text[:1]} 开头（会被当作公式执行）。",
                    f"It may not begin with {text[:1]}: it would be run as a formula.")
    if len(text) > column.most:
        raise Wrong(f"超过 {column.most} 个字。", f"More than {column.most} characters.")
    if column.only and text not in column.only:
        raise Wrong(f"应为：{'、'.join(column.only)}。", f"One of: {', '.join(column.only)}.")
    return text


def _exact(text: str) -> Decimal:
    """A stored number as it is shown: spreadsheets keep binary floating point, good for 15 digits,
    and write 0.1 + 0.2 as 0.30000000000000004."""
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise Wrong("不是数字。", "It is no number.") from error
    if not number.is_finite() or abs(number.adjusted()) > 20:
        raise Wrong("数值超出范围。", "It is out of range.")
    return Decimal(format(float(number), ".15g")) if len(number.as_tuple().digits) > 15 else number


def _number(cell: Cell) -> Decimal:
    if cell.kind == "number":
        return _exact(cell.text)
    text = cell.text.strip()
    if cell.kind != "text" or not _DECIMAL.match(text):
        raise Wrong(f"“{text[:20]}”不是数字（不得有千分位和单位）。",
                    f"“{text[:20]}” is no number (no thousands separators, no units).")
    return Decimal(text)


def _decimal(cell: Cell, column: Column, places: int | None = None) -> Decimal:
    number = _number(cell)
    most = column.places if places is None else places
    shown = number.normalize()
    if -shown.as_tuple().exponent > most:
        raise Wrong(f"最多 {most} 位小数。", f"At most {most} decimals.")
    if not column.low <= number <= column.high:
        raise Wrong(f"应在 {column.low} 至 {column.high} 之间。",
                    f"From {column.low} to {column.high}.")
    return number


def _fen(cell: Cell, column: Column) -> int:
    number = _decimal(cell, column, 2)
    if abs(number) > MAX_YUAN:
        raise Wrong("金额过大。", "The amount is too large.")
    return int(number * 100)


def _wan(cell: Cell, column: Column) -> int:
    number = _decimal(cell, column, 6)
    if abs(number) > MAX_YUAN / 10_000:
        raise Wrong("金额过大。", "The amount is too large.")
    return int(number * 1_000_000)


def _whole(cell: Cell, column: Column) -> int:
    return int(_decimal(cell, column, 0))


def _day(cell: Cell, column: Column) -> date:
    text = cell.text.strip()
    try:
        if cell.kind == "number":
            number = _exact(text)
            # Day 60 is the 29 February 1900 that never was; earlier numbers are off by one.
            if not 61 <= number < 73051:
                raise ValueError
            return _DAY_ZERO + timedelta(days=int(number))
        return date.fromisoformat(text[:10] if cell.kind == "day" else text)
    except ValueError as error:
        raise Wrong(f"“{text[:20]}”不是日期，应如 2026-01-31。",
                    f"“{text[:20]}” is no day, as 2026-01-31.") from error


_READ: dict[str, Callable[[Cell, Column], object]] = {
    "text": _text, "code": _text, "decimal": _decimal, "fen": _fen, "wan": _wan, "whole": _whole,
    "day": _day,
}
