"""What halts a tender or is objected to, as open data: each public act is one release, nameless,
and nothing before its time."""

import csv
import json
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise

import pytest

from audit.act import CATALOGUE
from portal.ocds import amendments as changes
from portal.ocds import exact
from supervision import acts as watch
from supervision import objections
from supervision.complaints import deciding, filing, handling
from supervision.reading.objections import answer_of
from tender import acts as tenders
from tender import feed
from tender.reading import lot_facts
from tender.timetable import beijing_day
from tests.worlds.tender import EVIDENCE, lot_fields

from .ocds import check, own_extensions
from .test_ocds import lot_of, package, record

usual = pytest.mark.usefixtures("no_officials")

SAID = {"argument": "资格条件与项目规模不相适应", "remedy": "请删除该条件"}
ANSWER = {"outcome": "partly", "text": "条件改为三级资质。"}


def releases(world, tender):
    """The releases as they are now, valid, and merging as they should."""
    check(package(world, tender))
    record(world, tender)
    return package(world, tender)["releases"]


def compiled(world, tender):
    return record(world, tender)["records"][0]["compiledRelease"]["tender"]


def halt(world, lot):
    tenders.suspend_lot(world.fresh(world.supervisor), lot.id, document_no="暂停〔2026〕1号",
                        reason="核查投诉")


def go_on(world, lot):
    tenders.resume_lot(world.fresh(world.supervisor), lot.id, document_no="恢复〔2026〕1号",
                       reason="查清")


def grows(seen, counts):
    """Every list of releases begins with the one before it; so many each time."""
    for earlier, later in pairwise(seen):
        assert [exact.dumps(one) for one in later[:len(earlier)]] == [
            exact.dumps(one) for one in earlier]
    assert [len(one) for one in seen] == counts


@usual
def test_a_suspension_and_its_end_are_a_release_each(world):
    tender = world.published_tender(2)
    lot, seen = lot_of(world, tender), [releases(world, tender)]
    before = lot.deadline
    world.advance(hours=1)
    halt(world, lot)
    seen.append(releases(world, tender))
    world.advance(days=2)
    go_on(world, lot)
    seen.append(releases(world, tender))
    grows(seen, [1, 2, 3])
    assert [one["tag"] for one in seen[-1]] == [["tender"], ["tenderUpdate"], ["tenderAmendment"]]
    assert set(seen[1][-1]["tender"]) == {"id", "suspensions"}
    (said,) = compiled(world, tender)["suspensions"]
    assert said["relatedLot"] == lot.id and said["documentNumber"] == "暂停〔2026〕1号"
    assert said["endDocumentNumber"] == "恢复〔2026〕1号" and said["endRationale"] == "查清"
    assert said["period"]["endDate"] == seen[-1][-1]["date"]
    ends = [datetime.fromisoformat(one["tenderPeriod"]["endDate"])
            for one in compiled(world, tender)["lots"]]
    assert ends == [one.deadline for one in world.lots(tender)] and ends[0] > before


@usual
def test_a_suspension_that_the_law_ends_says_when(world):
    tender = world.published_tender()
    lot, latest = lot_of(world, tender), world.now + timedelta(days=30)
    halt(world, lot)
    assert "maxExtentDate" not in changes.suspensions(world.session, [lot])[0]["period"]
    world.raw("UPDATE lot_suspension SET until = :at", at=latest if world.postgres
              else latest.isoformat(timespec="milliseconds").replace("+00:00", "Z"))
    said = changes.suspensions(world.session, [lot])[0]["period"]["maxExtentDate"]
    assert abs(datetime.fromisoformat(said) - latest) < timedelta(milliseconds=1)


@usual
def test_an_answered_objection_is_told_without_a_word_of_who(world):
    tender = world.published_tender()
    lot, company = lot_of(world, tender), world.company("沉默建设集团有限公司")
    seen = [releases(world, tender)]
    world.advance(hours=1)
    made = watch.file_objection(company.actor, lot.id, **SAID)
    seen.append(releases(world, tender))
    world.advance(hours=1)
    watch.answer_objection(world.clerk, lot.id, made.id, **ANSWER)
    seen.append(releases(world, tender))
    grows(seen, [1, 1, 2])
    (said,) = compiled(world, tender)["objections"]
    shown = world.client().get(f"/lots/{lot.id}/objections").json["items"][0]
    assert said == {
        "id": made.id, "relatedLot": lot.id, "stage": "documents", "status": "answered",
        "description": shown["argument"], "remedySought": shown["remedy"],
        "outcome": "partly", "response": shown["answer"],
        "dateAnswered": seen[-1][-1]["date"], "answeredLate": False}
    text = exact.dumps(package(world, tender))
    assert not [one for one in (company.party_id, company.uscc, "沉默建设", "filed",
                                made.filed_at.strftime("%H:%M:%S")) if one in text]


