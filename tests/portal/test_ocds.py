"""The release package: valid, exact, never early, and only ever longer."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import chain, pairwise

import pytest

from evaluation import acts as awarding
from portal.ocds import exact
from portal.ocds.merge import compiled
from portal.ocds.releases import record_package, release_package
from tender import acts as tenders
from tender import timetable
from tests.worlds.tender import lot_fields

from .ocds import check, merger

pytestmark = pytest.mark.usefixtures("no_officials")

SEALED = ("BIDDING", "CLOSED", "OPENING")


def package(world, tender):
    return release_package(world.session, tender.id, world.now, base="https://yg.example")


def lot_of(world, tender, number=1):
    return world.lots(tender)[number - 1]


def finished(world, **over):
    """A tender whose lot went all the way to the contract."""
    tender = world.published_tender(**over)
    lot = lot_of(world, tender)
    prices = world.opened_rows(lot)
    world.force_phase(lot.id, "OPENED")
    contract = world.contracted(lot)
    return tender, prices, contract


def test_a_published_tender_is_valid_and_exact(world):
    tender = world.published_tender(2, price_ceiling_fen=123_456_789)
    sent = check(package(world, tender))
    assert [release["tag"] for release in sent["releases"]] == [["tender"]]
    said = sent["releases"][0]["tender"]
    assert said["status"] == "active"
    assert {lot["status"] for lot in said["lots"]} == {"active"}
    assert said["value"] == {"amount": Decimal("2469135.78"), "currency": "CNY"}
    assert '"amount":1234567.89,' in exact.dumps(package(world, tender))
    assert len(said["items"]) == 6 and said["items"][0]["quantity"] == Decimal("1.5")
    assert said["documents"][0]["digest"]["algorithm"] == "sha256"
    deadline = lot_of(world, tender).deadline
    assert said["lots"][0]["tenderPeriod"]["endDate"].endswith("+08:00")
    assert datetime.fromisoformat(said["lots"][0]["tenderPeriod"]["endDate"]) == deadline


@pytest.mark.parametrize("phase", SEALED)
def test_nothing_sealed_is_in_it(world, phase):
    tender = world.published_tender()
    lot = lot_of(world, tender)
    world.opened_rows(lot)  # there, as they would be in a leaking database
    world.force_phase(lot.id, phase)
    text = exact.dumps(package(world, tender))
    for secret in ("建设有限公司", "3851200.00", "某某", "numberOfTenderers", '"bids"', "tenderers"):
        assert secret not in text, secret
    world.force_phase(lot.id, "OPENED")
    text = exact.dumps(package(world, tender))
    for shown in ("甲建设有限公司", "3851200.00", '"numberOfTenderers":4', '"bids"'):
        assert shown in text, shown


def test_the_whole_story_is_valid_and_merges(world):
    tender, prices, contract = finished(world)
    sent = check(package(world, tender))
    tags = [release["tag"][0] for release in sent["releases"]]
    assert tags == ["tender", "tenderUpdate", "tenderUpdate", "award", "contract"]
    assert len({release["id"] for release in sent["releases"]}) == len(tags)
    dates = [release["date"] for release in sent["releases"]]
    assert dates == sorted(dates) and sent["publishedDate"] == dates[-1]

    whole = merger().create_compiled_release(sent["releases"])
    assert whole["tender"]["status"] == "complete"
    assert whole["tender"]["lots"][0]["status"] == "complete"
    assert whole["tender"]["numberOfTenderers"] == 4
    assert {bid["id"] for bid in whole["bids"]["details"]} == set(prices.values())
    assert {bid["value"]["amount"] for bid in whole["bids"]["details"]} == {
        Decimal("3851200.00"), Decimal("3792500.50"), Decimal("3815000.01"),
        Decimal("3620880.00")}
    assert len(whole["tender"]["lots"][0]["candidates"]) == 3
    award, signed = whole["awards"][0], whole["contracts"][0]
    assert signed["awardID"] == award["id"]
    assert signed["value"]["amount"] == Decimal(contract.amount_fen) / 100
    supplier = award["suppliers"][0]["id"]
    roles = {party["id"]: party["roles"] for party in whole["parties"]}
    assert roles[supplier] == ["tenderer", "supplier"]
    assert sorted(chain.from_iterable(roles.values())) == [
        "buyer", "procuringEntity", "supplier", *["tenderer"] * 4]
    assert len(whole["tender"]["lots"][0]["panel"]) == 5
    references = {reference["id"] for reference in _references(sent)}
    assert references <= set(roles)


def _references(value):
    if isinstance(value, dict):
        if str(value.get("id", "")).startswith("CN-USCC-"):
            yield value
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def test_what_was_released_stays_as_it_was(world):
    tender = world.published_tender()
    lot = lot_of(world, tender)
    seen = [package(world, tender)["releases"]]
    asker = world.account("tenderer")
    question = tenders.ask_question(asker, lot.id, text="以图纸还是清单为准？")
    seen.append(package(world, tender)["releases"])
    assert seen[1] == seen[0], "an unanswered question is not public"
    tenders.answer_question(world.clerk, lot.id, question.id, text="以图纸为准。")
    seen.append(package(world, tender)["releases"])
    world.opened_rows(lot)
    world.advance(days=1)
    world.force_phase(lot.id, "OPENED")
    seen.append(package(world, tender)["releases"])
    world.advance(days=1)
    world.contracted(lot)
    seen.append(package(world, tender)["releases"])
    for earlier, later in pairwise(seen):
        assert later[:len(earlier)] == earlier
    assert [len(releases) for releases in seen] == [1, 1, 2, 3, 6]


def test_a_moved_deadline_amends_and_the_first_release_keeps_its_bytes(world):
    """Planted: the first release took the deadline from the lot as it is now."""
    tender = world.published_tender(2)
    lot, other = world.lots(tender)
    first = exact.dumps(package(world, tender)["releases"][0])
    for days in (3, 6):
        world.advance(hours=1)
        later = lot.deadline + timedelta(days=days)
        while not timetable.national_calendar().working(timetable.beijing_day(later)):
            later += timedelta(days=1)
        tenders.move_deadline(world.fresh(world.clerk), lot.id, later, why="图纸更正")
    sent = check(package(world, tender))
    assert exact.dumps(package(world, tender)["releases"][0]) == first
    assert [one["tag"][0] for one in sent["releases"]] == ["tender", *["tenderAmendment"] * 2], \
        "one release for each act"
    whole = record(world, tender)["records"][0]["compiledRelease"]["tender"]
    ends = [datetime.fromisoformat(one["tenderPeriod"]["endDate"]) for one in whole["lots"]]
    assert ends == [one.deadline for one in world.lots(tender)] == [later, other.deadline]
    assert datetime.fromisoformat(whole["tenderPeriod"]["endDate"]) == later
    assert [one["rationale"] for one in whole["amendments"]] == ["图纸更正"] * 2


def test_an_amendment_of_everything_changes_no_release_before_it(world):
    tender = world.published_tender(2)
    lot = lot_of(world, tender)
    before = exact.dumps(package(world, tender)["releases"][0])
    draft = tenders.draft_amendment(
        world.clerk, tender.id, why="设计单位更正图纸。", affects_bids=False, description="新说明",
        lots=[{"id": lot.id, "price_ceiling_fen": lot.price_ceiling_fen - 100, "items": [
            {"code": "9", "description": "石方", "unit": "m3", "quantity": "2.5"}]}])
    sent = tenders.submit_amendment(world.clerk, tender.id, draft.id)
    tenders.approve_amendment(world.fresh(world.chief), tender.id, draft.id,
                              content_hash=sent.content_hash)
    assert exact.dumps(package(world, tender)["releases"][0]) == before
    check(package(world, tender))
    whole = record(world, tender)["records"][0]["compiledRelease"]["tender"]
    assert whole["description"] == "新说明" and whole["amendments"][0]["rationale"]
    assert whole["lots"][0]["value"]["amount"] == Decimal(lot.price_ceiling_fen - 100) / 100
    bill = {one["id"]: one["description"] for one in whole["items"]
            if one["relatedLot"] == lot.id}
    assert bill == {f"{lot.id}-1": "石方", f"{lot.id}-2": "（已删除）", f"{lot.id}-3": "（已删除）"}


def record(world, tender):
    """The record, whose compiled release is what ocdsmerge makes of its releases."""
    made = record_package(world.session, tender.id, world.now, base="https://yg.example")
    (one,) = json.loads(exact.dumps(made), parse_float=Decimal)["records"]
    assert one["compiledRelease"] == merger().create_compiled_release(one["releases"])
    assert one["releases"] == json.loads(exact.dumps(package(world, tender)),
                                         parse_float=Decimal)["releases"]
    return made


def test_the_record_is_what_ocdsmerge_makes_of_the_releases(world):
    tender, _, _ = finished(world)
    made = record(world, tender)
    assert made["records"][0]["compiledRelease"]["tender"]["status"] == "complete"
    answer = world.client().get(f"/tenders/{tender.id}/ocds/record")
    assert answer.status_code == 200
    again = world.client().get(f"/tenders/{tender.id}/ocds/record",
                               headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert world.client().get(f"/tenders/{world.draft_tender().id}/ocds/record").status_code == 404


def test_a_pause_of_the_publicity_says_the_new_end_and_changes_no_release(world):
    tender = world.published_tender()
    lot = lot_of(world, tender)
    world.opened_rows(lot)
    world.force_phase(lot.id, "OPENED")
    world.scored(lot)
    awarding.publish_candidates(world.clerk, lot.id)
    before = package(world, tender)["releases"]
    watch = world.fresh(world.supervisor)
    tenders.suspend_lot(watch, lot.id, document_no="暂停〔2026〕1号", reason="核查")
    world.advance(days=2)
    tenders.resume_lot(world.fresh(world.supervisor), lot.id, document_no="恢复〔2026〕1号",
                       reason="查清")
    sent = check(package(world, tender))
    assert package(world, tender)["releases"][:len(before)] == before
    ends = sent["releases"][-1]["tender"]["lots"][0]["candidatesPeriod"]["endDate"]
    assert datetime.fromisoformat(ends) == lot_of(world, tender).publicity_ends


def test_a_second_round_names_the_one_before(world):
    tender = world.published_tender()
    lot = lot_of(world, tender)
    tenders.terminate_lot(world.fresh(world.clerk), lot.id, reason="项目取消")
    assert record(world, tender)["records"][0]["compiledRelease"]["tender"]["status"] == "cancelled"
    again = tenders.retender(world.clerk, lot.id)
    tenders.edit_tender(world.clerk, again.id, if_match=again.version, lots=[
        {"id": lot_of(world, again).id, "deadline": lot_fields(world.now)["deadline"]}])
    world.before_publishing(world.tender(again.id))
    notice = tenders.submit_notice(world.clerk, again.id)
    tenders.approve_notice(world.fresh(world.chief), again.id, content_hash=notice.content_hash)
    (link,) = check(package(world, again))["releases"][0]["relatedProcesses"]
    assert link["identifier"] == tender.ocid and link["relationship"] == ["unsuccessfulProcess"]
    record(world, again)


def test_merging_by_the_rules():
    """The cases in which merging is easily done wrong."""
    first = {"ocid": "o", "id": "1", "date": "2026-01-01", "tag": ["tender"], "tender": {
        "id": "t", "title": "旧", "lots": [{"id": "1", "status": "active"}, {"id": "2"}],
        "submissionMethod": ["a", "b"], "description": "x"}}
    second = {"ocid": "o", "id": "2", "date": "2026-01-02", "tag": ["tenderUpdate"], "tender": {
        "id": "t", "description": None, "submissionMethod": ["c"],
        "lots": [{"id": "2", "status": "active"}, {"id": "3"}, {"id": "1", "status": "complete"}]}}
    kept = json.dumps([first, second])
    assert compiled([first, second]) == {
        "ocid": "o", "id": "o-2026-01-02", "date": "2026-01-02", "tag": ["compiled"], "tender": {
            "id": "t", "title": "旧", "submissionMethod": ["c"],
            "lots": [{"id": "1", "status": "complete"}, {"id": "2", "status": "active"},
                     {"id": "3"}]}}
    assert json.dumps([first, second]) == kept, "releases are read, never changed"


def test_a_question_says_nothing_of_its_asker(world):
    tender = world.published_tender()
    lot = lot_of(world, tender)
    company = world.party("tenderer", name="好问建设有限公司")
    question = tenders.ask_question(world.account("tenderer", party=company), lot.id, text="几米？")
    world.advance(hours=1)
    tenders.answer_question(world.clerk, lot.id, question.id, text="三米。")
    made = package(world, tender)
    check(made)
    text = exact.dumps(made)
    assert "三米" in text and "好问" not in text and company.id not in text
    assert company.uscc not in text
    enquiry = made["releases"][-1]["tender"]["enquiries"][0]
    assert set(enquiry) == {"id", "description", "answer", "dateAnswered", "relatedLot"}


def test_a_failed_lot_is_unsuccessful_and_tells_no_number(world):
    tender = world.published_tender(2)
    lot = lot_of(world, tender, 2)
    world.opened_rows(lot, {"甲": 1, "乙": 2})
    world.force_phase(lot.id, "FAILED")
    sent = check(package(world, tender))
    last = sent["releases"][-1]
    assert last["tender"]["lots"] == [{"id": lot.id, "status": "unsuccessful"}]
    assert last["tender"]["status"] == "active", "the other lot goes on"
    assert "建设有限公司" not in json.dumps(sent, default=str, ensure_ascii=False)


def test_a_rejected_and_an_unopened_bid_are_told_apart(world):
    tender = world.published_tender()
    lot = lot_of(world, tender)
    bids = world.opened_rows(lot, verdicts={"甲": ("rejected", "超过最高投标限价"),
                                            "乙": ("unopened", "technical: shares_missing")})
    world.force_phase(lot.id, "OPENED")
    sent = check(package(world, tender))
    found = {bid["id"]: bid for bid in sent["releases"][-1]["bids"]["details"]}
    assert found[bids["甲"]]["status"] == "disqualified"
    assert found[bids["乙"]]["status"] == "withdrawn" and "value" not in found[bids["乙"]]
    assert found[bids["丙"]]["status"] == "valid"
    numbers = {one["measure"]: one["value"]
               for one in sent["releases"][-1]["bids"]["statistics"]}
    assert numbers == {"bids": 4, "validBids": 2, "tenderers": 4}


def test_over_http(world):
    draft = world.draft_tender()
    tender = world.published_tender()
    client = world.client()
    assert client.get(f"/tenders/{draft.id}/ocds").status_code == 404
    answer = client.get(f"/tenders/{tender.id}/ocds")
    assert answer.status_code == 200 and answer.mimetype == "application/json"
    sent = json.loads(answer.data, parse_float=Decimal)
    assert sent["releases"][0]["ocid"] == tender.ocid
    own = sent["extensions"][-1].partition("://")[2].partition("/")[2]
    extension = client.get(f"//{own}")
    assert extension.status_code == 200 and "name" in extension.get_json()
    for suspended in [lot.id for lot in world.lots(tender)]:
        world.opened_rows(lot_of(world, tender))
        world.force_phase(suspended, "SUSPENDED")
    assert "建设有限公司" not in client.get(f"/tenders/{tender.id}/ocds").get_data(as_text=True)
