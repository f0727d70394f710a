"""Joint bids: signed by all, told to nobody before the opening, nobody twice (实施条例 37)."""

from __future__ import annotations

import json
import os

import pytest

from bidding import consortium, sealing
from bidding.client import joint
from bidding.consortium import BadConsortium, Joined
from bidding.manifest import Form
from bidding.model import ConsortiumMember, OpenedBid
from kernel.canonical import jcs
from tender import acts as tendering

UNITS = ("91330703MA2TERTA3E", "91360732MA38K2P465", "11330703002600173X")
WHERE = {"log_origin": "a/log", "tender": "1" * 32, "lot": "2" * 32}
SEEDS = {unit: os.urandom(32) for unit in UNITS}


def signed(*units: str, agreement: str = "a" * 64, where=WHERE, seeds=SEEDS) -> dict:
    said = consortium.statement(**where, agreement=agreement,
                                members=[{"uscc": unit, "duty": "施工"} for unit in units])
    return {"agreement": agreement,
            "members": [consortium.signed(said, unit, seeds[unit]) for unit in units]}


KEYS = {one["uscc"]: {one["key"]} for one in signed(*UNITS)["members"]}


def judged(*bids: Joined, allowed=True, most=3) -> dict[str, str]:
    return consortium.judge(bids, allowed=allowed, most=most, **WHERE, keys=KEYS)


def test_members_who_all_signed_stand_and_nobody_stands_twice():
    a, b, c = UNITS
    assert judged(Joined("1", a, signed(a, b)), Joined("2", c, None)) == {}
    twice = {"1": "consortium_double", "2": "consortium_double"}
    assert judged(Joined("1", a, signed(a, b)), Joined("2", b, None)) == twice
    assert judged(Joined("1", a, signed(a, b)), Joined("2", c, signed(c, b))) == twice
    assert judged(Joined("1", a, signed(a, b)), Joined("2", c, signed(c, b)),
                  Joined("3", "x", None)) == twice


def test_a_bid_is_invalid_by_its_own_fault_and_spoils_no_other():
    a, b, c = UNITS
    alone = Joined("2", b, None)
    forged = signed(a, b)
    forged["members"][1]["signature"] = forged["members"][0]["signature"]
    foreign = signed(a, b, where=WHERE | {"lot": "3" * 32})
    unbound = signed(a, b, seeds={**SEEDS, b: os.urandom(32)})
    changed = json.loads(json.dumps(signed(a, b)))
    changed["members"][1]["duty"] = "供货"
    for wrong in (forged, foreign, unbound, changed):
        assert judged(Joined("1", a, wrong), alone) == {"1": "consortium_unsigned"}
    good = signed(a, b)
    assert judged(Joined("1", a, good), allowed=False) == {"1": "consortium_not_allowed"}
    assert judged(Joined("1", a, signed(a, b, c)), most=2) == {"1": "consortium_too_many"}
    assert judged(Joined("1", c, good)) == {"1": "consortium_lead"}


@pytest.mark.parametrize("change", [
    {"agreement": "x"}, {"members": []}, {"extra": 1}, {"members": [1, 2]},
    {"members": signed(*UNITS)["members"][:1]},
    {"members": signed(*UNITS)["members"][:1] * 2},
    {"members": [one | {"uscc": "91330703MA2TERTA3F"} for one in signed(*UNITS)["members"]]},
    {"members": [one | {"more": "x"} for one in signed(*UNITS)["members"]]},
])
def test_what_is_malformed_is_refused(change):
    with pytest.raises(BadConsortium):
        consortium.check(signed(*UNITS) | change)
    assert consortium.check(signed(*UNITS))


def test_members_sign_one_after_the_other_on_their_own_machines(tmp_path):
    class Terms:
        log_origin, tender, lot = WHERE["log_origin"], WHERE["tender"], WHERE["lot"]

    file = tmp_path / "joint.json"
    file.write_text(json.dumps({"agreement": "a" * 64, "members": [
        {"uscc": unit, "duty": "施工"} for unit in UNITS[:2]]}), encoding="utf-8")
    joint.sign(file, Terms, UNITS[0], SEEDS[UNITS[0]])
    with pytest.raises(BadConsortium):
        joint.load(file)
    joint.sign(file, Terms, UNITS[1], SEEDS[UNITS[1]])
    assert judged(Joined("1", UNITS[0], joint.load(file))) == {}
    with pytest.raises(ValueError, match="no member"):
        joint.sign(file, Terms, UNITS[2], SEEDS[UNITS[2]])


def test_at_the_opening_doubles_fall_and_an_honest_consortium_stands(world, tmp_path):
    tender = world.draft_tender()
    lot = world.lots(tender)[0]
    tendering.set_requirements(world.clerk, lot.id, licences=[], personnel=[], credit=[],
                               consortium=True, members_max=2)
    world.before_publishing(tender)
    sent = tendering.submit_notice(world.clerk, tender.id)
    tendering.approve_notice(world.fresh(world.chief), tender.id, content_hash=sent.content_hash)
    lead, second, partner, other, lone = units = [world.company() for _ in range(5)]
    terms = world.terms(lot.id)
    where = {"log_origin": terms.log_origin, "tender": terms.tender, "lot": lot.id}
    seeds = {one.uscc: one.signing.private_bytes_raw() for one in units}
    for place, (unit, mates) in enumerate([(lead, [partner]), (second, [partner]),
                                           (other, [world.company()]), (lone, [])]):
        seeds |= {mate.uscc: mate.signing.private_bytes_raw() for mate in mates}
        said = signed(unit.uscc, *(mate.uscc for mate in mates), where=where,
                      seeds=seeds) if mates else None
        papers = [tmp_path / f"{place}.pdf", tmp_path / f"{place}.xlsx"]
        for paper in papers:
            paper.write_bytes(os.urandom(900))
        form = Form(390_000_000 - place, 60, "合格", "经理", said)
        sealed = sealing.seal(terms, unit.uscc, form, papers[:1], papers[1:], tmp_path / f"s{place}")
        world.declare(lot, unit, sealed)
        world.send(unit, sealed)
        unit.bids[lot.id] = sealed
    assert world.session.query(ConsortiumMember).count() == 0
    world.past_deadline(lot)
    world.authorise(lot)
    for unit in (lead, second, other, lone):
        world.give_own(lot, unit)
    world.tick()
    found = {one.party_id: (one.verdict, one.reason)
             for one in world.session.query(OpenedBid).filter_by(lot_id=lot.id)}
    double = ("rejected", "form: consortium_double")
    assert found == {lead.party_id: double, second.party_id: double,
                     other.party_id: ("opened", ""), lone.party_id: ("opened", "")}
    record = world.client().get(f"/lots/{lot.id}/opening-record").json["record"]
    shown = {line["tenderer"]: line["form"] for line in record["bids"]}
    assert next(one["uscc"] for one in shown[other.uscc]["consortium"]["members"]) == other.uscc
    assert shown[lead.uscc] is None and "consortium" not in shown[lone.uscc]
    standing = world.client(world.supervisor).get(
        f"/lots/{lot.id}/standing", headers={"Access-Reason": "check"}).json["items"]
    assert sorted(len(one["companies"]) for one in standing) == [1, 2]
    assert jcs(record)
