"""Objections: in their time, nameless, answered once, and nothing goes on before the answer."""

from __future__ import annotations

import json
import os
import time
from datetime import timedelta
from urllib.parse import quote

import pytest

from bidding.acts import authorise_opening, close_if_due
from kernel.refusal import NOT_FOUND, WRONG_PHASE, Refused
from portal import litter
from portal.fsck.entries import entries
from portal.fsck.rows import rows
from supervision import acts, objections
from supervision.model import Objection, ObjectionAnswer
from supervision.reading import objections as reading
from tender import acts as tendering
from tender import reading as tenders
from tender import timetable
from tender.lifecycle import Phase
from tender.refusals import CLARIFIED_LATE
from tests.bidding.test_races import at_once
from tests.worlds.tender import PDF

SAID = {"argument": "资格条件与项目规模不相适应", "remedy": "请删除该条件"}
ANSWER = {"outcome": "rejected", "text": "条件与项目规模相适应。"}


@pytest.fixture
def lot(world):
    return world.lots(world.published_tender())[0]


@pytest.fixture
def company(world):
    return world.company("沉默建设集团有限公司")


def stands(world, lot) -> Phase:
    return tenders.phase_of(world.session, lot.id, world.now)


def again(world, lot):
    return world.lots(world.tender(lot.tender_id))[lot.number - 1]


def last(lot):
    return objections.last_moment(lot.profile, lot.deadline)


def refused(function, *args, **kwargs) -> Refused:
    with pytest.raises(Refused) as found:
        function(*args, **kwargs)
    return found.value


def test_until_the_very_instant_and_not_after_it(world, lot, company):
    world.freeze(last(lot))
    assert acts.file_objection(company.actor, lot.id, **SAID).stage == "documents"
    world.advance(milliseconds=1)
    said = refused(acts.file_objection, company.actor, lot.id, **SAID)
    assert said.word.code == "objection.late" and "22" in said.word.law
    assert said.facts["last"] in said.text("zh") and said.facts["last"] in said.text("en")


def test_nobody_is_told_who_before_the_opening_nor_ever_but_those_who_must(world, lot, company):
    file = world.client(company.actor).post(
        f"/lots/{lot.id}/objection-evidence?name=" + quote("证据.pdf"), data=PDF)
    assert file.status_code == 201, file.text
    answer = world.client(company.actor).post(
        f"/lots/{lot.id}/objections", json=SAID | {"evidence": [file.json["id"]]})
    assert answer.status_code == 201, answer.text
    objection = answer.json["id"]
    rival = world.company().actor
    outsiders = (None, rival, world.account("buyer"), world.account("expert"))
    for actor in outsiders:
        assert world.client(actor).get(f"/lots/{lot.id}/objections").json["items"] == []
    for actor in (world.clerk, world.supervisor):
        (shown,) = world.client(actor).get(f"/lots/{lot.id}/objections").json["items"]
        assert shown["argument"] == SAID["argument"] and shown["evidence"] and shown["answer_by"]
        assert not {"party_id", "filed_at", "objector"} & shown.keys()
    path = f"/objections/{objection}/evidence/{file.json['id']}"
    assert world.client(world.clerk).get(path).data == PDF
    assert world.client(rival).get(path).status_code == 403
    for actor in (*outsiders, world.clerk, world.supervisor):
        found = world.client(actor).get(f"/objections/{objection}/objector",
                                        headers={"Access-Reason": quote("核查异议")})
        assert found.status_code in (401, 403, 409), found.text
    acts.answer_objection(world.clerk, lot.id, objection, **ANSWER)
    hunt = (company.party_id, company.uscc, "沉默建设")
    for actor in (*outsiders, world.clerk, world.supervisor):
        page = world.client(actor).get(f"/lots/{lot.id}/objections").text
        assert json.loads(page)["items"][0]["answer"] == ANSWER["text"]
        assert not [one for one in hunt if one in page]
    (mine,) = world.client(company.actor).get(f"/lots/{lot.id}/objections/mine").json["items"]
    assert mine["id"] == objection and world.client(rival).get(
        f"/lots/{lot.id}/objections/mine").json["items"] == []
    world.force_phase(lot.id, "OPENED")
    found = world.client(world.supervisor).get(f"/objections/{objection}/objector",
                                               headers={"Access-Reason": quote("核查异议")})
    assert found.json["uscc"] == company.uscc
    for entry in world.entries():
        if entry.type.startswith("objection."):
            assert not [one for one in hunt[1:] if one in entry.record]
            assert entry.disclose == "never" or hunt[0] not in entry.record


