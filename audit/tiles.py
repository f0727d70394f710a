"""The tree and its tiles: RFC 6962 §2.1 with SHA-256, laid out as C2SP tlog-tiles.

Pure arithmetic over bytes. A tile of level L holds up to 256 hashes of complete subtrees of
256**L leaves; the hashes between two levels are never stored, they are made again from the
tile. An entry bundle holds the same 256 leaves as data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import sha256
from struct import Struct
from typing import Protocol

WIDTH = 256
"""Hashes in a full tile: height 8."""

HASH = 32

EMPTY_ROOT = sha256(b"").digest()
"""The root of the tree of no leaves (RFC 6962 §2.1)."""

ENTRIES = "entries"
"""Stands in a path where a tile has its level."""

_NUMBER = re.compile(r"\A(?:x\d{3}/)*\d{3}\Z", re.ASCII)
_WIDTH = re.compile(r"\A[1-9]\d{0,2}\Z", re.ASCII)
_LEVEL = re.compile(r"\A(?:0|[1-9]\d?)\Z", re.ASCII)

Tile = tuple[int, int, bytes]
"""(level, index, the hashes one after another)."""


class NotTiles(ValueError):
    """A path, a bundle or a tile that the layout does not allow; the message says why."""


class Begun(Protocol):
    """What `hashlib.sha256(…)` gives: a hash that may be copied and go on."""

    def copy(self) -> Begun:
        """The same, to go on apart."""

    def update(self, data: bytes, /) -> None:
        """Take the next bytes."""

    def digest(self) -> bytes:
        """The hash, 32 bytes."""


LEAF, _NODE = sha256(b"\x00"), sha256(b"\x01")
"""Begun hashes of a leaf and of an inner node, to be copied."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one leaf: SHA-256(0x00 ‖ entry)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


