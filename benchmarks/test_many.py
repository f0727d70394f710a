"""Lists, search and feed at a million published tenders against a thousand, on PostgreSQL.

Two installations, asked by turns, so that noise meets both alike; what is measured is a whole
request, in this process. Pages of a search are asked for as long as the thousand can fill them:
to write fifty lots takes longer than to write two. What only the million holds is asked for as well,
and what both hold; beside the clock stands what this process and the database's own took of the
processor, which other work beside it changes least. `YANGGUANG_BENCH_LOTS` says how many (1,000,000, which takes 5 GB and
some five minutes to fill).
"""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import text
from werkzeug.test import EnvironBuilder, run_wsgi_app

from kernel.canonical import jcs, time_text
from kernel.db import db

from . import many
from .measure import median

pytestmark = pytest.mark.bench

FEW, MANY, CALLS = 1000, int(os.environ.get("YANGGUANG_BENCH_LOTS", "1000000")), 21

API = "/api/v1"
QUERIES = {
    "list": API + "/tenders", "list, in the middle": API + "/tenders?cursor={cursor}",
    "feed": API + "/changes", "feed, in the middle": API + "/changes?after={after}",
    "page of the site": "/", "page of the site, in the middle": "/?after={last}",
    "page of a county": "/?region=330703", "page, a word": "/?q=" + quote("学校食堂"),
    "page, no such word": "/?q=" + quote("无此项目"),
    "search, nothing asked": API + "/search",
    "search, a word of every lot": API + "/search?q=" + quote("工程"),
    "search, a word of many": API + "/search?q=" + quote("道路"),
    "search, a rare word": API + "/search?q=" + quote("凤泉村"),
    "search, two words": API + "/search?q=" + quote("青山 食堂"),
    "search, a phrase": API + "/search?q=" + quote('"龙田村道路改造"'),
    "search, a rare word both hold": API + "/search?q={place}",
    "search, a phrase both hold": API + "/search?q={title}",
    "search, a code": API + "/search?q=E3307000000000000000777",
    "search, best first": API + "/search?sort=best&q=" + quote("改造"),
    "search, a word in a county": API + "/search?region=330703&q=" + quote("道路"),
    "search, open in a county": API + "/search?region=330704&phase=BIDDING",
    "search, county, kind, value":
        API + "/search?region=330703&category=works&value_from=50000000&value_to=200000000",
}


def test_pages_of_a_million_tenders_against_a_thousand(tmp_path, postgres_template):
    with many.installation(tmp_path / "few") as few, many.installation(tmp_path / "many") as lots:
        for world, total in ((few, FEW), (lots, MANY)):
            began = time.perf_counter()
            with world.app.app_context():
                many.fill(world, total)
            print(f"\n{total} filled in {time.perf_counter() - began:.0f} s", flush=True)
        ratios, costs = {}, {}
        for name, path in QUERIES.items():
            took = [[], []]
            held = _held(few)
            places = [path.format(**_middle(world), **held) for world in (few, lots)]
            length, spent = "", [[], []]
            if path.startswith(f"{API}/search"):
                count = max(1, len(json.loads(answer(few, places[0]))["items"]))
                length = f"limit={count}"
                places = [one + ("&" if "?" in one else "?") + length for one in places]
            for _ in range(CALLS):
                for which, world in enumerate((few, lots)):
                    clock, processor = _asked(world, places[which])
                    took[which].append(clock)
                    spent[which].append(processor)
            ours = [median(one[1:]) * 1000 for one in took]
            ratios[name] = ours[1] / ours[0]
            least = [min(one[1:]) * 1000 for one in took]
            worked = costs[name] = [median(one[1:]) * 1000 for one in spent]
            print(f"BENCH {name:32} {ours[0]:7.1f} ms {ours[1]:7.1f} ms  {ratios[name]:5.2f} x "
                  f"(the least {least[0]:.1f} {least[1]:.1f}, {least[1] / least[0]:.2f} x; processor "
                  f"{worked[0]:.1f} {worked[1]:.1f}, {worked[1] / worked[0]:.2f} x) {length}",
                  flush=True)
    print(f"BENCH the median of all {median(list(ratios.values())):.2f} x, the worst "
          f"{max(ratios.values()):.2f} x (target 1.5), load {os.getloadavg()[0]:.1f}")
    assert median(list(ratios.values())) <= 1.5
    assert all(many <= 1.5 * few for few, many in costs.values())


def _asked(world, path: str) -> tuple[float, float]:
    """Seconds of one request by the clock, and of the processor with the database's own."""
    with world.app.app_context():
        database = db.session.scalars(text(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()")).all()
        db.session.remove()
    before, mine, began = _spent(database), time.process_time(), time.perf_counter()
    answer(world, path)
    clock = time.perf_counter() - began
    return clock, time.process_time() - mine + _spent(database) - before


def _spent(processes: Sequence[int]) -> float:
    """Seconds of the processor that processes have had."""
    return sum(int(Path(f"/proc/{process}/schedstat").read_text().split()[0])
               for process in processes) / 1e9


def answer(world, path: str) -> bytes:
    """The body that the application gives for a path."""
    where, _, query = path.partition("?")
    environ = EnvironBuilder(path=where, query_string=query).get_environ()
    parts, status, _headers = run_wsgi_app(world.app.wsgi_app, environ, buffered=True)
    body = b"".join(parts)
    assert status.startswith("200"), (path, status, body[:300])
    return body


def _held(few) -> dict[str, str]:
    """The place and the title of a tender that both hold."""
    with few.app.app_context():
        title = db.session.execute(text(
            "SELECT title FROM search_entry ORDER BY seq OFFSET 700 LIMIT 1")).scalar()
        db.session.remove()
    return {"place": quote(title[:3]), "title": quote(f'"{title}"')}


def _middle(world) -> dict[str, str]:
    """What pages from the middle are asked with."""
    with world.app.app_context():
        half = db.session.execute(text("SELECT count(*) / 2 FROM tender")).scalar()
        at, last = db.session.execute(text(
            "SELECT published_at, id FROM tender ORDER BY published_at DESC, id DESC "
            "OFFSET :half LIMIT 1"), {"half": half}).one()
        place = db.session.execute(text(
            "SELECT position || '-' || entry_id FROM change WHERE position = :half"),
            {"half": half}).scalar()
        db.session.remove()
    mark = base64.urlsafe_b64encode(jcs([time_text(at), last])).decode().rstrip("=")
    return {"cursor": mark, "last": last, "after": place}
