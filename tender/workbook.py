"""A stranger's XLSX workbook, read by ourselves: cells as they are written, each with its name.

A library hands out what a spreadsheet program computed last, as binary floating point, and says
nothing of formulas; here a quantity is the decimal that stands in the file, and whatever could act
or reach outside (macros, links, embedded objects, connections, entities) is refused before a cell
is read. Only text, numbers, truth values, days and, where the caller asks, the stored value of a
formula come out. Sizes and rows are counted while reading, so nothing large is ever held.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from typing import BinaryIO, NamedTuple
from xml.parsers import expat

from . import files
from .refusals import FILE_ARCHIVE, FILE_EMPTY, SHEET_KIND, SHEET_ROWS, SHEET_UNSAFE

LIMIT = 10 * 1024 * 1024
"""The largest workbook, bytes."""
UNPACKED = 48 * 1024 * 1024
MAX_COLUMNS = 256
MAX_CELLS = 500_000
"""Cells that are read before we give up, empty ones included."""
MAX_TEXT = 32_767
"""Characters of a cell: the format's own limit."""
MAX_CHARACTERS = 20_000_000
"""Of all cells together; a string that many of them name counts each time, as it is read."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PARTS = (
    ("xl/externallinks/", "链接到其他文件 · links to other files"),
    ("xl/embeddings/", "嵌入对象 · embedded objects"), ("xl/activex/", "控件 · controls"),
    ("xl/ctrlprops/", "控件 · controls"), ("xl/macrosheets/", "宏表 · macro sheets"),
    ("xl/dialogsheets/", "对话框 · dialogs"), ("xl/connections", "数据连接 · data connections"),
    ("xl/querytables/", "数据连接 · data connections"), ("customui/", "自定义界面 · custom menus"),
)
_REF = re.compile(r"\A([A-Z]{1,3})([1-9][0-9]{0,6})\Z")
_PLAIN = re.compile(r"\A\w+\Z")


class Cell(NamedTuple):
    """One cell: its column from 1, what kind of value it has, its text, whether a formula made it.

    `kind` is text, number, bool, day or error.
    """

    column: int
    kind: str
    text: str
    formula: bool


class Sheet(NamedTuple):
    """A worksheet's name, and its rows that hold something: (row from 1, cells by column)."""

    name: str
    rows: list[tuple[int, dict[int, Cell]]]

    def cell(self, row: int, column: int) -> str:
        """The cell's name as spreadsheet programs write it: Sheet1!D17, 'Bill 1'!D17."""
        name = self.name if _PLAIN.match(self.name) and not self.name[0].isdigit() \
            else "'" + self.name.replace("'", "''") + "'"
        return f"{name}!{letters(column)}{row}"


