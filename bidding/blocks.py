"""Block hash: SHA-256 over the concatenated SHA-256 of consecutive 4 MiB blocks (sealed-bid A1).

Uploads go in whole blocks, each hashed and stored as it becomes durable, so that nothing is
read again at the deadline and no hash state need survive a request.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

BLOCK = 4 * 1024 * 1024


def count(size: int) -> int:
    """How many blocks `size` bytes make (none when empty)."""
    return -(-size // BLOCK)


def length_of(number: int, size: int) -> int:
    """How long block `number` of a file of `size` bytes is; 0 beyond its end."""
    return max(0, min(BLOCK, size - number * BLOCK))


def combined(hashes: Iterable[str]) -> str:
    """The block hash, hex, from the blocks' own SHA-256 in hex and in order."""
    digest = hashlib.sha256()
    for block in hashes:
        digest.update(bytes.fromhex(block))
    return digest.hexdigest()


class Hasher:
    """Block hash of a stream: `update` with any pieces, then `hexdigest`; counts `size`."""

    def __init__(self) -> None:
        self._outer = hashlib.sha256()
        self._inner = hashlib.sha256()
        self._filled = 0
        self.size = 0

    def update(self, data: bytes) -> None:
        """Take the next bytes."""
        view = memoryview(data)
        self.size += len(view)
        while view:
            piece = view[:BLOCK - self._filled]
            self._inner.update(piece)
            self._filled += len(piece)
            view = view[len(piece):]
            if self._filled == BLOCK:
                self._finish()

    def hexdigest(self) -> str:
        """The hash; call once, at the end."""
        if self._filled:
            self._finish()
        return self._outer.hexdigest()

    def _finish(self) -> None:
        self._outer.update(self._inner.digest())
        self._inner, self._filled = hashlib.sha256(), 0


def hash_bytes(data: bytes) -> str:
    """Block hash of bytes in memory."""
    hasher = Hasher()
    hasher.update(data)
    return hasher.hexdigest()
