"""Roles by two persons and none against another: Q19, Q20, Q21, and who begins."""

import contextlib
import threading

import pytest
from sqlalchemy import select

from audit.actor import OPERATOR
from kernel.refusal import Refused
from people import acts, conflicts, reading, rules
from people.model import Account, Party, RoleGrant

from .test_accounts import code_of

EXPERT = {"specialty": "公路工程", "employer_uscc": "91330703MA2TERTA3E"}


def propose(world, actor, role, by="sec_admin", **attributes):
    return acts.propose_grant(world.admin(by), account_id=actor.account_id, role=role,
                              **attributes)


def holds(world, actor, role):
    return role in {grant.role for grant in reading.grants_of(world.session, actor.account_id)}


def test_a_role_counts_only_when_another_person_has_approved_it(world):
    actor = world.account(party=world.party("buyer"))
    first, second = (world.client(world.admin(name)) for name in ("sec_admin", "sec_admin_2"))
    made = first.post("/role-grants", json={"account_id": actor.account_id, "role": "buyer"})
    assert made.status_code == 201, made.json
    assert reading.grants_of(world.session, actor.account_id) == []
    path = f"/role-grants/{made.json['id']}/approval"
    assert first.post(path).json["code"] == "role.same-person"
    stale = world.client(world.admin("sec_admin_2"), fresh=False)
    assert stale.post(path).json["code"] == "session.step-up"
    assert second.post(path).status_code == 200
    assert [grant.role for grant in reading.grants_of(world.session, actor.account_id)] == ["buyer"]
    assert second.post(path).json["code"] == "role.not-waiting"
    assert holds(world, actor, "buyer")


def test_a_revocation_is_proposed_and_approved_by_two_as_well(world):
    actor = world.account("awarder")
    grant = reading.grants_of(world.session, actor.account_id)[0]
    acts.propose_revocation(world.admin("sec_admin_2"), grant.id)
    assert holds(world, actor, "awarder")
    assert code_of(acts.propose_revocation, world.admin("sec_admin"), grant.id) == \
        "role.not-waiting"
    assert code_of(acts.approve_grant, world.admin("sec_admin_2"), grant.id) == "role.same-person"
    acts.approve_grant(world.admin("sec_admin"), grant.id)
    assert not holds(world, actor, "awarder")
    world.grant(actor, "awarder")
    assert holds(world, actor, "awarder")


def test_a_proposal_is_withdrawn_by_one(world):
    actor = world.account(party=world.party("buyer"))
    grant = propose(world, actor, "buyer")
    acts.propose_revocation(world.admin("sec_admin_2"), grant.id)
    assert code_of(acts.approve_grant, world.admin("sec_admin_2"), grant.id) == "role.not-waiting"
    propose(world, actor, "buyer")


def test_q21_a_persons_second_account_is_the_same_person(world):
    first = world.admin("sec_admin")
    twin = world.account(id_number=world.number_of(first), party=first.party_id)
    assert code_of(propose, world, twin, "sec_admin") == "role.same-person"
    actor = world.account(party=world.party("buyer"))
    grant = propose(world, actor, "buyer")
    # A second account of the proposer's with the role could only come from a burglar's hand.
    world.raw("INSERT INTO role_grant (id, account_id, role, party_id, region, specialty, "
              "employer_uscc, proposed_at, approved_at) SELECT :id, :account, 'sec_admin', "
              ":party, '', '', '', proposed_at, proposed_at FROM role_grant LIMIT 1",
              id="f" * 32, account=twin.account_id, party=twin.party_id)
    assert code_of(acts.approve_grant, twin, grant.id) == "role.same-person"
    assert code_of(acts.approve_grant, actor, grant.id) == "access.denied"


def test_nobody_grants_oneself_anything(world):
    admin = world.admin("sec_admin")
    assert code_of(propose, world, admin, "buyer") == "role.same-person"
    mine = world.session.execute(select(RoleGrant).where(
        RoleGrant.account_id == admin.account_id)).scalar_one()
    assert code_of(acts.propose_revocation, admin, mine.id) == "role.same-person"


