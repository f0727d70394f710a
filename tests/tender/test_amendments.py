"""Amendments: two people, what changed field by field, T3, one at a time, later only."""

from __future__ import annotations

import copy
import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from audit.act import wiring
from bidding.reading import standing_bids
from kernel.canonical import parse, time_text
from kernel.db import db
from tender import acts, amendment, rules, sections
from tender.model import Document, NoticeDraft
from tender.reading import items_of

from ..worlds.tender import PDF
from .test_acts import refused, together
from .test_notices import later, published, values

WHY = "设计单位更正图纸，限价相应调整。"


def draft(world, tender, *, by=None, why=WHY, **changes):
    return acts.draft_amendment(by or world.clerk, tender.id, why=why, **changes)


def publish(world, tender, **changes):
    """Draft, submit and publish an amendment; the draft afterwards."""
    made = draft(world, tender, **changes)
    sent = acts.submit_amendment(world.clerk, tender.id, made.id)
    return acts.approve_amendment(world.fresh(world.chief), tender.id, made.id,
                                  content_hash=sent.content_hash)


def test_an_amendment_changes_the_lot_and_says_what_changed(world):
    tender = world.published_tender(lots=2)
    one, two = world.lots(tender)
    new, ceiling = later(world, one), one.price_ceiling_fen - 1_000_000
    items = [{"code": "1", "description": "土方", "unit": "m3", "quantity": "2.5"}]
    publish(world, tender, lots=[{"id": one.id, "deadline": new, "price_ceiling_fen": ceiling,
                                  "items": items}])
    was, (one, same) = two, world.lots(tender)
    assert (one.deadline, one.price_ceiling_fen, same.deadline) == (new, ceiling, was.deadline)
    assert [item.quantity for item in items_of(db.session, one.id)] == ["2.5"]
    rows = published(world, tender)
    said = parse(next(row.content for row in rows if row.kind == "amendment"))
    fields = {row["name"]: (row["old"], row["value"]) for part in said["sections"]
              for row in part["rows"] if "old" in row}
    assert fields["price_ceiling_fen"] == (ceiling + 1_000_000, ceiling)
    assert fields["deadline"] == (time_text(was.deadline), time_text(new))
    assert fields["item_2"][1] is None and fields["item_1"][1] == "1 土方 2.5 m3"
    assert said["sections"][0]["title"]["en"] == "Lot 1"
    stated = parse(next(row.content for row in rows if row.version == 2))
    assert values({"sections": stated["sections"][1:2]})["price_ceiling_fen"] == ceiling
    kinds = [entry.type for entry in world.entries()]
    assert kinds.count("amendment.published") == 1 and kinds.count("deadline.extended") == 1


def test_what_affects_the_bids_moves_the_deadline_or_names_the_earliest(world):
    tender = world.published_tender()
    (lot,) = world.lots(tender)
    world.set_time(lot.deadline - timedelta(days=1))
    late = draft(world, tender, lots=[{"id": lot.id, "quality": "优良"}])
    with pytest.raises(Exception) as caught:
        acts.submit_amendment(world.clerk, tender.id, late.id)
    earliest = amendment.earliest(lot.profile, lot.method, lot.deadline, world.now)
    assert caught.value.word.code == "deadline.soon"
    assert caught.value.facts["earliest"] == time_text(earliest) and earliest > lot.deadline
    acts.give_up_amendment(world.clerk, tender.id, late.id)
    short = earliest - timedelta(milliseconds=1)
    made = draft(world, tender, lots=[{"id": lot.id, "quality": "优良", "deadline": short}])
    assert refused(acts.submit_amendment, world.clerk, tender.id, made.id) == "deadline.soon"
    acts.give_up_amendment(world.clerk, tender.id, made.id)
    reason = "村雨季将至，经全体已知事项评估，缩短澄清间隔。"
    publish(world, tender, reasons={"T3.clarification": reason},
            lots=[{"id": lot.id, "quality": "优良", "deadline": short}])
    publish(world, tender, affects_bids=False, description="更正联系电话。")
    assert world.lots(tender)[0].deadline == short
    assert world.tender(tender.id).description == "更正联系电话。"


