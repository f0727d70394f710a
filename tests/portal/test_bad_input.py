"""Bad input to the invitation: one clear refusal each, with its article and what to do, and
nothing stored by it: no row, no file, nothing left half-way.
"""

from __future__ import annotations

import tempfile
import threading
from datetime import timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import select

from audit.act import wiring
from kernel.canonical import time_text
from kernel.db import db
from supervision import objections
from tender import bills, sheet_writer
from tender.model import NoticeDraft
from tender.profile import shipped_for
from tender.timetable import earliest_deadline, national_calendar
from tests.permissions.bench import fingerprint
from tests.permissions.watch import WORKS, book
from tests.tender.test_active import LAUNCH, pdf
from tests.tender.test_files import GOOD, raw_zip
from tests.tender.test_sheets import changed
from tests.worlds.tender import PDF, lot_fields

pytestmark = pytest.mark.usefixtures("no_officials")


class Untouched:
    """Holds an installation against what it was when last looked at."""

    def __init__(self, world, aside):
        self.world, self.aside, self.tmp = world, aside, wiring().store.root / "tmp"
        self.look()

    def look(self) -> None:
        """It is meant to be as it is now."""
        self.kept = fingerprint(self.world)

    def check(self) -> None:
        """Nothing came and nothing went: rows, files, temporary files."""
        now = fingerprint(self.world)
        assert [name for name in now if now[name] != self.kept[name]] == []
        assert [*self.tmp.glob("*"), *self.aside.iterdir()] == []


@pytest.fixture
def untouched(world, tmp_path, monkeypatch):
    aside = tmp_path / "aside"
    aside.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(aside))
    world.buyer_unit()
    world.freeze()
    return Untouched(world, aside)


def refused(answer, code: str, field: str = "", article: str = "") -> dict:
    """The refusal as it must be: what is wrong, its article, what to do, in both languages. Of a
    field the article stands with what is wrong with it."""
    assert answer.mimetype == "application/problem+json", answer.data
    said = answer.json
    assert 400 <= answer.status_code < 500 and said["code"] == code, said
    assert all(said[name][language] for name in ("detail", "do") for language in ("zh", "en"))
    if field:
        assert field in str(said["fields"]) and article in str(said["fields"]), said
    else:
        assert len(said["law"]) > 1 and article in said["law"], said
    return said


class Draft:
    """A draft and its one lot, as its buyer changes it."""

    def __init__(self, world):
        self.buyer, self.tender = world.client(world.clerk), world.draft_tender()
        (self.lot,) = world.lots(self.tender)

    def state(self, **change):
        return self.buyer.patch(
            f"/tenders/{self.tender.id}", headers={"If-Match": f'"{self.tender.version}"'},
            json={"lots": [{"id": self.lot.id} | change]})


def test_a_deadline_that_cannot_stand(world, untouched):
    draft, now = Draft(world), world.now
    earliest = earliest_deadline(shipped_for("below", now.date()), now, comprehensive=True,
                                 calendar=national_calendar())
    untouched.look()
    # Without an offset, or with one that is none: nobody guesses whose clock was meant.
    for text in ("2026-04-20T17:00:00", "2026-04-20 17:00:00+08:00", "2026-04-20T17:00:00 CST",
                 "2026-04-20T17:00:00+24:00", "20260420T170000+0800"):
        refused(draft.state(deadline=text), "request.invalid", "deadline", "GB/T 7408")
        untouched.check()
    # 15 April 1990, 02:30 did not happen in Beijing; a deadline lies far from all such hours.
    refused(draft.state(deadline="1990-04-15T02:30:00+08:00"), "lot.deadline-unreal")
    untouched.check()
    # One second too early, and one millisecond; the same instant in another zone is no later.
    early = earliest - timedelta(seconds=1)
    tokyo = (early + timedelta(hours=9)).isoformat().replace("+00:00", "+09:00")
    for text in (time_text(early), time_text(earliest - timedelta(milliseconds=1)), tokyo):
        said = refused(draft.state(deadline=text), "lot.deadline-early", article="招标投标法 24")
        assert said["facts"]["earliest"] == time_text(earliest)
        untouched.check()
    # On a holiday (清明), and on a Saturday; the refusal names the next working day.
    for text, after in (("2026-04-06T09:00:00+08:00", "2026-04-07"),
                        ("2026-03-21T09:00:00+08:00", "2026-03-23")):
        said = refused(draft.state(deadline=text), "lot.deadline-free-day", article="民法典 203")
        assert said["facts"]["next"] == after
        untouched.check()
    assert draft.state(deadline=time_text(earliest)).status_code == 200, "the earliest stands"


