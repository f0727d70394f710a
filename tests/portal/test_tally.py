"""The year's figures of the first page."""

from datetime import timedelta

from portal import browse, tally

from .test_ocds import finished, lot_of


def test_the_year_is_counted_by_state_award_and_contract(world):
    tender, _, contract = finished(world)
    world.published_tender(2)
    world.tick()
    home = browse.home(world.session, world.now)
    found, price = home.tally, contract.amount_fen
    assert {one.state: (one.lots, one.share) for one in found.bars} == {
        "open": (2, "66.67"), "judged": (0, "0.00"), "awarded": (1, "33.33"), "ended": (0, "0.00")}
    assert (found.lots, found.awards, found.awarded_fen) == (3, 1, price)
    assert (found.contracts, found.in_time) == (1, 1)
    assert found.saved_fen == lot_of(world, tender).price_ceiling_fen - price > 0
    page = world.client().get("//en", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert "66.67 %" in page and f"{price // 100:,}" in page
    later = world.now + timedelta(days=1)
    none = tally.since(world.session, later, world.now, browse.STATES)
    assert (none.lots, none.awards, none.awarded_fen, none.saved_pct) == (0, 0, 0, None)
