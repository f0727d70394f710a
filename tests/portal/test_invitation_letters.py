"""Letters to those invited to a lot: to them alone, once for each deadline, and with no rival in it."""

from __future__ import annotations

import pytest

from audit.act import wiring
from kernel.canonical import time_text
from people import acts as peopling
from people.digests import seal
from portal.alerts import clock, smtp
from portal.alerts.model import MailAddress
from tender import acts
from tender.notices import read
from tests.tender.test_invitation import invite, listed
from tests.tender.test_notices import later

from .test_alerts import box  # noqa: F401

WHY = "投标人反映工程量清单有误，需时核对。"


@pytest.fixture
def mailing(world, box):  # noqa: F811
    wiring().settings["mail"] = smtp.server_of(f"smtp://127.0.0.1:{box.port}", "", "yg@example.cn")
    wiring().settings["public_url"] = "https://yg.example.cn"
    return box


def reads_mail(world, actor, name: str, confirmed: bool = True) -> str:
    """Give an account an address."""
    address = f"{name}@example.cn"
    with world._raw.begin() as connection:
        connection.execute(MailAddress.__table__.insert().values(
            account_id=actor.account_id, address=seal(address), code_hash="", asked_at=world.now,
            confirmed_at=world.now if confirmed else None))
    return address


def sent(mailing) -> dict[str, str]:
    """What came since last time: address → text. Nobody got two."""
    found = {}
    for (to,), letter in mailing.letters:
        assert to not in found, "two letters at once"
        found[to] = f"{letter['Subject']}\n{letter.get_content()}"
    mailing.letters.clear()
    return found


def test_each_invited_company_is_told_of_its_own_and_of_a_later_deadline(world, mailing):
    companies = [world.company() for _ in range(3)]
    stranger = world.company()
    addresses = [reads_mail(world, one.actor, f"c{n}") for n, one in enumerate(companies[:2])]
    reads_mail(world, companies[2].actor, "c2", confirmed=False)
    reads_mail(world, stranger.actor, "other")
    reads_mail(world, world.account("buyer"), "buyer")
    cuckoo = peopling.create_account(
        world.admin("sys_admin"), login="cuckoo", person_name="某", id_number=world.id_number(),
        party_id=companies[0].actor.party_id)
    reads_mail(world, world.actor_of(cuckoo), "cuckoo")
    tender, lot = invite(world, companies)
    assert sent(mailing) == {}, "no act waits for mail"
    world.tick()
    told = sent(mailing)
    assert sorted(told) == addresses
    names = [one["name"] for one in listed(companies)] + [one.uscc for one in companies]
    for text in told.values():
        assert f"https://yg.example.cn/tenders/{tender.id}" in text and lot.title in text
        assert read("time", time_text(lot.deadline))["zh"] in text and "受邀投标" in text
        assert not [one for one in names if one in text], "another company, or how many"
    subject = told[addresses[0]].splitlines()[0]
    assert tender.title not in subject and "邀" not in subject
    world.tick()
    assert sent(mailing) == {}
    moved = acts.move_deadline(world.fresh(world.clerk), lot.id, later(world, lot), why=WHY)
    world.tick()
    told = sent(mailing)
    assert sorted(told) == addresses
    assert all(read("time", time_text(moved.deadline))["zh"] in text and "顺延" in text
               for text in told.values())
    # Who is vouched for later hears of it then; who is not invited never.
    peopling.vouch(world.fresh(companies[0].actor), cuckoo.id)
    world.tick()
    assert sorted(sent(mailing)) == ["cuckoo@example.cn"]
    world.advance(to=moved.deadline)
    world.tick()
    assert sent(mailing) == {}


def test_what_waits_is_not_sent_when_it_is_not_true_any_more(world, mailing):
    companies = [world.company() for _ in range(3)]
    for number, one in enumerate(companies):
        reads_mail(world, one.actor, f"c{number}")
    _, lot = invite(world, companies)
    mailing.answers += ["451 later"] * 3
    world.tick()
    assert sent(mailing) == {}
    acts.move_deadline(world.fresh(world.clerk), lot.id, later(world, lot), why=WHY)
    peopling.disable_account(world.fresh(world.admin("sys_admin")), companies[0].actor.account_id, reason="离职")
    world.advance(minutes=3)
    world.tick()
    told = sent(mailing)
    assert sorted(told) == ["c1@example.cn", "c2@example.cn"]
    assert all("顺延" in text for text in told.values()), "one letter each, the true one"
    assert world.raw("SELECT count(*) FROM letter WHERE state = 'dead'")[0][0] == 3


def test_letters_of_invitations_do_not_use_up_confirmations(world, mailing):
    companies = [world.company() for _ in range(3)]
    reads_mail(world, companies[0].actor, "c0")
    _, lot = invite(world, companies)
    for _ in range(3):
        world.tick()
        acts.move_deadline(world.fresh(world.clerk), lot.id, later(world, lot), why=WHY)
        lot = world.session.get(type(lot), lot.id, populate_existing=True)
    sent_again = world.client(companies[0].actor).put("/mail-address",
                                                      json={"address": "new@example.cn"})
    assert sent_again.status_code == 200
    mailing.letters.clear()
    clock.post(world.now)
    assert "确认码" in sent(mailing)["new@example.cn"]
    # The address is not confirmed: nothing of the company's goes there.
    world.tick()
    assert sent(mailing) == {}


def test_a_disabled_account_gets_no_letter_that_waits(world, mailing):
    one = world.account("tenderer", world.party("tenderer"))
    assert world.client(one).put("/mail-address", json={"address": "a@example.cn"}).status_code \
        == 200
    mailing.answers.append("451 later")
    world.tick()
    peopling.disable_account(world.fresh(world.admin("sys_admin")), one.account_id, reason="离职")
    world.advance(minutes=3)
    world.tick()
    assert sent(mailing) == {}