@pytest.mark.parametrize("held,wanted", [
    ("sys_admin", "sec_admin"), ("sec_admin", "audit_admin"), ("audit_admin", "sys_admin"),
    ("sys_admin", "buyer"), ("audit_admin", "expert"), ("sys_admin", "opener")])
def test_q19_an_administrator_holds_nothing_else(world, held, wanted):
    holder = world.admin(held)
    party = world.party("buyer")
    twin = world.account(id_number=world.number_of(holder), party=party)
    attributes = EXPERT if wanted == "expert" else {}
    by = "sec_admin_2" if held == "sec_admin" else "sec_admin"
    assert code_of(propose, world, twin, wanted, by, **attributes) == "role.conflict"


def test_q19_a_business_role_first_and_an_administrators_next(world):
    buyer = world.account("buyer")
    assert code_of(propose, world, buyer, "sys_admin") == "role.conflict"
    tenderer = world.account("tenderer")
    twin = world.account(id_number=world.number_of(tenderer))
    assert code_of(propose, world, twin, "opener") == "role.conflict"
    official = world.account("opener")
    with pytest.raises(Refused) as refused:
        world.account("tenderer", id_number=world.number_of(official))
    assert refused.value.word.code == "role.conflict"


def test_q19_two_proposals_at_once_for_two_accounts_of_one_person(world, monkeypatch):
    number = world.id_number()
    twins = [world.account(id_number=number, party=world.party("buyer")) for _ in range(2)]
    world.administrators  # noqa: B018  (made before the race)
    outcomes, barrier, judging = [], threading.Barrier(2), threading.Barrier(2)
    judge = rules.roles_fit

    def slowly(wanted, held):
        # Both would stand here at once, each knowing nothing of the other, if no row were locked.
        with contextlib.suppress(threading.BrokenBarrierError):
            judging.wait(1)
        judge(wanted, held)

    monkeypatch.setattr(rules, "roles_fit", slowly)

    def go(actor, role):
        with world.app.app_context():
            barrier.wait()
            try:
                propose(world, actor, role)
                outcomes.append("made")
            except Refused as refused:
                outcomes.append(refused.word.code)

    threads = [threading.Thread(target=go, args=pair)
               for pair in zip(twins, ("sys_admin", "buyer"), strict=True)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(outcomes) == ["made", "role.conflict"]


def test_two_approvals_at_once_are_one(world):
    actor = world.account(party=world.party("buyer"))
    grant = propose(world, actor, "buyer")
    approver = world.admin("sec_admin_2")
    outcomes, barrier = [], threading.Barrier(6)

    def go():
        with world.app.app_context():
            barrier.wait()
            try:
                acts.approve_grant(approver, grant.id)
                outcomes.append("made")
            except Refused as refused:
                outcomes.append(refused.word.code)

    threads = [threading.Thread(target=go) for _ in range(6)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(outcomes) == ["made"] + ["role.not-waiting"] * 5
    assert len([entry for entry in world.entries("role.approved")
                if entry.record.count(grant.id)]) == 1


def test_a_role_fits_its_party_and_has_its_attributes(world):
    other = world.account(party=world.party("other"))
    assert code_of(propose, world, other, "buyer") == "role.party"
    assert code_of(propose, world, other, "guarantor") == "role.party"
    assert code_of(propose, world, other, "expert") == "role.party"
    assert code_of(propose, world, other, "opener", specialty="公路工程") == "role.party"
    assert code_of(propose, world, other, "expert", specialty="公路工程",
                   employer_uscc="91360732MA38K2P466") == "party.uscc"
    grant = propose(world, other, "expert", **EXPERT)
    assert (grant.specialty, grant.employer_uscc) == ("公路工程", "91330703MA2TERTA3E")
    assert code_of(propose, world, other, "expert", **EXPERT) == "role.held"
    supervisor = world.account("supervisor", region="3307")
    assert reading.grants_of(world.session, supervisor.account_id)[0].region == "3307"


def test_experts_are_listed_by_specialty_and_not_when_disabled(world):
    first, second = world.account("expert"), world.account("expert", specialty="房建")
    twin = world.account("expert", id_number=world.number_of(first))

    def listed(specialty=""):
        return {account.id for _, account in reading.standing_grants(
            world.session, "expert", world.now, specialty=specialty)}

    assert listed() == {first.account_id, second.account_id, twin.account_id}
    assert listed("房建") == {second.account_id}
    for actor in (first, twin):
        acts.disable_account(OPERATOR, actor.account_id, reason="退休")
    assert listed() == {second.account_id}


def test_the_first_administrators_are_the_operators_and_later_ones_are_not(world):
    party = world.session.get(Party, world.admin("sys_admin").party_id)
    for role in ("sys_admin", "sec_admin", "audit_admin"):
        assert code_of(acts.appoint_administrator, OPERATOR, role=role, login="late.comer",
                       person_name="某", id_number=world.id_number(), party_id=party.id) == \
            "administrator.not-first"
    assert code_of(acts.appoint_administrator, OPERATOR, role="buyer", login="late.comer",
                   person_name="某", id_number=world.id_number(), party_id=party.id) == "role.party"
    assert code_of(acts.appoint_administrator, world.admin("sys_admin"), role="sys_admin",
                   login="late.comer", person_name="某", id_number=world.id_number(),
                   party_id=party.id) == "access.denied"
    assert world.session.execute(select(Account).where(
        Account.login == "late.comer")).first() is None
    third = world.account(party=party)
    world.grant(third, "sec_admin")
    assert holds(world, third, "sec_admin")


def test_one_person_cannot_be_two_first_administrators(world):
    party = world.party("other")
    number = world.id_number()
    acts.appoint_administrator(OPERATOR, role="sys_admin", login="one.a", person_name="某",
                               id_number=number, party_id=party.id)
    for role in ("sec_admin", "audit_admin"):
        assert code_of(acts.appoint_administrator, OPERATOR, role=role, login="one.b",
                       person_name="某", id_number=number, party_id=party.id) == "role.conflict"


def test_who_may_not_propose_or_approve(world):
    actor = world.account(party=world.party("buyer"))
    body = {"account_id": actor.account_id, "role": "buyer"}
    for name in (None, "sys_admin", "audit_admin"):
        client = world.client(world.admin(name) if name else None)
        answer = client.post("/role-grants", json=body)
        assert answer.status_code == (403 if name else 401)
        assert client.get("/role-grants").status_code == (403 if name else 401)
    grant = propose(world, actor, "buyer")
    assert world.client(world.admin("sys_admin")).post(
        f"/role-grants/{grant.id}/approval").status_code == 403
    client = world.client(world.admin("sec_admin"))
    for field in ("approved_by", "approved_at", "proposed_by", "party_id", "revoked_at"):
        more = body | {"role": "opener", field: "0" * 32}
        assert client.post("/role-grants", json=more).status_code == 422, field
    assert client.post(f"/role-grants/{'0' * 32}/revocation").status_code == 404
    items = client.get("/role-grants?limit=200").json["items"]
    assert grant.id in {item["id"] for item in items}


def test_q20_nobody_is_two_things_in_a_lot(world):
    person, other = world.account("expert").person_id, world.account("expert").person_id
    held = {"opener": {person}, "expert": {other}}
    conflicts.holders.append(lambda session, lot_id: held if lot_id == "a" * 32 else {})
    try:
        conflicts.no_two_roles(world.session, "a" * 32, person, "opener")
        conflicts.no_two_roles(world.session, "b" * 32, person, "expert")
        for role in ("expert", "awarder", "tenderer", "buyer", "supervisor"):
            assert code_of(conflicts.no_two_roles, world.session, "a" * 32, person, role) == \
                "role.conflict-in-lot"
    finally:
        conflicts.holders.pop()