@pytest.mark.parametrize("text", ["沉默建设 集团有限公司认为条件过高", "我司（{uscc}）认为条件过高"])
def test_an_objection_before_the_opening_names_nobody(world, lot, company, text):
    for where in ("argument", "remedy"):
        said = refused(acts.file_objection, company.actor, lot.id,
                       **SAID | {where: text.format(uscc=company.uscc)})
        assert said.word.code == "objection.names-objector"


def test_the_lot_waits_for_the_answer_and_then_closes(world, lot, company):
    world.freeze(last(lot))
    objection = acts.file_objection(company.actor, lot.id, **SAID)
    assert stands(world, lot) is Phase.BIDDING
    world.advance(to=lot.deadline)
    world.tick()
    assert not world.entries("lot.closed") and stands(world, lot) is Phase.BIDDING
    moved = again(world, lot).deadline
    assert moved > objection.answer_by
    acts.answer_objection(world.clerk, lot.id, objection.id, **ANSWER)
    world.advance(to=moved)
    world.tick()
    assert len(world.entries("lot.closed")) == 1


def test_the_first_act_after_a_held_deadline_moves_it_too(world, lot, company):
    world.freeze(last(lot))
    objection = acts.file_objection(company.actor, lot.id, **SAID)
    world.advance(to=lot.deadline + timedelta(seconds=5))
    acts.answer_objection(world.clerk, lot.id, objection.id, **ANSWER)
    assert len(world.entries("deadline.postponed")) == 1 and not world.entries("lot.closed")


def test_an_answer_that_affects_bids_keeps_to_the_time_of_a_clarification(world, lot, company):
    world.freeze(last(lot))
    objection = acts.file_objection(company.actor, lot.id, **SAID)
    said = refused(acts.answer_objection, world.clerk, lot.id, objection.id,
                   **ANSWER | {"affects_bids": True})
    assert said.word is CLARIFIED_LATE
    later = timetable.postponed(lot.deadline, world.now + timedelta(hours=1),
                                timetable.period(lot.profile, "T3.clarification"))
    clerk = world.fresh(world.clerk)
    assert refused(acts.answer_objection, world.stale(world.clerk), lot.id, objection.id,
                   **ANSWER | {"affects_bids": True, "deadline": later}).word.code \
        == "session.step-up"
    acts.answer_objection(clerk, lot.id, objection.id,
                          **ANSWER | {"affects_bids": True, "deadline": later})
    assert again(world, lot).deadline == later


def test_a_question_after_its_hour_is_refused_with_article_and_time(world, lot, company):
    world.freeze(last(lot))
    tendering.ask_question(company.actor, lot.id, text="有无图纸？")
    world.advance(seconds=1)
    said = refused(tendering.ask_question, company.actor, lot.id, text="有无图纸？")
    assert said.word.code == "question.late" and "23" in said.word.law
    assert said.facts["last"] in said.text("zh")


def test_an_answer_is_given_once(world, lot, company):
    objection = acts.file_objection(company.actor, lot.id, **SAID)
    acts.answer_objection(world.clerk, lot.id, objection.id, **ANSWER)
    said = refused(acts.answer_objection, world.chief, lot.id, objection.id, **ANSWER)
    assert said.word.code == "objection.answered"
    assert world.session.query(ObjectionAnswer).count() == 1