def test_no_amendment_brings_a_deadline_forward_or_moves_one_that_passed(world):
    tender = world.published_tender()
    (lot,) = world.lots(tender)
    for wrong in (lot.deadline - timedelta(days=1), lot.deadline - timedelta(milliseconds=1)):
        made = draft(world, tender, lots=[{"id": lot.id, "deadline": wrong}])
        assert refused(acts.submit_amendment, world.clerk, tender.id, made.id) \
            == "deadline.not-forward"
        acts.give_up_amendment(world.clerk, tender.id, made.id)
    made = draft(world, tender, lots=[{"id": lot.id, "deadline": later(world, lot)}])
    sent = acts.submit_amendment(world.clerk, tender.id, made.id)
    world.set_time(lot.deadline)
    assert refused(acts.approve_amendment, world.fresh(world.chief), tender.id, made.id,
                   content_hash=sent.content_hash) == "phase.wrong"
    assert world.lots(tender)[0].deadline == lot.deadline


def test_two_people_and_one_amendment_at_a_time(world, app):
    tender = world.published_tender()
    (lot,) = world.lots(tender)
    change = {"lots": [{"id": lot.id, "deadline": later(world, lot)}]}
    results = together(app, lambda: draft(world, tender, **change).id,
                       lambda: draft(world, tender, by=world.chief, **change).id)
    assert sorted(map(len, results)) == [len("amendment.waits"), 32]
    db.session.rollback()
    (made,) = db.session.scalars(select(NoticeDraft)).all()
    sent = acts.submit_amendment(world.clerk, tender.id, made.id)
    clerk, chief = world.fresh(world.clerk), world.fresh(world.chief)
    assert refused(acts.approve_amendment, clerk, tender.id, made.id,
                   content_hash=sent.content_hash) == "notice.same-person"
    assert refused(acts.approve_amendment, chief, tender.id, made.id,
                   content_hash="0" * 64) == "notice.changed"

    tender_id, own, digest = tender.id, made.id, sent.content_hash

    def approve():
        return acts.approve_amendment(chief, tender_id, own, content_hash=digest).id

    results = together(app, approve, approve)
    assert sorted(results) == sorted([own, "amendment.ended"])
    assert [row.kind for row in published(world, tender)].count("amendment") == 1


def test_an_extension_in_between_makes_what_was_read_another_notice(world):
    tender = world.published_tender()
    (lot,) = world.lots(tender)
    made = draft(world, tender, affects_bids=False, description="更正联系电话。")
    sent = acts.submit_amendment(world.clerk, tender.id, made.id)
    acts.move_deadline(world.fresh(world.clerk), lot.id, later(world, lot), why=WHY)
    assert refused(acts.approve_amendment, world.fresh(world.chief), tender.id, made.id,
                   content_hash=sent.content_hash) == "notice.changed"


def test_wrong_criteria_and_nothing_at_all_are_refused(world):
    tender = world.published_tender()
    (lot,) = world.lots(tender)
    wrong = {"factors": [{"code": "plan", "title": "方案", "max": "30", "min": "0", "step": "1"}]}
    made = draft(world, tender, lots=[{"id": lot.id, "criteria": wrong,
                                       "deadline": later(world, lot)}])
    assert refused(acts.submit_amendment, world.clerk, tender.id, made.id) == "notice.incomplete"
    acts.give_up_amendment(world.clerk, tender.id, made.id)
    made = draft(world, tender, lots=[{"id": lot.id, "quality": lot.quality}])
    assert refused(acts.submit_amendment, world.clerk, tender.id, made.id) == "amendment.empty"


def test_a_file_comes_with_the_amendment_and_takes_anothers_place(world):
    tender = world.published_tender()
    (lot,) = world.lots(tender)
    old = db.session.scalars(select(Document)).one().id
    made = draft(world, tender, affects_bids=True, lots=[
        {"id": lot.id, "deadline": later(world, lot)}])
    data = PDF.replace(b"obj<<", b"obj<</B(2)")
    acts.add_amending_file(
        world.clerk, tender.id, made.id, name="图纸（更正）.pdf", kind="drawings",
        media_type="application/pdf", size=len(data), digest=wiring().store.put(data),
        replaces=old)
    assert len(db.session.scalars(select(Document)).all()) == 1
    sent = acts.submit_amendment(world.clerk, tender.id, made.id)
    acts.approve_amendment(world.fresh(world.chief), tender.id, made.id,
                           content_hash=sent.content_hash)
    db.session.rollback()
    first, second = db.session.scalars(select(Document).order_by(Document.position)).all()
    assert first.replaced_by == second.hash and second.name == "图纸（更正）.pdf"


