"""However the index is asked, the answer is the same one."""

from __future__ import annotations

import pytest
from sqlalchemy import event, insert

from kernel.db import db
from portal.search import finding, planning, words
from portal.search.model import SearchEntry

from ..world import START

ROWS = 400


def row(number: int) -> dict:
    title = f"{'青山' if number % 50 == 0 else '龙田'}村{'学校食堂' if number % 3 else '道路改造'}工程"
    return {
        "seq": number, "lot_id": f"{number:032x}", "tender_id": f"{number // 2:032x}",
        "ocid": f"ocds-{number}", "section_code": f"E33{number:09}", "title": title,
        "lot_title": "第1标段", "buyer": "某镇", "region": "330703", "category": "works",
        "regime": "below", "value_fen": number, "published_at": START, "deadline": START,
        "phase": "CONTRACTED", "text": title, "title_words": list(words.tokens(f"{title} E33{number:09}")),
        "words": [*words.tokens(f"{title} E33{number:09}"), *words.region_marks("330703")]}


@pytest.fixture
def filled(world):
    with world._raw.begin() as connection:
        connection.execute(insert(SearchEntry.__table__), [row(n) for n in range(1, ROWS + 1)])
        connection.exec_driver_sql("ANALYZE search_entry")
    return world.session


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_the_newest_looked_through_first_give_what_the_index_gives(filled, monkeypatch):
    session = filled

    def asked(text: str, best: bool) -> list[list[int]]:
        found, cursor = [], ""
        while cursor is not None:
            page = finding.find(session, finding.Wish(text), START, lambda run: [run], limit=30,
                                cursor=cursor or None, best=best)
            found.append([entry.seq for entry, _ in page.items])
            cursor = page.next
        return found

    def listed(text: str) -> list[str]:
        ids, after = [], ""
        while after is not None:
            some, after = finding.tenders(session, text, "33", limit=30, after=after)
            ids += some
        return ids

    texts = ("E3300000012", "E33000000123*", "学校食堂", "道路改造", "青山村", "龙田村道路", "无此项目", "学校食堂 -青山村",
             '"青山村学校食堂"', "青山村学校食堂工程", "山 青山", "食堂 山", "龙田村道路改造工程 -青山")
    plain = [(asked(one, False), asked(one, True), listed(one)) for one in texts]
    assert [sum(map(len, one[0])) for one in plain] == [10, 1, 267, 133, 8, 131, 0, 261, 6, 6, 8, 6, 131]
    gone = []
    way = planning.way
    monkeypatch.setattr(planning, "SMALL", 0)
    monkeypatch.setattr(planning, "SPARE", 0.5)  # too few, so that the index is asked, too
    monkeypatch.setattr(planning, "way", lambda *given: gone.append(way(*given)) or gone[-1])
    assert [(asked(one, False), asked(one, True), listed(one)) for one in texts] == plain
    assert any(one.reach for one in gone) and not all(one.reach for one in gone)
    assert any(one.narrow for one in gone) and not all(one.narrow for one in gone)
    assert session.connection().exec_driver_sql("SHOW enable_bitmapscan").scalar() == "on"


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
@pytest.mark.parametrize(("text", "index", "statements"), [
    ("青山", "('青山')", 3), ("青山村", "('青山' & '山村')", 4),
    ('"青山村学校食堂"', "('青山' & '山村' & '村学')", 4),
    ("山 青山", "('青山')", 3), ("村 山", "('村':*) & ('山':*)", 3),
    ("青山村 -道路", "('青山' & '山村') & !('道路')", 4)])
def test_a_rare_word_is_asked_of_the_index_by_its_rarest_pairs_in_one_statement(
        filled, monkeypatch, text, index, statements):
    """What a page costs at a million lots: the lists that the index reads, and the journeys."""
    monkeypatch.setattr(planning, "SMALL", 0)
    sent = []

    def note(_connection, _cursor, statement, given, *_):
        sent.append((statement, given))

    filled.rollback()
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        finding.find(filled, finding.Wish(text), START, lambda run: [run], limit=1)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    asked = [given for statement, given in sent if " @@ " in statement and "ORDER BY" in statement]
    assert [given["param_1"] for given in asked] == [index]
    assert len(sent) == statements
