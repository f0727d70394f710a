"""Who lost its key hands in the plain files (sealed-bid A3.8; 电子招标投标办法 31).

The manifests that sealing kept name every file by size and hash. From them and the files the very
archive is built again that was sealed, byte for byte, or the platform would refuse it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from kernel.canonical import parse_canonical

from .. import blocks, manifest, ustar
from ..sealing import MANIFEST_END, PIECE
from ..wire import Problem, call
from .send import Progress, silent


class Missing(ValueError):
    """A file of the bid is not among those given, or has changed since it was sealed."""


def hand_in(wire, folder: Path, files: Iterable[Path], progress: Progress = silent, *,
            prices: bool = False) -> dict:
    """Send the plain archive of every part that is authorised (`prices`: of the second envelope);
    harmless to repeat.

    `folder` is where the bid was sealed; its key file is not needed. `files` are the files that
    were sealed, or folders that hold them, under whatever names. All are found before anything
    is sent. Raises Missing, Problem, OSError.
    """
    kept = {part: (Path(folder) / f"{part}{MANIFEST_END}").read_bytes() for part in manifest.PARTS}
    told = parse_canonical(kept["technical"])
    roots = call(wire, "GET", f"/lots/{told['lot']}/{'price-' if prices else ''}opening")["roots"]
    parts = [part for part in manifest.PARTS if part in roots]
    given = _Given([*files, Path(folder)])
    sources = {part: given.sources(part, kept[part]) for part in parts}
    for part in parts:
        _send(wire, told["bid"], part, kept[part], sources[part], progress)
    return {"bid": told["bid"], "parts": parts}


class _Given:
    """The files at hand, found by what is in them."""

    def __init__(self, paths: list[Path]):
        self._by_size: dict[int, list[Path]] = {}
        self._hashes: dict[Path, str] = {}
        for path in paths:
            for one in sorted(path.iterdir()) if path.is_dir() else [path]:
                if one.is_file():
                    self._by_size.setdefault(one.stat().st_size, []).append(one)

    def sources(self, part: str, text: bytes) -> list[Path]:
        """The files of a part in the order of its manifest; Missing names all that are not there."""
        wanted = [manifest.FileEntry(**one) for one in parse_canonical(text)["files"]]
        found = [next((path for path in self._by_size.get(one.size, ())
                       if self._hash(path) == one.hash), None) for one in wanted]
        missing = [f"{one.name} ({one.size} bytes)"
                   for one, path in zip(wanted, found, strict=True) if path is None]
        if missing:
            raise Missing(f"{part}: not given, or not as they were sealed: {', '.join(missing)}")
        return found

    def _hash(self, path: Path) -> str:
        if path not in self._hashes:
            hasher = blocks.Hasher()
            with open(path, "rb") as file:
                while piece := file.read(PIECE):
                    hasher.update(piece)
            self._hashes[path] = hasher.hexdigest()
        return self._hashes[path]


def _send(wire, bid: str, part: str, text: bytes, sources: list[Path],
          progress: Progress) -> None:
    # On disk and not in memory: a technical part may be 8 GiB.
    with tempfile.TemporaryFile() as archive:
        tar = ustar.Writer(archive.write)
        for source in sources:
            with open(source, "rb") as file:
                tar.begin(os.fstat(file.fileno()).st_size)
                while piece := file.read(PIECE):
                    tar.write(piece)
        tar.finish(text)
        size = archive.tell()
        progress(part, 0, size)
        try:
            call(wire, "PUT", f"/bids/{bid}/plain-files/{part}", data=archive)
        except Problem as problem:
            if problem.code != "bid.already-done":  # the answer to an earlier try was lost
                raise
        progress(part, size, size)
