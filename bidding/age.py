"""The container of a sealed part: age v1 (C2SP age.md) for X25519 recipients, both ways.

A file is a header (the file key, wrapped for each recipient, under a MAC) and a payload:
64 KiB chunks of ChaCha20-Poly1305, each under its own counter, the last one marked. Chunks
can be read in any order, so a member in the middle of a part costs no more than its length.
Passphrases and armour are not read.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from . import bech32

VERSION = b"age-encryption.org/v1"
CHUNK = 64 * 1024
TAG = 16
HEADER_LIMIT = 4096
"""The header of a bid's part is at most this long (sealed-bid A3.3)."""

_LABEL = b"age-encryption.org/v1/X25519"


class NotAge(ValueError):
    """The bytes do not begin with a well-formed age v1 header."""


class Incomplete(NotAge):
    """So far a header, but it does not end within the bytes given."""


class NoMatch(ValueError):
    """None of the identities opens the header."""


class WrongMac(ValueError):
    """The header was changed after it was sealed."""


class Damaged(ValueError):
    """The payload was changed, cut or lengthened after it was sealed."""


@dataclass(frozen=True)
class Stanza:
    """One recipient's line of a header."""

    args: tuple[str, ...]
    body: bytes


@dataclass(frozen=True)
class Header:
    """A parsed header; `length` bytes long in the file, `signed` is what the MAC covers."""

    stanzas: tuple[Stanza, ...]
    mac: bytes
    signed: bytes
    length: int


def generate() -> bytes:
    """A fresh identity: 32 random bytes."""
    return os.urandom(32)


def identity_text(seed: bytes) -> str:
    """The identity as `AGE-SECRET-KEY-1…`, as `age -i` reads it."""
    return bech32.encode("age-secret-key-", seed).upper()


def seed_of(text: str) -> bytes:
    """The 32 bytes of an `AGE-SECRET-KEY-1…`; raises bech32.NotBech32."""
    seed = bech32.decode("age-secret-key-", text)
    if len(seed) != 32:
        raise bech32.NotBech32("wrong length")
    return seed


def recipient_of(seed: bytes) -> str:
    """The public recipient `age1…` of an identity."""
    public = X25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return bech32.encode("age", public)


def recipient_key(text: str) -> bytes:
    """The 32 public bytes of a canonical `age1…`; raises bech32.NotBech32."""
    key = bech32.decode("age", text)
    if len(key) != 32 or text != text.lower():
        raise bech32.NotBech32("wrong length or case")
    return key


def parse_header(data: bytes) -> Header:
    """Read the header that `data` begins with.

    Raises Incomplete when it may go on beyond the end of `data`, NotAge for anything that no
    sealer writes: strictness here is what keeps a plain file from being taken for a sealed one.
    """
    position = 0

    def line() -> bytes:
        nonlocal position
        end = data.find(b"\n", position)
        if end < 0:
            raise Incomplete("the header does not end")
        position, start = end + 1, position
        return data[start:end]

    if not data.startswith(VERSION + b"\n"):
        known = data[: len(VERSION) + 1]
        raise (Incomplete if (VERSION + b"\n").startswith(known) else NotAge)("not an age file")
    line()
    stanzas = []
    while True:
        start = position
        text = line()
        if text.startswith(b"--- "):
            mac = _unpadded(text[4:])
            if len(mac) != 32 or not stanzas:
                raise NotAge("malformed end of header")
            return Header(tuple(stanzas), mac, data[: start + 3], position)
        if not text.startswith(b"-> "):
            raise NotAge("malformed recipient line")
        args = text[3:].split(b" ")
        if not all(arg and all(33 <= byte <= 126 for byte in arg) for arg in args):
            raise NotAge("malformed recipient argument")
        body = b""
        while len(part := line()) == 64:
            body += _unpadded(part)
        if len(part) > 64:
            raise NotAge("recipient body line too long")
        body += _unpadded(part)
        stanzas.append(_checked(Stanza(tuple(arg.decode() for arg in args), body)))


