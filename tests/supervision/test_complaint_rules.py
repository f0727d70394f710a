"""When one may complain, of what, and which clocks stand still: pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.refusal import Refused
from supervision.complaints import rules, states
from supervision.complaints.rules import Known, Objected, Subject
from supervision.complaints.states import KINDS, State
from tender.profile import Period, shipped_for
from tender.timetable import Calendar, beijing_day, national_calendar

LAW = shipped_for("statutory", date(2026, 6, 1))
GOV = shipped_for("govproc", date(2026, 6, 1))
AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2025, 6, 1), datetime(2026, 12, 1)).map(
    lambda one: one.replace(tzinfo=UTC))
DAYS = st.dates(date(2025, 1, 10), date(2026, 11, 1))


@dataclass
class Taken:
    kind: str
    at: datetime = AT
    orders: str = ""


def code(function, *args, **kwargs) -> str:
    with pytest.raises(Refused) as found:
        function(*args, **kwargs)
    return found.value.word.code


def day(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}T10:00:00+08:00")


def test_ten_days_from_the_answer_and_the_instant_itself_is_too_late():
    known = Known(objection=Objected("documents", day("2026-03-02"), day("2026-03-05")))
    began, last = rules.check_time(LAW, Subject.DOCUMENTS, known, day("2026-03-12"))
    assert began == day("2026-03-02") and last == day("2026-03-13").replace(hour=0)
    assert code(rules.check_time, LAW, Subject.DOCUMENTS, known, last) == "complaint.late"
    rules.check_time(LAW, Subject.DOCUMENTS, known, last - timedelta(microseconds=1))


def test_the_last_day_of_a_holiday_is_rolled():
    _, last = rules.check_time(LAW, Subject.AWARD, Known(event=day("2026-09-23")),
                               day("2026-09-24"))
    assert beijing_day(last - timedelta(seconds=1)) == date(2026, 10, 8), "behind the National Day"


def test_government_procurement_has_fifteen_working_days_and_asks_for_a_challenge_always():
    known = Known(objection=Objected("", day("2026-03-02"), day("2026-03-11")))
    _, last = rules.check_time(GOV, Subject.AWARD, known, day("2026-03-03"))
    assert beijing_day(last - timedelta(seconds=1)) == date(2026, 3, 23)
    assert code(rules.check_time, GOV, Subject.CONDUCT, Known(event=AT), AT) \
        == "complaint.objection-first"


@pytest.mark.parametrize("subject", [Subject.DOCUMENTS, Subject.OPENING, Subject.CANDIDATES])
def test_an_objection_to_the_same_stage_goes_before(subject):
    for known in (Known(), Known(event=AT), Known(objection=Objected("x", AT, AT))):
        assert code(rules.counted_from, LAW, subject, known, AT) == "complaint.objection-first"
    waits = Known(objection=Objected(subject.stage, None, AT + timedelta(days=1)))
    assert code(rules.counted_from, LAW, subject, waits, AT) == "complaint.objection-runs"
    over = AT + timedelta(days=1)
    assert rules.counted_from(LAW, subject, waits, over) == over, "its time is over, unanswered"


@pytest.mark.parametrize("subject", [Subject.AWARD, Subject.TERMINATION, Subject.FAILURE,
                                     Subject.CONDUCT])
def test_what_has_not_happened_is_not_complained_of(subject):
    for event in (None, AT + timedelta(seconds=1)):
        assert code(rules.counted_from, LAW, subject, Known(event=event), AT) \
            == "complaint.no-event"
    assert rules.counted_from(LAW, subject, Known(event=AT), AT) == AT


def test_who_did_not_bid_complains_of_nothing_that_came_after_the_deadline():
    for subject in Subject:
        rules.check_standing(subject, bid=True)
        if subject.bid_needed:
            assert code(rules.check_standing, subject, bid=False) == "complaint.standing"
        else:
            rules.check_standing(subject, bid=False)
    assert {one for one in Subject if one.bid_needed} == {
        Subject.OPENING, Subject.CANDIDATES, Subject.AWARD}


@settings(max_examples=40)
@given(MOMENTS, MOMENTS)
def test_a_later_answer_never_shortens_the_time(one, other):
    first, second = sorted((one, other))
    for profile in (LAW, GOV):
        assert rules.last_moment(profile, first) <= rules.last_moment(profile, second)
        end = rules.last_moment(profile, first) - timedelta(microseconds=1)
        assert national_calendar().working(beijing_day(end)), "the last day is a working day"
        assert rules.last_moment(profile, first) - first >= timedelta(days=10)


@settings(max_examples=40)
@given(DAYS, st.integers(0, 40), st.booleans(),
       st.lists(st.tuples(st.integers(0, 80), st.integers(0, 20)), max_size=4))
def test_a_clock_that_stood_still_is_counted_day_by_day(start, count, working, spans):
    stops = [(start + timedelta(days=a), start + timedelta(days=a + b)) for a, b in spans]
    span, calendar = Period(count, working), national_calendar()
    found = rules.due(start, span, stops)
    counted = [one for n in range(1, (found - start).days + 1)
               if calendar.working(one := start + timedelta(days=n)) or not working]
    counted = [one for one in counted if not any(a < one <= b for a, b in stops)]
    assert len(counted) == count, "so many days, and none on which it stood still"
    assert found >= rules.due(start, span, ())
    assert not count or found == counted[-1], "the last of them is the last day"
    assert rules.due(start, span, [*stops, (start, None)]) is None, "it stands still"


@settings(max_examples=40)
@given(DAYS, st.integers(1, 30))
def test_a_stop_within_one_day_costs_nothing(start, count):
    assert rules.due(start, Period(count, True), [(start + timedelta(days=1),) * 2]) \
        == rules.due(start, Period(count, True), ())


def test_three_working_days_over_the_national_day_and_its_worked_saturday():
    assert rules.due(date(2026, 9, 30), Period(3, True), ()) == date(2026, 10, 10), \
        "8, 9, and the Saturday worked in exchange"
    assert rules.due(date(2026, 9, 30), Period(3, True), (), Calendar()) == date(2026, 10, 5)


def test_the_acceptance_waits_while_the_letter_is_corrected():
    came = day("2026-03-02")
    assert rules.acceptance_due(LAW, came, []) == day("2026-03-06").replace(hour=0)
    asked = Taken("correction_asked", day("2026-03-03"))
    assert rules.acceptance_due(LAW, came, [asked]) is None
    given_ = Taken("corrected", day("2026-03-09"))
    assert rules.acceptance_due(LAW, came, [asked, given_]) == day("2026-03-12").replace(hour=0)
    assert rules.acceptance_due(GOV, came, []) == day("2026-03-10").replace(hour=0)


def test_the_decision_waits_while_tests_go_on():
    steps = [Taken("accepted", day("2026-03-02"))]
    assert rules.decision_due(LAW, []) is None
    plain = rules.decision_due(LAW, steps)
    paused = [*steps, Taken("paused", day("2026-03-10"))]
    assert rules.decision_due(LAW, paused) is None
    again = rules.decision_due(LAW, [*paused, Taken("resumed", day("2026-03-17"))])
    assert again - plain == timedelta(days=7), "a week of it is a week later"


def test_a_kept_complaint_comes_with_the_opening_or_when_the_cover_is_over():
    assert rules.received(AT, False, None, None) == AT
    assert rules.received(AT, True, None, None) is None
    assert rules.received(AT, True, AT + timedelta(hours=1), None) == AT + timedelta(hours=1)
    assert rules.received(AT, True, None, AT + timedelta(days=9)) == AT + timedelta(days=9)


@pytest.mark.parametrize(("decided", "until"), [
    ("2026-03-31", date(2026, 9, 30)), ("2026-08-31", date(2027, 2, 28)),
    ("2026-01-15", date(2026, 7, 15)), ("2026-06-30", date(2026, 12, 30))])
def test_what_remains_after_a_decision(decided, until):
    assert rules.suit_until(LAW, day(decided)) == until
    assert rules.review_until(LAW, day(decided)) == day(decided).date() + timedelta(days=60)


def test_a_profile_from_before_there_were_complaints_takes_the_shipped_numbers():
    old = dict(LAW) | {"numbers": {name: one for name, one in LAW["numbers"].items()
                                   if not name.startswith("T11.")
                                   or name in ("T11.acceptance", "T11.decision")}}
    assert rules.review_until(old, AT) == rules.review_until(LAW, AT)
    assert rules.asked_until(old, rules.STATEMENT, AT) == rules.asked_until(LAW, rules.STATEMENT, AT)


# --- states ---------------------------------------------------------------------------------------
def test_every_state_is_reached_and_said_in_both_languages():
    reached = {one.to for one in KINDS.values()} | {State.FILED, State.KEPT, State.ORDERED}
    assert reached - {None} == set(State)
    for one in State:
        assert one.zh and one.en and one.law and one.moves_next


def test_nothing_is_done_where_a_case_is_over():
    assert not any(KINDS[kind].before & states.OVER for kind in KINDS)
    for one in set(State) - states.OVER - {State.KEPT}:
        assert any(one in kind.before and kind.to for kind in KINDS.values()), one


@settings(max_examples=40)
@given(st.lists(st.sampled_from(sorted(KINDS)), max_size=12), st.booleans())
def test_lawful_steps_lead_from_state_to_state(kinds, orders):
    steps: list[Taken] = []
    for kind in kinds:
        stands = states.state(steps)
        if not states.may_take(kind, stands):
            continue
        steps.append(Taken(kind, orders="请改正" if orders else ""))
        after = states.state(steps)
        to = KINDS[kind].to
        expected = stands if to is None else \
            State.ORDERED if to is State.DECIDED and orders else to
        assert after is expected


def test_one_that_is_kept_can_only_be_taken_back():
    assert states.state([], delivered=False) is State.KEPT
    assert [kind for kind in KINDS if states.may_take(kind, State.KEPT)] == ["withdrawn"]
    assert states.state([Taken("withdrawn")], delivered=False) is State.WITHDRAWN
    assert "| `KEPT` |" in states.page() and "| `decided`" in states.page()
