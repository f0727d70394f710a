"""What an amendment changes is reviewed as the notice was, told to nobody before it is published."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest

from audit.act import wiring
from kernel.canonical import parse
from kernel.db import db
from portal.fsck.entries import entries
from portal.fsck.rows import rows
from tender import acts, files, reviewing
from tender.extraction import texts
from tender.model import NoticeDraft
from tender.review import Passage

from ..test_notices import later, published
from .test_reviews import (
    REASON,
    bad_document,
    codes,
    record,
    refused,
    review,
    statutory,
    submit,
)
from .test_rules import CLEAN

WHY = "设计单位更正技术要求，招标文件相应修改。"
BRAND = "招标文件补充。\n水泵须采用凯泉品牌。\n由评委酌情打分。"


@pytest.fixture(autouse=True)
def read_here(monkeypatch):
    """Plain text is read in this process: the locked-up one has tests of its own."""
    monkeypatch.setattr(reviewing, "read", lambda path, kind, seconds: texts.Reading(tuple(
        Passage(line, None, number)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1))))


def announced(world, make=statutory):
    """A published tender whose file was reviewed and found clean."""
    tender = make(world)
    bad_document(world, tender, CLEAN.replace("15 万元", "7.6 万元"), "招标文件.txt")
    world.before_publishing(tender)
    assert review(world, tender).body["hits"] == []
    notice = submit(world, tender)
    acts.approve_notice(world.fresh(world.chief), tender.id, content_hash=notice.content_hash)
    return tender


def drafted(world, tender, text="", **changes):
    """An amendment that may affect bids, with a file of that text, and time enough for it."""
    (lot,) = world.lots(tender)
    draft = acts.draft_amendment(world.clerk, tender.id, why=WHY, lots=[
        {"id": lot.id, "deadline": later(world, lot) + timedelta(days=14)}], **changes)
    if text:
        add(world, tender, draft, text)
    return draft.id


def add(world, tender, draft, text, replaces=None):
    data, name = text.encode(), f"补充 {len(text)}.txt"
    acts.add_amending_file(
        world.clerk, tender.id, draft.id, name=name, kind="biddingDocuments", size=len(data),
        media_type=files.media_type(io.BytesIO(data), len(data), name),
        digest=wiring().store.put(data), replaces=replaces)


def reviewed(world, tender, draft_id):
    prepared = reviewing.prepare_amendment(
        db.session, world.tender(tender.id), db.session.get(NoticeDraft, draft_id))
    return acts.review_amendment(world.clerk, tender.id, draft_id, prepared=prepared)


def send(world, tender, draft_id):
    return acts.submit_amendment(world.clerk, tender.id, draft_id)


def answer(world, tender, draft_id, hit, said="justified"):
    return acts.answer_amended_hit(world.clerk, tender.id, draft_id, hit=hit, answer=said,
                                   reason=REASON)


def shown(world, tender, kind):
    """The fields of the last published notice of a kind that tell of the review."""
    body = parse([row for row in published(world, tender) if row.kind == kind][-1].content)
    return {row["name"]: row for part in body["sections"] if "审查" in part["title"]["zh"]
            for row in part["rows"]}


def test_where_a_review_is_a_must_an_amendment_waits_for_its_own(world):
    tender = announced(world)
    draft = drafted(world, tender, BRAND)
    assert codes(send, world, tender, draft) == {"review.missing"}
    hits = reviewed(world, tender, draft).body["hits"]
    assert [(one["rule"], one["severity"]) for one in hits] == [
        ("brand", "breach"), ("scoring.vague", "doubt")]
    assert codes(send, world, tender, draft) == {"review.unanswered"}
    answer(world, tender, draft, hits[0]["key"], "accepted")
    assert codes(send, world, tender, draft) == {"review.unmended"}
    answer(world, tender, draft, hits[0]["key"])
    # A further file makes the review one of another amendment.
    add(world, tender, db.session.get(NoticeDraft, draft), "另附图纸目录。")
    assert codes(send, world, tender, draft) == {"review.stale"}
    again = reviewed(world, tender, draft)
    assert {one["key"] for one in again.body["hits"]} == {one["key"] for one in hits}
    sent = send(world, tender, draft)
    acts.approve_amendment(world.fresh(world.chief), tender.id, draft,
                           content_hash=sent.content_hash)
    for kind in ("amendment", "tender_notice"):
        rows = shown(world, tender, kind)
        assert rows["hits"]["value"] == 2 and rows["review_hash"]["value"] == again.body_hash
        assert "凯泉" in rows["hit_1"]["value"] and REASON in rows["hit_1"]["text"]["zh"]
    # The notice stated anew for another reason still says it.
    (lot,) = world.lots(tender)
    acts.move_deadline(world.fresh(world.clerk), lot.id, later(world, lot), why=WHY)
    assert shown(world, tender, "tender_notice")["review_hash"]["value"] == again.body_hash


def test_what_was_reviewed_is_what_is_approved(world):
    tender = announced(world)
    draft = drafted(world, tender, BRAND)
    hits = reviewed(world, tender, draft).body["hits"]
    answer(world, tender, draft, hits[0]["key"])
    first = send(world, tender, draft).content_hash
    # What is said anew voids what was submitted, so that nobody approves another answer.
    acts.answer_amended_hit(world.chief, tender.id, draft, hit=hits[0]["key"], answer="justified",
                            reason=f"{REASON}（补充说明）")
    assert refused(acts.approve_amendment, world.fresh(world.chief), tender.id, draft,
                   content_hash=first) == "notice.not-submitted"
    second = send(world, tender, draft).content_hash
    assert second != first
    reviewed(world, tender, draft)
    assert refused(acts.approve_amendment, world.fresh(world.chief), tender.id, draft,
                   content_hash=second) == "notice.not-submitted"


def test_a_deadline_alone_asks_for_no_review_and_terms_do(world):
    tender = announced(world)
    draft = drafted(world, tender)
    send(world, tender, draft)
    acts.give_up_amendment(world.clerk, tender.id, draft)
    (lot,) = world.lots(tender)
    draft = acts.draft_amendment(world.clerk, tender.id, why=WHY, lots=[
        {"id": lot.id, "deadline": later(world, lot) + timedelta(days=14),
         "price_ceiling_fen": lot.price_ceiling_fen - 100}]).id
    assert codes(send, world, tender, draft) == {"review.missing"}
    assert reviewed(world, tender, draft).body["hits"] == []
    send(world, tender, draft)


def test_elsewhere_an_amendment_is_reviewed_if_the_notice_was(world):
    tender = announced(world, lambda world: world.draft_tender(document=False))
    assert codes(send, world, tender, drafted(world, tender, BRAND)) == {"review.missing"}
    other = world.draft_tender(document=False)
    bad_document(world, other, "招标文件一份。")
    world.before_publishing(other)
    notice = submit(world, other)
    acts.approve_notice(world.fresh(world.chief), other.id, content_hash=notice.content_hash)
    draft = drafted(world, other, BRAND)
    send(world, other, draft)
    # One that is made of free will counts.
    (hit, _) = reviewed(world, other, draft).body["hits"]
    assert codes(send, world, other, draft) == {"review.unanswered"}
    answer(world, other, draft, hit["key"], "accepted")
    send(world, other, draft)


def test_a_place_whose_profile_asks_for_reviews_gets_them_of_amendments_too(world):
    """`review.required` of the profile that was frozen with the lot decides, not today's."""
    tender = world.draft_tender(document=False)
    bad_document(world, tender, "招标文件一份。")
    world.before_publishing(tender)
    notice = submit(world, tender)
    acts.approve_notice(world.fresh(world.chief), tender.id, content_hash=notice.content_hash)
    draft = drafted(world, tender, BRAND)
    send(world, tender, draft)
    (lot,) = world.lots(tender)
    number = {"value": 1, "unit": "boolean", "source": "test", "mark": "found", "breach": "block"}
    asking = {**lot.profile, "numbers": lot.profile["numbers"] | {"review.required": number}}
    world.raw("UPDATE lot SET profile = :p WHERE id = :i", p=json.dumps(asking), i=lot.id)
    assert codes(send, world, tender, draft) == {"review.missing"}


