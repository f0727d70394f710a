"""The judgement over HTTP: one lot to its contract, each by its own person."""

import hashlib
import secrets

import pytest

from evaluation import reading
from kernel.canonical import b64


def ok(answer, status=200):
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json()


def code(answer):
    assert answer.status_code >= 400
    return answer.status_code, answer.get_json()["code"]


@pytest.fixture
def lot(world):
    return world.opened_by_fiat()


def test_a_draw_over_http(world, lot):
    world.experts(7)
    buyer, stranger = world.client(world.clerk), world.client(world.account("buyer"))
    supervisor = world.client(world.account("supervisor", region="330703"))
    path = f"/lots/{lot.id}/draws"
    assert code(stranger.post(path, json={}))[0] == 403
    assert code(buyer.post(path, json={"panel": ["me"]})) == (422, "request.invalid")
    made = ok(buyer.post(path, json={}), 201)
    assert made["state"] == "COMMITTING" and made["document"] is None
    assert len(made["contributions"]) == 1
    assert code(buyer.post(path, json={})) == (409, "draw.exists")
    draw = f"/draws/{made['id']}"
    nonce = secrets.token_bytes(32)
    body = {"commitment": hashlib.sha256(nonce).hexdigest()}
    assert code(stranger.post(f"{draw}/commitments", json=body))[0] == 403
    assert code(supervisor.post(f"{draw}/commitments", json={"commitment": "AB"}))[0] == 422
    seen = ok(supervisor.post(f"{draw}/commitments", json=body), 201)
    assert len(seen["contributions"]) == 2
    assert code(supervisor.post(f"{draw}/commitments", json=body))[0] == 409
    world.advance(minutes=31)
    world.draw_round()
    assert code(supervisor.post(f"{draw}/reveals", json={"nonce": b64(bytes(32))})) == (
        422, "draw.nonce-differs")
    assert code(supervisor.post(f"{draw}/reveals", json={"nonce": "AAAA"}))[0] == 422
    ok(supervisor.post(f"{draw}/reveals", json={"nonce": b64(nonce)}), 201)
    seen = ok(buyer.get(draw))
    assert all(row["revealed"] for row in seen["contributions"])
    assert code(world.client(world.account("expert")).get(draw))[0] == 403
    assert ok(buyer.get(path))["items"][0]["id"] == made["id"]
    assert code(buyer.get("/draws/" + "0" * 32))[0] == 404


def test_scoring_over_http(world, lot):
    panel = [world.client(actor) for actor in world.drawn_panel(lot)]
    base = f"/lots/{lot.id}"
    assert code(world.client(world.clerk).get(f"{base}/panel"))[0] == 409
    members = ok(panel[0].get(f"{base}/panel"))["members"]
    assert [row["leader"] for row in members] == [True] + [False] * 4
    for number, expert in enumerate(panel):
        ok(expert.post(f"{base}/panel/declarations", json={"accept": True}), 201)
        form = ok(expert.get(f"{base}/score-sheets/mine"))
        scores = {bid["bid_id"]: {factor["code"]: "10" for factor in form["factors"]}
                  for bid in form["bids"]}
        sheet = f"{base}/score-sheets/mine"
        if number == 0:
            assert code(expert.put(sheet, json={"scores": scores}))[0] == 428
            bad = {bid: dict(row) for bid, row in scores.items()}
            bad[form["bids"][0]["bid_id"]]["plan"] = "26"
            for wrong in (bad, {"x": {}}, {form["bids"][0]["bid_id"]: {"plan": 10}}):
                assert code(expert.put(sheet, json={"scores": wrong},
                                       headers={"If-Match": '"0"'}))[0] == 422
        saved = expert.put(sheet, json={"scores": scores}, headers={"If-Match": '"0"'})
        assert saved.headers["ETag"] == '"1"'
        assert code(expert.put(sheet, json={"scores": scores},
                               headers={"If-Match": '"0"'})) == (412, "score.stale")
        body = {"sheet_hash": ok(saved)["sheet_hash"]}
        ok(expert.post(f"{sheet}/signature", json=body, key="k" * 20), 201)
        again = expert.post(f"{sheet}/signature", json=body, key="k" * 20)
        assert ok(again, 201)["signed_at"] and again.headers["Idempotent-Replay"] == "true"
        assert code(expert.post(f"{sheet}/signature", json=body)) == (409, "score.signed")
    for expert in panel:
        found = ok(expert.get(f"{base}/evaluation-report/signatures"))
        ok(expert.post(f"{base}/evaluation-report/signatures",
                       json={"report_hash": found["report_hash"]}), 201)
    report = ok(world.client(world.clerk).get(f"{base}/evaluation-report"))
    assert report["report_hash"] == found["report_hash"] and len(report["signatures"]) == 5
    anonymous = world.client()
    assert code(anonymous.get(f"{base}/evaluation-report"))[0] in (401, 403)
    assert ok(anonymous.get(f"{base}/result"))["candidates"] == []


def test_award_over_http(world, lot):
    members = world.awarding(lot)
    base = f"/lots/{lot.id}"
    anonymous, chief = world.client(), world.client(world.chief)
    page = ok(anonymous.get(f"{base}/result"))
    assert len(page["candidates"]) == 3 and page["award"] is None
    assert set(page["candidates"][0]) == {"bid_id", "name", "uscc", "price_fen", "period_days",
                                          "quality", "leader", "certificate", "qualification",
                                          "performance", "members", "lapsed_at"}
    assert page["candidates"][0]["lapsed_at"] is None
    assert code(chief.post(f"{base}/award", json={}))[1] == "award.ballots-open"
    first = world.client(members[0])
    ballot = ok(first.get(f"{base}/ballots"))
    assert (ballot["open"], ballot["kind"], len(ballot["choices"])) == (1, "first", 3)
    choice = ballot["choices"][0]
    assert code(chief.post(f"{base}/ballots", json={"ballot": 1, "choice": choice}))[0] == 403
    for member in members:
        ok(world.client(member).post(f"{base}/ballots", json={"ballot": 1, "choice": choice}), 201)
    assert code(chief.post(f"{base}/award", json={"winner": choice}))[0] == 422
    award = ok(chief.post(f"{base}/award", json={"reason": "多数票"}), 201)
    assert award["bid_id"] == choice
    assert code(chief.post(f"{base}/award", json={}))[0] == 409
    for method in ("put", "patch", "delete"):
        assert getattr(chief, method)(f"{base}/award").status_code in (404, 405)
    names = ok(anonymous.get(f"{base}/panel"))["members"]
    assert len(names) == 5
    contract = {"amount_fen": award["price_fen"], "signed_at": award["decided_at"],
                "document_hash": "ab" * 32}
    for change in ({"amount_fen": "1"}, {"amount_fen": 1.5}, {"signed_at": "2026-03-20T10:00:00"},
                   {"document_hash": "zz"}):
        assert code(chief.post(f"{base}/contract", json=contract | change))[0] in (400, 422)
    ok(chief.post(f"{base}/contract", json=contract), 201)
    page = ok(anonymous.get(f"{base}/result"))
    assert page["contract"]["amount_fen"] == award["price_fen"] and len(page["tickets"]) == 64
    assert reading.contract(world.session, lot.id).award_id == award["id"]
