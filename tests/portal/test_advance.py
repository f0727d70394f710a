"""Advance notices: told wherever public things are told, and nothing of the draft behind them."""

from datetime import date
from xml.etree import ElementTree as ET

import pytest

from kernel.db import db
from kernel.refusal import Refused
from portal import atom
from portal.ocds import exact
from portal.search import indexing
from tender import acts, feed
from tests.worlds.tender import lot_fields

from .ocds import check
from .test_ocds import package, record

pytestmark = pytest.mark.usefixtures("no_officials")

SECRET = "未公布的说明文字"
"""Stands in the draft and in no notice."""


def announced(world, **over):
    """A draft of two lots that was announced ahead, with things in it that were not."""
    tender = world.draft_tender(2, **over)
    acts.edit_tender(world.clerk, tender.id, if_match=tender.version, description=SECRET)
    announce(world, tender)
    return world.tender(tender.id)


def announce(world, tender, expected=date(2026, 4, 1), text="含排水与照明"):
    sent = acts.submit_pre_notice(world.clerk, tender.id, expected=expected, text=text)
    acts.approve_pre_notice(world.fresh(world.chief), tender.id, content_hash=sent.content_hash)
    db.session.rollback()


def publish(world, tender):
    notice = acts.submit_notice(world.clerk, tender.id)
    acts.approve_notice(world.fresh(world.chief), tender.id, content_hash=notice.content_hash)


def hidden(world, tender):
    """What only the draft says: ids, codes, ceilings, deadlines, descriptions, bills."""
    found = [SECRET, "398000000", "398,000,000", "199000000", "1990000.00", "土方开挖", "招标文件.pdf"]
    for lot in world.lots(tender):
        found += [lot.id, lot.section_code, lot.deal_code]
        for spelled in (lot.deadline.strftime("%Y-%m-%d"), lot.deadline.strftime("%Y%m%d")):
            found.append(spelled)
    return found


def told(tender):
    db.session.rollback()
    rows, _ = feed.changes_after(db.session(), None, 1000, tender.id)
    return [row.type for row in rows]


def test_nothing_is_told_of_a_draft_but_its_advance_notice(world):
    """Everything that anybody can get, before and after; planted: the draft's row, its lots."""
    draft = world.draft_tender()
    sent = acts.submit_pre_notice(world.clerk, draft.id, expected=date(2026, 4, 1))
    assert told(draft) == [] and sent.content_hash
    tender = announced(world)
    acts.edit_tender(world.clerk, tender.id, if_match=tender.version, title="改名后的工程")
    world.tick()
    assert told(tender) == ["notice.published", "pre_notice.published"]
    client = world.client()
    (row,) = client.get(f"/tenders/{tender.id}/notices").json["items"]
    pages = {path: client.get(path) for path in (
        f"/changes?tender_id={tender.id}", "/notices.atom", "/search?q=%E7%85%A7%E6%98%8E",
        f"/tenders/{tender.id}/ocds", f"/tenders/{tender.id}/ocds/record",
        f"/tenders/{tender.id}/notices", f"/notices/{row['id']}", f"//notices/{row['id']}")}
    for path, answer in pages.items():
        assert answer.status_code == 200, path
        text = answer.get_data(as_text=True)
        assert not [one for one in [*hidden(world, tender), "改名后"] if one in text], path
        assert "changes" in path or row["id"] in text, path
    for path in (f"/tenders/{tender.id}", f"//tenders/{tender.id}", f"/tenders/{draft.id}/ocds",
                 f"/tenders/{draft.id}/ocds/record", f"/lots/{world.lots(tender)[0].id}"):
        assert client.get(path).status_code == 404, path
    assert "改名后的工程" not in client.get("//").get_data(as_text=True)
    assert client.get("/tenders").json["items"] == [] and client.get("/bulk").json["items"] == []
    root = ET.fromstring(pages["/notices.atom"].data)
    (link,) = [one.get("href") for one in root.iterfind("a:entry/a:link", {"a": atom.ATOM})]
    assert client.get("//" + link.partition("://")[2].partition("/")[2]).status_code == 200


