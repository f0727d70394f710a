"""Proofs over the tree: that a leaf is in it, and that a later tree begins with an earlier one.

Construction after RFC 6962 §2.1.1-2.1.2; verification after RFC 9162 §2.1.3.2 and §2.1.4.2,
which is the same proof read from the other end. Pure.
"""

from __future__ import annotations

from collections.abc import Callable

from .tiles import HASH, WIDTH, node_hash, split, tile_path, tree_hash

Node = Callable[[int, int], bytes]
"""`node(height, i)`: the hash of the complete subtree over leaves [i·2^height, (i+1)·2^height)."""


class BadProof(ValueError):
    """The proof does not prove it; the message says what fails."""


def tiled(size: int, read: Callable[[str], bytes]) -> Node:
    """A source of nodes that reads each needed tile of a tree of `size` leaves once.

    `read(path)` returns a tile's bytes; it may hold more hashes than asked for (a full tile
    in place of the partial one). Raises BadProof when a tile is too short.
    """
    seen: dict[tuple[int, int], list[bytes]] = {}

    def node(height: int, i: int) -> bytes:
        level, within = divmod(height, 8)
        start = i << within
        index, offset = divmod(start, WIDTH)
        if (level, index) not in seen:
            wide = min(WIDTH, (size >> 8 * level) - index * WIDTH)
            path = tile_path(level, index, wide)
            tile = read(path)
            if len(tile) < wide * HASH:
                raise BadProof(f"{path} is cut short")
            seen[level, index] = split(tile[:wide * HASH])
        return tree_hash(seen[level, index][offset:offset + (1 << within)])

    return node


def of_leaves(leaf_hashes: list[bytes]) -> Node:
    """A source of nodes for small trees that lie in memory."""
    return lambda height, i: tree_hash(leaf_hashes[i << height:(i + 1) << height])


def _under(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1


def subtree(start: int, stop: int, node: Node) -> bytes:
    """The tree hash over leaves [start, stop), for ranges that occur in a tree."""
    size = stop - start
    height = size.bit_length() - 1
    if size == 1 << height:
        return node(height, start >> height)
    middle = start + _under(size)
    return node_hash(subtree(start, middle, node), subtree(middle, stop, node))


def inclusion(index: int, size: int, node: Node) -> list[bytes]:
    """PATH(index, D[size]): sibling hashes from the leaf up. Raises BadProof out of range."""
    if not 0 <= index < size:
        raise BadProof(f"leaf {index} is not in a tree of {size}")
    proof, start, stop = [], 0, size
    while stop - start > 1:
        middle = start + _under(stop - start)
        if index < middle:
            proof.append(subtree(middle, stop, node))
            stop = middle
        else:
            proof.append(subtree(start, middle, node))
            start = middle
    return proof[::-1]


def consistency(old: int, new: int, node: Node) -> list[bytes]:
    """PROOF(old, D[new]); empty for old = new. Raises BadProof unless 0 < old <= new."""
    if not 0 < old <= new:
        raise BadProof(f"no consistency proof leads from {old} to {new}")
    proof, start, stop, whole = [], 0, new, True
    while stop > old:
        middle = start + _under(stop - start)
        if old <= middle:
            proof.append(subtree(middle, stop, node))
            stop = middle
        else:
            proof.append(subtree(start, middle, node))
            start, whole = middle, False
    if not whole:
        proof.append(subtree(start, stop, node))
    return proof[::-1]


def check_inclusion(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> None:
    """Raise BadProof unless `proof` leads from the leaf hash at `index` to `root`."""
    if not 0 <= index < size:
        raise BadProof(f"leaf {index} is not in a tree of {size}")
    place, last, value = index, size - 1, leaf
    for sibling in proof:
        if last == 0 or len(sibling) != HASH:
            raise BadProof("the inclusion proof has the wrong length")
        if place & 1 or place == last:
            value = node_hash(sibling, value)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            value = node_hash(value, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise BadProof("the inclusion proof has the wrong length")
    if value != root:
        raise BadProof("the inclusion proof leads to another root")


def check_consistency(old: int, new: int, proof: list[bytes], old_root: bytes,
                      new_root: bytes) -> None:
    """Raise BadProof unless the tree of `new` leaves begins with the tree of `old` leaves."""
    if not 0 < old <= new:
        raise BadProof(f"no consistency proof leads from {old} to {new}")
    if old == new:
        if proof or old_root != new_root:
            raise BadProof("two trees of one size have different roots" if not proof
                           else "the consistency proof has the wrong length")
        return
    path = proof if old & (old - 1) else [old_root, *proof]
    if not path or any(len(value) != HASH for value in path):
        raise BadProof("the consistency proof has the wrong length")
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = path[0]
    for value in path[1:]:
        if last == 0:
            raise BadProof("the consistency proof has the wrong length")
        if place & 1 or place == last:
            first, second = node_hash(value, first), node_hash(value, second)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            second = node_hash(second, value)
        place, last = place >> 1, last >> 1
    if last:
        raise BadProof("the consistency proof has the wrong length")
    if first != old_root:
        raise BadProof("the consistency proof does not begin at the old root")
    if second != new_root:
        raise BadProof("the consistency proof does not lead to the new root")