def test_a_price_with_three_decimals(world, untouched):
    """3,980,000.125 yuan is no whole number of fen, however it is written."""
    draft = Draft(world)
    untouched.look()
    for ceiling in ("3980000.125", "398000012", True):
        refused(draft.state(price_ceiling_fen=ceiling), "request.invalid", "price_ceiling_fen",
                "中国人民银行法 17")
    for ceiling in (398_000_012.5, 398_000_012.0):  # fractions are no JSON of ours at all
        answer = draft.state(price_ceiling_fen=ceiling)
        assert answer.status_code == 400 and str(ceiling) in answer.json["facts"]["problem"]
    untouched.check()
    heads = ["村", "工程名称", "年度", "资金来源", "金额（元）", "状态"]
    sheet = book(heads, ["前王村", "水渠", 2026, "村集体资金", "3980000.125", "在建"])
    said = refused(draft.buyer.post("/works/imports", data=sheet), "sheet.wrong")
    assert [one["cell"] for one in said["facts"]["problems"]] == ["Sheet!E2"]
    untouched.check()


def test_points_that_do_not_make_a_hundred(world, untouched):
    draft = Draft(world)
    plan, team = lot_fields(world.now)["criteria"]["factors"]
    for most in ("14.5", "15.5"):
        answer = draft.state(criteria={"factors": [plan, team | {"max": most}]})
        assert answer.status_code == 200, "a draft may be unfinished"
        draft.tender = world.tender(draft.tender.id)
        untouched.look()
        said = refused(draft.buyer.post(f"/tenders/{draft.tender.id}/notice"), "notice.incomplete")
        (found,) = [one for one in said["facts"]["findings"] if one["code"] == "lot.criteria-sum"]
        assert "实施条例 49" in found["law"]
        untouched.check()


def bill(rows: int = 0, kind: bytes = b"") -> bytes:
    """A bill of ours: with so many rows more, or called a workbook of that kind."""
    made = sheet_writer.write(bills.SHEET, bills.COLUMNS, [["1", "土方", "m3", "2.5"]])
    if rows:
        row = b'<row><c t="inlineStr"><is><t>x</t></is></c></row>'
        space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        return changed(made, {"xl/worksheets/sheet1.xml": b'<worksheet xmlns="%s"><sheetData>%s'
                              b"</sheetData></worksheet>" % (space, row * rows)})
    return changed(made, xl__vbaProject_DOT_bin=b"x") if kind else made


LARGE, MACRO = bill(200_000), bill(kind=b"macro")
ZIP_BOMB = changed(bill(), xl__media__a_DOT_xml=bytes(30 << 20))
NESTED = changed(bill(), xl__inner_DOT_zip=raw_zip(GOOD))
LAUNCHES = pdf(LAUNCH, catalog=b"/OpenAction 3 0 R")


