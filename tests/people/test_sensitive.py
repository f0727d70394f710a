"""What is sensitive is read for a reason, and the security log keeps who, what, when and why (Q81)."""

import re
from urllib.parse import quote

import pytest

from people import edge, security
from people.edge import ROUTES
from people.model import SecurityEvent, Undigested

REASON = "核查投诉 2026-17"


def asked(client, path, reason=REASON):
    return client.get(path, headers={"Access-Reason": quote(reason)})


def readings(world):
    world.session.rollback()
    return world.session.query(SecurityEvent).filter(
        SecurityEvent.kind == security.SENSITIVE).order_by(SecurityEvent.at).all()


@pytest.fixture(scope="module")
def spoken():
    return {route.rule.removeprefix("/api/v1") for route in ROUTES if route.sensitive}


def test_these_and_no_others_ask_for_a_reason(spoken):
    assert spoken == {
        "/accounts", "/role-grants", "/erasures", "/factor-resets", "/unit-keys", "/security-log", "/lots/<lot_id>/record",
        "/lots/<lot_id>/record/export", "/lots/<lot_id>/record/actors", "/lots/<lot_id>/panel", "/lots/<lot_id>/opened-bids",
        "/lots/<lot_id>/opened-bids/<bid_id>/<part>/<name>",
        "/lots/<lot_id>/opened-bids/<bid_id>/bills", "/lots/<lot_id>/standing",
        "/lots/<lot_id>/standing/<digest>",
        "/questions/<question_id>/asker", "/objections/<objection_id>/objector",
        "/complaints/<complaint_id>/complainant", "/complaints/<complaint_id>/course-complainant"}


def test_without_a_reason_nothing_is_shown_and_nothing_noted(world):
    client = world.client(world.admin("sys_admin"))
    for reason in ("", "   ", "abc", "x" * 201, "line\nbreak", "%FF"):
        answer = client.get("/accounts", headers={"Access-Reason": quote(reason)
                                                 if reason != "%FF" else reason})
        assert (answer.status_code, answer.json["code"]) == (400, "access.reason-needed"), reason
    assert readings(world) == []


def test_a_reading_is_noted_with_who_what_when_and_why(world):
    admin = world.admin("sys_admin")
    answer = asked(world.client(admin), "/accounts?limit=2")
    assert answer.status_code == 200 and answer.json["items"]
    (event,) = readings(world)
    assert (event.account_id, event.action, event.reason) == (
        admin.account_id, "user.create_disable", REASON)
    assert event.subject == "/api/v1/accounts?limit=2" and event.source == "127.0.0.1"
    assert abs((event.at - world.now).total_seconds()) < 60
    assert world.session.get(Undigested, event.id), "the next digest takes it"


def test_who_may_not_read_is_not_asked_why(world):
    answer = asked(world.client(world.account("tenderer")), "/accounts", "")
    assert answer.status_code == 403 and readings(world) == []


def test_no_flood_guard_leaves_a_reading_out(world, monkeypatch):
    monkeypatch.setattr(security, "MOST_A_MINUTE", 1)
    client = world.client(world.admin("sys_admin"))
    for _ in range(4):
        assert asked(client, "/accounts").status_code == 200
    assert len(readings(world)) == 4


def test_what_cannot_be_noted_is_not_shown(world, monkeypatch):
    def broken(*args, **kwargs):
        raise OSError("no space")

    monkeypatch.setattr(edge.security, "note_reading", broken)
    answer = asked(world.client(world.admin("sys_admin")), "/accounts")
    assert answer.status_code == 500 and "items" not in answer.json


def test_sealed_trail_names_of_experts_and_plaintext(world):
    lot = world.opened_lot(bids=3)
    world.publish_record()
    supervisor = world.client(world.supervisor)
    bid = world.companies[0].bids[lot.id].declaration["bid"]
    paths = [f"/lots/{lot.id}/record", f"/lots/{lot.id}/record/export",
             f"/lots/{lot.id}/opened-bids", f"/lots/{lot.id}/opened-bids/{bid}/bills",
             f"/lots/{lot.id}/opened-bids/{bid}/technical/施工组织设计.pdf"]
    for path in paths:
        assert asked(supervisor, path, "").json["code"] == "access.reason-needed", path
        assert asked(supervisor, path).status_code == 200, path
    assert [event.subject.removeprefix("/api/v1") for event in readings(world)] == paths
    seat = world.drawn_panel(lot)[0]
    panel = f"/lots/{lot.id}/panel"
    assert asked(world.client(seat), panel, "").status_code == 400
    assert asked(world.client(seat), panel).status_code == 200
    assert len(readings(world)) == len(paths) + 1


def test_what_everybody_may_read_needs_no_reason(world):
    lot = world.opened_lot(bids=3)
    world.awarded(lot)
    before = len(readings(world))
    assert asked(world.client(), f"/lots/{lot.id}/panel", "").status_code == 200
    assert asked(world.client(world.supervisor), f"/lots/{lot.id}/panel", "").status_code == 200
    assert len(readings(world)) == before


def test_the_api_document_tells_of_it(world, spoken):
    paths = world.client().get("/openapi.json").json["paths"]
    for path, operations in paths.items():
        told = any(one["name"] == "Access-Reason"
                   for one in operations.get("get", {}).get("parameters", ()))
        rule = re.sub(r"{(\w+)}", r"<\1>", path.removeprefix("/api/v1"))
        assert told == (rule in spoken), path
