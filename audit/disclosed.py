"""Disclosed records as files: what the leaves of one bundle commit to, where it may be read.

`disclosed/<N>.jsonl` belongs to the bundle `tile/entries/<N>`. Each line is the JCS of
`{"i":position,"r":record,"s":base64(salt)}` and a newline; positions rise; a file is never
empty, so that a bundle of which nothing is disclosed has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from kernel.canonical import NotCanonical, b64, parse_canonical, unb64

from . import leaf
from .tiles import WIDTH, number_path

_PATH = re.compile(r"\Adisclosed/((?:x\d{3}/)*\d{3})\.jsonl\Z", re.ASCII)

_TAIL = len(',"s":""}') + len(b64(bytes(leaf.SALT)))

PUBLIC = {
    "sealed": frozenset({"public"}),
    "opened": frozenset({"public", "opened"}),
    "awarded": frozenset({"public", "opened", "awarded"}),
}
"""What everybody may read of a lot, by how far it has come."""

TRUSTED = {
    "sealed": frozenset({"public"}),
    "opened": frozenset({"public", "opened", "party"}),
    "awarded": frozenset({"public", "opened", "awarded", "party", "never"}),
}
"""What supervisor and auditor may read. While a lot is sealed they see no more than everybody:
another entry, even without its content, would tell that somebody has bid. Until the award they
see nothing that names a judge: who saves a sheet sits on the panel."""


class BadDisclosure(ValueError):
    """A disclosed record is not what its leaf commits to; the message says why."""


def path(index: int) -> str:
    """The file beside bundle `index`."""
    return f"disclosed/{number_path(index)}.jsonl"


def index_of(name: str) -> int | None:
    """The bundle that a file called `name` belongs to; None for any other file."""
    match = _PATH.match(name)
    if not match:
        return None
    index = int(match.group(1).replace("x", "").replace("/", ""))
    return index if path(index) == name else None


def line(position: int, record: bytes, salt: bytes) -> bytes:
    """One line, newline included. `record` is in JCS already."""
    return b"".join((b'{"i":', str(position).encode(), b',"r":', record,
                     b',"s":"', b64(salt).encode(), b'"}\n'))


def read(data: bytes, index: int, commitments: list[bytes]) -> Iterable[tuple[int, dict]]:
    """(position, record) of each line, checked against the bundle's commitments in order.

    Raises BadDisclosure naming the line, the entry or both.
    """
    if not data.endswith(b"\n"):
        raise BadDisclosure("the file does not end in a whole line")
    last = -1
    for number, text in enumerate(data[:-1].split(b"\n"), 1):
        position, salt, record = _fields(text, number)
        # The line is canonical, so what stands between its first and last field is the JCS.
        written = text[len(b'{"i":,"r":') + len(str(position)):-_TAIL]
        if position <= last or not 0 <= position - index * WIDTH < len(commitments):
            raise BadDisclosure(f"line {number} names entry {position}, which has no place here")
        if leaf.commitment(salt, written) != commitments[position - index * WIDTH]:
            raise BadDisclosure(f"entry {position}: the record is not the one its leaf commits to")
        last = position
        yield position, record


def _fields(text: bytes, number: int) -> tuple[int, bytes, dict]:
    try:
        value = parse_canonical(text)
        if not isinstance(value, dict) or set(value) != {"i", "r", "s"}:
            raise BadDisclosure(f"line {number} has other fields than i, r, s")
        if type(value["i"]) is not int or not isinstance(value["r"], dict):
            raise BadDisclosure(f"line {number} has fields of another type")
        return value["i"], unb64(value["s"], leaf.SALT), value["r"]
    except NotCanonical as error:
        raise BadDisclosure(f"line {number}: {error}") from error
