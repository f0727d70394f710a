"""Whatever is published goes out by every channel: a new kind cannot be left out of one.

The kinds are not listed here: they are what the feed tells, what bears an OCID and what is a table
of signed notices. Against each stand the channels.
"""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

import portal.factory  # noqa: F401  (all routes)
from kernel.db import Base
from people.edge import ROUTES
from portal import bulk, calendars, opendata, show
from portal.ocds import exact, frameworks
from portal.search import schemas
from portal.search.model import SearchEntry
from tender import feed, notices
from tests.evaluation.test_frameworks import WHY, Frame

from . import ocds

ATOM = "{http://www.w3.org/2005/Atom}"
SIGNED = {"kind", "content", "content_hash", "signature", "published_at"}
"""The columns of what was published, signed, and never changes."""


def processes() -> set[str]:
    """Every kind of process of which the feed tells."""
    return {"tender"} | {name.removesuffix("_id") for name, _ in feed.OTHERS.values()}


def missing() -> set[str]:
    """What some channel leaves out."""
    read = {route.rule.removeprefix("/api/v1") for route in ROUTES if route.method == "GET"}
    found = set()
    for kind in processes():
        path = kind.replace("_", "-") + "s"
        there = {
            "search": kind in schemas.KINDS,
            "months": path in bulk.PUBLISHED,
            "months as lines": any(rule.endswith(f"/{path}.jsonl") for rule in read),
            "months as tables": any(rule.endswith(
                "/lots.csv" if kind == "tender" else f"/{path}.csv") for rule in read),
            "ocds": any(rule.startswith(f"/{path}/<") and rule.endswith(">/ocds") for rule in read),
            "calendar": kind == "tender" and "/lots/<lot_id>/calendar" in read
            or kind in calendars.OF and any(rule.startswith(f"/{path}/<") and rule.endswith(
                ">/calendar") for rule in read)}
        found |= {f"{kind}: {channel}" for channel, tells in there.items() if not tells}
    rows = {table.class_.__table__ for table in bulk.PUBLISHED.values()}
    signed = {table.__table__ for table in opendata.NOTICES}
    for table in Base.metadata.tables.values():
        columns = set(table.columns.keys())
        if "ocid" in columns and table not in rows and table is not SearchEntry.__table__:
            found.add(f"{table.name}: months")
        if columns >= SIGNED and table not in signed:
            found.add(f"{table.name}: atom")
    return found


def test_every_kind_goes_out_by_every_channel():
    assert processes() >= {"tender", "service", "direct_award", "framework"}
    assert missing() == set()
    for kind in notices.KINDS:
        assert all(show.kind_words(kind))


@pytest.mark.parametrize("leave_out", [
    lambda patch: patch.setitem(feed.OTHERS, "novelty", ("novelty_id", None)),
    lambda patch: patch.setattr(opendata, "NOTICES", opendata.NOTICES[:-1]),
    lambda patch: patch.delitem(bulk.PUBLISHED, "frameworks"),
    lambda patch: patch.delitem(calendars.OF, "service"),
    lambda patch: patch.setattr(schemas, "KINDS", schemas.KINDS[1:])])
def test_what_is_left_out_is_seen(leave_out, monkeypatch):
    assert missing() == set()
    leave_out(monkeypatch)
    assert missing() != set()


def test_a_framework_is_in_atom_in_its_month_and_in_calendars(world):
    frame = Frame(world, suppliers=2, title="=1+1维修")
    called = frame.call("direct", reason=WHY, application_id=frame.suppliers[0][1])
    client = world.client()
    root = ET.fromstring(client.get("/notices.atom").data)
    kinds = [one.find(f"{ATOM}category").get("term") for one in root.iter(f"{ATOM}entry")]
    assert sorted(kinds) == ["calloff_result", "framework", "framework_admission",
                             "framework_admission"]
    assert {one.find(f"{ATOM}link").get("href").split("/", 3)[3]
            for one in root.iter(f"{ATOM}entry")} == {f"frameworks/{frame.id}"}
    (month,) = client.get("/bulk").json["items"]
    read = {name: client.get(path.partition("/api/v1")[2]).data
            for name, path in month.items() if name.startswith(("frameworks", "calloffs"))}
    for name, own in (("frameworks", frame.id), ("calloffs", called.id)):
        (line,) = [json.loads(one, parse_float=Decimal)
                   for one in read[f"{name}_jsonl"].splitlines()]
        (told,) = frameworks.package(world.session, own, base="http://x", publisher="x",
                                     calloff=name == "calloffs", record=True)["records"]
        assert line == json.loads(exact.dumps(told["compiledRelease"]), parse_float=Decimal)
    (row,) = _table(read["frameworks_csv"])
    assert row["title"] == "'=1+1维修" and row["suppliers"] == "2" and row["state"] == "running"
    (row,) = _table(read["calloffs_csv"])
    assert row["supplier_uscc"] and row["framework_ocid"] and row["quantity"] == "10"
    dates = client.get(f"/frameworks/{frame.id}/calendar")
    assert dates.mimetype == "text/calendar" and dates.data.count(b"BEGIN:VEVENT") == 1
    assert client.get(f"/frameworks/{'0' * 32}/calendar").status_code == 404
    ocds.check(json.loads(client.get(f"/frameworks/{frame.id}/ocds").data, parse_float=Decimal))


def _table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
