"""The recipients of an age file: who a file key is wrapped for, and how (C2SP age.md).

X25519 is the classic recipient, opened by every age there is. `mlkem768x25519` is the hybrid
one: HPKE (RFC 9180, base mode) with the X-Wing combination of ML-KEM-768 and X25519,
HKDF-SHA256 and ChaCha20-Poly1305; who records a bid today cannot open it with a quantum
computer tomorrow. An identity is 32 bytes in both.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from . import bech32

FILE_KEY = 16
_LABEL = b"age-encryption.org/v1/X25519"
_HYBRID_LABEL = b"age-encryption.org/mlkem768x25519"
_HPKE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_ENCAPSULATED = 1120
_MLKEM_PUBLIC = 1184


class NotAge(ValueError):
    """The bytes do not begin with a well-formed age v1 header."""


class NotRecipient(ValueError):
    """The text is not the canonical spelling of a recipient of this kind."""


@dataclass(frozen=True)
class Stanza:
    """One recipient's line of a header."""

    args: tuple[str, ...]
    body: bytes


class Identity(Protocol):
    """Whoever can open. STANZA is the first word of the stanzas that concern it."""

    STANZA: str

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """The 16-byte file key, None where the stanza is another's; raises NotAge."""


def unpadded(text: bytes) -> bytes:
    """Read the one unpadded base64 spelling of some bytes; raises NotAge."""
    try:
        data = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise NotAge("malformed base64") from error
    if base64.b64encode(data).rstrip(b"=") != text:
        raise NotAge("base64 that is not canonical")
    return data


def base64_text(data: bytes) -> str:
    """Unpadded base64, as headers have it."""
    return base64.b64encode(data).rstrip(b"=").decode()


def hkdf(secret: bytes, salt: bytes, info: bytes) -> bytes:
    """HKDF-SHA256 to 32 bytes."""
    return HKDF(SHA256(), 32, salt, info).derive(secret)


class X25519:
    """An X25519 identity from its 32-byte seed."""

    STANZA = "X25519"
    PREFIX = "age"
    SECRET_PREFIX = "age-secret-key-"

    def __init__(self, seed: bytes):
        self._private = X25519PrivateKey.from_private_bytes(seed)
        self._public = self._private.public_key().public_bytes_raw()

    @property
    def recipient(self) -> str:
        """`age1…`."""
        return bech32.encode(self.PREFIX, self._public)

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """See Identity."""
        share = unpadded(stanza.args[1].encode())
        secret = _exchange(self._private, share)
        return _decrypted(lambda: ChaCha20Poly1305(
            hkdf(secret, share + self._public, _LABEL)).decrypt(bytes(12), stanza.body, None))

    @classmethod
    def wrap(cls, recipient: str, file_key: bytes) -> Stanza:
        """The stanza that hands `file_key` to `recipient`; raises NotRecipient."""
        key = cls.public_of(recipient)
        ephemeral = X25519PrivateKey.generate()
        share = ephemeral.public_key().public_bytes_raw()
        secret = ephemeral.exchange(X25519PublicKey.from_public_bytes(key))
        body = ChaCha20Poly1305(hkdf(secret, share + key, _LABEL)).encrypt(
            bytes(12), file_key, None)
        return Stanza((cls.STANZA, base64_text(share)), body)

    @classmethod
    def public_of(cls, recipient: str) -> bytes:
        """The 32 public bytes of a canonical `age1…`; raises NotRecipient."""
        return _public(cls.PREFIX, recipient, 32)

    @staticmethod
    def check(stanza: Stanza) -> None:
        """Raise NotAge for a malformed stanza of this kind."""
        if len(stanza.args) != 2 or len(stanza.body) != 32:
            raise NotAge("malformed X25519 recipient")
        if len(unpadded(stanza.args[1].encode())) != 32:
            raise NotAge("malformed X25519 share")


