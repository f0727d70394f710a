"""Checking a folder of the record, by anybody, with nothing but Python and `cryptography`.

Every byte under the folder is accounted for: the checkpoint by its signature, the key by its
own id (and by `--vkey`, which a careful reader pins), every entry by the tile above it, every
tile by the entries below it, the whole by the signed root, every disclosed record by its leaf.
A file that the layout does not name is a fault as well. Reads each file once, in order;
memory does not grow with the entries.
"""

from __future__ import annotations

import multiprocessing
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from . import checkpoint, disclosed, tiles
from .bundles import Bundles, Found, Missing, read
from .checkpoint import Head
from .cosignature import Cosigner, cosigned_by
from .cosignature import read_vkey as read_cosigner
from .note import BadNote, Verifier, parse, read_vkey
from .tiles import ENTRIES, HASH, WIDTH, Frontier, NotTiles, tile_path

MOST_PROBLEMS = 20

MOST_BARE = 1 << 20
"""Of entries with nothing disclosed so many are looked at; memory does not grow with the record."""
_WITNESS = re.compile(r"\Awitness[1-9]\d{0,2}\.vkey\Z", re.ASCII)

SPAN = 256
"""Bundles that one process checks at a time: those under one tile of level 1."""

ALONE = 1 << 18
"""Below so many entries one process is quicker than starting several."""


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
    cover: int = 0
    """How many of the disclosed leaves are cover."""
    erased: int = 0
    """How many leaves disclose nothing because an act erased what they held."""
    against: int | None = None
    records: list[tuple[int, dict]] = field(default_factory=list)
    """(position, record) of what was asked to be kept."""
    cosigned: dict[str, int] = field(default_factory=dict)
    """When each witness in the folder cosigned the checkpoint, in POSIX seconds."""
    unsafe: bool = False
    """There are links, pipes or devices among the files: none is opened, and nothing beside them."""
    problems: list[str] = field(default_factory=list)

    def wrong(self, where: str, what: str) -> None:
        """Note a problem; only the first MOST_PROBLEMS are kept, the first is the one that counts."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(f"{where}: {what}")


def verify(folder: Path, vkey: Verifier | None = None, against: bytes | None = None, *,
           older: Sequence[tuple[str, Head]] = (), keep: str | None = None,
           processes: int | None = None, complete: int | None = 0) -> Report:
    """Check the folder; `against` is the text of an older checkpoint that it must continue.

    `older` are heads that others showed, by where they were found: the record must continue them
    too. `keep` is a tender's id: its records, and those of no tender, are handed back. A large
    record is shared between `processes` (as many as there are processors); called so, a program
    must be one that can be imported. Of the first `complete` entries (None: of all) each must be
    accounted for, by a record, as cover, or by an act that erased it. Returns a Report; raises CannotCheck when there is no
    folder to read.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise CannotCheck(f"{folder} is not a folder")
    report = Report()
    first = [name for name in _files(folder, report) if "/" not in name]
    if report.unsafe:
        return report
    try:
        key = _key(folder, vkey)
        report.vkey = str(key)
        witnesses = _witnesses(folder, first)
        note = read(folder, "checkpoint")
        head = checkpoint.read(note, key, others=tuple(witnesses), closed=True)
        report.cosigned = {one.name: at for one, at in
                           cosigned_by(parse(note), witnesses).items()}
    except Missing as error:
        report.wrong(*error.args)
        return report
    except BadNote as error:
        report.wrong("checkpoint", str(error))
        return report
    report.size, report.root, report.origin = head.size, head.root, head.origin
    heads = list(older)
    if against is not None:
        try:
            old = checkpoint.read(against, key, others=tuple(witnesses))
            report.against = old.size
            heads.append(("older checkpoint", old))
        except BadNote as error:
            report.wrong("older checkpoint", str(error))
    complete = head.size if complete is None else complete
    partial = _check_names(folder, head.size, report)
    work = Bundles(folder, head.size, partial, keep, min(complete, head.size))
    walk = _Walk(work, head, report)
    walk.run(processes)
    if not report.problems:
        walk.compare(heads)
        walk.account(complete)
    return report


