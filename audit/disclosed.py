"""Disclosed records as files: what the leaves of one bundle commit to, where it may be read.

`disclosed/<N>.jsonl` belongs to the bundle `tile/entries/<N>`. Each line is the JCS of
`{"i":position,"r":record,"s":base64(salt)}` and a newline; positions rise; a file is never
empty, so that a bundle of which nothing is disclosed has none.
"""

from __future__ import annotations

import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256

from kernel.canonical import NotCanonical, b64, parse_canonical, unb64

from . import leaf, tiles
from .tiles import WIDTH, number_path

_PATH = re.compile(r"\Adisclosed/((?:x\d{3}/)*\d{3})\.jsonl\Z", re.ASCII)

_TEXT = len(b64(bytes(leaf.SALT)))
"""Bytes of a salt's text, the last of which is `=`."""

_TAIL = len(',"s":""}') + _TEXT

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

_COVERED = b',"r":' + COVER + b',"s":"'
"""What stands in the line of a cover leaf between its position and its salt."""

_COVERS = [b"%03d%b" % (number, _COVERED) for number in range(1000)]
_BARE, _END = sha256(), _TEXT + len('"}')


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


Line = tuple[int, bytes, dict]
"""(position, JCS, record)."""


def read(data: bytes, index: int, commitments: Sequence[bytes]) -> Iterator[Line]:
    """Each line, checked against the bundle's commitments, in order.

    `commitments` are base64 texts, as the leaves have them. Raises BadDisclosure naming the
    line, the entry or both.
    """
    if not data.endswith(b"\n"):
        raise BadDisclosure("the file does not end in a whole line")
    least = index * WIDTH
    for number, text in enumerate(data[:-1].split(b"\n"), 1):
        found = _opened(text, number, least, index * WIDTH, commitments)
        yield found
        least = found[0] + 1


def read_all(data: bytes, index: int,
             commitments: Sequence[bytes]) -> tuple[list[int], Iterable[Line]]:
    """(positions of cover, the other lines); the same lines pass as in `read`.

    Most lines of a record are cover, and differ from one another in position and salt only. Where
    a line stands word for word as cover does, its salt is put aside, and all salts of a file are
    decoded, hashed and compared together. In any doubt the file is read again line by line, as
    the lines given are drawn, and what is wrong is named there.
    """
    quick = _Quick(index * WIDTH, commitments)
    try:
        if data.endswith(b"\n") and quick.read(data) and quick.covers():
            return quick.cover, quick.lines
    except ValueError:
        pass
    cover: list[int] = []
    return cover, _beside(read(data, index, commitments), cover)


def _beside(lines: Iterator[Line], cover: list[int]) -> Iterator[Line]:
    for one in lines:
        if one[1] == COVER:
            cover.append(one[0])
        else:
            yield one


class _Quick:
    """One reading of a file in which cover is put aside."""

    def __init__(self, start: int, commitments: Sequence[bytes]):
        self.start, self.commitments = start, commitments
        self.cover: list[int] = []
        self.lines: list[Line] = []
        self.ends: list[bytes] = []

    def read(self, data: bytes) -> bool:
        """Check all lines but those of cover; False or ValueError in doubt."""
        heads, place = [*self._heads(), None], 0
        for number, text in enumerate(data[:-1].split(b"\n"), 1):
            head = text[:-_END]
            if head != heads[place]:
                # Not the next one as cover: a record, or cover after a gap.
                digits = head[len(b'{"i":'):-len(_COVERED)]
                later = int(digits) - self.start if digits.isdigit() else -1
                if not place <= later < len(self.commitments) or head != heads[later]:
                    found = _opened(text, number, self.start + place, self.start,
                                    self.commitments)
                    if found[1] == COVER:
                        return False
                    self.lines.append(found)
                    place = found[0] - self.start + 1
                    continue
                place = later
            self.cover.append(self.start + place)
            self.ends.append(text[-_END:])
            place += 1
        return True

    def _heads(self) -> list[bytes]:
        """How the lines of this bundle begin where they are cover."""
        thousand, within = divmod(self.start, 1000)
        count = len(self.commitments)
        if not thousand or within + count > 1000:
            return [b'{"i":%d%b' % (position, _COVERED)
                    for position in range(self.start, self.start + count)]
        front = b'{"i":%d' % thousand
        return [front + cover for cover in _COVERS[within:within + count]]

    def covers(self) -> bool:
        """Whether the salts put aside are spelled as salts are and open their leaves as cover."""
        count, ends = len(self.ends), bytearray(b"".join(self.ends))
        for place, letter in ((_TEXT - 1, b"="), (_TEXT, b'"'), (_TEXT + 1, b"}")):
            if ends[place::_END] != letter * count:
                return False
        del ends[_TEXT + 1::_END], ends[_TEXT::_END - 1]
        # `A` for `=` gives a byte that is 0 unless the text has stray bits, and no padding.
        ends[_TEXT - 1::_TEXT] = b"A" * count
        salts = a2b_base64(ends, strict_mode=True)
        if len(salts) != count * (leaf.SALT + 1) or any(salts[leaf.SALT::leaf.SALT + 1]):
            return False
        made = tiles.hashed(_BARE, [salt + COVER for salt in tiles.layout(
            f"{leaf.SALT}sx", count).unpack(salts)])
        texts = bytearray(b2a_base64(b"".join([one + b"\0" for one in made]), newline=False))
        texts[_TEXT - 1::_TEXT] = b"=" * count
        return texts == b"".join([self.commitments[place - self.start] for place in self.cover])


def _opened(text: bytes, number: int, least: int, start: int,
            commitments: Sequence[bytes]) -> Line:
    """A line of any position from `least` on, against the commitment of its leaf."""
    position, salt, written, record = _fields(text, number, least)
    if not start <= position < start + len(commitments):
        raise BadDisclosure(f"line {number} names entry {position}, "
                            "which has no place here")
    if b2a_base64(sha256(salt + written).digest(), newline=False) != commitments[position - start]:
        raise BadDisclosure(f"entry {position}: the record is not the one its leaf "
                            "commits to")
    return position, written, record


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
