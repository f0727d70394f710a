"""Proofs: every one that should hold does, for all sizes to 300, and no other."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import proofs, tiles
from audit.proofs import BadProof

from .test_tiles import LEAVES, ROOTS

HASHES = [tiles.leaf_hash(i.to_bytes(2, "big")) for i in range(300)]
NODE = cache(proofs.of_leaves(HASHES))
ROOT = [tiles.tree_hash(HASHES[:size]) for size in range(301)]


def hexes(*texts):
    return [bytes.fromhex(text) for text in texts]


def test_paths_of_the_reference_tree():
    node = proofs.of_leaves([tiles.leaf_hash(entry) for entry in LEAVES])
    assert proofs.inclusion(0, 8, node) == hexes(
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4")
    assert proofs.inclusion(0, 1, node) == []
    assert proofs.consistency(1, 8, node) == hexes(
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4")
    assert proofs.consistency(8, 8, node) == []
    proofs.check_consistency(6, 8, proofs.consistency(6, 8, node), ROOTS[6], ROOTS[8])


def test_the_seven_leaf_tree_of_the_rfc():
    # RFC 6962 §2.1.3: the proof for d3 in a tree of seven is [c, g, l]; PROOF(3) is [c, d, g, l].
    leaf = HASHES[:7]
    c, d = leaf[2], leaf[3]
    g = tiles.node_hash(leaf[0], leaf[1])
    i, j = tiles.node_hash(leaf[4], leaf[5]), leaf[6]
    ell = tiles.node_hash(i, j)
    k = tiles.node_hash(g, tiles.node_hash(c, d))
    assert proofs.inclusion(0, 7, NODE) == [leaf[1], tiles.node_hash(c, d), ell]
    assert proofs.inclusion(3, 7, NODE) == [c, g, ell]
    assert proofs.inclusion(4, 7, NODE) == [leaf[5], j, k]
    assert proofs.inclusion(6, 7, NODE) == [i, k]
    assert proofs.consistency(3, 7, NODE) == [c, d, g, ell]
    assert proofs.consistency(4, 7, NODE) == [ell]
    assert proofs.consistency(6, 7, NODE) == [i, j, k]


def test_every_leaf_of_every_tree_to_300():
    for size in range(1, 301):
        for index in range(size) if size < 66 else (0, 1, size // 2, size - 2, size - 1):
            proof = proofs.inclusion(index, size, NODE)
            proofs.check_inclusion(HASHES[index], index, size, proof, ROOT[size])


def test_every_pair_of_trees_to_300():
    for new in range(1, 301):
        for old in range(1, new + 1):
            proof = proofs.consistency(old, new, NODE)
            proofs.check_consistency(old, new, proof, ROOT[old], ROOT[new])


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_changed_inclusion_proof_fails(data):
    size = data.draw(st.integers(2, 300))
    index = data.draw(st.integers(0, size - 1))
    proof = proofs.inclusion(index, size, NODE)
    change = data.draw(st.sampled_from(["hash", "drop", "add", "index", "leaf", "root", "short"]))
    leaf, root, place = HASHES[index], ROOT[size], index
    if change == "hash":
        at = data.draw(st.integers(0, len(proof) - 1))
        proof[at] = flip(proof[at], data.draw(st.integers(0, 255)))
    elif change == "drop":
        del proof[data.draw(st.integers(0, len(proof) - 1))]
    elif change == "add":
        proof.insert(data.draw(st.integers(0, len(proof))), HASHES[7])
    elif change == "index":
        place = data.draw(st.integers(0, 310).filter(lambda other: other != index))
    elif change == "leaf":
        leaf = flip(leaf, 3)
    elif change == "short":
        proof[-1] = proof[-1][:31]
    else:
        root = flip(root, 3)
    with pytest.raises(BadProof):
        proofs.check_inclusion(leaf, place, size, proof, root)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_changed_consistency_proof_fails(data):
    new = data.draw(st.integers(2, 300))
    old = data.draw(st.integers(1, new - 1))
    proof = proofs.consistency(old, new, NODE)
    change = data.draw(st.sampled_from(["hash", "drop", "add", "old", "new", "size"]))
    old_root, new_root, first = ROOT[old], ROOT[new], old
    if change == "hash":
        at = data.draw(st.integers(0, len(proof) - 1))
        proof[at] = flip(proof[at], data.draw(st.integers(0, 255)))
    elif change == "drop":
        del proof[data.draw(st.integers(0, len(proof) - 1))]
    elif change == "add":
        proof.insert(data.draw(st.integers(0, len(proof))), HASHES[7])
    elif change == "old":
        old_root = flip(old_root, 3)
    elif change == "size":
        first = data.draw(st.integers(1, new).filter(lambda other: other != old))
    else:
        new_root = flip(new_root, 3)
    with pytest.raises(BadProof):
        proofs.check_consistency(first, new, proof, old_root, new_root)


def flip(value, bit):
    changed = bytearray(value)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_no_proof_from_nothing_or_backwards():
    for old, new in ((0, 5), (6, 5), (-1, 5)):
        with pytest.raises(BadProof):
            proofs.consistency(old, new, NODE)
        with pytest.raises(BadProof):
            proofs.check_consistency(old, new, [], ROOT[5], ROOT[5])
    for index, size in ((5, 5), (-1, 5), (0, 0)):
        with pytest.raises(BadProof):
            proofs.inclusion(index, size, NODE)
        with pytest.raises(BadProof):
            proofs.check_inclusion(HASHES[0], index, size, [], ROOT[5])


def test_proofs_from_tiles_are_those_from_leaves():
    hashes = [tiles.leaf_hash(i.to_bytes(4, "big")) for i in range(66_000)]
    edge, files = tiles.Frontier(), {}
    for level, index, data in [*edge.extend(hashes), *edge.partials()]:
        files[tiles.tile_path(level, index, len(data) // 32)] = data
    asked = []

    def read(path):
        asked.append(path)
        return files[path]

    node = proofs.tiled(66_000, read)
    small = proofs.of_leaves(hashes)
    assert proofs.inclusion(65_537, 66_000, node) == proofs.inclusion(65_537, 66_000, small)
    assert len(asked) <= 8, "a proof reads a few tiles, not the log"
    assert len(asked) == len(set(asked))
    for old in (1, 255, 256, 257, 65_535, 65_536, 65_999):
        assert proofs.consistency(old, 66_000, node) == proofs.consistency(old, 66_000, small)
    with pytest.raises(BadProof):
        proofs.inclusion(0, 66_000, proofs.tiled(66_000, lambda path: files[path][:-1]))
