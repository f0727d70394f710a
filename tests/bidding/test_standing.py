"""What is found of the companies of opened bids, and who is told."""

from __future__ import annotations

from tender import acts as tendering

REASON = {"Access-Reason": "panel check"}


def test_who_is_related_is_told_of_opened_bids_only_and_to_who_judges(world):
    lot = world.lots(world.published_tender())[0]
    units = [world.sealed_bid(lot, price_fen=390_000_000 + n) for n in range(3)]
    head = world.id_number()
    for unit in units[:2]:
        tendering.declare_relation(unit.actor, kind="principal", other=head)
    path = f"/lots/{lot.id}/standing"
    supervisor = world.client(world.supervisor)
    for actor in (world.supervisor, world.clerk, units[0].actor):
        assert world.client(actor).get(path, headers=REASON).status_code in (403, 409)
    world.past_deadline(lot)
    assert supervisor.get(path, headers=REASON).status_code == 409
    world.authorise(lot)
    for unit in units:
        world.give_own(lot, unit)
    world.tick()
    for actor in (world.clerk, units[0].actor):
        assert world.client(actor).get(path, headers=REASON).status_code in (403, 409)
    answer = supervisor.get(path, headers=REASON)
    assert answer.status_code == 200, answer.json
    found = {one["uscc"]: [(doubt["code"], doubt["with_uscc"]) for doubt in one["doubts"]]
             for bid in answer.json["items"] for one in bid["companies"]}
    assert found == {units[0].uscc: [("related", units[1].uscc)],
                     units[1].uscc: [("related", units[0].uscc)], units[2].uscc: []}
