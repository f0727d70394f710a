"""When cover and records are shown, to whom, and that nothing can hide among cover."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

import portal.record
from audit import disclosed, model
from audit.__main__ import main
from audit.verify import verify
from kernel.canonical import jcs


@pytest.fixture
def lots(world):
    """Two published lots of one tender, beats of cover, and one entry of the first under cover."""
    made = world.lots(world.published_tender(lots=2))
    for _ in range(3):
        world.publish_record()
        world.advance(seconds=60)
    world.plant_entry(made[0], disclose="party", type="planted.party", veiled=True)
    world.publish_record()
    return made


def copied(world, whole=False, name="copy"):
    target = world.settings.folder.parent / name
    portal.record.copy(target, whole)
    return target


def report(world, whole=False, complete=0):
    return verify(copied(world, whole), world.log_keys.log.verifier, complete=complete)


def shown(folder):
    return [json.loads(line) for path in sorted(folder.rglob("*.jsonl"))
            for line in path.read_bytes().splitlines()]


def test_cover_is_kept_while_any_lot_that_was_open_then_is_sealed(world, lots):
    covers = world.covers()
    assert covers > 40
    found = report(world)
    assert (found.problems, found.cover) == ([], 0)
    whole = report(world, whole=True)
    assert (whole.problems, whole.cover) == ([], 0), "not even supervisor and auditor count bids"
    world.force_phase(lots[0].id, "AWARDED")
    world.publish_record()
    assert report(world).cover == 0, "the other lot is still sealed"
    world.force_phase(lots[1].id, "AWARDED")
    assert report(world).cover == 0, "the sequencer has not seen it yet"
    world.publish_record()
    found = report(world)
    assert (found.problems, found.cover) == ([], covers)
    assert any(one["r"]["type"] == "planted.party" for one in shown(copied(world, whole=True)))


def test_then_every_leaf_is_accounted_for(world, lots, capsys):
    sealed = copied(world, whole=True)
    arguments = ["verify", str(sealed), "--vkey", str(world.log_keys.log.verifier)]
    assert main(arguments) == 0
    assert "not disclosed yet" in capsys.readouterr().out
    assert main([*arguments, "--complete"]) == 1
    assert "neither a record nor cover" in capsys.readouterr().out
    for lot in lots:
        world.force_phase(lot.id, "AWARDED")
    world.publish_record()
    copied(world, whole=True)
    assert main([*arguments, "--complete"]) == 0
    assert "of them cover; 0 erased, 0 not" in capsys.readouterr().out
    assert main([*arguments, "--complete", "999999"]) == 1


@pytest.mark.parametrize("how", ["word", "class", "both", "gone", "leaf"])
def test_a_real_entry_declared_cover_is_found(world, lots, how):
    for lot in lots:
        world.force_phase(lot.id, "AWARDED")
    world.publish_record()
    assert report(world, whole=True, complete=None).problems == []
    row = world.session.scalars(select(model.Disclosure).where(
        model.Disclosure.type == "planted.party")).one()
    change = {"word": "record = :cover", "class": "disclose = 'cover'",
              "both": "record = :cover, type = 'cover', disclose = 'cover', lot_id = NULL",
              "leaf": "record = :more, type = 'cover', disclose = 'cover'"}
    position, values = row.position, {"position": row.position}
    if how in ("word", "both"):
        values["cover"] = disclosed.COVER.decode()
    if how == "leaf":
        values["more"] = jcs({"type": "cover", "of": row.record}).decode()
    world.session.rollback()
    world.raw("DELETE FROM disclosure WHERE position = :position" if how == "gone" else
              f"UPDATE disclosure SET {change[how]} WHERE position = :position", **values)
    found = report(world, whole=True, complete=None)
    assert found.problems and f"entry {position}" in found.problems[0]


def test_a_cover_leaf_says_nothing_more(world, lots):
    """A record that calls itself cover and says more would be a hiding place."""
    for lot in lots:
        world.force_phase(lot.id, "AWARDED")
    world.plant_entry(record={"type": "cover", "bid": "x"})
    world.publish_record()
    found = report(world)
    assert len(found.problems) == 1 and "cover that says something" in found.problems[0]


def test_a_lot_that_failed_unopened_is_covered_ninety_days(world, lots):
    for lot in lots:
        world.force_phase(lot.id, "FAILED")
    for days, covered in ((0, True), (89, True), (1, False)):
        world.advance(days=days)
        world.publish_record()
        assert (report(world).cover == 0) is covered, days
    found = report(world, whole=True, complete=None)
    assert found.problems == [] and found.cover > 40
    assert "planted.party" not in {one["r"]["type"] for one in shown(copied(world))}