def letters(column: int) -> str:
    """The letters of a column that is counted from 1: 1 → A, 27 → AA."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def read(file: BinaryIO, size: int, *, rows: int, sheet: str = "") -> Sheet:
    """The rows of a workbook's sheet called `sheet`, else of its only sheet.

    At most `rows` rows that hold something. Raises FILE_EMPTY, SHEET_KIND, SHEET_UNSAFE,
    SHEET_ROWS, and FILE_ARCHIVE for an archive that is not safe to unpack.
    """
    parts = _parts(file, size)
    name, path = _chosen(_sheets(file, parts), sheet)
    shared: list[str] = []
    strings = parts.get("xl/sharedStrings.xml")
    if strings is not None:
        shared = _Strings().run(files.unpacked(file, strings)).found
    if path not in parts:
        raise SHEET_KIND(problem=f"{path} 缺失 · is missing")
    reader = _Rows(shared, rows, name)
    return Sheet(name, reader.run(files.unpacked(file, parts[path])).found)


def _parts(file: BinaryIO, size: int) -> dict[str, files.Entry]:
    """The parts of the package, once nothing in it can act or reach outside."""
    if size == 0:
        raise FILE_EMPTY()
    if size > LIMIT:
        raise SHEET_KIND(problem=f"超过 {LIMIT} 字节 · larger than {LIMIT} bytes")
    file.seek(0)
    head = file.read(8)
    if head == _OLE:
        raise SHEET_KIND(problem="已加密或为旧版格式 · encrypted, or of the old format")
    if not head.startswith(b"PK\x03\x04"):
        raise SHEET_KIND(problem="不是工作簿 · no workbook")
    parts = {entry.name: entry for entry in files.zip_directory(file, size, UNPACKED)}
    if "xl/workbook.xml" not in parts or "[Content_Types].xml" not in parts:
        raise SHEET_KIND(problem="不是工作簿 · no workbook")
    for name in parts:
        lower = name.lower()
        if lower.endswith(".bin") and "vba" in lower:
            raise SHEET_UNSAFE(problem="宏 · macros")
        if lower.endswith(files.NESTED):
            raise FILE_ARCHIVE(problem="an archive or program inside")
        for start, problem in _PARTS:
            if lower.startswith(start):
                raise SHEET_UNSAFE(problem=problem)
    kinds = _Attributes("ContentType").run(files.unpacked(file, parts["[Content_Types].xml"]))
    if any("macroenabled" in kind.lower() or "vba" in kind.lower() for kind in kinds.found):
        raise SHEET_UNSAFE(problem="宏 · macros")
    for name, entry in parts.items():
        if name.endswith(".rels"):
            for kind, target, mode in _Relations().run(files.unpacked(file, entry)).found.values():
                # A link that a reader may click is text to us; all else would be fetched.
                if mode.lower() == "external" and not kind.endswith("/hyperlink"):
                    raise SHEET_UNSAFE(problem=f"外部链接 · an outside link: {target[:80]}")
    return parts


def _sheets(file: BinaryIO, parts: dict[str, files.Entry]) -> dict[str, str]:
    """Each sheet's name and the part it lies in."""
    relations = parts.get("xl/_rels/workbook.xml.rels")
    if relations is None:
        raise SHEET_KIND(problem="xl/_rels/workbook.xml.rels 缺失 · is missing")
    targets = _Relations().run(files.unpacked(file, relations)).found
    found = {}
    for name, key in _Sheets().run(files.unpacked(file, parts["xl/workbook.xml"])).found:
        kind, target, _ = targets.get(key, ("", "", ""))
        if kind.endswith("/worksheet"):
            found[name] = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
    return found


def _chosen(sheets: dict[str, str], wanted: str) -> tuple[str, str]:
    if wanted in sheets:
        return wanted, sheets[wanted]
    if len(sheets) != 1:
        # Of several sheets none is passed over in silence.
        raise SHEET_KIND(problem=f"有 {len(sheets)} 张工作表，没有名为“{wanted}”的 · "
                         f"{len(sheets)} sheets, none called “{wanted}”")
    return next(iter(sheets.items()))


