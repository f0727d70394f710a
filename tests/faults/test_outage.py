"""The drill of F26: the platform is down from ten minutes before the deadline to five after it.

Two persons restore the deadline, on the record; what was received before stays valid, what was
half there is finished, who came late through no fault of its own is in time.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from audit.act import wiring
from bidding import acts
from bidding.model import LotClosing, OpenedBid
from bidding.wire import Problem, Wire, call
from kernel.canonical import jcs
from kernel.db import db
from kernel.refusal import Refused
from tender import deadlines

from .oracle import judge, verify_record
from .swarm import LOST, Swarm
from .test_network import send_all, send_rest
from .warm import warm

MINUTE = timedelta(minutes=1)


def declared(company, sealed) -> dict:
    """The body that declares a bid."""
    return {"declaration": jcs(sealed.declaration).decode(), "wraps": sealed.wraps,
            **company.sign(sealed.declaration)}


def test_the_first_request_after_the_deadline_gets_its_own_answer(world):
    """No clock has ticked: the request closes the lot on its way, and is answered for itself."""
    lot = world.lots(world.published_tender())[0]
    for _ in range(3):
        world.sealed_bid(lot)
    late = world.company()
    sealed = world.seal(lot, late)
    world.advance(to=lot.deadline)
    world.advance(seconds=1)
    for _ in range(2):
        answer = world.client(late.actor).post(f"/lots/{lot.id}/bids",
                                               json=declared(late, sealed), key="k" * 16)
        assert (answer.status_code, answer.get_json()["code"]) == (409, "bid.late")
    assert len(world.entries("lot.closed")) == 1


def test_an_official_may_be_the_first_after_the_deadline(world):
    lot = world.lots(world.published_tender())[0]
    for _ in range(3):
        world.sealed_bid(lot)
    world.advance(to=lot.deadline)
    world.advance(seconds=1)
    answer = world.client(world.officials[0]).post(f"/lots/{lot.id}/opening",
                                                   json={"reason": "到时开标"})
    assert answer.status_code == 201, answer.get_json()
    assert len(world.entries("lot.closed")) == len(world.entries("opening.authorised")) == 1


def test_f26_down_over_the_deadline_then_restored_by_two(world):
    lot = world.lots(world.published_tender())[0]
    world.advance(hours=25)  # keys have cooled
    half, late = world.company(), world.company()
    begun, missed = world.seal(lot, half), world.seal(lot, late)
    world.advance(to=lot.deadline - 12 * MINUTE)
    tokens = [world.session_token(one.actor) for one in (half, late)]
    with warm(world) as server:
        with Swarm(world, lot, server.address, 3, versions=1) as swarm:
            while swarm.busy:
                swarm.tenderers[0].join(0.1)
        ledger = swarm.ledger
        assert len(ledger.acked) == 3
        before, after = (Wire(server.address, token, timeout=120) for token in tokens)
        call(before, "POST", f"/lots/{lot.id}/bids", declared(half, begun), key="d" * 16)
        part = begun.files["technical"].read_bytes()
        before.request("PATCH", f"/bids/{begun.declaration['bid']}/versions/1/parts/technical"
                       "/upload", part, {"Tus-Resumable": "1.0.0", "Upload-Offset": "0",
                                         "Content-Type": "application/offset+octet-stream"})

        world.set_time(lot.deadline - 10 * MINUTE)
        server.stop()
        ledger.injected += 1
        for wire, sealed in ((before, begun), (after, missed)):
            with pytest.raises(LOST):
                send_all(wire, sealed)
            ledger.doubt((sealed.declaration["bid"], 1))
            wire.close()
        world.set_time(lot.deadline + 5 * MINUTE)
        server.start()

        # Whoever comes first finds it closed, even if nothing has ticked.
        for company, sealed, wire in ((late, missed, after), (half, begun, before)):
            with pytest.raises(Problem) as said:
                if sealed is missed:
                    call(wire, "POST", f"/lots/{lot.id}/bids", declared(company, sealed),
                         key="e" * 16)
                else:
                    send_all(wire, sealed)
            assert said.value.code in ("bid.late", "phase.wrong"), said.value
        assert world.session.query(LotClosing).count() == 1
        assert judge(world.session, wiring().store, ledger).clean

        later = world.now + 60 * MINUTE
        deadlines.propose(world.clerk, lot.id, decision="restored", deadline=later,
                          evidence="截止前十分钟至截止后五分钟平台中断")
        for nobody in (world.clerk, world.chief):
            with pytest.raises(Refused):
                acts.decide_deadline(world.fresh(nobody), lot.id, proposal=1, reason="属实")
        acts.decide_deadline(world.fresh(world.supervisor), lot.id, proposal=1, reason="属实")

        call(after, "POST", f"/lots/{lot.id}/bids", declared(late, missed), key="f" * 16)
        for wire, sealed in ((before, begun), (after, missed)):
            ledger.ack((sealed.declaration["bid"], 1), send_rest(wire, sealed))
            wire.close()
    for company, sealed in ((half, begun), (late, missed)):
        company.bids[lot.id] = sealed
    db.session.rollback()
    world.advance(to=later)
    world.tick(record=True)
    assert world.session.query(LotClosing).count() == 2
    verdict = judge(world.session, wiring().store, ledger)
    print("F26 drill: ", end="")
    verdict.require(1)
    assert verdict.visible == len(ledger.acked) == 5
    for proof in ("deadline.restored", "lot.closed"):
        assert world.records(proof)
    world.authorise(lot)
    world.release(lot, world.officials[0])
    world.release(lot, world.officials[1])
    world.tick(record=True)
    assert [one.verdict for one in world.session.query(OpenedBid)] == ["opened"] * 5
    assert verify_record(world.settings.record) == ""
