"""No line of the log holds an address, a secret or a token, whatever fails."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy.exc import IntegrityError

from audit.act import wiring
from audit.actor import OPERATOR
from portal import traces
from portal.alerts import clock as mail
from portal.alerts import smtp
from portal.webhooks import acts, addresses
from portal.webhooks import clock as hooks
from tests.portal.test_search import titled

pytestmark = pytest.mark.usefixtures("no_officials")

ADDRESS, TOKEN, PLANTED = "marker.lin@example.cn", "token-marker-8f1", "planted-words-77"


class Said:
    """All that was logged at any level, as it would be written."""

    def __init__(self, caplog):
        self.caplog = caplog

    def text(self) -> str:
        return "\n".join(logging.Formatter("%(name)s %(message)s").format(record)
                         for record in self.caplog.records)


@pytest.fixture
def said(caplog):
    caplog.set_level(logging.DEBUG)
    return Said(caplog)


@pytest.fixture
def secrets(world, monkeypatch):
    """A webhook whose address holds a token, and a saved search; both wait to be told something."""
    monkeypatch.setitem(wiring().settings, "mail", smtp.server_of("smtp://127.0.0.1:1", "", "yg@b.cn"))
    monkeypatch.setitem(wiring().settings, "public_url", "https://yg.example.cn")
    monkeypatch.setitem(wiring().settings, "webhooks", addresses.Rule(
        networks=addresses.networks_of("127.0.0.0/8")))
    actor = world.account("tenderer")
    client = world.client(actor)
    made = client.post("/webhooks", json={"url": f"http://127.0.0.1:1/in?token={TOKEN}"}).json
    acts.approve(OPERATOR, made["id"])
    assert client.put("/mail-address", json={"address": ADDRESS}).status_code == 200
    world.raw("UPDATE mail_address SET confirmed_at = asked_at")
    assert client.post("/saved-searches", json={
        "name": "道路", "query": {"q": "道路"}, "pace": "at-once"}).status_code == 201
    world.tick()
    titled(world, "新道路工程")
    world.advance(minutes=3)
    return [ADDRESS, "marker.lin", TOKEN, made["secret"], made["secret"].removeprefix("whsec_"), PLANTED]


def fail(*_args, **_kwargs):
    """An error that says everything, and one behind it that says more."""
    try:
        raise IntegrityError("INSERT", {"address": ADDRESS}, Exception(
            f"DETAIL: Failing row contains ({ADDRESS}, {TOKEN}, {PLANTED})"))
    except IntegrityError as error:
        raise LookupError(f"{PLANTED} {ADDRESS}") from error


@pytest.mark.parametrize("database", ["sqlite"])
def test_what_fails_is_named_by_its_place_and_not_by_its_words(
        world, said, secrets, monkeypatch):
    world.tick()  # nobody listens: both are put off
    world.advance(hours=7)
    for module, name in ((hooks, "post"), (mail.smtp, "send"), (hooks, "spread"), (mail, "gather")):
        with monkeypatch.context() as planted:
            planted.setattr(module, name, fail)
            world.tick()
            world.advance(hours=7)
    for beside in (lambda: hooks._beside(world.app, "0" * 32), lambda: beside_mail(world)):
        with monkeypatch.context() as planted:
            planted.setattr(hooks, "serve", fail)
            planted.setattr(mail, "deliver", fail)
            beside()
    text = said.text()
    assert text.count("builtins.LookupError at tests/portal/test_log_lines.py") == 6, text
    assert "from sqlalchemy.exc.IntegrityError at " in text
    assert "mail" in text and "portal/tick.py" in text
    assert [one for one in secrets if one in text] == []


def beside_mail(world) -> None:
    assert mail._sending.acquire(blocking=False)
    mail._beside(world.app, world.now)


@pytest.mark.parametrize("database", ["sqlite"])
def test_an_error_of_ours_is_logged_without_its_words_too(world, said, monkeypatch):
    endpoint = next(rule.endpoint for rule in world.app.url_map.iter_rules()
                    if rule.rule == "/api/v1/openapi.json")
    monkeypatch.setitem(world.app.view_functions, endpoint, fail)
    monkeypatch.setitem(world.app.config, "PROPAGATE_EXCEPTIONS", False)
    answer = world.client().get("/openapi.json")
    assert answer.status_code == 500 and PLANTED not in answer.text
    assert "unexpected error" in said.text() and PLANTED not in said.text()


def test_the_words_would_have_been_there(said):
    """The same lines as Python writes them hold all of it."""
    try:
        fail()
    except LookupError as error:
        assert PLANTED not in traces.told(error)
        plain = logging.LogRecord("x", logging.ERROR, "x", 1, "mail", (),
                                  (type(error), error, error.__traceback__))
        assert PLANTED in logging.Formatter().format(plain)
