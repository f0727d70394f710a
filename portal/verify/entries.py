"""The disclosed entries of one tender, as the record has been found to hold them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from audit import bundles, leaf, tiles
from audit.checkpoint import Head
from audit.tiles import ENTRIES, WIDTH, tile_path


@dataclass(frozen=True)
class Entry:
    """One entry: where it stands and what it says."""

    position: int
    record: dict

    @property
    def facts(self) -> dict:
        """Its facts."""
        return self.record["facts"]

    def __str__(self) -> str:
        return f"entry {self.position} ({self.record.get('type')})"


class Entries:
    """What the record discloses of a tender, by type."""

    def __init__(self, folder: Path, head: Head, found: list[tuple[int, dict]]):
        self.folder, self.head = folder, head
        self.by_position = dict(found)
        self._by_type: dict[str, list[Entry]] = defaultdict(list)
        for position, record in sorted(found):
            self._by_type[str(record.get("type"))].append(Entry(position, record))

    def of(self, kind: str, lot: str | None = None, subject: str | None = None) -> list[Entry]:
        """The entries of a type, of a lot and about a subject where these are given, in order."""
        return [one for one in self._by_type.get(kind, [])
                if (lot is None or one.record.get("lot") == lot)
                and (subject is None or one.record.get("subject") == subject)]

    def one(self, kind: str, lot: str | None = None, subject: str | None = None) -> Entry | None:
        """The only such entry; None when there is none or more than one."""
        found = self.of(kind, lot, subject)
        return found[0] if len(found) == 1 else None

    def leaf(self, position: int) -> bytes:
        """The leaf's bytes at a position of the record."""
        start = position // WIDTH * WIDTH
        width = min(WIDTH, self.head.size - start)
        data = bundles.read(self.folder, tile_path(ENTRIES, position // WIDTH, width))
        return tiles.unpack(data)[position - start]

    def tick(self, position: int) -> str:
        """The tick time of the leaf at a position."""
        return leaf.read(self.leaf(position))[0]
