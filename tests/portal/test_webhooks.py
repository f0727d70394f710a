"""Webhooks over a whole installation: told at least once, in order per tender, to who may hear."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import select
from standardwebhooks.webhooks import Webhook as Independent

from audit.act import wiring
from audit.actor import OPERATOR
from kernel.db import db
from kernel.refusal import Refused
from portal.webhooks import acts, addresses, clock
from portal.webhooks.model import Webhook, WebhookDelivery
from tests.served import free_port

pytestmark = pytest.mark.usefixtures("no_officials")


class Receiver:
    """A receiver that checks signatures with another's implementation; may be killed."""

    def __init__(self, port=None):
        self.heard, self.statuses, self.secrets = [], [], []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            """Answers with the next status, 204 when none is left."""

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                for secret in outer.secrets:
                    Independent(secret).verify(body, dict(self.headers))
                status = outer.statuses.pop(0) if outer.statuses else 204
                if status == 204:
                    outer.heard.append((self.headers["webhook-id"], json.loads(body)))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                """Says nothing."""

        self.port = port or free_port()  # another may start there when this one was killed
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def kill(self):
        self.server.shutdown()
        self.server.server_close()

    def ids(self, tender=None):
        return [one for one, body in self.heard
                if tender is None or body["data"]["tender_id"] == tender.id]


@pytest.fixture
def receiver(world):
    wiring().settings["webhooks"] = addresses.Rule(networks=addresses.networks_of("127.0.0.0/8"))
    made = Receiver()
    yield made
    made.kill()


def subscribed(world, receiver, approve=True, **wish):
    client = world.client(world.account("tenderer"))
    answer = client.post("/webhooks", json={
        "url": f"http://127.0.0.1:{receiver.port}/in", "wish": wish})
    assert answer.status_code == 201, answer.json
    receiver.secrets.append(answer.json["secret"])
    if approve:
        acts.approve(OPERATOR, answer.json["id"])
    return client, answer.json["id"]


def feed_of(world, tender=None):
    world.client().get("/changes")
    where = "WHERE tender_id = :tender" if tender else ""
    return [row[0] for row in world.raw(f"SELECT entry_id FROM change {where} ORDER BY position",
                                        **({"tender": tender.id} if tender else {}))]


def later(world, seconds=3600 * 8):
    world.advance(seconds=seconds)
    world.tick()


def test_what_is_public_is_told_through_a_killed_receiver(world, receiver):
    client, hook = subscribed(world, receiver)
    first = world.published_tender()
    world.tick()
    assert receiver.ids() == feed_of(world) and receiver.ids()
    receiver.kill()
    second = world.published_tender()
    world.force_phase(world.lots(first)[0].id, "FAILED")
    world.tick()
    assert client.get("/webhooks").json["items"][0]["waiting"] > 0
    again = Receiver(receiver.port)
    again.secrets, receiver.heard, again.heard = receiver.secrets, again.heard, receiver.heard
    try:
        again.statuses = [500, 503, 204, 302]
        for _ in range(6):
            later(world)
        assert set(again.ids()) == set(feed_of(world))
        for tender in (first, second):
            assert again.ids(tender) == feed_of(world, tender)
        log = client.get(f"/webhooks/{hook}/deliveries").json["items"]
        assert {one["state"] for one in log} == {"done"} and any(one["attempts"] > 1 for one in log)
        assert world.client(world.account("tenderer")).get(
            f"/webhooks/{hook}/deliveries").status_code == 404
    finally:
        again.kill()


def test_killed_between_send_and_settle_it_is_told_again(world, receiver, monkeypatch):
    subscribed(world, receiver)
    world.published_tender()
    settle = clock._settle

    class Killed(BaseException):
        """The process ends here."""

    def die(*_):
        raise Killed

    monkeypatch.setattr(clock, "_settle", die)
    with pytest.raises(Killed):
        world.tick()
    db.session.remove()
    assert len(receiver.heard) == 1
    monkeypatch.setattr(clock, "_settle", settle)
    later(world)
    later(world)
    expected = feed_of(world)
    assert receiver.ids() == [expected[0], *expected]
    # Killed between claim and send: nothing was told, and nothing is lost.
    monkeypatch.setattr(clock, "post", die)
    world.published_tender()
    with pytest.raises(Killed):
        world.tick()
    db.session.remove()
    monkeypatch.undo()
    later(world)
    assert set(receiver.ids()) == set(feed_of(world))


