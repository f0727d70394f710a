"""F26: a full worker tells the next declaration to come again, and turns nobody away inside."""

import io

import pytest

from bidding.manifest import PARTS
from kernel.canonical import jcs
from kernel.refusal import Refused
from people.door import DOOR, MOST, Door, Outside


@pytest.fixture
def full():
    for _ in range(MOST):
        DOOR.enter()
    yield
    while DOOR._inside > 0:
        DOOR.leave()


def test_who_begins_waits_and_who_is_inside_goes_on():
    door = Door(2)
    door.enter(begins=True)
    door.enter(begins=True)
    with pytest.raises(Refused) as refused:
        door.enter(begins=True)
    assert refused.value.word.status == 503 and refused.value.facts["retry_after"] == 1
    door.enter()  # a piece of a bid that was let in
    for _ in range(2):
        door.leave()
    door.enter(begins=True)
    assert door._inside == 2


def test_who_waits_for_a_slow_sender_is_not_at_work():
    door = Door(1)

    class Slow(io.BytesIO):
        def read(self, size=-1):
            door.enter(begins=True)
            door.leave()
            return super().read(size)

    door.enter()
    assert Outside(Slow(b"bytes"), door).read(5) == b"bytes"
    assert door._inside == 1

    class Cut(io.BytesIO):
        def read(self, size=-1):
            raise OSError("cut")

    with pytest.raises(OSError):
        Outside(Cut(), door).read(1)
    assert door._inside == 1


def test_a_full_worker_takes_pieces_and_no_declaration(world, request):
    lot = world.lots(world.published_tender())[0]
    company, late = world.company(), world.company()
    sealed, other = world.seal(lot, company), world.seal(lot, late)
    world.declare(lot, company, sealed)
    before = len(world.entries())
    request.getfixturevalue("full")
    body = {"declaration": jcs(other.declaration).decode(), "wraps": other.wraps,
            **late.sign(other.declaration)}
    client = world.client(late.actor)
    busy = client.post(f"/lots/{lot.id}/bids", json=body, key="declare-again")
    assert busy.status_code == 503 and busy.headers["Retry-After"] == "1"
    assert busy.json["code"] == "service.busy" and set(busy.json["detail"]) == {"zh", "en"}
    assert len(world.entries()) == before
    wire, bid = world.wire(company), sealed.declaration["bid"]
    answers = [wire.patch(bid, part, 0, sealed.files[part].read_bytes()) for part in PARTS]
    assert [one.status_code for one in answers] == [204, 204, 200] and answers[-1].json["receipt"]
    DOOR.leave()
    assert client.post(f"/lots/{lot.id}/bids", json=body, key="declare-again").status_code == 201
    assert DOOR._inside == MOST - 1
