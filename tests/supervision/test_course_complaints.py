"""Complaints of direct awards and of services: behind an objection, halted, decided by two, fallen."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from decimal import Decimal
from urllib.parse import quote

import pytest

from audit.actor import CLOCK
from evaluation.services import complained, ending
from evaluation.services import reading as market
from evaluation.services.model import Service, ServiceObjection, ServiceOffer
from kernel.db import new_id
from kernel.refusal import DENIED, Refused
from portal.fsck.entries import entries
from portal.fsck.rows import rows
from supervision.complaints import course_filing, deciding, filing, handling, reading, rules
from supervision.complaints.model import CourseComplaint
from supervision.complaints.rules import Known, Objected, Subject
from tender import acts, halted
from tender.model import DirectAward
from tender.profile import has, shipped_for
from tender.timetable import beijing_day, end_of
from tests.portal import ocds
from tests.reader import Reader
from tests.tender.test_direct import STATED, approve, place, stated  # noqa: F401
from tests.worlds.tender import EVIDENCE

from .test_complaint_pages import page
from .test_complaints import code, refused

OBJECTION = {"argument": "另有三家同类企业报价更低", "remedy": "请公开比选"}
LETTER = {"subject": "result", "facts": "未比较即发包，价格偏高。", "claims": "请认定结果无效。"}
CONDUCT = LETTER | {"subject": "conduct", "facts": "承包单位由经办人指定。"}
DECISION = {"outcome": "upheld", "text": "发包前未经集体研究，纪要系事后补写。", "law": "招标投标法 65",
            "document_no": "金东督决〔2026〕8号"}


@pytest.fixture
def award(place):  # noqa: F811
    award_id, digest = stated(place)
    approve(place, award_id, digest)
    return award_id


@pytest.fixture
def company(world):
    return world.company("沉默建设集团有限公司")


def second(world):
    return world.account("supervisor", world.supervisor.party_id, region="330703")


def found_wrong(world) -> list[str]:
    world.publish_record()
    return list(rows(world.session, list(entries(world.session))))


def test_a_direct_award_from_the_objection_to_its_fall(world, award, company):
    own, body = world.client(company.actor), world.client(world.fresh(world.supervisor))
    buyer, public = world.client(world.clerk), world.client()
    path = f"/direct-awards/{award}/complaints"
    assert own.post(path, json=LETTER).json["code"] == "complaint.objection-first"
    objection = acts.object_to_award(company.actor, award, **OBJECTION)
    assert own.post(path, json=LETTER).json["code"] == "complaint.objection-runs"
    acts.answer_award_objection(world.clerk, objection.id, outcome="rejected", text="价格合理。")
    assert own.post(path, json=LETTER | {"subject": "documents"}).status_code == 422
    assert own.post(path, json=LETTER | {"facts": "沉默建设集团有限公司报价更低"}
                    ).json["code"] == "complaint.names-complainant"
    assert own.post(path, json=LETTER | {"evidence": [EVIDENCE]}).json["code"] == "paper.missing"
    world.keeps_paper(company.actor)
    made = own.post(path, json=LETTER | {"evidence": [EVIDENCE]})
    assert made.status_code == 201, made.text
    assert own.post(path, json=LETTER).json["code"] == "complaint.repeated"
    case = f"/complaints/{made.json['id']}"
    assert made.json["about"] == "direct_award" and made.json["lot_id"] is None

    def step(client, name, **said):
        answer = client.post(f"{case}/{name}", json=said)
        assert answer.status_code == 201, (name, answer.text)

    assert [one["id"] for one in body.get("/complaints/courses").json["items"]] \
        == [made.json["id"]] == [one["id"] for one in own.get(f"{path}/mine").json["items"]]
    assert buyer.get(case).status_code == 404 == world.client(
        world.company().actor).get(case).status_code
    assert buyer.get("/complaints/courses").json["items"] == []
    step(body, "acceptance", document_no="督受1", suspend=True, reason="调查")
    assert body.get(case).json["suspended"] and buyer.get(case).status_code == 200
    world.advance(days=5)
    contract = {"amount_fen": STATED["price_fen"], "document_hash": "c" * 64}
    assert code(acts.contract_award, world.clerk, award, signed_at=world.now, **contract) \
        == "course.halted"
    step(body, "statement-request", text="请说明。")
    assert buyer.get("/complaints/courses").json["items"][0]["statement_due"]
    step(buyer, "statement", text="已比较。")
    assert body.post(f"{case}/proposal", json=DECISION | {"outcome": "lacks_facts", "basis": "void"}
                     ).json["code"] == "complaint.basis"
    step(body, "proposal", **DECISION, basis="void")
    number = body.get(case).json["proposal"]
    assert body.post(f"{case}/decision", json={"proposal": number}
                     ).json["code"] == "complaint.same-person"
    assert public.get(path).json["items"] == []
    step(world.client(world.fresh(second(world))), "decision", proposal=number, lift=True)
    (told,) = public.get(path).json["items"]
    assert told["outcome"] == "upheld" and told["basis"] == "void" and told["about_id"] == award
    world.session.expire_all()
    row = world.session.get(DirectAward, award)
    assert row.failed_at is not None and not halted.standing(world.session, award, world.now)
    assert code(acts.contract_award, world.clerk, award, signed_at=world.now, **contract) \
        == "direct.state"
    sent = json.loads(public.get(f"/direct-awards/{award}/ocds").data, parse_float=Decimal)
    ocds.check(sent)
    assert sent["releases"][-1]["tag"] == ["awardCancellation"]
    assert sent["releases"][-1]["tender"]["decidedComplaints"][0]["subject"] == "result"
    hunt = (company.party_id, company.uscc, "沉默建设")
    for text in (json.dumps(told, ensure_ascii=False), buyer.get(case).text, body.get(case).text,
                 body.get("/complaints/courses").text, public.get("/changes").text):
        assert not [one for one in hunt if one in text]
    assert buyer.get(case).json["evidence"] == []
    reason = {"Access-Reason": quote("核查投诉")}
    who = body.get(f"{case}/course-complainant", headers=reason)
    assert who.json["uscc"] == company.uscc
    assert buyer.get(f"{case}/course-complainant", headers=reason).status_code == 403
    assert {one["type"]: one["direct_award_id"] for one in public.get("/changes").json["items"]
            if one["type"].endswith(("suspended", "complaint_decided"))} == {
        "direct_award.suspended": award, "direct_award.complaint_decided": award}
    for entry in world.entries():
        if entry.type.startswith("complaint.") and entry.type != "complaint.decided":
            assert entry.disclose == "never" and entry.veiled
    assert found_wrong(world) == []
    said = list(entries(world.session))
    for one in said:
        if one.record["type"] == "complaint.course_filed":
            one.record["facts"]["about"] = "0" * 32
        if one.record["type"] == "direct_award.suspended":
            one.record["facts"]["document_no"] = "别的文号"
    wrong = " ".join(rows(world.session, said))
    assert "about" in wrong and "document_no" in wrong


def service(world, winner, other) -> Service:
    """A service whose result stood in public and was objected to in vain; laid by hand."""
    at, own = world.now - timedelta(days=3), new_id()
    profile = dict(shipped_for("intermediary", at.date()))
    world.buyer_unit()
    with world._raw.begin() as connection:
        connection.execute(Service.__table__.insert().values(
            id=own, code=own, buyer_id=world.clerk.party_id, region="330703", kind="造价咨询",
            title="结算审核", requirement="报告", budget_fen=3_000_000, method="quote", screen="",
            policy_document="", reason="", offers_until=at, reveal_until=at, profile=profile,
            requested_at=at, requested_person=world.chief.person_id, content_hash="0" * 64,
            approved_at=at, approved_person=world.clerk.person_id, closed_at=at, settled_at=at,
            decided_at=at, winner_id=winner.party_id, price_fen=2_000_000,
            objections_until=world.now))
        connection.execute(ServiceOffer.__table__.insert().values(
            id=new_id(), service_id=own, party_id=other.party_id, commitment="1" * 64,
            offered_at=at, price_fen=2_500_000, proposal_hash="b" * 64, salt="5" * 64,
            revealed_at=at))
        connection.execute(ServiceObjection.__table__.insert().values(
            id=new_id(), service_id=own, party_id=other.party_id, argument="？", remedy="？",
            evidence=[], filed_at=at, answer_by=world.now, outcome="rejected", answer="不成立",
            answered_at=world.now))
    return world.session.get(Service, own)


def test_a_service_waits_while_it_is_halted_and_its_time_runs_anew(world, company):
    found = service(world, world.company(), company)
    row = course_filing.file_course_complaint(company.actor, "service", found.id, **LETTER)
    assert row.last_at >= end_of(beijing_day(world.now) + timedelta(days=10)), "rolled, never less"
    body = world.fresh(world.supervisor)
    handling.accept_complaint(body, None, row.id, document_no="督受2", suspend=True)
    assert code(handling.order_suspension, body, None, row.id, document_no="督暂3", reason="再停") \
        == "course.halted"
    until = market.contract_until(world.session, found)
    world.advance(to=until + timedelta(days=1))
    assert not ending.lapsing(world.session, found, world.now)
    assert code(ending.contract_service, world.clerk, found.id, amount_fen=2_000_000,
                document_hash="c" * 64) == "course.halted"
    body = world.fresh(world.supervisor)
    number = deciding.propose_decision(body, None, row.id, **DECISION | {
        "outcome": "lacks_facts"}).number
    deciding.approve_decision(world.fresh(second(world)), None, row.id, proposal=number, lift=True)
    world.session.expire_all()
    found = world.session.get(Service, found.id)
    assert not ending.lapsing(world.session, found, world.now)
    assert market.contract_until(world.session, found) > world.now + timedelta(days=5)
    late = course_filing.file_course_complaint(company.actor, "service", found.id, **CONDUCT)
    handling.accept_complaint(world.fresh(world.supervisor), None, late.id, document_no="督受4")
    number = deciding.propose_decision(world.supervisor, None, late.id, **DECISION,
                                       basis="void").number
    deciding.approve_decision(world.fresh(second(world)), None, late.id, proposal=number)
    world.session.expire_all()
    assert world.session.get(Service, found.id).failure == "complaint"
    sent = world.client().get(f"/services/{found.id}/ocds").json["releases"]
    assert any("投诉成立" in json.dumps(one, ensure_ascii=False) for one in sent)


def test_who_may_not_judge_and_what_the_clock_says(world, award, company):
    row = course_filing.file_course_complaint(company.actor, "direct_award", award, **CONDUCT)
    far = world.account("supervisor", region="110101")
    assert refused(handling.stand_aside, far, None, row.id, text="？").word is DENIED
    assert world.client(far).get(f"/complaints/{row.id}").status_code == 404
    world.session.rollback()
    with world._raw.begin() as connection:  # who stated it also watches over the place
        connection.execute(DirectAward.__table__.update().where(
            DirectAward.id == award).values(drafted_person=world.supervisor.person_id))
    world.session.expire_all()
    assert code(handling.ask_correction, world.supervisor, None, row.id, text="？") \
        == "role.conflict-in-lot"
    due = reading.clocks(reading.case_of(world.session, row), reading.state(
        world.session, row, world.now))["acceptance_due"]
    world.advance(to=due)
    world.tick()
    assert [one.kind for one in reading.steps_of(world.session, row)] == ["overdue_acceptance"]
    assert code(handling.note_complaint_overdue, CLOCK, row.id) == "complaint.moved"
    with pytest.raises(Refused):  # nobody halts a service but by a case
        complained.suspend_service(world.fresh(world.supervisor), "0" * 32, document_no="1",
                                   reason="1")


def test_what_may_be_complained_of_and_when_its_days_begin(world):
    now = world.now
    profile = shipped_for("village", now.date())
    answered = Known(objection=Objected("result", now - timedelta(days=1), now))
    assert rules.counted_from(profile, Subject.RESULT, answered, now) == now - timedelta(days=1)
    assert rules.OF_COURSES & rules.OF_LOTS == {Subject.FAILURE, Subject.CONDUCT}
    assert rules.OF_COURSES | rules.OF_LOTS == set(Subject)
    assert code(rules.check_subject, Subject.OPENING, course=True) == "complaint.no-event"
    assert code(rules.check_subject, Subject.RESULT, course=False) == "complaint.no-event"
    for outcome, basis, course, fits in (
            ("upheld", "void", True, True), ("upheld", "void", False, False),
            ("lacks_facts", "void", True, False), ("rejected", "", True, False),
            ("rejected", "void", True, False), ("rejected", "forged", False, True),
            ("upheld", "", False, True), ("upheld", "forged", True, False)):
        assert rules.basis_fits(outcome, basis, course=course) is fits
    for name in (rules.CORRECTION, rules.STATEMENT, rules.REVIEW, rules.SUIT):
        assert has(rules.of_profile(shipped_for("intermediary", now.date()), name), name)


def test_complaints_rest_on_rows_of_their_own(world, award, company):
    row = course_filing.file_course_complaint(company.actor, "direct_award", award, **CONDUCT)
    kept = world.session.get(CourseComplaint, row.id)
    assert kept.award_id == award and kept.service_id is None and kept.evidence == []


def test_a_complaint_of_an_award_goes_its_way_through_pages(world, award, company):
    own = page(world, company.actor).get(f"/desk/direct-awards/{award}/complain")
    assert "没有提出过" in own.text
    own.send(f"/direct-awards/{award}/complaints", subject="conduct", facts="经办人指定", claims="改正")
    assert own.status == 200 and "投诉已提交" in own.text
    case = re.search(r"/desk/complaints/[0-9a-f]{32}", own.text)[0]
    body = page(world, world.supervisor)
    assert case in body.get("/desk/complaints").text and case in body.get("/desk").text
    assert "沉默建设" not in body.get(case).text and "course-complainant" in body.text
    body.send("/acceptance", **{"document_no": "督受1", "suspend:bool": "true", "reason": "调查"})
    assert body.status == 200 and "已受理" in body.text
    body.send("/proposal", outcome="upheld", basis="void", text="指定属实", law="招标投标法 65",
              document_no="督决3")
    assert body.status == 200 and "等待另一人批准" in body.text and "结果无效" in body.text
    other = page(world, second(world)).get(case)
    other.send("/decision", **{"lift:bool": "true"})
    assert other.status == 200, other.text
    shown = Reader(world.app, english=True).get(f"/direct-awards/{award}").text
    assert "指定属实" in shown and "the result is void" in shown and "沉默建设" not in shown
    english = page(world, company.actor, english=True)
    assert "Your own complaints" in english.get(f"/desk/direct-awards/{award}/complain").text


def test_what_a_correction_adds_is_before_the_supervisor(world, award, company):
    row = course_filing.file_course_complaint(company.actor, "direct_award", award, **CONDUCT)
    handling.ask_correction(world.supervisor, None, row.id, text="请附证据。")
    world.keeps_paper(company.actor)
    filing.correct_complaint(company.actor, None, row.id, text="见附件。", evidence=[EVIDENCE])
    body = world.client(world.supervisor)
    (sent,) = body.get(f"/complaints/{row.id}").json["evidence"]
    assert body.get(f"/complaints/{row.id}/files/{sent['id']}").status_code == 200
    assert found_wrong(world) == []
    said = list(entries(world.session))
    next(one for one in said if one.record["type"] == "complaint.corrected"
         ).record["facts"]["evidence"] = []
    assert any("evidence" in one for one in rows(world.session, said))