def test_stopped_rotated_replayed_ended(world, receiver):
    client, hook = subscribed(world, receiver)
    receiver.statuses = [410]
    world.published_tender()
    world.tick()
    later(world)
    state = client.get("/webhooks").json["items"][0]
    assert (state["state"], state["stopped_why"], receiver.heard) == ("stopped", "gone", [])
    fresh = client.post(f"/webhooks/{hook}/rotation").json["secret"]
    assert fresh != receiver.secrets[0]
    receiver.secrets.append(fresh)  # Both sign for a day.
    assert client.post(f"/webhooks/{hook}/replay", json={}).status_code == 200
    world.tick()
    assert receiver.ids() == feed_of(world)
    world.advance(hours=25)
    receiver.secrets = [fresh]
    assert client.post(f"/webhooks/{hook}/replay", json={"cursor": "0"}).status_code == 200
    world.tick()
    assert receiver.ids() == feed_of(world) * 2
    assert client.post(f"/webhooks/{hook}/replay", json={"cursor": "1-x"}).status_code == 400
    # Days of silence stop it, and lose nothing.
    receiver.statuses = [500] * 99
    world.force_phase(world.lots(world.published_tender())[0].id, "FAILED")
    for _ in range(7):
        later(world, 86_400)
    assert client.get("/webhooks").json["items"][0]["stopped_why"] == "silent"
    receiver.statuses = []
    client.post(f"/webhooks/{hook}/replay", json={})
    for _ in range(3):
        later(world)
    assert set(receiver.ids()) == set(feed_of(world))
    assert client.delete(f"/webhooks/{hook}").status_code == 204
    heard = len(receiver.heard)
    world.published_tender()
    world.tick()
    assert len(receiver.heard) == heard and client.get("/webhooks").json["items"] == []


def test_what_is_told_to_whom(world, receiver):
    client, _ = subscribed(world, receiver, types=["deadline.*"])
    waiting, _ = subscribed(world, receiver, approve=False)
    receiver.secrets.clear()
    world.published_tender()
    world.tick()
    assert receiver.heard == []
    assert waiting.get("/webhooks").json["items"][0]["state"] == "waiting"
    nobody = world.client().post("/webhooks", json={"url": "https://example.com/"})
    assert nobody.status_code == 401
    for url in ("http://169.254.169.254/latest", "https://10.0.0.1/", "https://localhost:22/"):
        wiring().settings["webhooks"] = addresses.Rule()
        answer = client.post("/webhooks", json={"url": url})
        assert answer.status_code == 422 and answer.json["code"] == "webhook.address"
    wiring().settings["webhooks"] = addresses.Rule(hosts=("*.gov.cn",))
    assert client.post("/webhooks", json={"url": "https://a.com/"}).status_code == 422
    listed = client.post("/webhooks", json={"url": "https://a.gov.cn/"})
    assert listed.json["state"] == "live"
    wiring().settings["webhooks"] = addresses.Rule(off=True)
    assert client.post("/webhooks", json={"url": "https://a.gov.cn/"}).status_code == 403
    wiring().settings["webhooks"] = addresses.Rule()
    for _ in range(8):
        assert client.post("/webhooks", json={"url": "https://a.com/"}).status_code == 201
    assert client.post("/webhooks", json={"url": "https://a.com/"}).status_code == 409
    with pytest.raises(Refused):
        acts.approve(world.clerk, listed.json["id"])
    assert "whsec_" not in str(world.raw("SELECT * FROM webhook"))
    assert db.session.scalars(select(WebhookDelivery)).all() == []
    assert db.session.get(Webhook, listed.json["id"]).approved_at is not None


def test_waits_grow_and_differ():
    assert clock.wait_after(0, 0) == timedelta(seconds=20)
    assert clock.wait_after(3, 0.5) == timedelta(seconds=200)
    assert clock.wait_after(60, 0) == timedelta(hours=6)
