"""Days and deadlines against the worked examples, and over the years."""

from __future__ import annotations

import os
import time
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.refusal import Refused
from tender import timetable
from tender.profile import Period, period, shipped_for
from tender.timetable import BEIJING, Calendar

from .oracles import example

PROFILE = shipped_for("below", date(2026, 12, 1))
PLAIN = Calendar()


def day(text: str) -> date:
    return date.fromisoformat(text)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def with_days(count: int) -> dict:
    numbers = dict(PROFILE["numbers"])
    numbers["T2.comprehensive"] = numbers["T2.comprehensive"] | {"value": count}
    return dict(PROFILE) | {"numbers": numbers}


def test_tr_1_issue_to_deadline():
    case = example("TR-1")
    issued = at(case["inputs"]["issued"] + "T09:30:00+08:00")
    profile = with_days(case["inputs"]["min_days"])
    earliest = timetable.earliest_deadline(profile, issued, comprehensive=True)
    expected = case["expected"]["earliest_deadline_date"]
    assert earliest == at(expected + "T09:30:00+08:00")
    sale_end = timetable.days_after(day(case["inputs"]["issued"]), 5)
    assert sale_end == day(case["expected"]["sale_end_min (>=5 days)"])


def test_tr_2_backward_limits():
    case = example("TR-2")
    deadline = at(case["inputs"]["deadline"])
    expected = case["expected"]
    assert timetable.before_deadline(deadline, 15) == at(expected["last_clarification_instant"])
    assert timetable.before_deadline(deadline, 10) == at(expected["last_objection_instant"])
    statutory = shipped_for("statutory", date(2026, 12, 1))
    assert timetable.before(deadline, period(statutory, "T3.clarification")) \
        == at(expected["last_clarification_instant"])
    assert timetable.before(deadline, period(statutory, "T4.objection")) \
        == at(expected["last_objection_instant"])
    raised = at(expected["last_objection_instant"])
    assert timetable.reply_due(statutory, raised) == day(
        expected["objection_reply_due_if_raised_last_day (<=3 days)"])
    span = period(statutory, "T3.clarification")
    moved = at(expected["late_clarification_12-20_requires_deadline_not_before"])
    for stated in ("2026-12-20T00:00:00+08:00", "2026-12-20T09:30:00+08:00"):
        assert timetable.postponed(deadline, at(stated), span) == moved
    assert timetable.postponed(deadline, at("2026-12-20T09:30:01+08:00"), span) \
        == moved + timedelta(days=1)
    assert timetable.postponed(deadline, at("2026-12-13T09:30:00+08:00"), span) == deadline


def test_tr_3_publicity_rolls():
    case = example("TR-3")
    calendar = Calendar(frozenset(day(one) for one in case["inputs"]["holidays"]))
    published = at(case["inputs"]["published"] + "T16:00:00+08:00")
    last = timetable.publicity_last_day(published, 3, calendar)
    assert last == day(case["expected"]["last_day"])
    ends = timetable.publicity_ends(published, 3, calendar)
    assert ends == at(case["expected"]["earliest_award_notice"] + "T00:00:00+08:00")


def test_tr_4_working_days():
    case = example("TR-4")
    calendar = Calendar(frozenset(day(one) for one in case["inputs"]["holidays"]))
    received = at(case["inputs"]["report_received"] + "T10:00:00+08:00")
    expected = case["expected"]
    assert timetable.report_to_publicity(received, 3) == day(expected["publicity_latest_start"])
    filed = day(case["inputs"]["complaint_filed"])
    assert timetable.working_days_after(filed, 3, calendar) == day(expected["acceptance_due"])
    accepted = day("2027-01-04")
    assert timetable.working_days_after(accepted, 30, calendar) == day(
        expected["decision_due_if_accepted_2027-01-04"])
    assert timetable.accepted_due(PROFILE, filed, calendar) == day(expected["acceptance_due"])
    assert timetable.decided_due(PROFILE, accepted, calendar) == day(
        expected["decision_due_if_accepted_2027-01-04"])
    known, raised, answered = (at(case["inputs"][name] + "T12:00:00+08:00") for name in (
        "known", "objection_raised", "objection_answered"))
    assert timetable.complaint_last_day(PROFILE, known, raised, answered, calendar) == day(
        expected["complaint_last_day"])


