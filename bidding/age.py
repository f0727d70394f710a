"""The container of a sealed part: age v1 (C2SP age.md), both ways and in one pass.

A file is a header (the file key, wrapped for each recipient, under a MAC) and a payload:
64 KiB chunks of ChaCha20-Poly1305, each under its own counter, the last one marked. Chunks
can be read in any order, so a member in the middle of a part costs no more than its length.
Who it is sealed for is recipients.py. Passphrases and armour are not read.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from .recipients import KINDS, Identity, NotAge, Stanza, base64_text, hkdf, kind_of, unpadded

VERSION = b"age-encryption.org/v1"
CHUNK = 64 * 1024
TAG = 16
_VISIBLE = bytes(range(33, 127))
HEADER_LIMIT = 4096
"""The header of a bid's part is at most this long (sealed-bid A3.3)."""


class Incomplete(NotAge):
    """So far a header, but it does not end within the bytes given."""


class NoMatch(ValueError):
    """None of the identities opens the header."""


class WrongMac(ValueError):
    """The header was changed after it was sealed."""


class Damaged(ValueError):
    """The payload was changed, cut or lengthened after it was sealed."""


@dataclass(frozen=True)
class Header:
    """A parsed header; `length` bytes long in the file, `signed` is what the MAC covers."""

    stanzas: tuple[Stanza, ...]
    mac: bytes
    signed: bytes
    length: int


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
            mac = unpadded(text[4:])
            if len(mac) != 32 or not stanzas:
                raise NotAge("malformed end of header")
            return Header(tuple(stanzas), mac, data[: start + 3], position)
        if not text.startswith(b"-> "):
            raise NotAge("malformed recipient line")
        args = text[3:].split(b" ")
        if not all(arg and not arg.translate(None, _VISIBLE) for arg in args):
            raise NotAge("malformed recipient argument")
        body = b""
        while len(part := line()) == 64:
            body += unpadded(part)
        if len(part) > 64:
            raise NotAge("recipient body line too long")
        body += unpadded(part)
        stanzas.append(_checked(Stanza(tuple(arg.decode() for arg in args), body)))


def _checked(stanza: Stanza) -> Stanza:
    kind = KINDS.get(stanza.args[0])
    if kind is not None:
        kind.check(stanza)
    return stanza


def _mac(file_key: bytes, signed: bytes) -> bytes:
    return hmac.digest(hkdf(file_key, b"", b"header"), signed, "sha256")


def write_header(file_key: bytes, recipients: Sequence[str]) -> bytes:
    """The header that wraps `file_key` (16 bytes) for each recipient. Raises NotRecipient.

    All recipients must be of one kind: beside a classic one a hybrid one protects nothing.
    """
    kinds = {kind_of(recipient) for recipient in recipients}
    if len(kinds) != 1:
        raise ValueError("recipients of several suites, or none")
    kind = kinds.pop()
    lines = VERSION + b"\n"
    for recipient in recipients:
        stanza = kind.wrap(recipient, file_key)
        body = base64_text(stanza.body)
        lines += f"-> {' '.join(stanza.args)}\n{body}\n".encode()
    lines += b"---"
    return lines + f" {base64_text(_mac(file_key, lines))}\n".encode()


def file_key_of(header: Header, identities: Sequence[Identity]) -> bytes:
    """Unwrap the file key with any of the identities. Raises NoMatch, WrongMac or NotAge."""
    if any(stanza.args[0] == "scrypt" for stanza in header.stanzas) and len(header.stanzas) > 1:
        raise NotAge("a passphrase beside other recipients")
    for identity in identities:
        for stanza in header.stanzas:
            if stanza.args[0] != identity.STANZA:
                continue
            file_key = identity.unwrap(stanza)
            if file_key is None:
                continue
            if not hmac.compare_digest(_mac(file_key, header.signed), header.mac):
                raise WrongMac("the header's MAC differs")
            return file_key
    raise NoMatch("no identity matches")


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
        self._cipher = ChaCha20Poly1305(hkdf(file_key, nonce, b"payload"))
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

    def __init__(self, read_at: Callable[[int, int], bytes], size: int,
                 identities: Sequence[Identity]):
        start = read_at(0, min(size, 16 * HEADER_LIMIT))
        header = parse_header(start)
        key = file_key_of(header, identities)
        nonce = read_at(header.length, 16)
        if len(nonce) != 16:
            raise NotAge("the payload has no nonce")
        self._cipher = ChaCha20Poly1305(hkdf(key, nonce, b"payload"))
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


def unseal(data: bytes, identities: Sequence[Identity]) -> bytes:
    """Open a short age file held in memory."""
    opened = Opened(lambda offset, length: data[offset:offset + length], len(data), identities)
    return b"".join(opened.chunks())
