"""What a PDF or an Office file would do by itself when somebody opens it; such a file is refused.

Officials open strangers' files on office computers. Nothing here interprets a file: names that
stand for an action are looked for wherever a reader could find them, in whatever way they are
spelt, so that a hostile file gains nothing by being read differently elsewhere. A PDF keeps its
objects in plain text and in compressed streams, both are searched (ISO 32000-1, 7.3.5, 7.5.7,
12.6). Of an Office file the relationships say what is fetched when it opens (ECMA-376 part 2, 9).
"""

from __future__ import annotations

import contextlib
import mmap
import re
import struct
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO
from xml.etree.ElementTree import ParseError
from xml.parsers import expat

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from kernel.refusal import Refused

from .refusals import FILE_ACTIVE, FILE_ARCHIVE

if TYPE_CHECKING:
    from .files import Entry

ACTIONS = {
    "Launch": ("启动程序的动作", "an action that starts a program"),
    "JavaScript": ("脚本", "a script"),
    "SubmitForm": ("自动发送数据的动作", "an action that sends data"),
    "ImportData": ("自动读取数据的动作", "an action that reads data in"),
    "GoToR": ("打开其他文件的动作", "an action that opens another file"),
    "GoToE": ("打开内嵌文件的动作", "an action that opens an embedded file"),
    "Rendition": ("多媒体动作", "a multimedia action"),
    "RichMedia": ("多媒体内容", "multimedia content"),
    "EmbeddedFile": ("内嵌文件", "an embedded file"),
    "EmbeddedFiles": ("内嵌文件", "an embedded file"),
    "Encrypt": ("加密（无法检查其内容）", "encryption, so that it cannot be examined"),
}
"""Names in a PDF with which nothing is taken; all are long enough not to occur by chance."""

MAX_STREAM = 256 * 1024 * 1024
"""A stream of a PDF that is no image unpacks to at most so many bytes."""

_PIECE = 4 * 1024 * 1024
_OVERLAP = 128
_END = rb"(?=[\x00\t\n\x0c\r ()<>\[\]{}/%]|$)"
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_HEX = re.compile(rb"#([0-9A-Fa-f]{2})")


def _spelt(name: str) -> bytes:
    """A pattern of a PDF name, any of whose letters may be written #xx (ISO 32000-1, 7.3.5)."""
    return b"".join(b"(?:%c|#%s)" % (ord(mark), b"".join(
        b"[%c%c]" % (digit, digit ^ 32) if digit > 57 else b"%c" % digit
        for digit in b"%02x" % ord(mark))) for mark in name)


_BANNED = re.compile(b"/(" + b"|".join(map(_spelt, ACTIONS)) + b")" + _END)
_OPENS = re.compile(b"/" + _spelt("OpenAction") + rb"\s*(\[|<<|(\d{1,9})\s+(\d{1,5})\s+R|)")
_GOTO = re.compile(rb"\s*(?:\[|<<(?:(?!>>).){0,200}/S\s*/GoTo" + _END + rb")", re.DOTALL)
_LEADS_OUT = re.compile(rb"/S\s*/" + _spelt("URI") + _END)


class _Found:
    """What a PDF was seen to hold, gathered over its pieces."""

    def __init__(self) -> None:
        self.leads_out = False
        self.unknown_opening = False

    def look(self, piece: bytes | mmap.mmap, whole: bytes | mmap.mmap) -> None:
        """Refuse an action; note what is one only together with something else."""
        found = _BANNED.search(piece)
        if found:
            zh, en = ACTIONS[_plain(found[1]).decode("latin-1")]
            raise _acts(zh, en)
        self.leads_out = self.leads_out or _LEADS_OUT.search(piece) is not None
        for opening in _OPENS.finditer(piece):
            if opening[1] == b"[":
                continue
            if opening[1] == b"<<":
                self._judge(piece[opening.start(1):opening.start(1) + 300])
                continue
            self._follow(opening, whole)

    def _follow(self, opening: re.Match, whole: bytes | mmap.mmap) -> None:
        if not opening[2]:
            raise _opens()
        target = re.compile(rb"(?<!\d)%d\s+%d\s+obj(.{0,300})"
                            % (int(opening[2]), int(opening[3])), re.DOTALL).search(whole)
        if target is None:
            self.unknown_opening = True  # it lies in an object stream
        else:
            self._judge(target[1])

    def _judge(self, action: bytes) -> None:
        if not _GOTO.match(action):
            raise _opens()
        if b"/Next" in action:
            self.unknown_opening = True


def _acts(zh: str, en: str) -> Refused:
    return FILE_ACTIVE(what=f"{zh} ({en})")


