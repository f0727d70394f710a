"""kill -9 of the tick loop while it tells, and of who is told: at least once, in order, unchanged.

The loop is the real process; webhooks go to a receiver that is a process too, letters over
STARTTLS to a mail server that asks for a password. Who kills whom, and when, is said by orders
at the very call, so nothing here depends on how fast anything is.
"""

from __future__ import annotations

import email
import os
import re
import signal
import ssl
import time
from datetime import datetime, timedelta
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from sqlalchemy import func, select

from audit.actor import OPERATOR
from kernel.db import db
from portal.alerts import letters, smtp
from portal.alerts.model import Letter
from portal.config import Settings
from portal.webhooks import acts
from portal.webhooks.model import WebhookDelivery
from tests.portal.receiver import Receiver
from tests.portal.test_search import titled
from tests.portal.test_webhook_rules import self_signed
from tests.portal.test_webhooks import feed_of
from tests.portal.ticking import Ticking
from tests.served import free_port

pytestmark = pytest.mark.usefixtures("no_officials")

PATIENCE = 120
"""Seconds without any progress after which there will be none."""


class Mail(Controller):
    """A mail server with STARTTLS and a password on a port that the system chooses."""

    def __init__(self, folder, name: str = "127.0.0.1"):
        self.letters, self.orders, self.sender = [], [], folder / "sender"
        pem = self_signed(folder, name)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        self.trusted = str(pem)
        self.tls = []

        def authenticate(_server, session, _envelope, _mechanism, data):
            self.tls.append(session.ssl is not None)
            return AuthResult(success=(data.login, data.password) == (b"yg", b"geheim"),
                              handled=False)

        super().__init__(self, hostname="127.0.0.1", port=0, tls_context=context,
                         require_starttls=True, authenticator=authenticate, auth_required=True,
                         ready_timeout=120)

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    async def handle_DATA(self, _server, _session, envelope):
        order = self.orders.pop(0) if self.orders else "ok"
        if order in ("ok", "kill"):
            letter = email.message_from_bytes(envelope.content, policy=default)
            self.letters.append((envelope.rcpt_tos, letter))
        if order in ("kill", "kill-unheard"):
            os.kill(int(self.sender.read_text()), signal.SIGKILL)
        return "250 OK" if order in ("ok", "kill") else "451 later"


