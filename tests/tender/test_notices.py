"""Published notices: signed, never changed, the same on every medium; the deadline only grows."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from pypdf import PdfReader
from pypdf.generic import ContentStream
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from audit.keys import verifier
from kernel.canonical import parse, sha256, time_text
from kernel.db import db
from tender import acts, notice_pdf, notices, reading
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


class Page(HTMLParser):
    """The terms and values of every notice on a page, by the notice's id; and all its times."""

    def __init__(self, text: str):
        super().__init__()
        self.notices: dict[str, list[tuple[str, str]]] = {}
        self.times: list[str] = []
        self._id, self._into, self._parts = "", "", []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "details":
            self._id = given.get("id", "").removeprefix("notice-")
        if tag == "time":
            self.times.append(given["datetime"])
        if tag in ("dt", "dd"):
            self._into, self._parts = tag, []

    def handle_data(self, data):
        self._parts.append(data)

    def handle_endtag(self, tag):
        if tag == "details":
            self._id = ""
        if tag == self._into and self._id:
            text = "".join("".join(self._parts).split())
            self.notices.setdefault(self._id, []).append((tag, text))
            self._into = ""


def plain(text: str) -> str:
    return "".join(text.split())


def pdf_text(data: bytes) -> str:
    """All text of a PDF but for the feet of its pages, without white space: the codes that are
    shown, two bytes each, by the type's own table of what they stand for."""
    found, reader = "", PdfReader(io.BytesIO(data))
    for page in reader.pages:
        (font,) = page["/Resources"]["/Font"].get_object().values()
        table = letters(font["/ToUnicode"].get_data().decode("latin-1"))
        shown = ""
        for operands, operator in ContentStream(page.get_contents(), reader).operations:
            if operator in (b"Tj", b"TJ"):
                parts = operands[0] if operator == b"TJ" else operands
                codes = b"".join(one if isinstance(one, bytes) else one.original_bytes
                                 for one in parts if isinstance(one, (bytes, str)))
                shown += "".join(table[codes[n] << 8 | codes[n + 1]]
                                 for n in range(0, len(codes), 2))
        found += re.sub(r"SHA-256[0-9a-f]{64}\d+/\d+", "", plain(shown))
    return found


def letters(cmap: str) -> dict[int, str]:
    """What each code stands for (ToUnicode, `bfchar`)."""
    return {int(code, 16): bytes.fromhex(text).decode("utf-16-be")
            for code, text in re.findall(r"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>\n", cmap)}


def differences(content: dict, page: list[tuple[str, str]], paper: str,
                tongue: str = "zh") -> list[str]:
    """What page and PDF do not say of a notice's JSON, row by row and in its order; the page
    speaks `tongue`."""
    wrong, place = [], 0
    shown = [text for tag, text in page if tag == "dd"][len(notices.heading(content)):]
    rows = [row for part in content["sections"] for row in part["rows"]]
    if len(shown) != len(rows):
        return [f"the page has {len(shown)} of {len(rows)} rows"]
    for row, on_page in zip(rows, shown, strict=True):
        zh = plain(row["text"]["zh"])
        if on_page != plain(row["text"][tongue]):
            wrong.append(f"page {row['name']}: {on_page}")
        found = paper.find(plain(f"{row['label']['zh']} {row['label']['en']}：") + zh, place)
        if found < 0:
            wrong.append(f"pdf {row['name']}: {zh}")
        place = max(place, found)
        for text in (zh, on_page):
            if row["kind"] == "time" and row["value"] and row["value"] not in text:
                wrong.append(f"{row['name']} without its instant")
    return wrong


def every_medium(world, tender, root: str = "") -> dict[str, tuple[dict, list, str]]:
    """Each notice's last version: JSON, its place on the page, the text of its PDF."""
    client = world.client()
    page = Page(client.get(f"/{root}/tenders/{tender.id}").get_data(as_text=True))
    return {one: (client.get(f"/notices/{one}").json["content"], rows,
                  pdf_text(client.get(f"/notices/{one}/pdf").data))
            for one, rows in page.notices.items()}


def test_json_page_pdf_and_calendar_say_the_same_after_three_amendments(world):
    """Q41: every value and every instant, and the deadline is the one that is enforced."""
    tender = world.published_tender(lots=2)
    for step in (20, 40, 60):
        lot = world.lots(tender)[0]
        made = acts.draft_amendment(
            world.clerk, tender.id, why=f"第 {step} 次更正，限价与截止时间相应调整。", lots=[
                {"id": lot.id, "deadline": later(world, lot),
                 "price_ceiling_fen": lot.price_ceiling_fen - step}])
        sent = acts.submit_amendment(world.clerk, tender.id, made.id)
        acts.approve_amendment(world.fresh(world.chief), tender.id, made.id,
                               content_hash=sent.content_hash)
    media = every_medium(world, tender)
    assert len(media) == 4
    for content, page, paper in media.values():
        assert differences(content, page, paper) == []
    for content, page, paper in every_medium(world, tender, "/en").values():
        assert differences(content, page, paper, "en") == []
    (content, page, paper), = (one for one in media.values() if one[0]["kind"] == "tender_notice")
    assert content["version"] == 4
    for lot in world.lots(tender):
        enforced = time_text(lot.deadline)
        assert enforced in paper and enforced in str(page) and enforced in str(content)
        calendar = world.client().get(f"/lots/{lot.id}/calendar").get_data(as_text=True)
        assert f"DTSTART:{lot.deadline:%Y%m%dT%H%M%SZ}" in calendar and "SEQUENCE:4" in calendar
        assert world.client().get(f"/lots/{lot.id}").json["deadline"] == enforced
    # this test can fail: another deadline on paper, a value changed on the page, a row left out
    bad = paper.replace(enforced, time_text(lot.deadline + timedelta(minutes=1)))
    assert differences(content, page, bad)
    assert differences(content, [(tag, text.replace("优良", "合格").replace("¥", "￥"))
                                 for tag, text in page], paper)
    assert differences(content, page[:-2], paper)


def test_the_same_notice_gives_the_same_pdf_byte_for_byte(world):
    tender = world.published_tender()
    (notice,) = published(world, tender)
    made = [notice_pdf.pdf.__wrapped__(notice.content, notice.content_hash, notice.signature)
            for _ in range(2)]
    assert made[0] == made[1] and b"/FontFile3" in made[0] or b"/FontFile2" in made[0]
