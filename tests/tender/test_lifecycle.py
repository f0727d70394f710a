"""Facts → phase: total, monotone, and the same names as the permission table."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tender.lifecycle import (
    OCDS_TENDER_STATUS,
    OUTCOMES,
    STEPS,
    Facts,
    Phase,
    close_due,
    facts_table,
    ocds_status,
    phase,
    rank_of_tender,
)

START = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
DEADLINE = START + timedelta(days=12)
COURSE = ("published", "closed", "authorised", "opened", "panel_drawn", "report_concluded",
          "candidates_published", "committee_formed", "awarded", "contracted", "archived")


def facts(*outcomes: str, publicity_ends=None, suspended=False) -> Facts:
    return Facts(DEADLINE, publicity_ends, dict.fromkeys(outcomes, START), suspended)


def test_the_phases_are_those_of_the_permission_table():
    path = Path(__file__).parents[2] / "people" / "permissions.csv"
    with path.open(encoding="utf-8") as lines:
        named = {word for row in csv.DictReader(lines) for word in row["phases"].split()}
    named = {word for word in named if not word.startswith("(")}
    assert named <= {one.name for one in Phase}
    assert len(Phase) == 14 and len({one.rank for one in Phase}) == 14


@pytest.mark.parametrize(("outcomes", "expected"), [
    ((), Phase.DRAFT),
    (("published",), Phase.BIDDING),
    (("published", "closed"), Phase.CLOSED),
    (("published", "closed", "failed"), Phase.FAILED),
    (("published", "closed", "authorised"), Phase.OPENING),
    (("published", "closed", "authorised", "opened"), Phase.OPENED),
    (COURSE[:5], Phase.EVALUATING),
    (COURSE[:6], Phase.EVALUATED),
    (COURSE[:7], Phase.EVALUATED),
    (COURSE[:9], Phase.AWARDED),
    (COURSE[:10], Phase.CONTRACTED),
    (COURSE, Phase.ARCHIVED),
    (("published", "terminated"), Phase.TERMINATED),
])
def test_each_outcome_leads_to_its_phase(outcomes, expected):
    assert phase(facts(*outcomes), START) is expected


def test_the_deadline_itself_is_late():
    one = facts("published")
    assert phase(one, DEADLINE - timedelta(milliseconds=1)) is Phase.BIDDING
    assert phase(one, DEADLINE) is Phase.CLOSED
    assert close_due(one, DEADLINE) and not close_due(one, DEADLINE - timedelta(milliseconds=1))


def test_a_clock_set_back_opens_nothing_again():
    closed = facts("published", "closed")
    assert phase(closed, START) is Phase.CLOSED
    assert not close_due(closed, DEADLINE)


def test_awarding_needs_both_outcomes_and_the_end_of_publicity():
    ends = DEADLINE + timedelta(days=9)
    both = facts(*COURSE[:8], publicity_ends=ends)
    assert phase(both, ends - timedelta(milliseconds=1)) is Phase.EVALUATED
    assert phase(both, ends) is Phase.AWARDING
    assert phase(facts(*COURSE[:7], publicity_ends=ends), ends) is Phase.EVALUATED
    without = (*COURSE[:6], "committee_formed")
    assert phase(facts(*without, publicity_ends=ends), ends) is Phase.EVALUATED
    assert phase(facts(*COURSE[:8]), ends) is Phase.EVALUATED


def test_a_suspension_hides_the_course_but_not_an_end():
    assert phase(facts("published", suspended=True), START) is Phase.SUSPENDED
    assert phase(facts("published", "terminated", suspended=True), START) is Phase.TERMINATED


@given(st.integers(0, 11), st.lists(st.integers(0, 10**7), min_size=2, max_size=2),
       st.booleans())
def test_rank_never_falls_as_time_and_outcomes_grow(count, seconds, fails):
    """Outcomes are added in the order the steps allow; time goes on."""
    early, late = (START + timedelta(seconds=s) for s in sorted(seconds))
    ends = DEADLINE + timedelta(days=9)
    before, after = Facts(DEADLINE, ends, {}), START
    rank = phase(before, early).rank
    outcomes: dict[str, datetime] = {}
    for outcome in COURSE[:count]:
        outcomes[outcome] = START
        now_rank = phase(Facts(DEADLINE, ends, dict(outcomes)), early).rank
        assert now_rank >= rank
        rank = now_rank
    one = Facts(DEADLINE, ends, dict(outcomes))
    assert phase(one, late).rank >= phase(one, early).rank
    if fails and count == 2:
        failed = Facts(DEADLINE, ends, outcomes | {"failed": after})
        assert phase(failed, late).rank > phase(one, late).rank


@given(st.sets(st.sampled_from(OUTCOMES)), st.booleans(), st.integers(-10**6, 10**8))
def test_every_set_of_facts_has_one_phase_and_one_status(names, suspended, seconds):
    one = facts(*names, suspended=suspended, publicity_ends=DEADLINE)
    found = phase(one, START + timedelta(seconds=seconds))
    assert ocds_status(found, one) in {"planning", "active", "cancelled", "unsuccessful",
                                       "complete"}
    if "published" not in names:
        assert found is Phase.DRAFT


def test_each_step_leads_where_the_facts_lead():
    """The table of steps and the function of facts are two tellings of one thing."""
    reached = {"published": (), "closed": ("published",)}
    for place, outcome in enumerate(COURSE):
        reached[outcome] = COURSE[:place]
    reached |= {"failed": ("published", "closed"), "terminated": ("published",)}
    for outcome, before in reached.items():
        step = STEPS[outcome]
        now = DEADLINE if outcome in ("closed", "failed") else START
        ends = START if outcome in ("awarded",) else None
        assert phase(facts(*before, publicity_ends=ends), now) in step.before, outcome
        assert phase(facts(*before, outcome), now) is step.to, outcome


def test_an_archived_lot_keeps_the_word_of_what_became_of_it():
    assert ocds_status(Phase.ARCHIVED, facts(*COURSE)) == "complete"
    assert ocds_status(Phase.ARCHIVED, facts("published", "failed", "archived")) == "unsuccessful"
    assert ocds_status(Phase.ARCHIVED, facts("published", "terminated")) == "cancelled"
    assert set(OCDS_TENDER_STATUS) == set(Phase)


def test_the_printed_table_is_whole():
    table = facts_table()
    assert [row["phase"] for row in table] == [one.name for one in Phase]
    assert all(all(row.values()) for row in table)


def test_a_tender_is_as_far_as_its_slowest_lot():
    assert rank_of_tender([Phase.OPENED, Phase.CLOSED, Phase.FAILED]) is Phase.CLOSED
