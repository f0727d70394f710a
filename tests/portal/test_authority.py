"""Another's object answers as one that does not exist, to everybody (assurance U1, Q24)."""

import pytest

NOBODYS = "0" * 32


@pytest.fixture
def lot(world):
    return world.lots(world.published_tender())[0]


def test_whether_a_bid_exists_is_told_to_nobody_who_holds_its_id(world, lot):
    bid = world.sealed_bid(lot).bids[lot.id].declaration["bid"]
    others = (None, world.clerk, world.account("supervisor"), world.account("sys_admin"),
              world.sealed_bid(lot).actor)
    for who in others:
        for path in ("", "/receipts", "/content", "/content/form/form.json"):
            real, none = (world.client(who).get(f"/bids/{one}{path}") for one in (bid, NOBODYS))
            assert (real.status_code, real.get_json()) == (none.status_code, none.get_json())


def test_whether_a_bid_exists_is_told_to_nobody_who_sends_to_it(world, lot):
    bid = world.sealed_bid(lot).bids[lot.id].declaration["bid"]
    for who in (None, world.clerk, world.account("guarantor")):
        wire = world.client(who)
        real, none = (wire.put(f"/bids/{one}/versions/1/parts/form/blocks/0", data=b"x",
                               content_type="application/octet-stream") for one in (bid, NOBODYS))
        assert (real.status_code, real.get_json()) == (none.status_code, none.get_json())
