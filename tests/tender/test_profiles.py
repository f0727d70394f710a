"""Profiles as rows: proposed and approved by two people, by place and day, frozen at publication."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from kernel.db import db
from kernel.refusal import Refused
from tender import acts, profile, reading
from tender.model import RuleProfile

BASE = "below-2026-3"


def refused(call, *args, **kwargs) -> str:
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    return caught.value.word.code


def value(name: str, count: int, unit: str) -> dict:
    return {name: {"value": count, "unit": unit, "mark": "found", "source": "本县办法第九条",
                   "breach": "reason"}}


def days(count: int) -> dict:
    return value("T2.comprehensive", count, "calendar_days")


def proposal(world, **changes) -> dict:
    return {"base": BASE, "region": "330703", "valid_from": world.now.date(),
            "title": {"zh": "某县规则", "en": "A county's rules"}, "why": "本县办法第九条规定十五日。",
            "changes": days(15)} | changes


@pytest.fixture
def two(world):
    """Two supervisors of the county, who are two persons."""
    return [world.fresh(world.account("supervisor", region="330703")) for _ in range(2)]


def in_force(world, regime="below", region="330703", day=None):
    db.session.rollback()
    return reading.profile_in_force(db.session, regime, region, day or world.now.date())


def test_a_county_changes_a_number_and_only_the_next_tender_obeys(world, two):
    before = world.published_tender()
    row = acts.propose_profile(two[0], **proposal(world))
    assert row.id == "below-330703-1" and in_force(world)["id"] == BASE
    acts.approve_profile(two[1], row.id, body_hash=row.body_hash)
    assert in_force(world)["numbers"]["T2.comprehensive"]["value"] == 15
    assert in_force(world, region="330702")["id"] == BASE
    with pytest.raises(Refused) as early:
        world.published_tender(deadline=world.now + timedelta(days=11))
    assert early.value.word.code == "lot.deadline-early"
    after = world.published_tender(deadline=world.now + timedelta(days=21))
    assert [world.lots(one)[0].profile["id"] for one in (before, after)] == [BASE, row.id]
    (entry,) = [json.loads(one.record) for one in world.written("profile.approved")]
    assert entry["facts"]["body_hash"] == row.body_hash
    assert entry["facts"]["proposed_by"] == two[0].account_id


def test_a_profile_holds_from_its_day_on_and_the_nearest_place_counts(world, two):
    city = [world.fresh(world.account("supervisor", region="3307")) for _ in range(2)]
    later = world.now.date() + timedelta(days=30)
    row = acts.propose_profile(city[0], **proposal(world, region="3307", changes=days(12)))
    acts.approve_profile(city[1], row.id, body_hash=row.body_hash)
    own = acts.propose_profile(two[0], **proposal(world, base=row.id, valid_from=later))
    acts.approve_profile(two[1], own.id, body_hash=own.body_hash)
    assert in_force(world)["id"] == row.id
    assert in_force(world, day=later - timedelta(days=1))["id"] == row.id
    assert in_force(world, day=later)["id"] == own.id
    assert in_force(world, region="330702", day=later)["id"] == row.id
    assert in_force(world, region="330102", day=later)["id"] == BASE


def test_who_proposed_may_not_approve_nor_anybody_of_another_place(world, two):
    row = acts.propose_profile(two[0], **proposal(world))
    assert refused(acts.approve_profile, two[0], row.id, body_hash=row.body_hash) \
        == "profile.same-person"
    far = world.fresh(world.account("supervisor", region="330102"))
    assert refused(acts.approve_profile, far, row.id, body_hash=row.body_hash) == "access.denied"
    assert refused(acts.propose_profile, far, **proposal(world)) == "access.denied"
    world.buyer_unit()
    assert refused(acts.propose_profile, world.clerk, **proposal(world)) == "access.denied"
    county = world.account("supervisor", region="330703")
    assert refused(acts.propose_profile, county, **proposal(world, region="3307")) \
        == "access.denied"
    assert refused(acts.approve_profile, two[1], row.id, body_hash="0" * 64) == "profile.moved"
    acts.approve_profile(two[1], row.id, body_hash=row.body_hash)
    assert refused(acts.approve_profile, two[1], row.id, body_hash=row.body_hash) \
        == "profile.decided"
    assert refused(acts.approve_profile, two[1], BASE, body_hash="0" * 64) == "access.denied"


@pytest.mark.parametrize(("changes", "code"), [
    ({"changes": {"T2.comprehensive": None}}, "profile.wrong"),
    ({"changes": {"T99.unread": days(1)["T2.comprehensive"]}}, "profile.wrong"),
    ({"changes": {"T2.comprehensive": days(1)["T2.comprehensive"] | {"unit": "fen"}}},
     "profile.wrong"),
    ({"changes": {"BD1.rate": days(2)["T2.comprehensive"] | {"unit": "rate"}}}, "profile.wrong"),
    ({"valid_from": date(2025, 1, 1)}, "profile.past"),
    ({"base": "below-2019-1"}, "object.not-found"),
    ({"base": "statutory-2026-1", "changes": days(19)}, "profile.looser"),
    ({"changes": value("limit.works_fen", 400_000_001, "fen")}, "profile.looser"),
    ({"changes": {"limit.works_fen": None}}, "profile.looser"),
    ({"changes": value("cover.days", 367, "calendar_days")}, "profile.wrong"),
    ({"changes": days(10**15)}, "profile.wrong"),
    ({"changes": value("L28.tenderers", 0, "count")}, "profile.wrong"),
    ({"base": "village-2026-2", "changes": {"watch.payment_fen": None}}, "profile.wrong"),
    ({"base": "intermediary-2026-1", "changes": {"service.reveal_hours": None}}, "profile.wrong"),
])
def test_what_a_profile_may_not_say(world, two, changes, code):
    assert refused(acts.propose_profile, two[0], **proposal(world, **changes)) == code
    db.session.rollback()
    assert db.session.query(RuleProfile).filter_by(shipped=False).count() == 0


def test_the_law_may_be_made_stricter(world, two):
    row = acts.propose_profile(two[0], **proposal(world, base="statutory-2026-1",
                                                  changes=days(25)))
    assert row.id == "statutory-330703-1"


def test_an_approval_after_its_day_is_refused(world, two):
    row = acts.propose_profile(two[0], **proposal(world))
    world.advance(days=1, hours=1)
    late = world.fresh(two[1])
    assert refused(acts.approve_profile, late, row.id, body_hash=row.body_hash) == "profile.past"


def test_splitting_needs_a_reason_that_is_recorded(world):
    world.buyer_unit()
    fields = {"estimate_fen": 210_000_000, "price_ceiling_fen": 200_000_000,
              "guarantee": {"amount_fen": 0}}
    world.published_tender(**fields)
    world._projects = 0  # the same title and approval number again
    with pytest.raises(Refused) as alert:
        world.published_tender(**fields)
    (found,) = alert.value.facts["findings"]
    assert found["code"] == "lot.split" and "49" in found["law"]
    world._projects = 0
    world.published_tender(**fields, grounds={"reasons": {
        "split.months": "两期资金来源与立项年度不同，经发改部门书面确认。"}})
    entry = json.loads(world.written("notice.approved")[-1].record)
    (said,) = entry["facts"]["lots"]
    assert said["split"][0]["total_fen"] == 420_000_000
    assert said["departures"].keys() == {"split.months"}


def test_what_an_installation_begins_with(world):
    db.session.rollback()
    rows = {row.id: row for row in db.session.query(RuleProfile).filter_by(shipped=True)}
    assert {row.regime for row in rows.values()} == set(profile.REGIMES)
    for one in profile.shipped():
        assert json.loads(rows[one["id"]].body) == one


def body(world, **changes) -> dict:
    entry = days(15)["T2.comprehensive"]
    return {"base": BASE, "region": "330703", "valid_from": world.now.date().isoformat(),
            "title": {"zh": "某县规则", "en": "A county's rules"}, "why": "本县办法第九条规定十五日。",
            "changes": [{"name": "T2.comprehensive", **entry}]} | changes


def test_over_http_two_people_change_a_number_and_everybody_reads_it(world, two):
    first, second = (world.client(actor) for actor in two)
    made = first.post("/profiles", json=body(world))
    assert made.status_code == 201, made.json
    assert made.json["approved_at"] is None and made.json["base_id"] == BASE
    path = f"/profiles/{made.json['id']}"
    said = {"body_hash": made.json["body_hash"]}
    assert first.post(f"{path}/approval", json=said).json["code"] == "profile.same-person"
    assert second.post(f"{path}/approval", json=said).status_code == 201
    seen = world.client().get(path).json
    assert seen["approved_at"] and seen["numbers"]["T2.comprehensive"]["value"] == 15
    listed = world.client().get("/profiles?regime=below").json["items"]
    assert [one["id"] for one in listed] == ["below-2026-2", BASE, made.json["id"]]
    assert world.client().get("/profiles/none-of-these").status_code == 404


@pytest.mark.parametrize("changes", [
    {"valid_from": "2026-02-30"}, {"valid_from": "20260401"}, {"valid_from": 20260401},
    {"region": ""}, {"region": "33070"}, {"region": "金东区"}, {"why": "短"}, {"changes": []},
    {"title": {"zh": "某县"}}, {"shipped": True}, {"version": 7},
    {"changes": [{"name": "T2.comprehensive"}]},
    {"changes": [{"name": "T2.comprehensive", "value": 1}]},
    {"changes": [{"name": "T2.comprehensive", "remove": True}] * 2},
    {"changes": [{"name": "T2.comprehensive", "remove": True, "value": 3}]},
    {"changes": [{"name": "T2.comprehensive", "value": True, "unit": "calendar_days",
                  "source": "本县办法", "mark": "found", "breach": "block"}]},
    {"changes": [{"name": "T2.comprehensive", "value": 1.5, "unit": "calendar_days",
                  "source": "本县办法", "mark": "found", "breach": "block"}]},
])
def test_a_proposal_that_is_no_whole_one_is_refused_and_nothing_stored(world, two, changes):
    answer = world.client(two[0]).post("/profiles", json=body(world, **changes))
    assert answer.status_code in (400, 422), answer.json
    db.session.rollback()
    assert db.session.query(RuleProfile).filter_by(shipped=False).count() == 0


def test_a_profile_frozen_under_the_old_names_is_still_read():
    new = profile.shipped_for("below", date(2026, 12, 1))
    numbers = {profile.FORMERLY.get(name, name): entry for name, entry in new["numbers"].items()
               if name != "competition.valid_bids"}
    old = dict(new) | {"numbers": numbers}
    for name in profile.FORMERLY:
        assert profile.has(old, name) and profile.number(old, name) == profile.number(new, name)
