"""How fast a stranger checks a record, against one process that makes the same hashes.

    ./dev bench benchmarks/test_verify.py                         2,000,000 leaves
    YANGGUANG_BENCH_LEAVES=20000000 ./dev bench benchmarks/test_verify.py     a year with cover

The record is made as a sequencer leaves it and everything in it is disclosed: cover, and one
act among fifty leaves. Both sides are measured in one run, the hashes before and after, by the
clock and by the processor: the record of a year takes 5 GB of disk and a minute and a half to make.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import subprocess
import sys
import time
from binascii import b2a_base64
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from audit import disclosed, leaf, tiles, verify
from audit.checkpoint import Head, sign
from audit.note import Signer
from audit.tiles import ENTRIES, Frontier, tile_path
from kernel.canonical import jcs

from . import measure
from .measure import Cost

pytestmark = pytest.mark.bench

LEAVES = int(os.environ.get("YANGGUANG_BENCH_LEAVES", "2000000"))
TARGET = 0.5
PER_TICK = 16
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
ORIGIN = "bench.example/log"
COVER = jcs({"type": "cover"})
_NOTHING = b2a_base64(bytes(32), newline=False)


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
        if place % PER_TICK == 0:
            # The leaves of a tick differ in their commitment only.
            like = leaf.make(BEGINNING + timedelta(minutes=place // PER_TICK), bytes(32))
            before, after = like.split(_NOTHING)
        entries.append(b"%b%b%b" % (before, b2a_base64(
            sha256(salt + record).digest(), newline=False), after))
        lines.append(disclosed.line(place, record, salt))
        if len(entries) == tiles.WIDTH:
            flush()
    if entries:
        flush()
    for level, number, data in edge.partials():
        put(tile_path(level, number, len(data) // tiles.HASH), data)
    put("log.vkey", f"{signer.verifier}\n".encode())
    put("checkpoint", sign(Head(ORIGIN, edge.size, edge.root()), signer).encode())


def three_hashes(count: int) -> Cost:
    """What one process needs for three SHA-256 a leaf over bytes of the same lengths."""
    entry, nodes, opened = bytes(90), bytes(65), bytes(32) + COVER
    began, busy = time.perf_counter(), time.process_time()
    for _ in range(count):
        sha256(entry).digest()
        sha256(nodes).digest()
        sha256(opened).digest()
    return Cost(time.perf_counter() - began, time.process_time() - busy, 0)


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    folder = tmp_path_factory.mktemp("record") / "record"
    make(folder, LEAVES)
    os.sync()
    yield folder
    shutil.rmtree(folder)


def test_full_verification_against_three_hashes_a_leaf(record):
    """By the clock, and a process's share of the processor: what the clock says where nobody else
    uses the processors."""
    sample = min(LEAVES, 2_000_000)
    base = [three_hashes(sample)]
    began, busy = time.perf_counter(), _busy()
    report = verify.verify(record)
    took, used = time.perf_counter() - began, _busy() - busy
    base.append(three_hashes(sample))
    assert report.problems == [] and report.disclosed == report.size == LEAVES
    wall, cpu = (sum(values) / 2 / sample * LEAVES
                 for values in zip(*((one.wall, one.cpu) for one in base), strict=True))
    noise = max(one.wall for one in base) / min(one.wall for one in base)
    print(f"\nverify {LEAVES:,} leaves: {LEAVES / took:,.0f}/s, {used / LEAVES * 1e6:.2f} µs of "
          f"processor a leaf against {cpu / LEAVES * 1e6:.2f}; {cpu / used:.2f} a process; the "
          f"hashes before and after differ by {noise:.2f}")
    measure.report(f"verify {LEAVES:,} leaves, by the clock", took, wall, TARGET)
    processes = os.cpu_count()
    assert measure.report(f"verify {LEAVES:,} leaves, {processes} processes by the processor",
                          used / processes, cpu, TARGET) >= TARGET


def _busy() -> float:
    """Seconds of the processor that this process and those it started have used."""
    return sum(one.ru_utime + one.ru_stime for one in map(
        resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def test_memory_does_not_grow_with_the_record(record, tmp_path):
    """The largest process that checks the whole, against one that checks a sixteenth of it."""
    small = tmp_path / "record"
    make(small, max(LEAVES // 16, verify.ALONE))
    sizes = [_peak(folder) for folder in (small, record)]
    print(f"\nverify: largest process {sizes[0]} MiB at a sixteenth, {sizes[1]} MiB at the whole")
    assert sizes[1] <= sizes[0] + 32


def _peak(folder: Path) -> int:
    """MiB of the largest process of `python -m audit verify`, beside those it starts."""
    code = ("import resource\nfrom audit.__main__ import main\n"
            "from benchmarks.measure import high_water\n"
            "if __name__ == '__main__':\n"
            f"    status = main(['verify', {str(folder)!r}])\n"
            "    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10\n"
            "    print(max(high_water() >> 20, children))\n"
            "    raise SystemExit(status)\n")
    program = folder.with_name("peak.py")
    program.write_text(code)
    done = subprocess.run([sys.executable, str(program)], capture_output=True, text=True,
                          check=True, cwd=measure.ROOT,
                          env=dict(os.environ) | {"PYTHONPATH": "."})
    return int(done.stdout.strip().rsplit("\n", 1)[-1])
