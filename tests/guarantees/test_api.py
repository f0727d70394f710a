"""Over HTTP: one's own and nobody else's, and before the opening not a sign of it."""

from __future__ import annotations

import pytest

from audit.actor import OPERATOR
from guarantees import acts
from guarantees.instrument import KINDS
from kernel.db import db
from people.edge import PREFIX, ROUTES

from .test_acts import AMOUNT, lot, withdraw

__all__ = ["lot"]

SEALED = ("BIDDING", "CLOSED", "OPENING")
OPEN = ("OPENED", "EVALUATING", "EVALUATED", "AWARDING", "AWARDED", "CONTRACTED", "ARCHIVED")


def body(paper) -> dict:
    return {"instrument": paper.text, "signature": paper.signature}


def test_lodge_look_and_see_it_go(world, lot):
    company = world.account("tenderer")
    client = world.client(company)
    paper = world.paper(lot, company)
    answer = client.post(f"/lots/{lot.id}/guarantees", json=body(paper), key="lodge-once")
    assert answer.status_code == 201, answer.json
    made = answer.json
    assert made["amount_fen"] == AMOUNT and made["state"] == "standing"
    assert made["release"] is None and made["tenderer"]["id"] == company.party_id
    assert "guarantee.view_own" in made["allowed_actions"]
    again = client.post(f"/lots/{lot.id}/guarantees", json=body(paper), key="lodge-once")
    assert (again.status_code, again.data) == (201, answer.data)
    assert client.post(f"/lots/{lot.id}/guarantees", json=body(paper)).status_code == 409
    assert client.get(f"/guarantees/{made['id']}").json["id"] == made["id"]
    assert [one["id"] for one in client.get(f"/lots/{lot.id}/guarantees/mine").json["items"]
            ] == [made["id"]]
    withdraw(OPERATOR, lot.id, company.party_id)
    world.advance(days=1)
    world.money_tick()
    gone = client.get(f"/guarantees/{made['id']}").json
    assert gone["state"] == "released" and gone["moves_next"] == "nobody"
    assert gone["release"]["cause"] == "withdrawn" and gone["release"]["interest_fen"] == 0
    assert gone["release"]["law"] == "实施条例 35" and gone["release"]["confirmed_at"]
    assert gone["release"]["payee_digest"] == gone["payer_digest"]


def test_only_the_parties_of_a_security_see_it(world, lot):
    company = world.account("tenderer")
    row = world.lodged(lot, company)
    row_id = row.id
    bank = world.account("guarantor", world.bank_party)
    for actor in (company, bank):
        assert world.client(actor).get(f"/guarantees/{row_id}").status_code == 200
    world.buyer_unit()
    others = [world.account(role) for role in (
        "tenderer", "buyer", "opener", "expert", "awarder", "supervisor", "guarantor")]
    others += [world.clerk, *(world.admin(name) for name in ("sys_admin", "sec_admin",
                                                             "audit_admin"))]
    for actor in [None, *others]:
        client = world.client(actor)
        there, nowhere = (client.get(f"/guarantees/{one}") for one in (row_id, "0" * 32))
        assert there.status_code in (401, 404)
        assert (there.status_code, there.data) == (nowhere.status_code, nowhere.data)
        there, nowhere = (client.post(f"/guarantees/{one}/release-confirmation", json={
            "statement": "{}", "signature": "A" * 88}) for one in (row_id, "0" * 32))
        assert there.status_code in (401, 404)
        assert (there.status_code, there.data) == (nowhere.status_code, nowhere.data)


def _everywhere(world, lot, actors) -> dict:
    """Every reading there is, of this lot and tender, as each of `actors` gets it."""
    seen = {}
    paths = {route.rule.removeprefix(PREFIX).replace("<lot_id>", lot.id)
             .replace("<tender_id>", lot.tender_id) for route in ROUTES if route.method == "GET"}
    # A session of its own is made for each client; it says nothing of the lot.
    paths -= {"/time", "/health", "/openapi.json", "/session", "/sessions",
              "/sign-ins"}  # one's own refusals, of which the first look makes some
    for who, actor in actors.items():
        client = world.client(actor)
        for path in sorted(path for path in paths if "<" not in path):
            answer = client.get(path)
            assert answer.status_code in (200, 401, 403, 404, 409, 422, 503), answer.data
            seen[who, path] = (answer.status_code, answer.data)
    return seen


