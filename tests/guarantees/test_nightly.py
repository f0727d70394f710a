"""Once a day our list and the guarantor's ledger are compared, and it stands in the record (Q90)."""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import closing
from datetime import datetime, time, timedelta
from itertools import pairwise

import pytest

from audit.actor import OPERATOR
from guarantees import gateway, nightly, reading
from guarantees.reconciliation import Line, compare
from kernel.canonical import parse, sha256
from tender.timetable import BEIJING, beijing_day
from tests.guarantees.test_acts import withdraw


@pytest.fixture(autouse=True)
def forgotten(monkeypatch):
    """Each test begins with a process that has just started."""
    monkeypatch.setattr(nightly, "_settled", {})


@pytest.fixture
def lot(world):
    return world.lots(world.published_tender())[0]


def at_night(world, hours=3, days=1):
    """Go to so many hours after the next midnight in Beijing; that day."""
    then = datetime.combine(beijing_day(world.now) + timedelta(days=days), time(), BEIJING) \
        + timedelta(hours=hours)
    world.advance(seconds=(then - world.now).total_seconds())
    return beijing_day(world.now)


def facts(world) -> list[dict]:
    return [one["facts"] for one in world.records("guarantee.reconciled")]


def sheet(world, day) -> dict:
    [path] = (world.settings.folder / "reconciliation" / day.isoformat()).iterdir()
    assert oct(path.stat().st_mode)[-3:] == "600"
    assert facts(world)[-1]["sheet_hash"] == sha256(path.read_bytes()).hex()
    return json.loads(path.read_text())


def restarted():
    nightly._settled.clear()


def test_a_day_is_compared_once_by_whichever_round_comes_first(world, lot, app):
    company = world.account("tenderer")
    held = world.lodged(lot, company)
    at_night(world, hours=1)
    world.tick()
    assert not facts(world), "before two o'clock nothing is asked"
    day = at_night(world, days=0, hours=3)
    world.tick(record=True)
    assert facts(world) == [{"day": day.isoformat(), "differences": 0, "overdue": 0,
                             "sheet_hash": facts(world)[0]["sheet_hash"]}]
    found = sheet(world, day)
    assert found["ours"] == found["theirs"] == {
        "received": held.amount_fen, "released": 0, "held": held.amount_fen}
    for _ in range(2):  # from the record, published by now, a new process knows it too
        restarted()
        world.tick(record=True)
    assert len(facts(world)) == 1
    at_night(world)
    world.tick()
    assert len(facts(world)) == 2


def test_many_rounds_at_once_record_one(world, lot, app, monkeypatch):
    world.lodged(lot, world.account("tenderer"))
    at_night(world)
    now, together, errors = world.now, threading.Barrier(4), []
    plain = gateway.ledger

    def ledger(*given):
        answer = plain(*given)
        together.wait(300)  # all have found that nothing is recorded yet
        return answer


    class Never(dict):
        """Rounds in other processes know nothing of each other."""

        def get(self, _key, default=None):
            return default

    def work():
        try:
            with app.app_context():
                nightly.reconcile_all(now)
        except Exception as error:  # noqa: BLE001 - told below
            errors.append(error)

    monkeypatch.setattr(gateway, "ledger", ledger)
    monkeypatch.setattr(nightly, "_settled", Never())
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors and len(facts(world)) == 1


def test_a_payment_that_nobody_ordered_is_found_and_named(world, lot, caplog):
    row = world.lodged(lot, world.account("tenderer"))
    with closing(sqlite3.connect(world.ledger.folder / "ledger.db")) as books, books:
        books.execute("INSERT INTO release VALUES ('k', ?, ?, ?, '', '', '', 0)",
                      (row.instrument_no, row.amount_fen, row.payer_digest))
    day = at_night(world)
    world.tick()
    assert [one["differences"] for one in facts(world)] == [1]
    [found] = sheet(world, day)["differences"]
    assert (found["kind"], found["instrument_no"]) == ("unordered", row.instrument_no)
    assert found["theirs"]["paid_fen"] == row.amount_fen and found["ours"]["paid_fen"] is None
    assert "1 differences" in caplog.text and row.instrument_no not in caplog.text
    [entry] = world.entries("guarantee.reconciled")
    assert entry.disclose == "never" and entry.veiled
    assert row.instrument_no not in entry.record and str(row.amount_fen) not in entry.record
    assert parse(entry.record)["actor"]["kind"] == "clock"


def test_a_release_that_is_overdue_is_counted(world, lot, monkeypatch):
    company = world.account("tenderer")
    row = world.lodged(lot, company)
    withdraw(OPERATOR, lot.id, company.party_id)
    monkeypatch.setattr("guarantees.clock.gateway.execute", _away)
    day = at_night(world, days=9)
    world.tick()
    assert [(one["differences"], one["overdue"]) for one in facts(world)] == [(0, 1)]
    assert sheet(world, day)["overdue"] == [row.instrument_no]


def _away(*_given):
    raise gateway.Unheard("away")


def test_a_guarantor_that_is_away_is_asked_again_and_not_at_every_tick(world, lot, monkeypatch):
    world.lodged(lot, world.account("tenderer"))
    at_night(world)
    plain, asked = gateway.ledger, []

    def ledger(*given):
        asked.append(world.now)
        return (_away if len(asked) < 3 else plain)(*given)

    monkeypatch.setattr(gateway, "ledger", ledger)
    for _ in range(8):
        nightly.reconcile_all(world.now)
        nightly.reconcile_all(world.now)
        world.advance(minutes=15)
    assert len(asked) == 3 and len(facts(world)) == 1
    assert all(nightly.AGAIN <= later - earlier < nightly.AGAIN + timedelta(minutes=5)
               for earlier, later in pairwise(asked))


@pytest.mark.parametrize("moment", ["before", "after"])
def test_what_happens_while_the_guarantor_is_asked_is_no_difference(world, lot, monkeypatch,
                                                                    moment):
    """A release is paid between our reading and theirs, or between theirs and our second one."""
    one, two = (world.account("tenderer") for _ in range(2))
    world.lodged(lot, one)
    withdraw(OPERATOR, lot.id, one.party_id)
    day, plain = at_night(world), gateway.ledger

    def ledger(*given):
        if moment == "before":
            world.money_tick()
        answer = plain(*given)
        if moment == "after":
            world.money_tick()
        world.lodged(lot, two)
        return answer

    monkeypatch.setattr(gateway, "ledger", ledger)
    nightly.reconcile_all(world.now)
    assert sheet(world, day)["differences"] == []
    after = reading.lines(world.session, world.bank_party.id)
    assert sorted(line.settled for line in after) == [False, True], "it was paid meanwhile"


def test_two_entries_under_one_number_hide_nothing():
    paid = Line("N", 100, 100, "ab" * 32, True)
    assert [one.kind for one in compare([paid], [paid, paid])] == ["twice"]
    assert {one.kind for one in compare([Line("N", 100)], [paid, Line("N", 100)])} == {"twice"}
