"""Signed notes (C2SP signed-note): a text, an empty line, and who signed it.

Only Ed25519 (type 0x01), for checkpoints and for promises alike. Reading is strict: bytes
that another program might read differently are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kernel.canonical import NotCanonical, b64, sha256, unb64, unhex

ED25519 = b"\x01"
MOST_SIGNATURES = 32
"""A note with more lines is refused (the specification asks for at least 16)."""

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_LINE = re.compile(r"\A— (\S+) ([A-Za-z0-9+/]+={0,2})\Z")


class BadNote(ValueError):
    """The note, the key or the signature is not what it should be; the message says why."""


def check_name(name: str) -> str:
    """A key name: not empty, no space of any kind, no plus, no control characters."""
    if not name or "+" in name or any(char.isspace() or not char.isprintable() for char in name):
        raise BadNote("a key name holds no spaces, pluses or control characters")
    return name


@dataclass(frozen=True)
class PublicKey:
    """A public key under a name, for one kind of signature: ALGORITHM is its byte."""

    ALGORITHM: ClassVar[bytes]

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes that stand before each of its signatures."""
        return sha256(self.name.encode(), b"\n", self.ALGORITHM, self.public)[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{b64(self.ALGORITHM + self.public)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a vkey `name+hex(id)+base64(ALGORITHM ‖ key)`. Raises BadNote."""
        name, _, rest = text.partition("+")
        given, _, encoded = rest.partition("+")
        try:
            material, identity = unb64(encoded, 33), unhex(given, 4)
        except NotCanonical as error:
            raise BadNote(f"not a verifier key: {error}") from error
        if material[:1] != cls.ALGORITHM:
            raise BadNote("a verifier key of another kind")
        found = cls(check_name(name), material[1:])
        if found.id != identity:
            raise BadNote("the verifier key's id does not belong to its name and key")
        return found

    @classmethod
    def read(cls, data: bytes) -> Self:
        """A vkey file: one line and its newline, nothing else. Raises BadNote."""
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadNote("a verifier key is UTF-8") from error
        if text[-1:] != "\n" or "\n" in text[:-1]:
            raise BadNote("a verifier key is one line")
        key = cls.parse(text[:-1])
        if f"{key}\n" != text:
            raise BadNote("a verifier key has one spelling")
        return key


class PrivateKey:
    """A private Ed25519 key under a name; `own` is its public half, of the kind PUBLIC."""

    PUBLIC: ClassVar[type[PublicKey]]

    def __init__(self, name: str, seed: bytes):
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self._seed = seed
        self.own = self.PUBLIC(check_name(name), self._key.public_key().public_bytes_raw())

    @property
    def name(self) -> str:
        """The key's name."""
        return self.own.name

    @classmethod
    def generate(cls, name: str) -> Self:
        """A new key."""
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    def secret_text(self) -> str:
        """The private key as one line, `PRIVATE+KEY+name+hex(id)+base64(ALGORITHM ‖ seed)`."""
        material = b64(self.PUBLIC.ALGORITHM + self._seed)
        return f"PRIVATE+KEY+{self.name}+{self.own.id.hex()}+{material}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what secret_text() wrote. Raises BadNote, which never repeats the text."""
        parts = text.split("+", 4)
        try:
            if parts[:2] != ["PRIVATE", "KEY"] or len(parts) != 5:
                raise BadNote("not a private key")
            material = unb64(parts[4], 33)
        except NotCanonical as error:
            raise BadNote("not a private key") from error
        key = cls(parts[2], material[1:])
        if material[:1] != cls.PUBLIC.ALGORITHM or key.own.id.hex() != parts[3]:
            raise BadNote("the private key's id does not belong to it")
        return key

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.own})"


class Verifier(PublicKey):
    """The public key of whoever signs notes: a log, a platform."""

    ALGORITHM = ED25519

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Whether `signature` (64 bytes) is this key's over `text`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except (InvalidSignature, ValueError):
            return False
        return True


read_vkey = Verifier.read


class Signer(PrivateKey):
    """The private key of whoever signs notes."""

    PUBLIC = Verifier

    @property
    def verifier(self) -> Verifier:
        """Its public half."""
        return self.own

    def raw(self, text: bytes) -> bytes:
        """The bare 64-byte signature over `text`."""
        return self._key.sign(text)

    def sign(self, text: str) -> str:
        """The signed note of `text`, which ends in a newline."""
        check_text(text)
        line = b64(self.verifier.id + self.raw(text.encode()))
        return f"{text}\n— {self.name} {line}\n"


@dataclass(frozen=True)
class Signature:
    """One signature line as it stands: whose it says it is, and the bytes behind the id."""

    name: str
    id: bytes
    value: bytes


@dataclass(frozen=True)
class Note:
    """A note read and not yet believed."""

    text: str
    signatures: tuple[Signature, ...]


def check_text(text: str) -> str:
    """A note's text: ends in a newline, no control characters but newlines. Raises BadNote."""
    if not text.endswith("\n"):
        raise BadNote("the text of a note ends in a newline")
    if _CONTROL.search(text):
        raise BadNote("a note holds no control characters")
    return text


def parse(data: bytes | str) -> Note:
    """Split a note into text and signatures. Raises BadNote for anything ambiguous."""
    try:
        whole = data.decode("utf-8") if isinstance(data, bytes) else data
    except UnicodeDecodeError as error:
        raise BadNote("a note is UTF-8") from error
    check_text(whole)
    # The last empty line divides; the text keeps its own newline.
    place = whole.rfind("\n\n")
    if place < 0:
        raise BadNote("the note is not signed")
    lines = whole[place + 2:].split("\n")[:-1]
    if not 1 <= len(lines) <= MOST_SIGNATURES:
        raise BadNote("the note is not signed" if not lines else "too many signatures")
    return Note(whole[:place + 1], tuple(map(_signature, lines)))


def _signature(line: str) -> Signature:
    match = _LINE.match(line)
    try:
        if not match:
            raise BadNote("a signature line has another form")
        material = unb64(match.group(2))
    except NotCanonical as error:
        raise BadNote("a signature line is not base64") from error
    if len(material) < 5:
        raise BadNote("a signature is too short")
    return Signature(check_name(match.group(1)), material[:4], material[4:])


def verify(data: bytes | str, verifiers: list[Verifier], *, closed: bool = False) -> Note:
    """Read a note and check it: at least one known key signed, and none of theirs is wrong.

    `closed`: signatures by other keys are refused as well, because nobody here can tell
    whether a byte of theirs was changed. Raises BadNote.
    """
    note = parse(data)
    known = {(key.name, key.id): key for key in verifiers}
    good = set()
    for signature in note.signatures:
        key = known.get((signature.name, signature.id))
        if key is None:
            if closed:
                raise BadNote(f"signed by {signature.name}, whose key is not known here")
            continue
        if (key.name, key.id) in good:
            raise BadNote(f"signed twice by {key.name}")
        if not key.verify(note.text.encode(), signature.value):
            raise BadNote(f"the signature of {key.name} is wrong")
        good.add((key.name, key.id))
    if not good:
        raise BadNote("signed by no known key")
    return note