def test_a_standing_bid_can_be_opened_after_an_amendment(world):
    tender = world.published_tender()
    (lot,) = world.lots(tender)
    companies = [world.company() for _ in range(3)]
    for place, company in enumerate(companies):
        world.sealed_bid(lot.id, company, lot.price_ceiling_fen - 50_000_000 - place)
    publish(world, tender, lots=[{"id": lot.id, "deadline": later(world, lot),
                                  "price_ceiling_fen": lot.price_ceiling_fen - 1_000_000}])
    db.session.rollback()
    assert len(standing_bids(db.session, lot.id)) == 3
    now = world.lots(tender)[0]
    assert (now.policy_hash, now.suite) == (lot.policy_hash, lot.suite)


def test_every_field_of_a_lot_shows_when_it_changes(world):
    """No field of the frozen content can change without a row that says so."""
    tender = world.published_tender()
    (lot,) = world.lots(tender)
    content = rules.lot_content(lot, items_of(db.session, lot.id))
    before = [sections.lot_section(content, {"more": {}})]
    unseen = {"id", "number", "access", "items"}  # named in the head, by the policy, by the bill

    def leaves(value, path=()):
        if isinstance(value, dict):
            for key, one in value.items():
                yield from leaves(one, (*path, key))
        elif isinstance(value, list):
            for place, one in enumerate(value):
                yield from leaves(one, (*path, place))
        else:
            yield path

    tried = [path for path in leaves(content) if path[0] not in unseen]
    assert len(tried) > 40
    for path in tried:
        other = copy.deepcopy(content)
        place = other
        for key in path[:-1]:
            place = place[key]
        old = place[path[-1]]
        place[path[-1]] = (not old) if isinstance(old, bool) else old + 1 \
            if isinstance(old, int) else "2031-01-02T01:00:00.000Z" if path == ("deadline",) \
            else f"{old}7"
        found = amendment.difference(before, [sections.lot_section(other, {"more": {}})])
        assert found, path


def test_the_routes_of_an_amendment(world):
    tender = world.published_tender()
    (lot,) = world.lots(tender)
    clerk, chief = world.client(world.clerk), world.client(world.chief)
    base = f"/tenders/{tender.id}/amendments"
    body = {"why": WHY, "lots": [{"id": lot.id, "deadline": time_text(later(world, lot))}]}
    naked = body["lots"][0]["deadline"].removesuffix("Z")
    wrong = clerk.post(base, json={**body, "lots": [{"id": lot.id, "deadline": naked}]})
    assert wrong.status_code == 422 and "时区" in json.dumps(wrong.json, ensure_ascii=False)
    frozen = clerk.post(base, json={**body, "lots": [{"id": lot.id, "suite": "intl-pq-1"}]})
    assert frozen.status_code == 422, frozen.json
    made = clerk.post(base, json=body)
    assert made.status_code == 201, made.json
    assert clerk.post(base, json=body).json["code"] == "amendment.waits"
    own = f"{base}/{made.json['id']}"
    assert world.client().get(own).status_code in (401, 403, 404)
    sent = clerk.post(f"{own}/documents?name=%E8%A1%A5.pdf", data=PDF)
    assert sent.status_code == 201, sent.json
    sent = clerk.post(f"{own}/submission")
    assert sent.status_code == 201, sent.json
    done = chief.post(f"{own}/approval", json={"content_hash": sent.json["content_hash"]})
    assert done.status_code == 201 and done.json["notice_id"], done.json
    listed = world.client().get(f"/tenders/{tender.id}/notices").json
    rows = listed["items"]
    assert {row["kind"] for row in rows} == {"tender_notice", "amendment"}
    one = world.client().get(f"/notices/{done.json['notice_id']}").json
    assert one["content"]["kind"] == "amendment" and one["signature"]
