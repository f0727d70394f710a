"""Letters to those asked to stay bound: to them alone, and to each what came of its own bid."""

from __future__ import annotations

import pytest

from kernel.canonical import time_text
from people import acts as peopling
from people.model import Party
from tender import reading as tenders
from tender.notices import read
from tests.evaluation.test_validity import asked, concluded, reading, said

from .test_alerts import box  # noqa: F401
from .test_invitation_letters import mailing, reads_mail, sent  # noqa: F401

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_those_asked_are_told_and_what_came_of_it(world, mailing):  # noqa: F811
    lot = world.lots(world.published_tender())[0]
    companies = [world.sealed_bid(lot) for _ in range(4)]
    addresses = [reads_mail(world, one.actor, f"c{n}") for n, one in enumerate(companies[:3])]
    reads_mail(world, companies[3].actor, "c3", confirmed=False)
    reads_mail(world, world.company().actor, "other")
    reads_mail(world, world.clerk, "buyer")
    cuckoo = peopling.create_account(
        world.admin("sys_admin"), login="cuckoo", person_name="某", id_number=world.id_number(),
        party_id=companies[0].actor.party_id)
    reads_mail(world, world.actor_of(cuckoo), "cuckoo")
    world.past_deadline(lot)
    world.authorise(lot)
    for company in companies:
        world.give_own(lot, company)
    world.tick()
    lot = tenders.lot(world.session, lot.id)
    request = asked(world, lot)
    assert sent(mailing) == {}, "no act waits for mail"
    world.tick()
    told = sent(mailing)
    assert sorted(told) == addresses
    names = [world.session.get_one(Party, one.actor.party_id).name for one in companies]
    for text, name in zip((told[one] for one in addresses), names, strict=False):
        assert read("time", time_text(request["answer_by"]))["zh"] in text
        assert f"https://yg.example.cn/desk/lots/{lot.id}/validity" in text
        assert request["until"].isoformat() in text and "stay bound" in text
        assert [one for one in names if one in text] == [name]
    world.tick()
    assert sent(mailing) == {}
    said(world, lot, companies[0], True)
    said(world, lot, companies[1], False)
    world.tick()
    assert sent(mailing) == {}, "an answer is told to nobody before all are in"
    concluded(world, reading.open_request(world.session, lot.id))
    world.tick()
    told = sent(mailing)
    assert sorted(told) == addresses
    assert "继续有效至" in told["c0@example.cn"] and "stays valid until" in told["c0@example.cn"]
    assert all("已失效" in told[f"c{n}@example.cn"] and "has lapsed" in told[f"c{n}@example.cn"]
               for n in (1, 2))
