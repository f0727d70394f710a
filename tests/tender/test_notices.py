"""Published notices: signed, never changed, the same on every medium; the deadline only grows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from audit.keys import verifier
from kernel.canonical import parse, sha256, time_text
from kernel.db import db
from tender import acts, notices, reading
from tender.model import PublishedNotice
from tender.timetable import beijing_day, national_calendar, roll, start_of

from .test_acts import refused, together


def published(world, tender) -> list[PublishedNotice]:
    db.session.rollback()
    return reading.published_notices(db.session, tender.id)


def later(world, lot, days: int = 20):
    return start_of(roll(beijing_day(lot.deadline) + timedelta(days=days), national_calendar()))


def values(content: dict) -> dict[str, object]:
    return {row["name"]: row["value"] for part in content["sections"] for row in part["rows"]}


def test_a_tender_notice_is_signed_over_what_it_says(world):
    tender = world.published_tender(lots=2)
    (notice,) = published(world, tender)
    assert (notice.kind, notice.number, notice.version) == ("tender_notice", 1, 1)
    key = verifier(world.settings.keys, "platform")
    body = notices.verify(notice.content.encode(), notice.signature, key)
    assert body == parse(notice.content)
    lots = world.lots(tender)
    said = [values({"sections": [part]})["deadline"] for part in body["sections"][1:3]]
    assert said == [time_text(lot.deadline) for lot in lots]
    for forged in (notice.content.replace("某镇", "某县"),
                   notice.content.replace('"version":1', '"version":2')):
        with pytest.raises(notices.BadNotice):
            notices.verify(forged.encode(), notice.signature, key)


def test_a_published_notice_cannot_be_changed(world):
    tender = world.published_tender()
    published(world, tender)
    with pytest.raises(DBAPIError):
        db.session.execute(update(PublishedNotice).values(content="{}"))
    db.session.rollback()


def test_an_extension_is_published_and_only_ever_later(world):
    tender = world.published_tender()
    (lot,) = world.lots(tender)
    clerk, new = world.fresh(world.clerk), later(world, lot)
    why = "应投标人请求，延长编制时间。"
    for wrong, code in ((lot.deadline, "deadline.not-forward"),
                        (lot.deadline - timedelta(milliseconds=1), "deadline.not-forward"),
                        (new + timedelta(days=3000), "lot.deadline-unreal")):
        assert refused(acts.move_deadline, clerk, lot.id, wrong, why=why) == code
    saturday = lot.deadline + timedelta(days=(5 - lot.deadline.weekday()) % 7 or 7)
    assert refused(acts.move_deadline, clerk, lot.id, saturday, why=why) == "lot.deadline-free-day"
    assert len(published(world, tender)) == 1
    before = lot.deadline
    acts.move_deadline(clerk, lot.id, new, why=why)
    (lot,) = world.lots(tender)
    assert lot.deadline == new
    rows = published(world, tender)
    assert sorted((one.kind, one.version) for one in rows) == [
        ("amendment", 1), ("tender_notice", 1), ("tender_notice", 2)]
    amendment = next(parse(one.content) for one in rows if one.kind == "amendment")
    row = amendment["sections"][0]["rows"][0]
    assert (row["old"], row["value"]) == (time_text(before), time_text(new))
    assert values(parse(rows[-1].content if rows[-1].version == 2 else rows[-2].content))[
        "deadline"] == time_text(new)
    world.set_time(new)
    assert refused(acts.move_deadline, world.fresh(world.clerk), lot.id, new + timedelta(days=7),
                   why=why) == "phase.wrong"


def test_two_extensions_at_once_are_both_judged_by_the_deadline_that_stands(world, app):
    tender = world.published_tender()
    (lot,) = world.lots(tender)
    clerk, near, far = world.fresh(world.clerk), later(world, lot, 20), later(world, lot, 40)
    why = "应投标人请求，延长编制时间。"
    results = together(app, lambda: acts.move_deadline(clerk, lot.id, far, why=why).deadline,
                       lambda: acts.move_deadline(clerk, lot.id, near, why=why).deadline)
    assert far in results and set(results) <= {far, near, "deadline.not-forward"}
    assert world.lots(tender)[0].deadline == far
    assert all(sha256(one.content.encode()).hex() == one.content_hash
               for one in db.session.scalars(select(PublishedNotice)))
