"""Complaints (投诉): who may complain of what, within which days, and which clocks stand still. Pure.

招标投标法 65; 实施条例 60-62; 政府采购质疑和投诉办法 (94号令) 17-32; what is not accepted
工程建设项目招标投标活动投诉处理办法 (11号令) 12. Numbers come from the lot's rule profile; one that a
profile frozen before there were complaints lacks comes from the shipped one of its regime.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from kernel.canonical import jcs, sha256, time_text
from tender import timetable
from tender.profile import Period, Profile, has, number, period, shipped_for
from tender.timetable import Calendar, beijing_day, end_of, national_calendar

from .refusals import LATE, NO_EVENT, OBJECTION_FIRST, OBJECTION_RUNS, STANDING

MAX_COMPLAINTS = 10
"""Of one company in one lot."""


class Subject(Enum):
    """What is complained of: a word (zh, en), the stage of the objection that must go before it, the
    outcome from which its days are counted, whether only those who bid may complain of it."""

    DOCUMENTS = ("招标文件", "the bidding documents", "documents", "", False)
    OPENING = ("开标", "the opening", "opening", "", True)
    CANDIDATES = ("评标结果", "the candidates", "candidates", "", True)
    AWARD = ("中标结果", "the award", "", "awarded", True)
    TERMINATION = ("终止招标", "the ending by the buyer", "", "terminated", False)
    FAILURE = ("流标", "the failure of the lot", "", "failed", False)
    RESULT = ("发包、选取结果", "the result of a direct award or a selection", "result", "", False)
    CONDUCT = ("其他违法行为", "other conduct against the law", "", "", False)

    def __init__(self, zh: str, en: str, stage: str, outcome: str, bid_needed: bool):
        self.zh = zh
        self.en = en
        self.stage = stage
        self.outcome = outcome
        self.bid_needed = bid_needed


OF_LOTS = frozenset(Subject) - {Subject.RESULT}
OF_COURSES = frozenset({Subject.RESULT, Subject.FAILURE, Subject.CONDUCT})
"""What may be complained of in a lot, and of a direct award or a service, which have neither
documents nor an opening of a lot's kind."""

GROUNDS = {
    "stranger": ("投诉人不是参与者，与项目没有利害关系", "The complainant has no part and no interest in it"),
    "vague": ("投诉事项不具体，没有有效线索，难以查证", "Too vague to be looked into"),
    "unsigned": ("投诉书不合法定形式，补正后仍不符合", "The letter lacks its form, even after correction"),
    "late": ("超过投诉时效", "Out of time"),
    "decided": ("已作出处理决定，没有新的证据", "Decided already, and there is no new evidence"),
    "objection_first": ("应先提出异议（质疑）而没有提出", "An objection had to go before it"),
    "in_court": ("已进入行政复议或者诉讼程序", "Already under review or in court"),
    "beyond": ("超出已质疑事项的范围", "Goes beyond what was challenged"),
    "jurisdiction": ("不属于本部门管辖", "Not for this department"),
}
"""Why a complaint is not accepted: a closed list (11号令 12; 94号令 19-21)."""

OUTCOMES = {"upheld": ("投诉成立", "upheld"), "lacks_facts": ("缺乏事实依据", "not supported by facts"),
            "rejected": ("驳回", "rejected")}
BASES = {"fabricated": ("捏造事实", "facts made up"), "forged": ("伪造材料", "papers forged"),
         "unlawful": ("以非法手段取得证明材料", "papers got unlawfully")}
"""Why a complaint is rejected (实施条例 61)."""

FALLS = "void"
"""The basis of a decision by which a direct award or a selection falls (94号令 32)."""

STOPS = {"test": ("检验检测", "tests"), "appraisal": ("鉴定", "appraisal"),
         "experts": ("专家评审", "experts' review"), "inspection": ("勘验", "inspection")}
"""What time is not counted for (实施条例 61)."""

CORRECTION, STATEMENT = "T11.correction", "T11.statement"
REVIEW, SUIT = "T11.review", "T11.suit_months"


@dataclass(frozen=True)
class Objected:
    """One's own objection: of which stage, when it was answered, when its time to be answered is
    over."""

    stage: str
    answered: datetime | None
    over: datetime


@dataclass(frozen=True)
class Known:
    """What the days of a complaint are counted from: own objection, or when the event was known."""

    objection: Objected | None = None
    event: datetime | None = None


def of_profile(profile: Profile, name: str) -> Profile:
    """The profile that says `name`: the lot's own, else the shipped one of its regime, else that of
    works below the threshold, which services refer to."""
    if has(profile, name):
        return profile
    own = shipped_for(profile["regime"], date.max)
    return own if has(own, name) else shipped_for("below", date.max)


def objection_first(profile: Profile, subject: Subject) -> bool:
    """Whether one's own objection (质疑) must go before the complaint (实施条例 60; 94号令 17)."""
    return bool(subject.stage) or profile["regime"] == "govproc"


def counted_from(profile: Profile, subject: Subject, known: Known, now: datetime) -> datetime:
    """When its days began: with the answer to one's own objection, when the time for that was over,
    or when one knew of the event. Raises OBJECTION_FIRST, OBJECTION_RUNS, NO_EVENT.

    The time of the answer is not counted (实施条例 60), so the days begin behind it.
    """
    if objection_first(profile, subject):
        own = known.objection
        if own is None or (subject.stage and own.stage != subject.stage):
            raise OBJECTION_FIRST()
        if own.answered is not None:
            return own.answered
        if now < own.over:
            raise OBJECTION_RUNS(until=time_text(own.over))
        return own.over
    if known.event is None or known.event > now:
        raise NO_EVENT(subject=f"{subject.zh} / {subject.en}")
    return known.event


