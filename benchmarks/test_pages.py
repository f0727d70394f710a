"""Public pages against a bare Jinja route of the same lines on the same server, and their size."""

from __future__ import annotations

import gzip
import re
import urllib.request

import pytest

from kernel.db import db
from tests import postgres
from tests.served import running

from .measure import ROOT, median
from .test_public import asked, bare

pytestmark = pytest.mark.bench

ROUNDS = 2
SHARE, FIRST, LATER = 0.25, 250_000, 60_000
STATIC = ROOT / "portal/static/portal"


def test_public_pages_against_bare_jinja(world, tmp_path, monkeypatch):
    """Rates by turns, and bytes as they are compressed: the first page with all it loads."""
    tender = world.published_tender(lots=2)
    for _ in range(20):
        world.published_tender()
    world.tick(record=True)
    pages = {"home": "/", "search": "/tenders?q=道路", "tender": f"/tenders/{tender.id}",
             "calendar": "/calendar", "entries": "/record/entries", "api": "/api"}
    client = world.client()
    sizes = {}
    for name, path in pages.items():
        data = client.get(f"/{path}", headers={"Accept": "text/html"}).data
        (tmp_path / name).write_bytes(data)
        sizes[name] = len(gzip.compress(data))
        loaded = set(re.findall(rb'/static/portal/([a-z.-]+)"', data))
        if name == "home":
            sizes["home and all it loads"] = sizes[name] + sum(
                len(gzip.compress((STATIC / one.decode()).read_bytes())) for one in loaded)
    monkeypatch.setenv("BARE_PAGES", str(tmp_path))
    monkeypatch.setenv("BARE_DOCUMENT", str(tmp_path / "document"))
    (tmp_path / "document").write_text("{}")
    monkeypatch.setenv("BARE_DATABASE", world.settings.migration_url)
    db.session.remove()
    db.engine.dispose()
    shares = {}
    with running(world.settings) as (address, ours), bare(world, 2) as (port, other):
        our_port = int(address.rpartition(":")[2])
        mine = [ours.pid] + ([postgres.server().pid] if world.postgres else [])
        # The servers listen before their workers are ready.
        for at, path in ((our_port, "/"), (port, "/little")):
            with urllib.request.urlopen(f"http://127.0.0.1:{at}{path}", timeout=60) as answer:
                assert answer.status == 200
        for name, path in pages.items():
            path = urllib.request.quote(path, safe="/?=")
            rates: dict[str, list[float]] = {"ours": [], "bare": []}
            for turn in range(ROUNDS + 1):
                for who, at, where, pids in (("ours", our_port, path, mine),
                                             ("bare", port, f"/page/{name}", [other])):
                    rate = asked(at, where, pids)[0]
                    if turn:
                        rates[who].append(rate)
            shares[name] = median(rates["ours"]) / median(rates["bare"])
            print(f"\nBENCH page {name:10} {median(rates['ours']):6.0f}/s, bare Jinja "
                  f"{median(rates['bare']):6.0f}/s: {shares[name]:.2f} · {sizes[name]} bytes (gzip)")
    print(f"BENCH first page with all it loads: {sizes['home and all it loads']} bytes (gzip)")
    assert sizes["home and all it loads"] <= FIRST
    assert max(size for name, size in sizes.items() if name != "home and all it loads") <= LATER
    assert min(shares.values()) >= SHARE, shares
