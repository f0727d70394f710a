"""Saved searches and their letters, with a real mail server on loopback."""

from __future__ import annotations

import email
import re
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as Protocol
from aiosmtpd.smtp import AuthResult

from audit.act import wiring
from kernel.db import db
from portal.alerts import clock, letters, smtp
from portal.config import BadSetting, Settings
from tests.portal.test_search import titled

pytestmark = pytest.mark.usefixtures("no_officials")


class AnyPort(Controller):
    """A mail server on a port that the system chooses, which may take its time to start."""

    def __init__(self, handler):
        super().__init__(handler, hostname="127.0.0.1", port=0, ready_timeout=120)

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class Box:
    """What a mail server took; it can refuse."""

    def __init__(self):
        self.letters, self.answers = [], []

    async def handle_DATA(self, _server, _session, envelope):
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            letter = email.message_from_bytes(envelope.content, policy=default)
            self.letters.append((envelope.rcpt_tos, letter))
        return answer

    def texts(self):
        return [letter.get_content() for _, letter in self.letters]


@pytest.fixture
def box():
    found = Box()
    controller = AnyPort(found)
    controller.start()
    found.port = controller.port
    yield found
    controller.stop()


@pytest.fixture
def mailed(world, box):
    """A world that sends mail, and a person whose address is confirmed."""
    wiring().settings["mail"] = smtp.server_of(f"smtp://127.0.0.1:{box.port}", "", "yg@example.cn")
    wiring().settings["public_url"] = "https://yg.example.cn"
    client = world.client(world.account("tenderer"))
    saved = client.post("/saved-searches", json={"name": "道路", "query": {"q": "道路"}})
    assert saved.json["code"] == "mail.unconfirmed"
    assert client.put("/mail-address", json={"address": "a.b@example.cn"}).status_code == 200
    world.tick()
    (to, letter), = box.letters
    assert to == ["a.b@example.cn"]
    code = re.search(r"确认码：([A-Z2-7]{16})", letter.get_content())[1]
    assert client.post("/mail-address/confirmation", json={"code": "A" * 16}).status_code == 422
    assert client.post("/mail-address/confirmation", json={"code": code}).json["confirmed_at"]
    box.letters.clear()
    return client


def save(client, **over):
    answer = client.post("/saved-searches", json={
        "name": "乡村道路", "query": {"q": "道路", "region": "3307"}, "pace": "at-once"} | over)
    assert answer.status_code == 201, answer.json
    return answer.json


def test_a_digest_tells_of_what_is_new_and_of_nothing_twice(world, box, mailed):
    titled(world, "旧道路工程")
    world.tick()
    save(mailed)
    world.tick()
    assert box.letters == []
    titled(world, "新道路工程")
    titled(world, "学校食堂设备")
    box.answers = ["451 try later"]
    world.advance(minutes=3)
    world.tick()
    assert box.letters == []
    world.advance(minutes=3)
    world.tick()
    assert len(box.letters) == 1  # Refused once, and taken when it came again.
    _, letter = box.letters[0]
    assert "新道路工程" in letter.get_content() and "食堂" not in letter.get_content()
    assert "旧道路" not in letter.get_content() and "yg.example.cn/tenders/" in letter.get_content()
    titled(world, "又一道路工程")
    # Killed between sending and writing it down: the same letter again, under the same id.
    settle, clock._settle = clock._settle, lambda *_: 1 / 0
    world.advance(minutes=3)
    world.tick()
    world.advance(minutes=3)
    world.tick()
    clock._settle = settle
    db.session.remove()
    world.advance(minutes=10)
    world.tick()
    assert len({one["Message-ID"] for _, one in box.letters}) == 2
    assert sum("新道路工程" in one for one in box.texts()) == 1
    # The index made anew tells nothing again.
    world.raw("UPDATE saved_search_course SET after_seq = 0")
    world.advance(minutes=10)
    sent = len(box.letters)
    world.tick()
    assert [one for one in box.texts()[sent:] if "新道路" in one or "又一" in one] == []
    one_click(world, box, mailed, letter)


def one_click(world, box, client, letter):
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = re.fullmatch(r"<https://yg\.example\.cn(/api/v1/unsubscribe/.*)>",
                        letter["List-Unsubscribe"])[1]
    anybody = world.client()
    assert anybody.post(path[:-1] + "0x", data="x").status_code == 404
    page = anybody.get(path)
    assert page.status_code == 200 and "<form" in page.text
    assert len(client.get("/saved-searches").json["items"]) == 1
    for _ in range(2):
        assert anybody.post(path, data="List-Unsubscribe=One-Click", key=None, content_type=
                            "application/x-www-form-urlencoded").status_code == 204
    assert client.get("/saved-searches").json["items"] == []
    titled(world, "后来的道路工程")
    world.advance(days=2)
    sent = len(box.letters)
    world.tick()
    assert len(box.letters) == sent


