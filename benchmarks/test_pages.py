"""Public pages against a bare Jinja route of the same lines on the same server; and in a real
browser on the demonstration's data: their size, and when their largest part stands."""

from __future__ import annotations

import gzip
import json
import os
import urllib.request
from pathlib import Path

import pytest

from kernel.db import db
from tests import postgres
from tests.browser.conftest import chromium, driver
from tests.gallery import served
from tests.served import running

from .measure import median
from .test_public import asked, bare

__all__ = ["chromium", "driver"]
pytestmark = pytest.mark.bench

ROUNDS = 2
SHARE, FIRST, LATER = 0.25, 250_000, 60_000


def test_public_pages_against_bare_jinja(world, tmp_path, monkeypatch):
    """Answers a second, by turns: ours has drawn the page in this second or draws it. By the clock,
    and by the processor of the two servers, the database's own counted with ours."""
    tender = world.published_tender(lots=2)
    for _ in range(20):
        world.published_tender()
    world.tick(record=True)
    pages = {"home": "/", "search": "/tenders?q=道路", "list": "/en/tenders",
             "tender": f"/tenders/{tender.id}",
             "calendar": "/calendar", "services": "/services", "direct": "/direct-awards",
             "works": "/works", "record": "/record", "entries": "/record/entries",
             "entry": "/record/entries/0", "compare": "/record/compare", "api": "/api",
             "reference": "/reference/tender", "components": "/components",
             "sign-in": "/sign-in", "hall": f"/lots/{world.lots(tender)[0].id}/hall"}
    client = world.client()
    for name, path in pages.items():
        answer = client.get(f"/{path}", headers={"Accept": "text/html"})
        assert answer.status_code == 200, path
        (tmp_path / name).write_bytes(answer.data)
    monkeypatch.setenv("BARE_PAGES", str(tmp_path))
    monkeypatch.setenv("BARE_DOCUMENT", str(tmp_path / "document"))
    (tmp_path / "document").write_text("{}")
    monkeypatch.setenv("BARE_DATABASE", world.settings.migration_url)
    db.session.remove()
    db.engine.dispose()
    shares = {}
    print(f"\nBENCH public pages, {'PostgreSQL' if world.postgres else 'SQLite'}, "
          f"load {os.getloadavg()[0]:.0f}")
    with running(world.settings) as (address, ours), bare(world, 2) as (port, other):
        our_port = int(address.rpartition(":")[2])
        mine = [ours.pid] + ([postgres.server().pid] if world.postgres else [])
        for name, path in pages.items():
            path = urllib.request.quote(path, safe="/?=")
            turns = (("ours", our_port, path, mine), ("bare", port, f"/page/{name}", [other]))
            for _, at, where, _ in turns * 4:  # both workers know it, and its words
                with urllib.request.urlopen(f"http://127.0.0.1:{at}{where}", timeout=90) as answer:
                    assert answer.status == 200
            seen: dict[str, list[tuple[float, float, float]]] = {"ours": [], "bare": []}
            for _ in range(ROUNDS):
                for who, at, where, pids in turns:
                    seen[who].append(asked(at, where, pids))
            (rate, cost), (most, least) = ([median([one[at] for one in seen[who]])
                                            for at in (0, 1)] for who in ("ours", "bare"))
            shares[name] = rate / most
            print(f"{name:10} {rate:6.0f}/s {cost:6.2f} ms, bare Jinja {most:6.0f}/s "
                  f"{least:5.2f} ms: clock {rate / most:.2f}, processor {least / cost:.2f}", flush=True)
    assert min(shares.values()) >= SHARE, shares


SLOW = {"offline": False, "latency": 562.5, "downloadThroughput": 1.6e6 / 8 * 0.9,
        "uploadThroughput": 750e3 / 8 * 0.9}
"""What Chromium's own tools call fast 3G: milliseconds, and bytes a second."""
PAINTED = """() => new Promise((done) => new PerformanceObserver((list) => {
  const all = list.getEntries();
  done(all[all.length - 1].startTime);
}).observe({type: "largest-contentful-paint", buffered: true}))"""
SOONEST, SLOWEST = 1.0, 2.5
TIMES = 5


def test_how_soon_and_how_large_pages_are_in_a_browser(chromium, tmp_path):
    """Seconds until the largest part of a page stands, in a browser that has seen nothing yet, on
    loopback and over an emulated fast 3G; and the bytes, as a proxy compresses them. A demonstration
    that the gallery played before is looked at again where YANGGUANG_BENCH_DEMO names its folder."""
    played = os.environ.get("YANGGUANG_BENCH_DEMO")
    with served(Path(played) if played else tmp_path / "demo", bool(played)) as (stage, known, _):
        # One line of text and nothing beside it: what the machine takes in any case.
        pages = {"a line": "/api/v1/time", "home": "/", "in English": "/en/", "list": "/tenders", "calendar": "/calendar",
                 "contracted": f"/tenders/{known['tender']}", "hall": f"/lots/{known['lot']}/hall",
                 "open": f"/tenders/{known['open_tender']}", "services": "/services",
                 "works": "/works", "record": "/record", "entries": "/record/entries",
                 "entry": "/record/entries/0", "api": "/api", "sign-in": "/sign-in"}
        late, large, known_by_now = {}, {}, set()
        if only := os.environ.get("YANGGUANG_BENCH_PAGES"):
            pages = {name: path for name, path in pages.items() if name in only.split(",")}
        for name, path in pages.items():
            took: dict[str, list[float]] = {"loopback": [], "fast 3G": []}
            loaded: dict[str, int] = {}
            for _ in range(TIMES):
                for line, seen in took.items():
                    seen.append(_painted(chromium, stage.address + path,
                                         SLOW if line == "fast 3G" else None, loaded))
            size = sum(loaded[one] for one in loaded.keys() - known_by_now)
            known_by_now |= loaded.keys()
            soon, slow = (median(one) for one in took.values())
            print(f"\nBENCH {name:10} largest paint {soon:.2f} s ({max(took['loopback']):.2f} at most), "
                  f"fast 3G {slow:.2f} s ({max(took['fast 3G']):.2f}); {size} bytes (gzip), "
                  f"load {os.getloadavg()[0]:.0f}", end="", flush=True)
            if soon > SOONEST or slow > SLOWEST:
                late[name] = (soon, slow)
            if size > (FIRST if name == "home" else LATER):
                large[name] = size
    assert not late and not large, json.dumps([late, large])


def _painted(browser, address: str, line: dict | None, loaded: dict[str, int]) -> float:
    """Seconds to the largest paint; notes in `loaded` what came, in bytes compressed."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    try:
        page, came = context.new_page(), []
        page.on("response", lambda one: came.append(one))
        if line:
            wire = context.new_cdp_session(page)
            wire.send("Network.enable")
            wire.send("Network.emulateNetworkConditions", line)
        page.goto(address, wait_until="load", timeout=90_000)
        painted = page.evaluate(PAINTED) / 1000
        for one in [] if line or loaded else came:
            if one.ok and "font" not in one.headers.get("content-type", ""):
                loaded[one.url] = len(gzip.compress(one.body()))
        return painted
    finally:
        context.close()
