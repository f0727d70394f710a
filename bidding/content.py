"""Reading a sealed part from its stored blocks, whole or in pieces.

A block is believed only after its SHA-256 was compared, a chunk only after its tag; so what
is read is what was sealed, or `Damaged` and the bid's name. Nothing decrypted is ever stored.
"""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from . import age, blocks, manifest, ustar
from .manifest import BadManifest, FileEntry
from .recipients import Identity

TRIES = 3
"""How often a block is read before it counts as damaged."""
LACKING = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN}
"""Errors of the host and not of the block: the whole examination is done again later."""


class Ciphertext:
    """The age file that an ordered list of stored blocks is. Keeps the last block read."""

    def __init__(self, open_block: Callable[[str], BinaryIO], hashes: Sequence[str], size: int):
        self._open = open_block
        self._hashes = hashes
        self._number = -1
        self._block = b""
        self.size = size

    def read_at(self, offset: int, length: int) -> bytes:
        """Bytes of the age file; raises age.Damaged when a block is missing or changed, OSError when
        the host lacks what it takes to read it."""
        pieces = []
        end = min(offset + length, self.size)
        while offset < end:
            number, within = divmod(offset, blocks.BLOCK)
            piece = self._load(number)[within:within + end - offset]
            if not piece:
                raise age.Damaged(f"block {number} is too short")
            pieces.append(piece)
            offset += len(piece)
        return b"".join(pieces)

    def _load(self, number: int) -> bytes:
        if number != self._number:
            data = self._read(number)
            if hashlib.sha256(data).hexdigest() != self._hashes[number]:
                raise age.Damaged(f"block {number} is not what was received")
            self._number, self._block = number, data
        return self._block

    def _read(self, number: int) -> bytes:
        """A block from the store. One failing read says nothing about what is stored, so it is
        tried again; what the host lacks (handles, memory) says nothing however often."""
        for left in reversed(range(TRIES)):
            try:
                with self._open(self._hashes[number]) as file:
                    return file.read(blocks.BLOCK + 1)
            except (FileNotFoundError, IndexError) as error:
                raise age.Damaged(f"block {number} is missing") from error
            except OSError as error:
                if not left and error.errno in LACKING:
                    raise
                if not left:
                    raise age.Damaged(f"block {number} cannot be read: {error}") from error
        raise AssertionError("unreachable")


class BadContent(ValueError):
    """An opened part is not what its declaration says; `code` names how, for the record."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code


def examine(ciphertext: Ciphertext, identity: Identity, binding: dict[str, object],
            manifest_hash: str) -> tuple[list[dict], age.Opened]:
    """Open a part and compare all of it with its manifest, its manifest with the declaration.

    Returns the files `{name, size, hash, offset}` and the opened part. Reads every byte once.
    Raises BadContent: `other_tenderer` is somebody else's sealed bid handed in as one's own.
    """
    try:
        opened = age.Opened(ciphertext.read_at, ciphertext.size, [identity])
        return examine_archive(opened, binding, manifest_hash), opened
    except (age.NotAge, age.WrongMac, age.NoMatch) as error:
        raise BadContent("header", str(error)) from error
    except age.Damaged as error:
        raise BadContent("damaged", str(error)) from error


def examine_archive(archive, binding: dict[str, object], manifest_hash: str) -> list[dict]:
    """Compare a plain archive with its manifest, its manifest with the declaration; its files.

    `archive` has `size`, `read(offset, length)` and `stream(offset, length)`, as an opened part.
    Raises BadContent, and what reading it raises.
    """
    try:
        members = ustar.read_members(archive.read, archive.size)
        last = members[-1]
        entries = manifest.read(archive.read(last.offset, last.size), binding, manifest_hash)
        _compare(archive, members[:-1], entries)
    except BadManifest as error:
        code = "other_tenderer" if error.field == "tenderer" else "manifest"
        raise BadContent(code, str(error)) from error
    except ustar.NotOurs as error:
        raise BadContent("archive", str(error)) from error
    return [{"name": entry.name, "size": entry.size, "hash": entry.hash,
             "offset": member.offset} for entry, member in zip(entries, members, strict=False)]


def _compare(opened, members: list[ustar.Member], entries: list[FileEntry]) -> None:
    if [member.size for member in members] != [entry.size for entry in entries]:
        raise BadManifest("files", "the files inside are not those the manifest lists")
    for member, entry in zip(members, entries, strict=True):
        hasher = blocks.Hasher()
        for piece in opened.stream(member.offset, member.size):
            hasher.update(piece)
        if hasher.hexdigest() != entry.hash:
            raise BadManifest("files", "a file does not have the hash the manifest gives")


def stream(ciphertext: Ciphertext, identity: Identity, file: dict) -> Iterator[bytes]:
    """The bytes of one file of an opened part, decrypted on the way; raises age.Damaged."""
    opened = age.Opened(ciphertext.read_at, ciphertext.size, [identity])
    return opened.stream(file["offset"], file["size"])
