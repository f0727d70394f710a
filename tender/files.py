"""A stranger's file: its name cleaned, its kind told by its content, its archive checked unread.

Only what is on the list is taken (Q55). An Office file is a zip: its directory is judged
before anything is unpacked (Q56), by our own reading of it, because what a library would
extract is decided by records that disagree with one another in a hostile file.
"""

from __future__ import annotations

import codecs
import re
import struct
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from .active import refuse_active_office, refuse_active_pdf
from .refusals import FILE_ARCHIVE, FILE_EMPTY, FILE_LARGE, FILE_TYPE

LIMIT = 200 * 1024 * 1024
"""The largest document, bytes."""

PDF = "application/pdf"
PNG = "image/png"
JPEG = "image/jpeg"
TEXT = "text/plain"
_OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX = _OFFICE + "wordprocessingml.document"
XLSX = _OFFICE + "spreadsheetml.sheet"
PPTX = _OFFICE + "presentationml.presentation"

SUFFIXES = {
    PDF: (".pdf",), PNG: (".png",), JPEG: (".jpg", ".jpeg"), DOCX: (".docx",),
    XLSX: (".xlsx",), PPTX: (".pptx",), TEXT: (".txt", ".csv", ".md"),
}
_OFFICE_MAIN = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX, "ppt/presentation.xml": PPTX}

MAX_ENTRIES = 10_000
MAX_RATIO = 100
MAX_UNPACKED = 2 * 1024**3
NESTED = (".zip", ".rar", ".7z", ".gz", ".tar", ".jar", ".exe", ".dll", ".js", ".vbs")
_MACROS = ("vbaproject.bin",)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


def clean_name(name: str) -> str:
    """The name as it is shown and offered for download: one line, no path, no direction marks.

    At most 120 characters and 200 bytes; never empty, never a dot file. Files are stored
    under generated names, so this is display only (Q60).
    """
    name = unicodedata.normalize("NFC", name)
    name = re.split(r"[\\/]", name)[-1]
    name = "".join(mark for mark in name
                   if unicodedata.category(mark) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
    name = re.sub(r'[<>:"|?*;%]', "_", name)
    name = re.sub(r"\s+", " ", name).strip(" .")
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix) > 10:
        stem, dot, suffix = name, "", ""
    stem = stem[:120 - len(suffix) - 1]
    while len(f"{stem}{dot}{suffix}".encode()) > 200:
        stem = stem[:-1]
    return f"{stem.strip(' .') or 'document'}{dot}{suffix}"


def spool(body: BinaryIO, into: BinaryIO, limit: int = LIMIT) -> int:
    """Copy what is sent into a file, piece by piece; its size. Raises FILE_LARGE beyond `limit`
    bytes."""
    size = 0
    while chunk := body.read(1 << 20):
        size += len(chunk)
        if size > limit:
            raise FILE_LARGE(limit=limit)
        into.write(chunk)
    return size


def media_type(file: BinaryIO, size: int, name: str) -> str:
    """The media type of a seekable file, told by its content and agreeing with its name.

    Raises FILE_EMPTY, FILE_LARGE, FILE_TYPE, FILE_ARCHIVE or, for what acts when it is opened (active.py),
    FILE_ACTIVE. Keeps nothing of the file in memory but pieces.
    """
    if size == 0:
        raise FILE_EMPTY()
    file.seek(0)
    head = file.read(1024)
    if head.startswith(b"%PDF-"):
        kind = _pdf(file, size)
    elif head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR":
        kind = _ends(file, size, b"IEND\xaeB`\x82", PNG)
    elif head.startswith(b"\xff\xd8\xff"):
        kind = _ends(file, size, b"\xff\xd9", JPEG)
    elif head.startswith(b"PK\x03\x04"):
        kind = _office(file, size)
    else:
        kind = _text(file)
    suffix = "." + name.rpartition(".")[2].lower()
    if suffix not in SUFFIXES[kind]:
        raise FILE_TYPE(problem=f"{suffix[:12]} ≠ {kind}")
    return kind


def _tail(file: BinaryIO, size: int, length: int) -> bytes:
    file.seek(max(0, size - length))
    return file.read(length)


