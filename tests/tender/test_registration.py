"""Registration, what lots ask, plans ahead, and an agency that acts under a recorded authority."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kernel.canonical import parse, time_text
from kernel.refusal import Refused
from tender import acts, reading
from tender.model import ProcurementPlan

from ..worlds.tender import lot_fields

FULL = {"approval_body": "某县发展和改革局", "township": "101", "village": "203",
        "funding": [{"source": "县级财政", "share": "70"}, {"source": "村集体", "share": "30"}],
        "site_visit": None, "plan_id": None}


def refused(function, *args, **kwargs) -> str:
    with pytest.raises(Refused) as caught:
        function(*args, **kwargs)
    return caught.value.word.code


@pytest.fixture
def agency(world):
    """A buyer's unit, an agency, and its person."""
    world.buyer_unit()
    world.agency = world.party("agency")
    return world.account("buyer", party=world.agency)


def authorise(world, tender=None, actions=("project.edit", "notice.view", "notice.submit"), **over):
    return acts.authorise_agency(world.fresh(world.clerk), **{
        "agency": world.agency.uscc, "tender_id": tender and tender.id, "actions": list(actions),
        "letter": "招标代理委托书〔2026〕1号", "letter_hash": "c" * 64, "valid_from": world.now,
        "valid_until": world.now + timedelta(days=30)} | over)


def test_the_registration_and_what_is_asked_stand_in_the_notice(world):
    tender = world.draft_tender()
    (lot,) = world.lots(tender)
    visit = {"at": time_text(world.now + timedelta(days=2)), "place": "村委会门口", "note": ""}
    plan = acts.announce_plan(world.clerk, title="明年道路", description="", region="330703",
                              category="works", estimate_fen=10**8, expected="2026-03")
    acts.set_registration(world.clerk, tender.id, **FULL | {"site_visit": visit,
                                                            "plan_id": plan.id})
    acts.set_requirements(world.clerk, lot.id, licences=[{"kind": "市政公用工程施工总承包",
                                                          "grade": "三级"}],
                          personnel=[], credit=[], consortium=True, members_max=2)
    world.before_publishing(tender)
    notice = acts.submit_notice(world.clerk, tender.id)
    said = parse(notice.content)["more"]
    assert said["registration"]["township"] == "101" and said["registration"]["site_visit"] == visit
    assert said["requirements"][0]["consortium"] is True
    acts.approve_notice(world.fresh(world.chief), tender.id, content_hash=notice.content_hash)
    public = world.client()
    shown = public.get(f"/tenders/{tender.id}/registration").json
    assert shown["funding"][0]["share"] == "70" and shown["plan_id"] == plan.id
    assert public.get(f"/lots/{lot.id}/requirements").json["licences"][0]["grade"] == "三级"
    assert public.get("/plans").json["items"][0]["tenders"] == [tender.id]
    assert refused(acts.set_registration, world.clerk, tender.id, **FULL) == "phase.wrong"


def test_a_change_of_what_is_asked_voids_the_submission(world):
    tender = world.draft_tender()
    (lot,) = world.lots(tender)
    world.before_publishing(tender)
    for change in (lambda: acts.set_registration(world.clerk, tender.id, **FULL),
                   lambda: acts.set_requirements(world.clerk, lot.id, licences=[], personnel=[],
                                                 credit=["x"], consortium=False, members_max=2)):
        notice = acts.submit_notice(world.clerk, tender.id)
        change()
        assert refused(acts.approve_notice, world.fresh(world.chief), tender.id,
                       content_hash=notice.content_hash) == "notice.not-submitted"


def test_shares_a_visit_and_a_plan_that_cannot_be(world):
    tender = world.draft_tender()
    other = world.account("buyer")
    bad = [{"source": "a", "share": "70"}, {"source": "b", "share": "29.99"}]
    assert refused(acts.set_registration, world.clerk, tender.id,
                   **FULL | {"funding": bad}) == "registration.funding"
    plan = acts.announce_plan(other, title="x", description="", region="330703", category="works",
                              estimate_fen=1, expected="2026-03")
    for wrong in (plan.id, "0" * 32):
        assert refused(acts.set_registration, world.clerk, tender.id,
                       **FULL | {"plan_id": wrong}) == "registration.plan"
    (lot,) = world.lots(tender)
    world.before_publishing(tender)
    for at in (world.now - timedelta(hours=1), lot.deadline):
        acts.set_registration(world.clerk, tender.id, **FULL | {"site_visit": {
            "at": time_text(at), "place": "x", "note": ""}})
        with pytest.raises(Refused) as caught:
            acts.submit_notice(world.clerk, tender.id)
        assert [one["code"] for one in caught.value.facts["findings"]] == ["registration.visit-time"]
    assert world.session.get(ProcurementPlan, plan.id).buyer_id == other.party_id


def test_an_agency_does_what_its_letter_says_and_nothing_else(world, agency):
    tender = world.draft_tender()
    edit = {"if_match": tender.version, "description": "代理编制"}
    assert refused(acts.edit_tender, agency, tender.id, **edit) == "object.not-found"
    authorise(world, tender)
    edit["if_match"] = world.tender(tender.id).version
    acts.edit_tender(agency, tender.id, **edit)
    world.before_publishing(tender)
    notice = acts.submit_notice(agency, tender.id)
    assert parse(notice.content)["more"].get("registration") is None
    assert refused(acts.approve_notice, world.fresh(agency), tender.id,
                   content_hash=notice.content_hash) in ("access.denied", "object.not-found")
    acts.approve_notice(world.fresh(world.chief), tender.id, content_hash=notice.content_hash)
    (lot,) = world.lots(tender)
    shown = world.client(agency).get(f"/tenders/{tender.id}").json["allowed_actions"]
    assert "notice.view" in shown and "question.answer" not in shown
    assert refused(acts.ask_question, agency, lot.id, text="?") == "access.denied"


