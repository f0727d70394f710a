"""Checking a folder of the record, by anybody, with nothing but Python and `cryptography`.

Every byte under the folder is accounted for: the checkpoint by its signature, the key by its
own id (and by `--vkey`, which a careful reader pins), every entry by the tile above it, every
tile by the entries below it, the whole by the signed root, every disclosed record by its leaf.
A file that the layout does not name is a fault as well. Reads each file once, in order;
memory does not grow with the entries.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from . import checkpoint, disclosed, leaf, tiles
from .checkpoint import Head
from .cosignature import Cosigner, cosigned_by
from .cosignature import read_vkey as read_cosigner
from .note import BadNote, Verifier, parse, read_vkey
from .tiles import ENTRIES, HASH, WIDTH, Frontier, NotTiles, tile_path

MOST_PROBLEMS = 20
_WITNESS = re.compile(r"\Awitness[1-9]\d{0,2}\.vkey\Z", re.ASCII)


class CannotCheck(Exception):
    """What was asked for cannot be checked at all: no such folder, an unreadable argument."""


@dataclass
class Report:
    """What was found. The record verifies when `problems` is empty."""

    size: int = 0
    root: bytes = b""
    origin: str = ""
    vkey: str = ""
    disclosed: int = 0
    against: int | None = None
    cosigned: dict[str, int] = field(default_factory=dict)
    """When each witness in the folder cosigned the checkpoint, in POSIX seconds."""
    problems: list[str] = field(default_factory=list)

    def wrong(self, where: str, what: str) -> None:
        """Note a problem; only the first MOST_PROBLEMS are kept, the first is the one that counts."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(f"{where}: {what}")


