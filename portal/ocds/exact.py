"""JSON whose decimals are written digit for digit: 1234567890123.45 is never a double.

Python's own writer would turn a Decimal into a float or a string; OCDS wants a number.
"""

from __future__ import annotations

import json
from decimal import Decimal

_text = json.JSONEncoder(ensure_ascii=False).encode
_quoted = json.encoder.encode_basestring


def yuan(fen: int) -> Decimal:
    """Integer fen as an exact number of yuan with two decimals."""
    return Decimal(fen).scaleb(-2)


def dumps(value: object) -> str:
    """`value` as JSON text; Decimals literally and without exponent.

    Raises TypeError for a float or anything else that JSON has no exact form for, and
    ValueError for a Decimal that is no number.
    """
    parts: list[str] = []
    _write(value, parts)
    return "".join(parts)


def _write(value: object, parts: list[str]) -> None:
    if type(value) is str:
        parts.append(_quoted(value))
    elif value is None or isinstance(value, (bool, str)):
        parts.append(_text(value))
    elif isinstance(value, int):
        parts.append(str(int(value)))
    elif isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError("not a number")
        parts.append(format(value, "f"))
    elif isinstance(value, dict):
        _join("{}", value.items(), parts, _member)
    elif isinstance(value, (list, tuple)):
        _join("[]", value, parts, _write)
    else:
        raise TypeError(f"{type(value).__name__} has no exact JSON form")


def _join(brackets: str, values, parts: list[str], write) -> None:
    parts.append(brackets[0])
    for number, item in enumerate(values):
        if number:
            parts.append(",")
        write(item, parts)
    parts.append(brackets[1])


def _member(pair: tuple[str, object], parts: list[str]) -> None:
    if not isinstance(pair[0], str):
        raise TypeError("an object key is a string")
    parts.append(f"{_quoted(pair[0])}:")
    _write(pair[1], parts)
