"""The buyer's pages without scripts: a tender written and published by two persons on them."""

from __future__ import annotations

import pytest

from tender.pages.draft import STEPS
from tests.reader import Reader


@pytest.fixture
def readers(world):
    """(clerk, chief): two persons of one unit, each before a browser."""
    world.buyer_unit()
    return tuple(Reader(world.app, world.session_token(one)) for one in (world.clerk, world.chief))


def test_smoke(world, readers):
    clerk, _ = readers
    tender = world.draft_tender(lots=2)
    for root in ("", "/en"):
        for path in ("/desk", "/desk/tenders", "/desk/tenders/new", "/desk/templates",
                     f"/desk/tenders/{tender.id}",
                     *(f"/desk/tenders/{tender.id}/{step.name}" for step in STEPS)):
            assert clerk.get(root + path).status == 200, clerk.text[-2000:]
    made = world.published_tender()
    for root in ("", "/en"):
        for path in ("", "/questions", "/objections", "/amendments", "/course", "/invitees", "/lots"):
            assert clerk.get(f"{root}/desk/tenders/{made.id}{path}").status == 200, path
