"""The digest of the security log: one root a minute over what was refused (sealed-bid A3.5, Q74).

Refusals are no entries of the record, or they could be used to count bids and to flood it. The
root of a tree of always 4,096 leaves is: it looks the same over none and over many. Whoever
was refused holds a promise, its path to a root, and the proof that the record holds that root.

leaf = SHA-256(0x00 ‖ salt ‖ JCS(content)), node = SHA-256(0x01 ‖ left ‖ right). Places are drawn
anew for each tree; salts and the hashes that fill it come from its seed, which stays with the
platform, so that an auditor can make the whole tree again.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping, Sequence

from kernel.canonical import jcs, sha256

from .closing import Place

DEPTH = 12
LEAVES = 1 << DEPTH
"""The most that one digest takes; what is more waits for the next."""


def refusal(promise: str) -> dict:
    """The content of the leaf of a refusal: the SHA-256 of its promise, a signed note."""
    return {"refusal": sha256(promise.encode()).hex()}


def draw_places(count: int) -> list[int]:
    """Random positions for `count` leaves."""
    return secrets.SystemRandom().sample(range(LEAVES), count)


def build(seed: bytes, contents: Mapping[int, dict]) -> list[list[bytes]]:
    """All levels of the tree, leaves first, over `contents` by position; 32 bytes of seed."""
    nodes = [leaf(contents[position], _salt(seed, position)) if position in contents
             else _derived(seed, b"fill", position) for position in range(LEAVES)]
    levels = [nodes]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([sha256(b"\1", below[i], below[i + 1]) for i in range(0, len(below), 2)])
    return levels


def place(levels: Sequence[Sequence[bytes]], seed: bytes, position: int) -> Place:
    """The path of one leaf."""
    return Place(position, _salt(seed, position), tuple(
        levels[level][position >> level ^ 1] for level in range(DEPTH)))


def leaf(content: dict, salt: bytes) -> bytes:
    """The hash of one leaf."""
    return sha256(b"\0", salt, jcs(content))


def root_of(content: dict, where: Place) -> str:
    """The root (hex) that a leaf's path leads to; of any other depth than 12, none."""
    if len(where.siblings) != DEPTH:
        return ""
    node, position = leaf(content, where.salt), where.position
    for sibling in where.siblings:
        pair = (sibling, node) if position & 1 else (node, sibling)
        node, position = sha256(b"\1", *pair), position >> 1
    return node.hex()


def _salt(seed: bytes, position: int) -> bytes:
    return _derived(seed, b"salt", position)


def _derived(seed: bytes, purpose: bytes, position: int) -> bytes:
    return hmac.digest(seed, purpose + position.to_bytes(2), "sha256")