def test_files_that_are_traps(world, untouched):
    """By every way that a file of a stranger comes in: bill, register, document, evidence."""
    draft = Draft(world)
    lot = world.lots(world.published_tender())[0].id
    company = world.client(world.account("tenderer"))
    document = f"/tenders/{draft.tender.id}/documents?name="
    untouched.look()
    for send in (lambda data: draft.buyer.put(f"/lots/{draft.lot.id}/bill", data=data),
                 lambda data: draft.buyer.post("/works/imports", data=data)):
        for data, codes in ((LARGE, ("sheet.rows", "document.archive")), (MACRO, ("sheet.unsafe",)),
                            (ZIP_BOMB, ("document.archive",)), (NESTED, ("document.archive",))):
            answer = send(data)
            assert answer.json.get("code") in codes, (codes, answer.json)
            refused(answer, answer.json["code"])
            untouched.check()
    for name, data, code in (("a.xlsx", MACRO, "document.type"), ("a.pdf", LAUNCHES, "document.active"),
                             ("a.xlsx", ZIP_BOMB, "document.archive"),
                             ("a.xlsx", NESTED, "document.archive"),
                             ("a.pdf", PDF + raw_zip(GOOD), "document.type")):
        refused(draft.buyer.post(document + name, data=data), code, article="Q5")
        refused(company.post(f"/lots/{lot}/objection-evidence?name=" + name, data=data), code,
                article="Q5")
        untouched.check()
    assert draft.buyer.put(f"/lots/{draft.lot.id}/bill", data=bill()).status_code == 200
    assert draft.buyer.post("/works/imports", data=WORKS).status_code == 201


def test_eight_amendments_at_once_are_one(world, app, untouched):
    tender = world.published_tender()
    before = len(world.entries())
    gate, answers = threading.Barrier(8), []
    tokens = [world.session_token(world.clerk if place % 2 else world.chief) for place in range(8)]

    def draft(place, token):
        gate.wait()
        answers.append(app.test_client().post(
            f"/api/v1/tenders/{tender.id}/amendments", headers={
                "Authorization": f"Bearer {token}", "Idempotency-Key": f"at-once-{place}"},
            json={"why": "更正联系方式的表述。", "affects_bids": False, "description": f"说明 {place}"}))

    threads = [threading.Thread(target=draft, args=one) for one in enumerate(tokens)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.status_code for one in answers) == [201] + [409] * 7
    for one in answers:
        if one.status_code == 409:
            refused(one, "amendment.waits")
    db.session.rollback()
    assert len(db.session.scalars(select(NoticeDraft)).all()) == 1
    assert len(world.entries()) == before + 1


def test_after_its_hour(world, untouched):
    """A question after the hour of questions; an extension after the deadline."""
    tender = world.published_tender()
    (lot,) = world.lots(tender)
    company, buyer = world.client(world.account("tenderer")), world.client(world.clerk)
    late = time_text(lot.deadline + timedelta(days=28))
    world.advance(to=objections.last_moment(lot.profile, lot.deadline) + timedelta(seconds=1))
    company._session()
    untouched.look()
    said = refused(company.post(f"/lots/{lot.id}/questions", json={"text": "有无图纸？"}),
                   "question.late", article="规则 T3")
    assert said["facts"]["last"] in said["detail"]["zh"]
    untouched.check()
    world.advance(to=lot.deadline)
    world.tick()
    untouched.look()
    said = refused(buyer.post(f"/lots/{lot.id}/deadline-extensions", json={
        "deadline": late, "why": "应投标人请求，延长编制时间。"}), "phase.wrong")
    assert said["facts"]["phase"] in ("CLOSED", "FAILED")
    untouched.check()


METADATA = (
    "http://169.254.169.254/latest/meta-data/", "https://169.254.169.254/",
    "https://169.254.169.254:443/", "https://[::ffff:169.254.169.254]/", "https://2852039166/",
    "https://0xa9fea9fe/", "https://0251.0376.0251.0376/", "https://169.254.43518/",
    "https://[::ffff:a9fe:a9fe]/", "https://[fd00:ec2::254]/", "https://169.254.169.254./",
    "https://example.com@169.254.169.254/", "https://169。254。169。254/", "https://①⑥⑨.254.169.254/",
    "https://[64:ff9b::a9fe:a9fe]/", "https://%31%36%39.254.169.254/")


def test_a_webhook_to_the_hosts_own_metadata(world, untouched):
    client = world.client(world.account("tenderer"))
    client._session()
    untouched.look()
    for url in METADATA:
        answer = client.post("/webhooks", json={"url": url})
        assert answer.status_code == 422, url
        refused(answer, "webhook.address", article="Q69")
    untouched.check()
    assert quote(METADATA[0]) not in str(world.raw("SELECT * FROM webhook"))