def test_an_objection_at_the_opening_waits_for_the_opening_record(world):
    """Planted: its release was dated and shown when it was answered."""
    tender = world.published_tender()
    lot, company = lot_of(world, tender), world.company()
    world.sealed_bid(lot, company, 100_000_000)
    world.force_phase(lot.id, "OPENING")
    seen = [releases(world, tender)]
    made = watch.object_at_opening(company.actor, lot.id, **SAID)
    world.advance(minutes=1)
    watch.answer_at_opening(world.clerk, lot.id, made.id, **ANSWER)
    seen.append(releases(world, tender))
    world.advance(minutes=20)
    world.force_phase(lot.id, "OPENED")
    opened_at = lot_facts(world.session, lot.id).outcomes["opened"]
    late = watch.object_at_opening(company.actor, lot.id, **SAID)
    world.advance(minutes=1)
    watch.answer_at_opening(world.clerk, lot.id, late.id, **ANSWER)
    seen.append(releases(world, tender))
    grows(seen, [1, 1, 3])
    dates = [datetime.fromisoformat(one["date"]) for one in seen[-1][1:]]
    assert dates == [opened_at, answer_of(world.session, late.id).answered_at]
    assert [one["stage"] for one in compiled(world, tender)["objections"]] == ["opening"] * 2
    rows, _ = feed.changes_after(world.session, None, 100, tender.id)
    answers = [row for row in rows if "objection" in row.type]
    assert [(row.type, row.at, row.lot_id) for row in answers] == [
        ("opening.objection_answered", dates[1], lot.id)], "the other one the opening tells"
    assert company.uscc not in exact.dumps(package(world, tender))


def test_what_is_said_against_candidates_is_not_spread(world):
    tender = world.published_tender()
    lot, company = lot_of(world, tender), world.company()
    world.sealed_bid(lot, company, 100_000_000)
    world.force_phase(lot.id, "AWARDING")
    ends = world.now + timedelta(days=3)
    world.raw("UPDATE lot SET publicity_ends = :ends WHERE id = :lot", lot=lot.id,
              ends=ends if world.postgres
              else ends.isoformat(timespec="milliseconds").replace("+00:00", "Z"))
    made = watch.file_objection(company.actor, lot.id, **SAID)
    watch.answer_objection(world.clerk, lot.id, made.id, **ANSWER)
    text = exact.dumps(package(world, tender))
    check(package(world, tender))
    assert ANSWER["text"] in text and SAID["argument"] not in text and SAID["remedy"] not in text
    (said,) = compiled(world, tender)["objections"]
    assert said["stage"] == "candidates" and "description" not in said


@usual
def test_a_deadline_that_an_objection_put_off_is_stated_at_once(world):
    """Planted: only acts of people were told of; the clock's postponement was not."""
    tender = world.published_tender()
    lot, company = lot_of(world, tender), world.company()
    world.freeze(objections.last_moment(lot.profile, lot.deadline))
    watch.file_objection(company.actor, lot.id, **SAID)
    seen = [releases(world, tender)]
    world.advance(to=lot.deadline)
    world.tick()
    seen.append(releases(world, tender))
    grows(seen, [1, 2])
    ends = compiled(world, tender)["lots"][0]["tenderPeriod"]["endDate"]
    moved = lot_of(world, tender).deadline
    assert datetime.fromisoformat(ends) == moved > lot.deadline


@usual
def test_an_ended_tender_says_why_and_names_the_one_in_its_place(world):
    tender = world.published_tender()
    lot, seen = lot_of(world, tender), [releases(world, tender)]
    world.advance(hours=1)
    tenders.terminate_lot(world.fresh(world.clerk), lot.id, reason="项目资金已取消",
                          document_no="金东〔2026〕9号")
    seen.append(releases(world, tender))
    world.advance(hours=1)
    again = tenders.retender(world.clerk, lot.id)
    seen.append(releases(world, tender))
    tenders.edit_tender(world.clerk, again.id, if_match=again.version, lots=[
        {"id": lot_of(world, again).id, "deadline": lot_fields(world.now)["deadline"]}])
    notice = tenders.submit_notice(world.clerk, again.id)
    tenders.approve_notice(world.fresh(world.chief), again.id, content_hash=notice.content_hash)
    seen.append(releases(world, tender))
    grows(seen, [1, 2, 2, 3])
    assert seen[1][-1]["tag"] == ["tenderCancellation"]
    ended = compiled(world, tender)["lots"][0]
    assert ended["status"] == "cancelled"
    assert ended["termination"] == {"date": seen[1][-1]["date"], "rationale": "项目资金已取消",
                                    "documentNumber": "金东〔2026〕9号"}
    (after,) = seen[-1][-1]["relatedProcesses"]
    (before,) = releases(world, again)[0]["relatedProcesses"]
    assert (after["relationship"], before["relationship"]) == (
        ["replacementProcess"], ["unsuccessfulProcess"])
    assert (after["identifier"], before["identifier"]) == (again.ocid, tender.ocid)


