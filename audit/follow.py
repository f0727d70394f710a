"""Following the record from elsewhere: what it says, believed only as far as it is proven.

A follower pins the log's key and its witnesses' keys. Each time it reads the published
checkpoint, demands a proof that it continues the one it kept, and takes the disclosed records
that came since and are proven to be under it. A record that was cut, rolled back or forked is
refused, and what was kept stays. State lies in one file of the follower's own.

The source is anything with the layout of C2SP tlog-tiles and our `disclosed/`: the platform
over HTTP, a mirror, a folder. Standard library and `cryptography` only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from kernel.canonical import b64
from kernel.files import write_whole

from . import checkpoint, cosignature, disclosed, leaf, note, proofs, tiles
from .cosignature import Cosigner
from .note import Verifier

Fetch = Callable[[str], bytes | None]
"""`fetch("checkpoint")`, `fetch("tile/0/000")`: the bytes, or None when there is no such file."""

_POSITION = re.compile(rb'\A\{"i":(0|[1-9]\d{0,18}),')


class Untrue(Exception):
    """The record is not what it was, or not what it says; nothing of it is believed."""


@dataclass
class Seen:
    """What a follower holds to be true after one reading."""

    size: int = 0
    note: str = ""
    """The checkpoint it rests on."""
    times: list[int] = field(default_factory=list)
    """When its witnesses cosigned that checkpoint: POSIX seconds, rising."""
    records: list[tuple[int, dict]] = field(default_factory=list)
    """(position, record) of all that was asked for, in the order of the log."""


def folder(path: Path) -> Fetch:
    """A source that is a folder on this machine."""
    def fetch(name: str) -> bytes | None:
        try:
            return (Path(path) / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
    return fetch


class Follower:
    """One reader of one record; `wanted(record)` says which disclosed records it keeps."""

    def __init__(self, fetch: Fetch, log: Verifier, witnesses: list[Cosigner], state: Path,
                 wanted: Callable[[dict], bool]):
        self.fetch, self.log, self.witnesses = fetch, log, witnesses
        self.state, self.wanted = Path(state), wanted

    def kept(self) -> Seen:
        """What was believed last; nothing before the first time. Raises Untrue when damaged."""
        try:
            value = json.loads(self.state.read_text("utf-8"))
            head = checkpoint.read(value["note"], self.log)
            return Seen(head.size, value["note"], [], [(i, one) for i, one in value["records"]])
        except FileNotFoundError:
            return Seen()
        except (ValueError, KeyError, TypeError) as error:
            raise Untrue(f"{self.state} is not what this program wrote: {error}") from error

    def follow(self) -> Seen:
        """Read what is published now. Raises Untrue; then what was kept stays as it was."""
        kept = self.kept()
        text = self.fetch("checkpoint")
        if text is None:
            if kept.size:
                raise Untrue("the record is gone")
            return kept
        try:
            head = checkpoint.read(text, self.log)
            times = cosignature.cosigned_by(note.parse(text), self.witnesses)
            node = proofs.tiled(head.size, self._tile)
            self._continues(kept, head, node)
            fresh = self._records(kept.size, head, node)
        except (note.BadNote, proofs.BadProof, tiles.NotTiles, leaf.BadLeaf,
                disclosed.BadDisclosure) as error:
            raise Untrue(str(error)) from error
        seen = Seen(head.size, text.decode(), sorted(times.values()), kept.records + fresh)
        self._keep(seen)
        return seen

    def _continues(self, kept: Seen, head: checkpoint.Head, node: proofs.Node) -> None:
        if not kept.size:
            return
        before = checkpoint.read(kept.note, self.log)
        if head.size < before.size:
            raise Untrue(f"the record was rolled back: {head.size} entries after {before.size}")
        proof = [] if head.size == before.size else proofs.consistency(before.size, head.size, node)
        try:
            proofs.check_consistency(before.size, head.size, proof, before.root, head.root)
        except proofs.BadProof as error:
            raise Untrue(f"the record was forked: {error}") from error

    def _records(self, start: int, head: checkpoint.Head,
                 node: proofs.Node) -> list[tuple[int, dict]]:
        """The wanted records from position `start` on, each proven under `head`."""
        found = []
        for index in range(start // tiles.WIDTH, -(-head.size // tiles.WIDTH)):
            data = self.fetch(disclosed.path(index))
            if data is None:
                continue
            first = index * tiles.WIDTH
            width = min(tiles.WIDTH, head.size - first)
            entries = tiles.unpack(self._wide(tiles.ENTRIES, index, width))[:width]
            committed = [b64(leaf.read(entry)[1]).encode() for entry in entries]
            for place, _, record in disclosed.read(_below(data, head.size), index, committed):
                if place < start or not self.wanted(record):
                    continue
                proofs.check_inclusion(tiles.leaf_hash(entries[place - first]), place, head.size,
                                       proofs.inclusion(place, head.size, node), head.root)
                found.append((place, record))
        return found

    def _tile(self, path: str) -> bytes:
        return self._wide(*tiles.read_path(path))

    def _wide(self, level: int | str, index: int, width: int) -> bytes:
        """A tile or bundle at least so wide: a partial one may have become a full one since."""
        data = self.fetch(tiles.tile_path(level, index, width))
        if data is None and width < tiles.WIDTH:
            data = self.fetch(tiles.tile_path(level, index))
        if data is None:
            raise proofs.BadProof(f"{tiles.tile_path(level, index, width)} is missing")
        return data

    def _keep(self, seen: Seen) -> None:
        """Keep it, whole or not at all: a power cut leaves what was there before."""
        self.state.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self.state, json.dumps({"note": seen.note, "records": seen.records},
                                           ensure_ascii=False))


def _below(data: bytes, size: int) -> bytes:
    """The lines of positions below `size`: what came after the checkpoint waits for the next."""
    lines = []
    for text in data.splitlines(keepends=True):
        match = _POSITION.match(text)
        if match and int(match.group(1)) >= size:
            break
        lines.append(text)
    return b"".join(lines) or b"\n"


def read_witnesses(text: str) -> tuple[int, list[Cosigner]]:
    """(quorum, keys) of a file of witnesses: `quorum N`, then `vkey` or `vkey address` a line.

    Raises BadNote for anything else.
    """
    lines = [line.split() for line in text.splitlines() if line.strip() and line[0] != "#"]
    if not lines or len(lines[0]) != 2 or lines[0][0] != "quorum" or not lines[0][1].isdecimal():
        raise note.BadNote("the first line of a file of witnesses is `quorum N`")
    witnesses = [Cosigner.parse(words[0]) for words in lines[1:]]
    quorum = int(lines[0][1])
    if len({one.public for one in witnesses}) != len(witnesses) \
            or not 1 <= quorum <= len(witnesses):
        raise note.BadNote("the quorum is between 1 and the number of different witnesses")
    return quorum, witnesses