def test_tr_5_contract_and_bond():
    case = example("TR-5")
    notice = at(case["inputs"]["notice"] + "T09:00:00+08:00")
    signed = at(case["inputs"]["contract_signed"] + "T09:00:00+08:00")
    assert timetable.contract_due(notice, PROFILE) == day(case["expected"]["contract_due"])
    due = timetable.release_due(PROFILE, "contract", signed)
    assert due == day(case["expected"]["bond_return_due"])
    decided = at(case["inputs"]["award_decided"] + "T09:00:00+08:00")
    assert timetable.report_due(PROFILE, decided) == day(case["expected"]["report_due"])


def test_a_publicity_that_ends_on_a_free_day_ends_on_the_next_working_day():
    thursday = at("2026-12-24T23:59:59+08:00")
    assert timetable.publicity_last_day(thursday, 3) == day("2026-12-28")
    assert timetable.publicity_ends(thursday, 3) == at("2026-12-29T00:00:00+08:00")
    before_the_national_day = at("2026-09-28T10:00:00+08:00")
    assert timetable.publicity_last_day(before_the_national_day, 3) == day("2026-10-08")
    before_a_worked_saturday = at("2026-10-07T10:00:00+08:00")
    assert timetable.publicity_last_day(before_a_worked_saturday, 3) == day("2026-10-10")


def test_what_the_platform_owes_is_not_rolled():
    signed = at("2027-01-18T09:00:00+08:00")
    assert timetable.release_due(PROFILE, "contract", signed) == day("2027-01-23")
    assert timetable.roll(day("2027-01-23"), PLAIN) == day("2027-01-25")


def test_the_other_methods_count_working_days():
    friday = at("2026-11-27T15:00:00+08:00")
    earliest = timetable.earliest_deadline(PROFILE, friday, comprehensive=False)
    assert earliest == at("2026-12-04T15:00:00+08:00")


def test_a_worked_weekend_day_counts_and_a_holiday_does_not():
    calendar = timetable.national_calendar()
    assert calendar.working(day("2026-02-14")) and day("2026-02-14").weekday() == 5
    assert not calendar.working(day("2026-10-05"))
    assert not calendar.working(day("2027-01-01"))
    assert 2026 in calendar.certain and 2027 not in calendar.certain


def test_every_day_of_the_table_makes_sense():
    """A worked day is a weekend day; a holiday and a worked day are never the same."""
    calendar = timetable.national_calendar()
    assert all(one.weekday() >= 5 for one in calendar.worked)
    assert not calendar.worked & calendar.holidays


def test_a_deadline_one_millisecond_too_early_is_refused():
    issued = at("2026-12-01T09:30:00+08:00")
    earliest = timetable.earliest_deadline(PROFILE, issued, comprehensive=True)
    timetable.check_deadline(PROFILE, issued, earliest, comprehensive=True)
    with pytest.raises(Refused) as refused:
        timetable.check_deadline(PROFILE, issued, earliest - timedelta(milliseconds=1),
                                 comprehensive=True)
    assert refused.value.word.code == "lot.deadline-early"
    assert refused.value.facts["earliest"] == "2026-12-11T01:30:00.000Z"


@pytest.mark.parametrize("deadline", ["1991-09-15T00:00:00+08:00", "1890-01-01T00:00:00+08:00",
                                      "2099-01-01T00:00:00+08:00"])
def test_an_unreal_deadline_is_refused(deadline):
    with pytest.raises(Refused) as refused:
        timetable.check_deadline(PROFILE, at("2026-12-01T09:30:00+08:00"), at(deadline),
                                 comprehensive=True)
    assert refused.value.word.code == "lot.deadline-unreal"


@pytest.mark.parametrize("local", [datetime(1990, 4, 15, 2, 30), datetime(1945, 9, 1),
                                   datetime(2026, 1, 1, tzinfo=UTC)])
def test_a_doubtful_local_time_is_refused(local):
    with pytest.raises(Refused) as refused:
        timetable.from_local(local)
    assert refused.value.word.code == "time.local"


MOMENTS = st.datetimes(datetime(1992, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@given(MOMENTS)
def test_local_and_utc_go_there_and_back(moment):
    local = moment.astimezone(BEIJING).replace(tzinfo=None)
    if local.year >= timetable.FIRST_YEAR:
        assert timetable.from_local(local) == moment
    found = timetable.beijing_day(moment)
    assert timetable.start_of(found) <= moment < timetable.end_of(found)
    assert timetable.end_of(found) - timetable.start_of(found) == timedelta(days=1)


@given(MOMENTS, st.integers(1, 60), st.booleans())
def test_a_deadline_is_never_before_its_days_have_passed(moment, count, comprehensive):
    profile = with_days(count)
    earliest = timetable.earliest_deadline(profile, moment, comprehensive=comprehensive)
    days = (timetable.beijing_day(earliest) - timetable.beijing_day(moment)).days
    assert days >= (count if comprehensive else 5)
    assert timetable.national_calendar().working(timetable.beijing_day(earliest))
    assert earliest - moment >= timedelta(days=count if comprehensive else 5)
    later = timetable.earliest_deadline(profile, moment + timedelta(hours=7),
                                        comprehensive=comprehensive)
    assert later >= earliest


@given(st.dates(date(2000, 1, 1), date(2080, 1, 1)), st.integers(0, 40))
def test_working_days_are_counted_one_by_one(start, count):
    end = timetable.working_days_after(start, count, PLAIN)
    between = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(PLAIN.working(one) for one in between) == count


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/New_York",
                                  "Pacific/Kiritimati"])
