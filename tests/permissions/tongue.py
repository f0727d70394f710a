"""What the pages say, read in both languages: an English page holds no Chinese but what is data, a
law's name or a term in brackets; a Chinese page holds no English sentence.

The source of the templates is read by tests/house/test_languages.py; this reads what was drawn, so
a word that comes out of Python, a table of words or an answer of the interface is seen as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from html.parser import HTMLParser

from kernel.db import Base
from people.pagebook import PAGES

from .course import Course

STATIONS = {"DRAFT": ("buyer_own",),
            "BIDDING": ("anonymous", "tenderer_own", "buyer_own", "opener_assigned", "sys_admin",
                        "sec_admin", "audit_admin"),
            "AWARDED": ("anonymous", "tenderer_own", "buyer_own", "supervisor_in")}
"""Whose pages are read at which station."""

HAN = re.compile(r"[\u3400-\u9fff]+(?:[·（）()、][\u3400-\u9fff]+[）)]?)*")
WORDS = re.compile(r"\b[A-Za-z][a-z]+(?:,? [a-z]{2,}){3,}")
BRACKETS = re.compile(r"[（(〔\[][^（）()〔〕\[\]]*[）)〕\]]")
ID = re.compile(r"(?<=/)(?:[0-9a-f]{32}|\d+)(?=/|$)")
NOT_DATA = {("lot", "profile"), ("rule_profile", "body")}
"""What holds words of ours in both languages."""
SPOKEN = ("placeholder", "title", "alt", "aria-label", "value")
VOID = {"input", "meta", "link", "img", "br", "hr"}


class Said(HTMLParser):
    """The texts of a page, without those that are marked as another language, as code or law."""

    def __init__(self, page: str, other: str):
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self._other, self._path = other, []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and given.get("href", "").startswith("/"):
            self.links.append(given["href"])
        apart = given.get("lang", "").startswith(self._other) or tag in ("code", "pre", "script") \
            or bool({"law", "code", "capital"} & set(given.get("class", "").split())) \
            or (tag == "textarea" or (tag == "a" and given.get("hreflang")))
        if not (apart or any(self._path)) and given.get("type") != "hidden":
            self.texts += [given[name] for name in SPOKEN if given.get(name)
                           and (name != "value" or tag == "button")]
        if tag not in VOID:
            self._path.append(apart)

    def handle_endtag(self, tag):
        if tag not in VOID and self._path:
            self._path.pop()

    def handle_data(self, data):
        if data.strip() and not any(self._path):
            self.texts.append(data)


def chinese(page: str, data: set[str]) -> list[str]:
    """The Chinese of an English page that is nobody's data."""
    return [run for text in Said(page, "zh").texts if HAN.search(text)
            for run in HAN.findall(BRACKETS.sub(" ", without(text, data)))]


def english(page: str, data: set[str]) -> list[str]:
    """The English sentences of a Chinese page that are nobody's data."""
    return [run for text in Said(page, "en").texts if WORDS.search(text)
            for run in WORDS.findall(without(text, data))]


def without(text: str, data: set[str]) -> str:
    """A text without the values that stand in the database, as whole values."""
    if text.strip() in data:
        return ""
    # A single English word is no sentence; taken out of one it would only hide it.
    for one in sorted((one for one in data if len(one) > 3 and one in text
                       and (" " in one or HAN.search(one))), key=len, reverse=True):
        text = text.replace(one, " ")
    return HAN.sub(lambda run: "" if run[0] in data else run[0], text)


def data_of(world) -> set[str]:
    """Every text that stands in the database, alone or in JSON; and its runs of Chinese."""
    found: set[str] = set()
    for table in Base.metadata.sorted_tables:
        names = [column.name for column in table.columns
                 if (table.name, column.name) not in NOT_DATA]
        listed = ", ".join(f'"{name}"' for name in names)
        for row in world.raw(f'SELECT {listed} FROM "{table.name}"'):
            for value in row:
                found |= set(_texts(value))
    return found | {run for one in found for run in HAN.findall(one)}


def _texts(value) -> Iterator[str]:
    if isinstance(value, str):
        if value[:1] in "[{":
            with suppress(ValueError):  # SQLite gives the text of JSON, with its escapes
                yield from _texts(json.loads(value))
        yield value.strip()
    elif isinstance(value, dict | list):
        for one in (*value, *value.values()) if isinstance(value, dict) else value:
            yield from _texts(one)


def untranslated(course: Course) -> tuple[int, list[str]]:
    """(pages read, what is said in the other language, and where)."""
    found, read, plain = {}, 0, {}
    for phase, roles in STATIONS.items():
        station = course.stand_at(phase)
        data = data_of(course.world)
        for role in roles:
            for path, root, page in pages(course, station, role, plain.setdefault(role, set())):
                read += 1
                for said in chinese(page, data) if root else english(page, data):
                    found.setdefault(said, f"{root}{path} by {role} at {phase}: {said}")
    return read, sorted(found.values())


def pages(course: Course, station, role: str,
          plain: set[str]) -> Iterator[tuple[str, str, str]]:
    """(address, root, text) of each kind of page that this role reaches by links, in each
    language; beginning where everybody begins and at the tender's own pages. Pages whose address
    names nothing are read at the first station alone, and remembered in `plain`."""
    token = station.tokens.get(role)
    headers = {"Accept": "text/html", **({"Authorization": f"Bearer {token}"} if token else {})}
    own = [page.rule.replace("<tender_id>", station.tender).replace("<lot_id>", station.lot)
           for page in PAGES if page.method == "GET" and (page.audience == "self") == bool(token)]
    waiting = [path for path in own if "<" not in path and path not in plain]
    seen = {ID.sub("*", path) for path in waiting} | plain
    while waiting:
        path = waiting.pop(0)
        if not ID.search(path):
            plain.add(path)
        for root in ("", "/en"):
            answer = course.bench.send("GET", root + path, None, headers)
            if answer.status != 200:
                break
            page = answer.body.decode()
            yield path, root, page
            for link in Said(page, "-").links if not root else ():
                kind = ID.sub("*", link.partition("?")[0].partition("#")[0])
                if kind not in seen and kind.startswith("/desk") == bool(token) \
                        and not kind.startswith(("/api/", "/en", "/static", "/reference")):
                    seen.add(kind)
                    waiting.append(link.partition("#")[0])
