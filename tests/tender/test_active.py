"""Files that act by themselves when opened: refused when they are sent (Q56, Q58, Q62)."""

from __future__ import annotations

import random
import zlib

import pytest
from fpdf import FPDF

from kernel.refusal import Refused
from tender import active, files
from tests import work

from .test_files import office, refused, told

RELS = ('<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        'relationships"><Relationship Id="r1" Type="http://x/{kind}" Target="{target}"{mode}/>'
        "</Relationships>")


def pdf(*objects: bytes, catalog: bytes = b"", trailer: bytes = b"") -> bytes:
    body = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R" + catalog + b">>endobj\n"
    body += b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    for number, one in enumerate(objects, 3):
        body += b"%d 0 obj%sendobj\n" % (number, one)
    return body + b"trailer<</Root 1 0 R" + trailer + b">>\n%%EOF\n"


def stream(data: bytes, said: bytes = b"", packed: bool = True) -> bytes:
    data = zlib.compress(data) if packed else data
    return (b"<<" + said + (b"/Filter/FlateDecode" if packed else b"")
            + b"/Length %d>>stream\n" % len(data) + data + b"\nendstream ")


def objects(inner: bytes, more: bytes = b"") -> bytes:
    return stream(b"7 0 " + inner, b"/Type/ObjStm/N 1/First 4" + more)


LAUNCH = b"<</S/Launch/F(cmd.exe)>>"


@pytest.mark.parametrize("data", [
    pdf(LAUNCH), pdf(b"<</S/L#61unch>>"), pdf(b"<</S /#4Caunch /F(x)>>"),
    pdf(b"<</S/JavaScript/JS(app.alert(1))>>"), pdf(catalog=b"/Names<</JavaScript 3 0 R>>"),
    pdf(catalog=b"/Names<</EmbeddedFiles 3 0 R>>"), pdf(b"<</Type/EmbeddedFile>>"),
    pdf(b"<</S/SubmitForm/F(http://a)>>"), pdf(b"<</S/GoToR/F(\\\\\\\\host\\\\x)>>"),
    pdf(b"<</Subtype/RichMedia>>"), pdf(trailer=b"/Encrypt 9 0 R"),
    pdf(objects(LAUNCH)), pdf(objects(b"<</S/J#61vaScript>>")),
    pdf(stream(b"x" * 70_000 + LAUNCH)), pdf(stream(LAUNCH, packed=False)),
    pdf(stream(b" " * (4 * 1024 * 1024 - 3) + LAUNCH)),
    pdf(objects(b"<</S/URI>>", b"/DecodeParms<</Predictor 12>>")),
    pdf(b"<</Type/ObjStm/Filter[/ASCIIHexDecode/FlateDecode]>>stream\n00>\nendstream "),
    pdf(b"<</Type/ObjStm/Filter/LZWDecode>>stream\n00>\nendstream "),
    pdf(catalog=b"/OpenAction<</S/URI/URI(http://a)>>"),
    pdf(b"<</S/URI/URI(http://a)>>", catalog=b"/OpenAction 3 0 R"),
    pdf(catalog=b"/Open#41ction<</S/Named/N/Print>>"),
    pdf(objects(b"<</S/URI/URI(http://a)>>"), catalog=b"/OpenAction 7 0 R"),
])
def test_a_pdf_that_acts_is_refused(data):
    assert refused(data, "a.pdf") == "document.active"


@pytest.mark.parametrize("data", [
    pdf(catalog=b"/OpenAction[2 0 R/FitH null]"), pdf(catalog=b"/OpenAction<</S/GoTo/D[2 0 R/Fit]>>"),
    pdf(b"<</S/GoTo/D[2 0 R/Fit]>>", catalog=b"/OpenAction 3 0 R"),
    pdf(objects(b"<</S/GoTo/D[2 0 R/Fit]>>"), catalog=b"/OpenAction 7 0 R"),
    pdf(b"<</S/URI/URI(https://a)>>"), pdf(b"<</T(Launch, JavaScript)>>"), pdf(b"<</Launching 1>>"),
    pdf(stream(b"plain words")), pdf(objects(b"<</Title(x)>>")),
])
def test_a_pdf_that_only_looks_alike_is_taken(data):
    assert told(data, "a.pdf") == files.PDF


def test_a_pdf_made_by_a_library_is_taken():
    made = FPDF()
    made.add_page()
    made.set_font("helvetica")
    made.cell(text="bidding documents", link="https://example.org/")
    assert told(bytes(made.output()), "a.pdf") == files.PDF


def test_a_pdf_that_unpacks_to_too_much_is_refused_before_it_did(monkeypatch):
    monkeypatch.setattr(active, "MAX_STREAM", 8 << 20)
    unpacked = work.inflated(monkeypatch, active)
    assert refused(pdf(stream(bytes(64 << 20))), "a.pdf") == "document.archive"
    assert 8 << 20 < unpacked.done <= 8 << 20 | active._PIECE


