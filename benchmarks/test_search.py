"""Search at many lots against a thousand: the median of a page, by kind of query.

`YANGGUANG_BENCH_LOTS` says how many (1,000,000). The rows are made here and laid into the index
alone: what is measured is the question, not the publishing.
"""

from __future__ import annotations

import os
import random
import time

import pytest
from sqlalchemy import create_engine, insert, text

from kernel.db import db
from portal.search import finding, model, words
from portal.search.model import SearchEntry
from tests.world import START

from .measure import median

pytestmark = pytest.mark.bench

LOTS = int(os.environ.get("YANGGUANG_BENCH_LOTS", "1000000"))
FEW, CALLS, CHUNK = 1000, 60, 4000
PLACES = "东西南北上下大小前后青白金银龙凤山水田林湖桥石泉"
WHAT = ("道路改造", "桥梁维修", "学校食堂", "污水管网", "路灯安装", "公园绿化", "河道清淤", "卫生院设备", "文化礼堂",
        "农田灌溉", "停车场", "垃圾分类", "监理服务", "勘察设计", "造价咨询", "办公家具", "防洪堤", "自来水")

QUERIES = {
    "nothing asked": finding.Wish(),
    "a word of every lot": finding.Wish("工程"),
    "a word of many lots": finding.Wish("道路"),
    "a rare word": finding.Wish("凤泉桥"),
    "two words": finding.Wish("青山 食堂"),
    "a phrase": finding.Wish('"龙田道路改造"'),
    "a code": finding.Wish("E3307000000777"),
    "a word in a county": finding.Wish("道路", region="330702"),
    "a word of open lots in a county": finding.Wish(
        "道路", region="330702", phases=frozenset({"BIDDING"})),
    "a county, a category, a value": finding.Wish(
        region="330703", category="works", value_from=50_000_000, value_to=200_000_000),
    "best first": finding.Wish("改造"),
}


def row(number: int, chance: random.Random) -> dict:
    place = "".join(chance.choice(PLACES) for _ in range(2))
    title = f"{place}{chance.choice('村镇街区')}{chance.choice(WHAT)}工程"
    code = f"E3307{number:09d}"
    region = f"3307{chance.randrange(1, 30):02d}"
    body = f"{title}\n第1标段\n{place}镇人民政府\n本工程包括{chance.choice(WHAT)}与{chance.choice(WHAT)}\n{code}"
    category = chance.choice(("works", "works", "goods", "services"))
    return {
        "seq": number, "lot_id": f"{number:032x}", "tender_id": f"{number:032x}",
        "ocid": f"ocds-yg-{number}", "section_code": code, "title": title, "lot_title": "第1标段",
        "buyer": place, "region": region, "category": category, "regime": "below",
        "value_fen": chance.randrange(10**6, 10**9), "published_at": START, "deadline": START,
        "phase": "BIDDING" if number > LOTS - 500 or number > FEW - 500 and number <= FEW
        else "CONTRACTED", "text": body,
        "title_words": list(words.tokens(f"{title}\n第1标段\n{code}")),
        "words": [*words.tokens(body), *words.region_marks(region), words.mark("c", category),
                  words.mark("g", "below")]}


def fill(world, low: int, high: int) -> None:
    engine = create_engine(world.settings.migration_url)
    chance = random.Random(low)
    if world.postgres:  # An index is made in a tenth of the time that it takes to grow.
        with engine.begin() as connection:
            connection.execute(text("DROP INDEX search_text_words, search_text_title, "
                                    "search_text_county, search_text_open"))
    for begin in range(low, high + 1, CHUNK):
        with engine.begin() as connection:
            connection.execute(insert(SearchEntry.__table__),
                               [row(n, chance) for n in range(begin, min(begin + CHUNK, high + 1))])
    if world.postgres:
        with engine.begin() as connection:
            for statement in model.statements("postgresql"):
                connection.execute(text(statement))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE search_entry" if world.postgres else "ANALYZE"))
    engine.dispose()


def times(world) -> dict[str, float]:
    """Milliseconds, the median of a page, by kind of query; the cutting of the query is not in."""
    found = {}
    for name, wish in QUERIES.items():
        took = []
        for _ in range(CALLS):
            db.session.rollback()
            began = time.perf_counter()
            finding.find(db.session(), wish, START, lambda run: [run], limit=50,
                         best=name.startswith("best"))
            took.append((time.perf_counter() - began) * 1000)
        found[name] = median(took)
    db.session.rollback()
    return found


def test_a_page_at_many_lots_against_a_thousand(world):
    fill(world, 1, FEW)
    few = times(world)
    began = time.perf_counter()
    fill(world, FEW + 1, LOTS)
    print(f"\n{LOTS} lots filled in {time.perf_counter() - began:.0f} s "
          f"({'PostgreSQL' if world.postgres else 'SQLite'})")
    many = times(world)
    for name in QUERIES:
        print(f"{name:34} {few[name]:8.2f} ms {many[name]:8.2f} ms  {many[name] / few[name]:6.2f} ×")
    whole = median(list(many.values())) / median(list(few.values()))
    print(f"{'the median of all':34} {whole:.2f} × (target 1.5)")
    # SQLite serves a county; the target is PostgreSQL's.
    assert whole < 3 or not world.postgres