def test_an_overdue_answer_is_said_once_and_a_suspension_stops_the_clock(world, lot, company):
    objection = acts.file_objection(company.actor, lot.id, **SAID)
    world.advance(hours=1)
    tendering.suspend_lot(world.fresh(world.supervisor), lot.id, document_no="督〔2026〕7号",
                          reason="核查投诉")
    world.advance(to=objection.answer_by + timedelta(hours=1))
    tendering.resume_lot(world.fresh(world.supervisor), lot.id, document_no="督〔2026〕8号",
                         reason="投诉已处理")
    world.tick()
    assert not world.entries("objection.overdue")
    world.advance(to=objection.answer_by + (objection.answer_by - objection.filed_at))
    world.tick()
    world.tick()
    assert len(world.entries("objection.overdue")) == 1
    (shown,) = world.client(world.clerk).get(f"/lots/{lot.id}/objections").json["items"]
    assert shown["overdue"]
    assert world.client().get(f"/lots/{lot.id}/objections").json["items"] == []


def test_candidates_are_objected_to_while_they_stand_in_public_and_no_award_begins(world, lot):
    company = world.company()
    world.sealed_bid(lot, company, 100_000_000)
    world.force_phase(lot.id, "EVALUATED")
    said = refused(acts.file_objection, company.actor, lot.id, **SAID)
    assert said.word.code == "objection.not-in-publicity"
    ends = timetable.publicity_ends(world.now, 3)
    world.force_phase(lot.id, "AWARDING")
    world.raw("UPDATE lot SET publicity_ends = :ends WHERE id = :lot", lot=lot.id,
              ends=ends if world.postgres
              else ends.isoformat(timespec="milliseconds").replace("+00:00", "Z"))
    objection = acts.file_objection(company.actor, lot.id, **SAID)
    assert objection.stage == "candidates"
    world.advance(to=ends)
    assert stands(world, lot) is Phase.EVALUATED, "the publicity is over, the answer is owed"
    assert refused(acts.file_objection, company.actor, lot.id, **SAID).word.code \
        == "objection.not-in-publicity"
    acts.answer_objection(world.clerk, lot.id, objection.id, **ANSWER)
    assert stands(world, lot) is Phase.AWARDING
    (shown,) = world.client().get(f"/lots/{lot.id}/objections").json["items"]
    assert shown["answer"] == ANSWER["text"] and shown["argument"] is None


def test_at_the_opening_it_is_answered_on_the_spot_and_minuted(world, lot):
    company = world.company()
    world.sealed_bid(lot, company, 100_000_000)
    world.force_phase(lot.id, "OPENING")
    objection = acts.object_at_opening(company.actor, lot.id, **SAID)
    assert refused(acts.answer_objection, world.clerk, lot.id, objection.id,
                   **ANSWER).word is WRONG_PHASE
    acts.answer_at_opening(world.clerk, lot.id, objection.id, **ANSWER)
    assert world.client().get(f"/lots/{lot.id}/objections").json["items"] == [], \
        "while it is being opened nothing tells that somebody bid"
    assert len(world.client(company.actor).get(f"/lots/{lot.id}/objections").json["items"]) == 1
    world.force_phase(lot.id, "OPENED")
    annex = world.client().get(f"/lots/{lot.id}/opening-record/annex").json
    assert [one["answer"] for one in annex["objections"]] == [ANSWER["text"]]
    assert annex["annex_hash"] == reading.annex(world.session, lot.id)["annex_hash"]
    assert company.uscc not in json.dumps(annex)


def test_others_evidence_and_used_evidence_is_none(world, lot, company):
    digest = world.app.extensions["yangguang"].store.put(PDF)
    one = acts.add_evidence(company.actor, lot.id, name="a.pdf", media_type="application/pdf",
                            size=len(PDF), digest=digest)
    rival = world.company()
    assert refused(acts.file_objection, rival.actor, lot.id, **SAID,
                   evidence=[one.id]).word.code == "objection.evidence"
    acts.file_objection(company.actor, lot.id, **SAID, evidence=[one.id])
    assert refused(acts.file_objection, company.actor, lot.id, **SAID,
                   evidence=[one.id]).word.code == "objection.evidence"
    assert world.session.query(Objection).count() == 1


