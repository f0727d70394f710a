"""A disk whose power can be cut: ext4 in a file that lies on XFS, and a reflink copy of the file.

The copy is what the platters held at that instant: nothing that the page cache of the mounted
file system had not written yet is in it. Needs root, mkfs.xfs and a loop device.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

NEEDED = ("mkfs.xfs", "mkfs.ext4", "mount", "umount", "losetup")


class NoRig(RuntimeError):
    """The rig cannot stand here; the message says what it lacks."""


class Disk:
    """Mounted at `at`; `cut()` gives the same disk as it would be found after a loss of power."""

    def __init__(self, folder: Path, megabytes: int = 1200):
        missing = [name for name in NEEDED if shutil.which(name) is None]
        if os.geteuid() != 0 or missing:
            raise NoRig(f"needs root and {', '.join(missing) or 'nothing else'}")
        self._folder, self._numbers = folder, itertools.count(1)
        self._outer, self.at = folder / "outer", folder / "disk"
        for place in (self._outer, self.at):
            place.mkdir(parents=True)
        try:
            outer = folder / "outer.img"
            _sized(outer, megabytes * 2)
            _run("mkfs.xfs", "-q", "-m", "reflink=1", outer)
            _run("mount", "-o", "loop", outer, self._outer)
            self._image = self._outer / "disk.img"
            _sized(self._image, megabytes)
            _run("mkfs.ext4", "-q", "-F", self._image)
            _run("mount", "-o", "loop", self._image, self.at)
        except subprocess.CalledProcessError as error:
            self.close()
            raise NoRig(error.stderr.decode(errors="replace").strip()) from error
        # PostgreSQL runs as nobody and must be able to walk through.
        for place in (folder, self.at):
            place.chmod(0o711)

    @contextlib.contextmanager
    def cut(self) -> Iterator[Path]:
        """The disk as it is at this instant, mounted elsewhere for the length of the block."""
        number = next(self._numbers)
        copy, place = self._outer / f"cut-{number}.img", self._folder / f"cut-{number}"
        _run("cp", "--reflink=always", self._image, copy)
        place.mkdir()
        try:
            _run("mount", "-o", "loop", copy, place)
            yield place
        finally:
            _unmount(place)
            place.rmdir()
            copy.unlink(missing_ok=True)

    def close(self) -> None:
        """Unmount everything and remove it."""
        for place in (self.at, self._outer):
            _unmount(place)
        shutil.rmtree(self._folder, ignore_errors=True)


def _sized(path: Path, megabytes: int) -> None:
    with open(path, "wb") as file:
        file.truncate(megabytes << 20)


def _run(*words: object) -> None:
    subprocess.run([str(word) for word in words], check=True, capture_output=True)


def _unmount(place: Path) -> None:
    if os.path.ismount(place):
        for _ in range(50):
            if subprocess.run(["umount", place], capture_output=True, check=False).returncode == 0:
                return
        subprocess.run(["umount", "-l", place], capture_output=True, check=False)
