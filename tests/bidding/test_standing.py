"""What is found of the companies of opened bids, and who is told."""

from __future__ import annotations

from datetime import date

from tender import acts as tendering
from tests.worlds.tender import EVIDENCE, PDF

REASON = {"Access-Reason": "panel check"}


def test_who_is_related_is_told_of_opened_bids_only_and_to_who_judges(world):
    lot = world.lots(world.published_tender())[0]
    units = [world.sealed_bid(lot, price_fen=390_000_000 + n) for n in range(3)]
    head = world.id_number()
    for unit in units[:2]:
        tendering.declare_relation(unit.actor, kind="principal", other=head)
    tendering.declare_licence(world.keeps_paper(units[2].actor), kind="市政", grade="三级", number="1",
                              valid_from=date(2020, 1, 1), valid_until=None,
                              evidence_hash=EVIDENCE)
    path = f"/lots/{lot.id}/standing"
    paper = f"{path}/{EVIDENCE}"
    supervisor = world.client(world.supervisor)
    for actor in (world.supervisor, world.clerk, units[0].actor):
        for address in (path, paper):
            assert world.client(actor).get(address, headers=REASON).status_code in (403, 409)
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
    (held,) = [company["licences"] for bid in answer.json["items"] for company in bid["companies"]
               if company["uscc"] == units[2].uscc]
    assert [one["evidence_hash"] for one in held] == [EVIDENCE]
    assert supervisor.get(paper, headers=REASON).data == PDF
    assert supervisor.get(f"{path}/{'0' * 64}", headers=REASON).status_code == 404
    for actor in (world.clerk, units[0].actor):
        assert world.client(actor).get(paper, headers=REASON).status_code in (403, 409)