def test_evidence_is_no_litter(world, lot, company):
    store, old = world.app.extensions["yangguang"].store, time.time() - 2 * litter.DAY
    one = acts.add_evidence(company.actor, lot.id, name="a.pdf", media_type="application/pdf",
                            size=len(PDF), digest=store.put(PDF))
    os.utime(store.path(one.hash), (old, old))
    assert litter.remove_unknown(store, litter.named(world.session)) == 0
    assert store.path(one.hash).exists()


def test_a_hostile_file_is_no_evidence(world, lot, company):
    answer = world.client(company.actor).post(
        f"/lots/{lot.id}/objection-evidence?name=" + quote("证据.pdf"), data=b"MZ\x90\x00")
    assert answer.status_code == 422 and answer.json["code"] == "document.type"


def test_an_objection_is_answered_under_its_own_lot(world, lot, company):
    other = world.lots(world.published_tender())[0]
    objection = acts.file_objection(company.actor, lot.id, **SAID)
    assert refused(acts.answer_objection, world.clerk, other.id, objection.id,
                   **ANSWER).word is NOT_FOUND


def found_wrong(world) -> list[str]:
    world.publish_record()
    session = world.session
    return list(rows(session, list(entries(session))))


def test_the_rows_are_what_the_record_says_and_a_changed_one_is_named(world, lot, company):
    objection = acts.file_objection(company.actor, lot.id, **SAID)
    acts.answer_objection(world.clerk, lot.id, objection.id, **ANSWER)
    tendering.suspend_lot(world.fresh(world.supervisor), lot.id, document_no="督〔2026〕7号",
                          reason="核查投诉")
    tendering.resume_lot(world.fresh(world.supervisor), lot.id, document_no="督〔2026〕8号",
                         reason="投诉已处理")
    tendering.terminate_lot(world.fresh(world.clerk), lot.id, reason="项目资金已取消")
    tendering.retender(world.clerk, lot.id)
    assert found_wrong(world) == []
    world.raw("UPDATE lot_suspension SET document_no = '别的文号'")
    world.raw("DELETE FROM lot_hold")
    said = " ".join(found_wrong(world))
    assert "document_no is not what" in said and "lot_hold" in said


def test_two_answers_at_once_are_one(world, lot, company):
    objection = acts.file_objection(company.actor, lot.id, **SAID)
    answers = at_once(world, [lambda who=who: acts.answer_objection(
        who, lot.id, objection.id, **ANSWER).id for who in (world.clerk, world.chief)] * 2)
    assert sorted(answers)[1:] == sorted(["objection.answered"] * 3 + [objection.id])[1:]
    assert answers.count(objection.id) == 1
    assert len(world.entries("objection.answered")) == 1


def test_a_resume_while_the_clock_closes_leaves_one_truth(world, lot):
    supervisor = world.fresh(world.supervisor)
    tendering.suspend_lot(supervisor, lot.id, document_no="督〔2026〕7号", reason="核查投诉")
    world.advance(to=lot.deadline + timedelta(minutes=1))
    supervisor = world.fresh(world.supervisor)
    at_once(world, [
        lambda: tendering.resume_lot(supervisor, lot.id, document_no="督〔2026〕8号",
                                     reason="投诉已处理").id,
        *[lambda: close_if_due(lot.id)] * 3])
    assert again(world, lot).deadline > world.now and stands(world, lot) is Phase.BIDDING
    assert not world.entries("lot.closed") and len(world.entries("tender.resumed")) == 1


def test_an_ending_and_an_authorisation_at_once_are_one_of_them(world, lot):
    for _ in range(3):
        world.sealed_bid(lot)
    world.past_deadline(lot)
    clerk, official = world.fresh(world.clerk), world.fresh(world.officials[0])
    answers = at_once(world, [
        lambda: tendering.terminate_lot(clerk, lot.id, reason="项目资金已取消").lot_id,
        lambda: authorise_opening(official, lot.id, reason="到时开标").lot_id])
    outcomes = set(tenders.lot_facts(world.session, lot.id).outcomes)
    assert len(outcomes & {"terminated", "authorised"}) == 1, answers
    assert answers.count("phase.wrong") == 1
