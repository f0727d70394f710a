"""The text of real files, taken out by a child that can do nothing else."""

from __future__ import annotations

import io
import random
import subprocess
import sys
import textwrap
import zipfile
import zlib
from pathlib import Path

import pylopdf_fonts_zh_cn
import pytest
from fpdf import FPDF
from hypothesis import given, settings
from hypothesis import strategies as st

from tender import files
from tender.extraction import child, read, texts
from tender.review import Paper, Subject, inspect

from .test_rules import BAD, CLEAN, lot

ROOT = Path(__file__).resolve().parents[3]
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def pdf_of(text: str) -> bytes:
    """A PDF as a program makes it: wrapped lines, an embedded subset of a Chinese font."""
    made = FPDF()
    made.add_font("sans", fname=str(pylopdf_fonts_zh_cn.sans_path()))
    made.add_page()
    made.set_font("sans", size=14)
    made.multi_cell(90, text=text)
    return bytes(made.output())


def docx_of(*paragraphs: str, more: dict[str, str] | None = None) -> bytes:
    """A document as a word processor writes it, each paragraph in two runs."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        body = "".join(f"<w:p><w:r><w:t>{one[:4]}</w:t></w:r><w:r><w:t>{one[4:]}</w:t></w:r></w:p>"
                       for one in paragraphs)
        archive.writestr("word/document.xml", f"<w:document {W}><w:body>{body}</w:body></w:document>")
        for name, data in (more or {}).items():
            archive.writestr(name, data)
    return out.getvalue()


@pytest.fixture
def taken(tmp_path):
    def of(data: bytes, media_type: str, **how):
        path = tmp_path / "file"
        path.write_bytes(data)
        return read(path, media_type, **how)

    return of


def rules(reading) -> set[str]:
    paper = Paper("d", "a", "e" * 64, "biddingDocuments", reading.passages, reading.problem)
    return {hit.rule.id for hit in inspect(Subject((lot(),), (paper,))).hits}


WANTED = {"capital", "local.branch", "guarantee.amount", "period.bidding", "brand", "local.purchase"}


def test_a_bad_pdf_and_a_bad_docx_get_each_hit_and_clean_ones_none(taken):
    bad = taken(pdf_of(BAD), files.PDF)
    assert bad.problem == "" and rules(bad) >= WANTED and {one.page for one in bad.passages} == {1}
    assert rules(taken(pdf_of(CLEAN), files.PDF)) == set()
    bad = taken(docx_of(*BAD.splitlines()), files.DOCX)
    assert bad.problem == "" and rules(bad) >= WANTED
    assert [one.paragraph for one in bad.passages] == list(range(1, len(BAD.splitlines()) + 1))
    assert rules(taken(docx_of(*CLEAN.splitlines()), files.DOCX)) == set()


def test_notes_headers_boxes_and_tables_are_read_and_what_was_deleted_is_not(taken):
    said = taken(docx_of("正文", more={
        "word/header1.xml": f"<w:hdr {W}><w:p><w:r><w:t>须为国有企业</w:t></w:r></w:p></w:hdr>",
        "word/footnotes.xml": f"<w:f {W}><w:p><w:r><w:t>注</w:t></w:r><w:del><w:r><w:delText>删"
                              "</w:delText></w:r></w:del></w:p></w:f>",
        "word/comments.xml": f"<w:f {W}><w:tbl><w:p><w:r><w:t>外</w:t></w:r><w:p><w:r><w:t>内"
                             "</w:t></w:r></w:p></w:p></w:tbl></w:f>"}), files.DOCX)
    assert {one.text for one in said.passages} == {"正文", "须为国有企业", "注", "外", "内"}


def test_workbooks_slides_and_plain_text_are_read(taken):
    openpyxl = pytest.importorskip("openpyxl")
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["水泵须采用凯泉品牌", 3])
    book.save(out)
    assert rules(taken(out.getvalue(), files.XLSX)) == {"brand"}
    assert rules(taken("\ufeff一\n须为国有企业".encode(), files.TEXT)) == {"ownership"}


@pytest.mark.parametrize(("data", "kind", "problem"), [
    (b"\x89PNG", files.PNG, "image"), (b"  \n ", files.TEXT, "no text"),
    (pdf_of(" "), files.PDF, "no text"), (b"%PDF-1.7 nothing", files.PDF, "damaged"),
    (docx_of("x")[:-30], files.DOCX, "damaged"), (("\ue001" * 90).encode(), files.TEXT, "no readable"),
])
def test_what_cannot_be_read_is_said_to_be_so(taken, data, kind, problem):
    said = taken(data, kind)
    assert said.problem.startswith(problem) and rules(said) == {"unread"}


def test_a_scanned_page_among_others_is_named(taken):
    pillow = pytest.importorskip("PIL.Image")
    made = FPDF()
    made.add_font("sans", fname=str(pylopdf_fonts_zh_cn.sans_path()))
    made.set_font("sans", size=14)
    made.add_page()
    made.multi_cell(0, text="须为国有企业。")
    made.add_page()
    made.image(pillow.new("RGB", (40, 40)))
    said = taken(bytes(made.output()), files.PDF)
    assert said.problem == "pages without text: 2" and rules(said) == {"ownership", "unread"}


@pytest.mark.parametrize(("resources", "problem"), [
    (b"/XObject 7", "pages without text: 2"), (b"/Font 7    ", "")])
def test_a_page_whose_pictures_cannot_be_told_counts_as_unread(taken, resources, problem):
    made = FPDF()
    made.add_font("sans", fname=str(pylopdf_fonts_zh_cn.sans_path()))
    made.set_font("sans", size=14)
    made.add_page()
    made.multi_cell(0, text="须为国有企业。")
    made.add_page()
    data = bytes(made.output())
    head, mark, rest = data.rpartition(b"/Resources")
    end = rest.index(b"R") + 1
    said = taken(head + mark + b" <<" + resources + b">>" + rest[end:], files.PDF)
    assert said.problem == problem and "ownership" in rules(said)


def test_a_child_that_takes_too_long_is_ended(taken):
    assert taken(pdf_of(CLEAN), files.PDF, seconds=0.05).problem == "time"


def test_a_child_that_needs_too_much_is_ended(taken):
    body = f"<w:document {W}>" + "<w:p><w:r><w:t>长</w:t></w:r></w:p>" * 700_000 + "</w:document>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", body)
    assert taken(out.getvalue(), files.DOCX).problem in ("memory", "damaged", "damaged: Refused")


TRIES = """
import os, socket, subprocess, sys
sys.path.insert(0, {root!r})
from tender.extraction import jail
file = open("/proc/self/status")
jail.lock()
def refused(what, *given):
    try:
        what(*given)
    except PermissionError:
        return
    os.write(1, (getattr(what, "__name__", "?") + " went through\\n").encode())