def _opens() -> Refused:
    return _acts("打开时自动执行的动作", "an action on opening")


def _plain(name: bytes) -> bytes:
    return _HEX.sub(lambda found: bytes([int(found[1], 16)]), name)


def refuse_active_pdf(file: BinaryIO, size: int) -> None:
    """Refuse a PDF that acts by itself, is encrypted or unpacks to too much.

    Raises FILE_ACTIVE or FILE_ARCHIVE. `size` in bytes.
    """
    with _mapped(file, size) as data:
        found = _Found()
        found.look(data, data)
        for begin in _STREAM.finditer(data):
            _look_inside(data, begin, found)
        if found.unknown_opening and found.leads_out:
            raise _opens()


@contextlib.contextmanager
def _mapped(file: BinaryIO, size: int) -> Iterator[bytes | mmap.mmap]:
    try:
        number = file.fileno()
    except (OSError, AttributeError):
        file.seek(0)
        yield file.read(size)
        return
    file.flush()
    with mmap.mmap(number, size, access=mmap.ACCESS_READ) as data:
        yield data


def _look_inside(data: bytes | mmap.mmap, begin: re.Match, found: _Found) -> None:
    said = data[max(0, begin.start() - 2048):begin.start()]
    said = _plain(said[max(0, said.rfind(b"obj")):])
    holds_objects = re.search(rb"/ObjStm" + _END, said) is not None
    if holds_objects and (b"/DecodeParms" in said or b"/DP" in said or b"/F " in said
                          or not re.search(rb"/Filter\s*\[?\s*/FlateDecode\s*\]?\s*(?:/|>>)",
                                           said) and b"/Filter" in said):
        raise _acts("以少见方式压缩的对象", "objects packed in an unusual way")
    if re.search(rb"/Subtype\s*/Image" + _END, said) and not holds_objects:
        return
    for piece in _unpacked(data, begin.end()):
        found.look(piece, data)


def _unpacked(data: bytes | mmap.mmap, start: int) -> Iterator[bytes]:
    """The stream that begins there, unpacked piece by piece if it is packed as zlib packs."""
    head = data[start:start + 2]
    if len(head) < 2 or head[0] & 15 != 8 or (head[0] * 256 + head[1]) % 31:
        return
    inflate, total, kept, at = zlib.decompressobj(), 0, b"", start
    while not inflate.eof and at < len(data):
        packed = data[at:at + 65536]
        at += len(packed)
        while packed and not inflate.eof:
            try:
                fresh = inflate.decompress(packed, _PIECE)
            except zlib.error:
                return
            packed = inflate.unconsumed_tail
            total += len(fresh)
            if total > MAX_STREAM:
                raise FILE_ARCHIVE(problem="it unpacks to too much")
            yield kept + fresh
            kept = fresh[-_OVERLAP:]


_TYPES = "[Content_Types].xml"
_REL = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_STRANGE = {
    "activex/": ("控件", "a control"), "macrosheets/": ("宏", "macros"),
    "dialogsheets/": ("宏", "macros"), "externallinks/": ("外部数据链接", "a link to other data"),
    "vbadata.xml": ("宏", "macros"), "attachedtoolbars.bin": ("宏", "macros"),
}
_PROGRAMS = (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"MZ", b"\x7fELF",
             b"\xd0\xcf\x11\xe0", b"%PDF-", b"#!")
_KINDS = ("macroenabled", "vbaproject", "externallink", "activex", "macrosheet", "dialogsheet")
"""Words in a part's content type that say what it is, in whatever folder it lies."""
_DDE = re.compile(r"\bDDE(?:AUTO)?\b|\bINCLUDE(?:TEXT|PICTURE)\b[^<]{0,40}(?://|\\\\)", re.IGNORECASE)
_MARKUP = re.compile(rb"\s*(?:<[A-Za-z_?!]|\Z)|\xef\xbb\xbf|\xff\xfe|\xfe\xff")
_ROOT = re.compile(rb"<[A-Za-z_]")
_HEAD = 64 * 1024
_RELATIONS = 4 * 1024 * 1024


