"""What an amendment publishes of a lot by invitation names nobody who is invited, however long."""

from __future__ import annotations

import pytest

from audit.act import wiring
from tender import acts
from tender.amendment import MOST_LINES

from ..worlds.tender import PDF
from .test_acts import refused
from .test_amendments import draft, publish
from .test_invitation import invite, listed
from .test_notices import later


@pytest.mark.parametrize("count", [3, MOST_LINES + 1])
def test_no_line_of_an_amended_bill_names_one_who_is_invited(world, count):
    companies = [world.company() for _ in range(3)]
    tender, lot = invite(world, companies)
    name = listed(companies)[1]["name"]
    items = [{"code": str(at), "description": f"{name}配合" if at == count else "土方",
              "unit": "m3", "quantity": "2.5"} for at in range(1, count + 1)]
    assert refused(publish, world, tender, lots=[
        {"id": lot.id, "items": items, "deadline": later(world, lot)}]) == "invitees.named"


def test_no_file_of_an_amendment_is_called_after_one_who_is_invited(world):
    companies = [world.company() for _ in range(3)]
    tender, lot = invite(world, companies)
    made = draft(world, tender, lots=[{"id": lot.id, "deadline": later(world, lot)}])
    data = PDF + b"\n"
    acts.add_amending_file(
        world.clerk, tender.id, made.id, name=f"{listed(companies)[1]['name']}.pdf",
        kind="biddingDocuments", media_type="application/pdf", size=len(data),
        digest=wiring().store.put(data))
    sent = acts.submit_amendment(world.clerk, tender.id, made.id)
    assert refused(acts.approve_amendment, world.fresh(world.chief), tender.id, made.id,
                   content_hash=sent.content_hash) == "invitees.named"
