"""Killed and failing at the system calls of close, opening and the other operations (F03, F04).

The submission has the same in tests/bidding, the append in tests/audit. The plain tier tries some
points of each; `-m faults` every one of close and opening, and ten of the others.
"""

from __future__ import annotations

import hashlib
import os
import time
from types import SimpleNamespace

import pytest

from audit.actor import CLOCK
from bidding import acts
from bidding.model import Opening
from evaluation import acts as evaluation
from evaluation import reading as evaluated
from evaluation.model import Award
from tender import acts as tenders
from tender import reading as tender_reading
from tests.traced import DURABLE, needed

from .points import KILLED, Kept, Operation, Points, Tally

pytestmark = needed


def close_and_opening(world) -> list[Operation]:
    """The course of one lot with three bids from its deadline to the signed record."""
    lot = world.lots(world.published_tender())[0]
    companies = [world.sealed_bid(lot) for _ in range(3)]
    world.tick(record=True)
    world.advance(to=lot.deadline)
    world.advance(seconds=1)
    world.freeze()
    one, two, _ = world.officials

    def record_hash() -> str:
        return world.session.query(Opening).one().record_hash

    return [
        Operation("close", lambda: acts.close_if_due(lot.id)),
        Operation("authorise", lambda: world.authorise(lot)),
        Operation("an official's shares", lambda: world.release(lot, one)),
        Operation("a tenderer's shares", lambda: world.give_own(lot, companies[0])),
        Operation("the last shares", lambda: world.release(lot, two)),
        Operation("open", lambda: acts.open_lot(CLOCK, lot.id)),
        Operation("sign the record", lambda: acts.sign_record(
            world.fresh(one), lot.id, record_hash=record_hash())),
    ]


SIZES = (None, 1 << 10, 8 << 10, 64 << 10, 256 << 10)
"""Where writes are cut short: at 997 bytes each; where a file may not grow beyond so many."""
ERRORS = ("EIO", "ENOSPC", "EINTR")


def tried(world, tmp_path, operations, most: int = 10**6, kills: bool = True,
          errors=(), only=()) -> Tally:
    """Kill each operation (of `only` these) at its system calls (at `most` of them, evenly), let
    the durable ones fail with each of `errors`, cut its writes short; then it is done for good."""
    kept, total = Kept(world), Tally()
    try:
        for operation in operations:
            if only and operation.name not in only:
                operation.work()
                operation.after()
                continue
            began, tally = time.monotonic(), Tally()
            points = Points(world, kept, operation, tmp_path / "calls")
            listed = points.calls(KILLED)
            killed = some(listed, most) if kills else []
            for point in killed:
                points.killed_at(point, tally)
            assert tally.injected >= len(killed) * 8 // 10, "the kills did not come"
            for number, error in enumerate(errors):
                durable = [one for one in listed if one[0] in DURABLE]
                # Each error at calls of its own where not every call is tried.
                for point in some(durable[number if most < len(durable) else 0:], most):
                    points.failed_at(point, error, tally)
            for limit in SIZES[:most] if errors else ():
                points.cut_short(limit, tally)
            print(f"  {operation.name}: {len(listed)} calls, {len(points.states)} states, {tally}, "
                  f"{time.monotonic() - began:.0f} s", flush=True)
            total += tally
            points.close()
    finally:
        kept.close()
    return total


