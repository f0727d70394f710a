"""Tender by invitation: its grounds, its list, who may take part, and that nobody learns who."""

from __future__ import annotations

import json
from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from audit.model import PendingEntry
from kernel.canonical import jcs, parse
from kernel.refusal import Refused
from people.edge import PREFIX, ROUTES
from people.uscc import completed
from portal import evidence
from portal.fsck.entries import entries
from portal.fsck.invitations import invitations
from portal.fsck.rows import rows
from portal.verify import command
from portal.verify import invitations as verify_invitations
from portal.verify.findings import Findings
from portal.verify.folder import Evidence
from portal.verify.notices import LotTerms
from portal.verify.parts import Opening
from tender import acts, invitation, profile
from tender.model import Notice
from tender.terms import grounds_of

GROUNDS = {"invite_ground": "few", "invite_reason": "水下抢修作业，省内仅少数单位具备资质与船舶。"}
DAY = date(2026, 3, 2)
THREE = [(completed("91330703", f"MA3K00{n:02d}"), f"某水下工程{n}号有限公司") for n in range(3)]


def codes(found) -> set[str]:
    return {one["code"] for one in found}


def refused(function, *args, **kwargs) -> str:
    with pytest.raises(Refused) as caught:
        function(*args, **kwargs)
    return caught.value.word.code


# --- the rules ------------------------------------------------------------------------------------
@pytest.mark.parametrize(("regime", "change", "wanted"), [
    ("below", {}, set()),
    ("below", {"invite_ground": "other"}, set()),
    ("below", {"invite_ground": ""}, {"lot.invite-ground"}),
    ("village", {"invite_reason": "急"}, {"lot.invite-reason"}),
    ("statutory", {"invite_document": "批复1号"}, set()),
    ("statutory", {"invite_ground": "other", "invite_document": "批复1号"}, {"lot.invite-ground"}),
    ("govproc", {}, set()),
    ("govproc", {"invite_ground": "key"}, {"lot.invite-ground"}),
])
def test_what_an_invitation_rests_on(regime, change, wanted):
    assert codes(invitation.ground_findings(regime, grounds_of(GROUNDS | change))) == wanted


def test_the_approval_lies_among_the_documents_where_tendering_is_a_must():
    grounds = grounds_of(GROUNDS | {"invite_document": "批复1号", "invite_document_hash": "a" * 64})
    assert codes(invitation.paper_findings(True, grounds, {"b" * 64})) == {"lot.invite-paper"}
    assert invitation.paper_findings(True, grounds, {"a" * 64}) == []
    assert invitation.paper_findings(False, grounds, set()) == []
    assert codes(invitation.paper_findings(True, grounds_of(GROUNDS), {"a" * 64})) \
        == {"lot.invite-document"}


def test_three_are_invited_of_whom_none_is_the_buyer_or_barred():
    below = profile.shipped_for("below", DAY)
    assert invitation.list_findings(below, THREE, [], []) == []
    assert codes(invitation.list_findings(below, THREE[:2], [], [])) == {"lot.invitees"}
    assert codes(invitation.list_findings(below, THREE, [THREE[0][0]], [])) == {"lot.invitee-own"}
    assert codes(invitation.list_findings(below, THREE, [], [THREE[2][0]])) \
        == {"lot.invitee-debarred"}
    more = {**below, "numbers": below["numbers"] | {
        "L28.tenderers": below["numbers"]["L28.tenderers"] | {"value": 4}}}
    assert codes(invitation.list_findings(more, THREE, [], [])) == {"lot.invitees"}


def test_the_hash_hides_the_list_and_binds_it():
    lot, salt = "a" * 32, "0" * 64
    said = invitation.commitment(lot, salt, THREE)
    assert said == invitation.commitment(lot, salt, THREE[::-1])
    assert len({said, invitation.commitment(lot, "1" * 64, THREE),
                invitation.commitment(lot, salt, THREE[:2]),
                invitation.commitment("b" * 32, salt, THREE)}) == 4


@pytest.mark.parametrize(("text", "found"), [
    ("请某水下工程 ０号 有限公司到场", True), (THREE[1][0].lower(), True),
    ("水下工程有限公司", False), ("", False)])
