"""The law of extending the bids' validity: values in, an answer or a refusal out.

工程建设项目施工招标投标办法 29 (30号令): before the validity ends the buyer may ask all tenderers
in writing to extend it. Who agrees extends the security as well and may change nothing of the bid;
who refuses has the bid lapse and takes the security back. What the law leaves open is decided so:
silence is no agreement; an answer is final; answers are told to nobody before all are in or their
time is over, so that none is given for another's sake.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kernel.canonical import time_text
from tender.profile import Period, Profile, has, period
from tender.timetable import (
    Calendar,
    after,
    beijing_day,
    days_after,
    end_of,
    national_calendar,
    start_of,
)

from . import refusals

ANSWER_DAYS = Period(3, working=False)
"""Days a tenderer has to answer where the profile names no number (`T20.answer_days`); ours."""

LONGEST = timedelta(days=366)

REFUSED, SILENT = "refused", "silent"


@dataclass(frozen=True)
class Window:
    """What a request may ask for: the days to extend to, the times until which to answer."""

    until_from: date
    until_to: date
    answer_from: datetime
    answer_to: datetime


def window(profile: Profile, standing: date, now: datetime,
           calendar: Calendar | None = None) -> Window:
    """The bounds of a request made at `now` while the validity ends on `standing`.

    The day of asking is not counted; the answers' last day may lie behind `standing`, where the
    need was seen late: between the two nobody is bound but who has agreed.
    """
    span = period(profile, "T20.answer_days") if has(profile, "T20.answer_days") else ANSWER_DAYS
    least = after(beijing_day(now), span, calendar or national_calendar())
    return Window(days_after(standing, 1), standing + LONGEST, start_of(least),
                  max(end_of(standing), end_of(least)))


def check_request(asked: Window, *, standing: date, until: date, answer_by: datetime,
                  now: datetime) -> None:
    """Refuse a request after the validity's last day, for no later or an unreal end, or with a time
    to answer that is too short or behind its bounds."""
    if beijing_day(now) > standing:
        raise refusals.OVER(until=standing.isoformat())
    if not asked.until_from <= until <= asked.until_to:
        raise refusals.NOT_LATER(earliest=asked.until_from.isoformat(),
                                 latest=asked.until_to.isoformat())
    if not asked.answer_from <= answer_by <= asked.answer_to:
        raise refusals.ANSWER_TIME(earliest=time_text(asked.answer_from),
                                   latest=time_text(asked.answer_to))


def ready(asked: Iterable[str], answers: Mapping[str, bool], answer_by: datetime,
          now: datetime) -> bool:
    """Whether a request can be concluded: all bids asked have an answer, or its time is over."""
    return now >= answer_by or set(asked) <= answers.keys()


def lapses(asked: Iterable[str], answers: Mapping[str, bool]) -> dict[str, str]:
    """The bids that lapse, each with why: its tenderer refused, or said nothing in time."""
    return {bid: REFUSED if bid in answers else SILENT
            for bid in sorted(asked) if not answers.get(bid, False)}