def test_an_authority_counts_from_its_first_moment_to_its_last_and_not_revoked(world, agency):
    tender = world.draft_tender()
    world.freeze()

    def edits() -> str:
        try:
            acts.edit_tender(agency, tender.id, if_match=world.tender(tender.id).version,
                             description=f"{world.number()}")
        except Refused as refusal:
            return refusal.word.code
        return "done"

    begins, ends = world.now + timedelta(hours=1), world.now + timedelta(hours=2)
    authorise(world, tender, valid_from=begins, valid_until=ends)
    assert edits() == "object.not-found"
    world.advance(to=begins)
    assert edits() == "done"
    world.advance(to=ends - timedelta(milliseconds=1))
    assert edits() == "done"
    world.advance(to=ends)
    assert edits() == "object.not-found", "an authority that has run out was taken"
    row = authorise(world, tender)
    assert edits() == "done"
    stranger = world.account("buyer")
    assert refused(acts.revoke_agency, stranger, row.id) == "object.not-found"
    acts.revoke_agency(world.clerk, row.id)
    assert edits() == "object.not-found"
    assert refused(acts.revoke_agency, world.clerk, row.id) == "agency.no-authority"


def test_one_buyers_letter_says_nothing_of_anothers_projects(world, agency):
    mine, other = world.draft_tender(), world.draft_tender()
    authorise(world, mine)
    assert refused(acts.edit_tender, agency, other.id, if_match=other.version,
                   title="x") == "object.not-found"
    authorise(world)  # for all projects of the buyer
    acts.edit_tender(agency, other.id, if_match=world.tender(other.id).version, title="y")
    foreign = acts.create_tender(world.account("buyer"), title="x", description="",
                                 region="330703", funding="", approval_no="",
                                 lots=[lot_fields(world.now)])
    assert refused(acts.edit_tender, agency, foreign.id, if_match=1,
                   title="z") == "object.not-found"


def test_an_agency_makes_a_project_for_its_principal_only(world, agency):
    buyer = world.buyer_unit()
    new = {"title": "代理项目", "description": "", "region": "330703", "funding": "",
           "approval_no": "", "lots": [lot_fields(world.now)], "buyer": buyer.uscc}
    assert refused(acts.create_tender, agency, **new) == "agency.no-authority"
    authorise(world, actions=["project.create"])
    made = acts.create_tender(agency, **new)
    assert reading.tender(world.session, made.id).buyer_id == buyer.id
    assert refused(acts.create_tender, agency, **new | {
        "buyer": world.party("buyer").uscc}) == "agency.no-authority"


def test_who_is_no_agency_gets_no_authority_and_a_past_period_none(world, agency):
    assert refused(authorise, world, agency=world.party("buyer").uscc) == "agency.none"
    assert refused(authorise, world, agency=world.buyer_unit().uscc) == "agency.none"
    assert refused(authorise, world, valid_until=world.now) == "agency.period"
    foreign = acts.create_tender(world.account("buyer"), title="x", description="",
                                 region="330703", funding="", approval_no="",
                                 lots=[lot_fields(world.now)])
    assert refused(authorise, world, foreign) == "object.not-found"


def test_the_register_over_http(world, agency):
    tender = world.draft_tender()
    clerk = world.client(world.clerk)
    (lot,) = world.lots(tender)
    visit = {"at": "2026-03-10T09:00:00+08:00", "place": "村口"}
    put = clerk.put(f"/tenders/{tender.id}/registration", json={
        "approval_body": "某局", "township": "101", "site_visit": visit,
        "funding": [{"source": "财政", "share": "100"}]})
    assert put.status_code == 200, put.json
    assert put.json["site_visit"]["at"] == "2026-03-10T01:00:00.000Z"
    for bad in ({"township": "1011"}, {"site_visit": {"at": "2026-03-10T09:00:00", "place": "x"}},
                {"visitors": []}, {"funding": [{"source": "x", "share": "100.001"}]}):
        assert clerk.put(f"/tenders/{tender.id}/registration", json=bad).status_code == 422, bad
    asked = clerk.put(f"/lots/{lot.id}/requirements", json={"consortium": True, "members_max": 1})
    assert asked.status_code == 422
    assert world.client().get(f"/tenders/{tender.id}/registration").status_code == 404
    made = clerk.post("/agency-authorities", json={
        "agency": world.agency.uscc, "tender_id": tender.id, "actions": ["project.edit"],
        "letter": "委托书", "letter_hash": "d" * 64, "valid_from": time_text(world.now),
        "valid_until": time_text(world.now + timedelta(days=9))})
    assert made.status_code == 201, made.json
    assert clerk.post("/agency-authorities", json={
        "agency": world.agency.uscc, "actions": ["award.confirm"], "letter": "x",
        "letter_hash": "d" * 64, "valid_from": time_text(world.now),
        "valid_until": time_text(world.now + timedelta(days=9))}).status_code == 422
    seen = world.client(agency).get("/agency-authorities").json["items"]
    assert [one["id"] for one in seen] == [made.json["id"]]
    gone = clerk.post(f"/agency-authorities/{made.json['id']}/revocation")
    assert gone.status_code == 201 and gone.json["revoked_at"]
