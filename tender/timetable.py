"""Days and deadlines (rulebook §2.2, T-numbers): pure, `now` and calendar are arguments.

Days are Beijing days. Beijing time has been UTC+8 without daylight saving since 1991-09-15,
so a fixed offset is exact for every time this book handles. Instants before 1992 are refused,
because their wall time is not one offset from UTC and no tender of ours has one; days are counted
in every year. Where the year's holidays are not in the table only weekends are free.

Counting: the first day is not counted (民法典 201); a period of the public that ends on a
weekend or statutory holiday ends on the next working day (民法典 203). What the platform
itself owes (a release) is not rolled: it may always be done earlier.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache
from pathlib import Path

from kernel.canonical import time_text

from .profile import Period, Profile, has, number, period, rule_for
from .refusals import (
    DEADLINE_BACK,
    DEADLINE_EARLY,
    DEADLINE_FREE_DAY,
    DEADLINE_OVER,
    DEADLINE_UNREAL,
    LOCAL_TIME,
)

BEIJING = timezone(timedelta(hours=8), "CST")
FIRST_YEAR = 1992
LATEST_AHEAD = timedelta(days=5 * 366)


@dataclass(frozen=True)
class Calendar:
    """Statutory holidays and the weekend days worked in exchange (调休)."""

    holidays: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()
    certain: frozenset[int] = frozenset()
    """The years whose arrangement the State Council has published."""

    def working(self, day: date) -> bool:
        """Whether `day` is a working day."""
        if day in self.worked:
            return True
        return day.weekday() < 5 and day not in self.holidays


@cache
def national_calendar() -> Calendar:
    """The maintained table of `holidays.json`; each year says where it comes from."""
    data = json.loads(Path(__file__).with_name("holidays.json").read_text("utf-8"))
    days: dict[str, set[date]] = {"holidays": set(), "worked": set()}
    for year in data["years"]:
        for kind, found in days.items():
            for span in year[kind]:
                found.update(_span(span))
    certain = frozenset(year["year"] for year in data["years"] if year["arranged"])
    return Calendar(frozenset(days["holidays"]), frozenset(days["worked"]), certain)


def _span(text: str) -> list[date]:
    first, _, last = text.partition("/")
    start, end = date.fromisoformat(first), date.fromisoformat(last or first)
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]


def beijing_day(moment: datetime) -> date:
    """The Beijing calendar day of an aware time."""
    return moment.astimezone(BEIJING).date()


def from_local(local: datetime) -> datetime:
    """An aware UTC time from a naive Beijing wall time; refused where that could be in doubt.

    China changed its clocks in 1940-49 and 1986-91 (and 1901); a deadline lies far from both.
    """
    if local.tzinfo is not None or local.year < FIRST_YEAR or local.year > 9998:
        raise LOCAL_TIME(local=local.isoformat())
    return local.replace(tzinfo=BEIJING).astimezone(UTC)


def start_of(day: date) -> datetime:
    """The first instant of a Beijing day, aware UTC."""
    return datetime.combine(day, time(), BEIJING).astimezone(UTC)


def end_of(day: date) -> datetime:
    """The first instant after a Beijing day."""
    return start_of(day + timedelta(days=1))


def roll(day: date, calendar: Calendar) -> date:
    """`day`, or the next working day when it is none (民法典 203)."""
    while not calendar.working(day):
        day += timedelta(days=1)
    return day


def days_after(day: date, count: int) -> date:
    """The `count`-th day after `day`, which is itself not counted (民法典 201)."""
    return day + timedelta(days=count)


def working_days_after(day: date, count: int, calendar: Calendar) -> date:
    """The `count`-th working day after `day`."""
    while count > 0:
        day += timedelta(days=1)
        if calendar.working(day):
            count -= 1
    return day


def after(day: date, span: Period, calendar: Calendar) -> date:
    """The last day of a span that begins after `day`: never rolled (see the module's head)."""
    return working_days_after(day, span.count, calendar) if span.working \
        else days_after(day, span.count)


def deadline_rule(profile: Profile, method: str, *, comprehensive: bool) -> str:
    """T2: the number that says how early a deadline may be; an inquiry has one of its own."""
    return rule_for(profile, method, "T2.comprehensive" if comprehensive else "T2.other")


def earliest_deadline(profile: Profile, issued: datetime, *, comprehensive: bool,
                      method: str = "open", calendar: Calendar | None = None) -> datetime:
    """T2: the first lawful deadline for documents issued at `issued` (aware).

    Read by date (example TR-1): the last day of the period, not before the clock time of
    issue. A last day that rolls ends the period with the free days, so the clock time no
    longer counts; documents issued on a free day count the working days in full. So a later
    issue never has an earlier deadline. `comprehensive`: more than the price is scored.
    """
    calendar = calendar or national_calendar()
    local = issued.astimezone(BEIJING)
    span = period(profile, deadline_rule(profile, method, comprehensive=comprehensive))
    last = after(local.date(), span, calendar)
    if not span.working and not calendar.working(last):
        return start_of(roll(last, calendar))
    if span.working and not calendar.working(local.date()):
        return start_of(roll(days_after(last, 1), calendar))
    return datetime.combine(last, local.time(), BEIJING).astimezone(UTC)


def check_deadline(profile: Profile, issued: datetime, deadline: datetime, *,
                   comprehensive: bool, method: str = "open",
                   calendar: Calendar | None = None) -> None:
    """Refuse a deadline that is unreal, on a free day, or earlier than T2 allows."""
    check_day(deadline, issued, calendar or national_calendar())
    earliest = earliest_deadline(profile, issued, comprehensive=comprehensive, method=method,
                                 calendar=calendar)
    if deadline < earliest:
        raise DEADLINE_EARLY(deadline=time_text(deadline), earliest=time_text(earliest))


def check_moved(standing: datetime, deadline: datetime, now: datetime,
                calendar: Calendar | None = None) -> None:
    """Refuse a deadline that is not after the standing one, unreal, or on a free day; and any at
    all once the standing one has passed (assurance I06, Q45)."""
    if now >= standing:
        raise DEADLINE_OVER(standing=time_text(standing))
    if deadline <= standing:
        raise DEADLINE_BACK(deadline=time_text(deadline), standing=time_text(standing))
    check_day(deadline, now, calendar or national_calendar())


def check_day(deadline: datetime, now: datetime, calendar: Calendar) -> None:
    """Refuse a deadline that is unreal or on a free day."""
    if deadline.astimezone(BEIJING).year < FIRST_YEAR or deadline - now > LATEST_AHEAD:
        raise DEADLINE_UNREAL(deadline=time_text(deadline))
    day = beijing_day(deadline)
    if not calendar.working(day):
        raise DEADLINE_FREE_DAY(day=day.isoformat(), next=roll(day, calendar).isoformat())


def publicity_last_day(published: datetime, days: int, calendar: Calendar | None = None) -> date:
    """T8: the last Beijing day of the candidates' publicity, rolled (example TR-3)."""
    return roll(days_after(beijing_day(published), days), calendar or national_calendar())


def publicity_ends(published: datetime, days: int, calendar: Calendar | None = None) -> datetime:
    """T8: the instant the publicity is over: midnight after its last day."""
    return end_of(publicity_last_day(published, days, calendar))


def report_to_publicity(received: datetime, days: int) -> date:
    """T7: the last day on which the publicity must begin."""
    return days_after(beijing_day(received), days)


def award_notice_due(decided: datetime, profile: Profile,
                     calendar: Calendar | None = None) -> date:
    """T12: the last day for the award notice."""
    return after(beijing_day(decided), period(profile, "T12.award_notice"),
                 calendar or national_calendar())


def contract_due(notified: datetime, profile: Profile) -> date:
    """T13: the last day to sign (招标投标法 46)."""
    return days_after(beijing_day(notified), number(profile, "T13.contract_days"))


RELEASE_NUMBER = {
    "contract": "T15.release",
    "withdrawal": "T16.release",
    "terminated": "T17.release",
    "failed": "T17.failed_release",
    "incomplete": "T16.release",
}


def release_due(profile: Profile, cause: str, event: datetime) -> date:
    """T15-T17: the last day to release a security for `cause` (a key of RELEASE_NUMBER)."""
    return after(beijing_day(event), period(profile, RELEASE_NUMBER[cause]),
                 national_calendar())


def decrypt_until(authorised: datetime, minutes: int) -> datetime:
    """The end of the decryption window (电子招标投标办法 29: the time that was set)."""
    return authorised + timedelta(minutes=minutes)


def validity_ends(deadline: datetime, days: int) -> date:
    """T18: the last day of the bids' validity, counted from the deadline (实施条例 25)."""
    return days_after(beijing_day(deadline), days)


def valid_until(lot) -> date:
    """T18: the last day of a published lot's validity as it stands, extended or not; `lot` has the
    columns."""
    return lot.validity_until or validity_ends(lot.deadline, lot.validity_days)


def before_deadline(deadline: datetime, days: int) -> datetime:
    """T3, T4: the last instant that is `days` before the deadline; exactly N × 24 h is in time."""
    return deadline - timedelta(days=days)


def before(deadline: datetime, span: Period, calendar: Calendar | None = None) -> datetime:
    """T3, T4: the last instant that lies a span before the deadline, at its clock time (TR-2)."""
    if not span.working:
        return before_deadline(deadline, span.count)
    calendar = calendar or national_calendar()
    local, left = deadline.astimezone(BEIJING), span.count
    day = local.date()
    while left > 0:
        day -= timedelta(days=1)
        left -= calendar.working(day)
    return datetime.combine(day, local.time(), BEIJING).astimezone(UTC)


def postponed(deadline: datetime, stated: datetime, span: Period,
              calendar: Calendar | None = None) -> datetime:
    """T3: the first deadline not before `deadline` that leaves the span after what was `stated`.

    It keeps the deadline's clock time and falls on a working day (TR-2). Never earlier (I06).
    """
    calendar = calendar or national_calendar()
    if before(deadline, span, calendar) >= stated:
        return deadline
    clock = deadline.astimezone(BEIJING).time()
    day = max(beijing_day(deadline), after(beijing_day(stated), span, calendar))
    while True:
        day = roll(day, calendar)
        found = datetime.combine(day, clock, BEIJING).astimezone(UTC)
        if found >= deadline and before(found, span, calendar) >= stated:
            return found
        day += timedelta(days=1)


def resumed(deadline: datetime, stopped: datetime, moment: datetime,
            calendar: Calendar | None = None) -> datetime:
    """The deadline after a pause from `stopped` to `moment`: what was left is left again.

    It keeps its clock time and falls on a working day, so up to a day (or free days) more than
    the pause itself. Never earlier than it was (I06), and always after `moment` when it lay
    after `stopped`.
    """
    calendar = calendar or national_calendar()
    least = deadline + max(moment - stopped, timedelta())
    if least == deadline:
        return deadline
    clock = deadline.astimezone(BEIJING).time()
    day = beijing_day(least)
    if datetime.combine(day, clock, BEIJING) < least:
        day += timedelta(days=1)
    return datetime.combine(roll(day, calendar), clock, BEIJING).astimezone(UTC)


def publicity_resumed(ends: datetime, stopped: datetime, moment: datetime,
                      calendar: Calendar | None = None) -> datetime:
    """The end of a publicity after a pause: the day in which the time left runs out, rolled; the
    end of that day."""
    least = ends + max(moment - stopped, timedelta())
    last = beijing_day(least - timedelta(microseconds=1))
    return end_of(roll(last, calendar or national_calendar()))


def suspension_ends(profile: Profile, began: datetime,
                    calendar: Calendar | None = None) -> datetime | None:
    """T22: when a suspension that began at `began` ends at the latest, or None where the regime
    sets no limit (94号令 28: thirty days). The day it began is not counted; the end of the last."""
    if not has(profile, "T22.suspension_days"):
        return None
    return end_of(after(beijing_day(began), period(profile, "T22.suspension_days"),
                        calendar or national_calendar()))


def award_due(profile: Profile, validity: date, calendar: Calendar | None = None) -> date:
    """T20: the last day to evaluate and award: within the bids' validity (12号令 40), or so many
    working days before its end where the profile keeps to the older text (`T20.before_end`)."""
    if not has(profile, "T20.before_end"):
        return validity
    calendar, day = calendar or national_calendar(), validity
    left = period(profile, "T20.before_end")
    if not left.working:
        return validity - timedelta(days=left.count)
    for _ in range(left.count):
        day -= timedelta(days=1)
        while not calendar.working(day):
            day -= timedelta(days=1)
    return day


def kept_until(profile: Profile, ended: datetime) -> date:
    """The last day for which what a lot leaves behind is kept (retention.years), from the day its
    course ended; 29 February ends on the 28th."""
    day = beijing_day(ended)
    year = day.year + number(profile, "retention.years")
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


def reply_due(profile: Profile, raised: datetime, calendar: Calendar | None = None) -> date:
    """T5: the last day to answer an objection; the day it was raised is not counted."""
    return after(beijing_day(raised), period(profile, "T5.reply"),
                 calendar or national_calendar())


def report_due(profile: Profile, decided: datetime, calendar: Calendar | None = None) -> date:
    """T14: the last day to report the award to the supervisor (招标投标法 47)."""
    return after(beijing_day(decided), period(profile, "T14.report_days"),
                 calendar or national_calendar())


def complaint_last_day(profile: Profile, known: datetime, raised: datetime | None = None,
                       answered: datetime | None = None,
                       calendar: Calendar | None = None) -> date:
    """T10: the last day to complain about what was known at `known`; rolled.

    The days from the objection to its answer are not counted, the day it was raised among them
    (实施条例 60; example TR-4).
    """
    calendar = calendar or national_calendar()
    span = period(profile, "T10.complaint")
    if raised is None or answered is None:
        return roll(after(beijing_day(known), span, calendar), calendar)
    last = beijing_day(raised) - timedelta(days=1)
    used = _between(beijing_day(known), last, span, calendar)
    left = Period(max(span.count - used, 0), span.working)
    return roll(after(beijing_day(answered), left, calendar), calendar)


def _between(start: date, last: date, span: Period, calendar: Calendar) -> int:
    """The days counted after `start` up to `last`."""
    days = max((last - start).days, 0)
    if not span.working:
        return days
    return sum(calendar.working(start + timedelta(days=n)) for n in range(1, days + 1))


def accepted_due(profile: Profile, filed: date, calendar: Calendar | None = None) -> date:
    """T11: the last day to say whether a complaint is taken up (实施条例 61)."""
    return after(filed, period(profile, "T11.acceptance"), calendar or national_calendar())


def decided_due(profile: Profile, accepted: date, calendar: Calendar | None = None) -> date:
    """T11: the last day to decide a complaint that was taken up (实施条例 61)."""
    return after(accepted, period(profile, "T11.decision"), calendar or national_calendar())
