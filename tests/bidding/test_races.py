"""Many at once: the same end whatever the order (assurance F22, F24, I05, I09)."""

import hashlib
import io
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from audit.actor import CLOCK
from bidding import acts, blocks, reading
from bidding.model import (
    BidBlock,
    BidPart,
    BidPlace,
    BidVersion,
    LotClosing,
    Opening,
    OpeningShare,
    StandingBid,
)
from kernel.db import db
from kernel.refusal import Refused


@pytest.fixture
def lot(world):
    return world.lots(world.published_tender())[0]


def at_once(world, calls):
    """Run all calls at the same moment, each in a thread of its own; results or refusal codes.

    Anything that is neither a result nor a refusal fails the test: that would be a 500.
    """
    barrier = threading.Barrier(len(calls))

    def run(call):
        with world.app.app_context():
            try:
                db.session.connection()  # connect first, so that all start together
                db.session.rollback()
                barrier.wait(300)
                return call()
            except Refused as refused:
                return refused.word.code
            finally:
                db.session.remove()

    db.session.rollback()
    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def last_blocks(world, company, sealed, count=1):
    """Send all but the last `count` blocks; calls that send one of them each."""
    world.send(company, sealed, -count)
    bid, version = sealed.declaration["bid"], sealed.declaration["version"]
    return [lambda one=one: world.upload_block(company.actor, bid, version, *one)
            for one in world.blocks(sealed)[-count:]]


def test_the_same_last_block_many_times_is_one_submission(world, lot):
    company = world.company()
    sealed = world.seal(lot, company)
    world.declare(lot, company, sealed)
    answers = at_once(world, last_blocks(world, company, sealed) * 6)
    # Who comes when all is there already is told where the upload stands, as tus has it.
    assert {one for one in answers if isinstance(one, str)} <= {"upload.offset"}
    receipts = {one.receipt for one in answers if not isinstance(one, str)}
    assert len(receipts) == 1 and None not in receipts
    assert len(world.entries("bid.submitted")) == 1
    assert world.session.query(StandingBid).count() == 1


