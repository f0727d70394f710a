"""Proofs in a file (C2SP tlog-proof): one entry, its path and a signed checkpoint.

The `extra` line carries what the leaf commits to, salt ‖ JCS(record), so that whoever holds
the file recomputes the leaf's commitment and reads the record behind it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kernel.canonical import NotCanonical, b64, parse_canonical, unb64

from . import checkpoint, leaf, proofs, tiles
from .note import BadNote, Verifier

HEADER = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"\A(?:0|[1-9]\d{0,18})\Z", re.ASCII)


class BadProofFile(ValueError):
    """The file proves nothing; the message says why."""


@dataclass(frozen=True)
class TlogProof:
    """A `.tlog-proof` as it stands. `extra` is b"" where the line is missing."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes = b""

    def text(self) -> str:
        """The file's content."""
        lines = [HEADER]
        if self.extra:
            lines.append(f"extra {b64(self.extra)}")
        lines += [f"index {self.index}", *map(b64, self.path), "", self.checkpoint]
        return "\n".join(lines)


def parse(text: str) -> TlogProof:
    """Read a `.tlog-proof`. Raises BadProofFile."""
    head, _, signed = text.partition("\n\n")
    lines = head.split("\n")
    try:
        if lines.pop(0) != HEADER:
            raise BadProofFile(f"the first line is not {HEADER}")
        extra = b""
        if lines and lines[0].startswith("extra "):
            extra = unb64(lines.pop(0)[6:])
        if not lines or not lines[0].startswith("index ") or not _INDEX.match(lines[0][6:]):
            raise BadProofFile("the index line is missing")
        index = int(lines.pop(0)[6:])
        path = tuple(unb64(line, tiles.HASH) for line in lines)
    except NotCanonical as error:
        raise BadProofFile(str(error)) from error
    if not signed:
        raise BadProofFile("the checkpoint is missing")
    return TlogProof(index, path, signed, extra)


@dataclass(frozen=True)
class Proven:
    """What a good proof shows: the record, its place, and the tree that holds it."""

    record: dict[str, object]
    index: int
    tick: str
    head: checkpoint.Head


def verify(text: str, entry: bytes, verifier: Verifier,
           others: tuple[Verifier, ...] = ()) -> Proven:
    """Check a proof whose `extra` is salt ‖ JCS(record) against the leaf's bytes `entry`.

    The leaf travels beside the proof (`NAME.leaf`): its tick time is nowhere else, and it is
    believed only because the proof leads from it to the signed root. Raises BadProofFile.
    """
    proof = parse(text)
    try:
        head = checkpoint.read(proof.checkpoint, verifier, others=others)
        tick, committed = leaf.read(entry)
        proofs.check_inclusion(tiles.leaf_hash(entry), proof.index, head.size,
                               list(proof.path), head.root)
        salt, record = proof.extra[:leaf.SALT], proof.extra[leaf.SALT:]
        if len(salt) != leaf.SALT or leaf.commitment(salt, record) != committed:
            raise BadProofFile("the record is not the one the leaf commits to")
        value = parse_canonical(record)
        if not isinstance(value, dict):
            raise BadProofFile("the record is not an object")
    except (BadNote, leaf.BadLeaf, proofs.BadProof, NotCanonical) as error:
        raise BadProofFile(str(error)) from error
    return Proven(value, proof.index, tick, head)