def _pdf(file: BinaryIO, size: int) -> str:
    tail = _tail(file, size, 2048)
    if b"%%EOF" not in tail:
        raise FILE_TYPE(problem="PDF without its end")
    after = tail.rpartition(b"%%EOF")[2].strip(b"\r\n \x00")
    if after or b"PK\x05\x06" in tail:
        raise FILE_TYPE(problem="something follows the PDF")
    refuse_active_pdf(file, size)
    return PDF


def _ends(file: BinaryIO, size: int, mark: bytes, kind: str) -> str:
    if not _tail(file, size, len(mark)) == mark:
        raise FILE_TYPE(problem=f"something follows the {kind}, or its end is missing")
    return kind


def _text(file: BinaryIO) -> str:
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    first = True
    try:
        while chunk := file.read(1 << 20):
            text = decoder.decode(chunk)
            if first and text.lstrip().startswith("<"):
                raise FILE_TYPE(problem="markup is not plain text")
            first = False
            if _CONTROL.search(text):
                raise FILE_TYPE(problem="control characters")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise FILE_TYPE(problem="unknown content") from error
    return TEXT


@dataclass(frozen=True)
class Entry:
    """One entry of a zip directory: where its local header begins, and its sizes."""

    name: str
    offset: int
    packed: int
    unpacked: int
    crc: int
    method: int
    flags: int
    mode: int


def _office(file: BinaryIO, size: int) -> str:
    entries = zip_directory(file, size)
    names = {entry.name for entry in entries}
    if "[Content_Types].xml" not in names:
        raise FILE_TYPE(problem="a zip that is no office document")
    kinds = [kind for main, kind in _OFFICE_MAIN.items() if main in names]
    if len(kinds) != 1:
        raise FILE_TYPE(problem="a zip that is no office document")
    for name in names:
        lower = name.lower()
        if lower.endswith(_MACROS):
            raise FILE_TYPE(problem="macros")
        if lower.endswith(NESTED):
            raise FILE_ARCHIVE(problem="an archive or program inside")
    refuse_active_office(file, entries)
    return kinds[0]


def zip_directory(file: BinaryIO, size: int, most: int = MAX_UNPACKED) -> list[Entry]:
    """The checked directory of a zip that unpacks to `most` bytes or fewer; nothing of it is kept.

    Raises FILE_ARCHIVE.
    """
    tail = _tail(file, size, 22 + 65535)
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) - place < 22:
        raise FILE_ARCHIVE(problem="no directory")
    (_, disk, start_disk, here, count, length, offset, comment) = struct.unpack(
        "<4s4H2LH", tail[place:place + 22])
    end = size - len(tail) + place
    if disk or start_disk or here != count or comment != len(tail) - place - 22:
        raise FILE_ARCHIVE(problem="a split archive, or something after its end")
    if count > MAX_ENTRIES or count == 0:
        raise FILE_ARCHIVE(problem=f"{count} entries, at most {MAX_ENTRIES}")
    if offset + length != end or offset == 0xFFFFFFFF:
        raise FILE_ARCHIVE(problem="the directory is not where it should be")
    if length > 64 * 1024 * 1024:
        raise FILE_ARCHIVE(problem="the directory is too large")
    file.seek(offset)
    entries = _entries(file.read(length), count)
    _check_entries(entries, offset, most)
    _check_local(file, entries, offset)
    return entries


def _entries(data: bytes, count: int) -> list[Entry]:
    entries, at = [], 0
    for _ in range(count):
        if data[at:at + 4] != b"PK\x01\x02" or len(data) - at < 46:
            raise FILE_ARCHIVE(problem="a torn directory")
        (made, _need, flags, method, _time, _date, crc, packed, unpacked, names, extra, comment,
         disk, _inner, outer, offset) = struct.unpack("<6H3L5H2L", data[at + 4:at + 46])
        raw = data[at + 46:at + 46 + names]
        at += 46 + names + extra + comment
        if at > len(data) or disk or 0xFFFFFFFF in (packed, unpacked, offset):
            raise FILE_ARCHIVE(problem="a torn directory")
        try:
            name = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise FILE_ARCHIVE(problem="a name that is not UTF-8") from error
        mode = outer >> 16 if made >> 8 == 3 else 0
        entries.append(Entry(name, offset, packed, unpacked, crc, method, flags, mode))
    if at != len(data):
        raise FILE_ARCHIVE(problem="a torn directory")
    return entries


