"""Installations with many tenders, made by the database itself: rows like those of one that was
really published, with titles, places, regions and times of their own."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from audit.keys import Keys
from kernel.db import db
from portal.factory import create_app
from portal.search import model, words
from tests import postgres
from tests.world import ORIGIN, World, WorldClock, create_schema, settings_for

PLACES = "东西南北上下大小前后青白金银龙凤山水田林湖桥石泉"
WHAT = ("道路改造", "桥梁维修", "学校食堂", "污水管网", "路灯安装", "公园绿化", "河道清淤", "卫生院设备", "文化礼堂",
        "农田灌溉", "停车场", "垃圾分类", "监理服务", "勘察设计", "造价咨询", "办公家具", "防洪堤", "自来水")
KINDS = "村镇街区"


@contextmanager
def installation(folder: Path) -> Iterator[World]:
    """A fresh installation on the test server's PostgreSQL, with nothing in it; no context of
    its application is open, so that each request has its own."""
    folder.mkdir()
    Keys.make(folder / "keys", ORIGIN)
    (folder / "keys" / "secret").write_bytes(secrets.token_bytes(32))
    owner, role = postgres.server().database()
    settings = settings_for(folder, role, owner)
    create_schema(settings)
    app = create_app(settings, WorldClock())
    world = World(app, settings)
    try:
        yield world
    finally:
        world.close()
        with app.app_context():
            db.engine.dispose()


def fill(world: World, total: int) -> None:
    """`total` published tenders of one lot each, their changes and their rows of the search.

    Inside the application's context.
    """
    tender = world.published_tender()
    lot = world.lots(tender)[0]
    world.tick()
    world.raw("CREATE UNLOGGED TABLE made (n int, title text, region text, at timestamptz)")
    world.raw(f"""
        INSERT INTO made SELECT n, {_title('n')}, '3307' || lpad((n % 29 + 1)::text, 2, '0'),
               (SELECT published_at FROM tender WHERE id = :tender) - n * interval '150 seconds'
        FROM generate_series(1, CAST(:total AS int) - 1) AS n""", tender=tender.id, total=total)
    _like(world, "tender", tender.id, {
        "id": _ID, "ocid": "'ocds-yg-' || made.n", "code": "lpad(made.n::text, 20, '0')",
        "title": "made.title", "region": "made.region", "published_at": "made.at"})
    _like(world, "lot", lot.id, {
        "id": _ID, "tender_id": _ID, "section_code": "'E3307' || lpad(made.n::text, 18, '0')",
        "profile": "NULL", "policy": "NULL"})
    world.raw(f"INSERT INTO lot_outcome (id, lot_id, outcome, at, round) "
              f"SELECT {_ID}, {_ID}, 'published', made.at, 1 FROM made")
    placed = world.raw("SELECT coalesce(max(position), 0) FROM change")[0][0]
    world.raw(f"INSERT INTO change (position, entry_id, type, at, tender_id) "
              f"SELECT made.n + :placed, 'c' || lpad(to_hex(made.n), 31, '0'), 'bench.tried', "
              f"made.at, {_ID} FROM made", placed=placed)
    _index(world)
    world.raw("DROP TABLE made")
    with world._raw.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")


_ID = "lpad(to_hex(made.n), 32, '0')"


def _pick(text: str, at: str) -> str:
    """One character of a text, by a number that SQL computes."""
    return f"substr('{text}', (({at})::bigint % {len(text)} + 1)::int, 1)"


def _title(number: str) -> str:
    what = "(ARRAY[" + ", ".join(f"'{one}'" for one in WHAT) + "])"
    first, second = (_pick(PLACES, f"{number} * 7919::bigint {then}") for then in ("/ 24", ""))
    return (f"{first} || {second} || "
            f"{_pick(KINDS, f'{number} / 7')} || {what}[(({number} * 31::bigint / 5) % {len(WHAT)} + 1)::int] "
            "|| '工程'")


def _like(world: World, table: str, one: str, own: dict[str, str]) -> None:
    names = [row[0] for row in world.raw(
        "SELECT column_name FROM information_schema.columns WHERE table_name = :name", name=table)]
    values = ", ".join(own.get(name, f'one."{name}"') for name in names)
    listed = ", ".join(f'"{name}"' for name in names)
    world.raw(f"INSERT INTO {table} ({listed}) SELECT {values} FROM {table} AS one, made "
              "WHERE one.id = :one", one=one)


def _index(world: World) -> None:
    """The search's rows: vectors made once for each title, as `portal.search.words` makes them,
    with the code of each lot behind."""
    titles = [row[0] for row in world.raw("SELECT DISTINCT title FROM made")]
    world.raw("CREATE UNLOGGED TABLE spelled (title text PRIMARY KEY, words tsvector, "
              "title_words tsvector, body text)")
    with world._raw.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO spelled VALUES (%s, %s::tsvector, %s::tsvector, %s)", [
                (title, words.vector(list(words.tokens(body := _body(title)))),
                 words.vector(list(words.tokens(title))), body) for title in titles])
        for name in ("words", "title", "county", "open"):
            connection.exec_driver_sql(f"DROP INDEX search_text_{name}")
    mark = words.MARK
    code = "'e3307' || lpad(made.n::text, 18, '0')"
    marks = " || ".join(f"('''{mark}r' || left(made.region, {length}) || '''')::tsvector"
                        for length in range(2, 7))
    world.raw(f"""
        INSERT INTO search_entry (seq, lot_id, tender_id, ocid, section_code, title, lot_title,
            buyer, region, category, regime, value_fen, published_at, deadline, phase, text,
            title_words, words)
        SELECT (SELECT max(n) FROM made) + 1000 - made.n, {_ID}, {_ID}, 'ocds-yg-' || made.n,
            upper({code}), made.title, '第1标段', '某镇人民政府', made.region,
            (ARRAY['works','works','goods','services'])[made.n % 4 + 1], 'below',
            (made.n::bigint * 7919) % 1000000000, made.at, made.at + interval '20 days',
            CASE WHEN made.at > :now - interval '20 days' THEN 'BIDDING' ELSE 'CONTRACTED' END, spelled.body,
            spelled.title_words || ('''' || {code} || '''')::tsvector,
            spelled.words || ('''' || {code} || '''')::tsvector || {marks}
                || ('''{mark}c' || (ARRAY['works','works','goods','services'])[made.n % 4 + 1]
                    || '''')::tsvector || ('''{mark}gbelow''')::tsvector
        FROM made JOIN spelled USING (title)""", now=world.now)
    world.raw("DROP TABLE spelled")
    for statement in model.statements("postgresql"):
        world.raw(statement)


def _body(title: str) -> str:
    return (f"{title}\n第1标段\n某镇人民政府\n本工程包括{WHAT[len(title) % 7]}与{title[:2]}镇"
            f"{WHAT[ord(title[0]) % 18]}")
