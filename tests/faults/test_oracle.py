"""The oracle first: every bug that is planted here turns it red, and a sound run leaves it green."""

import hashlib
import os
from datetime import timedelta

import pytest

from audit import note
from audit.act import wiring
from bidding import rules
from bidding.model import BidBlock, BidPart, BidVersion
from kernel.store import Store

from .oracle import Ledger, judge, verify_record


@pytest.fixture
def lot(world):
    return world.lots(world.published_tender())[0]


def platform() -> note.Verifier:
    return note.Verifier.parse(wiring().settings["platform_vkey"])


def sent(world, lot, ledger: Ledger):
    """A bid that stands, as its client accounts for it."""
    company = world.company()
    sealed = world.seal(lot, company)
    world.declare(lot, company, sealed)
    answer = world.send(company, sealed)
    ledger.ack((sealed.declaration["bid"], 1), answer.receipt)
    company.bids[lot.id] = sealed
    return company, sealed


def verdict(world, ledger):
    return judge(world.session, wiring().store, ledger, platform())


def test_a_sound_run_is_green(world, lot):
    ledger = Ledger()
    company, _ = sent(world, lot, ledger)
    second = world.replacement(lot, company)
    world.redeclare(company, second)
    ledger.ack((second.declaration["bid"], 2), world.send(company, second).receipt)
    unfinished = world.company()
    half = world.seal(lot, unfinished)
    world.declare(lot, unfinished, half)
    world.send(unfinished, half, -1)
    ledger.doubt((half.declaration["bid"], 1))
    found = verdict(world, ledger)
    assert found.clean and found.visible == 2, str(found)
    world.tick(record=True)
    assert verify_record(world.settings.record) == ""
    found.require(0)
    with pytest.raises(AssertionError, match="promised"):
        found.require(1)


def _file(world, sealed, part="technical"):
    name = world.session.query(BidBlock.hash).join(BidPart, BidPart.id == BidBlock.part_id).join(
        BidVersion, BidVersion.id == BidPart.version_id).filter(
        BidVersion.bid_id == sealed.declaration["bid"], BidPart.part == part).first()[0]
    return wiring().store.path(name)


def _flip(world, sealed):
    path = _file(world, sealed)
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)


BURGLARIES = {
    "the file is gone (no fsync of the folder)": lambda w, s: _file(w, s).unlink(),
    "the file is empty (no fsync)": lambda w, s: _file(w, s).write_bytes(b""),
    "the file is torn": lambda w, s: os.truncate(_file(w, s), 1000),
    "a byte is another": _flip,
    "the row is gone (commit not durable)": lambda w, s: w.raw(
        "UPDATE bid_version SET submitted_at = NULL WHERE bid_id = :b",
        b=s.declaration["bid"]),
    "the entry was lost (written after the commit)": lambda w, s: w.raw(
        "DELETE FROM pending_entry WHERE id = (SELECT entry_id FROM bid_version "
        "WHERE bid_id = :b)", b=s.declaration["bid"]),
    "a block is not named": lambda w, s: w.raw(
        "DELETE FROM bid_block WHERE part_id = (SELECT p.id FROM bid_part p JOIN bid_version v "
        "ON v.id = p.version_id WHERE v.bid_id = :b AND p.part = 'price')",
        b=s.declaration["bid"]),
    "the receipt is not kept": lambda w, s: w.raw(
        "UPDATE bid_version SET receipt = NULL WHERE bid_id = :b", b=s.declaration["bid"]),
    "the count is wrong": lambda w, s: w.raw(
        "UPDATE bid_upload SET missing = 1 WHERE version_id = (SELECT id FROM bid_version "
        "WHERE bid_id = :b)", b=s.declaration["bid"]),
    "it stands, withdrawn": lambda w, s: w.raw(
        "UPDATE bid_version SET withdrawn_at = submitted_at WHERE bid_id = :b",
        b=s.declaration["bid"]),
}


@pytest.mark.parametrize("burglary", BURGLARIES.values(), ids=BURGLARIES)
def test_each_loss_is_seen(world, lot, burglary):
    if world.postgres:
        for table in ("pending_entry", "bid_version"):
            world.raw(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    ledger = Ledger()
    _, sealed = sent(world, lot, ledger)
    assert verdict(world, ledger).clean
    if not world.postgres:
        for (name,) in world.raw("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            world.raw(f"DROP TRIGGER {name}")
    burglary(world, sealed)
    found = verdict(world, ledger)
    assert not found.clean, str(found)


def test_a_row_before_its_file_is_seen(world, lot, monkeypatch):
    monkeypatch.setattr(Store, "put", lambda self, data: hashlib.sha256(data).hexdigest())
    ledger = Ledger()
    sent(world, lot, ledger)
    found = verdict(world, ledger)
    assert found.lost and found.partial


@pytest.mark.parametrize("at_start", [True, False])
def test_a_late_bid_that_is_taken_is_seen(world, lot, monkeypatch, at_start):
    """Planted: the deadline is not asked at the end, or the time of the beginning is asked."""
    company = world.company()
    sealed = world.seal(lot, company)
    world.declare(lot, company, sealed)
    world.send(company, sealed, -1)
    world.set_time(lot.deadline - timedelta(seconds=1))
    began = world.now
    world.set_time(lot.deadline + timedelta(milliseconds=1))
    monkeypatch.setattr(wiring(), "authority", lambda *_args, **_more: None)
    monkeypatch.setattr(wiring(), "close_if_due", lambda _lot: None)
    if at_start:
        monkeypatch.setattr(type(wiring().clock), "now", lambda *_: began)
    else:
        monkeypatch.setattr(rules, "in_time", lambda now, deadline: None)
    answer = world.send(company, sealed)
    monkeypatch.undo()
    ledger = Ledger()
    key = (sealed.declaration["bid"], 1)
    ledger.ack(key, answer.receipt)
    if at_start:
        assert verdict(world, ledger).clean, "the database alone cannot tell"
        ledger.late.add(key)
    assert not verdict(world, ledger).clean


def test_two_receipts_for_one_version_are_seen(world, lot):
    ledger = Ledger()
    _, sealed = sent(world, lot, ledger)
    ledger.ack((sealed.declaration["bid"], 1), "another")
    assert not verdict(world, ledger).clean


def test_a_refused_bid_that_is_there_is_seen(world, lot):
    ledger = Ledger()
    _, sealed = sent(world, lot, ledger)
    told = Ledger()
    told.refuse((sealed.declaration["bid"], 1), "bid.late")
    assert not verdict(world, told).clean and verdict(world, ledger).clean


def test_an_entry_without_its_bid_is_seen(world, lot, monkeypatch):
    """The planted bug: what was recorded stays when the submission is rolled back."""
    ledger = Ledger()
    _, sealed = sent(world, lot, ledger)
    if world.postgres:
        world.raw("ALTER TABLE bid_version DISABLE TRIGGER USER")
    world.raw("UPDATE bid_version SET submitted_at = NULL, receipt = NULL, entry_id = NULL")
    world.raw("DELETE FROM standing_bid")
    found = verdict(world, Ledger())
    assert found.partial, str(found)
    assert sealed