@pytest.mark.parametrize("database", ["sqlite"])
def test_daily_waits_for_the_morning_and_a_withdrawn_address_gets_nothing(world, box, mailed):
    save(mailed, pace="daily")
    world.tick()
    titled(world, "晨间道路工程")
    world.tick()
    assert box.letters == []
    world.advance(days=1)
    world.tick()
    assert len(box.letters) == 1
    titled(world, "隔日道路工程")
    world.tick()
    stated = mailed.get("/mail-address").json["version"]
    stale = mailed.put("/mail-address", json={"address": "b@example.cn"},
                       headers={"If-Match": f'"{stated - 1}"'})
    assert stale.json["code"] == "version.stale", stale.json
    assert mailed.get("/mail-address").json["address"] == "a.b@example.cn"
    assert mailed.delete("/mail-address").status_code == 204
    assert mailed.get("/mail-address").status_code == 404
    assert "example.cn" not in str(world.raw("SELECT * FROM mail_address"))
    world.advance(days=1)
    world.tick()
    assert len(box.letters) == 1


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_server_that_is_not_there_stops_nothing(world, box, mailed):
    save(mailed)
    wiring().settings["mail"] = smtp.server_of("smtp://127.0.0.1:1", "", "yg@example.cn")
    tender = titled(world, "无邮件道路工程")
    world.tick()
    assert world.client().get(f"/tenders/{tender.id}").status_code == 200
    assert world.raw("SELECT state, problem FROM letter WHERE search_id IS NOT NULL")[0][0] == "waiting"
    for address in ("a@b.cn\r\nBcc: x@y.cn", "a@b.cn, c@d.cn", "<a@b.cn>", "a@b", "@b.cn", "a b@c.cn",
                    "a@b.cn\n", "x" * 250 + "@b.cn"):
        assert mailed.put("/mail-address", json={"address": address}).status_code == 422, address
    assert mailed.post("/saved-searches", json={
        "name": "x\r\nBcc: y@z.cn", "query": {}}).status_code == 422
    for _ in range(2):
        assert mailed.put("/mail-address", json={"address": "c@example.cn"}).status_code == 200
    assert mailed.put("/mail-address", json={"address": "c@example.cn"}).status_code == 429
    wiring().settings["mail"] = None
    assert mailed.put("/mail-address", json={"address": "c@example.cn"}).status_code == 403


def test_a_header_holds_one_line_whatever_a_name_holds():
    subject, _ = letters.digest("x\r\nBcc: evil@x.cn\u2028y", [], False, "https://x")
    letter = letters.message("yg@example.cn", "a@b.cn", subject, "text", "1", "https://x/y")
    assert letter["Bcc"] is None and b"\nBcc:" not in letter.as_bytes()
    for bad in ("a@b.cn\r\nBcc: c@d.cn", "a@b.cn,c@d.cn"):
        with pytest.raises(ValueError):
            letters.message("yg@example.cn", bad, "s", "t", "1")


def test_tls_is_not_bargained_about(box, tmp_path):
    letter = letters.message("yg@example.cn", "a@b.cn", "s", "t", "1")
    password = tmp_path / "password"
    password.write_text("geheim\n")
    with pytest.raises(smtp.Unsent):  # The server offers no STARTTLS.
        smtp.send(smtp.server_of(f"smtp+starttls://u@127.0.0.1:{box.port}", str(password),
                                 "yg@example.cn"), letter)
    assert box.letters == []
    for url in ("smtp://mail.example.cn", "smtps://u:p@mail.example.cn", "http://x", "smtps://"):
        with pytest.raises(BadSetting, match="YANGGUANG_SMTP"):
            Settings(smtp=url, mail_from="yg@example.cn").check()
    seen = []

    def authenticate(_server, _session, _envelope, _mechanism, data):
        seen.append((data.login, data.password))
        return AuthResult(success=data.password == b"geheim")

    class WithLogin(AnyPort):
        """Asks for a password, without TLS, on loopback."""

        def factory(self):
            return Protocol(self.handler, authenticator=authenticate, auth_require_tls=False)

    controller = WithLogin(box)
    controller.start()
    try:
        smtp.send(smtp.server_of(f"smtp://u@127.0.0.1:{controller.port}", str(password), "yg@example.cn"), letter)
    finally:
        controller.stop()
    assert seen == [(b"u", b"geheim")] and len(box.letters) == 1
