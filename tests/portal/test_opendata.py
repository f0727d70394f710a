"""Notices as an Atom feed, months as lines and as a table."""

import csv
import gzip
import io
import json
import tracemalloc
from datetime import datetime
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import event

from kernel.db import db
from portal import atom, bulk, opendata
from portal.ocds.releases import record_package

pytestmark = pytest.mark.usefixtures("no_officials")
NS = {"a": atom.ATOM}


def test_every_notice_is_an_entry_and_pages_join(world, monkeypatch):
    monkeypatch.setattr(opendata, "PER_PAGE", 2)
    tenders = [world.published_tender() for _ in range(3)]
    seen, address = [], "/notices.atom"
    while address:
        answer = world.client().get(address)
        assert answer.mimetype == "application/atom+xml"
        root = ET.fromstring(answer.data)
        assert root.findtext("a:id", namespaces=NS).startswith("urn:uuid:")
        for name in ("title", "updated"):
            assert root.findtext(f"a:{name}", namespaces=NS)
        for entry in root.findall("a:entry", NS):
            for name in ("id", "title", "updated", "author/a:name", "summary"):
                assert entry.findtext(f"a:{name}", namespaces=NS), name
            seen.append(entry.find("a:link", NS).get("href").rpartition("/")[2])
        link = root.find("a:link[@rel='next']", NS)
        address = link.get("href").partition("/api/v1")[2] if link is not None else None
    assert seen == [one.id for one in reversed(tenders)]
    again = world.client().get("/notices.atom", headers={"If-None-Match": world.client().get(
        "/notices.atom").headers["ETag"]})
    assert again.status_code == 304
    assert world.client().get(f"/notices.atom?before={'0' * 32}").status_code == 404


def test_nothing_in_a_title_breaks_the_feed():
    text = "\x00\x0b<&>]]>\ud800\ufffe“”"
    entry = atom.Entry("0" * 32, text, datetime.fromisoformat(
        "2026-03-02T01:00:00Z"), "http://x/?a=1&b=2", text, "tender_notice", text, text)
    root = ET.fromstring(atom.feed(text, "http://x", "http://x", [entry]))
    assert root.findtext("a:entry/a:title", namespaces=NS) == "\ufffd\ufffd<&>]]>\ufffd\ufffd“”"


def test_a_month_is_every_compiled_release_and_every_lot(world, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    tenders = [world.published_tender(2) for _ in range(3)]
    world.draft_tender()
    world.raw("UPDATE tender SET title = :title WHERE id = :id", id=tenders[1].id,
              title="=HYPERLINK(\"http://x\"),\"\n路")
    client = world.client()
    (month,) = client.get("/bulk").json["items"]
    assert month["month"] == "2026-03"
    path = month["jsonl"].partition("/api/v1")[2]
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    squeezed = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(squeezed.data) == plain.data
    monkeypatch.setattr(bulk, "AT_ONCE", 100)
    asked = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    assert client.get(path).data == plain.data
    assert len(asked) <= 10 + 6 * 3, "twenty for a tender once, whatever it holds"
    lines = [json.loads(line, parse_float=Decimal) for line in plain.data.splitlines()]
    base = month["jsonl"].partition("/api/v1")[0]
    assert [json.dumps(one, default=str) for one in lines] == [json.dumps(record_package(
        world.session, one.id, world.now, base=base)["records"][0]["compiledRelease"],
        default=str) for one in tenders]
    table = client.get(month["csv"].partition("/api/v1")[2])
    rows = list(csv.DictReader(io.StringIO(table.data.decode("utf-8-sig"), newline="")))
    assert len(rows) == 6 and rows[0]["price_ceiling_yuan"] == "1990000.00"
    assert {row["phase"] for row in rows} == {"BIDDING"}
    assert rows[2]["title"].startswith("'=HYPERLINK") and rows[2]["title"].endswith("\n路")
    for wrong in ("/bulk/2026/13/lots.csv", "/bulk/2026/0/lots.csv", "/bulk/1/1/tenders.jsonl",
                  "/bulk/99999/1/lots.csv"):
        assert client.get(wrong).status_code == 404
    assert client.get("/bulk/2026/4/tenders.jsonl").data == b""


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "＝1", "\n=1"])
def test_no_cell_is_a_formula(cell):
    assert bulk.harmless(cell) == "'" + cell
    assert bulk.harmless("a" + cell) == "a" + cell


def test_a_stream_is_squeezed_while_it_is_made():
    tracemalloc.start()
    size = sum(len(part) for part in bulk.zipped(bytes(1 << 16) for _ in range(2000)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size < 1 << 18 and peak < 8 << 20
