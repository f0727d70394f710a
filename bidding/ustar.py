"""The inside of a sealed part: a ustar of our own narrow kind, and nothing wider is read.

Members are `0001`, `0002` … in manifest order, the last is `manifest.json`: true names stand
in the manifest only. Regular files, mode 0644, no times, no owners, no links, no paths, no
extensions. Two zero blocks end it, then zero bytes up to the Padmé size, because the exact
size of sealed files is a fingerprint. Every byte that is not content has one allowed value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

RECORD = 512
MANIFEST = "manifest.json"
MAX_MEMBERS = 9999
MAX_MEMBER = 8**11 - 1
"""ustar's own limit: eleven octal digits."""
MAX_MANIFEST = 4 * 1024 * 1024


class NotOurs(ValueError):
    """Not a tar this platform's sealer writes; the message says where it differs."""


@dataclass(frozen=True)
class Member:
    """One file inside: where its bytes begin, and how many there are."""

    name: str
    offset: int
    size: int


def padme(size: int) -> int:
    """The Padmé size (PURBs, PETS 2019): at most 12 % more, and few bits of the length leak."""
    if size < 2:
        return size
    exponent = size.bit_length() - 1
    low = exponent - exponent.bit_length()
    return size + (-size % (1 << low)) if low > 0 else size


def _up(size: int) -> int:
    return size + -size % RECORD


def header(name: str, size: int) -> bytes:
    """The 512 bytes before a member."""
    if not 0 <= size <= MAX_MEMBER:
        raise NotOurs("a member is larger than ustar can say")
    block = bytearray(RECORD)
    block[0:len(name)] = name.encode("ascii")
    block[100:108] = b"0000644\0"
    block[108:116] = block[116:124] = b"0000000\0"
    block[124:136] = b"%011o\0" % size
    block[136:148] = b"00000000000\0"
    block[148:156] = b" " * 8
    block[156:157] = b"0"
    block[257:265] = b"ustar\x0000"
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


class Writer:
    """Writes a part in one pass into `sink`: `begin`, `write` …, at last `finish(manifest)`."""

    def __init__(self, sink: Callable[[bytes], object]):
        self._sink = sink
        self._total = 0
        self._left = 0
        self._members = 0

    def begin(self, size: int) -> str:
        """Start the next member, exactly `size` bytes; returns its generated name."""
        self._members += 1
        if self._members > MAX_MEMBERS:
            raise NotOurs("more than 9,999 files in one part")
        name = f"{self._members:04d}"
        self._begin(name, size)
        return name

    def write(self, data: bytes) -> None:
        """Bytes of the member begun."""
        if len(data) > self._left:
            raise NotOurs("a file grew while it was sealed")
        self._put(data)
        self._left -= len(data)

    def finish(self, manifest: bytes) -> None:
        """Write the manifest, the end and the padding."""
        self._begin(MANIFEST, len(manifest))
        self.write(manifest)
        self._close()
        self._put(bytes(2 * RECORD))
        missing = padme(self._total) - self._total
        while missing:
            piece = min(missing, 1 << 20)
            self._sink(bytes(piece))
            missing -= piece

    def _begin(self, name: str, size: int) -> None:
        self._close()
        self._put(header(name, size))
        self._left = size

    def _close(self) -> None:
        if self._left:
            raise NotOurs("a file shrank while it was sealed")
        self._put(bytes(-self._total % RECORD))

    def _put(self, data: bytes) -> None:
        self._total += len(data)
        if data:
            self._sink(data)


def read_members(read: Callable[[int, int], bytes], total: int) -> list[Member]:
    """The members of a part of `total` bytes, read at random by `read(offset, length)`.

    Strict: raises NotOurs for anything `Writer` would not have written, byte for byte, the
    padding behind the end included. Contents are not read.
    """
    members: list[Member] = []
    offset = 0
    while True:
        block = read(offset, RECORD)
        if len(block) != RECORD:
            raise NotOurs("the archive is cut off")
        if block == bytes(RECORD):
            raise NotOurs("the archive has no manifest")
        name, size = _named(block, len(members))
        offset += RECORD
        if size > total - offset:
            raise NotOurs("a member is longer than the archive")
        members.append(Member(name, offset, size))
        _zeros(read, offset + size, _up(size) - size)
        offset += _up(size)
        if name == MANIFEST:
            break
    if members[-1].size > MAX_MANIFEST:
        raise NotOurs("the manifest is too long")
    if total != padme(offset + 2 * RECORD):
        raise NotOurs("the archive does not have its Padmé size")
    _zeros(read, offset, total - offset)
    return members


def _named(block: bytes, count: int) -> tuple[str, int]:
    expected = f"{count + 1:04d}"
    raw = block[:100].rstrip(b"\0")
    if raw not in (expected.encode(), MANIFEST.encode()) or count >= MAX_MEMBERS + 1:
        raise NotOurs("a member has another name than its number")
    digits = block[124:135]
    if set(digits) - set(b"01234567") or block[135]:
        raise NotOurs("a member's size is not eleven octal digits")
    size = int(digits, 8)
    name = raw.decode()
    if header(name, size) != block:
        raise NotOurs("a member is not a plain regular file")
    return name, size


def _zeros(read: Callable[[int, int], bytes], offset: int, length: int) -> None:
    while length:
        piece = read(offset, min(length, 1 << 20))
        if not piece or piece.strip(b"\0"):
            raise NotOurs("padding that is not zero")
        offset += len(piece)
        length -= len(piece)