def test_a_name_is_found_however_it_is_written(text, found):
    assert invitation.names(text, THREE) is found


def test_the_buyers_own_name_names_nobody():
    assert invitation.names("金东建设局发布", [("", "金东建设")])
    assert not invitation.names("金东建设局发布", [("", "金东建设")], ["金东建设局"])


# --- the course -----------------------------------------------------------------------------------
def invite(world, companies, **over):
    """A published lot by invitation to these companies."""
    tender = drafted(world, companies, **over)
    notice = acts.submit_notice(world.clerk, tender.id)
    acts.approve_notice(world.fresh(world.chief), tender.id, content_hash=notice.content_hash)
    return world.tender(tender.id), world.lots(tender)[0]


def drafted(world, companies, **over):
    tender = world.draft_tender(method="invite", grounds=GROUNDS, **over)
    world.before_publishing(tender)
    for lot in world.lots(tender):
        acts.set_invitees(world.clerk, lot.id, invitees=listed(companies))
    return tender


def listed(companies) -> list[dict]:
    return [{"uscc": one.uscc, "name": f"受邀施工单位{n}有限公司"} for n, one in enumerate(companies)]


def everything(world, who, tender, lot) -> dict[str, str]:
    """Every reading by address that somebody may have, and what it says."""
    client = world.client(who) if who else world.client()
    ids = {"tender_id": tender.id, "lot_id": lot.id}
    found = {}
    for route in ROUTES:
        names = {part.partition(">")[0] for part in route.rule.split("<")[1:]}
        if route.method != "GET" or not names <= ids.keys():
            continue
        path = route.rule.removeprefix(PREFIX)
        for name in names:
            path = path.replace(f"<{name}>", ids[name])
        answer = client.get(path)
        assert answer.status_code < 500, (path, answer.status_code)
        found[path] = answer.get_data().decode("utf-8", "replace")
    for path in (f"//tenders/{tender.id}", "//tenders", "//atom.xml"):
        found[path] = client.get(path).get_data(as_text=True)
    for notice in json.loads(found[f"/tenders/{tender.id}/notices"])["items"]:
        found[notice["id"]] = client.get(f"/notices/{notice['id']}").get_data(as_text=True)
    return found


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nobody_learns_before_the_opening_who_is_invited(world):
    companies = [world.company() for _ in range(3)]
    stranger = world.company()
    tender, lot = invite(world, companies)
    secret = {one.uscc for one in companies} | {one["name"] for one in listed(companies)}
    world.tick(record=True)
    for who in (None, stranger.actor, world.supervisor):
        for path, said in everything(world, who, tender, lot).items():
            assert not [one for one in secret if one in said], path
    own = everything(world, companies[0].actor, tender, lot)
    rivals = secret - {companies[0].uscc, listed(companies)[0]["name"]}
    assert not [path for path, said in own.items() for one in rivals if one in said]
    assert json.loads(own["/invitations"])["items"][0]["lot_id"] == lot.id
    assert world.client(stranger.actor).get("/invitations").json["items"] == []
    entries = [row.record for row in world.session.scalars(select(PendingEntry))]
    entries += [row[0] for row in world.raw("SELECT record FROM disclosure")]
    assert any('"invitees.set"' in one for one in entries)
    assert not [one for one in entries for code in secret if code in one
                and '"invitees.set"' in one]
    assert world.client(world.supervisor).get(f"/lots/{lot.id}/invitees").status_code == 409
    assert len(world.client(world.clerk).get(f"/lots/{lot.id}/invitees").json["invitees"]) == 3
    ocds = json.loads(own[f"/tenders/{tender.id}/ocds"])["releases"][0]["tender"]
    assert ocds["procurementMethod"] == "limited"
    assert ocds["procurementMethodDetails"].startswith("邀请招标（")