def _checked(stanza: Stanza) -> Stanza:
    if stanza.args[0] == "X25519":
        if len(stanza.args) != 2 or len(stanza.body) != 32:
            raise NotAge("malformed X25519 recipient")
        if len(_unpadded(stanza.args[1].encode())) != 32:
            raise NotAge("malformed X25519 share")
    return stanza


def _unpadded(text: bytes) -> bytes:
    try:
        data = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise NotAge("malformed base64") from error
    if base64.b64encode(data).rstrip(b"=") != text:
        raise NotAge("base64 that is not canonical")
    return data


def _text(data: bytes) -> str:
    return base64.b64encode(data).rstrip(b"=").decode()


def _hkdf(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, info).derive(secret)


def _mac(file_key: bytes, signed: bytes) -> bytes:
    return hmac.digest(_hkdf(file_key, b"", b"header"), signed, "sha256")


def write_header(file_key: bytes, recipients: Sequence[str]) -> bytes:
    """The header that wraps `file_key` (16 bytes) for each `age1…`."""
    lines = VERSION + b"\n"
    for recipient in recipients:
        key = recipient_key(recipient)
        ephemeral = X25519PrivateKey.generate()
        share = ephemeral.public_key().public_bytes_raw()
        secret = ephemeral.exchange(X25519PublicKey.from_public_bytes(key))
        wrapping = _hkdf(secret, share + key, _LABEL)
        body = ChaCha20Poly1305(wrapping).encrypt(bytes(12), file_key, None)
        lines += f"-> X25519 {_text(share)}\n{_text(body)}\n".encode()
    lines += b"---"
    return lines + f" {_text(_mac(file_key, lines))}\n".encode()


def file_key_of(header: Header, seeds: Sequence[bytes]) -> bytes:
    """Unwrap the file key with any of the identities. Raises NoMatch, WrongMac or NotAge."""
    if any(stanza.args[0] == "scrypt" for stanza in header.stanzas) and len(header.stanzas) > 1:
        raise NotAge("a passphrase beside other recipients")
    for seed in seeds:
        private = X25519PrivateKey.from_private_bytes(seed)
        public = private.public_key().public_bytes_raw()
        for stanza in header.stanzas:
            if stanza.args[0] != "X25519":
                continue
            share = _unpadded(stanza.args[1].encode())
            try:
                secret = private.exchange(X25519PublicKey.from_public_bytes(share))
            except ValueError as error:
                raise NotAge("a share of low order") from error
            wrapping = _hkdf(secret, share + public, _LABEL)
            try:
                file_key = ChaCha20Poly1305(wrapping).decrypt(bytes(12), stanza.body, None)
            except InvalidTag:
                continue
            if len(file_key) != 16:
                raise NotAge("a file key of the wrong length")
            if not hmac.compare_digest(_mac(file_key, header.signed), header.mac):
                raise WrongMac("the header's MAC differs")
            return file_key
    raise NoMatch("no identity matches")


