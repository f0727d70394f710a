"""What waits for a unit, how its drafts stand, what a second person reads or sends back."""

from __future__ import annotations

import pytest

from supervision import acts as watch
from tender import acts
from tests.tender.test_acts import refused


@pytest.fixture
def buyer(world):
    """(clerk, chief): what `GET` tells each of them, of a path."""
    world.buyer_unit()
    return world.client(world.clerk), world.client(world.chief)


def kinds(client) -> list[str]:
    return [one["kind"] for one in client.get("/tenders/waiting").json["items"]]


def test_a_draft_is_told_with_all_that_keeps_it_back(world, buyer):
    clerk, _ = buyer
    tender = world.draft_tender(document=False, price_ceiling_fen=0)
    said = clerk.get(f"/tenders/{tender.id}/work").json
    assert {"lots[1].price_ceiling_fen", "documents"} <= {one["field"] for one in said["findings"]}
    lot = said["lots"][0]
    assert lot["profile"]["numbers"]["T2.comprehensive"]["value"] == 10
    assert lot["guarantee_cap_fen"] == 7_970_000 and lot["after_change"] is None
    assert "T3" in {one["rule"] for one in lot["dates"]}, "the dates it would have"
    assert kinds(clerk) == ["draft"]
    assert world.client(world.account("buyer")).get(f"/tenders/{tender.id}/work").status_code == 404
    assert world.client().get(f"/tenders/{tender.id}/work").status_code == 401


def test_the_second_person_reads_what_differs_and_may_send_it_back(world, buyer):
    clerk, chief = buyer
    begun = world.draft_tender()
    kept = acts.keep_template(world.clerk, name="道路范本", tender_id=begun.id)
    tender = acts.begin_from_template(world.clerk, kept.id, title="另一条路", region="330703")
    lot = world.lots(tender)[0]
    stated = clerk.get(f"/tenders/{begun.id}").json["lots"][0]["deadline"]
    version = world.tender(tender.id).version
    assert clerk.patch(f"/tenders/{tender.id}", headers={"If-Match": f'"{version}"'}, json={
        "approval_no": "金东发改〔2026〕99号", "funding": "村集体",
        "lots": [{"id": lot.id, "deadline": stated, "period_days_max": 77}]}).status_code == 200
    sent = acts.submit_notice(world.clerk, tender.id)
    digest = sent.content_hash
    assert sorted(kinds(chief)) == ["approve", "draft"] and "submitted" in kinds(clerk)
    said = chief.get(f"/tenders/{tender.id}/notice/reading").json
    rows = {row["name"]: row for part in said["changes"] for row in part["rows"]}
    assert said["against"] == "template" and {"title", "period_days_max", "funding"} <= set(rows)
    assert "quality" not in rows and "price_ceiling_fen" not in rows
    back = f"/tenders/{tender.id}/notice/return"
    assert chief.post(back, json={"content_hash": "0" * 64, "reason": "工期过短"}).status_code == 409
    assert chief.post(back, json={"content_hash": digest, "reason": "工期过短"}).status_code == 201
    assert refused(acts.approve_notice, world.fresh(world.chief), tender.id,
                   content_hash=digest) == "notice.not-submitted"
    assert clerk.get(f"/tenders/{tender.id}/work").json["sent_back"]["reason"] == "工期过短"
    acts.edit_tender(world.clerk, tender.id, if_match=world.tender(tender.id).version,
                     lots=[{"id": lot.id, "period_days_max": 88}])
    acts.submit_notice(world.clerk, tender.id)
    said = chief.get(f"/tenders/{tender.id}/notice/reading").json
    rows = {row["name"] for part in said["changes"] for row in part["rows"]}
    assert said["against"] == "submission" and rows - {"version"} == {"period_days_max"}


def test_questions_and_objections_wait_with_their_time(world, buyer):
    clerk, _ = buyer
    tender = world.published_tender()
    lot = world.lots(tender)[0]
    asker = world.account("tenderer")
    acts.ask_question(asker, lot.id, text="图纸与清单不一致，以何为准？")
    watch.file_objection(asker, lot.id, argument="资质要求过高", remedy="请修改")
    [one] = clerk.get("/tenders/waiting").json["items"]
    assert (one["kind"], one["count"], one["lot_id"]) == ("questions", 1, lot.id) and one["due"]
    [said] = clerk.get("/objections/waiting").json["items"]
    assert said["lot_id"] == lot.id and said["answer_by"] and not said["overdue"]
    assert not any("party" in name or "filed" in name for name in said)
    assert world.client(world.account("buyer")).get("/objections/waiting").json["items"] == []
    assert world.client(asker).get("/tenders/waiting").json["items"] == []
    lots = clerk.get(f"/tenders/{tender.id}/work").json["lots"]
    assert lots[0]["after_change"] and lots[0]["questions"] == 1


def test_an_amendment_is_sent_back(world, buyer):
    tender = world.published_tender()
    draft = acts.draft_amendment(world.clerk, tender.id, why="工期写错，需要更正",
                                 lots=[{"id": world.lots(tender)[0].id, "period_days_max": 95}],
                                 reasons={"T3.clarification": "不影响投标文件的编制时间"})
    sent = acts.submit_amendment(world.clerk, tender.id, draft.id)
    assert "amendment-approve" in kinds(buyer[1]) and "amendment-submitted" in kinds(buyer[0])
    acts.send_amendment_back(world.chief, tender.id, draft.id, content_hash=sent.content_hash,
                             reason="请写明原因")
    assert refused(acts.send_amendment_back, world.chief, tender.id, draft.id,
                   content_hash=sent.content_hash, reason="再次退回") == "notice.not-submitted"
    assert "amendment" in kinds(buyer[0])
