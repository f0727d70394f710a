"""The program that reads one stranger's file (`child.py MEDIA_TYPE <file >answer`).

It answers with JSON: `{"passages": [[text, page, paragraph], …], "problem": ""}`. Everything it
needs is loaded before it is locked up, for afterwards it cannot open a file.
"""

from __future__ import annotations

import codecs
import io
import json
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

if __name__ == "__main__":  # started by its path, isolated: it finds our packages from there
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import pypdf
from defusedxml.ElementTree import fromstring

from tender import active, files
from tender.extraction import jail

MOST = 8_000_000
"""Characters taken of one file; what is longer is said to be."""
PAGES = 5_000
_PART = 24 * 1024 * 1024
_NAMES = {"w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
          "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
          "s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
          "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006"}
_CODECS = ("gbk", "gb18030", "gb2312", "big5", "big5hkscs", "utf-16-be", "utf-16", "utf-8-sig",
           "latin-1", "cp1252", "mac-roman", "ascii", "unicode-escape", "raw-unicode-escape",
           "charmap")
_WARM = (b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]"
         b"/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R"
         b"/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>endobj\n"
         b"4 0 obj<</Length 26>>stream\nBT /F 9 Tf 1 1 Td (x)Tj ET\nendstream endobj\n"
         b"trailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n")

Passage = tuple[str, int | None, int | None]


def main(media_type: str) -> None:
    """Lock up, read the file on standard input, answer on standard output."""
    logging.disable(logging.CRITICAL)
    for name in _CODECS:
        codecs.lookup(name)
    list(_pdf(io.BytesIO(_WARM)))
    try:
        jail.lock()
    except jail.NoJail as error:
        answer([], f"no jail: {error}")
        return
    passages: list[Passage] = []
    problem = ""
    try:
        with open(0, "rb", closefd=False) as file:
            problem = take(file, media_type, passages)
    except MemoryError:
        problem = "memory"
    except Exception as error:  # noqa: BLE001  (whatever a hostile file provokes)
        problem = f"damaged: {type(error).__name__}"
    answer(passages, problem)


def take(file: io.BufferedIOBase, media_type: str, passages: list[Passage]) -> str:
    """Put the file's passages into the list; what could not be read of it, in a word."""
    readers = {files.PDF: _pdf, files.TEXT: _text, files.DOCX: _docx, files.XLSX: _xlsx,
               files.PPTX: _pptx}
    if media_type not in readers:
        return "image"
    length, unread = 0, []
    for text, page, paragraph in readers[media_type](file):
        if text is None:
            unread.append(str(page))
            continue
        text = text.replace("\x00", "")
        if text.strip():
            passages.append((text.encode("utf-8", "replace").decode(), page, paragraph))
            length += len(text)
        if length > MOST:
            return "long"
    if not passages:
        return "no text"
    if _garbled("".join(text for text, _, _ in passages[:50])):
        return "no readable characters"
    return "pages without text: " + ", ".join(unread[:50]) if unread else ""


def _garbled(text: str) -> bool:
    strange = sum(mark == "\ufffd" or "\ue000" <= mark <= "\uf8ff" or mark < " " and mark not in
                  "\n\r\t\f" for mark in text)
    return strange * 4 > len(text)


def _pdf(file) -> Iterator[tuple[str | None, int | None, int | None]]:
    reader = pypdf.PdfReader(file, strict=False)
    for number, page in enumerate(reader.pages, 1):
        if number > PAGES:
            return
        try:
            text = page.extract_text()
        except (MemoryError, RecursionError):
            raise
        except Exception:  # noqa: BLE001  (one page that cannot be read; the others may)
            yield None, number, None
            continue
        if len(text.strip()) < 3 and _pictured(page):
            yield None, number, None
        else:
            yield text, number, None


def _pictured(page) -> bool:
    try:
        return any(one.get_object().get("/Subtype") in ("/Image", "/Form")
                   for one in page["/Resources"]["/XObject"].values())
    except KeyError:
        return False
    except Exception:  # noqa: BLE001  (what a damaged page shows is not known: it counts as unread)
        return True


def _text(file):
    for number, line in enumerate(file.read(4 * MOST).decode("utf-8-sig", "replace").splitlines(),
                                  1):
        yield line, None, number


def _parts(file, prefixes: tuple[str, ...]):
    size = file.seek(0, 2)
    for entry in sorted(files.zip_directory(file, size), key=_in_order):
        if entry.name.startswith(prefixes) and entry.name.endswith(".xml") \
                and "/_rels/" not in entry.name:
            if entry.unpacked > _PART:
                raise MemoryError
            yield entry.name, fromstring(active.content(file, entry, _PART), forbid_dtd=True)


def _in_order(entry) -> tuple[bool, int, str]:
    number = "".join(mark for mark in entry.name if mark.isdigit())[:9]
    return entry.name != "word/document.xml", int(number or 0), entry.name


def _tag(name: str) -> str:
    space, _, local = name.partition(":")
    return f"{{{_NAMES[space]}}}{local}"


def _docx(file):
    number = 0
    for _name, root in _parts(file, ("word/document", "word/header", "word/footer",
                                     "word/footnotes", "word/endnotes", "word/comments")):
        for fallback in list(root.iter(_tag("mc:AlternateContent"))):
            for one in fallback.findall(_tag("mc:Fallback")):
                fallback.remove(one)
        for paragraph in root.iter(_tag("w:p")):
            number += 1
            yield _own(paragraph, _tag("w:p"), _tag("w:t"), (_tag("w:br"), _tag("w:tab"))), \
                None, number


def _own(element, stop: str, text: str, blanks: tuple[str, ...]) -> str:
    """The text below an element, but for that of the elements of its own kind inside it."""
    said = []
    for child in element:
        if child.tag == text:
            said.append(child.text or "")
        elif child.tag in blanks:
            said.append(" ")
        elif child.tag != stop:
            said.append(_own(child, stop, text, blanks))
    return "".join(said)


def _xlsx(file):
    number = 0
    for _name, root in _parts(file, ("xl/sharedStrings", "xl/worksheets/sheet", "xl/comments")):
        for kind in ("s:si", "s:is", "s:text"):
            for cell in root.iter(_tag(kind)):
                number += 1
                yield "".join(one.text or "" for one in cell.iter(_tag("s:t"))), None, number


def _pptx(file):
    for page, (_name, root) in enumerate(_parts(file, ("ppt/slides/slide",)), 1):
        for paragraph in root.iter(_tag("a:p")):
            yield "".join(one.text or "" for one in paragraph.iter(_tag("a:t"))), page, None


def answer(passages: list[Passage], problem: str) -> None:
    """Write the answer, and end without looking back."""
    data = json.dumps({"passages": passages, "problem": problem}, ensure_ascii=False).encode()
    with open(1, "wb", buffering=0, closefd=False) as out:
        view = memoryview(data)
        while view:
            view = view[out.write(view):]
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
