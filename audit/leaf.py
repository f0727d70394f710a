"""What a leaf holds: when its tick was, and a commitment to a record that may stay hidden.

`{"c":…,"t":…,"v":1}` in JCS, always 89 bytes: nothing of the act can be read from its size.
"""

from __future__ import annotations

import re
from binascii import b2a_base64
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

from kernel.canonical import NotCanonical, parse_time, time_text, unb64

LENGTH = 89
SALT = 32
LAST = b"AEIMQUYcgkosw048"
"""What a base64 text of 32 bytes may have before its `=`; others leave bits that say nothing."""

_HOURS = re.compile(r"T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z\Z", re.ASCII)
"""The time within its day, behind ten letters that name the day."""

_C, _T, _V = b'{"c":"', b'","t":"', b'","v":1}'


class BadLeaf(ValueError):
    """Not the bytes of a leaf; the message says why."""


def commitment(salt: bytes, record: bytes) -> bytes:
    """SHA-256(salt ‖ JCS(record)); `salt` is 32 random bytes, `record` is in JCS already."""
    return sha256(salt + record).digest()


def make(tick: datetime, committed: bytes) -> bytes:
    """The leaf's bytes; `tick` is the time of the tick, never that of the act."""
    return make_all(tick, (committed,))[0]


def make_all(tick: datetime, committed: Iterable[bytes]) -> list[bytes]:
    """The leaves of one tick, which differ in their commitments only."""
    after = b"".join((_T, time_text(tick).encode(), _V))
    return [b"".join((_C, b2a_base64(one, newline=False), after)) for one in committed]


def read(entry: bytes) -> tuple[str, bytes]:
    """(tick time as it stands, commitment). Raises BadLeaf for any other bytes."""
    if (len(entry) != LENGTH or entry[:6] != _C or entry[50:57] != _T or entry[81:] != _V):
        raise BadLeaf("not a leaf of this format")
    try:
        moment = entry[57:81].decode("ascii")
        check_time(moment)
        return moment, unb64(entry[6:50].decode("ascii"), 32)
    except (NotCanonical, UnicodeDecodeError) as error:
        raise BadLeaf(str(error)) from error


def check_time(moment: str) -> None:
    """Raise BadLeaf unless the tick's text is a time in its one spelling."""
    if not _HOURS.match(moment, 10):
        raise BadLeaf("the tick time is not canonical")
    _check_day(moment[:10])


@lru_cache(maxsize=64)
def _check_day(day: str) -> None:
    midnight = f"{day}T00:00:00.000Z"
    if time_text(parse_time(midnight)) != midnight:
        raise BadLeaf("the tick time is not canonical")
