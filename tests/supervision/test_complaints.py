"""Complaints: in time, behind an objection, to nobody's knowledge before the opening; two persons
decide, and what is suspended stands still."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import quote

import pytest

from audit.actor import CLOCK
from kernel.refusal import NOT_FOUND, WRONG_PHASE, Refused
from portal.fsck.entries import entries
from portal.fsck.rows import rows
from supervision import acts as watching
from supervision.complaints import deciding, filing, handling, reading
from supervision.complaints.model import Complaint, ComplaintStep
from supervision.complaints.states import State
from tender import acts as tendering
from tender.lifecycle import Phase
from tender.profile import number
from tender.reading import phase_of
from tender.timetable import beijing_day, national_calendar, working_days_after
from tests.bidding.test_races import at_once
from tests.reader import Reader
from tests.worlds.tender import PDF

OBJECTION = {"argument": "资格条件与项目规模不相适应", "remedy": "请删除该条件"}
SAID = {"facts": "招标文件要求本地业绩，排斥外地企业。", "claims": "责令删除该条件，重新招标。"}
CONDUCT = SAID | {"subject": "conduct"}
DECISION = {"outcome": "upheld", "text": "本地业绩条件属于以不合理条件限制投标人。",
            "law": "招标投标法 18; 实施条例 32", "document_no": "金东督决〔2026〕3号"}


@pytest.fixture
def lot(world):
    return world.lots(world.published_tender())[0]


@pytest.fixture
def company(world):
    return world.company("沉默建设集团有限公司")


@pytest.fixture
def second(world):
    return world.account("supervisor", world.supervisor.party_id, region="330703")


def refused(function, *args, **kwargs) -> Refused:
    with pytest.raises(Refused) as found:
        function(*args, **kwargs)
    return found.value


def code(function, *args, **kwargs) -> str:
    return refused(function, *args, **kwargs).word.code


def stands(world, row) -> State:
    return reading.state(world.session, world.session.get(Complaint, row.id), world.now)


def filed(world, lot, company, **more) -> Complaint:
    return filing.file_complaint(company.actor, lot.id, **CONDUCT | more)


def accepted(world, row, **more):
    return handling.accept_complaint(world.fresh(world.supervisor), row.lot_id, row.id,
                                     document_no="金东督受〔2026〕1号", **more)


def proposed(world, row, **more):
    return deciding.propose_decision(world.supervisor, row.lot_id, row.id, **DECISION | more)


def paper(world, actor) -> str:
    digest = world.app.extensions["yangguang"].store.put(PDF)
    tendering.keep_paper(actor, name="整改.pdf", media_type="application/pdf", size=len(PDF),
                         digest=digest)
    return digest


def found_wrong(world) -> list[str]:
    world.publish_record()
    return list(rows(world.session, list(entries(world.session))))


def test_from_the_letter_to_the_close(world, lot, company, second):
    """The whole way of a case, over the interface, with what each of the three is shown."""
    own, body = world.client(company.actor), world.client(world.fresh(world.supervisor))
    buyer, other = world.client(world.clerk), world.client(world.fresh(second))
    objection = watching.file_objection(company.actor, lot.id, **OBJECTION)
    letter = SAID | {"subject": "documents", "objection_id": objection.id, "hotline_no": "12345-8282"}
    early = own.post(f"/lots/{lot.id}/complaints", json=letter)
    assert (early.status_code, early.json["code"]) == (409, "complaint.objection-runs")
    watching.answer_objection(world.clerk, lot.id, objection.id, outcome="rejected", text="不改。")
    file = own.post(f"/lots/{lot.id}/complaint-evidence?name=" + quote("证据.pdf"), data=PDF)
    assert file.status_code == 201, file.text
    made = own.post(f"/lots/{lot.id}/complaints", json=letter | {"evidence": [file.json["id"]]})
    assert made.status_code == 201, made.text
    assert made.json["state"] == "filed" and made.json["complainant"] == "沉默建设集团有限公司"
    case = f"/complaints/{made.json['id']}"

    def step(client, path, **said):
        answer = client.post(f"{case}/{path}", json=said)
        assert answer.status_code == 201, (path, answer.text)
        return answer.json

    seen = body.get(case).json
    assert seen["facts"] == SAID["facts"] and seen["complainant"] is None \
        and seen["acceptance_due"] and seen["hotline_no"] == "12345-8282"
    assert buyer.get(case).status_code == 404, "the buyer hears of it once it is accepted"
    assert buyer.get("/complaints").json["items"] == []
    step(body, "correction-request", text="请说明所依据的条款。")
    assert body.get(case).json["acceptance_due"] is None
    said = body.post(f"{case}/refusal", json={"basis": "vague", "text": "不清", "document_no": "1"})
    assert said.json["code"] == "complaint.correction-runs"
    step(own, "correction", text="招标文件第二章 3.1。")
    step(body, "acceptance", document_no="金东督受〔2026〕1号", suspend=True, reason="调查期间暂停")
    assert phase_of(world.session, lot.id, world.now) is Phase.SUSPENDED
    step(body, "statement-request", text="请说明设置该条件的理由。")
    (waits,) = buyer.get("/complaints").json["items"]
    assert waits["statement_due"] and "complainant" not in waits
    step(buyer, "statement", text="为方便管理。")
    assert buyer.post(f"{case}/statement", json={"text": "再说一次"}).json["code"] \
        == "complaint.not-asked"
    step(body, "pause", basis="experts", text="请专家评审条款。")
    assert body.get(case).json["decision_due"] is None
    step(body, "resumption", text="专家认为不合理。")
    step(body, "proposal", **DECISION, orders="删除该条件。",
         order_due=(beijing_day(world.now) + timedelta(days=9)).isoformat())
    number = body.get(case).json["proposal"]
    shown = own.get(case).json
    assert shown["decision"] is None and "proposed" not in {one["kind"] for one in shown["steps"]}
    assert world.client().get(f"/lots/{lot.id}/complaints").json["items"] == []
    mine = body.post(f"{case}/decision", json={"proposal": number})
    assert (mine.status_code, mine.json["code"]) == (403, "complaint.same-person")
    step(other, "decision", proposal=number, lift=True)
    assert phase_of(world.session, lot.id, world.now) is Phase.BIDDING, "lifted with the decision"
    (public,) = world.client().get(f"/lots/{lot.id}/complaints").json["items"]
    assert public["outcome"] == "upheld" and public["orders"] and public["review_until"] \
        and public["state"] == "ordered"
    hunt = (company.party_id, company.uscc, "沉默建设")
    for text in (json.dumps(public, ensure_ascii=False), buyer.get(case).text, body.get(case).text):
        assert not [one for one in hunt if one in text]
    assert buyer.get(case).json["evidence"] == []
    digest = paper(world, world.clerk)
    step(buyer, "report", text="已删除并发布更正公告。", evidence_hash=digest)
    (report,) = [one for one in body.get(case).json["steps"] if one["kind"] == "reported"]
    assert body.get(f"{case}/files/{report['id']}").data == PDF
    assert world.client(world.company().actor).get(
        f"{case}/files/{report['id']}").status_code == 404
    step(body, "closing", evidence_hash=digest)
    assert own.get(case).json["state"] == "closed"
    assert found_wrong(world) == []
    said = list(entries(world.session))
    (closed,) = [one for one in said if one.record["type"] == "complaint.closed"]
    (complaint,) = [one for one in said if one.record["type"] == "complaint.filed"]
    closed.record["facts"]["step_hash"] = complaint.record["facts"]["complaint_hash"] = "0" * 64
    said = [one for one in said if one.record["type"] != "complaint.decided"]
    wrong = " ".join(rows(world.session, said))
    assert "step_hash is not what" in wrong and "complaint_hash is not what" in wrong
    assert "complaint.closed in the record speaks of it" in wrong


def test_before_the_opening_nobody_learns_who(world, lot, company):
    row = filed(world, lot, company)
    case, rival = f"/complaints/{row.id}", world.company().actor
    hunt = (company.party_id, company.uscc, "沉默建设")
    for actor in (None, rival, world.clerk, world.account("buyer"), world.account("expert")):
        assert world.client(actor).get(case).status_code in (401, 404)
        assert world.client(actor).get(f"/lots/{lot.id}/complaints").json["items"] == []
    for actor in (rival, world.clerk, world.supervisor):
        found = world.client(actor).get(f"{case}/complainant",
                                        headers={"Access-Reason": quote("核查投诉")})
        assert found.status_code in (403, 409), found.text
    for text in (world.client(world.supervisor).get(case).text,
                 world.client(world.supervisor).get("/complaints").text):
        assert not [one for one in hunt if one in text]
    accepted(world, row)
    assert code(handling.disclose_complainant, world.fresh(world.supervisor), lot.id, row.id,
                text="需要当面对质") == "complaint.unopened"
    for entry in world.entries():
        if entry.type.startswith("complaint."):
            assert entry.disclose == "never" and entry.veiled
            assert not [one for one in hunt[1:] if one in entry.record]
    world.force_phase(lot.id, "OPENED")
    found = world.client(world.supervisor).get(f"{case}/complainant",
                                               headers={"Access-Reason": quote("核查投诉")})
    assert found.json["uscc"] == company.uscc
    assert world.client(world.clerk).get(case).json["complainant"] is None
    handling.disclose_complainant(world.fresh(world.supervisor), lot.id, row.id, text="需要对质")
    assert world.client(world.clerk).get(case).json["complainant"] == "沉默建设集团有限公司"


def test_one_that_tells_of_a_bid_is_kept_until_the_opening(world, lot, company):
    for one in (company, world.company(), world.company()):
        world.sealed_bid(lot, one, 100_000_000)
    world.past_deadline(lot)
    outside = world.company()
    assert refused(filed, world, lot, outside).word is WRONG_PHASE
    row = filed(world, lot, company)
    assert stands(world, row) is State.KEPT
    body = world.client(world.supervisor)
    assert body.get(f"/complaints/{row.id}").status_code == 404
    assert body.get("/complaints").json["items"] == []
    assert refused(accepted, world, row).word is NOT_FOUND
    assert world.client(company.actor).get(f"/complaints/{row.id}").json["state"] == "kept"
    world.advance(days=20)
    world.tick()
    assert not world.entries("complaint.overdue"), "no clock runs while it is kept"
    world.force_phase(lot.id, "OPENED")
    assert body.get(f"/complaints/{row.id}").json["state"] == "filed"
    accepted(world, row)


@pytest.mark.parametrize("where", ["facts", "claims"])
def test_no_text_names_who_complains(world, lot, company, where):
    assert code(filed, world, lot, company, **{where: "沉默建设 集团有限公司认为不公"}) \
        == "complaint.names-complainant"
    row = filed(world, lot, company)
    assert code(filing.withdraw_complaint, company.actor, lot.id, row.id,
                text=f"我司 {company.uscc} 撤回") == "complaint.names-complainant"
    accepted(world, row)
    assert code(proposed, world, row, text="沉默建设集团有限公司的投诉成立") \
        == "complaint.names-complainant"


def test_others_objections_and_files_carry_no_complaint(world, lot, company):
    rival = world.company()
    objection = watching.file_objection(rival.actor, lot.id, **OBJECTION)
    watching.answer_objection(world.clerk, lot.id, objection.id, outcome="rejected", text="不改。")
    assert code(filed, world, lot, company, subject="documents", objection_id=objection.id) \
        == "complaint.objection-first"
    assert code(filed, world, lot, company, subject="documents") == "complaint.objection-first"
    digest = world.app.extensions["yangguang"].store.put(PDF)
    one = filing.add_complaint_evidence(rival.actor, lot.id, name="a.pdf", size=len(PDF),
                                        media_type="application/pdf", digest=digest)
    assert code(filed, world, lot, company, evidence=[one.id]) == "complaint.evidence"
    assert filed(world, lot, rival, evidence=[one.id]).sealed is False
    assert code(filed, world, lot, rival, evidence=[one.id], facts="另一件事实") \
        == "complaint.evidence"
    assert code(filed, world, lot, rival) == "complaint.repeated"


def test_another_department_and_who_stood_aside_do_nothing(world, lot, company, second):
    row = filed(world, lot, company)
    stranger = world.account("supervisor", region="110000")
    assert refused(handling.ask_correction, stranger, lot.id, row.id,
                   text="请补正").word.code == "access.denied"
    colleague = world.account("supervisor", region="3307")
    accepted(world, row)
    assert code(handling.ask_statement, colleague, lot.id, row.id, text="请说明") \
        == "complaint.other-unit"
    handling.stand_aside(second, lot.id, row.id, text="近亲属在被投诉单位任职")
    assert code(handling.ask_statement, second, lot.id, row.id, text="请说明") \
        == "complaint.recused"
    again = world.account("supervisor", world.supervisor.party_id, region="330703",
                          id_number=world.number_of(second))
    assert code(handling.ask_statement, again, lot.id, row.id, text="请说明") \
        == "complaint.recused", "the person, whatever the account"
    supervisor = world.fresh(world.supervisor)
    assert code(handling.transfer_complaint, supervisor, lot.id, row.id, text="由贵局办理",
                document_no="移〔2026〕1号", unit_id=stranger.party_id) == "complaint.unit-unknown"
    handling.transfer_complaint(supervisor, lot.id, row.id, text="由贵局办理",
                                document_no="移〔2026〕1号", unit_id=colleague.party_id)
    assert code(handling.ask_statement, world.supervisor, lot.id, row.id, text="请说明") \
        == "complaint.other-unit"
    assert stands(world, row) is State.ACCEPTED, "another department goes on with its clocks"
    handling.transfer_complaint(world.fresh(colleague), lot.id, row.id, text="属于其职责",
                                document_no="移〔2026〕2号", department="某市水务局")
    assert stands(world, row) is State.TRANSFERRED


def test_while_it_is_suspended_nothing_is_awarded_and_no_contract_made(world, lot, company, second):
    world.sealed_bid(lot, company, 100_000_000)
    world.force_phase(lot.id, "AWARDED")
    row = filing.file_complaint(company.actor, lot.id, **SAID, subject="award")
    accepted(world, row)
    handling.order_suspension(world.fresh(world.supervisor), lot.id, row.id,
                              document_no="金东督暂〔2026〕2号", reason="调查中标人资格")
    assert phase_of(world.session, lot.id, world.now) is Phase.SUSPENDED
    assert code(handling.order_suspension, world.fresh(world.supervisor), lot.id, row.id,
                document_no="3号", reason="再暂停") == "complaint.not-suspendable"
    refused_ = world.client(world.clerk).post(f"/lots/{lot.id}/contract", json={
        "amount_fen": 1, "signed_at": "2026-03-20T10:00:00+08:00", "document_hash": "a" * 64})
    assert refused_.json["code"] in ("phase.wrong", "session.step-up"), refused_.text
    proposed(world, row, outcome="lacks_facts")
    deciding.approve_decision(world.fresh(second), lot.id, row.id, lift=True,
                              proposal=reading.steps_of(world.session, row)[-1].number)
    assert phase_of(world.session, lot.id, world.now) is Phase.AWARDED
    assert stands(world, row) is State.DECIDED


def test_who_did_not_bid_complains_of_no_award(world, lot, company):
    world.force_phase(lot.id, "FAILED")
    assert code(filing.file_complaint, company.actor, lot.id, **SAID, subject="award") \
        == "complaint.standing"
    assert code(filing.file_complaint, company.actor, lot.id, **SAID, subject="termination") \
        == "complaint.no-event"
    assert filing.file_complaint(company.actor, lot.id, **SAID, subject="failure")


def test_what_a_decision_must_say(world, lot, company):
    row = filed(world, lot, company)
    assert code(proposed, world, row) == "complaint.moved"
    accepted(world, row)
    tomorrow = beijing_day(world.now) + timedelta(days=1)
    assert code(proposed, world, row, outcome="rejected") == "complaint.basis"
    assert code(proposed, world, row, basis="forged") == "complaint.basis"
    assert code(proposed, world, row, orders="请改正") == "complaint.order"
    assert code(proposed, world, row, orders="请改正", order_due=beijing_day(world.now)) \
        == "complaint.order"
    assert code(proposed, world, row, outcome="lacks_facts", orders="请改正",
                order_due=tomorrow) == "complaint.order"
    proposed(world, row, outcome="rejected", basis="forged")
    deciding.return_decision(world.supervisor, lot.id, row.id, text="再核实")
    assert stands(world, row) is State.ACCEPTED


def test_each_clock_is_said_to_be_over_once(world, lot, company, second):
    row = filed(world, lot, company)
    calendar = national_calendar()
    last = working_days_after(beijing_day(world.now), 3, calendar)
    due = world.client(world.supervisor).get(f"/complaints/{row.id}").json["acceptance_due"]
    world.advance(to=world.now + timedelta(days=(last - beijing_day(world.now)).days))
    world.tick()
    assert not world.entries("complaint.overdue"), "its last day is not over"
    world.advance(days=1)
    world.tick()
    world.tick()
    assert len(world.entries("complaint.overdue")) == 1 and due
    accepted(world, row)
    handling.pause_complaint(world.supervisor, lot.id, row.id, basis="test", text="检测")
    world.advance(days=80)
    world.tick()
    assert len(world.entries("complaint.overdue")) == 1, "a clock that stands still"
    handling.resume_complaint(world.supervisor, lot.id, row.id, text="检测合格")
    world.advance(days=80)
    world.tick()
    world.tick()
    assert len(world.entries("complaint.overdue")) == 2
    proposed(world, row, orders="请改正",
             order_due=beijing_day(world.now) + timedelta(days=5))
    deciding.approve_decision(world.fresh(second), lot.id, row.id,
                              proposal=reading.last(reading.steps_of(world.session, row),
                                                    "proposed").number)
    world.advance(days=7)
    world.tick()
    world.tick()
    assert len(world.entries("complaint.overdue")) == 3
    assert world.client().get(f"/lots/{lot.id}/complaints").json["items"][0]["decided_late"]


def test_filed_twice_at_once_is_one_complaint(world, lot, company):
    answers = at_once(world, [lambda: filed(world, lot, company).id] * 4)
    assert answers.count("complaint.repeated") == 3, answers
    assert world.session.query(Complaint).count() == 1
    assert len(world.entries("complaint.filed")) == 1


def test_decided_by_two_at_once_is_one_decision(world, lot, company, second):
    row = filed(world, lot, company)
    accepted(world, row, suspend=True)
    number = proposed(world, row).number
    third = world.account("supervisor", world.supervisor.party_id, region="330703")
    people = [world.fresh(one) for one in (second, third)]
    lot_id, case = lot.id, row.id
    answers = at_once(world, [lambda who=who: deciding.approve_decision(
        who, lot_id, case, proposal=number, lift=True).kind for who in people] * 2)
    assert sorted(answers) == ["complaint.moved"] * 3 + ["decided"], answers
    assert len(world.entries("complaint.decided")) == len(world.entries("tender.resumed")) == 1


def test_a_step_of_the_clock_and_of_a_person_at_once_are_both_numbered(world, lot, company):
    row = filed(world, lot, company)
    world.advance(days=20)
    lot_id, case = lot.id, row.id
    people = world.fresh(world.supervisor)
    at_once(world, [
        lambda: handling.note_complaint_overdue(CLOCK, case).number,
        lambda: handling.accept_complaint(people, lot_id, case, document_no="1号").number])
    numbers = [one.number for one in world.session.query(ComplaintStep)]
    assert sorted(numbers) == list(range(1, len(numbers) + 1)) and stands(world, row) \
        is State.ACCEPTED


def test_a_page_of_cases_says_nothing_of_one_that_is_kept_under_cover(world, lot, company):
    """Of a lot that ended unopened: a page left empty with a cursor would tell that somebody bid."""
    for bidder in (company, world.company(), world.company()):
        world.sealed_bid(lot, bidder, 100_000_000)
    world.past_deadline(lot)
    rows = [filed(world, lot, company, facts=f"事实之{one}") for one in "一二三"]
    world.force_phase(lot.id, "FAILED")
    body = world.client(world.supervisor)
    for limit in (1, 2, 50):
        assert body.get(f"/complaints?limit={limit}").json == {"items": [], "next": None}
    assert body.get(f"/complaints/{rows[0].id}/complainant?reason=x").status_code in (403, 404, 409)
    world.advance(days=number(lot.profile, "cover.days") + 1)
    assert len(body.get("/complaints").json["items"]) == 3


def test_the_buyer_is_told_nothing_that_points_to_who_complains(world, lot, company):
    """It has the challenge on paper before it, and the name of who sent it."""
    row = filed(world, lot, company, hotline_no="12345-77", paper_no="质疑函〔2026〕9号")
    accepted(world, row)
    buyer, body, case = world.client(world.clerk), world.client(world.supervisor), \
        f"/complaints/{row.id}"
    for shown in (buyer.get(case), buyer.get("/complaints")):
        assert "12345-77" not in shown.text and "质疑函" not in shown.text
    assert body.get(case).json["paper_no"] == "质疑函〔2026〕9号"
    assert world.client(company.actor).get(case).json["hotline_no"] == "12345-77"


def test_what_the_buyer_reads_of_its_report_names_nobody(world, lot, company, second):
    row = filed(world, lot, company)
    accepted(world, row)
    proposed(world, row, orders="删除该条件", order_due=beijing_day(world.now) + timedelta(days=9))
    deciding.approve_decision(world.fresh(second), lot.id, row.id,
                              proposal=reading.steps_of(world.session, row)[-1].number)
    digest = paper(world, world.clerk)
    deciding.report_order(world.clerk, lot.id, row.id, text="已删除。", evidence_hash=digest)
    named = "沉默建设集团有限公司认为没有整改"
    assert code(deciding.return_report, world.supervisor, lot.id, row.id, text=named) \
        == "complaint.names-complainant"
    assert code(deciding.close_complaint, world.fresh(world.supervisor), lot.id, row.id,
                evidence_hash=digest, text=named) == "complaint.names-complainant"


def test_no_decision_is_made_of_what_proposed_who_stood_aside(world, lot, company, second):
    row = filed(world, lot, company)
    accepted(world, row)
    proposed(world, row)
    number = reading.steps_of(world.session, row)[-1].number
    handling.stand_aside(world.supervisor, lot.id, row.id, text="近亲属在被投诉单位任职")
    assert code(deciding.approve_decision, world.fresh(second), lot.id, row.id,
                proposal=number) == "complaint.proposer-recused"
    deciding.return_decision(second, lot.id, row.id, text="提出人已回避")
    third = world.account("supervisor", world.supervisor.party_id, region="330703")
    deciding.propose_decision(second, lot.id, row.id, **DECISION)
    deciding.approve_decision(world.fresh(third), lot.id, row.id,
                              proposal=reading.steps_of(world.session, row)[-1].number)
    assert stands(world, row) is State.DECIDED


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_of_which_no_time_can_be_counted_is_refused(world, lot, company, day):
    answer = world.client(company.actor).post(f"/lots/{lot.id}/complaints", json=CONDUCT | {
        "paper_raised": day, "paper_answered": day})
    assert answer.status_code == 422, answer.text
    row = filed(world, lot, company)
    accepted(world, row)
    answer = world.client(world.supervisor).post(f"/complaints/{row.id}/proposal", json=DECISION | {
        "orders": "删除", "order_due": day})
    assert answer.status_code == 422, answer.text


def test_who_stood_aside_reads_nothing_of_the_case_any_more(world, lot, company, second):
    """By no route, list, page, file or log; the person whatever its account, and nobody else."""
    file = world.client(company.actor).post(
        f"/lots/{lot.id}/complaint-evidence?name=" + quote("证据.pdf"), data=PDF).json["id"]
    row = filed(world, lot, company, evidence=[file])
    other = filed(world, lot, world.company())
    accepted(world, row)
    world.force_phase(lot.id, "AWARDED")
    world.publish_record()
    again = world.account("supervisor", world.supervisor.party_id, region="330703",
                          id_number=world.number_of(second))
    case, why = f"/complaints/{row.id}", {"Access-Reason": quote("复核案件")}
    places = (case, f"{case}/files/{file}", f"{case}/supervisors")

    def seen(actor) -> tuple:
        client, own = world.client(world.fresh(actor)), Reader(
            world.app, world.session_token(world.fresh(actor)))
        record = client.get(f"/lots/{lot.id}/record", headers=why).text
        export = client.get(f"/lots/{lot.id}/record/export", headers=why).text
        acting = client.get(f"/lots/{lot.id}/record/actors", headers=why).text
        return ([client.get(one).status_code for one in places],
                [one["id"] for one in client.get("/complaints").json["items"]],
                row.id in record or file in record, row.id in export, own.get(f"/desk{case}").status,
                row.id in own.get("/desk/complaints").text,
                company.actor.account_id in acting)

    whole = seen(second)
    assert whole[0] == [200, 200, 200] and {row.id, other.id} <= set(whole[1])
    assert whole[2] and whole[4:] == (200, True, True), whole
    handling.stand_aside(second, lot.id, row.id, text="近亲属在被投诉单位任职")
    for actor in (second, again):
        left = seen(actor)
        assert left[0] == [403, 403, 403], left
        assert left[1] == [other.id] and not left[2] and not left[3]
        assert left[4:] == (403, False, False)
        assert world.client(world.fresh(actor)).get(
            f"{case}/complainant", headers=why).status_code == 403
    assert world.client(world.fresh(world.supervisor)).get(
        f"{case}/complainant", headers=why).status_code == 200
    assert seen(world.supervisor)[1] == whole[1], "a colleague goes on with it"
