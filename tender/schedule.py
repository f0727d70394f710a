"""All dates of a lot as one value (rulebook §2.2, T1-T22): what page, JSON and calendar file show.

Every entry is counted by the function that also enforces it, so that no shown date can differ
from the enforced one (assurance Q41). An instant (`at`) is exact; a day (`day`) belongs to its
time as a whole, in Beijing. `certain` is False where a working day was counted in a year whose
holidays the State Council has not arranged yet: then only weekends, and what the law itself
names, are known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from . import timetable
from .lifecycle import Facts, awarded_at
from .profile import Period, Profile, has, number, period, rule_for, source
from .timetable import Calendar, beijing_day


@dataclass(frozen=True)
class Entry:
    """One date of a lot: an instant or a whole day, by the rule that makes it."""

    rule: str
    name: str
    zh: str
    en: str
    law: str
    at: datetime | None = None
    day: date | None = None
    certain: bool = True

    @property
    def order(self) -> datetime:
        """Where it stands in time: a day ends where its last instant does."""
        return self.at if self.at is not None else timetable.end_of(self.day)


def schedule(lot, profile: Profile, facts: Facts, calendar: Calendar | None = None,
             suspended_until: datetime | None = None) -> tuple[Entry, ...]:
    """The dates of a published lot, in order. `lot` has the columns; counted from its facts.

    `suspended_until`: when its suspension ends at the latest. The bids' validity is counted from
    the deadline as it stands: it moves with a deadline that a suspension moves, and runs on in
    one that comes after the close (实施条例 25), which is why its end is shown all the time.
    """
    calendar = calendar or timetable.national_calendar()
    entries = [*_before(lot, profile, facts, calendar), *_after(lot, profile, facts, calendar)]
    if suspended_until is not None:
        entries.append(Entry("T22", "suspension", "暂停最迟结束", "The suspension ends at the latest",
                             "政府采购质疑和投诉办法 28", at=suspended_until))
    return tuple(sorted(entries, key=lambda one: (one.order, one.rule)))


def _before(lot, profile: Profile, facts: Facts, calendar: Calendar) -> Iterator[Entry]:
    deadline = facts.deadline
    if facts.published is None or deadline is None:
        return
    yield Entry("T1", "documents", "招标文件可下载至", "Documents can be had until",
                "实施条例 16", at=deadline)
    for rule, name, zh, en, law, key in (
            ("T3", "clarification", "可不顺延的最后澄清时间",
             "Last clarification that moves no deadline", "招标投标法 23; 实施条例 21",
             rule_for(profile, lot.method, "T3.clarification")),
            ("question", "question", "提问的最后时间", "Last question about the documents",
             "招标投标法 23; 实施条例 21",
             "T3.question" if has(profile, "T3.question") else "T4.objection"),
            ("T4", "objection", "对招标文件提出异议的最后时间", "Last objection to the documents",
             _article(profile, "T4.objection", "实施条例 22"), "T4.objection")):
        span = period(profile, key)
        last = timetable.before(deadline, span, calendar)
        yield Entry(rule, name, zh, en, law, at=last,
                    certain=_certain(calendar, span, beijing_day(last), beijing_day(deadline)))
    yield Entry("T2", "deadline", "投标截止；网上开标", "Deadline for bids; opening",
                "招标投标法 24, 34", at=deadline)
    yield Entry("T18", "validity", "投标有效期届满", "End of the bids' validity", "实施条例 25",
                day=timetable.valid_until(lot))
    yield Entry("T19", "guarantee_validity", "投标保证金有效期届满",
                "End of the bid guarantee's validity", "实施条例 26",
                day=timetable.valid_until(lot))
    validity = timetable.valid_until(lot)
    last = timetable.award_due(profile, validity, calendar)
    yield Entry("T20", "award", "完成评标和定标期限；逾期须请全体投标人延长有效期",
                "Last day to evaluate and award; later only if all are asked to stay bound",
                "评标委员会和评标方法暂行规定 40; 实施条例 25", day=last,
                certain=last == validity or _certain(calendar, period(profile, "T20.before_end"),
                                                     last, validity))


def _after(lot, profile: Profile, facts: Facts, calendar: Calendar) -> Iterator[Entry]:
    outcomes = facts.outcomes
    if "authorised" in outcomes:
        yield Entry("decrypt", "decrypt", "解密时间结束", "End of the decryption window",
                    "电子招标投标办法 29",
                    at=timetable.decrypt_until(outcomes["authorised"], lot.decrypt_minutes))
    if "report_concluded" in outcomes:
        yield Entry("T7", "publicity_start", "最迟开始公示候选人",
                    "Last day to publish the candidates", "实施条例 54",
                    day=timetable.report_to_publicity(
                        outcomes["report_concluded"],
                        number(profile, "T7.publicity_start_days")))
    if facts.publicity_ends is not None:
        yield Entry("T8", "publicity", "候选人公示期满；对结果提出异议截止",
                    "End of the candidates' publicity and of objections to the result",
                    "实施条例 54", at=facts.publicity_ends,
                    certain=beijing_day(facts.publicity_ends).year in calendar.certain)
    if "awarded" in outcomes:
        yield from _owed(awarded_at(outcomes), profile, calendar)
    ended = next((outcomes[name] for name in ("contracted", "failed", "terminated")
                  if name in outcomes), None)
    if ended is not None:
        yield Entry("retention", "retention", "档案保存至", "The file is kept until",
                    "电子招标投标办法 40", day=timetable.kept_until(profile, ended))
    if "contracted" in outcomes:
        yield Entry("T15", "release", "退还投标保证金期限", "Last day to release bid guarantees",
                    "实施条例 57",
                    day=timetable.release_due(profile, "contract", outcomes["contracted"]))


def _owed(awarded: datetime, profile: Profile, calendar: Calendar) -> Iterator[Entry]:
    if has(profile, "T14.report_days"):
        span = period(profile, "T14.report_days")
        reported = timetable.report_due(profile, awarded, calendar)
        yield Entry("T14", "report", "向监督部门书面报告期限",
                    "Last day to report to the supervisor", "招标投标法 47", day=reported,
                    certain=_certain(calendar, span, beijing_day(awarded), reported))
    yield Entry("T13", "contract", "签订合同期限", "Last day to sign the contract",
                "招标投标法 46", day=timetable.contract_due(awarded, profile))
    if has(profile, "T22.challenge"):
        span = period(profile, "T22.challenge")
        last = timetable.after(beijing_day(awarded), span, calendar)
        yield Entry("T22", "challenge", "质疑期限", "Last day to challenge the result",
                    "政府采购质疑和投诉办法 10", day=last,
                    certain=_certain(calendar, span, beijing_day(awarded), last))


def _article(profile: Profile, name: str, law: str) -> str:
    """`law` where the number called `name` is from it, else the rules that it is from."""
    found = source(profile, name)
    return law if found.endswith(law) else found


def _certain(calendar: Calendar, span: Period, first: date, last: date) -> bool:
    """Whether every year in which working days were counted has been arranged."""
    return not span.working or all(
        year in calendar.certain for year in range(first.year, last.year + 1))


# --- prequalification (T21) -----------------------------------------------------------------------
PREQUALIFICATION = {"sale": 5, "submission": 5, "clarification": 3, "objection": 2}
"""Days of a prequalification where tendering is a must: 实施条例 16, 17, 21, 22."""


def prequalification(issued: datetime, deadline: datetime | None = None,
                     calendar: Calendar | None = None) -> tuple[Entry, ...]:
    """T21: the dates of a prequalification whose documents are issued at `issued` (aware).

    Without `deadline` it is the first lawful one: five days of sale, then five to hand in
    (实施条例 16, 17), rolled to a working day. No course of ours asks for one (资格后审); it is
    here so that every date of the law is counted in one place.
    """
    calendar = calendar or timetable.national_calendar()
    sale = timetable.roll(timetable.days_after(
        beijing_day(issued), PREQUALIFICATION["sale"]), calendar)
    first = timetable.end_of(timetable.roll(timetable.days_after(
        sale, PREQUALIFICATION["submission"]), calendar))
    until = max(deadline or first, first)
    found = (
        Entry("T21", "sale", "资格预审文件发售截止", "End of the sale of the documents", "实施条例 16",
              day=sale),
        Entry("T21", "clarification", "可不顺延的最后澄清时间",
              "Last clarification that moves no deadline", "实施条例 21",
              at=timetable.before_deadline(until, PREQUALIFICATION["clarification"])),
        Entry("T21", "objection", "对资格预审文件提出异议的最后时间",
              "Last objection to the documents", "实施条例 22",
              at=timetable.before_deadline(until, PREQUALIFICATION["objection"])),
        Entry("T21", "submission", "提交资格预审申请文件截止", "Deadline for applications",
              "实施条例 17", at=until))
    return tuple(sorted(found, key=lambda one: one.order))