class _Xml:
    """Reads one XML part in pieces; a document type, and so every entity, is refused."""

    def run(self, pieces: Iterable[bytes]):
        """Read all pieces; returns itself."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text
        try:
            for piece in pieces:
                parser.Parse(piece, False)
            parser.Parse(b"", True)
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise SHEET_KIND(problem=f"内容损坏 · damaged ({str(error)[:80]})") from error
        return self

    def _doctype(self, *_) -> None:
        raise SHEET_UNSAFE(problem="XML 实体 · XML entities")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, data: str) -> None:
        """Characters between."""


class _Attributes(_Xml):
    """All values of one attribute."""

    def __init__(self, name: str):
        self.name, self.found = name, []

    def start(self, name, attributes):
        if self.name in attributes:
            self.found.append(attributes[self.name])


class _Relations(_Xml):
    """Relationships by id: (type, target, mode)."""

    def __init__(self):
        self.found: dict[str, tuple[str, str, str]] = {}

    def start(self, name, attributes):
        if name.endswith(" Relationship"):
            self.found[attributes["Id"]] = (attributes.get("Type", ""),
                                            attributes.get("Target", ""),
                                            attributes.get("TargetMode", ""))


class _Sheets(_Xml):
    """(name, relationship) of each sheet in the order of the tabs."""

    def __init__(self):
        self.found: list[tuple[str, str]] = []

    def start(self, name, attributes):
        if name.endswith(" workbookPr") and attributes.get("date1904") in ("1", "true"):
            raise SHEET_KIND(problem="使用 1904 日期系统 · it counts days from 1904")
        if name.endswith(" sheet"):
            keys = [value for at, value in attributes.items() if at.endswith(" id")]
            self.found.append((attributes["name"], keys[0]))


class _Strings(_Xml):
    """The shared strings; how a text is read aloud (phonetic runs) is no part of it."""

    def __init__(self):
        self.found: list[str] = []
        self._pieces: list[str] = []
        self._in_text = self._aloud = False

    def start(self, name, attributes):
        tag = name.rpartition(" ")[2]
        if tag == "si":
            self._pieces = []
        elif tag == "rPh":
            self._aloud = True
        elif tag == "t":
            self._in_text = not self._aloud

    def end(self, name):
        tag = name.rpartition(" ")[2]
        if tag == "t":
            self._in_text = False
        elif tag == "rPh":
            self._aloud = False
        elif tag == "si":
            text = "".join(self._pieces)
            # Any number of cells may name one string, and each of them looks at all of it.
            if len(text) > MAX_TEXT:
                raise ValueError("a text longer than the format allows")
            self.found.append(text if text.strip() else "")

    def text(self, data):
        if self._in_text:
            self._pieces.append(data)


_KINDS = {"n": "number", "s": "text", "inlineStr": "text", "str": "text", "b": "bool",
          "d": "day", "e": "error"}


class _Rows(_Xml):
    """The rows of a sheet that hold something."""

    def __init__(self, shared: list[str], most: int, sheet: str):
        self.found: list[tuple[int, dict[int, Cell]]] = []
        self._shared, self._most, self._sheet = shared, most, sheet
        self._row = self._column = self._count = self._characters = 0
        self._cells: dict[int, Cell] = {}
        self._kind = "n"
        self._pieces: list[str] = []
        self._reads = self._formula = self._aloud = False

    def start(self, name, attributes):
        tag = name.rpartition(" ")[2]
        if tag == "c":
            self._cell(attributes)
        elif tag in ("v", "t"):
            self._reads = not self._aloud
        elif tag == "f":
            self._formula = True
        elif tag == "rPh":
            self._aloud = True
        elif tag == "row":
            row = int(attributes.get("r", self._row + 1))
            if not self._row < row <= 1_048_576:
                raise ValueError("rows out of order")
            self._row, self._column, self._cells = row, 0, {}

    def _cell(self, attributes):
        self._count += 1
        if self._count > MAX_CELLS:
            raise SHEET_KIND(problem=f"超过 {MAX_CELLS} 个单元格 · more than {MAX_CELLS} cells")
        column = self._column + 1
        if "r" in attributes:
            match = _REF.match(attributes["r"])
            if match is None or int(match[2]) != self._row:
                raise ValueError(f"a cell {attributes['r'][:12]} in row {self._row}")
            column = 0
            for letter in match[1]:
                column = column * 26 + ord(letter) - 64
        if column <= self._column:
            raise ValueError("cells out of order")
        self._column, self._kind = column, attributes.get("t", "n")
        self._pieces, self._formula = [], False

    def end(self, name):
        tag = name.rpartition(" ")[2]
        if tag == "c":
            self._kept("".join(self._pieces))
        elif tag in ("v", "t"):
            self._reads = False
        elif tag == "rPh":
            self._aloud = False
        elif tag == "row" and self._cells:
            self.found.append((self._row, self._cells))
            if len(self.found) > self._most:
                raise SHEET_ROWS(sheet=self._sheet, limit=self._most)

    def _kept(self, text):
        kind = _KINDS[self._kind]
        if self._kind == "s" and text:
            text = self._shared[int(text)] if int(text) >= 0 else ""
        self._characters += len(text)
        if self._characters > MAX_CHARACTERS:
            raise SHEET_KIND(problem=f"超过 {MAX_CHARACTERS} 个字 · "
                             f"more than {MAX_CHARACTERS} characters")
        if not text.strip() and not self._formula:
            return
        if len(text) > MAX_TEXT:
            raise ValueError("a cell of more text than the format allows")
        if self._column > MAX_COLUMNS:
            raise SHEET_KIND(problem=f"超过 {MAX_COLUMNS} 列 · more than {MAX_COLUMNS} columns")
        self._cells[self._column] = Cell(self._column, kind, text, self._formula)

    def text(self, data):
        if self._reads:
            self._pieces.append(data)