def test_only_the_invited_take_part_and_the_list_is_public_with_the_opening(world, tmp_path):
    companies = [world.company() for _ in range(3)]
    stranger = world.company()
    tender, lot = invite(world, companies)
    client = world.client(stranger.actor)
    assert client.post(f"/lots/{lot.id}/questions", json={"text": "有无图纸？"}).json["code"] \
        == "bid.not-invited"
    assert client.get(f"/lots/{lot.id}").status_code == 200
    may = set(client.get(f"/lots/{lot.id}").json["allowed_actions"])
    assert not may & {"bid.declare", "question.ask", "guarantee.submit"}
    assert "objection.file" in may  # 实施条例 22: that it is not put out openly can be objected to
    assert "bid.declare" in world.client(companies[0].actor).get(
        f"/lots/{lot.id}").json["allowed_actions"]
    with pytest.raises(Refused) as caught:
        world.declare(lot, stranger, world.seal(lot, stranger))
    assert caught.value.word.code == "bid.not-invited" and "promise" in caught.value.facts
    assert refused(world.lodged, lot, stranger.actor) == "bid.not-invited"
    # A guarantor is not told which of its clients is invited: what it lodges is taken, and goes back.
    paper, bank = world.paper(lot, stranger.actor), world.account("guarantor", party=world.bank_party)
    assert world.client(bank).post(f"/lots/{lot.id}/guarantees", json={
        "instrument": paper.text, "signature": paper.signature}).status_code == 201
    standing = client.get(f"/lots/{lot.id}/own-standing").json["doubts"]
    assert [one["code"] for one in standing] == ["invitation.none"]
    acts.ask_question(companies[0].actor, lot.id, text="有无图纸？")
    for number, company in enumerate(companies):
        world.sealed_bid(lot, company, price_fen=390_000_000 - number)
    world.past_deadline(lot)
    world.authorise(lot)
    for company in companies:
        world.give_own(lot, company)
    world.tick()
    told = world.client().get(f"/lots/{lot.id}/invitees").json
    assert {one["uscc"] for one in told["invitees"]} == {one.uscc for one in companies}
    said = parse(world.session.scalars(select(Notice.content)).one())
    assert said["more"]["invitations"][0]["commitment"] == told["commitment"] \
        == invitation.commitment(lot.id, told["salt"], [
            (one["uscc"], one["name"]) for one in told["invitees"]])
    world.tick(record=True)
    evidence.write(world.session, tender.id, tmp_path / "made", evidence.Wish(), "http://x")
    verified = command.check(tmp_path / "made", None, None, None)
    # The record was brought up to date once, at the end, so the promises' times are rightly blamed.
    assert not [one for one in verified.problems if not one.startswith("receipts/")]
    assert [one for one in verified.checked if "by invitation" in one.en]
    made = tmp_path / "made" / "invitations" / "lot1.json"
    assert {one["uscc"] for one in parse(made.read_text())["invitees"]} \
        == {one.uscc for one in companies}
    found = [*invitations(world.session), *rows(world.session, list(entries(world.session)))]
    assert not [one for one in found if "invitation" in one]
    world.raw("UPDATE invitee SET name = '另一家有限公司' WHERE uscc = :code",
              code=companies[0].uscc)
    assert "are not those of its hash" in next(invitations(world.session))


def checked(folder, listed_, bids, invited):
    """What the verifier finds of a folder with a list, an opening of `bids`, and the notice's hash."""
    if listed_ is not None:
        (folder / "invitations").mkdir()
        (folder / "invitations" / "lot1.json").write_bytes(jcs(listed_))
    findings = Findings()
    opening = Opening("openings/lot1.json", "a" * 32, {
        "stage": 1, "bids": [{"tenderer": one} for one in bids]}, None)
    terms = LotTerms("a" * 32, 1, "", "", "", terms={"method": "invite"}, invited=invited)
    verify_invitations.check(Evidence(folder, findings), {terms.lot: terms}, [opening], None, "")
    return findings


@pytest.mark.parametrize(("change", "bids", "problem"), [
    ({}, THREE[:2], None),
    ({"salt": "1" * 64}, THREE[:2], "is not the list whose hash"),
    ({"invitees": []}, [], "is not the list whose hash"),
    ({"invitees": [{"uscc": 1}]}, [], "is not a list"),
    ({}, [*THREE, ("91330703MA2TERTA3E", "")], "shows a bid of 91330703MA2TERTA3E"),
    (None, THREE, "is missing"),
])
def test_a_stranger_checks_the_list_and_that_every_bid_came_from_it(tmp_path, change, bids,
                                                                    problem):
    whole = {"lot_id": "a" * 32, "salt": "0" * 64,
             "invitees": [{"uscc": code, "name": name} for code, name in THREE]}
    found = checked(tmp_path, None if change is None else whole | change,
                    [code for code, _ in bids],
                    invitation.commitment("a" * 32, "0" * 64, THREE))
    assert (problem is None) == (found.problems == []), found.problems
    assert problem is None or problem in str(found.problems[0])


