"""Search over a whole installation: found in the index, and nothing there that is not public."""

from __future__ import annotations

import pytest

from kernel.canonical import time_text
from kernel.db import db
from portal.search import indexing
from portal.search.model import SearchEntry
from tender import acts

pytestmark = pytest.mark.usefixtures("no_officials")


def titled(world, title, **over):
    """A published tender called `title`."""
    tender = world.draft_tender()
    lots = over.pop("lots", None)
    acts.edit_tender(world.clerk, tender.id, if_match=tender.version, title=title, **over)
    world.before_publishing(tender)
    assert lots is None
    notice = acts.submit_notice(world.clerk, tender.id)
    acts.approve_notice(world.fresh(world.chief), tender.id, content_hash=notice.content_hash)
    return world.tender(tender.id)


@pytest.fixture
def found(world):
    """`found(q, **filters)`: titles, by the route, as anybody gets them."""
    def ask(q="", **query):
        answer = world.client().get("/search", query_string={"q": q, **query})
        assert answer.status_code == 200, answer.json
        return [item["title"] for item in answer.json["items"]]

    return ask


def test_search_finds_what_is_published_and_that_alone(world, found):
    village = titled(world, "李庄村道路改造工程", description="含排水与照明")
    titled(world, "岭下镇学校食堂设备", region="330782")
    draft = world.draft_tender()
    acts.edit_tender(world.clerk, draft.id, if_match=draft.version, title="李庄村未公布工程")
    assert found("李庄") == []
    world.tick()
    # Words of two characters, whatever a dictionary knows; words of the bill of quantities.
    assert found("李庄") == found("道路 改造") == found("李庄道路改造") == ["李庄村道路改造工程"]
    assert found("照明") == ["李庄村道路改造工程"] and found("未公布") == []
    assert found(phase="DRAFT") == found(phase="planning") == []
    assert found("土方") == ["岭下镇学校食堂设备", "李庄村道路改造工程"]
    assert found("buyer") == found("土方")
    assert found("土方 -食堂") == ["李庄村道路改造工程"] and found("-食堂", region="33") == \
        ["李庄村道路改造工程"]
    assert found('"村道路改"') == ["李庄村道路改造工程"] and found('"道路李庄"') == []
    section = world.lots(village)[0].section_code
    assert found(section[:9]) and found(section) == found(village.ocid) == ["李庄村道路改造工程"]
    assert found("〔2026〕2号") == ["岭下镇学校食堂设备"]
    # Filters.
    assert found(region="3307") == found("") == found(phase="BIDDING", category="works")
    assert found(region="330782") == ["岭下镇学校食堂设备"] and found(region="34") == []
    assert found("土方", region="330782") == ["岭下镇学校食堂设备"] and found("-食堂", region="330782") == []
    assert found(region="330782001") == found(region="330782", category="goods") == []
    assert found("土方", regime="village") == found("土方", value_from=398_000_001) == []
    assert len(found(published_to=time_text(world.now))) == 2
    assert found(published_from=time_text(world.now)) == []
    assert len(found(deadline_from=time_text(world.now))) == 2
    filters_do_not_break_pages(world)
    hostile(world)
    # Time alone moves a phase, without a tick.
    assert len(found(phase="BIDDING")) == 4 and found(phase="CLOSED,FAILED") == []
    world.advance(to=world.lots(village)[0].deadline)
    assert "李庄村道路改造工程" in found(phase="CLOSED")
    assert len(found(phase="CLOSED") + found(phase="BIDDING")) == len(found(phase="active")) == 4


def filters_do_not_break_pages(world):
    """The newest first; the best first; page by page the same as at once."""
    titled(world, "桥梁检测", description="道路之外另有桥梁")
    titled(world, "道路标线")
    world.tick()
    client = world.client()
    newest = ["道路标线", "桥梁检测", "岭下镇学校食堂设备", "李庄村道路改造工程"]
    best = ["道路标线", "李庄村道路改造工程", "桥梁检测"]
    for query, expected in (({}, newest), ({"q": "道路", "sort": "best"}, best),
                            ({"q": "道路"}, [newest[0], newest[1], newest[3]])):
        for size in (1, 2, 3, 4):
            seen, cursor = [], None
            while True:
                page = client.get("/search", query_string={**query, "limit": size} | (
                    {"cursor": cursor} if cursor else {})).json
                seen += [item["title"] for item in page["items"]]
                cursor = page["next"]
                if cursor is None:
                    break
            assert seen == expected, (query, size)


def hostile(world):
    """No statement gets through, no answer is a fault."""
    client = world.client()
    for q in ('"', "AND", "NEAR(", "a:b", "'; DROP TABLE tender; --", "* *", "路" * 100, "🎉",
              "{x} : y", "\\", "%", "-" * 99, "(((((", "'a' & !'b':*", "a* b* c*"):
        for sort in ("newest", "best"):
            answer = client.get("/search", query_string={"q": q, "sort": sort})
            assert answer.status_code in (200, 422), (q, answer.json)
    for query in ({"q": "路" * 10_000}, {"q": "a\0b"}, {"cursor": "a1"},
                  {"cursor": "c" + "9" * 30},
                  {"cursor": "c" + "9" * 19}, {"cursor": "a" + "9" * 19, "sort": "best", "q": "路"},
                  {"published_from": "0001-01-01T00:00:00+14:00"}, {"region": "33%"}, {"value_from": "1.5"}, {"deadline_to": "2026-01-01"},
                  {"q": "-道路"}, {"phase": "DRAFTED"}, {"sort": "x"}, {"limit": "0"}, {"w": "1"}):
        answer = client.get("/search", query_string=query)
        assert answer.status_code in (400, 422), (query, answer.status_code)


def test_the_index_follows_and_can_be_made_anew(world, found):
    tender = titled(world, "湖滨公园改造")
    lot = world.lots(tender)[0]
    world.tick()
    assert found("公园") == ["湖滨公园改造"]
    with world.app.app_context():
        assert indexing.follow(world.now) == 0
    world.raw("UPDATE search_entry SET title = '错', seq = seq + 7")
    world.raw("DELETE FROM search_entry")
    assert found("公园") == []
    assert indexing.rebuild() == 1 and found("公园") == ["湖滨公园改造"]
    # An act on the lot is in the index with the next tick.
    world.force_phase(lot.id, "FAILED")
    acts_before = db.session.get(SearchEntry, 1).phase
    world.raw("INSERT INTO pending_change (entry_id, type, at, tender_id) VALUES "
              "('0', 'phase.forced', :at, :tender)", at=time_text(world.now), tender=tender.id)
    world.tick()
    assert acts_before == "BIDDING" and found(phase="FAILED") == ["湖滨公园改造"]


def test_a_snippet_shows_where(world):
    titled(world, "中心小学", description="<b>操场</b>塑胶跑道 & 看台")
    world.tick()
    item = world.client().get("/search", query_string={"q": "跑道"}).json["items"][0]
    assert {"text": "跑道", "hit": True} in item["snippet"]
    assert "<b>操场</b>" in "".join(piece["text"] for piece in item["snippet"])