def test_the_same_piece_many_times_at_once_moves_the_offset_once(world, lot, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK", 4096)
    company = world.company()
    sealed = world.seal(lot, company, files=bytes(200_000))
    world.declare(lot, company, sealed)
    bid, whole = sealed.declaration["bid"], sealed.files["technical"].read_bytes()
    for begin, end in ((0, 20 * 4096), (20 * 4096, len(whole))):
        answers = at_once(world, [lambda piece=whole[begin:end], begin=begin: acts.receive(
            company.actor, bid, 1, "technical", begin, len(piece), io.BytesIO(piece))] * 6)
        assert {one.offset for one in answers if not isinstance(one, str)} == {end}
        assert {one for one in answers if isinstance(one, str)} <= {"upload.offset"}
        assert acts.offset_of(bid, 1, "technical")[0] == end
    parts = {name: sealed.files[name].read_bytes() for name in ("form", "price")}
    answers = at_once(world, [lambda name=name, data=data: acts.receive(
        company.actor, bid, 1, name, 0, len(data), io.BytesIO(data))
        for name, data in parts.items()] * 3)
    receipts = {one.receipt for one in answers if not isinstance(one, str)} - {None}
    assert len(receipts) == 1 and len(world.entries("bid.submitted")) == 1


def test_different_pieces_at_once_leave_one_of_them(world, lot, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK", 4096)
    company = world.company()
    sealed = world.seal(lot, company, files=bytes(40_000))
    world.declare(lot, company, sealed)
    bid, whole = sealed.declaration["bid"], sealed.files["technical"].read_bytes()
    world.upload_block(company.actor, bid, 1, "technical", 0, whole[:4096])
    false = bytes(byte ^ 1 for byte in whole[4096:12288])
    answers = at_once(world, [lambda piece=piece: acts.receive(
        company.actor, bid, 1, "technical", 4096, len(piece), io.BytesIO(piece))
        for piece in (whole[4096:12288], false, whole[4096:8192], false[:4096])])
    assert {one for one in answers if isinstance(one, str)} == {"upload.offset"}
    stored = world.session.query(BidBlock).join(BidPart, BidPart.id == BidBlock.part_id).filter(
        BidPart.part == "technical").order_by(BidBlock.number).all()
    assert [row.number for row in stored] == list(range(len(stored)))
    kinds = {hashlib.sha256(data[n * 4096:(n + 1) * 4096]).hexdigest(): name
             for name, data in (("true", whole[4096:]), ("false", false)) for n in (0, 1)}
    assert len({kinds[row.hash] for row in stored[1:]}) == 1, "no mixture of two senders"


def test_five_tabs_of_one_company_make_one_bid(world, lot):
    company = world.company()
    calls = []
    for _ in range(5):
        sealed = world.seal(lot, company)
        world.declare(lot, company, sealed)
        calls += last_blocks(world, company, sealed)
    answers = at_once(world, calls)
    received = [one for one in answers if not isinstance(one, str)]
    assert len(received) == 1 and set(answers) - set(received) == {"bid.already-standing"}
    assert world.session.query(StandingBid).count() == 1


@pytest.mark.parametrize("round_", range(3))
def test_replace_withdraw_and_close_leave_one_truth(world, lot, round_):
    company = world.sealed_bid(lot)
    second = world.replacement(lot, company)
    world.redeclare(company, second)
    calls = [*last_blocks(world, company, second), lambda: world_withdraw(world, lot, company)]
    if round_:
        world.set_time(lot.deadline)
        calls.append(lambda: acts.close_if_due(lot.id))
    at_once(world, calls)
    versions = world.session.query(BidVersion).order_by(BidVersion.version).all()
    standing = world.session.query(StandingBid).all()
    states = [reading.version_state(world.session, one).name for one in versions]
    if round_:
        assert states == ["SUBMITTED", "DECLARED"] and len(standing) == 1
        assert world.session.query(LotClosing).count() == 1
    else:
        assert states in (["WITHDRAWN", "WITHDRAWN"], ["REPLACED", "SUBMITTED"])
        assert len(standing) == (states[1] == "SUBMITTED")
        assert len(world.entries("bid.withdrawn")) + len(world.entries("bid.replaced")) == 1


def world_withdraw(world, lot, company):
    from bidding import declaration
    from kernel.canonical import jcs

    value = declaration.withdrawal(company.bids[lot.id].declaration)
    return acts.withdraw_bid(company.actor, value["bid"], withdrawal=jcs(value).decode(),
                             **company.sign(value))


def test_bids_around_the_deadline_are_in_the_closing_root_or_refused(world, lot):
    ready = []
    for _ in range(4):
        company = world.company()
        sealed = world.seal(lot, company)
        world.declare(lot, company, sealed)
        ready += last_blocks(world, company, sealed)
    world.thaw()
    world.set_time(lot.deadline)
    world.raw("UPDATE installation SET clock_offset_ms = clock_offset_ms - 120")
    world.clock._said = world.clock._said.min.replace(tzinfo=lot.deadline.tzinfo)

    def later(call, seconds):
        def run():
            threading.Event().wait(seconds)
            return call()
        return run

    calls = [later(call, n * 0.06) for n, call in enumerate(ready)]
    calls += [later(lambda: acts.close_if_due(lot.id), n * 0.05) for n in range(4)]
    answers = at_once(world, calls)[:4]
    acts.close_if_due(lot.id)
    taken = {one.bid for one in answers if not isinstance(one, str)}
    assert {one for one in answers if isinstance(one, str)} <= {"bid.late", "phase.wrong"}
    places = {row.bid_id for row in world.session.query(BidPlace).filter_by(
        purpose="closing")}
    assert places == taken
    assert world.session.query(LotClosing).count() == 1


def test_eight_closings_at_once_are_one(world, lot):
    world.sealed_bid(lot)
    world.set_time(lot.deadline)
    at_once(world, [lambda: acts.close_if_due(lot.id)] * 8)
    assert world.session.query(LotClosing).count() == 1
    assert len(world.entries("lot.closed")) == 1


def test_two_officials_start_the_opening_at_once(world, lot):
    for _ in range(3):
        world.sealed_bid(lot)
    world.past_deadline(lot)
    officials = [world.fresh(one) for one in world.officials] * 2
    answers = at_once(world, [
        lambda one=one: acts.authorise_opening(one, lot.id, reason="到时") for one in officials])
    assert sum(not isinstance(one, str) for one in answers) == 1
    assert world.session.query(Opening).count() == 1
    assert len(world.entries("opening.authorised")) == 1


def test_the_same_shares_many_times_count_once(world, lot):
    companies = [world.sealed_bid(lot) for _ in range(3)]
    world.past_deadline(lot)
    world.authorise(lot)
    official = world.fresh(world.officials[0])
    shares = world.official_shares(lot, official)
    own = companies[0].bids[lot.id]
    from kernel.canonical import b64

    given = {part: b64(share) for part, share in own.own.items()}
    answers = at_once(world, [
        *[lambda: acts.release_shares(official, lot.id, shares=shares)] * 3,
        *[lambda: acts.give_own_shares(companies[0].actor, own.declaration["bid"],
                                       shares=given)] * 3])
    assert sum(not isinstance(one, str) for one in answers) == 2
    assert {one for one in answers if isinstance(one, str)} == {"opening.shares-given"}
    assert world.session.query(OpeningShare).count() == 12


def test_two_clocks_open_once(world, lot):
    companies = [world.sealed_bid(lot) for _ in range(3)]
    world.past_deadline(lot)
    world.authorise(lot)
    for company in companies:
        world.give_own(lot, company)
    answers = at_once(world, [lambda: acts.open_lot(CLOCK, lot.id)] * 4)
    assert answers.count(None) == 1, answers
    assert len(world.entries("lot.opened")) == 1
