"""Texts that would be markup, code or another line somewhere stay texts everywhere (Q61, Q79)."""

from __future__ import annotations

import csv
import io
import logging
from html.parser import HTMLParser
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest

from portal.headers import ALWAYS
from tender import acts
from tests.worlds.tender import PDF

pytestmark = pytest.mark.usefixtures("no_officials")

MARK = "zq7"
"""Stands in every payload, and nowhere else."""

PAYLOADS = (
    f"<script>{MARK}</script>", f"\"><img src=x onerror={MARK}>", f"'><svg/onload={MARK}>",
    f"</title><x-{MARK}>", f"{{{{7*7}}}}{{% raw %}}{MARK}", f"${{jndi:ldap://127.0.0.1/{MARK}}}",
    f"'; DROP TABLE lot; -- {MARK}", f"=HYPERLINK(\"http://127.0.0.1/{MARK}\")", f"javascript:{MARK}",
    f"&lt;script&gt;{MARK}&amp;", f"]]><{MARK}/>", f"%0d%0aSet-Cookie: {MARK}", f"\\u003c{MARK}\\",
    f"@SUM({MARK})", f"--><{MARK}>", f"END:VEVENT\\nBEGIN:{MARK}")


class Markup(HTMLParser):
    """What a browser would make of a page: its elements, attributes and texts."""

    def __init__(self, page: str):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.texts = [], [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if (tag, told.get("src", "")[:15]) != ("script", "/static/portal/") and (
                tag, told.get("class")) != ("svg", "bar"):  # our own
            self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data):
        self.texts.append(data)

    def handle_comment(self, data):
        self.tags.append(f"comment {data}")

    def handle_decl(self, decl):
        assert decl.lower() == "doctype html"

    def unknown_decl(self, data):
        self.tags.append(f"declaration {data}")


@pytest.fixture
def tender(world):
    """A published tender that says the payloads wherever it says anything."""
    made = world.draft_tender(quality=PAYLOADS[1])
    acts.edit_tender(world.clerk, made.id, if_match=made.version, title=" ".join(PAYLOADS[:4])[:200],
                     description="\n".join(PAYLOADS), funding=PAYLOADS[2])
    (lot,) = world.lots(made)
    acts.set_items(world.clerk, lot.id, items=[
        {"code": f"{place}", "description": payload[:60], "unit": "m3", "quantity": "1"}
        for place, payload in enumerate(PAYLOADS)])
    world.add_document(made, PDF.replace(b"obj<<", b"obj<</N(1)"), name=f"{PAYLOADS[0]}.pdf")
    notice = acts.submit_notice(world.clerk, made.id)
    acts.approve_notice(world.fresh(world.chief), made.id, content_hash=notice.content_hash)
    question = acts.ask_question(world.account("tenderer"), lot.id, text=" ".join(PAYLOADS))
    acts.answer_question(world.clerk, lot.id, question.id, text=" ".join(PAYLOADS))
    world.tick()
    return world.tender(made.id)


@pytest.mark.parametrize("database", ["sqlite"])
def test_no_text_becomes_anything_else(world, tender, caplog):
    caplog.set_level(logging.DEBUG)
    (lot,), client = world.lots(tender), world.client()
    notice = client.get(f"/tenders/{tender.id}").json["notice"]
    assert MARK in client.get(f"/tenders/{tender.id}").text and notice
    seen = 0
    pages = [f"/{path}" for path in ("/", f"/tenders/{tender.id}", "/record", "/api")]
    pages += [f"/{base}{quote(one, safe='')}" for one in PAYLOADS
              for base in ("/?q=", "/tenders/", "/notices/", "/?region=", "/")]
    for path in pages:
        answer = client.get(path, headers={"Accept": "text/html"})
        assert answer.status_code < 500, path
        assert all(MARK not in str(pair) for pair in answer.headers if pair[0] != "Location"), path
        if answer.mimetype != "text/html":
            continue
        page = Markup(answer.text)
        assert not [tag for tag in page.tags if tag in ("script", "svg", "iframe", "object")
                    or MARK in tag], path
        assert not [name for name, value in page.attributes if name.startswith("on") or (
            name in ("href", "src", "action") and not value.startswith(("/", "#")))], path
        seen += sum(MARK in text for text in page.texts)
    assert seen > 10, "the payloads are shown, as texts"
    atom = client.get("/notices.atom")
    assert MARK in atom.text and not [one.tag for one in ET.fromstring(atom.data).iter()
                                      if MARK in one.tag]
    calendar = client.get(f"/lots/{lot.id}/calendar").text
    lines = calendar.replace("\r\n ", "").split("\r\n")
    assert not [line for line in lines if line.startswith((f"BEGIN:{MARK}", "Set-Cookie"))]
    table = client.get("/bulk/2026/3/lots.csv")
    rows = list(csv.reader(io.StringIO(table.text)))
    assert table.status_code == 200 and MARK in str(rows)
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))]
    for document in client.get(f"/tenders/{tender.id}").json["documents"]:
        got = client.get(document["url"])
        assert got.headers["Content-Disposition"].startswith("attachment"), got.headers
        assert got.headers["Content-Disposition"].count('"') in (0, 2)
        assert got.headers["X-Content-Type-Options"] == ALWAYS["X-Content-Type-Options"]
    # Whoever asks for another line of the log gets none.
    for one in ("%0d%0a2026 ERROR forged", "%E2%80%A8forged", "%1b[31mforged"):
        client.get(f"/tenders/{one}", headers={"Accept-Language": "zh\tforged"})
        client.post(f"/lots/{one}/questions", json={"text": one})
    assert not [record for record in caplog.records if "\n" in record.getMessage()
                or "forged" in record.getMessage()]