def test_a_file_that_was_replaced_is_read_no_longer_and_the_review_moves_with_the_amendment(world):
    tender = announced(world)
    draft = drafted(world, tender, BRAND)
    prepared = reviewing.prepare_amendment(
        db.session, world.tender(tender.id), db.session.get(NoticeDraft, draft))
    old = world.client(world.clerk).get(f"/tenders/{tender.id}").json["documents"][0]
    add(world, tender, db.session.get(NoticeDraft, draft), CLEAN.replace("15", "7"), old["id"])
    assert refused(acts.review_amendment, world.clerk, tender.id, draft,
                   prepared=prepared) == "review.moved"
    files_read = {one["id"] for one in reviewed(world, tender, draft).body["documents"]}
    assert old["id"] not in files_read and len(files_read) == 2


def test_nobody_sees_a_review_before_its_amendment_is_published(world):
    tender = announced(world)
    public, buyer = world.client(), world.client(world.clerk)
    before = public.get(f"/tenders/{tender.id}/review").json
    draft = drafted(world, tender, BRAND)
    own = f"/tenders/{tender.id}/amendments/{draft}/review"
    assert buyer.get(own).status_code == 404
    made = buyer.post(own)
    assert made.status_code == 201 and made.json["current"], made.json
    hit = made.json["hits"][0]["key"]
    said = buyer.post(f"{own}/answers", json={"hit": hit, "answer": "justified", "reason": REASON})
    assert said.status_code == 201 and said.json["hits"][0]["answer"]["reason"] == REASON
    assert public.get(own).status_code in (401, 403, 404)
    assert public.get(f"/tenders/{tender.id}/review").json == before
    (lot,) = world.lots(tender)  # nor does a notice that is stated anew meanwhile
    acts.move_deadline(world.fresh(world.clerk), lot.id, later(world, lot), why=WHY)
    assert "hit_1" not in shown(world, tender, "tender_notice")
    # Of one that is given up nothing is ever shown, and none of its answers counts again.
    acts.give_up_amendment(world.clerk, tender.id, draft)
    assert public.get(f"/tenders/{tender.id}/review").json == before
    second = drafted(world, tender, BRAND)
    assert [one["answer"] for one in buyer.post(
        f"/tenders/{tender.id}/amendments/{second}/review").json["hits"]] == [None, None]
    answer(world, tender, second, hit)
    sent = send(world, tender, second)
    acts.approve_amendment(world.fresh(world.chief), tender.id, second,
                           content_hash=sent.content_hash)
    after = public.get(f"/tenders/{tender.id}/review").json
    assert after["current"] and after["hits"][0]["answer"]["answer"] == "justified"


