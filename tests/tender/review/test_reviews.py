"""Reviews as acts, on both databases: what blocks a notice, what a person's answer is worth."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from kernel.canonical import parse
from kernel.db import db
from kernel.refusal import Refused
from tender import acts, fairness, profile, reviewing
from tender.model import Review
from tender.reading import live_notice
from tender.timetable import beijing_day, earliest_deadline, national_calendar

from .test_rules import BAD, CLEAN

REASON = "该要求源于设计文件，经集体研究确需保留。"
OK = [{"article": article, "met": True, "note": ""} for article in fairness.STANDARDS]


def codes(function, *args, **kwargs) -> set[str]:
    with pytest.raises(Refused) as caught:
        function(*args, **kwargs)
    assert caught.value.word.code == "notice.incomplete", caught.value.word.code
    return {one["code"] for one in caught.value.facts["findings"]}


def refused(function, *args, **kwargs) -> str:
    with pytest.raises(Refused) as caught:
        function(*args, **kwargs)
    return caught.value.word.code


def statutory(world):
    day = world.now + timedelta(days=1)
    deadline = earliest_deadline(profile.shipped_for("statutory", beijing_day(world.now)), day,
                                 comprehensive=True, calendar=national_calendar())
    tender = world.draft_tender(document=False, regime="statutory", estimate_fen=500_000_000,
                                deadline=deadline, grounds={"pilot_document": "浙发改〔2026〕1号"})
    return tender


def review(world, tender):
    prepared = reviewing.prepare(db.session, world.tender(tender.id), beijing_day(world.now))
    return acts.make_review(world.clerk, tender.id, prepared=prepared)


def submit(world, tender):
    return acts.submit_notice(world.clerk, tender.id)


def bad_document(world, tender, text=BAD, name="招标文件.txt"):
    return world.add_document(tender, text.encode(), name)


def test_where_tendering_is_a_must_a_notice_waits_for_a_review_of_its_present_documents(world):
    tender = statutory(world)
    bad = bad_document(world, tender)
    world.before_publishing(tender)
    assert codes(submit, world, tender) == {"review.missing"}
    first = review(world, tender)
    breaches = [hit for hit in first.body["hits"] if hit["severity"] == "breach"]
    assert len(breaches) >= 6 and all(hit["document"]["hash"] == bad.hash for hit in breaches)
    assert codes(submit, world, tender) == {"review.unanswered"}
    for hit in breaches:
        acts.answer_hit(world.clerk, tender.id, hit=hit["key"], answer="accepted", reason=REASON)
    assert codes(submit, world, tender) == {"review.unmended"}
    # The document is replaced by one that says the same: no hit and no answer is carried over.
    acts.remove_document(world.clerk, tender.id, bad.id)
    other = bad_document(world, tender, BAD + "7. 其他。\n", "招标文件二.txt")
    assert codes(submit, world, tender) == {"review.stale"}
    second = review(world, tender)
    again = [hit for hit in second.body["hits"] if hit["severity"] == "breach"]
    assert {hit["rule"] for hit in again} == {hit["rule"] for hit in breaches}
    assert {hit["key"] for hit in again}.isdisjoint(hit["key"] for hit in breaches)
    assert codes(submit, world, tender) == {"review.unanswered"}
    acts.remove_document(world.clerk, tender.id, other.id)
    bad_document(world, tender, CLEAN.replace("15 万元", "8 万元"), "招标文件三.txt")
    third = review(world, tender)
    assert third.body["hits"] == [] and third.number == 3
    notice = submit(world, tender)
    assert parse(notice.content)["more"]["review"]["number"] == 3
    acts.approve_notice(world.fresh(world.chief), tender.id, content_hash=notice.content_hash)
    rows = db.session.scalars(select(Review).where(Review.tender_id == tender.id)).all()
    assert sorted(len(row.body["hits"]) > 0 for row in rows) == [False, True, True]


def test_a_justified_breach_goes_through_with_its_reason_in_the_notice(world):
    tender = statutory(world)
    bad_document(world, tender, "招标文件。\n水泵须采用凯泉品牌。\n由评委酌情打分。")
    world.before_publishing(tender)
    hits = review(world, tender).body["hits"]
    assert [hit["severity"] for hit in hits] == ["breach", "doubt"]
    acts.answer_hit(world.clerk, tender.id, hit=hits[0]["key"], answer="justified", reason=REASON)
    notice = submit(world, tender)
    said = parse(notice.content)["more"]["review"]["hits"]
    assert [(one["rule"], one["reason"]) for one in said] == [("brand", REASON),
                                                              ("scoring.vague", None)]
    # What was said can be said anew; that voids the submission, and the last word counts.
    acts.answer_hit(world.chief, tender.id, hit=hits[0]["key"], answer="accepted", reason=REASON)
    db.session.rollback()
    assert live_notice(db.session, tender.id) is None
    assert codes(submit, world, tender) == {"review.unmended"}


def test_elsewhere_no_review_is_a_must_but_one_that_was_made_counts(world):
    tender = world.draft_tender(document=False)
    bad_document(world, tender, "水泵须采用凯泉品牌。")
    world.before_publishing(tender)
    submit(world, tender)
    (hit,) = review(world, tender).body["hits"]
    assert codes(submit, world, tender) == {"review.unanswered"}
    acts.answer_hit(world.clerk, tender.id, hit=hit["key"], answer="accepted", reason=REASON)
    notice = submit(world, tender)
    acts.approve_notice(world.fresh(world.chief), tender.id, content_hash=notice.content_hash)


def test_a_result_never_belongs_to_other_documents(world):
    tender = world.draft_tender()
    prepared = reviewing.prepare(db.session, world.tender(tender.id), beijing_day(world.now))
    bad_document(world, tender)
    assert refused(acts.make_review, world.clerk, tender.id, prepared=prepared) == "review.moved"
    acts.edit_tender(world.clerk, tender.id, if_match=world.tender(tender.id).version,
                     lots=[{"id": world.lots(tender)[0].id, "price_ceiling_fen": 1}])
    assert review(world, tender).number == 1


def test_what_was_not_hit_cannot_be_answered_nor_by_a_stranger(world):
    tender = world.draft_tender(document=False)
    assert refused(acts.answer_hit, world.clerk, tender.id, hit="a" * 64, answer="accepted",
                   reason=REASON) == "object.not-found"
    bad_document(world, tender)
    hit = review(world, tender).body["hits"][0]
    stranger = world.account("buyer")
    assert refused(acts.answer_hit, stranger, tender.id, hit=hit["key"], answer="accepted",
                   reason=REASON) == "object.not-found"


def test_a_review_over_http_with_a_plugin_that_fails(world, app, monkeypatch):
    tender = world.draft_tender(document=False)
    bad_document(world, tender)
    monkeypatch.setitem(app.extensions["yangguang"].settings, "review_plugins", "no.such:thing")
    buyer = world.client(world.clerk)
    assert buyer.get(f"/tenders/{tender.id}/review").status_code == 404
    made = buyer.post(f"/tenders/{tender.id}/review")
    assert made.status_code == 201, made.json
    assert made.json["current"] and made.json["failed"] == ["no.such:thing"]
    hit = next(one for one in made.json["hits"] if one["rule"] == "brand")
    assert hit["paragraph"] == 6 and "凯泉" in hit["quotation"] and hit["answer"] is None
    said = buyer.post(f"/tenders/{tender.id}/review/answers",
                      json={"hit": hit["key"], "answer": "justified", "reason": REASON})
    assert said.status_code == 201, said.json
    shown = buyer.get(f"/tenders/{tender.id}/review").json
    answered = {one["key"]: one["answer"] for one in shown["hits"]}[hit["key"]]
    assert answered["answer"] == "justified" and answered["reason"] == REASON
    assert world.client().get(f"/tenders/{tender.id}/review").status_code == 404
    bad_document(world, tender, "又一份", "b.txt")
    assert buyer.get(f"/tenders/{tender.id}/review").json["current"] is False


def record(world, **over) -> dict:
    return {"unit": "金东区某镇人民政府法制办", "document_number": "竞审〔2026〕8号",
            "reviewed_on": beijing_day(world.now).isoformat(), "conclusion": "clean",
            "standards": OK, "exception": ""} | over


def test_a_fair_competition_review_is_recorded_and_shown_with_the_notice(world):
    tender = world.draft_tender()
    world.before_publishing(tender)
    buyer = world.client(world.clerk)
    put = buyer.put(f"/tenders/{tender.id}/fairness-review", json=record(world))
    assert put.status_code == 200, put.json
    assert put.json["documents"] and put.json["number"] == 1
    notice = submit(world, tender)
    acts.approve_notice(world.fresh(world.chief), tender.id, content_hash=notice.content_hash)
    public = world.client()
    assert public.get(f"/tenders/{tender.id}/fairness-review").json["document_number"] \
        == "竞审〔2026〕8号"
    shown = public.get(f"/tenders/{tender.id}/notices").json["items"][0]["id"]
    assert "竞审〔2026〕8号" in public.get(f"/notices/{shown}").get_data(as_text=True)


@pytest.mark.parametrize("over", [
    {"standards": OK[:-1]}, {"standards": [*OK, OK[0]]},
    {"standards": [OK[0] | {"met": False}, *OK[1:]]}, {"conclusion": "exception"},
    {"exception": "国家安全"}, {"reviewed_on": "2199-01-01"},
])
def test_a_record_that_contradicts_itself_is_refused(over):
    fields = {"standards": OK, "conclusion": "clean", "exception": "", "reviewed_on": "2026-01-01"}
    fairness.check(**fields, today="2026-11-22")
    with pytest.raises(Refused):
        fairness.check(**fields | over, today="2026-11-22")


def test_who_was_asked_to_read_must_pass_what_is_approved(world):
    tender = world.draft_tender()
    world.before_publishing(tender)
    office, other = world.party("supervisor"), world.party("buyer")
    reader = world.account("supervisor", party=office, region="330703")
    stranger = world.account("buyer", party=other)
    buyer = world.client(world.clerk)
    asked = buyer.post(f"/tenders/{tender.id}/readings", json={"party_id": office.id})
    assert asked.status_code == 201, asked.json
    assert buyer.post(f"/tenders/{tender.id}/readings", json={"party_id": office.id}).json["code"] \
        == "reading.repeated"
    assert buyer.post(f"/tenders/{tender.id}/readings",
                      json={"party_id": tender.buyer_id}).json["code"] == "reading.unit"
    reading = asked.json["id"]
    notice = submit(world, tender)
    opinion = {"content_hash": notice.content_hash, "verdict": "passed", "opinion": ""}
    approve = {"content_hash": notice.content_hash}
    assert refused(acts.approve_notice, world.fresh(world.chief), tender.id, **approve) \
        == "reading.open"
    outside = world.client(stranger)
    assert outside.get("/readings").json["items"] == []
    assert outside.post(f"/readings/{reading}/opinion", json=opinion).status_code == 404
    assert buyer.post(f"/readings/{reading}/opinion", json=opinion).status_code == 404
    reads = world.client(reader)
    (shown,) = reads.get("/readings").json["items"]
    assert shown["content_hash"] == notice.content_hash and shown["content"]["title"]
    document = world.client(world.clerk).get(f"/tenders/{tender.id}").json["documents"][0]["id"]
    path = f"/readings/{reading}/documents/{document}/content"
    assert reads.get(path).status_code == 200 and outside.get(path).status_code == 404
    wrong = reads.post(f"/readings/{reading}/opinion", json=opinion | {"content_hash": "a" * 64})
    assert wrong.json["code"] == "notice.changed"
    objected = opinion | {"verdict": "objected", "opinion": "第三章有误"}
    assert reads.post(f"/readings/{reading}/opinion", json=objected).status_code == 201
    assert refused(acts.approve_notice, world.fresh(world.chief), tender.id, **approve) \
        == "reading.open"
    assert reads.post(f"/readings/{reading}/opinion", json=opinion).status_code == 201
    assert [one["verdict"] for one in buyer.get(f"/tenders/{tender.id}/readings").json["items"][0][
        "opinions"]] == ["objected", "passed"]
    acts.approve_notice(world.fresh(world.chief), tender.id, **approve)
    assert reads.post(f"/readings/{reading}/opinion", json=opinion).json["code"] \
        == "notice.not-submitted"


def test_a_unit_asked_no_longer_is_not_waited_for_but_the_draft_is_submitted_anew(world):
    tender = world.draft_tender()
    world.before_publishing(tender)
    office = world.party("supervisor")
    asked = acts.ask_reading(world.clerk, tender.id, party_id=office.id)
    first = submit(world, tender)
    acts.withdraw_reading(world.clerk, tender.id, asked.id)
    assert refused(acts.approve_notice, world.fresh(world.chief), tender.id,
                   content_hash=first.content_hash) == "notice.not-submitted"
    notice = submit(world, tender)
    acts.approve_notice(world.fresh(world.chief), tender.id, content_hash=notice.content_hash)
