"""A stranger's files: told by content, checked unread, named by us (Q55, Q56, Q60)."""

from __future__ import annotations

import io
import random
import resource
import struct
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.refusal import Refused
from tender import files
from tests import work

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
PNG = (b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + bytes(13) + bytes(4)
       + bytes(4) + b"IEND\xaeB`\x82")
JPEG = b"\xff\xd8\xff\xe0" + bytes(64) + b"\xff\xd9"
MAIN = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}


def told(data: bytes, name: str) -> str:
    return files.media_type(io.BytesIO(data), len(data), name)


def refused(data: bytes, name: str) -> str:
    with pytest.raises(Refused) as caught:
        told(data, name)
    return caught.value.word.code


def office(suffix: str = "xlsx", extra: dict[str, bytes] | None = None, method=8,
           types: bytes = b"<Types/>") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr(MAIN[suffix], b"<workbook>" + b"<sheet/>" * 30 + b"</workbook>")
        for name, data in (extra or {}).items():
            archive.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(("data", "name", "kind"), [
    (PDF, "招标文件.pdf", files.PDF), (PNG, "a.PNG", files.PNG), (JPEG, "a.jpeg", files.JPEG),
    (JPEG, "a.jpg", files.JPEG), (office("docx"), "a.docx", files.DOCX),
    (office("xlsx"), "清单.xlsx", files.XLSX), (office("pptx", method=0), "a.pptx", files.PPTX),
    ("工程量清单\n1,土方,m3\n".encode(), "a.csv", files.TEXT),
    (b"\xef\xbb\xbfplain", "a.txt", files.TEXT),
])
def test_what_is_on_the_list_is_taken(data, name, kind):
    assert told(data, name) == kind


def test_a_workbook_made_by_a_library_is_taken():
    openpyxl = pytest.importorskip("openpyxl")
    book, out = openpyxl.Workbook(), io.BytesIO()
    for line in range(2000):
        book.active.append([line, "土方开挖", "m3", "12.5"])
    book.save(out)
    assert told(out.getvalue(), "b.xlsx") == files.XLSX


@pytest.mark.parametrize(("data", "name"), [
    (PDF, "a.docx"), (PDF, "a.exe"), (PDF, "a"), (PNG, "a.pdf"), (office("xlsx"), "a.docx"),
    (office("docx"), "a.zip"), (b"MZ\x90\x00" + bytes(60), "a.pdf"), (b"MZ\x90\x00", "a.txt"),
    (b"<html><script>alert(1)</script>", "a.txt"), (b"  <svg onload=x>", "a.txt"),
    (b"<?xml version='1.0'?>", "a.txt"), (b"GIF89a" + bytes(40), "a.png"),
    (b"Rar!\x1a\x07\x00", "a.docx"), (b"\x1f\x8b\x08" + bytes(20), "a.txt"),
    (b"%!PS-Adobe", "a.pdf"), (b"\x7fELF" + bytes(30), "a.txt"), (bytes(100), "a.txt"),
    (b"text\x00text", "a.txt"), (b"\xff\xfe\x41\x00", "a.txt"), (b"{\\rtf1}", "a.rtf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "a.doc"), (PDF[:-7], "a.pdf"),
    (PDF + b"PK\x03\x04 tail", "a.pdf"), (PDF + b"MZ program", "a.pdf"),
    (JPEG + b"<script>", "a.jpg"), (PNG + office(), "a.png"), (JPEG + PDF, "a.jpg"),
    (b"PK\x05\x06" + bytes(18), "a.xlsx"), (b"#!/bin/sh\nrm -rf /", "a.sh"),
    (b" " + PDF, "a.pdf"), (b"\x89PNG\r\n\x1a\n" + bytes(30), "a.png"),
])
def test_renamed_and_doubled_files_are_refused(data, name):
    assert refused(data, name) in ("document.type", "document.archive")


def test_a_pdf_that_is_also_an_archive_is_refused():
    archive = office()
    both = b"%PDF-1.7\n" + archive + b"\n%%EOF\n"
    assert refused(both, "a.pdf") == "document.type"


def test_an_empty_file_is_refused():
    assert refused(b"", "a.pdf") == "document.empty"


def raw_zip(entries: list[tuple[bytes, bytes, dict]], tail: bytes = b"") -> bytes:
    """A zip written by hand; each entry's dict overrides what its directory says."""
    body, directory = b"", b""
    for name, data, lies in entries:
        packed = zlib.compressobj(9, zlib.DEFLATED, -15)
        stored = packed.compress(data) + packed.flush()
        offset = lies.get("offset", len(body))
        sizes = (zlib.crc32(data), lies.get("packed", len(stored)),
                 lies.get("unpacked", len(data)))
        local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0x800, 8, 0, 0, *sizes, len(name), 0)
        if "offset" not in lies:
            body += local + lies.get("local_name", name) + stored
        directory += struct.pack(
            "<4s6H3L5H2L", b"PK\x01\x02", 0x0314, 20, lies.get("flags", 0x800),
            lies.get("method", 8), 0, 0, *sizes, len(name), 0, 0, lies.get("disk", 0), 0,
            lies.get("mode", 0o100644) << 16, offset) + name
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, len(entries), len(entries),
                      len(directory), len(body), 0)
    return body + directory + end + tail


