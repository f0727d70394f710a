"""F10, F20: fired twenty times, cut, killed, replayed; the guarantor's ledger says once."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

import guarantees.clock
from audit.actor import CLOCK, OPERATOR
from guarantees import acts, clock, gateway, reading
from guarantees.instrument import CASH_DEPOSIT, KINDS, read_order
from guarantees.lifecycle import State
from guarantees.model import ReleaseDelivery
from guarantees.reconciliation import compare
from kernel.db import db, new_id
from kernel.refusal import Refused
from people.acts import issue_token

from .bank import Line
from .test_acts import AMOUNT, lot, sign, withdraw

__all__ = ["lot"]

ENTRIES = ("guarantee.release_scheduled", "guarantee.release_ordered",
           "guarantee.release_confirmed")


def crowd(world, lot, count):
    """`count` securities of a contracted lot, a day after the contract."""
    rows = []
    for n in range(count):
        row = world.lodged(lot, world.account("tenderer"), KINDS[n % 2])
        rows.append(SimpleNamespace(id=row.id, instrument_no=row.instrument_no))
    sign(OPERATOR, lot.id)
    world.advance(days=1)
    return rows


def exactly_once(world, rows):
    """Every security released, paid and entered once; nothing else (I14, I25)."""
    for row in rows:
        assert world.security(row.id).state is State.RELEASED
    for kind in ENTRIES:
        assert len(world.entries(kind)) == len(rows), kind
    assert sorted(world.paid()) == sorted(row.instrument_no for row in rows)
    assert all(paid in (AMOUNT, AMOUNT + world.security(row.id).order.interest_fen)
               for row, paid in zip(rows, world.paid().values(), strict=True))
    theirs = gateway.ledger(world.bank_server.url, world.bank_server.platform)
    assert compare(reading.lines(world.session, world.bank_party.id), theirs) == []


def test_twenty_at_once_release_each_once(app, world, lot):
    rows = crowd(world, lot, 4)
    bank = world.account("guarantor", world.bank_party)
    releases = [world.security(row.id).release.id for row in rows]
    now = world.now
    db.session.remove()

    def fire(number):
        with app.app_context():
            for step in range(len(rows)):
                place = (number + step) % len(rows)
                _quietly(acts.order_release, CLOCK, releases[place])
                clock.deliver(now + timedelta(minutes=1))
                _quietly(_call_back, world, bank, rows[place])
            db.session.remove()

    with ThreadPoolExecutor(20) as pool:
        for done in [pool.submit(fire, number) for number in range(20)]:
            done.result()
    exactly_once(world, rows)


def _quietly(function, *args):
    try:
        return function(*args)
    except Refused:
        return None


def _call_back(world, bank, row):
    for guarantee_id, paper in world.ledger.untold():
        if guarantee_id == row.id:
            acts.confirm_release(bank, row.id, statement=paper.text, signature=paper.signature)


@pytest.fixture
def line(world):
    """The line to the guarantor, laid through a place where it can be cut."""
    world.guarantor()
    line = Line(world.bank_server.url)
    world.connect_guarantor(line.url, world.ledger.public_key, world.bank_server.platform)
    yield line
    line.close()


@pytest.mark.parametrize("faults", [
    ["drop"], ["cut"], ["garble"], ["drop", "cut", "garble", "cut", "drop"]], ids="-".join)
def test_a_cut_line_is_tried_again_with_the_same_key(world, lot, line, faults):
    row = world.lodged(lot, world.account("tenderer"), CASH_DEPOSIT)
    withdraw(OPERATOR, lot.id, row.party_id)
    world.advance(days=1)
    line.faults = list(faults)
    for _ in faults:
        world.money_tick()
        assert world.security(row.id).state is State.RELEASE_ORDERED
        carried = line.carried
        world.money_tick()
        assert line.carried == carried, "it did not wait before trying again"
        world.advance(hours=1, seconds=1)
    world.money_tick()
    exactly_once(world, [row])
    note = world.session.get(ReleaseDelivery, world.security(row.id).release.id)
    assert note.attempts == len(faults) + 1 and note.last_error


def test_a_silent_guarantor_is_asked_once_a_round(world, lot, line):
    crowd(world, lot, 3)
    line.faults = ["drop"] * 9
    world.money_tick()
    assert len(line.faults) == 8
    line.faults.clear()
    world.advance(hours=1, seconds=1)
    world.money_tick()
    assert not reading.waiting(world.session, world.now + timedelta(days=1))


def test_no_credential_is_no_answer(world, lot):
    row, = crowd(world, lot, 1)
    gateway.credential_path(world.settings.keys, "bank").unlink()
    world.money_tick()
    found = world.security(row.id)
    assert found.state is State.RELEASE_ORDERED
    assert "credential" in world.session.get(ReleaseDelivery, found.release.id).last_error


@pytest.mark.parametrize("point", ["before the call", "after the call", "inside the act"])
def test_a_worker_killed_on_the_way_loses_and_doubles_nothing(world, lot, point):
    rows = crowd(world, lot, 3)
    assert _killed(world, point) == 9
    paid = [paid for paid in world.paid().values() if paid is not None]
    assert len(paid) == (0 if point == "before the call" else 1)
    assert not world.entries("guarantee.release_confirmed")
    world.advance(seconds=31)
    world.money_tick()
    exactly_once(world, rows)


def _killed(world, point: str) -> int:
    """Order what is due, then deliver in a process that dies at `point`; its status."""
    now = world.now
    for due in list(clock.due(world.session, now)):
        due.act(CLOCK, *due.args, **due.kwargs)
    db.session.remove()
    db.engine.dispose()
    world._raw.dispose()
    child = os.fork()
    if child == 0:
        try:
            execute = gateway.execute
            if point == "before the call":
                gateway.execute = lambda *args: os._exit(9)
            elif point == "after the call":
                gateway.execute = lambda *args: (execute(*args), os._exit(9))
            else:
                guarantees.clock.confirm_release = _dying_act
            clock.deliver(now + timedelta(seconds=1))
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _dying_act(actor, guarantee_id, **given):
    event.listen(Session, "before_commit", lambda _: os._exit(9))
    acts.confirm_release(actor, guarantee_id, **given)


def test_confirmations_sent_by_themselves_are_taken_once(app, world, lot):
    rows = crowd(world, lot, 3)
    bank = world.account("guarantor", world.bank_party)
    secret = issue_token(bank, name="bank", actions=["guarantee.release_confirm"],
                         expires_at=world.now + timedelta(days=30)).token
    for due in list(clock.due(world.session, world.now)):
        order = due.act(CLOCK, *due.args, **due.kwargs)
        world.ledger.release(order.release_id, order.body)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        (world.ledger.folder / "callback.json").write_text(json.dumps(
            {"url": f"http://127.0.0.1:{server.server_port}", "token": secret}), "utf-8")
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: world.bank_server.tell(), range(8)))
        assert world.ledger.untold() == []
    finally:
        server.shutdown()
        server.server_close()
    world.money_tick()
    exactly_once(world, rows)


def test_three_planted_differences_in_the_ledger_are_found(world, lot):
    """Q90: one payment missing, one of another sum, one that we never ordered; 0 false."""
    rows = crowd(world, lot, 6)
    world.money_tick()
    exactly_once(world, rows)
    missing, wrong, ours = rows[0].instrument_no, rows[3].instrument_no, rows[5].instrument_no
    with closing(sqlite3.connect(world.ledger.folder / "ledger.db")) as books, books:
        books.execute("DELETE FROM release WHERE number = ?", (missing,))
        books.execute("UPDATE release SET paid_fen = paid_fen + 1 WHERE number = ?", (wrong,))
        books.execute("INSERT INTO instrument SELECT 'STOLEN', kind, amount_fen, payer_digest,"
                      " body, signature FROM instrument WHERE number = ?", (ours,))
        books.execute("INSERT INTO release SELECT 'k', 'STOLEN', paid_fen, payee_digest,"
                      " order_body, statement, signature, 1 FROM release WHERE number = ?",
                      (ours,))
    theirs = gateway.ledger(world.bank_server.url, world.bank_server.platform)
    found = {(one.kind, one.instrument_no)
             for one in compare(reading.lines(world.session, world.bank_party.id), theirs)}
    assert found == {("unpaid", missing), ("amount", wrong), ("extra", "STOLEN")}


class Forgiving:
    """A guarantor that pays for every key it has not seen; the first answer is lost."""

    def __init__(self, ledger):
        self.ledger = ledger
        self.keys: list[str] = []
        self.lost = False

    def execute(self, _base, _secret, key, body):
        if key not in self.keys:
            self.keys.append(key)
        if not self.lost:
            self.lost = True
            raise gateway.Unheard("cut")
        paper = self.ledger.release(read_order(body.encode()).release, body)
        return paper.text, paper.signature


def _payments(world, lot, monkeypatch) -> int:
    row, = crowd(world, lot, 1)
    bank = Forgiving(world.ledger)
    monkeypatch.setattr(gateway, "execute", bank.execute)
    world.money_tick()
    world.advance(seconds=31)
    world.money_tick()
    assert world.security(row.id).state is State.RELEASED
    return len(bank.keys)


def test_the_key_is_the_releases_at_every_attempt(world, lot, monkeypatch):
    assert _payments(world, lot, monkeypatch) == 1


def test_planted_pay_then_record_is_seen(world, lot, monkeypatch):
    """A key made when the call is made, and recorded after it, pays twice: the test can fail."""
    send = clock._send

    def planted(release_id, guarantor_id):
        execute = gateway.execute
        with monkeypatch.context() as patch:
            patch.setattr(gateway, "execute", lambda base, secret, _key, body: execute(
                base, secret, new_id(), body))
            send(release_id, guarantor_id)

    monkeypatch.setattr(clock, "_send", planted)
    assert _payments(world, lot, monkeypatch) == 2