refused(open, "/etc/passwd")
refused(open, "/tmp/yangguang-jail", "w")
refused(socket.socket)
refused(os.fork)
refused(os.execv, "/bin/true", ["true"])
refused(os.kill, os.getppid(), 0)
refused(os.mkdir, "/tmp/yangguang-jail")
refused(os.listdir, "/")
refused(os.pipe)
try:
    bytearray(2 << 30)
except MemoryError:
    os.write(1, b"held\\n")
"""


def test_a_locked_up_process_can_open_connect_start_and_signal_nothing():
    done = subprocess.run([sys.executable, "-I", "-c", textwrap.dedent(TRIES.format(root=str(ROOT)))],
                          capture_output=True, timeout=300, check=True)
    assert done.stdout == b"held\n"


def test_where_nothing_can_be_locked_up_nothing_is_read(monkeypatch, capfd):
    def none():
        raise child.jail.NoJail("other")

    said = []
    monkeypatch.setattr(child.jail, "lock", none)
    monkeypatch.setattr(child, "answer", lambda passages, problem: said.append((passages, problem)))
    monkeypatch.setattr(child.logging, "disable", lambda level: None)
    child.main(files.PDF)
    assert said == [([], "no jail: other")]


@pytest.mark.parametrize("data", [b"", b"[]", b'{"passages": [[1]], "problem": ""}', b"\xff",
                                  b'{"passages": 3, "problem": ""}', b"[" * 100_000])
def test_a_strange_answer_is_a_damaged_file(data):
    assert texts._understood(data).problem == "damaged"


def _take(data: bytes, kind: str) -> None:
    try:
        child.take(io.BytesIO(data), kind, [])
    except (RecursionError, MemoryError):
        pass
    except Exception as error:  # noqa: BLE001  (what main answers as damaged)
        assert not isinstance(error, (SystemExit, KeyboardInterrupt))


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=400), st.sampled_from((files.PDF, files.DOCX, files.XLSX, files.PPTX,
                                                 files.TEXT)))
def test_no_bytes_end_the_reader_otherwise_than_by_an_exception(data, kind):
    _take(data, kind)
    _take(b"%PDF-1.7\n" + data, files.PDF)


def test_mutated_documents_are_read_or_damaged():
    chance = random.Random(5)
    goods = [(docx_of(*CLEAN.splitlines()), files.DOCX),
             (b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]"
              b"/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/Contents 4 0 R>>endobj\n4 0 obj<<"
              b"/Filter/FlateDecode>>stream\n" + zlib.compress(b"BT (x)Tj ET") +
              b"\nendstream endobj\ntrailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n", files.PDF)]
    for good, kind in goods:
        for _ in range(60):
            data = bytearray(good)
            for _ in range(chance.randint(1, 5)):
                data[chance.randrange(len(data))] = chance.randrange(256)
            _take(bytes(data), kind)