def last_moment(profile: Profile, began: datetime, calendar: Calendar | None = None) -> datetime:
    """T10: the instant before which the complaint must be filed; its last day is rolled."""
    return end_of(timetable.complaint_last_day(profile, began, calendar=calendar))


def check_time(profile: Profile, subject: Subject, known: Known, now: datetime,
               calendar: Calendar | None = None) -> tuple[datetime, datetime]:
    """(when the days began, the instant before which it is in time). Raises LATE and what
    `counted_from` raises."""
    began = counted_from(profile, subject, known, now)
    last = last_moment(profile, began, calendar)
    if now >= last:
        raise LATE(last=time_text(last), now=time_text(now))
    return began, last


def check_standing(subject: Subject, *, bid: bool) -> None:
    """Refuse who did not bid where only those who did may complain. While a lot is sealed no such
    subject has happened yet, so that nothing here tells of a bid. Raises STANDING."""
    if subject.bid_needed and not bid:
        raise STANDING()


def basis_fits(outcome: str, basis: str, *, course: bool) -> bool:
    """Whether a decision may rest on this: a rejection on one of the law's cases, what is upheld of a
    direct award or a service (`course`) on FALLS or nothing, the rest on nothing."""
    if outcome == "rejected":
        return basis in BASES
    return basis == "" or (basis == FALLS and outcome == "upheld" and course)


def check_subject(subject: Subject, *, course: bool) -> None:
    """Refuse a subject that what is complained of does not have. Raises NO_EVENT."""
    if subject not in (OF_COURSES if course else OF_LOTS):
        raise NO_EVENT(subject=f"{subject.zh} / {subject.en}")


def received(filed: datetime, sealed: bool, opened: datetime | None,
             uncovered: datetime | None) -> datetime | None:
    """When the supervisor gets the complaint, from which its clock runs; None: not yet.

    One that only those who bid could file (`sealed`: between deadline and opening) would tell that
    somebody did; it comes with the opening, or where a lot ended unopened when its cover is over.
    """
    if not sealed:
        return filed
    come = opened or uncovered
    return None if come is None else max(filed, come)


def due(start: date, span: Period, stops: Iterable[tuple[date, date | None]],
        calendar: Calendar | None = None) -> date | None:
    """The last day of a span after `start`, without the days on which its clock stood still; None
    while it stands still.

    Of a stop the day it began counts, the days after it up to the one it ended on do not; one
    that began and ended on one day costs nothing.
    """
    calendar, still = calendar or national_calendar(), set()
    for begin, end in stops:
        if end is None:
            return None
        still.update(begin + timedelta(days=n) for n in range(1, (end - begin).days + 1))
    day, left = start, span.count
    while left > 0:
        day += timedelta(days=1)
        left -= day not in still and (calendar.working(day) or not span.working)
    return day


def stops_of(steps: Sequence, begin: str, end: str) -> list[tuple[date, date | None]]:
    """The times for which a clock stood still: from each step `begin` to the next step `end`."""
    found: list[tuple[date, date | None]] = []
    for one in steps:
        if one.kind == begin:
            found.append((beijing_day(one.at), None))
        elif one.kind == end and found and found[-1][1] is None:
            found[-1] = (found[-1][0], beijing_day(one.at))
    return found


def acceptance_due(profile: Profile, came: datetime, steps: Sequence,
                   calendar: Calendar | None = None) -> datetime | None:
    """T11: before when the supervisor says whether it accepts; None while the letter is corrected."""
    day = due(beijing_day(came), period(profile, "T11.acceptance"),
              stops_of(steps, "correction_asked", "corrected"), calendar)
    return None if day is None else end_of(day)


def decision_due(profile: Profile, steps: Sequence,
                 calendar: Calendar | None = None) -> datetime | None:
    """T11: before when it is decided, from the acceptance; None before it, and while tests go on."""
    accepted = next((one.at for one in steps if one.kind == "accepted"), None)
    if accepted is None:
        return None
    day = due(beijing_day(accepted), period(profile, "T11.decision"),
              stops_of(steps, "paused", "resumed"), calendar)
    return None if day is None else end_of(day)


def asked_until(profile: Profile, name: str, now: datetime,
                calendar: Calendar | None = None) -> datetime:
    """The end of a time that the supervisor leaves: CORRECTION or STATEMENT."""
    calendar = calendar or national_calendar()
    day = timetable.after(beijing_day(now), period(of_profile(profile, name), name), calendar)
    return end_of(timetable.roll(day, calendar))


def review_until(profile: Profile, decided: datetime) -> date:
    """The last day to ask for administrative review (行政复议法 20); not rolled here."""
    return timetable.after(beijing_day(decided), period(of_profile(profile, REVIEW), REVIEW),
                           national_calendar())


def suit_until(profile: Profile, decided: datetime) -> date:
    """The last day to go to court (行政诉讼法 46): so many months on, or that month's last day."""
    day = beijing_day(decided)
    months = day.month - 1 + number(of_profile(profile, SUIT), SUIT)
    year, month = day.year + months // 12, months % 12 + 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))


def content_hash(lot_id: str, party_id: str, subject: str, facts: str, claims: str) -> str:
    """SHA-256 of what makes two complaints the same: who, of what, on which facts, asking what."""
    return sha256(jcs({"lot": lot_id, "party": party_id, "subject": subject,
                       "facts": " ".join(facts.split()), "claims": " ".join(claims.split())})).hex()
