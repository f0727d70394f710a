"""However the index is asked, the answer is the same one."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

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


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_the_newest_looked_through_first_give_what_the_index_gives(world, monkeypatch):
    session = world.session
    with world._raw.begin() as connection:
        connection.execute(insert(SearchEntry.__table__), [row(n) for n in range(1, ROWS + 1)])
        connection.exec_driver_sql("ANALYZE search_entry")

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

    texts = ("E3300000012", "E33000000123*", "学校食堂", "道路改造", "青山村", "龙田村道路", "无此项目", "学校食堂 -青山村")
    plain = [(asked(one, False), asked(one, True), listed(one)) for one in texts]
    assert [sum(map(len, one[0])) for one in plain] == [10, 1, 267, 133, 8, 131, 0, 261]
    reached = []
    reach = planning._reach
    monkeypatch.setattr(planning, "SMALL", 0)
    monkeypatch.setattr(planning, "SPARE", 0.5)  # too few, so that the index is asked, too
    monkeypatch.setattr(planning, "_reach", lambda *given: reached.append(reach(*given))
                        or reached[-1])
    assert [(asked(one, False), asked(one, True), listed(one)) for one in texts] == plain
    assert any(reached) and not all(reached)
    assert session.connection().exec_driver_sql("SHOW enable_bitmapscan").scalar() == "on"