@usual
def test_every_extension_of_ours_is_served_whole(world):
    sent = package(world, world.published_tender())
    client = world.client()
    served = [address.partition("yg.example/")[2] for address in sent["extensions"]
              if "yg.example" in address]
    assert len(served) == len(list(own_extensions())) == 2
    for address, (folder, said, patch) in zip(served, own_extensions(), strict=True):
        base = f"//{address.rpartition('/')[0]}"
        assert client.get(f"//{address}").get_json() == said
        assert client.get(f"{base}/{said['schemas'][0]}").get_json() == patch
        for name in said.get("codelists", ()):
            text = client.get(f"{base}/codelists/{name}").get_data(as_text=True)
            rows = list(csv.DictReader(text.splitlines()))
            field = json.dumps(patch).partition(f'"codelist": "{name}"')[2]
            assert all(f'"{row["Code"]}"' in field[:200] and row["Title"] for row in rows)
            assert (folder / "codelists" / name).is_file()


@usual
@pytest.mark.parametrize("how", ["suspended", "terminated"])
def test_what_becomes_of_one_lot_changes_no_release_of_another(world, how, monkeypatch):
    """Planted: the opening of a lot counted and named the tenderers of all lots open by then."""
    tender = world.published_tender(2)
    one, two = world.lots(tender)
    monkeypatch.setattr(world, "party", cache(world.party))
    world.opened_rows(one, {"甲": 1, "乙": 2, "丙": 3})
    world.force_phase(one.id, "OPENED")
    world.advance(hours=1)
    world.opened_rows(two, {"甲": 4, "丁": 5, "戊": 6})
    world.force_phase(two.id, "OPENED")
    sent = check(package(world, tender))
    before = {said["id"]: exact.dumps(said) for said in package(world, tender)["releases"]}
    whole = record(world, tender)["records"][0]["compiledRelease"]
    assert len(whole["tender"]["tenderers"]) == 5 and len(sent["releases"][-1]["parties"]) == 3
    world.advance(hours=1)
    if how == "suspended":
        tenders.suspend_lot(world.fresh(world.supervisor), one.id, document_no="暂停1号",
                            reason="核查")
    else:
        tenders.terminate_lot(world.fresh(world.clerk), one.id, reason="项目取消")
    after = {said["id"]: exact.dumps(said) for said in package(world, tender)["releases"]}
    assert set(before) - set(after) == {f"{one.id}-opened"}
    assert all(after[name] == before[name] for name in set(before) & set(after))
    record(world, tender)


@usual
def test_a_complaint_is_told_when_it_is_decided_and_when_it_is_closed(world):
    tender = world.published_tender()
    lot, company = lot_of(world, tender), world.company("沉默建设集团有限公司")
    second = world.account("supervisor", world.supervisor.party_id, region="330703")
    made = filing.file_complaint(company.actor, lot.id, subject="conduct", facts="违法", claims="改正")
    body = world.fresh(world.supervisor)
    handling.accept_complaint(body, lot.id, made.id, document_no="督受〔2026〕1号")
    number = deciding.propose_decision(
        body, lot.id, made.id, outcome="upheld", text="属实", law="招标投标法 18", orders="请改正",
        document_no="督决〔2026〕3号", order_due=beijing_day(world.now) + timedelta(days=9)).number
    seen = [releases(world, tender)]
    deciding.approve_decision(world.fresh(second), lot.id, made.id, proposal=number)
    seen.append(releases(world, tender))
    world.advance(hours=1)
    deciding.report_order(world.keeps_paper(world.clerk), lot.id, made.id, text="已改正",
                          evidence_hash=EVIDENCE)
    deciding.close_complaint(world.fresh(world.supervisor), lot.id, made.id,
                             evidence_hash=EVIDENCE)
    seen.append(releases(world, tender))
    grows(seen, [1, 2, 3])
    (said,) = compiled(world, tender)["decidedComplaints"]
    assert said["status"] == "closed" and said["outcome"] == "upheld" and said["dateClosed"]
    said = "".join(map(exact.dumps, seen[-1]))
    assert company.uscc not in said and "沉默" not in said and company.party_id not in said
    told = {kind for kind in CATALOGUE if kind.startswith("complaint.")
            and feed.tells(CATALOGUE[kind])}
    assert told == {"complaint.decided", "complaint.order_reported", "complaint.report_returned",
                    "complaint.closed"}, "the feed hears of a case when it is decided"