def refuse_active_office(file: BinaryIO, entries: list[Entry]) -> None:
    """Refuse an Office file with macros, with something to fetch or run, or with XML entities.

    `entries` is its checked directory. Raises FILE_ACTIVE or FILE_ARCHIVE.
    """
    for entry in entries:
        lower = entry.name.lower()
        for part, (zh, en) in _STRANGE.items():
            if part in lower:
                raise _acts(zh, en)
        named = lower.endswith((".xml", ".rels"))
        if named:
            _refuse_entities(content(file, entry, _HEAD))
        elif content(file, entry, 8).startswith(_PROGRAMS):
            raise FILE_ARCHIVE(problem="an archive or program inside")
        if lower.endswith(".rels"):
            _refuse_fetching(content(file, entry, _RELATIONS))
        elif entry.unpacked and (named or _MARKUP.match(content(file, entry, 1024))):
            # Which part is the document a relationship says, not its folder, nor how its name ends.
            _refuse_fields(file, entry, named)
        if entry.name == _TYPES:
            _refuse_kinds(content(file, entry, _RELATIONS))


def _refuse_kinds(types: bytes) -> None:
    try:
        parts = fromstring(types, forbid_dtd=True).iter()
        said = " ".join(value for one in parts for value in one.attrib.values()).lower()
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise FILE_ARCHIVE(problem="a damaged part") from error
    if any(kind in said for kind in _KINDS):
        raise _acts("宏、控件或外部数据链接", "macros, controls or links to other data")


def content(file: BinaryIO, entry: Entry, most: int) -> bytes:
    """The first `most` bytes of an entry of a directory that was checked."""
    file.seek(entry.offset)
    header = file.read(30)
    names, extra = struct.unpack("<2H", header[26:30])
    file.seek(entry.offset + 30 + names + extra)
    if entry.method == 0:
        return file.read(min(entry.packed, most))
    inflate, left, made = zlib.decompressobj(-15), entry.packed, b""
    while left and len(made) < most and not inflate.eof:
        data = file.read(min(65536, left))
        if not data:
            break
        left -= len(data)
        made += inflate.decompress(data, most - len(made))
    return made


def _refuse_entities(head: bytes) -> None:
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in head[:8]:
        raise _acts("非 UTF-8 的 XML", "XML that is not UTF-8")
    declared = re.match(rb"(?:\xef\xbb\xbf)?\s*<\?xml[^>]{0,200}encoding\s*=\s*[\"']([^\"']{1,40})", head)
    if declared and declared[1].lower() not in (b"utf-8", b"us-ascii", b"ascii"):
        raise _acts("非 UTF-8 的 XML", "XML that is not UTF-8")
    bare = re.sub(rb"<!--.*?-->", b"", head, flags=re.DOTALL)
    root = _ROOT.search(bare)
    before = bare[:root.start()] if root else bare
    if b"<!" in before or root is None and len(head) == _HEAD:
        raise _acts("XML 实体声明", "a declaration of XML entities")


def _refuse_fetching(relations: bytes) -> None:
    if len(relations) >= _RELATIONS:
        raise FILE_ARCHIVE(problem="too many relationships")
    try:
        found = list(fromstring(relations, forbid_dtd=True).iter(_REL)) if relations else []
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise FILE_ARCHIVE(problem="a damaged part") from error
    for one in found:
        target, outside = one.get("Target", "").strip(), one.get("TargetMode") == "External"
        link = one.get("Type", "").endswith("/hyperlink")
        if outside and not link:
            raise _acts("打开时读取的外部资源", "something that is fetched on opening")
        if outside and not target.lower().startswith(("http://", "https://", "mailto:", "#")):
            raise _acts("指向本机或局域网的链接", "a link into a computer or its network")


def _refuse_fields(file: BinaryIO, entry: Entry, named: bool) -> None:
    """Refuse a field that calls out. What is not `named` as XML may be malformed: it is none."""
    if entry.unpacked > MAX_STREAM:
        raise FILE_ARCHIVE(problem="it unpacks to too much")
    fields = _Fields()
    try:
        fields.parser.Parse(content(file, entry, MAX_STREAM), True)
    except (expat.ExpatError, ValueError) as error:
        if named:
            raise FILE_ARCHIVE(problem="a damaged part") from error
    if _DDE.search("".join(fields.said)):
        raise _acts("调用其他程序或文件的域", "a field that calls another program or file")


class _Fields:
    """What the fields of a part say, as a reader understands it: any prefix, any spelling."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self._inside = False
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _doctype(self, *_) -> None:
        raise _acts("XML 实体声明", "a declaration of XML entities")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        self._inside = tag in ("instrText", "delInstrText")
        if tag == "fldChar":
            self.said.append(" ")  # here one field ends or another begins
        elif tag == "fldSimple":
            self.said += [f" {value} " for key, value in attributes.items()
                          if key.rpartition(":")[2] == "instr"]

    def _end(self, _name: str) -> None:
        self._inside = False

    def _text(self, data: str) -> None:
        if self._inside:
            self.said.append(data)
