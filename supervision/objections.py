"""Objections (异议): when one may be raised, and until when it is answered. Pure.

To the documents until T4 before the deadline, at the opening on the spot, to the candidates while
they stand in public (实施条例 22, 44, 54). The answer is due within T5; a suspension of the lot
stops that clock. Until the answer the lot's next step waits (tender/acts/holds.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import Enum

from kernel.canonical import time_text
from tender import objecting, timetable
from tender.lifecycle import Facts, Phase
from tender.profile import Profile, period

from .refusals import NOT_IN_PUBLICITY, OBJECTION_LATE

MAX_OBJECTIONS = 10
"""Of one company to one stage of one lot."""
MAX_EVIDENCE = 20
"""Files of one company in one lot."""


class Stage(Enum):
    """What is objected to: a word (zh, en), the article, whether the lot waits for the answer."""

    DOCUMENTS = ("招标文件", "the bidding documents", "实施条例 22", True)
    OPENING = ("开标", "the opening", "实施条例 44", False)
    CANDIDATES = ("中标候选人", "the candidates", "实施条例 54", True)

    def __init__(self, zh: str, en: str, law: str, holds: bool):
        self.zh = zh
        self.en = en
        self.law = law
        self.holds = holds


def stage_of(phase: Phase) -> Stage:
    """What an objection filed in a phase is to, but for those at the opening."""
    return Stage.DOCUMENTS if phase is Phase.BIDDING else Stage.CANDIDATES


def last_moment(profile: Profile, deadline: datetime) -> datetime:
    """T4: the last instant to object to the documents; it is still in time."""
    return timetable.before(deadline, period(profile, "T4.objection"))


def check_in_time(stage: Stage, facts: Facts, profile: Profile, now: datetime) -> None:
    """Refuse an objection outside its time. Raises OBJECTION_LATE, NOT_IN_PUBLICITY."""
    if stage is Stage.DOCUMENTS:
        last = last_moment(profile, facts.deadline)
        if now > last:
            raise OBJECTION_LATE(now=time_text(now), last=time_text(last),
                                 deadline=time_text(facts.deadline))
    if stage is Stage.CANDIDATES:
        ends = facts.publicity_ends
        if "candidates_published" not in facts.outcomes or ends is None or now >= ends:
            raise NOT_IN_PUBLICITY(now=time_text(now), ends=time_text(ends) if ends else "—")


def answer_by(stage: Stage, profile: Profile, now: datetime) -> datetime:
    """T5: the instant by which the answer is due; T6: at the opening on the same day."""
    if stage is Stage.OPENING:
        return timetable.end_of(timetable.beijing_day(now))
    return objecting.answer_by(profile, now)


def stopped(filed: datetime, halts: Iterable[tuple[datetime, datetime | None]],
            now: datetime) -> timedelta:
    """For how long the clock of an answer has stood still: the suspensions since `filed`."""
    spans = ((max(start, filed), min(end or now, now)) for start, end in halts)
    return sum((end - start for start, end in spans if end > start), timedelta())
