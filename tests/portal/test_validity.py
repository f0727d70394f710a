"""A longer validity before everybody: pages, open data, the database held against the record."""

from __future__ import annotations

from datetime import timedelta

from audit.schema_sql import append_only_tables
from evaluation.validity import reading
from kernel.db import db
from portal.fsck.bound import RULES, bound
from portal.fsck.entries import entries
from portal.fsck.rows import rows
from tender import reading as tenders
from tender.timetable import BEIJING, valid_until
from tests.reader import Reader

from .ocds import check
from .test_ocds import package, record

TAMPERED = {
    "an answer turned": ("UPDATE validity_answer SET agreed = NOT agreed", "agreed is not"),
    "a bid brought back": ("DELETE FROM lapsed_bid", "is gone"),
    "another reason": ("UPDATE validity_request SET reason = 'x'", "reason is not"),
    "another day": ("UPDATE lot SET validity_until = '2099-01-01'", "another day"),
    "a paper swapped": ("UPDATE prolongation SET instrument = '{}'", "instrument is not"),
}


def reader(world, actor):
    return Reader(world.app, world.session_token(actor))


def found(world) -> list[str]:
    db.session.rollback()
    told = list(entries(db.session))
    return [*rows(db.session, told, RULES), *bound(db.session, told)]


def test_asked_and_answered_on_pages_told_as_open_data_and_held_by_the_record(world, database):
    lot = world.lots(world.published_tender())[0]
    companies = [world.sealed_bid(lot, price_fen=lot.price_ceiling_fen - n) for n in range(3)]
    held = world.lodged(lot, companies[0].actor)
    world.past_deadline(lot)
    world.authorise(lot)
    for company in companies:
        world.give_own(lot, company)
    world.tick()
    lot = tenders.lot(world.session, lot.id)
    until = valid_until(lot) + timedelta(days=20)
    page = f"/desk/lots/{lot.id}/validity"
    buyer = reader(world, world.clerk).get(page)
    answer_by = world.now.astimezone(BEIJING) + timedelta(days=5)
    done = buyer.send("/validity-extensions", until=until.isoformat(), answer_by="2026-01-01T09:00",
                      reason="评标工作需要延长，请予答复。")
    assert "答复期限须在" in done.text and "评标工作需要延长" in done.text  # what was typed stays
    done = buyer.send("/validity-extensions", until=until.isoformat(),
                      answer_by=f"{answer_by:%Y-%m-%dT%H:%M}", reason="评标工作需要延长，请予答复。")
    assert "已向全部投标人发出延长要求" in done.text and "答复中" in done.text
    first = reader(world, companies[0].actor).get("/desk")
    assert "请答复：延长投标有效期" in first.text
    first.get(page)
    assert "）有效期至" in first.text and held.instrument_no in first.text
    agree, refuse = (one for one in first.forms() if "/validity-answers" in one.action)
    paper = world.ledger.prolong(held.instrument_no, until)
    first.send(agree, **{"securities.0.instrument": paper.text,
                         "securities.0.signature": paper.signature})
    assert "答复已收到" in first.text and "已同意延长" in first.text
    assert "请答复：延长投标有效期" not in first.get("/desk").text
    assert companies[0].party_id not in reader(world, companies[1].actor).get(page).text
    second = reader(world, companies[1].actor).get(page)
    agree, refuse = (one for one in second.forms() if "/validity-answers" in one.action)
    second.send(refuse)
    assert "已拒绝延长" in second.text
    world.advance(to=reading.open_request(world.session, lot.id).answer_by)
    world.tick()
    text = reader(world, world.clerk).get(page).text
    assert "（拒绝）" in text and "（未答复）" in text
    tender = world.tender(lot.tender_id)
    check(package(world, tender))
    whole = record(world, tender)["records"][0]["compiledRelease"]
    period = whole["tender"]["lots"][0]["submissionTerms"]["bidValidityPeriod"]
    assert period["endDate"].startswith((until).isoformat()) or \
        period["endDate"].startswith((until - timedelta(days=1)).isoformat())
    assert sorted(one["status"] for one in whole["bids"]["details"]) == [
        "valid", "withdrawn", "withdrawn"]
    assert found(world) == []
    for table in append_only_tables():
        if database == "sqlite":
            for what in ("update", "delete"):
                world.raw(f"DROP TRIGGER IF EXISTS {table.name}_no_{what}")
        else:
            world.raw(f'ALTER TABLE "{table.name}" DISABLE TRIGGER USER')
    for name, (statement, word) in TAMPERED.items():
        world.raw(statement)
        assert any(word in one for one in found(world)), name
