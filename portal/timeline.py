"""All dates of a tender on one line: what has happened, what is certain to come.

Every date is read from where it is enforced: the lot's deadline, the outcomes, the end of the
publicity, the timetable. Nothing is counted here a second time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tender import timetable
from tender.lifecycle import STEPS, Phase, awarded_at
from tender.schedule import schedule

from .public import LotView, TenderView

ASKED = ("clarification", "question", "objection")

WORDS: dict[str, tuple[str, str]] = {
    "clarification": ("可不顺延的最后澄清时间", "Last clarification that moves no deadline"),
    "question": ("提问的最后时间", "Last question about the documents"),
    "objection": ("对招标文件提出异议的最后时间", "Last objection to the documents"),
    "deadline": ("投标截止；网上开标时间", "Deadline for bids; opening time"),
    "decrypt": ("解密时间结束", "End of the decryption window"),
    "publicity": ("候选人公示期满", "End of the candidates' publicity"),
    "contract_due": ("签订合同期限", "Last day to sign the contract"),
    "validity": ("投标有效期届满", "End of the bids' validity"),
} | {name: (step.zh.rstrip("。"), step.en.rstrip(".")) for name, step in STEPS.items()}

LAWS = {"clarification": "招标投标法 23; 实施条例 21", "question": "招标投标法 23; 实施条例 21",
        "objection": "实施条例 22", "deadline": "招标投标法 24, 28, 34",
        "decrypt": "电子招标投标办法 29",
        "publicity": "实施条例 54", "contract_due": "招标投标法 46", "validity": "实施条例 25"}
LAWS |= {name: step.law for name, step in STEPS.items()}

ENDED = frozenset({Phase.FAILED, Phase.TERMINATED, Phase.ARCHIVED})
SIGNED = ENDED | {Phase.CONTRACTED}


@dataclass
class Point:
    """One date: `at` aware; `lots` are the numbers of the lots it belongs to."""

    at: datetime
    name: str
    lots: list[int] = field(default_factory=list)
    past: bool = False
    day: bool = False
    """The whole Beijing day belongs to it: show the day alone."""
    certain: bool = True
    """Not where it was counted in a year whose holidays are not arranged yet (tender.schedule)."""
    why: tuple[str, str] | None = None
    """Why the lot failed, as its notice of failure says it."""
    own_law: str = ""
    """The article where it is the lot's own profile that says it."""

    @property
    def zh(self) -> str:
        """What it is, in Chinese."""
        return f"流标：{self.why[0]}" if self.why else WORDS[self.name][0]

    @property
    def en(self) -> str:
        """What it is, in English."""
        return f"Failed: {self.why[1]}" if self.why else WORDS[self.name][1]

    @property
    def law(self) -> str:
        """The article."""
        return self.own_law or LAWS[self.name]


def timeline(view: TenderView) -> list[Point]:
    """The dates of all lots in order; a date that lots share stands once."""
    found: dict[tuple, Point] = {}
    for lot in view.lots:
        for point in (*(Point(at, name, day=day) for at, name, day in _dates(lot)), *_asked(lot)):
            if point.name == "failed":
                point.why = _why(view, lot)
            point = found.setdefault((point.at, point.name, point.law, point.why), point)
            point.past = point.at <= view.now
            point.lots.append(lot.lot.number)
    order = list(WORDS)
    return sorted(found.values(), key=lambda point: (point.at, order.index(point.name)))


def _dates(view: LotView) -> Iterator[tuple[datetime, str, bool]]:
    lot, outcomes = view.lot, view.facts.outcomes
    for name, at in outcomes.items():
        yield at, name, False
    yield lot.deadline, "deadline", False
    if "authorised" in outcomes:
        yield (timetable.decrypt_until(outcomes["authorised"], lot.decrypt_minutes), "decrypt",
               False)
    if view.facts.publicity_ends is not None:
        yield view.facts.publicity_ends, "publicity", False
    if view.phase not in SIGNED:
        yield _day(timetable.valid_until(lot)), "validity", True
    if view.phase is Phase.AWARDED and lot.profile:
        yield _day(timetable.contract_due(awarded_at(outcomes), lot.profile)), "contract_due", True


def _asked(view: LotView) -> Iterator[Point]:
    """Until when the documents may be asked about, objected to and clarified."""
    if view.lot.profile and "closed" not in view.facts.outcomes \
            and view.phase in (Phase.BIDDING, Phase.SUSPENDED):
        for one in schedule(view.lot, view.lot.profile, view.facts):
            if one.name in ASKED:
                yield Point(one.at, one.name, certain=one.certain, own_law=one.law)


def _why(view: TenderView, lot: LotView) -> tuple[str, str] | None:
    """The reason that the lot's notice of failure gives; None: it has none."""
    return next(((row["text"]["zh"].rstrip("。"), row["text"]["en"].rstrip("."))
                 for one in view.notices
                 if one.notice.kind == "failure" and one.notice.lot_id == lot.lot.id
                 for part in one.body["sections"] for row in part["rows"]
                 if row["name"] == "reason"), None)


def _day(day) -> datetime:
    """The last instant of a Beijing day that can be shown, so that it sorts after its hours."""
    return timetable.end_of(day) - timedelta(milliseconds=1)