def test_two_bids_of_three_invited_fail_the_lot_and_its_list_stays_shut(world):
    companies = [world.company() for _ in range(3)]
    _, lot = invite(world, companies)
    for company in companies[:2]:
        world.sealed_bid(lot, company)
    world.past_deadline(lot)
    world.tick()
    assert world.client().get(f"/lots/{lot.id}").json["phase"] == "FAILED"
    assert world.client().get(f"/lots/{lot.id}/invitees").status_code in (403, 409)
    assert len(world.client(world.supervisor).get(
        f"/lots/{lot.id}/invitees").json["invitees"]) == 3
    again = acts.retender(world.clerk, lot.id)
    assert world.client(world.clerk).get(
        f"/lots/{world.lots(again)[0].id}/invitees").json["invitees"] == []


def test_a_list_is_fixed_with_the_notice_and_any_edit_voids_the_submission(world):
    companies = [SimpleNamespace(uscc=code) for code, _ in THREE]
    tender = drafted(world, companies[:2])
    (lot,) = world.lots(tender)
    with pytest.raises(Refused) as caught:
        acts.submit_notice(world.clerk, tender.id)
    assert codes(caught.value.facts["findings"]) == {"lot.invitees"}
    acts.set_invitees(world.clerk, lot.id, invitees=listed(companies))
    notice = acts.submit_notice(world.clerk, tender.id)
    assert not [code for code, _ in THREE if code in notice.content]
    acts.set_invitees(world.clerk, lot.id, invitees=listed(companies))
    assert refused(acts.approve_notice, world.fresh(world.chief), tender.id,
                   content_hash=notice.content_hash) == "notice.not-submitted"
    twice = [*listed(companies), listed(companies)[0]]
    assert refused(acts.set_invitees, world.clerk, lot.id, invitees=twice) == "invitees.twice"
    notice = acts.submit_notice(world.clerk, tender.id)
    acts.approve_notice(world.fresh(world.chief), tender.id, content_hash=notice.content_hash)
    assert refused(acts.set_invitees, world.clerk, lot.id, invitees=listed(companies)) \
        == "phase.wrong"


def test_no_text_that_is_published_names_one_who_is_invited(world):
    companies = [world.company() for _ in range(3)]
    name = listed(companies)[1]["name"]
    tender = drafted(world, companies)
    acts.edit_tender(world.clerk, tender.id, if_match=world.tender(tender.id).version,
                     description=f"拟请{name}等单位实施")
    with pytest.raises(Refused) as caught:
        acts.submit_notice(world.clerk, tender.id)
    assert codes(caught.value.facts["findings"]) == {"lot.invitee-named"}
    acts.edit_tender(world.clerk, tender.id, if_match=world.tender(tender.id).version,
                     description="水下抢修")
    notice = acts.submit_notice(world.clerk, tender.id)
    acts.approve_notice(world.fresh(world.chief), tender.id, content_hash=notice.content_hash)
    (lot,) = world.lots(tender)
    asked = acts.ask_question(companies[0].actor, lot.id, text="现场由谁配合？")
    assert refused(acts.answer_question, world.clerk, lot.id, asked.id,
                   text=f"由{name}配合。") == "invitees.named"
    acts.answer_question(world.clerk, lot.id, asked.id, text="由业主配合。")
    assert refused(acts.terminate_lot, world.fresh(world.clerk), lot.id,
                   reason=f"{name}无法参加") == "invitees.named"
    # A supervisor does not know the list: a refusal would let it try names.
    acts.suspend_lot(world.fresh(world.supervisor), lot.id, document_no="1号", reason="核查")
    world.advance(days=1)
    acts.resume_lot(world.fresh(world.supervisor), lot.id, document_no="2号",
                    reason=f"与{name}无关")
