"""Whoever an administrator puts among a company's people alone learns nothing of the company."""

from __future__ import annotations

import io

from people import acts

from ..worlds.tender import EVIDENCE, PDF
from .test_invitation import invite


def test_nobody_learns_of_a_company_before_one_of_its_people_vouches(world):
    companies = [world.company() for _ in range(3)]
    own = companies[0].actor
    world.keeps_paper(own)
    _, lot = invite(world, companies)
    made = acts.create_account(world.admin("sys_admin"), login="cuckoo", person_name="某",
                               id_number=world.id_number(), party_id=own.party_id)
    cuckoo = world.client(world.actor_of(made))
    paper = world.client(own).get("/papers").json["items"][0]["id"]

    def told() -> dict[str, object]:
        return {"invited": len(cuckoo.get("/invitations").json["items"]),
                "papers": len(cuckoo.get("/papers").json["items"]),
                "paper": cuckoo.get(f"/papers/{paper}/content").status_code,
                "standing": cuckoo.get(f"/lots/{lot.id}/own-standing").status_code}

    assert told() == {"invited": 0, "papers": 0, "paper": 404, "standing": 404}
    kept = cuckoo.post("/papers?name=a.pdf", data=io.BytesIO(PDF + b"\n"))
    assert kept.status_code == 403, kept.json
    acts.vouch(world.fresh(own), made.id)
    assert told() == {"invited": 1, "papers": 1, "paper": 200, "standing": 200}
    assert cuckoo.get("/papers").json["items"][0]["hash"] == EVIDENCE