def _check_entries(entries: list[Entry], end: int, most: int) -> None:
    seen: set[str] = set()
    for entry in entries:
        parts = entry.name.split("/")
        if (not entry.name or entry.name.startswith("/") or "\\" in entry.name
                or ":" in entry.name or ".." in parts or "\x00" in entry.name):
            raise FILE_ARCHIVE(problem="a path that leads outside")
        if entry.name.lower() in seen:
            raise FILE_ARCHIVE(problem="two entries of one name")
        seen.add(entry.name.lower())
        if entry.mode & 0o170000 not in (0, 0o100000, 0o040000):
            raise FILE_ARCHIVE(problem="a link or device")
        if entry.flags & 0x2041:
            raise FILE_ARCHIVE(problem="an encrypted entry")
        if entry.method not in (0, 8):
            raise FILE_ARCHIVE(problem="an unusual compression")
        if entry.unpacked > MAX_RATIO * max(entry.packed, 1) and entry.unpacked > 1 << 20:
            raise FILE_ARCHIVE(problem=f"compressed more than {MAX_RATIO} times")
        if entry.method == 0 and entry.packed != entry.unpacked:
            raise FILE_ARCHIVE(problem="sizes that disagree")
    if sum(entry.unpacked for entry in entries) > most:
        raise FILE_ARCHIVE(problem="it unpacks to too much")
    if sum(entry.unpacked for entry in entries) > MAX_RATIO * end:
        raise FILE_ARCHIVE(problem=f"compressed more than {MAX_RATIO} times")


def _check_local(file: BinaryIO, entries: list[Entry], end: int) -> None:
    # Overlapping entries (Fifield's bomb) share bytes; each entry must own its own stretch.
    reached = 0
    for entry in sorted(entries, key=lambda entry: entry.offset):
        file.seek(entry.offset)
        header = file.read(30)
        if len(header) < 30 or header[:4] != b"PK\x03\x04":
            raise FILE_ARCHIVE(problem="an entry that is not there")
        flags, method = struct.unpack("<2H", header[6:10])
        names, extra = struct.unpack("<2H", header[26:30])
        if file.read(names) != entry.name.encode() or (method, flags & 0x2041) != (
                entry.method, 0):
            raise FILE_ARCHIVE(problem="two directories that disagree")
        if entry.offset < reached:
            raise FILE_ARCHIVE(problem="entries that overlap")
        reached = entry.offset + 30 + names + extra + entry.packed
        if reached > end:
            raise FILE_ARCHIVE(problem="entries that overlap")
        if entry.method == 8:
            _check_size(file, entry, entry.offset + 30 + names + extra)


def unpacked(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    """The content of an entry of a checked directory, in pieces."""
    file.seek(entry.offset + 26)
    names, extra = struct.unpack("<2H", file.read(4))
    file.seek(names + extra, 1)
    inflate, left = zlib.decompressobj(-15), entry.packed
    while left:
        data = file.read(min(65536, left))
        left -= len(data)
        yield inflate.decompress(data) if entry.method == 8 else data


def _check_size(file: BinaryIO, entry: Entry, start: int) -> None:
    # The directory may lie about sizes: unpack in small pieces, keep nothing, stop at the claim.
    inflate = zlib.decompressobj(-15)
    file.seek(start)
    left, total = entry.packed, 0
    try:
        while left and not inflate.eof:
            data = file.read(min(65536, left))
            if not data:
                break
            left -= len(data)
            while data and not inflate.eof:
                total += len(inflate.decompress(data, 1 << 20))
                data = inflate.unconsumed_tail
                if total > entry.unpacked:
                    raise FILE_ARCHIVE(problem="an entry larger than it says")
        total += len(inflate.flush())
    except zlib.error as error:
        raise FILE_ARCHIVE(problem="a damaged entry") from error
    if total != entry.unpacked:
        raise FILE_ARCHIVE(problem="sizes that disagree")
