"""What a proof costs grows with the logarithm of the record, for who makes it and who checks it."""

import hashlib
from math import ceil, log, log2

import pytest

from audit import checkpoint, proofs, reading, tiles
from audit.checkpoint import Head
from audit.follow import Follower
from audit.note import Signer

YEAR = 20_000_000
"""Leaves of a year with cover."""

SIZES = [2, 255, 256, 257, 70_000, 65_536, 16_777_217, YEAR, YEAR - 1]
LOG = Signer("costs.example/log", bytes(32))


class Endless:
    """A folder that has every tile of a tree of `size` leaves, and counts what is asked of it."""

    def __init__(self, size):
        self.size, self.asked = size, []

    def checkpoint(self):
        return checkpoint.sign(Head(LOG.name, self.size, bytes(32)), LOG).encode()

    def tile(self, level, index, width):
        assert index * 256 + width <= self.size >> 8 * level, "no such tile"
        self.asked.append((level, index, width))
        return hashlib.shake_128(f"{level}/{index}".encode()).digest(width * tiles.HASH)


def most(size):
    """Tiles that lie on the way from a leaf to the root, and beside it at the right edge."""
    return 2 * ceil(log(size, 256)) if size > 1 else 1


def places(size):
    return sorted({0, 1, size // 3, size // 2, size - 2, size - 1})


@pytest.mark.parametrize("size", SIZES)
def test_an_inclusion_proof_reads_a_few_tiles(size):
    for index in places(size):
        folder = Endless(size)
        path = proofs.inclusion(index, size, reading._nodes(size, folder))
        assert len(folder.asked) == len(set(folder.asked)) <= most(size), index
        assert len(path) <= ceil(log2(size))


@pytest.mark.parametrize("size", SIZES)
def test_a_consistency_proof_reads_a_few_tiles(size):
    for old in places(size):
        if old:
            folder = Endless(size)
            _, path, _ = reading.consistency_proof(old, size, folder)
            assert len(folder.asked) == len(set(folder.asked)) <= most(size), old
            assert len(path) <= ceil(log2(size)) + 1


def test_who_checks_a_proof_hashes_once_or_twice_a_step(monkeypatch):
    made = []
    node_hash = proofs.node_hash
    folder = Endless(YEAR)
    node = reading._nodes(YEAR, folder)
    path = proofs.inclusion(YEAR // 3, YEAR, node)
    between = proofs.consistency(YEAR // 3, YEAR, node)
    monkeypatch.setattr(proofs, "node_hash", lambda *both: made.append(1) or node_hash(*both))
    with pytest.raises(proofs.BadProof, match="leads to another root"):
        proofs.check_inclusion(bytes(32), YEAR // 3, YEAR, path, bytes(32))
    assert len(made) == len(path) <= 25
    made.clear()
    with pytest.raises(proofs.BadProof, match="does not begin at the old root"):
        proofs.check_consistency(YEAR // 3, YEAR, between, bytes(32), bytes(32))
    assert len(made) <= 2 * len(between) <= 52


def test_who_follows_fetches_a_few_tiles_and_only_what_is_new(tmp_path):
    """From 66,000 leaves to 70,000: the checkpoint, the tiles of one proof, what is disclosed of
    the bundles that grew."""
    hashes = [tiles.leaf_hash(number.to_bytes(4, "big")) for number in range(70_000)]
    edge, files, notes = tiles.Frontier(), {}, []
    for start, stop in ((0, 66_000), (66_000, 70_000)):
        for level, index, data in [*edge.extend(hashes[start:stop]), *edge.partials()]:
            files[tiles.tile_path(level, index, len(data) // tiles.HASH)] = data
        notes.append(checkpoint.sign(Head(LOG.name, edge.size, edge.root()), LOG).encode())
    fetched = []

    def fetch(path):
        fetched.append(path)
        return files.get(path)

    reader = Follower(fetch, LOG.verifier, [], tmp_path / "seen", lambda record: True)
    for size, text in zip((66_000, 70_000), notes, strict=True):
        files["checkpoint"] = text
        fetched.clear()
        assert reader.follow().size == size
    asked = [path for path in fetched if path.startswith("tile/")]
    assert 0 < len(asked) == len(set(asked)) <= most(70_000)
    grown = [path for path in fetched if path.startswith("disclosed/")]
    assert len(grown) == 70_000 // 256 - 66_000 // 256 + 1
    assert len(fetched) == 1 + len(asked) + len(grown)
