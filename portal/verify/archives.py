"""The files of a bid on disk: sealed ones, and plain archives that were handed in at the opening."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bidding import blocks

from .folder import PIECE


class Sealed:
    """An age file on disk, read in places."""

    def __init__(self, path: Path):
        self.path, self.size = path, path.stat().st_size

    def read_at(self, offset: int, length: int) -> bytes:
        """Bytes of the file."""
        with open(self.path, "rb") as file:
            file.seek(offset)
            return file.read(length)


class Plain(Sealed):
    """A plain archive on disk, read as an opened part is (age.Opened)."""

    read = Sealed.read_at

    def stream(self, offset: int, length: int) -> Iterator[bytes]:
        """Bytes of the archive, piece by piece."""
        with open(self.path, "rb") as file:
            file.seek(offset)
            while length and (piece := file.read(min(PIECE, length))):
                length -= len(piece)
                yield piece


def block_hash(path: Path) -> str:
    """The hash over a file's blocks, as declarations state it."""
    hasher = blocks.Hasher()
    with open(path, "rb") as file:
        while piece := file.read(PIECE):
            hasher.update(piece)
    return hasher.hexdigest()
