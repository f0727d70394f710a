"""What benchmarks/test_sealing.py runs as processes of their own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bidding import age, blocks, sealing, suites

SEED = bytes(range(32))
PIECE = 1 << 20
BINDING = {"log_origin": "bench.example/log", "tender": "1" * 32, "lot": "2" * 32, "bid": "3" * 32,
           "tenderer": "91330703MA2TERTA3E", "version": 1, "part": "technical"}


def seal(suite: str, source: str, target: str) -> None:
    """Seal without any hash, as `age -r` does."""
    with open(source, "rb") as plain, open(target, "wb", buffering=PIECE) as out:
        sealer = age.Sealer(out.write, [suites.get(suite).recipient_of(SEED)])
        while piece := plain.read(PIECE):
            sealer.write(piece)
        sealer.close()


def opened(suite: str, source: str, target: str) -> None:
    """Open without any hash, as `age -d` does."""
    with open(source, "rb") as sealed, open(target, "wb", buffering=PIECE) as out:
        number = sealed.fileno()
        part = age.Opened(lambda offset, length: os.pread(number, length, offset),
                          os.fstat(number).st_size, [suites.get(suite).identity(SEED)])
        out.writelines(part.chunks())


def part(suite: str, source: str, target: str) -> None:
    """Seal a whole part as the tenderer's program does: archive, manifest, both hashes, fsync."""
    sealing._seal_part(Path(target), suites.get(suite).recipient_of(SEED), BINDING,
                       [Path(source)], lambda _size: None)


def loop(source: str, target: str) -> None:
    """The baseline of `part`: read, the same two SHA-256 over blocks, write, fsync."""
    plain_hash, sealed_hash = blocks.Hasher(), blocks.Hasher()
    with open(source, "rb") as plain, open(target, "wb", buffering=PIECE) as out:
        while piece := plain.read(PIECE):
            plain_hash.update(piece)
            sealed_hash.update(piece)
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())
    plain_hash.hexdigest(), sealed_hash.hexdigest()


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