def _key(folder: Path, pinned: Verifier | None) -> Verifier:
    try:
        key = read_vkey(read(folder, "log.vkey"))
    except BadNote as error:
        raise Missing("log.vkey", str(error)) from None
    if pinned is not None and key != pinned:
        raise Missing("log.vkey", f"is not the expected key {pinned}")
    return key


def _witnesses(folder: Path, names: Iterable[str]) -> list[Cosigner]:
    """The witnesses whose keys lie in the folder."""
    found = []
    for name in sorted(filter(_WITNESS.match, names)):
        try:
            found.append(read_cosigner(read(folder, name)))
        except BadNote as error:
            raise Missing(name, str(error)) from None
    return found


def _files(folder: Path, report: Report) -> Iterator[str]:
    """The names of all files below `folder`, with slashes; links and devices are faults.

    They are not kept: a large record has hundreds of thousands.
    """
    waiting = [("", os.fspath(folder))]
    while waiting:
        prefix, place = waiting.pop()
        with os.scandir(place) as found:
            inside = sorted(found, key=lambda one: one.name, reverse=True)
        if prefix and not inside:
            report.wrong(prefix.rstrip("/"), "is an empty folder")
        for one in reversed(inside):
            if one.is_file(follow_symlinks=False):
                yield prefix + one.name
            elif not one.is_dir(follow_symlinks=False):
                report.unsafe = True
                report.wrong(prefix + one.name, "is neither a file nor a folder")
        waiting += [(f"{prefix}{one.name}/", one.path) for one in inside
                    if one.is_dir(follow_symlinks=False)]


def _check_names(folder: Path, size: int,
                 report: Report) -> dict[tuple[int | str, int], list[int]]:
    """Name every file that has no place in a tree of `size`; return the older partial tiles."""
    partial: dict[tuple[int | str, int], list[int]] = {}
    for name in _files(folder, Report()):
        if name in ("checkpoint", "log.vkey") or _WITNESS.match(name):
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


@dataclass
class _Span:
    """What the bundles under one tile of level 1 turned out to be."""

    sums: list[bytes] = field(default_factory=list)
    """The hash over each whole tile of level 0."""
    edge: list[bytes] | None = None
    """The leaf hashes of the last, partial one; None where it is whole or all is lost."""
    found: Found = field(default_factory=Found)
    lost: bool = False


def _span(work: Bundles, start: int, count: int) -> _Span:
    span, total = _Span(), Found()
    for index in range(start, start + count):
        found = work.check(index)
        if found.first and found.first < total.last:
            total.wrong(tile_path(ENTRIES, index, min(WIDTH, work.size - index * WIDTH)),
                        f"entry {index * WIDTH}: its tick is before the one before it")
        total.first, total.last = total.first or found.first, max(total.last, found.last)
        total.disclosed += found.disclosed
        total.cover += found.cover
        total.bare += found.bare
        total.erased += found.erased
        total.records += found.records
        total.problems += found.problems
        if found.hashes is None:
            span.lost = True
            break
        if len(found.hashes) == WIDTH:
            span.sums.append(tiles.tree_hash(found.hashes))
        else:
            span.edge = found.hashes
    span.found = total
    return span


_work: list[Bundles] = []


def _begin(work: Bundles) -> None:
    _work[:] = [work]


def _one(part: tuple[int, int]) -> _Span:
    return _span(_work[0], *part)


@contextmanager
def _spans(work: Bundles, processes: int | None) -> Iterator[Iterator[tuple[int, _Span]]]:
    """The spans in order, made by as many processes as are worth it."""
    bundles = (work.size + WIDTH - 1) // WIDTH
    parts = [(start, min(SPAN, bundles - start)) for start in range(0, bundles, SPAN)]
    many = min(processes or os.cpu_count() or 1, len(parts))
    if many < 2 or (processes is None and work.size < ALONE):
        yield ((start, _span(work, start, count)) for start, count in parts)
        return
    # Started anew and not forked: a caller may have threads, locks and connections.
    with multiprocessing.get_context("spawn").Pool(many, _begin, (work,)) as pool:
        yield zip((start for start, _ in parts), pool.imap(_one, parts), strict=True)