def test_before_the_opening_nobody_sees_a_sign_of_it(world, lot):
    """Every reading, by everybody else, is the same bytes with and without a security."""
    world.guarantor()
    company = world.account("tenderer")
    world.buyer_unit()
    actors = {"anonymous": None, "clerk": world.clerk, "sys_admin": world.admin("sys_admin")} | {
        role: world.account(role) for role in (
            "tenderer", "buyer", "opener", "expert", "supervisor", "guarantor")}
    world.freeze()
    before = _everywhere(world, lot, actors)
    papers = [world.paper(lot, company, kind) for kind in KINDS]
    for paper in papers:
        acts.lodge(company, lot.id, instrument=paper.text, signature=paper.signature)
    assert _everywhere(world, lot, actors) == before
    for phase in SEALED:
        if phase != "BIDDING":
            world.force_phase(lot.id, phase)
        for who, actor in actors.items():
            answer = world.client(actor).get(f"/lots/{lot.id}/guarantees")
            assert answer.status_code in (401, 403, 409), (who, answer.json)
            assert str(AMOUNT) not in answer.text and company.party_id not in answer.text
            mine = world.client(actor).get(f"/lots/{lot.id}/guarantees/mine")
            assert mine.status_code in (401, 403) or mine.json["items"] == []


def test_once_opened_the_buyer_sees_who_is_secured(world, lot):
    stays, leaves = world.account("tenderer"), world.account("tenderer")
    row_id = world.lodged(lot, stays).id
    world.lodged(lot, leaves)
    withdraw(OPERATOR, lot.id, leaves.party_id)
    others = [stays, *(world.account(role) for role in ("tenderer", "buyer", "expert")),
              world.account("supervisor", region="110000")]
    for phase in OPEN:
        world.force_phase(lot.id, phase)
        answer = world.client(world.clerk).get(f"/lots/{lot.id}/guarantees")
        assert answer.status_code == 200, phase
        assert [one["id"] for one in answer.json["items"]] == [row_id]
        assert "instrument" not in answer.json["items"][0]
        for other in others:
            assert world.client(other).get(f"/lots/{lot.id}/guarantees").status_code == 403


def test_a_failed_lot_never_tells(world, lot):
    world.lodged(lot, world.account("tenderer"))
    world.force_phase(lot.id, "FAILED")
    answer = world.client(world.clerk).get(f"/lots/{lot.id}/guarantees")
    assert answer.status_code == 409


@pytest.mark.parametrize("given, status", [
    ({}, 422), ({"instrument": "{}"}, 422), ({"instrument": "{}", "signature": "x"}, 422),
    ({"instrument": 5, "signature": "A" * 88}, 422),
    ({"instrument": "{}", "signature": "A" * 88}, 422),
    ({"instrument": "{}", "signature": "A" * 88, "more": 1}, 422),
    ({"instrument": "x" * 9000, "signature": "A" * 88}, 422),
])
def test_bad_bodies_are_refused_in_both_languages(world, lot, given, status):
    world.guarantor()
    client = world.client(world.account("tenderer"))
    answer = client.post(f"/lots/{lot.id}/guarantees", json=given)
    assert answer.status_code == status
    assert answer.json["detail"]["zh"] and answer.json["detail"]["en"] and answer.json["code"]
    assert not world.entries("guarantee.lodged")


def test_lodging_needs_a_key_and_a_role(world, lot):
    company = world.account("tenderer")
    paper = world.paper(lot, company)
    path = f"/lots/{lot.id}/guarantees"
    assert world.client(company).post(path, json=body(paper), key=None).status_code == 400
    assert world.client(world.account("buyer")).post(path, json=body(paper)).status_code == 403
    assert world.client(None).post(path, json=body(paper)).status_code == 401
    assert not world.entries("guarantee.lodged")
    db.session.rollback()
