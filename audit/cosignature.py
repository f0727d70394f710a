"""Cosignatures (C2SP tlog-cosignature, cosignature/v1): a witness says that it saw a checkpoint.

A witness signs `cosignature/v1`, the time, and the checkpoint's text. Its signature line holds
an eight-byte time before the 64 bytes of Ed25519. With it the witness states that at that time
the tree it names was the largest it had seen of this log, and that the tree continues every
smaller one it cosigned. Key ids carry the byte 0x04, so that no key of a log and no promise is
ever mistaken for one. Pure.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kernel.canonical import b64

from .note import BadNote, Note, PrivateKey, PublicKey, check_text, parse

COSIGNATURE = b"\x04"
LATEST = 2**63 - 1
"""The largest timestamp (POSIX seconds) the specification allows."""

_VALUE = 8 + 64


def message(text: str, at: int) -> bytes:
    """The signed bytes: header line, time line, the checkpoint's text. `at` is POSIX seconds."""
    if not 0 < at <= LATEST:
        raise BadNote("a cosignature's time is out of range")
    return f"cosignature/v1\ntime {at}\n{check_text(text)}".encode()


def time_of(value: bytes) -> int:
    """The POSIX seconds that a cosignature's bytes name, unbelieved. Raises BadNote."""
    if len(value) != _VALUE:
        raise BadNote(f"a cosignature has {_VALUE} bytes")
    return int.from_bytes(value[:8], "big")


class Cosigner(PublicKey):
    """A witness's public key under its name."""

    ALGORITHM = COSIGNATURE

    def verify(self, text: bytes, value: bytes) -> bool:
        """Whether `value` (8 bytes of time, 64 of signature) is this witness's over `text`."""
        try:
            signed = message(text.decode(), time_of(value))
            Ed25519PublicKey.from_public_bytes(self.public).verify(value[8:], signed)
        except (BadNote, InvalidSignature, ValueError):
            return False
        return True


class CosignerKey(PrivateKey):
    """A witness's private key. A key is one witness's: the signed bytes do not hold the name."""

    PUBLIC = Cosigner

    @property
    def cosigner(self) -> Cosigner:
        """Its public half."""
        return self.own

    def cosign(self, text: str, at: int) -> str:
        """The signature line over a checkpoint's text, newline included. The same text and time
        always give the same line, because Ed25519 draws nothing at random."""
        value = at.to_bytes(8, "big") + self._key.sign(message(text, at))
        return f"— {self.cosigner.name} {b64(self.cosigner.id + value)}\n"


read_vkey = Cosigner.read


def cosigned_by(signed: Note, witnesses: list[Cosigner]) -> dict[Cosigner, int]:
    """The good cosignatures on a note, by witness: POSIX seconds.

    Lines of others are passed over. Raises BadNote when a known witness's line is wrong.
    """
    known = {(one.name, one.id): one for one in witnesses}
    found: dict[Cosigner, int] = {}
    for line in signed.signatures:
        witness = known.get((line.name, line.id))
        if witness is None:
            continue
        if witness in found or not witness.verify(signed.text.encode(), line.value):
            raise BadNote(f"the cosignature of {witness.name} is wrong")
        found[witness] = time_of(line.value)
    return found


def accepted(note: str, answer: bytes, witness: Cosigner) -> tuple[str, int] | None:
    """(line, POSIX seconds): the one line of a witness's answer that is its own over `note`.

    None where there is none; lines by unknown keys are passed over, as the protocol says.
    """
    text = parse(note).text
    try:
        lines = parse(f"{text}\n".encode() + answer).signatures
    except BadNote:
        return None
    for line in lines:
        if (line.name, line.id) == (witness.name, witness.id) and witness.verify(
                text.encode(), line.value):
            return f"— {line.name} {b64(line.id + line.value)}\n", time_of(line.value)
    return None


def in_order(witnesses: list[Cosigner]) -> list[Cosigner]:
    """Witnesses by key id, then name: the order of their lines and of their part in a seed."""
    return sorted(witnesses, key=lambda one: (one.id, one.name))


def quorum_time(times: list[int], quorum: int) -> int | None:
    """When the quorum was reached: the `quorum`-th smallest of the times; None if never."""
    return sorted(times)[quorum - 1] if 0 < quorum <= len(times) else None
