"""The tree against RFC 6962 and the layout against C2SP tlog-tiles."""

import hashlib
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import tiles
from audit.tiles import Frontier, NotTiles

# The eight leaves and nine roots that Certificate Transparency's own reference tests use.
LEAVES = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f")]
ROOTS = [bytes.fromhex(text) for text in (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")]


def by_definition(leaves):
    """MTH of RFC 6962 §2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(
        b"\x01" + by_definition(leaves[:k]) + by_definition(leaves[k:])).digest()


@pytest.mark.parametrize("size", range(9))
def test_roots_of_rfc_6962(size):
    hashes = [tiles.leaf_hash(entry) for entry in LEAVES[:size]]
    assert tiles.tree_hash(hashes) == ROOTS[size]
    edge = Frontier()
    edge.extend(hashes)
    assert edge.root() == ROOTS[size]


def test_the_tree_hash_is_the_definition_for_all_sizes_to_300():
    leaves = [os.urandom(9) for _ in range(300)]
    hashes = [tiles.leaf_hash(entry) for entry in leaves]
    edge = Frontier()
    for size in range(300):
        assert edge.root() == tiles.tree_hash(hashes[:size]) == by_definition(leaves[:size])
        edge.extend([hashes[size]])


def test_a_large_tree_in_uneven_steps():
    hashes = [tiles.leaf_hash(i.to_bytes(4, "big")) for i in range(70_000)]
    edge, made = Frontier(), {}
    for start in range(0, len(hashes), 777):
        for level, index, data in edge.extend(hashes[start:start + 777]):
            made[level, index, 256] = data
        for level, index, data in edge.partials():
            made[level, index, len(data) // 32] = data
    assert edge.root() == tiles.tree_hash(hashes)
    for level, index, width in tiles.all_tiles(70_000):
        span = 256 ** level
        first = index * 256 * span
        assert made[level, index, width] == b"".join(
            tiles.tree_hash(hashes[first + i * span:first + (i + 1) * span])
            for i in range(width)), (level, index)
    again = Frontier.load(70_000, lambda level, index, width: made[level, index, width])
    assert again.root() == edge.root() and again.rows == edge.rows


def test_the_specification_s_70_000():
    counted = {}
    for level, _, width in tiles.all_tiles(70_000):
        counted.setdefault(level, []).append(width)
    assert counted == {0: [256] * 273 + [112], 1: [256, 17], 2: [1]}
    assert list(tiles.all_tiles(256)) == [(0, 0, 256), (1, 0, 1)]
    assert list(tiles.all_tiles(0)) == []


def test_paths():
    assert tiles.tile_path(0, 1234067) == "tile/0/x001/x234/067"
    assert tiles.tile_path("entries", 0, 7) == "tile/entries/000.p/7"
    assert tiles.tile_path(63, 999) == "tile/63/999"
    assert tiles.tile_path(1, 1000) == "tile/1/x001/000"


@given(st.one_of(st.integers(0, 63), st.just("entries")), st.integers(0, 10**12),
       st.integers(1, 256))
def test_paths_are_read_back(level, index, width):
    assert tiles.read_path(tiles.tile_path(level, index, width)) == (level, index, width)


@pytest.mark.parametrize("path", [
    "tile/0/1", "tile/0/0001", "tile/00/001", "tile/64/001", "tile/-1/001", "tile/0/x000/001",
    "tile/0/001/002", "tile/0/x001", "tile/0/001.p/0", "tile/0/001.p/256", "tile/0/001.p/07",
    "tile/0/001.p/", "tile/0/001.p", "tile/0/001.p/1/2", "tile/data/000", "tile/0/٠٠١", "tile/0/",
    "tile/0/001\n", "tile/0/001.p/1\n", "xtile/0/001", "tile/0/../001", "tile/entries/001.p/1.p/1",
])
def test_other_spellings_are_refused(path):
    with pytest.raises(NotTiles):
        tiles.read_path(path)


@given(st.lists(st.binary(max_size=400), max_size=30))
def test_bundles_are_read_back(entries):
    assert tiles.unpack(tiles.pack(entries)) == entries


def test_the_length_is_big_endian():
    assert tiles.pack([b"a" * 258]) == b"\x01\x02" + b"a" * 258
    with pytest.raises(NotTiles):
        tiles.pack([bytes(65_536)])


@settings(max_examples=200)
@given(st.lists(st.binary(min_size=1, max_size=20), min_size=1, max_size=9), st.data())
def test_a_bundle_cut_short_is_refused_or_ends_at_an_entry(entries, data):
    whole = tiles.pack(entries)
    cut = data.draw(st.integers(0, len(whole) - 1))
    ends = [len(tiles.pack(entries[:i])) for i in range(len(entries))]
    if cut in ends:
        assert tiles.unpack(whole[:cut]) == entries[:ends.index(cut)]
    else:
        with pytest.raises(NotTiles):
            tiles.unpack(whole[:cut])
