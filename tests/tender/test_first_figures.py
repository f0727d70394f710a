"""What a fresh draft shows in its fields is what it says: no figure of ours is refused by our rules,
and saving a step as it stands changes nothing that is found."""

from __future__ import annotations

import pytest

from tender.profile import REGIMES
from tender.regime import CARRIED
from tests.reader import Reader

ASKED = {"deadline", "price_ceiling_fen", "period_days_max", "criteria.asked", "method", "items",
         "invitees", "review", "documents"}
"""What nobody but the buyer can say, or has yet to do; besides its grounds."""
STEPS = ("criteria", "timetable", "award")


@pytest.fixture
def database():
    return "sqlite"


def found(world, tender: str) -> set[tuple[str, str]]:
    rows = world.client(world.clerk).get(f"/tenders/{tender}/work").json["findings"]
    return {(row["field"].rpartition("].")[2], row["code"]) for row in rows}


def test_the_first_figures_of_each_regime_pass_its_own_rules(world):
    world.buyer_unit()
    reader = Reader(world.app, world.session_token(world.clerk))
    for regime in [one for one in REGIMES if one != "intermediary"]:
        for method in sorted(CARRIED):
            reader.get("/desk/tenders/new")
            sheet = next(one for one in reader.forms() if one.action.endswith("/act/tenders"))
            reader.send(sheet, title=f"{regime} {method}", region="330703", **{
                "lots.0.title": "办公楼修缮", "lots.0.regime": regime, "lots.0.category": "goods",
                "lots.0.method": method, "lots.0.estimate_fen": "300000"})
            tender = reader.address.split("/desk/tenders/")[1].partition("?")[0].partition("/")[0]
            before = found(world, tender)
            ours = {(field, code) for field, code in before
                    if field not in ASKED and not field.startswith("grounds.")}
            assert not ours, (regime, method)
            for step in STEPS if method == "open" else ():
                reader.get(f"/desk/tenders/{tender}/{step}")
                sheet = next(one for one in reader.forms() if ("_method", "PATCH") in one.fields)
                reader.send(sheet)
                assert reader.status == 200, (regime, step, reader.text[-1500:])
            assert found(world, tender) == before, (regime, method)
