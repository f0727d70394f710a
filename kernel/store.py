"""Files by their SHA-256, durable before anyone says so.

A name is the hash of what it holds, so writing twice is harmless, a file without a row is
an orphan and nothing worse, and a changed byte is found by reading. The order is: write a
temporary file, fsync it, rename it, fsync the folder. If we die before the rename there is
only a temporary file, which a sweep removes; after it the file is whole.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from .files import fresh, sync_folder

_NAME = re.compile("[0-9a-f]{64}")


class TooLarge(ValueError):
    """The stream was longer than allowed; nothing of it was kept."""


class Store:
    """A folder of objects. Safe for many processes."""

    def __init__(self, root: Path):
        self.root = Path(root)
        self.temporary = self.root / "tmp"
        self.temporary.mkdir(parents=True, exist_ok=True)

    def prepare(self) -> None:
        """Make every folder once, when the installation is made, so that no write waits on one."""
        for number in range(256):
            (self.root / f"{number:02x}").mkdir(exist_ok=True)
        sync_folder(self.root)

    def path(self, name: str) -> Path:
        """Where the object called `name` (64 hex digits) lies or would lie."""
        if not _NAME.fullmatch(name):
            raise ValueError("not an object name")
        return self.root / name[:2] / name[2:]

    def put(self, data: bytes | memoryview) -> str:
        """Store `data` durably and return its SHA-256 in hex.

        What is there already is written anew: after a failed fsync the kernel may call what it
        lost clean, so a second fsync of the same file proves nothing (assurance F04).
        """
        with fresh(temporary := self.temporary / secrets.token_hex(16)) as file:
            file.write(data)
        self._rename(temporary, self.path(name := hashlib.sha256(data).hexdigest()))
        return name

    def used(self) -> float:
        """The share of the disk that is in use, from 0 to 1, as a writer without privilege sees it."""
        disk = os.statvfs(self.root)
        return 1 - disk.f_bavail / max(1, disk.f_blocks - disk.f_bfree + disk.f_bavail)

    def put_stream(self, stream: BinaryIO, limit: int) -> tuple[str, int]:
        """Store a stream of at most `limit` bytes; return (SHA-256 hex, size). Raises TooLarge."""
        digest, size = hashlib.sha256(), 0
        with fresh(temporary := self.temporary / secrets.token_hex(16)) as file:
            while chunk := stream.read(1 << 20):
                size += len(chunk)
                if size > limit:
                    raise TooLarge
                digest.update(chunk)
                file.write(chunk)
        self._rename(temporary, self.path(name := digest.hexdigest()))
        return name, size

    def open(self, name: str) -> BinaryIO:
        """Open an object for reading; FileNotFoundError when there is none."""
        return open(self.path(name), "rb")

    def delete(self, name: str) -> None:
        """Remove an object, if it is there."""
        self.path(name).unlink(missing_ok=True)

    def names(self) -> Iterator[str]:
        """Every file that lies where objects lie, by what its name would be."""
        for folder in self.root.iterdir():
            if len(folder.name) == 2:
                yield from (folder.name + file.name for file in folder.iterdir())

    def _rename(self, temporary: Path, target: Path) -> None:
        if not target.parent.exists():
            target.parent.mkdir(exist_ok=True)
            sync_folder(self.root)
        os.replace(temporary, target)
        sync_folder(target.parent)