GOOD = [(b"[Content_Types].xml", b"<Types/>", {}), (b"xl/workbook.xml", b"<w/>", {})]


def bomb(name: bytes = b"xl/x.xml", data: bytes = b"<x/>", **lies) -> bytes:
    return raw_zip([*GOOD, (name, data, lies)])


def test_the_hand_made_zip_is_good_without_its_lies():
    assert told(bomb(), "a.xlsx") == files.XLSX


@pytest.mark.parametrize("data", [
    bomb(b"../../etc/passwd"), bomb(b"/etc/passwd"), bomb(b"xl\\..\\x"), bomb(b"C:/x"),
    bomb(b"xl/workbook.xml"), bomb(b"XL/Workbook.xml"), bomb(b"xl/link", mode=0o120777),
    bomb(b"xl/dev", mode=0o020666), bomb(data=bytes(30 << 20)), bomb(unpacked=3 << 30),
    bomb(data=bytes(1 << 20), unpacked=10), bomb(b"xl/inner.zip"), bomb(b"xl/run.exe"),
    bomb(flags=0x801), bomb(method=14), bomb(offset=0), bomb(offset=10 ** 6),
    bomb(local_name=b"xl/y.xml"), bomb(disk=1), bomb(packed=10 ** 6), bomb(b"a\x00b"),
    bomb(b"\xff\xfe"), raw_zip(GOOD, tail=b"after the end"), raw_zip(GOOD)[:-5],
    raw_zip(GOOD).replace(b"PK\x01\x02", b"PK\x01\x03", 1), bomb(b"xl/vbaProject.bin"),
])
def test_bombs_and_traps_are_refused_unread(data):
    assert refused(data, "a.xlsx") in ("document.archive", "document.type")


def test_overlapping_entries_are_refused_unread(monkeypatch):
    """Fifield's bomb: thousands of directory entries that all point at one stretch."""
    kernel = (b"xl/k.xml", bytes(900_000), {})
    many = [(b"xl/%05d.xml" % n, b"", {"offset": 0, "packed": 900, "unpacked": 90_000})
            for n in range(5000)]
    data = raw_zip([*GOOD, kernel, *many])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unpacked = work.inflated(monkeypatch, files)
    assert refused(data, "a.xlsx") == "document.archive"
    assert unpacked.done < 2_000_000, "what overlaps was unpacked again and again"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024


def test_an_entry_inside_another_is_refused():
    """The quoting kind of overlap: every header is where the directory says, and right."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    stored = packed.compress(b"inner") + packed.flush()
    name, sizes = b"xl/in.xml", (zlib.crc32(b"inner"), len(stored), 5)
    inner = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0x800, 8, 0, 0, *sizes, len(name), 0)
    inner += name + stored
    sound = raw_zip(GOOD)
    start = sound.index(b"PK\x01\x02")
    outer_name = b"xl/out.dat"
    held = b"<a/>    " + inner
    outer_sizes = (zlib.crc32(held), len(held), len(held))
    outer = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0x800, 0, 0, 0, *outer_sizes,
                        len(outer_name), 0) + outer_name + held

    def listed(name, method, sizes, offset):
        return struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 0x0314, 20, 0x800, method, 0, 0, *sizes,
                           len(name), 0, 0, 0, 0, 0o100644 << 16, offset) + name

    inner_at = start + len(outer) - len(inner)
    directory = sound[start:-22] + listed(outer_name, 0, outer_sizes, start)
    body = sound[:start] + outer

    def whole(directory, count):
        return body + directory + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count,
                                              len(directory), len(body), 0)

    assert told(whole(directory, 3), "a.xlsx") == files.XLSX
    both = whole(directory + listed(name, 8, sizes, inner_at), 4)
    assert refused(both, "a.xlsx") == "document.archive"


def test_too_many_entries_are_refused():
    many = [(b"xl/%05d.xml" % n, b"", {}) for n in range(files.MAX_ENTRIES)]
    assert refused(raw_zip([*GOOD, *many]), "a.xlsx") == "document.archive"


def test_mutated_archives_never_crash():
    """Whatever a byte becomes: taken, or refused with a word; no other exception."""
    good, chance = bomb(data=b"abc" * 100), random.Random(7)
    for _ in range(3000):
        data = bytearray(good)
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            told(bytes(data), "a.xlsx")
        except Refused as refusal:
            assert refusal.word.code.startswith("document.")


@pytest.mark.parametrize(("name", "clean"), [
    ("../../etc/passwd", "passwd"), ("C:\\temp\\清单.xlsx", "清单.xlsx"),
    ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie_ x.pdf"), ("fdp.\u202eexe.pdf", "fdp.exe.pdf"),
    ("", "document"), ("...", "document"), (".htaccess", "htaccess"),
    ('a"b;c.pdf', "a_b_c.pdf"), ("  spaced   name .pdf", "spaced name.pdf"),
])
def test_names_are_cleaned(name, clean):
    assert files.clean_name(name) == clean


@given(st.text(max_size=600))
def test_every_name_becomes_one_safe_line(name):
    clean = files.clean_name(name)
    assert clean and len(clean) <= 120 and len(clean.encode()) <= 200
    assert not set(clean) & set('\\/\r\n\0"<>|:*?;') and not clean.startswith(".")
    assert files.clean_name(clean) == clean
