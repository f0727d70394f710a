"""Two defects of another platform, which this one must not have."""

from __future__ import annotations

from datetime import timedelta, timezone

import pytest

from bidding.model import StandingBid
from kernel.canonical import time_text
from kernel.refusal import Refused
from tender import acts as tenders
from tests.bidding.test_races import at_once, last_blocks

AT_ONCE = 16


def written(moment, hours: int) -> str:
    """An instant as somebody in another zone writes it."""
    return moment.astimezone(timezone(timedelta(hours=hours))).isoformat()


def test_a_deadline_is_an_instant_however_its_offset_is_written(world):
    """There deadlines were compared as texts: written with +00:00 one refused a bid nine minutes
    early, written with +09:00 one took a bid nine seconds late."""
    tender = world.draft_tender(lots=3)
    stated = world.lots(tender)[0].deadline
    texts = [written(stated, hours) for hours in (0, 9, -5)]
    assert len(set(texts)) == 3 and sorted(texts) != texts
    answer = world.client(world.clerk).patch(
        f"/tenders/{tender.id}", headers={"If-Match": f'"{tender.version}"'},
        json={"lots": [{"id": lot.id, "deadline": text}
                       for lot, text in zip(world.lots(tender), texts, strict=True)]})
    assert answer.status_code == 200, answer.json
    publish(world, world.tender(tender.id))
    lots = world.lots(tender)
    assert {lot.deadline for lot in lots} == {stated}
    shown = world.client().get(f"/tenders/{tender.id}").json["lots"]
    assert {one["deadline"] for one in shown} == {time_text(stated)}
    late = [(lot, world.company()) for lot in lots]
    ready = [(lot, company, world.seal(lot, company)) for lot, company in late]
    world.set_time(stated - timedelta(minutes=9))
    for lot in lots:
        world.sealed_bid(lot)
    world.freeze(stated + timedelta(seconds=9))
    for lot, company, sealed in ready:
        with pytest.raises(Refused) as refused:
            world.declare(lot, company, sealed)
        assert refused.value.word.code == "bid.late", lot.number
    assert world.session.query(StandingBid).count() == 3


def publish(world, tender) -> None:
    """Have the draft published as it stands."""
    world.before_publishing(tender)
    notice = tenders.submit_notice(world.clerk, tender.id)
    tenders.approve_notice(world.fresh(world.chief), tender.id, content_hash=notice.content_hash)


def test_sixteen_tenderers_at_once_disturb_nobody(world):
    """There one revision of tender and bids was locked: of sixteen at once 81 % were refused with
    409. That a bid costs the same whatever the lot holds: test_cost.py."""
    lot = world.lots(world.published_tender())[0]
    calls, sends = [], []
    for _ in range(AT_ONCE):
        company = world.company()
        sealed = world.seal(lot, company)
        calls.append(lambda company=company, sealed=sealed: world.declare(lot, company, sealed))
        sends.append((company, sealed))
    answers = at_once(world, calls)
    assert [one for one in answers if isinstance(one, str)] == []
    last = [call for company, sealed in sends for call in last_blocks(world, company, sealed)]
    answers = at_once(world, last)
    assert [one for one in answers if isinstance(one, str)] == []
    assert world.session.query(StandingBid).count() == AT_ONCE