def some(points: list, most: int) -> list:
    """At most so many of them, evenly apart."""
    return points[::-(-len(points) // most) or 1]


def test_some_points_of_close_and_opening(world, tmp_path):
    total = tried(world, tmp_path, close_and_opening(world), 3, errors=("EIO",),
                  only=("close", "open"))
    print(f"F03, F04 close and opening, some: {total}")
    total.require(8)


@pytest.mark.faults
def test_every_point_of_close_and_opening(world, tmp_path):
    total = tried(world, tmp_path, close_and_opening(world))
    print(f"FAULTS F03 close and opening: {total}")
    total.require(100)


@pytest.mark.faults
def test_every_durable_call_of_close_and_opening_fails(world, tmp_path):
    total = tried(world, tmp_path, close_and_opening(world), kills=False, errors=ERRORS)
    print(f"FAULTS F04 close and opening: {total}")
    total.require(50)


def bidding_operations(world) -> list[Operation]:
    """What a tenderer does besides the submission itself."""
    lot = world.lots(world.published_tender())[0]
    company = world.company()
    first = world.seal(lot, company)
    company.bids[lot.id] = first
    second = world.replacement(lot, company)
    world.tick(record=True)
    world.freeze()
    return [
        Operation("declare", lambda: world.declare(lot, company, first)),
        Operation("submit", lambda: world.send(company, first)),
        Operation("declare a replacement", lambda: world.redeclare(company, second)),
        Operation("replace", lambda: _replaced(world, lot, company, second)),
        Operation("withdraw", lambda: world.withdraw(lot, company)),
    ]


def _replaced(world, lot, company, second) -> None:
    world.send(company, second)
    company.bids[lot.id] = second


def notice_operations(world) -> list[Operation]:
    """Two persons publish a tender."""
    tender = world.draft_tender()
    world.before_publishing(tender)
    world.tick(record=True)
    world.freeze()
    notice = []
    return [
        Operation("submit the notice",
                  lambda: notice.append(tenders.submit_notice(world.clerk, tender.id).content_hash)),
        Operation("publish", lambda: tenders.approve_notice(
            world.fresh(world.chief), tender.id, content_hash=notice[-1])),
    ]


def judging_operations(world) -> list[Operation]:
    """From the panel's last sheet to the contract."""
    lot = SimpleNamespace(id=world.opened_lot().id)
    first, *others = panel = world.drawn_panel(lot)
    sheets = {}
    for expert in panel:
        evaluation.declare(expert, lot.id, accept=True)
        sheets[expert.account_id] = evaluation.save_sheet(
            expert, lot.id, scores=world.sheet(lot)).sheet_hash
    committee = [world.account("awarder", party=world.buyer_unit()) for _ in range(5)]
    world.tick(record=True)
    world.freeze()

    def sign(expert) -> None:
        evaluation.sign_sheet(expert, lot.id, sheet_hash=sheets[expert.account_id])

    def report(expert) -> None:
        found = evaluated.to_sign(world.session, tender_reading.lot(world.session, lot.id))
        evaluation.sign_report(expert, lot.id, report_hash=found["report_hash"])

    def publicity_over() -> None:
        world.advance(to=tender_reading.lot(world.session, lot.id).publicity_ends)
        world.advance(seconds=1)

    return [
        Operation("sign a sheet", lambda: sign(first), lambda: [sign(one) for one in others]),
        Operation("sign the report", lambda: report(first),
                  lambda: [report(one) for one in others]),
        Operation("publish the candidates",
                  lambda: evaluation.publish_candidates(world.clerk, lot.id)),
        Operation("form the committee", lambda: evaluation.form_committee(
            world.clerk, lot.id, members=[one.account_id for one in committee]), publicity_over),
        Operation("vote", lambda: evaluation.cast_vote(
            committee[0], lot.id, ballot=1, choice=min(evaluated.voting(
                world.session, lot.id).state.choices)), lambda: world.vote(lot, committee[1:])),
        Operation("confirm the award", lambda: evaluation.confirm_award(world.chief, lot.id)),
        Operation("register the contract", lambda: evaluation.register_contract(
            world.clerk, lot.id, amount_fen=world.session.query(Award).one().price_fen,
            signed_at=world.now, document_hash=hashlib.sha256(b"contract").hexdigest())),
    ]


@pytest.mark.faults
@pytest.mark.parametrize("course", [bidding_operations, notice_operations, judging_operations])
def test_ten_points_of_the_other_operations(world, tmp_path, course):
    most = int(os.environ.get("YANGGUANG_POINTS", "10"))
    total = tried(world, tmp_path, course(world), most, errors=ERRORS)
    print(f"FAULTS F03, F04 {course.__name__}: {total}")
    total.require(most * 2)