def verify(folder: Path, vkey: Verifier | None = None, against: bytes | None = None) -> Report:
    """Check the folder; `against` is the text of an older checkpoint that it must continue.

    Returns a Report; raises CannotCheck when there is no folder to read.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise CannotCheck(f"{folder} is not a folder")
    report = Report()
    names = _files(folder, report)
    try:
        key = _key(folder, vkey)
        report.vkey = str(key)
        witnesses = _witnesses(folder, names)
        note = _read(folder, "checkpoint")
        head = checkpoint.read(note, key, others=tuple(witnesses), closed=True)
        report.cosigned = {one.name: at for one, at in
                           cosigned_by(parse(note), witnesses).items()}
    except _Wrong as error:
        report.wrong(*error.args)
        return report
    except BadNote as error:
        report.wrong("checkpoint", str(error))
        return report
    report.size, report.root, report.origin = head.size, head.root, head.origin
    old = None
    if against is not None:
        try:
            old = checkpoint.read(against, key)
            report.against = old.size
        except BadNote as error:
            report.wrong("older checkpoint", str(error))
    partial = _check_names(names, head.size, report)
    _Walk(folder, head, old, partial, names, report).run()
    return report


class _Wrong(Exception):
    """(where, what): this file is at fault."""


def _read(folder: Path, name: str) -> bytes:
    try:
        with open(f"{folder}/{name}", "rb") as file:
            return file.read()
    except FileNotFoundError:
        raise _Wrong(name, "is missing") from None
    except OSError as error:
        raise _Wrong(name, f"cannot be read ({error.strerror})") from None


def _key(folder: Path, pinned: Verifier | None) -> Verifier:
    try:
        key = read_vkey(_read(folder, "log.vkey"))
    except BadNote as error:
        raise _Wrong("log.vkey", str(error)) from None
    if pinned is not None and key != pinned:
        raise _Wrong("log.vkey", f"is not the expected key {pinned}")
    return key


def _witnesses(folder: Path, names: set[str]) -> list[Cosigner]:
    """The witnesses whose keys lie in the folder."""
    found = []
    for name in sorted(filter(_WITNESS.match, names)):
        try:
            found.append(read_cosigner(_read(folder, name)))
        except BadNote as error:
            raise _Wrong(name, str(error)) from None
    return found


def _files(folder: Path, report: Report) -> set[str]:
    """The names of all files below `folder`, with slashes; links and devices are faults."""
    names, waiting = set(), [("", os.fspath(folder))]
    while waiting:
        prefix, place = waiting.pop()
        empty = bool(prefix)
        with os.scandir(place) as found:
            for one in found:
                empty = False
                if one.is_file(follow_symlinks=False):
                    names.add(prefix + one.name)
                elif one.is_dir(follow_symlinks=False):
                    waiting.append((f"{prefix}{one.name}/", one.path))
                else:
                    report.wrong(prefix + one.name, "is neither a file nor a folder")
        if empty:
            report.wrong(prefix.rstrip("/"), "is an empty folder")
    return names


def _check_names(names: set[str], size: int, report: Report) -> dict[tuple[int | str, int], list[int]]:
    """Name every file that has no place in a tree of `size`; return the older partial tiles."""
    partial: dict[tuple[int | str, int], list[int]] = {}
    for name in sorted(names - {"checkpoint", "log.vkey"}):
        if _WITNESS.match(name):
            continue
        if name.startswith("disclosed/"):
            index = disclosed.index_of(name)
            if index is None or index * WIDTH >= size:
                report.wrong(name, "is not a file of this record")
            continue
        try:
            level, index, width = tiles.read_path(name)
        except NotTiles:
            report.wrong(name, "is not a file of this record")
            continue
        complete = size >> 8 * (0 if level == ENTRIES else level)
        wide = min(WIDTH, complete - index * WIDTH)
        if width > wide:
            report.wrong(name, f"has no place in a tree of {size} entries")
        elif width < wide:
            partial.setdefault((level, index), []).append(width)
    return partial


class _Walk:
    """One pass over bundles and tiles, from the first entry to the root."""

    def __init__(self, folder: Path, head: Head, old: Head | None,
                 partial: dict[tuple[int | str, int], list[int]], names: set[str], report: Report):
        self.folder, self.head, self.old = folder, head, old
        self.partial, self.names, self.report = partial, names, report
        self.edge = Frontier()
        self.tick = ""

    def run(self) -> None:
        """Check everything below the head."""
        report, size = self.report, self.head.size
        if self.old and self.old.size > size:
            report.wrong("checkpoint", f"says {size} entries, but {self.old.size} were signed "
                                       "before: the record was cut or rolled back")
            self.old = None
        for index in range((size + WIDTH - 1) // WIDTH):
            hashes = self._bundle(index, min(WIDTH, size - index * WIDTH))
            if hashes is None:
                return
            self._compare_old(hashes)
            for level, number, data in self.edge.extend(hashes):
                if level:
                    self._tile(level, number, data)
        self._compare_old([])
        for level, number, data in self.edge.partials():
            if level:
                self._tile(level, number, data)
        if self.edge.root() != self.head.root:
            report.wrong("checkpoint", "the entries lead to another root than the one signed")

    def _compare_old(self, hashes: list[bytes]) -> None:
        old, start = self.old, self.edge.size
        if old is None or not start <= old.size <= start + len(hashes):
            return
        edge = self.edge.copy()
        edge.extend(hashes[:old.size - start])
        self.old = None
        if edge.root() != old.root:
            self.report.wrong("checkpoint", f"does not continue the older one: the first "
                                            f"{old.size} entries are not the same")

    def _bundle(self, index: int, width: int) -> list[bytes] | None:
        """The leaf hashes of one bundle, after checking bundle, tile and disclosures."""
        name, above = tile_path(ENTRIES, index, width), tile_path(0, index, width)
        tile = self._get(above)
        bundle = self._get(name)
        entries = self._entries(name, bundle, index, width)
        if entries is None:
            # Go on with what the tile says, so that a second fault is named as well.
            whole = tile is not None and len(tile) == width * HASH
            return tiles.split(tile) if whole else None
        hashes = [tiles.leaf_hash(entry) for entry in entries]
        if tile is not None:
            self._compare_tile(above, tile, hashes, index * WIDTH, f"; {name} holds another")
        self._olders(ENTRIES, index, lambda wide: tiles.pack(entries[:wide]))
        self._olders(0, index, lambda wide: b"".join(hashes[:wide]))
        self._disclosed(index, list(self._leaves(name, entries, index)))
        return hashes

    def _get(self, name: str) -> bytes | None:
        try:
            return _read(self.folder, name)
        except _Wrong as error:
            self.report.wrong(*error.args)
            return None

    def _entries(self, name: str, bundle: bytes | None, index: int, width: int) -> list[bytes] | None:
        if bundle is None:
            return None
        try:
            entries = tiles.unpack(bundle)
        except NotTiles as error:
            self.report.wrong(name, f"{error} (in entries {index * WIDTH} and following)")
            return None
        if len(entries) != width:
            self.report.wrong(name, f"holds {len(entries)} entries, not {width}: entry "
                                    f"{index * WIDTH + min(len(entries), width)}")
            return None
        return entries

    def _leaves(self, name: str, entries: list[bytes], index: int) -> Iterator[bytes]:
        for place, entry in enumerate(entries, index * WIDTH):
            try:
                tick, committed = leaf.read(entry)
            except leaf.BadLeaf as error:
                self.report.wrong(name, f"entry {place}: {error}")
                yield b""
                continue
            if tick < self.tick:
                self.report.wrong(name, f"entry {place}: its tick is before the one before it")
            self.tick = max(tick, self.tick)
            yield committed

    def _compare_tile(self, name: str, tile: bytes, hashes: list[bytes], start: int,
                      hint: str) -> None:
        if tile == b"".join(hashes):
            return
        if len(tile) != len(hashes) * HASH:
            self.report.wrong(name, f"has {len(tile)} bytes, not {len(hashes) * HASH}")
            return
        for place, (found, made) in enumerate(zip(tiles.split(tile), hashes, strict=True), start):
            if found != made:
                self.report.wrong(name, f"entry {place}: another hash than that of the entry{hint}")

    def _tile(self, level: int, index: int, data: bytes) -> None:
        width = len(data) // HASH
        name = tile_path(level, index, width)
        tile = self._get(name)
        if tile is not None and tile != data:
            wrong = next((i for i, (found, made) in enumerate(
                zip(tiles.split(tile), tiles.split(data), strict=False)) if found != made), width)
            first = (index * WIDTH + wrong) * WIDTH ** level
            self.report.wrong(name, f"another hash than that of the entries from {first} on")
        self._olders(level, index, lambda wide: data[:wide * HASH])

    def _olders(self, level: int | str, index: int, prefix) -> None:
        """Older partial tiles may still lie there; they must be beginnings of the whole one."""
        for width in self.partial.get((level, index), ()):
            name = tile_path(level, index, width)
            data = self._get(name)
            if data is not None and data != prefix(width):
                self.report.wrong(name, "is not the beginning of the later tile")

    def _disclosed(self, index: int, commitments: list[bytes]) -> None:
        name = disclosed.path(index)
        if name not in self.names:
            return
        data = self._get(name)
        try:
            for _ in disclosed.read(data or b"", index, commitments):
                self.report.disclosed += 1
        except disclosed.BadDisclosure as error:
            self.report.wrong(name, str(error))
