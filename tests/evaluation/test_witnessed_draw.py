"""A draw with witnesses on loopback: it waits for all of them, and names who stays silent."""

import json
from datetime import timedelta

import pytest

from audit import sequencer
from audit.act import wiring
from audit.keys import Keys
from audit.note import Verifier
from audit.witnessing import Policy, Witnessing
from evaluation import acts, draw, reading, replay, seeds
from tests.audit.outside import Outside


@pytest.fixture
def outside(world, tmp_path):
    log = Verifier.parse(wiring().settings["log_vkey"])
    found = [Outside(tmp_path / f"witness{number}", number, log) for number in (1, 2)]
    wiring().settings["witnesses"] = Witnessing(
        Policy(1, {one.key.cosigner: one.url for one in found}), patience=1)
    yield found
    wiring().settings["witnesses"] = None
    for one in found:
        one.stop()


def again():
    for contact in wiring().settings["witnesses"]._contacts:
        contact.resume = 0


def sequence(world):
    sequencer.run_once(Keys.load(world.settings.keys), wiring().settings["record"])


def closed_draw(world, lot, before_close=lambda: None):
    world.experts(8)
    found = acts.announce_draw(world.clerk, lot.id)
    world.advance(to=found.commit_by + timedelta(seconds=1))
    world.draw_round()
    before_close()
    world.advance(to=found.reveal_by + timedelta(seconds=1))
    world.draw_round()
    return reading.the_draw(world.session, found.id)


def test_all_witnesses_have_a_part_and_the_histories_bear_it_out(world, outside, fiat):
    found = closed_draw(world, world.opened_by_fiat())
    document = json.loads(found.document)
    draw.verify(document, witnesses=[one.key.cosigner for one in outside])
    assert len(document["signatures"]) == 2
    assert reading.draw_page(world.session, found, world.now)["caution"] is None
    entries = [(row.position, json.loads(row.record)) for row in world.written()
               if hasattr(row, "position")]
    closed = replay.against_record(document, entries)
    for one in outside:
        replay.against_history(document, one.history(), closed)


def test_without_witnesses_the_draw_says_that_it_could_be_ground(world, fiat):
    found = closed_draw(world, world.opened_by_fiat())
    assert "again and again" in reading.draw_page(world.session, found, world.now)["caution"]["en"]


def test_it_waits_for_a_witness_that_sleeps_and_takes_the_same_checkpoint(world, outside, fiat):
    found = closed_draw(world, world.opened_by_fiat(), before_close=outside[1].stop)
    assert found.closed_at and found.document is None
    size = seeds.seed_checkpoint(world.session, found).size
    for _ in range(3):  # the tree grows meanwhile, cosigned by the other
        world.account("expert")
        sequence(world)
        world.draw_round()
    assert outside[0].size > size
    outside[1].start()
    again()
    world.account("expert")
    sequence(world)
    world.draw_round()
    found = reading.the_draw(world.session, found.id)
    document = json.loads(found.document)
    assert document["checkpoint"].split("\n")[1] == str(size), "the first that holds the close"
    draw.verify(document)
    assert f"\n{size} " in "\n" + outside[1].history()


def test_a_witness_that_stays_silent_is_named_and_the_draw_is_void(world, outside, fiat):
    lot = world.opened_by_fiat()
    found = closed_draw(world, lot, before_close=outside[1].stop)
    world.advance(to=found.closed_at + seeds.WITNESS_WAIT)
    world.draw_round()
    found = reading.the_draw(world.session, found.id)
    assert found.void_reason == "witness_silent" and found.document is None
    facts = json.loads(world.written("panel.drawn")[0].record)["facts"]
    assert facts == {"silent": [outside[1].key.cosigner.name], "void": "witness_silent"}
    acts.announce_draw(world.clerk, lot.id, cause="见证人未应答")
