"""The opening and the bids of one company, raced again and again from one beginning (F22, F24).

Every round puts the database back, lets threads start at one barrier, and looks at what is left.
Short in the plain tier, 200 rounds of each under `-m faults`.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from audit.act import wiring
from audit.actor import CLOCK
from bidding import acts, policy, reading
from bidding.acts import publication
from bidding.lifecycle import State
from bidding.model import (
    BidVersion,
    LotClosing,
    OfficialRelease,
    OpenedBid,
    OpenedPart,
    Opening,
    OpeningShare,
    StandingBid,
)
from kernel.canonical import b64, jcs
from kernel.db import db
from tender.model import Lot
from tests.bidding.test_races import at_once, last_blocks, world_withdraw

from .oracle import Ledger, judge
from .points import Kept, faults_of

ROUNDS = 200


def raced(world, rounds: int, play) -> Counter:
    """`play(number, chance)` so many times, each from the database as it is now; its words."""
    kept, seen, chance = Kept(world), Counter(), random.Random(22)
    try:
        kept.keep()
        for number in range(rounds):
            seen.update(play(number, chance))
            if number % 20 == 0:
                assert faults_of(world) == []
            if number % 50 == 49:
                print(f"  {number + 1} rounds: {dict(seen)}", flush=True)
            kept.put_back()
    finally:
        kept.close()
    return seen


# --- F22 -----------------------------------------------------------------------------------------
REFUSALS = {"phase.wrong", "opening.shares-given", "object.not-found", "opening.window-over",
            "opening.not-due", "access.denied", "request.busy", "lot.decided",
            "bid.already-done"}
"""What a race may be told: that somebody was before it, or that it is not time."""


def opening_of(world) -> tuple[SimpleNamespace, dict]:
    """A lot past its deadline with three bids: (lot, the calls that race)."""
    lot = SimpleNamespace(id=world.lots(world.published_tender())[0].id)
    companies = [world.sealed_bid(lot) for _ in range(3)]
    world.past_deadline(lot)
    world.tick(record=True)
    world.freeze()
    officials = [world.fresh(one) for one in world.officials]
    # Shares are known to their holders from the wraps, before anybody asks for them.
    seeds, shares = world.holder_seeds[lot.id], {}
    kept = Kept(world)
    kept.keep()
    world.authorise(lot)
    for one in officials:
        shares[one.account_id] = world.official_shares(lot, one)
    kept.put_back()
    kept.close()
    assert seeds and all(shares.values())

    def own(company):
        sealed = company.bids[lot.id]
        given = {part: b64(share) for part, share in sealed.own.items()}
        return lambda: acts.give_own_shares(company.actor, sealed.declaration["bid"], shares=given)

    return lot, {
        "authorise": [lambda one=one: acts.authorise_opening(one, lot.id, reason="到时")
                      for one in officials],
        "release": [lambda one=one: acts.release_shares(
            one, lot.id, shares=shares[one.account_id]) for one in officials],
        "own": [own(company) for company in companies],
        "open": [lambda: acts.open_lot(CLOCK, lot.id)],
    }


def opening_is_one(world, lot) -> str:
    """Whatever the order was: at most one authorisation, one opening, each share once, nothing
    open before the policy was met. What became of it, in a word."""
    session = world.session
    openings = session.scalars(select(Opening).where(Opening.lot_id == lot.id)).all()
    assert len(openings) <= 1
    assert len(world.entries("opening.authorised")) == len(openings)
    releases = session.scalars(select(OfficialRelease.official_id)).all()
    assert len(releases) == len(set(releases)) == len(world.entries("opening.shares_released"))
    rows = session.scalars(select(OpeningShare)).all()
    places = [(one.bid_id, one.part, one.path) for one in rows]
    assert len(places) == len(set(places)), "a share counted twice"
    assert not rows or openings, "a share before the authorisation"
    opened = session.scalars(select(OpenedBid)).all()
    tree = session.get_one(Lot, lot.id).policy
    for part in session.scalars(select(OpenedPart)):
        have = {one.path for one in rows if (one.bid_id, one.part) == (part.bid_id, part.part)}
        assert policy.opens(tree, have), "plaintext before its shares"
    entries = len(world.entries("lot.opened"))
    assert entries == bool(opened) <= len(openings) and len(opened) in (0, 3)
    return "opened" if opened else "given" if rows else "authorised" if openings else "nothing"


def race_the_opening(world, rounds: int) -> Counter:
    lot, calls = opening_of(world)
    own, release = calls["own"], calls["release"]

    def play(number, chance):
        kind = number % 4
        if kind == 0:    # everything at once, before anybody has authorised
            race = calls["authorise"] * 2 + release[:2] + own[:1]
        else:
            calls["authorise"][number % 2]()
            # 1: the same shares again and again; 2: the last share and two clocks; 3: all of it
            race = release[:2] * 2 + own * 2 if kind == 1 else own + calls["open"] * 2
            if kind == 3:
                race = release + own + calls["open"] * 2 + calls["authorise"][:1]
        chance.shuffle(race)
        answers = at_once(world, race)
        refused = {one for one in answers if isinstance(one, str)}
        assert refused <= REFUSALS, refused - REFUSALS
        word = opening_is_one(world, lot)
        if kind != 0:
            db.session.rollback()
            world.tick()
            word = opening_is_one(world, lot)
            assert word == ("given" if kind == 1 and word != "opened" else "opened"), word
        return [f"{kind} {word}"]

    return raced(world, rounds, play)


def test_a_share_that_came_while_the_bids_were_read_counts(world, monkeypatch):
    """It was given in time, and committed after the clock had read the shares."""
    lot, calls = opening_of(world)
    calls["authorise"][0]()
    first, second, last = calls["own"]
    first()
    second()
    in_time, true = world.now, publication.examine
    world.set_time(world.session.query(Opening).one().ends_at)

    def examine(session, lot_id, stage):
        found, late = true(session, lot_id, stage), world.now
        monkeypatch.setattr(publication, "examine", true)
        world.set_time(in_time)
        last()
        world.set_time(late)
        return found

    monkeypatch.setattr(publication, "examine", examine)
    world.tick()
    assert opening_is_one(world, lot) == "opened" and not world.entries("opening.unopened_named")


def test_f22_the_opening_raced(world):
    seen = race_the_opening(world, 4)
    print(f"F22: {dict(seen)}")


@pytest.mark.faults
def test_f22_the_opening_raced_two_hundred_times(world):
    seen = race_the_opening(world, ROUNDS)
    print(f"FAULTS F22 {ROUNDS} rounds: {dict(seen)}")
    assert seen["0 authorised"] + seen["0 given"] == ROUNDS // 4


# --- F24 -----------------------------------------------------------------------------------------
def race_the_bid(world, rounds: int) -> Counter:
    """Replace, withdraw and close; five tabs; one key with two contents."""
    lot = SimpleNamespace(id=world.lots(world.published_tender())[0].id)
    deadline = world.session.get_one(Lot, lot.id).deadline
    company, other = world.sealed_bid(lot), world.company()
    second = world.replacement(lot, company)
    world.redeclare(company, second)
    world.send(company, second, -1)
    tabs = [world.seal(lot, other) for _ in range(5)]
    for one in tabs:
        world.declare(lot, other, one)
        world.send(other, one, -1)
    third = world.company()
    contents = [world.seal(lot, third) for _ in range(2)]
    world.tick(record=True)
    ledger = Ledger()
    ledger.ack((company.bids[lot.id].declaration["bid"], 1),
               world.session.scalars(select(BidVersion.receipt).where(
                   BidVersion.receipt.is_not(None))).one())

    def play(number, chance):
        if number % 3 == 0:
            # Signed in for each round: a session that idles through a long run ends.
            clients = [world.client(third.actor) for _ in range(6)]
            assert all(client._session() for client in clients)
            return [_declared_once(world, lot, third, contents, clients, chance)]
        race = [*last_blocks(world, company, second), lambda: world_withdraw(world, lot, company)]
        race += [call for one in tabs for call in last_blocks(world, other, one)]
        if number % 3 == 1:
            world.set_time(deadline)
            race += [lambda: acts.close_if_due(lot.id)] * 2
        chance.shuffle(race)
        at_once(world, race)
        return [_one_truth(world, lot, company, other, ledger, late=number % 3 == 1)]

    return raced(world, rounds, play)


def _one_truth(world, lot, company, other, ledger, late: bool) -> str:
    session = world.session
    assert judge(session, wiring().store, ledger).clean
    stand = session.scalars(select(StandingBid)).all()
    states = [reading.version_state(session, one).name for one in session.scalars(
        select(BidVersion).where(BidVersion.party_id == company.party_id)
        .order_by(BidVersion.version))]
    tabs = [reading.version_state(session, one) for one in session.scalars(
        select(BidVersion).where(BidVersion.party_id == other.party_id))]
    if late:
        assert states == ["SUBMITTED", "DECLARED"] and State.SUBMITTED not in tabs
        assert session.query(LotClosing).count() == 1 and len(stand) == 1
        return "closed"
    assert states in (["WITHDRAWN", "WITHDRAWN"], ["REPLACED", "SUBMITTED"]), states
    assert tabs.count(State.SUBMITTED) == 1 and len(stand) == 1 + (states[1] == "SUBMITTED")
    assert len(world.entries("bid.withdrawn")) + len(world.entries("bid.replaced")) == 1
    return states[1].lower()


def _declared_once(world, lot, company, contents, clients, chance) -> str:
    """One key, two contents, six requests at once: one of them is done, once."""
    bodies = [{"declaration": jcs(one.declaration).decode(), "wraps": one.wraps,
               **company.sign(one.declaration)} for one in contents]
    key = f"key-{chance.getrandbits(64):016x}"
    race = [lambda client=client, n=n: client.post(
        f"/lots/{lot.id}/bids", json=bodies[n % 2], key=key) for n, client in enumerate(clients)]
    chance.shuffle(race)
    answers = at_once(world, race)
    good = [one for one in answers if one.status_code == 201]
    codes = {json.loads(one.data)["code"] for one in answers if one.status_code != 201}
    assert good and len({one.data for one in good}) == 1, [one.status for one in answers]
    assert codes <= {"idempotency.reused", "idempotency.raced", "request.busy"}, codes
    there = world.session.scalars(select(BidVersion.bid_id).where(
        BidVersion.party_id == company.party_id)).all()
    assert there == [json.loads(good[0].data)["bid"]]
    # Afterwards, one by one: the same content gets the same answer, the other is refused.
    for n, client in enumerate(clients[:2]):
        answer = client.post(f"/lots/{lot.id}/bids", json=bodies[n], key=key)
        mine = contents[n].declaration["bid"] == there[0]
        assert (answer.status_code, answer.data == good[0].data) == ((201, True) if mine else
                                                                     (409, False))
        assert mine or json.loads(answer.data)["code"] == "idempotency.reused"
    return "one key"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_replacement_that_was_never_complete_falls_with_what_is_withdrawn(world):
    lot = world.lots(world.published_tender())[0]
    company = world.sealed_bid(lot)
    world.redeclare(company, world.replacement(lot, company))
    world.withdraw(lot, company)
    assert faults_of(world) == []


def test_f24_the_bids_of_one_company_raced(world):
    print(f"F24: {dict(race_the_bid(world, 3))}")


@pytest.mark.faults
def test_f24_the_bids_of_one_company_raced_two_hundred_times(world):
    seen = race_the_bid(world, ROUNDS)
    print(f"FAULTS F24 {ROUNDS} rounds: {dict(seen)}")
    assert seen["closed"] and seen["one key"] and seen["withdrawn"] + seen["submitted"]
