"""Templates that a unit keeps and shares, and the advance notice before a tender."""

from __future__ import annotations

from datetime import date

from kernel.canonical import parse
from kernel.db import db
from tender import acts, reading

from .test_acts import refused
from .test_notices import published


def test_a_template_is_kept_shared_and_begun_from(world):
    tender = world.draft_tender(lots=2)
    one = acts.keep_template(world.clerk, name="道路修复范本", tender_id=tender.id)
    two = acts.keep_template(world.chief, name="道路修复范本", tender_id=tender.id,
                             family=one.family, shared_with=["*"])
    first, second = (one.id, one.version), (two.id, two.version)
    assert (first[1], second[1]) == (1, 2)
    other = world.account("buyer")
    stranger = {"title": "别处的道路", "region": "330703"}
    assert refused(acts.begin_from_template, other, first[0], **stranger) == "object.not-found"
    assert refused(acts.keep_template, other, name="抄", tender_id=tender.id) == "object.not-found"
    made = world.tender(acts.begin_from_template(other, second[0], **stranger).id)
    lots = world.lots(made)
    assert [lot.title for lot in lots] == [lot.title for lot in world.lots(tender)]
    assert all(lot.deadline is None and reading.items_of(db.session, lot.id) for lot in lots)
    assert [one.hash for one in reading.documents_of(db.session, made.id)] == [
        one.hash for one in reading.documents_of(db.session, tender.id)]
    assert made.buyer_id == other.party_id != tender.buyer_id
    listed = world.client(other).get("/templates").json
    assert [row["id"] for row in listed["items"]] == [second[0]]


def test_two_people_publish_an_advance_notice_of_a_draft(world):
    tender = world.draft_tender()
    sent = acts.submit_pre_notice(world.clerk, tender.id, expected=date(2027, 1, 4))
    digest = sent.content_hash
    assert world.client().get(f"/tenders/{tender.id}/notices").status_code == 404
    assert refused(acts.approve_pre_notice, world.fresh(world.clerk), tender.id,
                   content_hash=digest) == "notice.same-person"
    assert refused(acts.approve_pre_notice, world.fresh(world.chief), tender.id,
                   content_hash="0" * 64) == "notice.changed"
    acts.approve_pre_notice(world.fresh(world.chief), tender.id, content_hash=digest)
    (notice,) = published(world, tender)
    assert notice.kind == "pre_notice" and "2027-01-04" in notice.content
    assert parse(notice.content)["sections"][0]["rows"][3]["text"]["zh"] == "2027年1月4日"
    assert world.client().get(f"/tenders/{tender.id}/notices").status_code == 200
    assert world.client().get(f"/tenders/{tender.id}").status_code == 404