def sealed_size(header_length: int, size: int) -> int:
    """How long the age file of `size` plain bytes is."""
    return header_length + 16 + size + TAG * max(1, -(-size // CHUNK))


def plain_size(header_length: int, sealed: int) -> int:
    """How many plain bytes an age file of `sealed` bytes holds; raises Damaged for no such size."""
    payload = sealed - header_length - 16
    chunks = -(-payload // (CHUNK + TAG))
    size = payload - TAG * chunks
    if payload < TAG or (size <= (chunks - 1) * CHUNK and chunks > 1):
        raise Damaged("no age file has this length")
    return size


class Sealer:
    """Seals a stream in one pass: `write` plain bytes, then `close`; age bytes go to `sink`."""

    def __init__(self, sink: Callable[[bytes], object], recipients: Sequence[str]):
        file_key, nonce = os.urandom(16), os.urandom(16)
        self._sink = sink
        self._cipher = ChaCha20Poly1305(_hkdf(file_key, nonce, b"payload"))
        self._held = bytearray()
        self._counter = 0
        header = write_header(file_key, recipients)
        self.header_length = len(header)
        sink(header + nonce)

    def write(self, data: bytes) -> None:
        """Take plain bytes; a chunk leaves once it is known not to be the last."""
        view = memoryview(data)
        if self._held:
            take = CHUNK - len(self._held)
            self._held += view[:take]
            view = view[take:]
            if not view:
                return
            self._seal(self._held, False)
            self._held = bytearray()
        whole = max(0, (len(view) - 1) // CHUNK * CHUNK)
        for start in range(0, whole, CHUNK):
            self._seal(view[start:start + CHUNK], False)
        self._held += view[whole:]

    def close(self) -> None:
        """Seal the last chunk."""
        self._seal(self._held, True)

    def _seal(self, chunk, last: bool) -> None:
        self._sink(self._cipher.encrypt(_nonce(self._counter, last), chunk, None))
        self._counter += 1


def _nonce(counter: int, last: bool) -> bytes:
    return counter.to_bytes(11, "big") + bytes([last])


class Opened:
    """An age file opened with an identity, readable at any place.

    `read_at(offset, length)` gives bytes of the age file, `size` is its length. The length of
    the plain text is only believed once the last chunk has proved that it is the last.
    """

    def __init__(self, read_at: Callable[[int, int], bytes], size: int, seeds: Sequence[bytes]):
        start = read_at(0, min(size, 16 * HEADER_LIMIT))
        header = parse_header(start)
        key = file_key_of(header, seeds)
        nonce = read_at(header.length, 16)
        if len(nonce) != 16:
            raise NotAge("the payload has no nonce")
        self._cipher = ChaCha20Poly1305(_hkdf(key, nonce, b"payload"))
        self._read_at = read_at
        self._start = header.length + 16
        self.header_length = header.length
        # A length that no sealer makes is found at the chunk that is wrong, so that reading
        # in order gives what was sound before it.
        payload = max(0, size - self._start)
        self._chunks = max(1, -(-payload // (CHUNK + TAG)))
        self.size = payload - TAG * self._chunks
        self._last: tuple[int, bytes] = (-1, b"")

    def chunk(self, number: int) -> bytes:
        """The plain bytes of one 64 KiB chunk; raises Damaged."""
        if self._last[0] == number:
            return self._last[1]
        last = number == self._chunks - 1
        plain = self._try(number, last)
        if plain is None:
            raise Damaged(f"chunk {number} is not what was sealed")
        if last and not plain and number:
            raise Damaged("an empty last chunk")
        self._last = (number, plain)
        return plain

    def _try(self, number: int, last: bool) -> bytes | None:
        sealed = self._read_at(self._start + number * (CHUNK + TAG), CHUNK + TAG)
        try:
            return self._cipher.decrypt(_nonce(number, last), sealed, None)
        except InvalidTag:
            return None

    def chunks(self) -> Iterator[bytes]:
        """All plain bytes in order; raises Damaged after the last sound ones.

        A sound chunk in the wrong place for its mark (an end with more behind it, or no end)
        is given before the fault is raised, as the C2SP vectors ask.
        """
        for number in range(self._chunks):
            try:
                yield self.chunk(number)
            except Damaged:
                last = number == self._chunks - 1
                plain = None
                if not last or self.size == (number + 1) * CHUNK:
                    plain = self._try(number, not last)
                if plain is not None:
                    yield plain
                raise

    def read(self, offset: int, length: int) -> bytes:
        """Plain bytes from `offset`, at most `length` of them."""
        return b"".join(self.stream(offset, length))

    def stream(self, offset: int, length: int) -> Iterator[bytes]:
        """Plain bytes from `offset`, at most `length`, chunk by chunk."""
        end = min(offset + length, self.size)
        while offset < end:
            number, within = divmod(offset, CHUNK)
            piece = self.chunk(number)[within:within + end - offset]
            if not piece:
                raise Damaged("shorter than it says")
            yield piece
            offset += len(piece)


def seal(data: bytes, recipients: Sequence[str]) -> bytes:
    """Seal a short text in memory."""
    parts: list[bytes] = []
    sealer = Sealer(parts.append, recipients)
    sealer.write(data)
    sealer.close()
    return b"".join(parts)


def unseal(data: bytes, seeds: Sequence[bytes]) -> bytes:
    """Open a short age file held in memory."""
    opened = Opened(lambda offset, length: data[offset:offset + length], len(data), seeds)
    return b"".join(opened.chunks())