@pytest.fixture
def post(tmp_path, monkeypatch):
    made = Mail(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", made.trusted)
    (tmp_path / "password").write_text("geheim\n")
    made.start()
    yield made
    made.stop()


@pytest.fixture
def installation(installation, post, tmp_path):
    return Settings(**{**vars(installation), "tick_seconds": "0.05",
                       "webhook_networks": "127.0.0.0/8", "mail_from": "yg@example.cn",
                       "smtp": f"smtp+starttls://yg@127.0.0.1:{post.port}",
                       "smtp_password": str(tmp_path / "password"),
                       "public_url": "https://yg.example.cn"})


def subscribed(world, post) -> tuple[str, str, int]:
    """Somebody who is told by webhook and by mail: (secret, webhook, port)."""
    client, port = world.client(world.account("tenderer")), free_port()
    made = client.post("/webhooks", json={"url": f"http://127.0.0.1:{port}/in"}).json
    acts.approve(OPERATOR, made["id"])
    assert client.put("/mail-address", json={"address": "a.b@example.cn"}).status_code == 200
    world.tick()
    (_, letter), = post.letters  # over STARTTLS, with the password
    code = re.search(r"确认码：([A-Z2-7]{16})", letter.get_content())[1]
    assert client.post("/mail-address/confirmation", json={"code": code}).status_code == 200
    assert client.post("/saved-searches", json={
        "name": "道路", "query": {"q": "道路"}, "pace": "at-once"}).status_code == 201
    post.letters.clear()
    return made["secret"], made["id"], port


def waiting(world) -> int:
    """What is still to be told."""
    return world.raw("SELECT (SELECT count(*) FROM change) - (SELECT count(*) FROM webhook_delivery"
                     " WHERE state = 'done') + (SELECT count(*) FROM letter WHERE state = 'waiting')"
                     )[0][0]


def until_all_is_told(world, sender, receiver, post, titles) -> None:
    """Let the two run, and time pass, until nothing waits and every title was in a letter."""
    ends, seen = time.monotonic() + PATIENCE, None
    while waiting(world) or not all(
            any(title in letter.get_content() for _, letter in post.letters) for title in titles):
        assert time.monotonic() < ends, (waiting(world), receiver.orders(), post.orders, titles)
        state = waiting(world), receiver.orders(), list(post.orders), len(post.letters)
        if state != seen:
            ends, seen = time.monotonic() + PATIENCE, state
        receiver.ensure()
        sender.ensure()
        time.sleep(0.1)
        world.advance(to=max(due_next(world), world.now + timedelta(seconds=61)))


def due_next(world) -> datetime:
    """When what was put off longest ago is due again."""
    found = [world.session.scalar(select(func.min(table.next_try_at)).where(
        table.state == "waiting")) for table in (WebhookDelivery, Letter)]
    return min((one for one in found if one is not None), default=world.now)


def judge(world, receiver, post, titles) -> int:
    """Each at least once, in order per tender, unchanged; how many were told again."""
    heard, order = receiver.heard(), feed_of(world)
    assert [one["problem"] for one in heard if one["problem"]] == []
    assert {one["id"] for one in heard} == set(order), "told all, and nothing else"
    assert len({(one["id"], one["body"]) for one in heard}) == len(order), "unchanged"
    for tender in {row[0] for row in world.raw("SELECT tender_id FROM change")}:
        own = [row[0] for row in world.raw("SELECT entry_id FROM change WHERE tender_id = :one "
                                           "ORDER BY position", one=tender)]
        last = -1
        for place in (own.index(one["id"]) for one in heard if one["id"] in own):
            assert place in (last, last + 1), "out of its order"
            last = max(last, place)
    by_id: dict[str, set[str]] = {}
    for to, letter in post.letters:
        assert to == ["a.b@example.cn"]
        by_id.setdefault(letter["Message-ID"], set()).add(letter.get_content())
    assert all(len(texts) == 1 for texts in by_id.values()), "another letter under the same id"
    for title in titles:
        assert sum(title in next(iter(texts)) for texts in by_id.values()) == 1
    assert all(post.tls)
    return len(heard) - len(order) + len(post.letters) - len(by_id)


def run(world, post, tmp_path, orders: list[str], mail_orders: list[str]) -> tuple[int, int, int]:
    """Tell through all that the orders do: (told again, starts of the sender, of the receiver)."""
    secret, _, port = subscribed(world, post)
    post.orders = mail_orders
    titles = [f"{place}号道路工程" for place in range(3)]
    for title in titles:
        world.force_phase(world.lots(titled(world, title))[0].id, "TERMINATED")
    world.client().get("/changes")
    db.session.remove()
    db.engine.dispose()
    receiver = Receiver(port, tmp_path, secret, orders)
    sender = Ticking(world.settings, tmp_path / "sender")
    try:
        until_all_is_told(world, sender, receiver, post, titles)
        assert len(receiver.orders()) <= max(0, len(orders) - 6)
        again = judge(world, receiver, post, titles)
        return again, sender.starts, receiver.starts
    finally:
        sender.close()
        receiver.close()


@pytest.mark.faults
def test_killed_while_it_tells_it_tells_again(world, post, tmp_path):
    again, senders, receivers = run(
        world, post, tmp_path, ["kill", "die", "kill-unheard", "die-heard", "500", "kill-after"],
        ["kill", "kill-unheard"])
    assert again >= 3, "heard by one who could not answer, or whose answer nobody took"
    assert senders >= 5 and receivers >= 3


def test_a_letter_goes_over_starttls_to_the_host_it_is_meant_for(post, tmp_path, monkeypatch):
    letter = letters.message("yg@example.cn", "a@b.cn", "s", "t", "1")
    password = tmp_path / "password"
    server = smtp.server_of(f"smtp+starttls://yg@127.0.0.1:{post.port}", str(password),
                            "yg@example.cn")
    smtp.send(server, letter)
    assert len(post.letters) == 1 and post.tls == [True]
    # With another password, with a certificate nobody vouches for, with one of another host.
    password.write_text("falsch\n")
    with pytest.raises(smtp.Unsent, match="SMTPAuthenticationError 535"):
        smtp.send(server, letter)
    password.write_text("geheim\n")
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(smtp.Unsent, match="SSLCertVerificationError"):
        smtp.send(server, letter)
    (tmp_path / "other").mkdir()
    other = Mail(tmp_path / "other", "mail.example.com")
    other.start()
    try:
        monkeypatch.setenv("SSL_CERT_FILE", other.trusted)
        with pytest.raises(smtp.Unsent, match="SSLCertVerificationError"):
            smtp.send(smtp.server_of(f"smtp+starttls://yg@127.0.0.1:{other.port}", str(password),
                                     "yg@example.cn"), letter)
    finally:
        other.stop()
    assert len(post.letters) == 1 and other.letters == [] == other.tls
