"""How fast a stranger checks a record, against one process that makes the same hashes.

    ./dev bench benchmarks/test_verify.py                         2,000,000 leaves
    YANGGUANG_BENCH_LEAVES=20000000 ./dev bench benchmarks/test_verify.py     a year with cover

The record is made as a sequencer leaves it and everything in it is disclosed: cover, and one
act among fifty leaves. Both sides are measured in one run, the hashes in the same process twice.
"""

from __future__ import annotations

import os
import random
import resource
import time
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from audit import disclosed, leaf, tiles, verify
from audit.checkpoint import Head, sign
from audit.note import Signer
from audit.tiles import ENTRIES, Frontier, tile_path
from kernel.canonical import jcs

pytestmark = pytest.mark.bench

LEAVES = int(os.environ.get("YANGGUANG_BENCH_LEAVES", "2000000"))
TARGET = 0.5
PER_TICK = 16
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
ORIGIN = "bench.example/log"
COVER = jcs({"type": "cover"})


def records(count: int):
    """(salt, JCS) of each leaf: cover, and an act in every fiftieth place."""
    source = random.Random(7)
    for place in range(count):
        salt = source.randbytes(32)
        yield salt, COVER if place % 50 else jcs({
            "v": 1, "type": "bid.declared", "at": "2026-03-01T00:00:00.000Z",
            "actor": {"kind": "account", "account": f"{place:032x}"}, "law": "招标投标法 28",
            "subject": f"{place * 7:032x}", "tender": f"{place % 1000:032x}", "lot": None,
            "party": None, "facts": {"declaration": sha256(salt).hexdigest(), "version": 1}})


def make(folder: Path, count: int) -> None:
    """Write a whole record of `count` leaves, everything disclosed."""
    signer, edge = Signer(ORIGIN, bytes(32)), Frontier()
    entries: list[bytes] = []
    lines: list[bytes] = []

    def put(path: str, data: bytes) -> None:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)

    def flush() -> None:
        index, width = edge.size // tiles.WIDTH, len(entries)
        put(tile_path(ENTRIES, index, width), tiles.pack(entries))
        put(disclosed.path(index), b"".join(lines))
        for level, number, data in edge.extend([tiles.leaf_hash(one) for one in entries]):
            put(tile_path(level, number), data)
        entries.clear()
        lines.clear()

    for place, (salt, record) in enumerate(records(count)):
        tick = BEGINNING + timedelta(minutes=place // PER_TICK)
        entries.append(leaf.make(tick, leaf.commitment(salt, record)))
        lines.append(disclosed.line(place, record, salt))
        if len(entries) == tiles.WIDTH:
            flush()
    if entries:
        flush()
    for level, number, data in edge.partials():
        put(tile_path(level, number, len(data) // tiles.HASH), data)
    put("log.vkey", f"{signer.verifier}\n".encode())
    put("checkpoint", sign(Head(ORIGIN, edge.size, edge.root()), signer).encode())


def three_hashes(count: int) -> float:
    """Seconds that one process takes for three SHA-256 a leaf over bytes of the same lengths."""
    entry, nodes, opened = bytes(90), bytes(65), bytes(32) + COVER
    began = time.perf_counter()
    for _ in range(count):
        sha256(entry).digest()
        sha256(nodes).digest()
        sha256(opened).digest()
    return time.perf_counter() - began


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    folder = tmp_path_factory.mktemp("record") / "record"
    make(folder, LEAVES)
    return folder


def test_full_verification_against_three_hashes_a_leaf(record):
    sample = min(LEAVES, 2_000_000)
    before = three_hashes(sample)
    began = time.perf_counter()
    report = verify.verify(record)
    took = time.perf_counter() - began
    after = three_hashes(sample)
    assert report.problems == [] and report.disclosed == report.size == LEAVES
    base = (before + after) / 2 / sample * LEAVES
    ratio = base / took
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
    print(f"\nverify {LEAVES:,} leaves: {took:.1f} s, {LEAVES / took:,.0f}/s; three hashes a leaf in "
          f"one process {base:.1f} s; ratio {ratio:.2f} (target {TARGET}); largest process "
          f"{max(own, children)} MiB")
    assert ratio >= TARGET


def test_memory_does_not_grow_with_the_record(record, tmp_path):
    """The largest process that checks the whole, against one that checks a sixteenth of it."""
    small = tmp_path / "record"
    make(small, max(LEAVES // 16, verify.ALONE))
    sizes = [_peak(folder) for folder in (small, record)]
    print(f"\nverify: largest process {sizes[0]} MiB at a sixteenth, {sizes[1]} MiB at the whole")
    assert sizes[1] <= sizes[0] + 32


def _peak(folder: Path) -> int:
    """MiB of the largest process of `python -m audit verify`."""
    import subprocess
    import sys

    code = ("import resource, sys\nfrom audit.__main__ import main\n"
            "if __name__ == '__main__':\n"
            f"    status = main(['verify', {str(folder)!r}])\n"
            "    print(max(resource.getrusage(who).ru_maxrss for who in\n"
            "              (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) >> 10)\n"
            "    sys.exit(status)\n")
    program = folder.with_name("peak.py")
    program.write_text(code)
    done = subprocess.run([sys.executable, str(program)], capture_output=True, text=True,
                          check=True, cwd=Path(verify.__file__).parents[1],
                          env=dict(os.environ) | {"PYTHONPATH": "."})
    return int(done.stdout.strip().rsplit("\n", 1)[-1])
