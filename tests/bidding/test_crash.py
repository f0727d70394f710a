"""A worker that dies at any step of the submission loses nothing and leaves no half (F01, F03).

A child process sends the last block and dies, by _exit, before the n-th of its steps: every
write, fsync, rename and open of a file, every statement and every COMMIT. Then the oracle of
assurance §4.2: what was acknowledged is wholly there; what was not is wholly there or wholly
absent; sending again gives the one receipt.
"""

import builtins
import hashlib
import os
import signal

import pytest
from sqlalchemy import event

from audit.act import wiring
from bidding import blocks, reading
from bidding.model import BidBlock, BidPart, BidVersion, StandingBid
from kernel.db import db
from kernel.refusal import Refused
from kernel.store import Store

DEAD = 77


class Steps:
    """Counts the steps of a child and ends it before the one chosen."""

    def __init__(self, last: int):
        self.left = last

    def step(self, *_):
        if self.left == 0:
            os._exit(DEAD)
        self.left -= 1

    def before(self, function):
        def stepped(*args, **kwargs):
            self.step()
            return function(*args, **kwargs)
        return stepped

    def watch(self, engine) -> None:
        os.fsync, os.replace = self.before(os.fsync), self.before(os.replace)
        os.open, builtins.open = self.before(os.open), self.before(builtins.open)
        event.listen(engine, "before_cursor_execute", lambda *_: self.step())
        event.listen(engine, "commit", lambda *_: self.step())


def late_write(self, data):
    """The planted bug: the row first, the file after the answer."""
    self.waiting = data
    return hashlib.sha256(data).hexdigest()


def die_at(world, company, sealed, step, planted=False) -> tuple[bool, bool]:
    """Send the last block in a child that dies before `step`: (acknowledged, died)."""
    db.session.remove()
    db.engine.dispose()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            signal.alarm(300)
            if planted:
                Store.put = late_write
            Steps(step).watch(db.engine)
            part, number, data = world.blocks(sealed)[-1]
            answer = world.upload_block(company.actor, sealed.declaration["bid"], 1, part, number,
                                       data)
            os.write(writer, b"A" if answer.receipt else b"?")
        finally:
            os._exit(0)
    os.close(writer)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    acknowledged = os.read(reader, 1) == b"A"
    os.close(reader)
    return acknowledged, status == DEAD


def whole(world, sealed) -> bool | None:
    """True: row, files, entry and receipt all agree. False: nothing is visible. None: a half."""
    session = world.session
    version = session.query(BidVersion).filter_by(bid_id=sealed.declaration["bid"]).one()
    rows = session.query(StandingBid).filter_by(bid_id=version.bid_id).count()
    entries = sum(one.id == version.entry_id for one in world.entries("bid.submitted"))
    signs = [version.submitted_at is not None, version.receipt is not None, rows == 1,
             entries == 1]
    if not any(signs):
        return False
    for part in session.query(BidPart).filter_by(version_id=version.id):
        hashes = [row.hash for row in session.query(BidBlock).filter_by(part_id=part.id)
                  .order_by(BidBlock.number)]
        signs.append(blocks.combined(hashes) == part.ciphertext_hash)
        for name in hashes:
            path = wiring().store.path(name)
            signs.append(path.exists()
                         and hashlib.sha256(path.read_bytes()).hexdigest() == name)
    return True if all(signs) else None


def prepared(world, lot):
    company = world.company()
    sealed = world.seal(lot, company)
    world.declare(lot, company, sealed)
    world.send(company, sealed, -1)
    return company, sealed


def test_killed_at_each_step_nothing_is_lost_and_nothing_is_half(world):
    lot = world.lots(world.published_tender())[0]
    outcomes = []
    for step in range(0, 500, 5):
        company, sealed = prepared(world, lot)
        acknowledged, died = die_at(world, company, sealed, step)
        state = whole(world, sealed)
        assert state is not None, f"half visible after dying before step {step}"
        assert state or not acknowledged, f"acknowledged and lost at step {step}"
        receipt = world.send(company, sealed).receipt
        assert receipt and whole(world, sealed) is True
        outcomes.append((acknowledged, state))
        if not died:
            break
    assert not died and acknowledged, "the steps ran out before the submission did"
    assert len(outcomes) > 4 and (False, False) in outcomes
    assert reading.count_standing(world.session, lot.id) == len(outcomes)
    print(f"{len(outcomes)} deaths, one each twelfth step: 0 lost, 0 half")


def test_a_row_before_its_file_would_be_found(world):
    lot = world.lots(world.published_tender())[0]
    company, sealed = prepared(world, lot)
    acknowledged, died = die_at(world, company, sealed, 10_000, planted=True)
    assert acknowledged and not died
    assert whole(world, sealed) is None


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_failed_durable_step_is_never_answered_with_success(world, monkeypatch, call):
    lot = world.lots(world.published_tender())[0]
    company, sealed = prepared(world, lot)
    with monkeypatch.context() as patch:
        def fail(*_args, **_kwargs):
            raise OSError(5, "Input/output error")
        patch.setattr(os, call, fail)
        with pytest.raises(Refused, match="upload.storage"):
            world.send(company, sealed)
    assert whole(world, sealed) is False
    assert world.send(company, sealed).receipt and whole(world, sealed) is True
