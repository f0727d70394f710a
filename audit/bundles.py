"""One bundle of the record checked: 256 leaves, their hashes, and what is disclosed of them.

Whole bundles are compared at once where all their bytes have the form that a leaf has; only a
bundle that differs somewhere is read leaf by leaf, to name the entry. Nothing here keeps what
it has read.
"""

from __future__ import annotations

import os
from binascii import b2a_base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm

from . import disclosed, leaf, tiles
from .tiles import ENTRIES, HASH, WIDTH, NotTiles, tile_path

STEP = leaf.LENGTH + 2
"""Bytes from one leaf of a bundle to the next: its length, big-endian, stands before it."""

LARGEST = 256 << 20
"""Bytes that one file may have: 256 disclosed records of a megabyte each."""

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_CLASSES = bytes.maketrans(_ALPHABET, b"a" * 64)
_C, _T = 8, 59
"""Where the commitment's and the tick's text begin in a step."""
_SHAPE = (b'\0Y{"c":"' + b"A" * 43 + b'=","t":"' + b"2026-12-01T09:00:00.000Z"
          + b'","v":1}').translate(_CLASSES)
_ENTRY, _COMMITMENT, _MOMENT = (
    f"2x{leaf.LENGTH}s", f"{_C}x44s{STEP - _C - 44}x", f"{_T}x24s{STEP - _T - 24}x")
_LETTERS = ((1, b"Y"), (4, b"c"), (55, b"t"), (86, b"v"), (89, b"1"))


class Missing(Exception):
    """(where, what): a file that should be there cannot be read."""


class Absent(Missing):
    """There is no such file."""


UNFORESEEN = (ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError, Missing,
              RuntimeError, TypeError, UnsupportedAlgorithm, ValueError)
"""What a program may meet in files that somebody made to break it, where no check expects it: it
says so and ends as over anything wrong."""


@dataclass
class Found:
    """What one bundle, or several one after another, turned out to be."""

    hashes: list[bytes] | None = None
    """The leaves' hashes; None when not even the tile says them."""
    first: str = ""
    last: str = ""
    disclosed: int = 0
    cover: int = 0
    """How many of the disclosed leaves are cover."""
    bare: list[int] = field(default_factory=list)
    """Positions of which nothing is disclosed, where that was asked for."""
    erased: list[int] = field(default_factory=list)
    """Positions whose records were erased, by the acts among the disclosed ones."""
    records: list[tuple[int, dict]] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)

    def wrong(self, where: str, what: str) -> None:
        """Note a problem."""
        self.problems.append((where, what))


class Bundles:
    """The bundles of a folder whose checkpoint says `size` entries.

    `partial` are the older partial tiles that are there.
    `keep` says which disclosed records are handed back; None: none. Below `complete` the
    positions of which nothing is disclosed are handed back.
    """

    def __init__(self, folder: Path, size: int, partial: dict[tuple[int | str, int], list[int]],
                 keep: str | None = None, complete: int = 0):
        self.folder, self.size, self.complete, self.partial = folder, size, complete, partial
        self.keep = keep.encode() if keep is not None else None

    def check(self, index: int) -> Found:
        """The leaf hashes of one bundle, after checking bundle, tile and disclosures."""
        found = Found()
        width = min(WIDTH, self.size - index * WIDTH)
        name, above = tile_path(ENTRIES, index, width), tile_path(0, index, width)
        tile, bundle = self.get(above, found), self.get(name, found)
        if bundle is not None and is_whole(bundle, width) and _ticks(bundle, found):
            hashes = tiles.hashed(tiles.LEAF, tiles.layout(_ENTRY, width).unpack(bundle))
            commitments = list(tiles.layout(_COMMITMENT, width).unpack(bundle))
        else:
            entries = _entries(name, bundle, index, width, found)
            if entries is None:
                # Go on with what the tile says, so that a second fault is named as well.
                whole = tile is not None and len(tile) == width * HASH
                found.hashes = tiles.split(tile) if whole else None
                return found
            hashes = [tiles.leaf_hash(entry) for entry in entries]
            commitments = list(_leaves(name, entries, index, found))
        found.hashes = hashes
        if tile is not None and tile != b"".join(hashes):
            _compare(above, tile, hashes, index * WIDTH, f"; {name} holds another", found)
        if self.partial:
            self._olders(index, bundle, hashes, found)
        self._disclosed(index, commitments, found)
        return found

    def get(self, name: str, found: Found) -> bytes | None:
        """A file's bytes; None when it cannot be read, which is then a problem."""
        try:
            return read(self.folder, name)
        except Missing as error:
            found.wrong(*error.args)
            return None

    def _olders(self, index: int, bundle: bytes, hashes: list[bytes], found: Found) -> None:
        """Older partial tiles may still lie there; they must be beginnings of the whole one."""
        for level, whole, step in ((ENTRIES, bundle, STEP), (0, b"".join(hashes), HASH)):
            for width in self.partial.get((level, index), ()):
                name = tile_path(level, index, width)
                data = self.get(name, found)
                if data is not None and data != whole[:width * step]:
                    found.wrong(name, "is not the beginning of the later tile")

    def _disclosed(self, index: int, commitments, found: Found) -> None:
        name, cover, shown = disclosed.path(index), [], []
        try:
            cover, lines = disclosed.read_all(read(self.folder, name), index, commitments)
            for position, written, record in lines:
                shown.append(position)
                self._record(position, written, record, found)
        except Absent:
            pass
        except Missing as error:
            found.wrong(*error.args)
        except disclosed.BadDisclosure as error:
            found.wrong(name, str(error))
        found.cover += len(cover)
        found.disclosed += len(cover) + len(shown)
        start = index * WIDTH
        if start < self.complete and len(cover) + len(shown) < len(commitments):
            stop = min(start + len(commitments), self.complete)
            found.bare += sorted(set(range(start, stop)).difference(cover, shown))

    def _record(self, position: int, written: bytes, record: dict, found: Found) -> None:
        if record.get("type") == "cover":
            raise disclosed.BadDisclosure(f"entry {position}: cover that says something")
        if record.get("type") == disclosed.ERASURE:
            facts = record.get("facts")
            erased = facts.get("erased") if isinstance(facts, dict) else None
            if not isinstance(erased, list) or any(type(one) is not int for one in erased):
                raise disclosed.BadDisclosure(f"entry {position}: an erasure of nothing")
            found.erased += erased
        if self.keep is not None and self._wanted(written):
            found.records.append((position, record))

    def _wanted(self, record: bytes) -> bool:
        return self.keep in record or b'"tender":null' in record


