"""The published tree while a tick works on it: from its own tiles up to the database's leaves.

Tiles that are missing, damaged or behind are made again from the leaves in the database, but
only where the roots on the way are those that were signed.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from . import tiles
from .checkpoint import Head
from .folder import Folder
from .model import Checkpoint, Leaf
from .tiles import WIDTH, Frontier, NotTiles, Tile

CHUNK = 256 * WIDTH
"""Leaves read at once when tiles are made again from the database."""

_LEAF, _SIGNED = Leaf.__table__, Checkpoint.__table__


class WillNotSign(RuntimeError):
    """The database does not continue what was published; nothing was signed."""


class Growth:
    """The tree that `published` names, to be grown to the `size` leaves of the database."""

    def __init__(self, folder: Folder, published: Head | None, size: int):
        edge = _load(folder, published) if published else None
        self.folder = folder
        self.edge = edge or Frontier()
        self.since = self.edge.size
        """Size up to which full tiles and bundles are written."""
        self.anew = edge is None
        """Whether the folder is made from nothing."""
        self.behind = self.anew or self.since < size
        """Whether the partial tiles of `edge` may be missing from the folder."""
        self.made: list[Tile] = []
        """The tiles not yet written."""
        self.filled: list[Tile] = []
        """Those written in catching up whose partial tiles still lie there."""

    def catch_up(self, connection: Connection, known: dict[int, bytes]) -> None:
        """Bring the tiles up to the largest size of `known`, which gives the roots that the tree
        must have on the way. Raises WillNotSign."""
        for size in sorted(size for size in known if size >= self.edge.size):
            while self.edge.size < size:
                start = self.edge.size
                stop = min(size, start - start % CHUNK + CHUNK)
                entries = _entries(connection, start, stop)
                full = self.edge.extend(tiles.hashed(tiles.LEAF, entries))
                if stop % CHUNK == 0 or stop == size:
                    self._spill(connection, full)
            if self.edge.root() != known[size]:
                raise WillNotSign(f"the {size} leaves of the database have another root "
                                  "than the one signed")
        self.since = self.edge.size

    def _spill(self, connection: Connection, full: list[Tile]) -> None:
        """Write full tiles while catching up, so that memory stays flat; no file names them yet."""
        bundles = {(index, WIDTH): tiles.pack(
            _entries(connection, index * WIDTH, (index + 1) * WIDTH))
            for level, index, _ in full if level == 0}
        self.folder.put_tiles(full, bundles)
        # Until the next checkpoint is published the old one names these; they go after that.
        self.filled += [tile for tile in full if self.folder.has_partials(tile)]

    def write(self, connection: Connection) -> None:
        """Write what the tree of this size needs and the folder may not have."""
        size, first = self.edge.size, self.since // WIDTH
        made = self.made + self.edge.partials()
        if self.anew:
            made += self._earlier(connection)
        entries = _entries(connection, first * WIDTH, size)
        bundles = {}
        for index, width in [(index, len(data) // tiles.HASH)
                             for level, index, data in made if level == 0]:
            start = (index - first) * WIDTH
            bundles[index, width] = tiles.pack(entries[start:start + width])
        self.folder.put_tiles(made, bundles)

    def _earlier(self, connection: Connection) -> list[Tile]:
        """The partial tiles of earlier checkpoints that no full tile replaces (tlog-tiles: they
        MUST be served)."""
        with connection.begin():
            sizes = connection.execute(select(_SIGNED.c.size)).scalars().all()
        edge = self.edge
        return [(level, index, b"".join(edge.rows[level][:width]))
                for size in sizes for level, index, width in tiles.partial_tiles(size)
                if index == edge.size >> 8 * (level + 1) and width < len(edge.rows[level])]


def _load(folder: Folder, published: Head) -> Frontier | None:
    """The edge of the published tree from its own tiles; None when they are damaged."""
    try:
        edge = Frontier.load(published.size, folder.tile)
    except (FileNotFoundError, NotTiles):
        return None
    return edge if edge.root() == published.root else None


def _entries(connection: Connection, start: int, stop: int) -> list[bytes]:
    with connection.begin():
        found = connection.execute(
            select(_LEAF.c.position, _LEAF.c.entry).order_by(_LEAF.c.position)
            .where(_LEAF.c.position >= start, _LEAF.c.position < stop)).all()
    if [row.position for row in found] != list(range(start, stop)):
        raise WillNotSign(f"leaves are missing between {start} and {stop}")
    return [row.entry for row in found]
