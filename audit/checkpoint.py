"""Checkpoints (C2SP tlog-checkpoint): a log says how large it is and what its root is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kernel.canonical import NotCanonical, b64, unb64

from . import note
from .note import BadNote, Note, Signer, Verifier

_SIZE = re.compile(r"\A(?:0|[1-9]\d{0,18})\Z", re.ASCII)


@dataclass(frozen=True)
class Head:
    """The head of a log's tree at one size."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The note text: three lines."""
        return f"{self.origin}\n{self.size}\n{b64(self.root)}\n"


def sign(head: Head, signer: Signer) -> str:
    """The signed checkpoint. The key's name is the log's origin."""
    if signer.name != head.origin:
        raise BadNote(f"{signer.name} does not sign for {head.origin}")
    return signer.sign(head.text())


def read(data: bytes | str, verifier: Verifier, *, others: tuple[Verifier, ...] = (),
         closed: bool = False) -> Head:
    """Check a checkpoint's signature by its log and return what it says. Raises BadNote.

    The log's own signature is required; `others` are the keys of witnesses.
    Extension lines are refused: nobody can audit them.
    """
    signed = note.verify(data, [verifier, *others], closed=closed)
    if not any((line.name, line.id) == (verifier.name, verifier.id) for line in signed.signatures):
        raise BadNote("the log itself has not signed")
    head = head_of(signed)
    if head.origin != verifier.name:
        raise BadNote(f"a checkpoint of {head.origin}, not of {verifier.name}")
    return head


def head_of(signed: Note) -> Head:
    """What a checkpoint says, signature aside. Raises BadNote."""
    lines = signed.text.split("\n")
    if len(lines) != 4 or not lines[0]:
        raise BadNote("a checkpoint has three lines")
    if not _SIZE.match(lines[1]):
        raise BadNote("a checkpoint's size is a decimal number")
    try:
        root = unb64(lines[2], 32)
    except NotCanonical as error:
        raise BadNote("a checkpoint's root is 32 bytes in base64") from error
    return Head(lines[0], int(lines[1]), root)


def signature_of(data: bytes | str, name: str) -> bytes:
    """The bare signature bytes of the key called `name` on a note. Raises BadNote."""
    for line in note.parse(data).signatures:
        if line.name == name:
            return line.value
    raise BadNote(f"{name} has not signed")


def own(data: bytes | str) -> bytes:
    """The note with the log's signature and no other line: what a time stamp is over."""
    signed = note.parse(data)
    line = next((one for one in signed.signatures if one.name == head_of(signed).origin), None)
    if line is None:
        raise BadNote("the log itself has not signed")
    return f"{signed.text}\n— {line.name} {b64(line.id + line.value)}\n".encode()
