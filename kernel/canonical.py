"""Canonical bytes: what is hashed, signed and sent has exactly one spelling.

JCS (RFC 8785) restricted to what the formats of this platform use: objects, arrays,
strings, integers, booleans and null. There are no floats anywhere: money is integer
fen, other decimals are strings.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import UTC, datetime

MAX_DEPTH = 32
MAX_INTEGER = 2**53 - 1
"""The largest integer JCS can carry (RFC 8785 §3.2.2.3: numbers are IEEE 754 doubles)."""

_HEX = re.compile(r"\A(?:[0-9a-f]{2})*\Z")
_TIME = re.compile(
    r"\A\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:\d{2})\Z")


class NotCanonical(ValueError):
    """The bytes or the value have no canonical spelling; the message says where."""


def jcs(value: object) -> bytes:
    """Return the RFC 8785 bytes of `value`; raise NotCanonical for floats and lone surrogates."""
    try:
        # Of ASCII keys the encoder's own order is UTF-16's: nothing need be built anew for them.
        text = _SORTING.encode(value) if _judged(value, 0) else _ENCODER.encode(_ordered(value))
        return text.encode("utf-8")
    except (UnicodeEncodeError, TypeError) as error:
        raise NotCanonical("a string holds a lone surrogate, or a key is no string") from error


def _judged(value: object, depth: int) -> bool:
    """Whether all keys of a value are ASCII; NotCanonical where it has no canonical form."""
    if depth > MAX_DEPTH:
        raise NotCanonical(f"nested deeper than {MAX_DEPTH}")
    plain, inner = True, value
    if isinstance(value, dict):
        plain, inner = "".join(value).isascii(), value.values()
    elif not isinstance(value, (list, tuple)):
        if value is not None and not isinstance(value, (int, str)):
            raise NotCanonical(f"{type(value).__name__} has no canonical form")
        if isinstance(value, int) and abs(value) > MAX_INTEGER:
            raise NotCanonical("an integer is larger than 2^53-1")
        return True
    for one in inner:  # to its end, though one may have settled it; texts need no judging
        kind = type(one)
        if not (kind is str or one is None or kind is int and -MAX_INTEGER <= one <= MAX_INTEGER
                or _judged(one, depth + 1)):
            plain = False
    return plain


def _ordered(value: object) -> object:
    if isinstance(value, dict):
        return {key: _ordered(value[key]) for key in sorted(
            value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))}
    return [_ordered(one) for one in value] if isinstance(value, (list, tuple)) else value


def parse(data: bytes | str) -> object:
    """Read JSON strictly: no duplicate keys, floats, NaN, huge integers or deep nesting.

    Raises NotCanonical. A well-formed text that is merely not in canonical order is read.
    """
    value = _read(data)
    jcs(value)
    return value


def _read(data: bytes | str) -> object:
    try:
        return _DECODER.decode(data.decode("utf-8") if isinstance(data, bytes) else data)
    except NotCanonical:
        raise
    except (ValueError, RecursionError) as error:
        raise NotCanonical("not JSON") from error


def parse_canonical(data: bytes) -> object:
    """Read JSON that must already be in JCS form; raise NotCanonical otherwise."""
    value = _read(data)
    if jcs(value) != data:
        raise NotCanonical("not in canonical form")
    return value


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise NotCanonical("duplicate key")
    return result


def _no_float(text: str) -> object:
    raise NotCanonical(f"{text[:20]} is not an integer; write decimals as strings")


def _small_int(text: str) -> int:
    if len(text) > 17:
        raise NotCanonical("an integer is larger than 2^53-1")
    return int(text)


_PLAIN = {"ensure_ascii": False, "separators": (",", ":"), "allow_nan": False}
_ENCODER = json.JSONEncoder(**_PLAIN)
_SORTING = json.JSONEncoder(**_PLAIN, sort_keys=True, check_circular=False)
_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_no_float,
                            parse_constant=_no_float, parse_int=_small_int)


def sha256(*parts: bytes) -> bytes:
    """SHA-256 over the concatenation of `parts`, 32 bytes."""
    return hashlib.sha256(b"".join(parts)).digest()


def b64(data: bytes) -> str:
    """Standard base64 with padding (sealed-bid format, part A3)."""
    return base64.b64encode(data).decode("ascii")


def unb64(text: str, length: int | None = None) -> bytes:
    """Read strict base64; only the one canonical spelling of the bytes is accepted."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (AttributeError, ValueError) as error:
        raise NotCanonical("not base64") from error
    if b64(data) != text:
        raise NotCanonical("base64 with stray bits")
    if length is not None and len(data) != length:
        raise NotCanonical(f"expected {length} bytes, got {len(data)}")
    return data


def unhex(text: object, length: int | None = 32) -> bytes:
    """Read lower-case hex of `length` bytes (None: any length)."""
    if not isinstance(text, str) or not _HEX.match(text):
        raise NotCanonical("not lower-case hex")
    data = bytes.fromhex(text)
    if length is not None and len(data) != length:
        raise NotCanonical(f"expected {length} bytes, got {len(data)}")
    return data


def time_text(moment: datetime) -> str:
    """An aware time as UTC RFC 3339 with three decimals, `2026-12-01T09:00:00.000Z`."""
    if moment.tzinfo is None:
        raise NotCanonical("a time without an offset")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def parse_time(text: object) -> datetime:
    """Read an RFC 3339 time that carries an offset, to the millisecond, as aware UTC."""
    if not isinstance(text, str) or not _TIME.match(text):
        raise NotCanonical("a time needs date, time and offset, as 2026-12-01T17:00:00+08:00")
    try:
        moment = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise NotCanonical("no such time") from error
    return truncate(moment)


def truncate(moment: datetime) -> datetime:
    """Cut an aware time to whole milliseconds, the finest this platform states."""
    over = moment.microsecond % 1000
    return moment.replace(microsecond=moment.microsecond - over) if over else moment
