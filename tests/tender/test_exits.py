"""Every phase of a lot has a way out that hangs on no winner's, expert's or tenderer's good will."""

from dataclasses import replace

from tender.acts.halting import KEPT
from tender.lifecycle import STEPS, Phase

ENDS = {Phase.CONTRACTED, Phase.FAILED, Phase.TERMINATED, Phase.ARCHIVED}
HANGS_ON_OTHERS = {"contracted", "archived", "report_concluded", "ranked"}
"""Outcomes that a winner or an expert may withhold, and what follows an end."""
BY_TIME = {Phase.BIDDING: {Phase.CLOSED}, Phase.EVALUATED: {Phase.AWARDING}}
HALTED = {Phase[name] for name in ["BIDDING", "CLOSED", "OPENED", "EVALUATING", "EVALUATED", "AWARDING", "AWARDED"]}
"""What the supervisor may suspend (permissions.csv, tender.suspend)."""


def dead_ends(steps) -> set[Phase]:
    """The phases from which no road leads to an end: by outcomes, by time, or by the supervisor's
    suspension, out of which the buyer ends what is not kept."""
    roads = {one: set(BY_TIME.get(one, ())) for one in Phase}
    for step in steps.values():
        if step.outcome not in HANGS_ON_OTHERS:
            for phase in step.before - {Phase.SUSPENDED}:
                roads[phase].add(step.to)
    for phase in HALTED - KEPT:
        if Phase.SUSPENDED in steps["terminated"].before:
            roads[phase].add(Phase.TERMINATED)
    safe, grown = set(ENDS), True
    while grown:
        more = {one for one, to in roads.items() if to & safe} - safe
        safe, grown = safe | more, bool(more)
    return set(Phase) - safe - {Phase.SUSPENDED}


def test_every_phase_of_a_lot_has_a_way_out():
    assert dead_ends(STEPS) == set()


def test_a_winner_that_could_not_be_passed_over_is_seen_as_a_dead_end():
    failed = STEPS["failed"]
    planted = STEPS | {"failed": replace(failed, before=failed.before - {Phase.AWARDED})}
    assert dead_ends(planted) == {Phase.AWARDED}