def read(folder: Path, name: str) -> bytes:
    """A file of the folder. Raises Missing, Absent where there is none."""
    try:
        # Unbuffered: to make room for as much as a file may have costs more than to read it.
        with open(f"{folder}/{name}", "rb", buffering=0) as file:
            small = os.fstat(file.fileno()).st_size <= LARGEST
            data = file.read() if small else b""
    except FileNotFoundError:
        raise Absent(name, "is missing") from None
    except OSError as error:
        raise Missing(name, f"cannot be read ({error.strerror})") from None
    if not small:
        raise Missing(name, "is larger than any file of a record")
    return data


def is_whole(bundle: bytes, width: int) -> bool:
    """Whether the bytes are `width` leaves of the one form they have; ticks are not looked at."""
    if len(bundle) != width * STEP or bundle.translate(_CLASSES) != _SHAPE * width:
        return False
    return (all(bundle[place::STEP].count(letter) == width for place, letter in _LETTERS)
            and not bundle[_C + 42::STEP].translate(None, leaf.LAST))


def _ticks(bundle: bytes, found: Found) -> bool:
    """Whether the ticks are times and do not fall; the first and the last go into `found`."""
    moments = list(tiles.layout(_MOMENT, len(bundle) // STEP).unpack(bundle))
    try:
        for moment in set(moments):
            leaf.check_time(moment.decode("ascii"))
    except ValueError:
        return False
    if moments != sorted(moments):
        return False
    found.first, found.last = moments[0].decode(), moments[-1].decode()
    return True


def _entries(name: str, bundle: bytes | None, index: int, width: int,
             found: Found) -> list[bytes] | None:
    if bundle is None:
        return None
    try:
        entries = tiles.unpack(bundle)
    except NotTiles as error:
        found.wrong(name, f"{error} (in entries {index * WIDTH} and following)")
        return None
    if len(entries) != width:
        found.wrong(name, f"holds {len(entries)} entries, not {width}: entry "
                          f"{index * WIDTH + min(len(entries), width)}")
        return None
    return entries


def _leaves(name: str, entries: list[bytes], index: int, found: Found) -> Iterator[bytes]:
    for place, entry in enumerate(entries, index * WIDTH):
        try:
            tick, committed = leaf.read(entry)
        except leaf.BadLeaf as error:
            found.wrong(name, f"entry {place}: {error}")
            yield b""
            continue
        if tick < found.last:
            found.wrong(name, f"entry {place}: its tick is before the one before it")
        found.first, found.last = found.first or tick, max(tick, found.last)
        yield b2a_base64(committed, newline=False)


def _compare(name: str, tile: bytes, hashes: list[bytes], start: int, hint: str,
             found: Found) -> None:
    if len(tile) != len(hashes) * HASH:
        found.wrong(name, f"has {len(tile)} bytes, not {len(hashes) * HASH}")
        return
    for place, (said, made) in enumerate(zip(tiles.split(tile), hashes, strict=True), start):
        if said != made:
            found.wrong(name, f"entry {place}: another hash than that of the entry{hint}")
