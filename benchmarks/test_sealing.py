"""Sealing and opening against Debian's age, and a part against a loop that only hashes."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from bidding import suites

from . import measure
from .sealing import SEED

pytestmark = pytest.mark.bench

SIZE = int(os.environ.get("YANGGUANG_BENCH_MIB", "1024")) << 20
ROUNDS = 5
CLASSIC = suites.get("intl-x25519-1")


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    path = tmp_path_factory.mktemp("seal") / "plain"
    with open(path, "wb") as file:
        file.writelines(os.urandom(1 << 20) for _ in range(SIZE >> 20))
    yield path
    shutil.rmtree(path.parent)


@pytest.fixture
def in_memory(plain):
    """The same file in memory, and room beside it: a disk that is writing back hides both."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or shutil.disk_usage(memory).free < 5 * SIZE:
        pytest.skip("there is not enough memory for four such files")
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(shutil.copy(plain, folder))


def test_seal_and_open_against_debian_age(in_memory):
    if shutil.which("age") is None:
        pytest.skip("Debian's age is not installed")
    plain, folder = in_memory, in_memory.parent
    key, ours, theirs, out = (folder / name for name in ("key", "ours.age", "theirs.age", "out"))
    key.write_text(CLASSIC.identity_text(SEED) + "\n")
    recipient = CLASSIC.recipient_of(SEED)
    cost = measure.in_turn(
        ROUNDS,
        seal=lambda: measure.module("sealing", "seal", CLASSIC.name, plain, ours),
        age_seal=lambda: measure.run(["age", "-r", recipient, "-o", theirs, plain]),
        open=lambda: measure.module("sealing", "opened", CLASSIC.name, theirs, out),
        age_open=lambda: measure.run(["age", "-d", "-i", key, "-o", out, ours]))
    for what in ("seal", "open"):
        mine, other = cost[what], cost[f"age_{what}"]
        measure.report(f"{what} {SIZE >> 20} MiB against age, by the clock", mine.wall, other.wall,
                       1.0)
        measure.report(f"{what} {SIZE >> 20} MiB against age, processor", mine.cpu, other.cpu, 1.0)


@pytest.mark.parametrize("suite", suites.SUITES)
def test_a_part_disk_to_disk_against_a_loop_that_hashes(plain, suite):
    folder = plain.parent
    cost = measure.in_turn(
        ROUNDS,
        part=lambda: measure.module("sealing", "part", suite, plain, folder / "part.age"),
        loop=lambda: measure.module("sealing", "loop", plain, folder / "copy"))
    measure.report(f"seal a part of {SIZE >> 20} MiB in {suite}, disk to disk", cost["part"].wall,
                   cost["loop"].wall, 0.7)


def test_memory_while_sealing_four_gibibytes(tmp_path):
    small, large = tmp_path / "small", tmp_path / "large"
    small.write_bytes(b"x")
    with open(large, "wb") as file:
        file.truncate(4 << 30)
    idle = measure.module("sealing", "part", CLASSIC.name, small, tmp_path / "small.age").peak
    busy = measure.module("sealing", "part", CLASSIC.name, large, tmp_path / "large.age").peak
    print(f"\nBENCH memory while sealing 4 GiB: {(busy - idle) / 2**20:.1f} MiB above idle "
          f"(target 64)")
    assert busy - idle <= 64 << 20
