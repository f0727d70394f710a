"""What becomes of a bid decides what becomes of its security (实施条例 35, 57; 办法 27)."""

import pytest


@pytest.fixture
def lot(world):
    return world.lots(world.published_tender())[0]


def causes(world, *held):
    found = [world.security(one.id).release for one in held]
    return [release.cause if release else None for release in found]


def test_a_withdrawal_releases_its_security_and_no_other(world, lot):
    gone, stays = world.sealed_bid(lot), world.sealed_bid(lot)
    held = [world.lodged(lot, company.actor) for company in (gone, stays)]
    world.withdraw(lot, gone)
    assert causes(world, *held) == ["withdrawn", None]


def test_deemed_withdrawn_releases_unless_an_earlier_version_stands(world, lot):
    for _ in range(3):
        world.sealed_bid(lot)
    late, replacing = world.company(), world.sealed_bid(lot)
    held = [world.lodged(lot, company.actor) for company in (late, replacing)]
    sealed, second = world.seal(lot, late), world.replacement(lot, replacing)
    world.declare(lot, late, sealed)
    world.redeclare(replacing, second)
    for company, one in ((late, sealed), (replacing, second)):
        world.send(company, one, -1)
    world.past_deadline(lot)
    assert len(world.entries("bid.deemed_withdrawn")) == 2
    assert causes(world, *held) == ["withdrawn", None]


def test_a_failed_lot_releases_all(world, lot):
    companies = [world.sealed_bid(lot) for _ in range(2)]
    held = [world.lodged(lot, company.actor) for company in companies]
    world.past_deadline(lot)
    assert causes(world, *held) == ["failed", "failed"]
