"""Two notices of one project approved at once: the second still sees the first (招标投标法 4)."""

from __future__ import annotations

import pytest

from tender import acts

from ..evaluation.test_races import at_once


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_lots_of_one_project_published_at_once_are_still_summed(app, world):
    waiting = []
    for number in (1, 2):
        tender = world.draft_tender()
        acts.edit_tender(world.clerk, tender.id, if_match=world.tender(tender.id).version,
                         title=f"河道整治工程（第{number}期）")
        world.before_publishing(tender)
        waiting.append((tender.id, acts.submit_notice(world.clerk, tender.id).content_hash))
    chief = world.fresh(world.chief)
    answers = at_once(app, [lambda one=one: acts.approve_notice(chief, one[0], content_hash=one[1])
                            for one in waiting])
    assert answers == {"ok": 1, "422 notice.incomplete": 1}
