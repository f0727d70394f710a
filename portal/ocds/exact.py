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
        _object(value, parts)
    elif isinstance(value, (list, tuple)):
        parts.append("[")
        for number, item in enumerate(value):
            if number:
                parts.append(",")
            _write(item, parts)
        parts.append("]")
    else:
        raise TypeError(f"{type(value).__name__} has no exact JSON form")


def _object(value: dict, parts: list[str]) -> None:
    before = "{"
    for name, one in value.items():
        if not isinstance(name, str):
            raise TypeError("an object key is a string")
        if type(one) is str:
            parts.append(f"{before}{_quoted(name)}:{_quoted(one)}")
        else:
            parts.append(f"{before}{_quoted(name)}:")
            _write(one, parts)
        before = ","
    parts.append("}" if value else "{}")
