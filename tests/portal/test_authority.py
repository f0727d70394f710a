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
        for method, body in (("PATCH", b"x"), ("HEAD", None), ("POST", None)):
            real, none = (wire.open(
                f"/bids/{one}/versions/1/parts/form/upload", method=method, data=body,
                content_type="application/offset+octet-stream",
                headers={"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Upload-Length": "1"})
                for one in (bid, NOBODYS))
            assert real.status_code >= 400
            assert (real.status_code, real.data) == (none.status_code, none.data)
