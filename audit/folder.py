"""The published folder: tiles and the checkpoint, each file whole or not there.

Temporary files lie in `NAME.tmp` beside the folder, so that the folder itself never holds
anything but what the layout names.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path

from . import tiles
from .cosignature import Cosigner
from .note import Verifier
from .tiles import WIDTH, Tile, tile_path


class Folder:
    """One published record on disk, written by one sequencer at a time."""

    def __init__(self, root: Path):
        self.root = Path(root)
        # Each writer has its own: one that was stopped and goes on later finds its files gone.
        self._temporaries = self.root.with_name(self.root.name + ".tmp")
        self._temporary = self._temporaries / secrets.token_hex(8)
        self.root.mkdir(parents=True, exist_ok=True)

    @property
    def lock_path(self) -> Path:
        """The file whose lock keeps a second sequencer on this host away."""
        return self.root.with_name(self.root.name + ".lock")

    def read(self, path: str) -> bytes:
        """The bytes of one file; FileNotFoundError when there is none."""
        return (self.root / path).read_bytes()

    def tile(self, level: int | str, index: int, width: int) -> bytes:
        """The bytes of a tile or bundle (level ENTRIES), taken from the full one where the partial
        one has been replaced since its checkpoint was read: what it holds is all of one length."""
        try:
            return self.read(tile_path(level, index, width))
        except FileNotFoundError:
            whole = self.read(tile_path(level, index))
            return whole[:width * (len(whole) // WIDTH)]

    def checkpoint(self) -> bytes | None:
        """The published checkpoint, None before the first."""
        try:
            return self.read("checkpoint")
        except FileNotFoundError:
            return None

    def put(self, files: dict[str, bytes]) -> None:
        """Write files durably: all temporaries, fsync each, rename each, fsync each folder.

        If we die before a rename the old state stands and the temporaries are swept at the
        next start; after it the file is whole. Writing the same bytes again is harmless.
        """
        self._temporary.mkdir(parents=True, exist_ok=True)
        moves: list[tuple[Path, Path]] = []
        for number, (path, data) in enumerate(files.items()):
            temporary = self._temporary / str(number)
            temporary.write_bytes(data)
            moves.append((temporary, self.root / path))
        for temporary, _ in moves:
            _sync(temporary)
        folders: set[Path] = set()
        for temporary, target in moves:
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(temporary, target)
            # Any folder on the way may be new, perhaps since a tick that died; sync them all.
            folders |= {folder for folder in target.parents if folder.is_relative_to(self.root)}
        for folder in sorted(folders, reverse=True):
            _sync(folder)

    def put_tiles(self, made: list[Tile], bundles: dict[tuple[int, int], bytes]) -> None:
        """Write tiles and, by (index, width), entry bundles."""
        files = {tile_path(level, index, len(data) // tiles.HASH): data
                 for level, index, data in made}
        files |= {tile_path(tiles.ENTRIES, index, width): data
                  for (index, width), data in bundles.items()}
        self.put(files)

    def drop_partials(self, made: list[Tile]) -> None:
        """Remove partial tiles and bundles whose full tile is among `made`.

        Only once no published checkpoint names them. If we die here some are left; they say
        nothing wrong and the verifier checks them too.
        """
        for tile in made:
            if len(tile[2]) == WIDTH * tiles.HASH:
                for path in self._partials(tile):
                    shutil.rmtree(path, ignore_errors=True)

    def has_partials(self, tile: Tile) -> bool:
        """Whether partial tiles or bundles of this one lie there."""
        return any(path.exists() for path in self._partials(tile))

    def _partials(self, tile: Tile) -> list[Path]:
        level, index, _ = tile
        return [self.root / (tile_path(kind, index) + ".p")
                for kind in ((level, tiles.ENTRIES) if level == 0 else (level,))]

    def publish(self, note: str, key: Verifier, witnesses: Sequence[Cosigner] = ()) -> None:
        """Put the checkpoint in its place, beside the keys that check it: a tick's last step."""
        keys = {"log.vkey": key} | {
            f"witness{number}.vkey": witness for number, witness in enumerate(witnesses, 1)}
        wanted = {name: f"{one}\n".encode() for name, one in keys.items()}
        there = {path.name: path.read_bytes() for path in self.root.glob("*.vkey")}
        if wanted != there:
            self.put(wanted)
        self.put({"checkpoint": note.encode()})
        for name in there.keys() - wanted.keys():
            (self.root / name).unlink()

    def sweep(self) -> None:
        """Remove what a crash left half written."""
        shutil.rmtree(self._temporaries, ignore_errors=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
