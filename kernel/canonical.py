"""Canonical bytes: what is hashed, signed and sent has exactly one spelling.

JCS (RFC 8785) restricted to what the formats of this platform use: objects, arrays,
strings, integers, booleans and null. There are no floats anywhere: money is integer
fen, other decimals are strings.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from datetime import UTC, datetime

MAX_INTEGER = 2**53 - 1
"""The largest integer JCS can carry (RFC 8785 §3.2.2.3: numbers are IEEE 754 doubles)."""

MAX_DEPTH = 32

_HEX = re.compile(r"\A(?:[0-9a-f]{2})*\Z")
_TIME = re.compile(
    r"\A\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:\d{2})\Z"
)


class NotCanonical(ValueError):
    """The bytes or the value have no canonical spelling; the message says where."""


def jcs(value: object) -> bytes:
    """Return the RFC 8785 bytes of `value`; raise NotCanonical for floats and lone surrogates."""
    try:
        text = _SORTING.encode(value) if _plain(value, 0) else _ENCODER.encode(_checked(value, 0))
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotCanonical("a string holds a lone surrogate") from error


def _plain(value: object, depth: int) -> bool:
    """Whether `value` is of the simplest types alone, with ASCII keys: then the encoder's own order
    is UTF-16's, and nothing has to be built anew. What is not, `_checked` judges."""
    kind = type(value)
    if kind is dict:
        try:
            if depth > MAX_DEPTH or not "".join(value).isascii():
                return False
        except TypeError:
            return False
        value = value.values()
    elif kind is list:
        if depth > MAX_DEPTH:
            return False
    elif kind is int:
        return -MAX_INTEGER <= value <= MAX_INTEGER
    else:
        return kind in _ATOMS
    depth += 1
    for one in value:  # a loop, and texts are passed over in it: both halve what this takes
        if type(one) is not str and not _plain(one, depth):
            return False
    return True


def _checked(value: object, depth: int) -> object:
    if depth > MAX_DEPTH:
        raise NotCanonical(f"nested deeper than {MAX_DEPTH}")
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise NotCanonical("an integer is larger than 2^53-1")
        return int(value)
    if isinstance(value, dict):
        try:
            plain = "".join(value).isascii()
        except TypeError:
            raise NotCanonical("an object key is not a string") from None
        keys = sorted(value, key=None if plain else _utf_16)
        return {key: one if (one := value[key]) is None or type(one) is str
                else _checked(one, depth + 1) for key in keys}
    if isinstance(value, (list, tuple)):
        return [_checked(item, depth + 1) for item in value]
    raise NotCanonical(f"{type(value).__name__} has no canonical form")


def _utf_16(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")


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


_ATOMS = frozenset((str, bool, type(None)))
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_SORTING = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False,
                            sort_keys=True, check_circular=False)
_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_no_float,
                            parse_constant=_no_float, parse_int=_small_int)


def sha256(*parts: bytes) -> bytes:
    """SHA-256 over the concatenation of `parts`, 32 bytes."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()


def b64(data: bytes) -> str:
    """Standard base64 with padding (sealed-bid format, part A3)."""
    return base64.b64encode(data).decode("ascii")


def unb64(text: str, length: int | None = None) -> bytes:
    """Read strict base64; only the one canonical spelling of the bytes is accepted."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (AttributeError, UnicodeEncodeError, binascii.Error) as error:
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
    moment = moment.astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


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
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
