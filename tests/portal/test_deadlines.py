"""One deadline, wherever it is said (Q41): two lots, moved in every way a deadline can move, and
asked of every place that shows it, before any tick has come by."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

from kernel.db import db
from people.digests import unseal
from portal.alerts import clock
from portal.alerts.model import Letter
from portal.search import indexing
from supervision import acts as watch
from supervision import objections
from tender import acts, feed, notices, reading
from tender.timetable import beijing_day, national_calendar, roll, start_of
from tests.tender.test_notices import later, pdf_text

from .test_alerts import box, mailed, save  # noqa: F401  (fixtures)

INSTANT = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def said(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def in_answers(world, tender, lots) -> dict[tuple[str, str], datetime]:
    """(what says it, of which lot) → the deadline, from every answer of the API."""
    client, found = world.client(), {}
    whole = client.get(f"/tenders/{tender.id}").json
    (listed,) = [one for one in client.get("/tenders").json["items"] if one["id"] == tender.id]
    for name, rows in (("tender", whole["lots"]), ("list", listed["lots"])):
        found |= {(name, row["id"]): said(row["deadline"]) for row in rows}
    found |= {("search", row["lot_id"]): said(row["deadline"])
              for row in client.get("/search?region=33").json["items"]
              if row["tender_id"] == tender.id}
    for lot in lots:
        own = client.get(f"/lots/{lot.id}").json
        dated = next(one["at"] for one in own["dates"] if one["name"] == "deadline")
        found |= {("lot", lot.id): said(own["deadline"]), ("dates", lot.id): said(dated),
                  ("opening", lot.id): said(own["opening_at"])}
    return found


def in_files(world, tender, lots) -> dict[tuple[str, str], datetime]:
    """The same from the files that programs take away."""
    client, found = world.client(), {}
    codes = {lot.section_code: lot.id for lot in lots}
    month = client.get("/bulk").json["items"][0]
    table = client.get(month["csv"].partition("/api/v1")[2]).data.decode("utf-8-sig")
    for row in csv.DictReader(io.StringIO(table, newline="")):
        if row["section_code"] in codes:
            found["csv", codes[row["section_code"]]] = said(row["deadline"])
    record = client.get(f"/tenders/{tender.id}/ocds/record").json["records"][0]["compiledRelease"]
    lines = client.get(month["jsonl"].partition("/api/v1")[2]).data.splitlines()
    (line,) = [one for one in map(json.loads, lines) if one["ocid"] == tender.ocid]
    for name, value in (("ocds", record), ("jsonl", line)):
        for part in value["tender"]["lots"]:
            found |= {(f"{name} tenderPeriod", part["id"]): said(part["tenderPeriod"]["endDate"]),
                      (f"{name} bidOpening", part["id"]): said(part["bidOpening"]["date"])}
        assert said(value["tender"]["tenderPeriod"]["endDate"]) == max(
            lot.deadline for lot in lots), name
    for row in ET.fromstring(client.get(f"/tenders/{tender.id}/exchange?form=xml").data):
        wall, code = (row.findtext(name) for name in ("BID_DOC_REFER_END_TIME", "BID_SECTION_CODE"))
        if wall and code in codes:
            found["exchange", codes[code]] = datetime.fromisoformat(
                f"{wall}+08:00").astimezone(UTC)
    return found


def in_the_notice(world, tender, lots) -> dict[tuple[str, str], datetime]:
    """The same from the notice in force: its JSON, its PDF, the page, and the calendar files."""
    client, found = world.client(), {}
    row = reading.notice_as_it_stands(world.session, tender.id)
    body = client.get(f"/notices/{row.id}").json["content"]
    media = {"pdf": pdf_text(client.get(f"/notices/{row.id}/pdf").data),
             "page": "".join(client.get(f"//tenders/{tender.id}").get_data(as_text=True).split())}
    for lot in lots:
        part = next(one for one in body["sections"] if one["title"]["en"] == f"Lot {lot.number}")
        (field,) = [one for one in part["rows"] if one["name"] == "deadline"]
        found["notice", lot.id] = said(field["value"])
        read = notices.read("time", field["value"])["zh"].replace(" ", "")
        assert not [name for name, text in media.items() if read not in text], read
        lines = client.get(f"/lots/{lot.id}/calendar").get_data(as_text=True)
        event = lines.partition(f"UID:{lot.id}-deadline@")[2]
        start = event.partition("DTSTART:")[2].partition("\r\n")[0]
        found["calendar", lot.id] = datetime.strptime(start, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return found


SECONDS = ("exchange", "calendar")
"""Formats that know no fraction of a second."""


def check(world, tender, step: str, paper: bool = False) -> None:
    """Every place says the deadline that is enforced; `paper` also those that take time to make."""
    lots = world.lots(tender)
    enforced = {lot.id: reading.lot_facts(world.session, lot.id).deadline for lot in lots}
    shown = in_answers(world, tender, lots) | in_files(world, tender, lots)
    assert len(shown) == 12 * len(lots), sorted(shown)
    if paper:
        shown |= in_the_notice(world, tender, lots)
    wrong = {place: at for place, at in shown.items() if at != (
        enforced[place[1]].replace(microsecond=0) if place[0] in SECONDS else enforced[place[1]])}
    assert not wrong, f"{step}: {wrong}, enforced is {enforced}"


def told(tender, cursor):
    """Whether the feed has something new of the tender, and where it is now."""
    db.session.rollback()
    rows, after = feed.changes_after(db.session(), cursor, 1000, tender.id)
    return bool(rows), after


def days_later(lot, days: int):
    return start_of(roll(beijing_day(lot.deadline) + timedelta(days=days), national_calendar()))


def amend(world, tender, *lots):
    made = acts.draft_amendment(world.clerk, tender.id, why="图纸更正。", lots=list(lots))
    sent = acts.submit_amendment(world.clerk, tender.id, made.id)
    acts.approve_amendment(world.fresh(world.chief), tender.id, made.id,
                           content_hash=sent.content_hash)


def steps(world, tender, company):
    """Every way in which a deadline moves; after each something has moved."""
    one, two = world.lots(tender)
    yield "published"
    for number in (1, 2, 3):
        one, two = world.lots(tender)
        amend(world, tender, {"id": one.id, "deadline": later(world, one)},
              *([{"id": two.id, "deadline": later(world, two, 7)}] if number == 2 else []))
        yield f"amendment {number}"
    one, two = world.lots(tender)
    acts.move_deadline(world.fresh(world.clerk), two.id, days_later(two, 3), why="应投标人请求。")
    yield "extension"
    question = acts.ask_question(company.actor, one.id, text="以图纸为准？")
    acts.answer_question(world.fresh(world.clerk), one.id, question.id, text="以清单为准。",
                         affects_bids=True, deadline=days_later(world.lots(tender)[0], 3))
    yield "clarification"
    acts.suspend_lot(world.fresh(world.supervisor), two.id, document_no="暂停1号", reason="核查投诉")
    yield "suspension"
    world.advance(days=2)
    acts.resume_lot(world.fresh(world.supervisor), two.id, document_no="恢复1号", reason="已查清")
    yield "resumption"
    one, two = sorted(world.lots(tender), key=lambda lot: lot.deadline)
    world.advance(to=objections.last_moment(one.profile, one.deadline))
    watch.file_objection(company.actor, one.id, argument="条件过高，不相适应。", remedy="请删除。")
    world.advance(to=one.deadline)
    world.tick()
    yield "postponement"


def test_every_place_says_the_enforced_deadline_however_it_moved(world):
    world.freeze()
    tender, company = world.published_tender(2), world.company()
    world.tick()
    cursor, before = None, None
    for step in steps(world, tender, company):
        check(world, tender, step, paper=step == "postponement")
        world.tick()
        new, cursor = told(tender, cursor)
        assert new, f"{step}: the feed has nothing of it"
        now = [lot.deadline for lot in world.lots(tender)]
        assert step in ("published", "suspension") or now != before, step
        before = now


def test_a_digest_says_the_deadline_that_is_enforced_when_it_is_written(world, mailed):  # noqa: F811
    """Planted: it was read from the index, which is behind by a tick."""
    save(mailed, query={"region": "3307"})
    tender = world.published_tender(2)
    indexing.follow(world.now)
    one, two = world.lots(tender)
    acts.move_deadline(world.fresh(world.clerk), one.id, later(world, one), why="应投标人请求。")
    world.advance(minutes=3)
    assert clock.gather(world.now) == 1
    (letter,) = world.session.query(Letter).filter(Letter.search_id.is_not(None))
    text = unseal(letter.body)
    enforced = [reading.lot_facts(world.session, lot.id).deadline for lot in (two, one)]
    assert [said(found) for found in INSTANT.findall(text)[:2]] == enforced
    assert "（北京时间，" in text
