"""Erasing a person takes the mail address, the saved searches and the webhooks too."""

from __future__ import annotations

import pytest
from sqlalchemy import inspect, select

import portal.record
from audit import model
from audit.act import wiring
from audit.actor import OPERATOR
from audit.verify import verify
from people import acts as people
from portal.alerts import clock as mail
from portal.alerts import smtp
from portal.alerts.model import InvitationLetter
from portal.search import indexing
from portal.webhooks import acts, addresses
from portal.webhooks import clock as hooks
from tests.portal.test_search import titled

pytestmark = pytest.mark.usefixtures("no_officials")

OURS = ("mail_address", "saved_search", "saved_search_course", "letter", "letter_item",
        "invitation_letter", "webhook", "webhook_course", "webhook_delivery")


@pytest.fixture
def settings(world, monkeypatch):
    monkeypatch.setitem(wiring().settings, "mail", smtp.server_of("smtp://127.0.0.1:1", "", "yg@b.cn"))
    monkeypatch.setitem(wiring().settings, "public_url", "https://yg.example.cn")
    monkeypatch.setitem(wiring().settings, "webhooks", addresses.Rule(
        networks=addresses.networks_of("127.0.0.0/8")))


def told(world, name: str):
    """Somebody who is told by mail and by webhook, both of which nobody takes."""
    actor = world.account("opener", name=name)
    client = world.client(actor)
    hook = client.post("/webhooks", json={"url": f"http://127.0.0.1:1/{name}"}).json["id"]
    acts.approve(OPERATOR, hook)
    assert client.post(f"/webhooks/{hook}/rotation").status_code == 200
    assert client.put("/mail-address", json={"address": f"{name}@example.cn"}).status_code == 200
    world.raw("UPDATE mail_address SET confirmed_at = asked_at WHERE account_id = :id",
              id=actor.account_id)
    assert client.post("/saved-searches", json={
        "name": f"{name} 道路", "query": {"q": "道路"}, "pace": "at-once"}).status_code == 201
    return actor, hook


def rows(world) -> dict[str, list[str]]:
    return {name: [str(row) for row in world.raw(f"SELECT * FROM {name}")] for name in OURS}


def test_all_that_tells_of_the_person_goes_and_the_others_stays(world, settings, monkeypatch):
    world.tick()
    (gone, hook), (stays, _) = told(world, "gone"), told(world, "stays")
    titled(world, "新道路工程")
    world.advance(minutes=3)
    sent = []

    def send(_server, letter):  # erased while its letter and its call are in hand
        sent.append(letter)
        if len(sent) == 1:
            erase(world, gone)

    monkeypatch.setattr(mail.smtp, "send", send)
    with world._raw.begin() as connection:
        connection.execute(InvitationLetter.__table__.insert(), [
            {"lot_id": "0" * 32, "account_id": one.account_id, "deadline": world.now,
             "letter_id": "0" * 32} for one in (gone, stays)])
    before = rows(world)
    assert all(before[name] for name in OURS if name not in ("letter", "letter_item",
                                                             "webhook_delivery"))
    indexing.follow(world.now)
    mail.gather(world.now)
    hooks.spread(world.now)
    assert all(len(found) >= 2 for found in rows(world).values()), rows(world)
    mail.deliver(world.now)
    after = rows(world)
    for name, found in after.items():
        assert found, name
        text = str(found)
        assert gone.account_id not in text and hook not in text and "gone" not in text, name
    assert stays.account_id in str(after["webhook"])
    kept = [row.record for row in world.session.scalars(select(model.Disclosure))]
    assert not [one for one in kept if hook in one]
    assert not [one for one in kept if "mail." in one and gone.account_id in one]
    assert [one for one in kept if "webhook.created" in one and stays.account_id in one]
    target = world.settings.folder.parent / "copy"
    portal.record.copy(target, whole=True)
    found = verify(target, world.log_keys.log.verifier)
    assert found.problems == [] and found.erased > 5, found
    # Nobody's row is written by a call that was in hand.
    assert hooks._settle(hook, "0" * 32, 204, "") is True
    assert rows(world)["webhook"] == after["webhook"]


def erase(world, actor) -> None:
    people.disable_account(OPERATOR, actor.account_id, reason="离职")
    world.publish_record()
    proposed = people.propose_erasure(world.admin("sec_admin"), actor.account_id, reason="本人申请")
    for _ in range(8):  # while a lot is sealed, what tells of nobody comes out by beats
        world.advance(minutes=1)
        world.publish_record()
    people.approve_erasure(world.admin("audit_admin"), proposed.id)
    world.publish_record()


def test_every_table_that_names_an_account_of_this_book_is_known(world):
    """A table added here later is either forgotten too or said not to be a person's."""
    from kernel.db import Base
    from portal.alerts import model as alerts
    from portal.webhooks import model as webhooks

    found = {value.__tablename__ for module in (alerts, webhooks)
             for value in vars(module).values()
             if isinstance(value, type) and issubclass(value, Base) and value is not Base}
    assert found == set(OURS)
    assert all(inspect(world._raw).has_table(name) for name in OURS)
