"""Files written whole: after any end of the process, the old content or the new."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def fresh(path: Path, mode: int = 0o666) -> Iterator[BinaryIO]:
    """A new file, durable when the block ends; an error removes it."""
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except Exception:
        path.unlink(missing_ok=True)
        raise


def write_whole(path: Path, data: bytes | str, *, new: bool = False, mode: int = 0o600) -> None:
    """Write a file durably, whole or not at all, and safe for many processes at once.

    If we die before the rename a stray `.NAME.….new` stays. `new`: FileExistsError if it is there.
    """
    if new and path.exists():
        raise FileExistsError(f"{path} is there already")
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.new")
    with fresh(temporary, mode) as file:
        file.write(data.encode() if isinstance(data, str) else data)
    os.replace(temporary, path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable, where a folder can be opened at all."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