@pytest.mark.parametrize("text", ["2026-12-31T23:59:59.999+08:00", "2028-02-29T00:00:00+08:00",
                                  "2027-01-01T00:00:00+08:00"])
def test_the_hosts_zone_changes_nothing(zone, text, monkeypatch):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        moment = at(text)
        assert timetable.beijing_day(moment).isoformat() == text[:10]
        assert timetable.publicity_last_day(moment, 3, PLAIN) >= day(text[:10])
    finally:
        monkeypatch.undo()
        time.tzset()
        assert os.environ.get("TZ") != "Pacific/Kiritimati"


@pytest.mark.parametrize("free", ["2026-12-12T09:30:00+08:00", "2027-01-01T09:30:00+08:00",
                                  "2026-10-05T09:30:00+08:00"])
def test_a_deadline_on_a_free_day_is_refused(free):
    with pytest.raises(Refused) as refused:
        timetable.check_deadline(PROFILE, at("2026-09-01T09:30:00+08:00"), at(free),
                                 comprehensive=True)
    assert refused.value.word.code == "lot.deadline-free-day"
    timetable.check_deadline(PROFILE, at("2026-09-01T09:30:00+08:00"),
                             at("2026-10-10T09:30:00+08:00"), comprehensive=True)


DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
SPANS = st.builds(Period, st.integers(0, 40), st.booleans())


@given(DAYS, SPANS)
def test_a_span_is_monotone_and_as_long_as_it_says_in_every_year(start, span):
    calendar = timetable.national_calendar()
    last = timetable.after(start, span, calendar)
    counted = [start + timedelta(days=n) for n in range(1, (last - start).days + 1)]
    assert sum(calendar.working(one) if span.working else 1 for one in counted) == span.count
    assert timetable.after(start + timedelta(days=1), span, calendar) >= last
    assert not span.working or not span.count or calendar.working(last)
    rolled = timetable.roll(start, calendar)
    assert calendar.working(rolled) and 0 <= (rolled - start).days < 15


def test_a_deadline_moves_forward_until_it_passes_and_then_no_more():
    standing, new = at("2026-12-07T09:30:00+08:00"), at("2026-12-21T09:30:00+08:00")
    moment = timedelta(milliseconds=1)
    timetable.check_moved(standing, new, standing - moment)
    timetable.check_moved(standing, standing + moment, standing - moment)
    for deadline, now, code in (
            (new, standing, "deadline.over"), (new, standing + timedelta(days=1), "deadline.over"),
            (standing, standing - moment, "deadline.not-forward"),
            (standing - moment, standing - timedelta(days=9), "deadline.not-forward"),
            (at("2026-12-20T09:30:00+08:00"), standing - moment, "lot.deadline-free-day")):
        with pytest.raises(Refused) as refused:
            timetable.check_moved(standing, deadline, now)
        assert refused.value.word.code == code


@given(MOMENTS, MOMENTS, SPANS)
def test_a_moved_deadline_is_later_never_earlier_and_leaves_the_span(deadline, stated, span):
    moved = timetable.postponed(deadline, stated, span)
    if abs(stated - deadline) > timedelta(days=400):
        return
    assert moved >= deadline and timetable.before(moved, span) >= stated
    assert moved == deadline or timetable.national_calendar().working(
        timetable.beijing_day(moved))
    assert timetable.postponed(moved, stated, span) == moved


@given(MOMENTS, st.integers(0, 20), st.integers(0, 20))
def test_the_days_of_an_objection_are_never_lost_to_the_complainant(known, raised, answered):
    first = known + timedelta(days=raised)
    plain = timetable.complaint_last_day(PROFILE, known)
    with_objection = timetable.complaint_last_day(
        PROFILE, known, first, first + timedelta(days=answered))
    assert raised > 10 or with_objection >= plain