class Hybrid:
    """An `mlkem768x25519` identity from its 32-byte X-Wing seed."""

    STANZA = "mlkem768x25519"
    PREFIX = "age1pq"
    SECRET_PREFIX = "age-secret-key-pq-"

    def __init__(self, seed: bytes):
        # draft-connolly-cfrg-xwing-kem, expandDecapsulationKey
        expanded = hashlib.shake_256(seed).digest(96)
        self._mlkem = MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
        self._x25519 = X25519PrivateKey.from_private_bytes(expanded[64:])

    @cached_property
    def _private(self) -> MLKEM768X25519PrivateKey:
        return MLKEM768X25519PrivateKey(self._mlkem, self._x25519)

    @property
    def recipient(self) -> str:
        """`age1pq1…`."""
        return bech32.encode(self.PREFIX, self._mlkem.public_key().public_bytes_raw()
                             + self._x25519.public_key().public_bytes_raw())

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """See Identity."""
        encapsulated = unpadded(stanza.args[1].encode())
        file_key = _decrypted(lambda: _HPKE.decrypt(encapsulated + stanza.body, self._private,
                                                    _HYBRID_LABEL))
        if file_key is None:
            # HPKE says no more than that it failed; a share of low order is no sealer's work.
            _exchange(self._x25519, encapsulated[-32:])
        return file_key

    @classmethod
    def wrap(cls, recipient: str, file_key: bytes) -> Stanza:
        """The stanza that hands `file_key` to `recipient`; raises NotRecipient."""
        public = cls.public_of(recipient)
        try:
            mlkem = MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_PUBLIC])
        except ValueError as error:
            raise NotRecipient("not an encapsulation key") from error
        key = MLKEM768X25519PublicKey(
            mlkem, X25519PublicKey.from_public_bytes(public[_MLKEM_PUBLIC:]))
        sealed = _HPKE.encrypt(file_key, key, _HYBRID_LABEL)
        return Stanza((cls.STANZA, base64_text(sealed[:_ENCAPSULATED])), sealed[_ENCAPSULATED:])

    @classmethod
    def public_of(cls, recipient: str) -> bytes:
        """The 1,216 public bytes of a canonical `age1pq1…`; raises NotRecipient."""
        return _public(cls.PREFIX, recipient, _MLKEM_PUBLIC + 32)

    @staticmethod
    def check(stanza: Stanza) -> None:
        """Raise NotAge for a malformed stanza of this kind."""
        if len(stanza.args) != 2 or len(stanza.body) != 32:
            raise NotAge("malformed mlkem768x25519 recipient")
        if len(unpadded(stanza.args[1].encode())) != _ENCAPSULATED:
            raise NotAge("malformed mlkem768x25519 encapsulation")


KINDS: dict[str, type[X25519 | Hybrid]] = {kind.STANZA: kind for kind in (X25519, Hybrid)}
"""The kinds of recipients that are known, by the first word of their stanza."""


def kind_of(recipient: str) -> type[X25519 | Hybrid]:
    """The kind a recipient's text is spelled as."""
    return Hybrid if recipient.startswith(f"{Hybrid.PREFIX}1") else X25519


_decoded = lru_cache(maxsize=1024)(bech32.decode)
"""Of public texts alone; what is secret is spelled in no cache."""


def _public(prefix: str, text: object, length: int) -> bytes:
    if not isinstance(text, str) or text != text.lower():
        raise NotRecipient("not a text in lower case")
    try:
        key = _decoded(prefix, text)
    except bech32.NotBech32 as error:
        raise NotRecipient(str(error)) from error
    if len(key) != length:
        raise NotRecipient("wrong length")
    return key


def _exchange(private: X25519PrivateKey, share: bytes) -> bytes:
    try:
        return private.exchange(X25519PublicKey.from_public_bytes(share))
    except ValueError as error:
        raise NotAge("a share of low order") from error


def _decrypted(attempt: Callable[[], bytes]) -> bytes | None:
    try:
        file_key = attempt()
    except (InvalidTag, ValueError):
        return None
    if len(file_key) != FILE_KEY:
        raise NotAge("a file key of the wrong length")
    return file_key