def test_it_is_found_until_its_tender_is(world):
    tender = announced(world)
    world.tick()
    client = world.client()
    (found,) = client.get("/search?q=%E6%8E%92%E6%B0%B4").json["items"]
    (notice,) = client.get(f"/tenders/{tender.id}/notices").json["items"]
    assert found["notice_id"] == notice["id"] and found["lot_id"] is None
    assert found["phase"] == "DRAFT" and found["deadline"] is None
    assert found["value_fen"] == 398_500_000 and found["lot_title"] == "第1标段、第2标段"
    assert len(client.get("/search?phase=planning&region=3307&category=works").json["items"]) == 1
    assert client.get("/search?phase=active").json["items"] == []
    assert client.get("/search?regime=below").json["items"] == [], "the notice names no regime"
    announce(world, tender, text="含排水")
    world.tick()
    (again,) = client.get("/search?phase=planning").json["items"]
    assert again["notice_id"] not in (None, notice["id"])
    indexing.rebuild()
    assert len(client.get("/search?phase=planning").json["items"]) == 1
    before = world.raw("SELECT max(seq) FROM search_entry")[0][0]
    publish(world, tender)
    world.tick()
    assert client.get("/search?phase=planning").json["items"] == []
    rows = client.get("/search?q=%E6%8E%92%E6%B0%B4").json["items"]
    assert {row["lot_id"] for row in rows} == {lot.id for lot in world.lots(tender)}
    assert world.raw("SELECT min(seq) FROM search_entry")[0][0] > before, \
        "a saved search that has seen the notice sees the lots as new"


def test_it_is_a_planning_release_that_the_tender_is_merged_onto(world):
    tender = announced(world)
    first = package(world, tender)["releases"]
    (sent,) = check(package(world, tender))["releases"]
    assert sent["tag"] == ["planning"] and sent["tender"]["status"] == "planning"
    assert sent["planning"]["rationale"] == "含排水与照明"
    (due,) = sent["planning"]["milestones"]
    assert due["dueDate"] == "2026-04-01T00:00:00.000+08:00"
    assert sent["tender"]["value"]["amount"] * 100 == 398_500_000
    assert "第2标段（工程，估算价 ¥1,992,500.00）" in sent["tender"]["description"]
    assert "lots" not in sent["tender"]
    world.advance(hours=1)
    announce(world, tender, expected=date(2026, 4, 8))
    lots = [{"id": lot.id, "deadline": lot_fields(world.now)["deadline"]}
            for lot in world.lots(tender)]
    acts.edit_tender(world.clerk, tender.id, if_match=world.tender(tender.id).version, lots=lots)
    publish(world, tender)
    sent = check(package(world, tender))["releases"]
    assert [one["tag"][0] for one in sent] == ["planning", "planningUpdate", "tender"]
    assert exact.dumps(package(world, tender)["releases"][0]) == exact.dumps(first[0])
    whole = record(world, tender)["records"][0]["compiledRelease"]
    assert whole["tender"]["status"] == "active" and whole["tender"]["description"] == SECRET
    (due,) = whole["planning"]["milestones"]
    assert due["dueDate"] == "2026-04-08T00:00:00.000+08:00"
    assert len(whole["planning"]["documents"]) == 2


def test_a_draft_that_changed_since_is_not_announced(world):
    """Its title stands at the head of the notice, which nobody would have approved."""
    tender = world.draft_tender()
    sent = acts.submit_pre_notice(world.clerk, tender.id, expected=date(2026, 4, 1))
    acts.edit_tender(world.clerk, tender.id, if_match=tender.version, title="另一项工程")
    with pytest.raises(Refused) as refused:
        acts.approve_pre_notice(world.fresh(world.chief), tender.id,
                                content_hash=sent.content_hash)
    assert refused.value.word.code == "notice.changed"
