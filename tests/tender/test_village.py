"""Village works are tendered on a resolution of the villagers that anybody can read (四议两公开)."""

from __future__ import annotations

import pytest

from kernel.canonical import sha256
from kernel.refusal import Refused
from tender import acts

from ..worlds.tender import PDF

PAPER = PDF.replace(b"obj<<", b"obj<</R(1)")
GROUNDS = {"resolution": "村代表会议决议〔2026〕3号", "resolution_day": "2026-02-20",
           "resolution_hash": sha256(PAPER).hex()}


def findings(world, tender) -> set[str]:
    with pytest.raises(Refused) as refused:
        acts.submit_notice(world.clerk, tender.id)
    return {one["code"] for one in refused.value.facts["findings"]}


def test_a_village_tender_without_its_resolution_is_not_published(world):
    tender = world.draft_tender(regime="village", grounds={})
    assert findings(world, tender) == {"lot.resolution"}
    tender = world.draft_tender(regime="village", grounds=GROUNDS)
    assert findings(world, tender) == {"lot.resolution-paper"}
    world.add_document(tender, PAPER, "决议.pdf")
    world.before_publishing(tender)
    acts.submit_notice(world.clerk, tender.id)


@pytest.mark.parametrize("day", ["", "2026-03-03"])
def test_a_resolution_has_a_day_that_is_not_to_come(world, day):
    tender = world.draft_tender(regime="village", grounds=GROUNDS | {"resolution_day": day})
    world.add_document(tender, PAPER, "决议.pdf")
    assert findings(world, tender) == {"lot.resolution-day"}