def relations(kind: str, target: str, outside: bool = True) -> dict[str, bytes]:
    mode = ' TargetMode="External"' if outside else ""
    return {"word/_rels/document.xml.rels":
            RELS.format(kind=kind, target=target, mode=mode).encode()}


FIELD = b'<w:document><w:r><w:instrText xml:space="preserve">%s</w:instrText></w:r></w:document>'


@pytest.mark.parametrize("extra", [
    relations("attachedTemplate", "http://a/t.dotm"), relations("oleObject", "http://a/x"),
    relations("image", "http://a/x.png"), relations("frame", "https://a"),
    relations("hyperlink", "file:///c:/x"), relations("hyperlink", "\\\\host\\share"),
    {"word/header1.xml": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><w:hdr>&a;</w:hdr>'},
    {"word/header1.xml": b"<!-- " + b"x" * 70_000 + b" --><!DOCTYPE x><w:hdr/>"},
    {"word/header1.xml": "<w:hdr/>".encode("utf-16")},
    {"word/header1.xml": b"<?xml version='1.0' encoding='utf-7'?><w:hdr/>"},
    {"word/header1.xml": FIELD % b"DDEAUTO c:\\\\windows\\\\cmd.exe"},
    {"word/header1.xml": FIELD % b"DD" + FIELD % b"E cmd"},
    {"word/header1.xml": FIELD % b"INCLUDEPICTURE http://a/x.png"},
    {"word/header1.xml": FIELD % b"&#68;DEAUTO cmd"}, {"word/header1.xml": FIELD % b"ddeauto cmd"},
    {"word/header1.xml": FIELD % b"<![CDATA[DDE]]> cmd"},
    {"word/header1.xml": FIELD.replace(b"w:", b"x:") % b"DDE cmd"},
    {"word/header1.xml": b"<w:p><w:fldSimple w:instr='DDE cmd'/></w:p>"},
    {"word/header1.xml": b"<w:p><w:instrText>PAGE</w:instrText><w:fldChar/>"
                         b"<w:instrText>DDE cmd</w:instrText></w:p>"},
    {"other/document.xml": FIELD % b"DDE cmd"}, {"word/main.part": b" \n" + FIELD % b"DDE cmd"},
    {"word/main.part": (FIELD % b"DDE cmd").decode().encode("utf-16")},
    {"word/main.part": b"<!DOCTYPE x><w:document/>"},
    {"xl/externalLinks/externalLink1.xml": b"<x/>"}, {"word/activeX/activeX1.xml": b"<x/>"},
    {"xl/macrosheets/sheet1.xml": b"<x/>"}, {"word/vbaData.xml": b"<x/>"},
    {"word/embeddings/a.bin": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)},
    {"word/embeddings/a.dat": office("xlsx")}, {"word/media/image1.png": b"MZ" + bytes(100)},
    {"word/_rels/document.xml.rels": b"<Relationships"},
])
def test_an_office_file_that_acts_is_refused(extra):
    assert refused(office("docx", extra), "a.docx") in ("document.active", "document.archive")


@pytest.mark.parametrize("kind", [
    "ms-excel.sheet.macroEnabled.main", "ms-excel.sheet.macro&#69;nabled.main",
    "openxmlformats-officedocument.spreadsheetml.externalLink", "ms-office.activeX",
    "ms-excel.macrosheet"])
def test_a_part_that_acts_under_another_name_is_refused(kind):
    kind = f"<Types x='application/vnd.{kind}+xml'/>".encode()
    assert refused(office("xlsx", types=kind), "a.xlsx") == "document.active"


@pytest.mark.parametrize("extra", [
    relations("hyperlink", "https://www.example.org/"), relations("image", "media/image1.png", False),
    relations("hyperlink", "mailto:a@example.org"),
    {"word/header1.xml": b"\xef\xbb\xbf<?xml version='1.0' encoding='UTF-8'?><!-- x --><w:hdr/>"},
    {"word/header1.xml": FIELD % b'HYPERLINK "https://a" DDEX', "word/media/a.png": b"\x89PNG"},
    {"word/fonts/font1.odttf": b"<a" + bytes(99), "word/header1.xml": FIELD % b"PAGE"},
])
def test_an_office_file_that_only_looks_alike_is_taken(extra):
    assert told(office("docx", extra), "a.docx") == files.DOCX


def test_mutated_files_never_crash():
    """Whatever a byte becomes: taken, or refused with a word; no other exception."""
    chance = random.Random(11)
    goods = ((pdf(objects(b"<</S/GoTo>>"), stream(b"words"), catalog=b"/OpenAction 7 0 R"), "a.pdf"),
             (office("docx", relations("hyperlink", "https://a")), "a.docx"))
    for good, name in goods:
        for _ in range(800):
            data = bytearray(good)
            for _ in range(chance.randint(1, 4)):
                data[chance.randrange(len(data))] = chance.randrange(256)
            try:
                told(bytes(data), name)
            except Refused as refusal:
                assert refusal.word.code.startswith("document.")