class _Walk:
    """One pass over bundles and tiles, from the first entry to the root."""

    def __init__(self, work: Bundles, head: Head, report: Report):
        self.work, self.head, self.report = work, head, report
        self.edge = Frontier()
        """The tree over tiles of level 0: what is a leaf to it is a whole tile to us."""
        self.last: list[bytes] = []
        self.tick = ""
        self.bare: list[int] = []
        self.erased: set[int] = set()

    def run(self, processes: int | None) -> None:
        """Check everything below the head."""
        with _spans(self.work, processes) as spans:
            for start, span in spans:
                if not self._take(start, span):
                    return
        rows = [(level, index, data) for level, index, data in self.edge.partials()]
        for level, index, data in rows:
            self._tile(level + 1, index, data)
        if self._root() != self.head.root:
            self.report.wrong("checkpoint", "the entries lead to another root than the one signed")

    def _take(self, start: int, span: _Span) -> bool:
        """Add what one span found; False when the walk cannot go on."""
        found = span.found
        if found.first and found.first < self.tick:
            name = tile_path(ENTRIES, start, min(WIDTH, self.head.size - start * WIDTH))
            self.report.wrong(name, f"entry {start * WIDTH}: its tick is before the one before it")
        self.tick = max(self.tick, found.last)
        for problem in found.problems:
            self.report.wrong(*problem)
        self.report.disclosed += found.disclosed
        self.report.cover += found.cover
        self.erased |= set(found.erased)
        if len(self.bare) < MOST_BARE:
            self.bare += found.bare
        self.report.records += found.records
        if span.lost:
            return False
        for level, index, data in self.edge.extend(span.sums):
            self._tile(level + 1, index, data)
        self.last = span.edge or []
        return True

    def _root(self) -> bytes:
        whole = Frontier()
        whole.size, whole.rows = self.head.size, [self.last, *self.edge.rows]
        return whole.root()

    def _tile(self, level: int, index: int, data: bytes) -> None:
        width = len(data) // HASH
        name = tile_path(level, index, width)
        try:
            tile = read(self.work.folder, name)
        except Missing as error:
            self.report.wrong(*error.args)
            tile = data
        if tile != data:
            wrong = next((i for i, (found, made) in enumerate(
                zip(tiles.split(tile), tiles.split(data), strict=False)) if found != made), width)
            first = (index * WIDTH + wrong) * WIDTH ** level
            self.report.wrong(name, f"another hash than that of the entries from {first} on")
        for older in self.work.partial.get((level, index), ()):
            name = tile_path(level, index, older)
            try:
                if read(self.work.folder, name) != data[:older * HASH]:
                    self.report.wrong(name, "is not the beginning of the later tile")
            except Missing as error:
                self.report.wrong(*error.args)

    def account(self, complete: int) -> None:
        """Name the entries below `complete` that nothing accounts for."""
        if complete > self.head.size:
            self.report.wrong("checkpoint", f"says {self.head.size} entries, not {complete}")
        self.report.erased = len(self.erased)
        for position in self.bare:
            if position not in self.erased:
                self.report.wrong(disclosed.path(position // WIDTH), f"entry {position}: neither a "
                                  "record nor cover, and no act erased it")

    def compare(self, heads: Sequence[tuple[str, Head]]) -> None:
        """Compare older heads with the tree, whose tiles have been found to be right."""
        for where, old in heads:
            if old.origin != self.head.origin:
                self.report.wrong(where, f"is of {old.origin}, not of {self.head.origin}")
            elif old.size > self.head.size:
                self.report.wrong("checkpoint", f"says {self.head.size} entries, but {old.size} "
                                  f"were signed before ({where}): the record was cut or rolled "
                                  "back")
            elif root_at(self.work.folder, self.head.size, old.size) != old.root:
                self.report.wrong("checkpoint", f"does not continue the older one ({where}): the "
                                  f"first {old.size} entries are not the same")


def root_at(folder: Path, size: int, old: int) -> bytes:
    """The root that a record of `size` entries had at `old` of them; reads a tile a level."""
    def tile(level: int, index: int, width: int) -> bytes:
        wide = min(WIDTH, (size >> 8 * level) - index * WIDTH)
        return read(folder, tile_path(level, index, wide))[:width * HASH]

    return Frontier.load(old, tile).root()


def head_of(report: Report) -> Head:
    """The head that was checked."""
    return Head(report.origin, report.size, report.root)
