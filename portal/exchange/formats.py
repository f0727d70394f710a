"""The field set of 《公共资源交易平台系统数据规范 (V2.0)》 as XML and JSON, out and in. Pure.

A file is a list of rows; a row belongs to a table and has some of its fields, all text. What is
written is read back as exactly the same rows, from either form. The reader takes neither a
document type nor an entity, and nothing that the tables do not name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from xml.etree import ElementTree as ET

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

VERSION = "V2.0"
LARGEST = 64 << 20
"""Bytes of a file that is read."""

HEAD = ("PLATFORM_CODE", "PUB_SERVICE_PLAT_CODE", "DATA_TIMESTAMP", "M_VERSION")
"""What every row says of itself."""

_PROJECT = ("PROJECT_CODE", "TENDER_PROJECT_CODE")
_SECTION = (*_PROJECT, "BID_SECTION_CODE", "UNIFIED_DEAL_CODE")

TABLES: dict[str, tuple[str, ...]] = {
    "TENDER_PROJECT": (*_PROJECT, "TENDER_PROJECT_NAME", "TENDERER_NAME", "TENDERER_CODE",
                       "REGION_CODE"),
    "BID_SECTION": (*_SECTION, "BID_SECTION_NAME", "TENDER_PROJECT_CLASSIFY_CODE",
                    "CONTROL_PRICE", "BID_DOC_REFER_END_TIME"),
    "TENDER_BULLETIN": (*_PROJECT, "BID_SECTION_CODE", "NOTICE_NAME", "NOTICE_CONTENT",
                        "NOTICE_SEND_TIME", "NOTICE_MEDIA", "NOTICE_NATURE", "BULLETIN_TYPE"),
    "BID_OPENING_BIDDER": (*_SECTION, "BIDDER_NAME", "BIDDER_CODE", "BIDDER_CODE_TYPE",
                           "BIDDER_ROLE", "BID_AMOUNT"),
    "CANDIDATE_PUBLICITY": (*_SECTION, "PUBLICITY_NAME", "PUBLICITY_CONTENT", "BIDDER_NAME",
                            "BIDDER_CODE", "BIDDER_CODE_TYPE"),
    "WIN_RESULT": (*_SECTION, "WIN_BIDDER_NAME", "WIN_BIDDER_CODE", "BIDDER_CODE_TYPE",
                   "BID_AMOUNT"),
    "EVALUATION_EXPERT": (*_SECTION, "EXPERT_NAME", "EXPERT_TYPE"),
    "EXCEPTION_REPORT": (*_SECTION, "EXCEPTION_NAME"),
}
"""Every table with its own fields, in their order; docs/formats/exchange.md maps them to ours."""


class BadExchange(ValueError):
    """A file that is none of ours to read; the message says where and why."""


@dataclass(frozen=True)
class Row:
    """One row. A field that has nothing to say is not there."""

    table: str
    fields: dict[str, str] = field(default_factory=dict)


_SECTION_CODE = re.compile(r"\A[A-Z][0-9A-Z]{22}\Z")
_AMOUNT = re.compile(r"\A(0|[1-9][0-9]{0,12})(\.[0-9]{1,6})?\Z")
_TIME = re.compile(r"\A[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\Z")
_USCC = re.compile(r"\A[0-9A-HJ-NPQRTUWXY]{18}\Z")
SHAPES = {
    "BID_SECTION_CODE": _SECTION_CODE, "BID_AMOUNT": _AMOUNT, "CONTROL_PRICE": _AMOUNT,
    "DATA_TIMESTAMP": _TIME, "NOTICE_SEND_TIME": _TIME, "BID_DOC_REFER_END_TIME": _TIME,
    "BIDDER_CODE": _USCC, "WIN_BIDDER_CODE": _USCC, "TENDERER_CODE": _USCC,
    "PROJECT_CODE": re.compile(r"\A[A-Z][0-9A-Z]{16}\Z"),
    "TENDER_PROJECT_CODE": re.compile(r"\A[A-Z][0-9A-Z]{19}\Z"),
}
"""How the fields look whose form is known."""

_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def wan(fen: int) -> str:
    """Integer fen in 万元, exact (1 万元 = 1,000,000 fen), without needless zeros."""
    return format(Decimal(fen).scaleb(-6).normalize(), "f")


def fen(text: str) -> int:
    """万元 as integer fen. Raises BadExchange for what is no such amount."""
    if not _AMOUNT.match(text):
        raise BadExchange(f"{text[:40]} is no amount in 万元")
    return int(Decimal(text).scaleb(6))


def clean(text: str) -> str:
    """Text as either form can carry it: line ends as \\n, no character that XML forbids."""
    return _NOT_XML.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def checked(rows: Iterable[Row]) -> list[Row]:
    """The rows, if every one is of a table and every field has its form. Raises BadExchange."""
    found = list(rows)
    for number, row in enumerate(found, 1):
        known = TABLES.get(row.table)
        if known is None:
            raise BadExchange(f"row {number}: no table {row.table[:40]}")
        for name, value in row.fields.items():
            if name not in known and name not in HEAD:
                raise BadExchange(f"row {number}: {row.table} has no field {name[:40]}")
            if not isinstance(value, str) or clean(value) != value or not value:
                raise BadExchange(f"row {number}: {name} is no text")
            if name in SHAPES and not SHAPES[name].match(value):
                raise BadExchange(f"row {number}: {name} is {value[:40]}")
    return found


def to_xml(rows: Iterable[Row]) -> bytes:
    """The rows as XML in UTF-8."""
    root = ET.Element("EXCHANGE", {"M_VERSION": VERSION})
    for row in checked(rows):
        element = ET.SubElement(root, row.table)
        for name, value in row.fields.items():
            ET.SubElement(element, name).text = value
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="utf-8")


def from_xml(data: bytes) -> list[Row]:
    """The rows of an XML file. Raises BadExchange."""
    _refuse_large(data)
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ET.ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise BadExchange(f"no XML that is read here: {type(error).__name__}") from error
    if root.tag != "EXCHANGE" or root.get("M_VERSION") != VERSION:
        raise BadExchange("not an exchange file of this version")
    return checked(_row(element) for element in root)


def _row(element: ET.Element) -> Row:
    values: dict[str, str] = {}
    for child in element:
        if len(child) or child.attrib or child.tag in values:
            raise BadExchange(f"{element.tag[:40]}: {child.tag[:40]} is no plain field")
        values[child.tag] = child.text or ""
    return Row(element.tag, values)


def to_json(rows: Iterable[Row]) -> bytes:
    """The rows as JSON in UTF-8."""
    return json.dumps({"M_VERSION": VERSION, "rows": [
        {"table": row.table, "fields": row.fields} for row in checked(rows)]},
        ensure_ascii=False, separators=(",", ":")).encode()


def from_json(data: bytes) -> list[Row]:
    """The rows of a JSON file. Raises BadExchange."""
    _refuse_large(data)
    try:
        match json.loads(data.decode()):
            case {"M_VERSION": "V2.0", "rows": list(rows), **more} if not more:
                return checked(_of_json(row) for row in rows)
    except (ValueError, RecursionError) as error:
        if isinstance(error, BadExchange):
            raise
        raise BadExchange(f"no JSON that is read here: {type(error).__name__}") from error
    raise BadExchange("not an exchange file of this version")


def _of_json(row: object) -> Row:
    match row:
        case {"table": str(table), "fields": dict(values), **more} if not more:
            return Row(table, values)
    raise BadExchange("a row has a table and fields")


def _refuse_large(data: bytes) -> None:
    if len(data) > LARGEST:
        raise BadExchange(f"larger than {LARGEST} bytes")