def tree_hash(hashes: Sequence[bytes]) -> bytes:
    """The Merkle tree hash over subtree hashes of one size, of which the last may be smaller.

    Pairing row by row and carrying an odd last one upwards is the same tree as RFC 6962's
    split at the largest power of two.
    """
    if not hashes:
        return EMPTY_ROOT
    row = b"".join(hashes)
    while (count := len(row) // HASH) > 1:
        odd = row[len(row) - HASH:] if count % 2 else b""
        pairs = layout(f"{2 * HASH}s", count // 2).unpack_from(row)
        row = b"".join(hashed(_NODE, pairs)) + odd
    return row


def hashed(begun: Begun, parts: Iterable[bytes]) -> list[bytes]:
    """SHA-256 of each part behind what `begun` has taken in already; a hash begun once and copied
    is begun quicker than anew."""
    digests, copy = [], begun.copy
    for part in parts:
        one = copy()
        one.update(part)
        digests.append(one.digest())
    return digests


@lru_cache(maxsize=1024)
def layout(step: str, count: int) -> Struct:
    """`count` equal steps of bytes, one after another, taken apart at once."""
    return Struct(step * count)


def split(tile: bytes) -> list[bytes]:
    """The hashes of a tile; what is left over at its end stands last."""
    whole = layout(f"{HASH}s", len(tile) // HASH)
    return [*whole.unpack_from(tile), *filter(None, (tile[whole.size:],))]


class Frontier:
    """The right edge of a tree: of each level, the hashes of its one partial tile.

    All that is needed to add leaves, to know the root and to write tiles, in a few
    kilobytes whatever the size of the tree.
    """

    def __init__(self) -> None:
        self.size = 0
        self.rows: list[list[bytes]] = [[]]

    @classmethod
    def load(cls, size: int, read: Callable[[int, int, int], bytes]) -> Frontier:
        """The edge of a tree of `size` leaves, from its partial tiles.

        `read(level, index, width)` returns a tile's bytes. The caller compares root().
        Raises NotTiles when a tile has another length.
        """
        edge = cls()
        edge.size, edge.rows = size, []
        for level, index, width in partial_tiles(size, gaps=True):
            tile = read(level, index, width) if width else b""
            if len(tile) != width * HASH:
                raise NotTiles(f"{tile_path(level, index, width)} has {len(tile)} bytes")
            edge.rows.append(split(tile))
        edge.rows = edge.rows or [[]]
        return edge

    def copy(self) -> Frontier:
        """The same edge, to be extended apart."""
        other = Frontier()
        other.size, other.rows = self.size, [list(row) for row in self.rows]
        return other

    def extend(self, leaf_hashes: Iterable[bytes]) -> list[Tile]:
        """Add leaves; return the tiles that became full, lower levels first in each climb."""
        full: list[Tile] = []
        for value in leaf_hashes:
            self.size += 1
            self.rows[0].append(value)
            if len(self.rows[0]) == WIDTH:
                self._climb(full)
        return full

    def _climb(self, full: list[Tile]) -> None:
        for level, row in enumerate(self.rows):
            if len(row) < WIDTH:
                return
            full.append((level, (self.size >> 8 * (level + 1)) - 1, b"".join(row)))
            if level + 1 == len(self.rows):
                self.rows.append([])
            self.rows[level + 1].append(tree_hash(row))
            row.clear()

    def partials(self) -> list[Tile]:
        """The partial tiles of this tree, none of them empty."""
        return [(level, index, b"".join(self.rows[level]))
                for level, index, _ in partial_tiles(self.size)]

    def root(self) -> bytes:
        """The tree's root hash, 32 bytes."""
        carried: list[bytes] = []
        for row in self.rows:
            if row or carried:
                carried = [tree_hash(row + carried)]
        return carried[0] if carried else EMPTY_ROOT


def partial_tiles(size: int, gaps: bool = False) -> Iterator[tuple[int, int, int]]:
    """(level, index, width) of the partial tile at each level of a tree of `size` leaves.

    tlog-tiles: width = floor(size / 256**level) mod 256. With `gaps`, levels whose width is
    0 are named too, so that the levels count up without a hole.
    """
    level, count = 0, size
    while count:
        if count % WIDTH or gaps:
            yield level, count // WIDTH, count % WIDTH
        level, count = level + 1, count // WIDTH


def all_tiles(size: int) -> Iterator[tuple[int, int, int]]:
    """(level, index, width) of every tile that a tree of `size` leaves has."""
    level, count = 0, size
    while count:
        for index in range(count // WIDTH):
            yield level, index, WIDTH
        if count % WIDTH:
            yield level, count // WIDTH, count % WIDTH
        level, count = level + 1, count // WIDTH


def number_path(index: int) -> str:
    """`1234067` as `x001/x234/067`."""
    text = f"{index % 1000:03d}"
    while index := index // 1000:
        text = f"x{index % 1000:03d}/{text}"
    return text


def tile_path(level: int | str, index: int, width: int = WIDTH) -> str:
    """The path of a tile, or of an entry bundle where `level` is ENTRIES."""
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{level}/{number_path(index)}{partial}"


def read_path(path: str) -> tuple[int | str, int, int]:
    """(level or ENTRIES, index, width) of a path; raises NotTiles for any other spelling."""
    kind, _, rest = path.removeprefix("tile/").partition("/")
    number, partial, width = rest.partition(".p/")
    if not path.startswith("tile/") or not (kind == ENTRIES or _LEVEL.match(kind)):
        raise NotTiles("no tile has this name")
    if not _NUMBER.match(number) or (partial and not _WIDTH.match(width)):
        raise NotTiles("no tile has this name")
    level = kind if kind == ENTRIES else int(kind)
    index = int(number.replace("x", "").replace("/", ""))
    wide = int(width) if partial else WIDTH
    wrong = tile_path(level, index, wide) != path or (partial and wide >= WIDTH)
    if wrong or (level != ENTRIES and level > 63):
        raise NotTiles("no tile has this name")
    return level, index, wide


def pack(entries: Iterable[bytes]) -> bytes:
    """An entry bundle: each entry behind its length as big-endian uint16."""
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > 0xFFFF:
            raise NotTiles("an entry is longer than 65,535 bytes")
        parts += (len(entry).to_bytes(2, "big"), entry)
    return b"".join(parts)


def unpack(bundle: bytes) -> list[bytes]:
    """The entries of a bundle; raises NotTiles when a length leads past the end."""
    entries, place = [], 0
    while place < len(bundle):
        start = place + 2
        place = start + int.from_bytes(bundle[place:start], "big")
        if start > len(bundle) or place > len(bundle):
            raise NotTiles(f"entry {len(entries)} of the bundle is cut short")
        entries.append(bundle[start:place])
    return entries
