"""Published notices as an Atom feed (RFC 4287), in pages that never change (RFC 5005 §4). Pure.

A reader takes the newest page; older ones are archives that a link leads to.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree as ET

from kernel.canonical import time_text

ATOM = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Entry:
    """One notice as an entry: its id, what it is called, where it is read, who published it."""

    id: str
    title: str
    at: datetime
    link: str
    author: str
    category: str
    label: str
    summary: str


def feed(title: str, address: str, base: str, entries: Iterable[Entry],
         older: str | None = None, name: str = "notices.atom") -> bytes:
    """The feed at `address` as XML; `older` is the address of the page before this one, `name`
    which feed of the site it is."""
    ET.register_namespace("", ATOM)
    entries = list(entries)
    root = ET.Element(_name("feed"), {"{http://www.w3.org/XML/1998/namespace}lang": "zh-CN"})
    _text(root, "id", uuid.uuid5(uuid.NAMESPACE_URL, f"{base}/api/v1/{name}").urn)
    _text(root, "title", title)
    _text(root, "updated", time_text(max(
        (one.at for one in entries), default=datetime.fromisoformat("1970-01-01T00:00:00Z"))))
    ET.SubElement(root, _name("link"), {"rel": "self", "href": address,
                                        "type": "application/atom+xml"})
    if older:
        ET.SubElement(root, _name("link"), {"rel": "prev-archive", "href": older})
        ET.SubElement(root, _name("link"), {"rel": "next", "href": older})
    for one in entries:
        _entry(root, one)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="utf-8")


def _entry(root: ET.Element, one: Entry) -> None:
    entry = ET.SubElement(root, _name("entry"))
    _text(entry, "id", f"tag:yangguang,2026:notice/{one.id}")
    _text(entry, "title", one.title)
    _text(entry, "updated", time_text(one.at))
    _text(entry, "published", time_text(one.at))
    ET.SubElement(entry, _name("link"), {"rel": "alternate", "href": one.link})
    _text(ET.SubElement(entry, _name("author")), "name", one.author)
    ET.SubElement(entry, _name("category"), {"term": one.category,
                                               "label": _clean(one.label)})
    _text(entry, "summary", one.summary)


def _name(tag: str) -> str:
    return f"{{{ATOM}}}{tag}"


def _text(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, _name(tag)).text = _clean(text)


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
