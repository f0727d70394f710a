"""A salted tree that commits to a set of bids without telling how many there are.

leaf = SHA-256(0x00 ‖ salt ‖ JCS{bid, declaration}), node = SHA-256(0x01 ‖ left ‖ right); the
other leaves are random, the places drawn (sealed-bid A3.6). The closing commits to the bids
that stand; an authorisation to those that may be opened, one root for each part.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from kernel.canonical import NotCanonical, b64, jcs, sha256, unb64, unhex

DEPTH = 12


@dataclass(frozen=True)
class Place:
    """Where a bid stands in a tree: position, its salt, and its siblings from leaf to root."""

    position: int
    salt: bytes
    siblings: tuple[bytes, ...]

    def to_json(self) -> dict:
        """As it is kept and sent."""
        return {"position": self.position, "salt": b64(self.salt),
                "siblings": [sibling.hex() for sibling in self.siblings]}

    @classmethod
    def from_json(cls, value: dict) -> Place:
        """Read what `to_json` wrote; raises NotCanonical."""
        try:
            position = value["position"]
            siblings = tuple(unhex(item) for item in value["siblings"])
            salt = unb64(value["salt"], 32)
        except (KeyError, TypeError) as error:
            raise NotCanonical("not a place in a tree") from error
        if isinstance(position, bool) or not isinstance(position, int) \
                or not 0 <= position < 1 << len(siblings):
            raise NotCanonical("no such place in a tree")
        return cls(position, salt, siblings)


def leaf(bid: str, declaration: str, salt: bytes) -> bytes:
    """The leaf of one bid: its id and its declaration's hash under 32 bytes of salt."""
    return sha256(b"\0", salt, jcs({"bid": bid, "declaration": declaration}))


def build(bids: Sequence[tuple[str, str]]) -> tuple[str, dict[str, Place]]:
    """The root (hex) over (bid, declaration hash) pairs, and each bid's place in the tree.

    Depth 12 holds 4,096 bids; for more the tree is as deep as they need.
    """
    depth = max(DEPTH, (len(bids) - 1).bit_length() if bids else 0)
    nodes = [secrets.token_bytes(32) for _ in range(1 << depth)]
    positions = secrets.SystemRandom().sample(range(1 << depth), len(bids))
    salts = [secrets.token_bytes(32) for _ in bids]
    for (bid, declaration), position, salt in zip(bids, positions, salts, strict=True):
        nodes[position] = leaf(bid, declaration, salt)
    levels = [nodes]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([sha256(b"\1", below[i], below[i + 1]) for i in range(0, len(below), 2)])
    places = {}
    for (bid, _), position, salt in zip(bids, positions, salts, strict=True):
        siblings = tuple(levels[level][position >> level ^ 1] for level in range(depth))
        places[bid] = Place(position, salt, siblings)
    return levels[-1][0].hex(), places


def verify(root: str, bid: str, declaration: str, place: Place) -> bool:
    """Whether the bid stands at `place` in the tree whose root is `root` (hex)."""
    node, position = leaf(bid, declaration, place.salt), place.position
    for sibling in place.siblings:
        pair = (sibling, node) if position & 1 else (node, sibling)
        node, position = sha256(b"\1", *pair), position >> 1
    return position == 0 and node.hex() == root and len(place.siblings) >= DEPTH


def list_root(leaves: Sequence[bytes]) -> bytes:
    """The Merkle tree hash of RFC 6962 §2.1 over `leaves` (the hashes of released shares)."""
    if not leaves:
        return sha256()
    if len(leaves) == 1:
        return sha256(b"\0", leaves[0])
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1", list_root(leaves[:half]), list_root(leaves[half:]))