def fair(world, tender, draft, number: str):
    return acts.record_amended_fairness(
        world.clerk, tender.id, draft, **record(world, document_number=number))


def test_what_was_reviewed_for_fair_competition_is_reviewed_anew_when_it_changes(world):
    tender = world.draft_tender()
    world.before_publishing(tender)
    acts.record_fairness(world.clerk, tender.id, **record(world))
    notice = submit(world, tender)
    acts.approve_notice(world.fresh(world.chief), tender.id, content_hash=notice.content_hash)
    (lot,) = world.lots(tender)
    public = world.client()
    shown_to_all = f"/tenders/{tender.id}/fairness-review"
    # A later deadline and a lower ceiling keep nobody out; a description may.
    draft = acts.draft_amendment(world.clerk, tender.id, why=WHY, lots=[
        {"id": lot.id, "deadline": later(world, lot) + timedelta(days=14),
         "price_ceiling_fen": lot.price_ceiling_fen - 1}]).id
    send(world, tender, draft)
    acts.give_up_amendment(world.clerk, tender.id, draft)
    draft = drafted(world, tender, "另附技术要求。")
    assert codes(send, world, tender, draft) == {"fairness.missing"}
    acts.give_up_amendment(world.clerk, tender.id, draft)
    draft = drafted(world, tender, description="投标人须在本县设有分支机构。")
    assert codes(send, world, tender, draft) == {"fairness.missing"}
    fair(world, tender, draft, "竞审〔2026〕9号")
    add(world, tender, db.session.get(NoticeDraft, draft), "另附图纸目录。")
    assert codes(send, world, tender, draft) == {"fairness.stale"}
    wrong = record(world, exception="国家安全")
    assert refused(acts.record_amended_fairness, world.clerk, tender.id, draft, **wrong) \
        == "fairness.wrong"
    sent = world.client(world.clerk).put(
        f"/tenders/{tender.id}/amendments/{draft}/fairness-review",
        json=record(world, document_number="竞审〔2026〕10号"))
    assert sent.status_code == 200 and len(sent.json["documents"]) == 2
    # Nobody else reads it before the amendment is published; then it is the tender's.
    assert public.get(shown_to_all).json["number"] == 1
    assert public.get(f"/tenders/{tender.id}/amendments/{draft}/fairness-review").status_code \
        in (401, 403, 404)
    sent = send(world, tender, draft)
    fair(world, tender, draft, "竞审〔2026〕11号")  # what was submitted no longer says it
    assert refused(acts.approve_amendment, world.fresh(world.chief), tender.id, draft,
                   content_hash=sent.content_hash) == "notice.not-submitted"
    sent = send(world, tender, draft)
    acts.approve_amendment(world.fresh(world.chief), tender.id, draft,
                           content_hash=sent.content_hash)
    assert public.get(shown_to_all).json["document_number"] == "竞审〔2026〕11号"
    for kind in ("amendment", "tender_notice"):
        assert shown(world, tender, kind)["fairness_number"]["value"] == "竞审〔2026〕11号"
    assert not [one for one in rows(db.session, list(entries(db.session))) if "fairness" in one]


def test_where_the_notice_rests_on_no_such_review_an_amendment_needs_none(world):
    tender = announced(world, make=lambda world: world.draft_tender(document=False))
    draft = drafted(world, tender, description="更正联系电话。")
    reviewed(world, tender, draft)
    assert send(world, tender, draft).content_hash
