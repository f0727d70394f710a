"""Objects of the store that are torn, emptied, swapped, gone or too many (assurance F11).

`yangguang admin fsck` names each; the opening names each bid that has one, and opens the others.
"""

from __future__ import annotations

import io
import os
import time

import pytest
from sqlalchemy import select

from audit.act import wiring
from bidding import acts
from bidding.model import BidBlock, BidPart, BidVersion, OpenedBid, PlainFile
from portal import litter
from portal.fsck.objects import objects
from tender.model import Document

HARMS = {
    "truncated": lambda path, _: os.truncate(path, path.stat().st_size // 2),
    "emptied": lambda path, _: os.truncate(path, 0),
    "zero-filled": lambda path, _: path.write_bytes(bytes(path.stat().st_size)),
    "longer": lambda path, _: path.write_bytes(path.read_bytes() + b"\0"),
    "torn": lambda path, _: path.write_bytes(
        path.read_bytes()[:512] + bytes(path.stat().st_size - 512)),
    "one bit": lambda path, _: path.write_bytes(
        bytes([path.read_bytes()[0] ^ 0x20]) + path.read_bytes()[1:]),
    "missing": lambda path, _: path.unlink(),
    "swapped": lambda path, other: _swap(path, other),
    "another's": lambda path, other: path.write_bytes(other.read_bytes()),
}
PARTS = ("form", "technical", "price")


def _swap(one, other) -> None:
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)


def objects_of(world, bid: str) -> dict[str, object]:
    """The one stored object of each part of a bid."""
    return {part: wiring().store.path(name) for part, name in world.session.execute(
        select(BidPart.part, BidBlock.hash).join(BidBlock, BidBlock.part_id == BidPart.id)
        .join(BidVersion, BidVersion.id == BidPart.version_id).where(BidVersion.bid_id == bid))}


def found(world) -> list[str]:
    """What the check of the store says."""
    told = list(objects(world.session, wiring().store))
    world.session.rollback()
    return told


def bids_of(world, count: int):
    """A lot with so many bids: (lot, their ids, their companies)."""
    lot = world.lots(world.published_tender())[0]
    companies = [world.sealed_bid(lot) for _ in range(count)]
    assert found(world) == []
    return lot, [one.bids[lot.id].declaration["bid"] for one in companies], companies


def test_fsck_names_each_and_the_opening_keeps_each_shut_alone(world):
    lot, bids, companies = bids_of(world, len(HARMS) + 3)
    victims = dict(zip(HARMS, bids, strict=False))
    last = companies[-1].bids[lot.id].declaration["bid"]
    wanted = {}
    for number, (harm, bid) in enumerate(victims.items()):
        part = PARTS[number % 3]
        # The other one of a swap is a part of the same bid, or the sound bid would be hurt, too.
        other = PARTS[(number + 1) % 3]
        HARMS[harm](objects_of(world, bid)[part], objects_of(world, bid)[other])
        named = {part, other} if harm == "swapped" else {part}
        wanted |= {(bid, one): "missing" if harm == "missing" else "damaged" for one in named}
    said = found(world)
    for (bid, part), how in wanted.items():
        assert any(one.startswith(f"bid {bid} part {part}: block 0 is {how}") for one in said), \
            (bid, part, said)
    assert {one.split()[1] for one in said} == set(victims.values()), "and nobody else"

    world.past_deadline(lot)
    world.authorise(lot)
    for company in companies:
        world.give_own(lot, company)
    world.tick()
    assert world.decide_faults(lot, "withdrawn") == len(HARMS)
    verdicts = {one.bid_id: (one.verdict, one.reason) for one in world.session.scalars(
        select(OpenedBid).where(OpenedBid.lot_id == lot.id))}
    for bid in victims.values():
        verdict, reason = verdicts.pop(bid)
        assert verdict == "unopened" and reason.split(": ") in [
            [part, "damaged"] for one, part in wanted if one == bid], reason
    assert len(verdicts) == 3 and last in verdicts
    assert {verdict for verdict, _ in verdicts.values()} == {"opened"}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_swap_between_two_bids_names_both(world):
    _, (one, other), _ = bids_of(world, 2)
    _swap(objects_of(world, one)["price"], objects_of(world, other)["price"])
    said = found(world)
    assert {line.split()[1] for line in said} == {one, other}
    assert all(" part price: " in line for line in said)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_should_not_be_there_is_named(world):
    bids_of(world, 1)
    store = wiring().store
    document = world.session.scalars(select(Document)).first()
    store.path(document.hash).write_bytes(b"%PDF-1.4 something else")
    false = "ab" * 32
    store.path(false).parent.mkdir(exist_ok=True)
    store.path(false).write_bytes(b"not what its name says")
    (store.root / "ab" / "not-a-name").write_bytes(b"")
    orphan = store.put(b"what a crash left behind")
    said = found(world)
    assert [line.split(":")[0] for line in said] == [
        f"document {document.id} of tender {document.tender_id}", f"object {false}",
        "object abnot-a-name"], said
    old = time.time() - 2 * litter.DAY
    os.utime(store.path(orphan), (old, old))
    assert any(line == f"object {orphan}: no row names it, and it is older than a day"
               for line in found(world))
    assert litter.remove_unknown(store, litter.named(world.session)) == 1, \
        "the sweep removes it and nothing else"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_was_handed_in_plain_is_checked_too(world):
    lot = world.lots(world.published_tender())[0]
    companies = [world.sealed_bid(lot) for _ in range(3)]
    bid, plain = companies[0].bids[lot.id].declaration["bid"], world.plain(lot, companies[0])
    objects_of(world, bid)["technical"].unlink()
    world.past_deadline(lot)
    world.authorise(lot)
    acts.give_plain_file(companies[0].actor, bid, "technical", io.BytesIO(plain))
    said = found(world)
    assert said and all(line.startswith(f"bid {bid} part technical: ") for line in said)
    for given in world.session.scalars(select(PlainFile)):
        os.truncate(wiring().store.path(given.blocks[0]), 10)
    assert f"bid {bid} part technical, handed in plain: block 0 is damaged in the store" \
        in found(world)
