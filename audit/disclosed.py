"""Disclosed records as files: what the leaves of one bundle commit to, where it may be read.

`disclosed/<N>.jsonl` belongs to the bundle `tile/entries/<N>`. Each line is the JCS of
`{"i":position,"r":record,"s":base64(salt)}` and a newline; positions rise; a file is never
empty, so that a bundle of which nothing is disclosed has none.
"""

from __future__ import annotations

import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterator, Sequence
from hashlib import sha256

from kernel.canonical import NotCanonical, b64, parse_canonical, unb64

from . import leaf
from .tiles import WIDTH, number_path

_PATH = re.compile(r"\Adisclosed/((?:x\d{3}/)*\d{3})\.jsonl\Z", re.ASCII)

SHORT, MOST_KNOWN = 128, 4096
"""Of short records so many are kept to be recognised again."""

_TAIL = len(',"s":""}') + len(b64(bytes(leaf.SALT)))

PUBLIC = {
    "sealed": frozenset({"public"}),
    "ended": frozenset({"public"}),
    "opened": frozenset({"public", "opened"}),
    "over": frozenset({"public", "opened"}),
    "awarded": frozenset({"public", "opened", "awarded"}),
}
"""What everybody may read of a lot, by how far it has come. `ended`: it failed or was terminated
unopened, and its covered time is over; `over`: the same, after its opening."""

TRUSTED = {
    "sealed": frozenset({"public"}),
    "opened": frozenset({"public", "opened", "party"}),
    **dict.fromkeys(("ended", "over", "awarded"),
                    frozenset({"public", "opened", "awarded", "party", "never"})),
}
"""What supervisor and auditor may read. While a lot is sealed they see no more than everybody:
another entry, even without its content, would tell that somebody has bid. Until the award they
see nothing that names a judge: who saves a sheet sits on the panel."""

COVER, ERASURE = b'{"type":"cover"}', "person.erased"
"""The record of a cover leaf, word for word; and the act that took disclosures away, whose facts
name their positions: `{"erased":[…]}`."""


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


Known = dict[bytes, tuple[bytes, dict]]


def read(data: bytes, index: int, commitments: Sequence[bytes],
         known: Known | None = None) -> Iterator[tuple[int, bytes, dict]]:
    """(position, JCS, record) of each line, checked against the bundle's commitments in order.

    `commitments` are base64 texts, as the leaves have them. `known` holds records that were read
    before, by their JCS: what stands word for word in many lines, cover above all, is parsed
    once. Raises BadDisclosure naming the line, the entry or both.
    """
    if not data.endswith(b"\n"):
        raise BadDisclosure("the file does not end in a whole line")
    known = {} if known is None else known
    start, end = index * WIDTH, index * WIDTH + len(commitments)
    expected, decode, encode, hasher = start, a2b_base64, b2a_base64, sha256
    for number, text in enumerate(data[:-1].split(b"\n"), 1):
        head = b'{"i":%d,"r":' % expected
        cut = len(head)
        seen = known.get(text[cut:-46])
        salt = b""
        if (seen is not None and text[:cut] == head and text[-3:] == b'="}' and expected < end
                and text[-4] in leaf.LAST):
            try:
                salt = decode(text[-46:-2], strict_mode=True)
                written, record = seen
            except ValueError:
                pass
        if not salt:
            expected, salt, written, record = _fields(text, number, expected)
            if not start <= expected < end:
                raise BadDisclosure(f"line {number} names entry {expected}, "
                                    "which has no place here")
            if len(written) < SHORT and len(known) < MOST_KNOWN:
                known[written + b',"s":"'] = written, record
        if encode(hasher(salt + written).digest(), newline=False) != commitments[expected - start]:
            raise BadDisclosure(f"entry {expected}: the record is not the one its leaf "
                                "commits to")
        yield expected, written, record
        expected += 1


def _fields(text: bytes, number: int, least: int) -> tuple[int, bytes, bytes, dict]:
    """(position, salt, JCS, record) of a line of any position from `least` on."""
    try:
        value = parse_canonical(text)
        if not isinstance(value, dict) or set(value) != {"i", "r", "s"}:
            raise BadDisclosure(f"line {number} has other fields than i, r, s")
        position, record = value["i"], value["r"]
        if type(position) is not int or not isinstance(record, dict):
            raise BadDisclosure(f"line {number} has fields of another type")
        salt = unb64(value["s"], leaf.SALT)
    except NotCanonical as error:
        raise BadDisclosure(f"line {number}: {error}") from error
    if position < least:
        raise BadDisclosure(f"line {number} names entry {position}, which has no place here")
    # The line is canonical, so what stands between its first and last field is the JCS.
    return position, salt, text[len(b'{"i":,"r":') + len(str(position)):-_TAIL], record
