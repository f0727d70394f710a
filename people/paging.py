"""Lists in pages: keyset cursors that say nothing of number or order of insertion."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime

from flask import request
from sqlalchemy import Select, literal, tuple_
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from kernel.canonical import NotCanonical, jcs, parse_canonical, parse_time, time_text
from kernel.db import UtcTime
from kernel.refusal import MALFORMED

SIZE, MOST = 50, 200


@dataclass(frozen=True)
class Page:
    """Some items of a list, and the cursor of the next page (None on the last)."""

    items: list[object]
    next: str | None = None


def page(session: Session, statement: Select, *columns, descending: bool = False) -> Page:
    """The page of `statement` that `?cursor=` and `?limit=` (1 to 200, default 50) ask for.

    `columns` are attributes of the one selected entity that together are unique and never
    null; they order the list. Raises MALFORMED for a cursor or limit that is not ours.
    """
    size = size_asked()
    cursor = request.args.get("cursor")
    if cursor:
        values = _read(cursor, columns)
        mark = tuple_(*[literal(value, column.type)
                        for value, column in zip(values, columns, strict=True)])
        key = tuple_(*columns)
        statement = statement.where(key < mark if descending else key > mark)
    order = [column.desc() if descending else column.asc() for column in columns]
    rows = list(session.execute(statement.order_by(*order).limit(size + 1)).scalars())
    if len(rows) <= size:
        return Page(rows)
    last = rows[size - 1]
    return Page(rows[:size], _write([getattr(last, column.key) for column in columns]))


def size_asked() -> int:
    """What `?limit=` asks for: 1 to 200, 50 where it is not given. Raises MALFORMED."""
    text = request.args.get("limit", str(SIZE))
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:4]) <= MOST or len(text) > 4:
        raise MALFORMED(problem=f"limit is a number from 1 to {MOST}")
    return int(text)


def _write(values: list[object]) -> str:
    plain = [time_text(value) if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(jcs(plain)).decode().rstrip("=")


def _read(cursor: str, columns: tuple) -> list[object]:
    try:
        data = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        values = parse_canonical(data)
        if not isinstance(values, list) or len(values) != len(columns):
            raise NotCanonical("not a cursor of this list")
        return [_typed(value, column.type)
                for value, column in zip(values, columns, strict=True)]
    except (NotCanonical, ValueError) as error:
        raise MALFORMED(problem="cursor") from error


def _typed(value: object, column_type: TypeEngine) -> object:
    if isinstance(column_type, UtcTime):
        return parse_time(value)
    kind = column_type.python_type
    if type(value) is not kind or (kind is str and "\0" in value):
        raise NotCanonical("not a cursor of this list")
    return value
