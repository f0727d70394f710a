"""Rule profiles: the numbers of a regime as dated data, each with its source.

An installation begins with the profiles in `profiles/`; from then on they are rows that two
people change. One is chosen by regime, region and day of publication and frozen into the lot, so
that a later profile never changes a running tender (rulebook §0).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

Profile = Mapping[str, object]
"""`{id, regime, region, version, valid_from, title{zh,en},
numbers{name: {value, unit, source, mark, breach}}}`."""

REGIMES = ("statutory", "below", "govproc", "village", "intermediary")

DAYS = {"calendar_days": False, "working_days": True}
UNITS = (*DAYS, "minutes", "hours", "months", "years", "fen", "rate", "count")
MARKS = ("found", "memory-H", "memory-M", "memory-L", "own")
BREACHES = ("block", "reason")
"""What a breach of a number does: it blocks, or it goes through with a recorded reason."""

REQUIRED = frozenset({
    "T2.comprehensive", "T2.other", "T3.clarification", "T4.objection", "T5.reply",
    "T7.publicity_start_days", "T8.publicity_days", "T10.complaint", "T11.acceptance",
    "T11.decision", "T12.award_notice", "T13.contract_days", "T14.report_days", "T15.release",
    "T16.release", "T17.release", "T17.failed_release", "T18.validity_days", "R57.deposit_rate",
    "BD1.rate", "R58.performance_rate", "L28.tenderers", "competition.valid_bids",
    "decrypt.minutes", "decrypt.minutes_max", "panel.size", "panel.expert_thirds",
    "candidates.max", "committee.size", "OP31.withdrawn_count", "OP31.hearing_minutes",
    "OP31.decision_hours", "retention.years", "cover.days",
})
"""What every regime has a number for."""

OPTIONAL = frozenset({
    "T2.negotiation", "T2.inquiry", "T20.before_end", "T20.answer_days",
    "direct.limit_fen", "T22.challenge", "T22.suspension_days", "BD1.cap_works_fen",
    "BD1.cap_goods_fen", "BD1.cap_services_fen", "limit.works_fen", "limit.goods_fen",
    "limit.services_fen", "split.months", "panel.large_fen", "panel.large_size",
    "resolution.needed", "review.required", "R44.stop_after_failures", "T3.question",
    "watch.payment_fen", "watch.rectify_days", "service.reveal_hours",
    "service.objection_days", "service.contract_days", "T3.inquiry", "panel.inquiry",
    "panel.inquiry_large", "approval.open_fen", "inquiry.suppliers", "inquiry.candidates",
    "inquiry.limit_fen", "lottery.least", "invite.pool_factor", "invite.watchers",
    "T11.correction", "T11.statement", "T11.review", "T11.suit_months",
    "framework.goods_months", "framework.services_months", "framework.decide_days",
    "framework.objection_days", "framework.turn_days", "framework.offer_hours",
    "framework.reveal_hours", "framework.calloff_fen", "framework.split_months",
    "notice.signatures", "award.hearing_days",
})
"""What only some regimes have; a rule whose number is absent does not hold there."""

NEEDED = {"village": {"watch.payment_fen", "watch.rectify_days"},
          "intermediary": {"service.reveal_hours"}}
"""What one regime cannot do without besides."""

MOST = {"days": 3660, "minutes": 14_400, "hours": 8760, "months": 120, "years": 100,
        "fen": 10**15, "count": 10_000}
"""The largest value by kind of quantity: with a larger one no day could be counted any more."""
COVERED = 366
"""Days for which an ended lot may stay covered: `tender.reading.sealed_lots` looks no further."""
LIMITED = {"cover.days": COVERED, "notice.signatures": 2}
"""Numbers with a largest value of their own."""
LEAST = dict.fromkeys(("L28.tenderers", "service.reveal_hours", "decrypt.minutes", "panel.size",
                       "committee.size", "candidates.max", "panel.inquiry", "inquiry.suppliers",
                       "inquiry.candidates", "invite.pool_factor", "invite.watchers",
                       "award.hearing_days"), 1) | {
                           "lottery.least": 2}
"""Numbers with which nothing could be opened or chosen if they were less."""

_DECIMAL = re.compile(r"\A(0|[1-9]\d{0,8})(\.\d{1,6})?\Z")


class BadProfile(ValueError):
    """A profile file does not say all it must, each number with unit, source and mark."""


FORMERLY = {
    "T2.comprehensive": "T2.comprehensive_days", "T2.other": "T2.other_working_days",
    "T3.clarification": "T3.clarification_working_days",
    "T4.objection": "T4.objection_working_days", "T5.reply": "T5.reply_days",
    "T12.award_notice": "T12.award_notice_working_days", "T15.release": "T15.release_days",
    "T16.release": "T16.release_days", "T17.release": "T17.release_days",
    "T17.failed_release": "T17.failed_release_days", "competition.valid_bids": "L28.tenderers",
}
"""What a number is called in profiles frozen into lots before there were five regimes."""


def _entry(profile: Profile, name: str) -> Mapping[str, object]:
    numbers = profile["numbers"]
    return numbers[name] if name in numbers else numbers[FORMERLY[name]]


def number(profile: Profile, name: str) -> int:
    """The whole number called `name`; KeyError when the profile has none."""
    value = _entry(profile, name)["value"]
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadProfile(f"{name} is not a whole number")
    return value


def rate(profile: Profile, name: str) -> Decimal:
    """The number called `name` as a Decimal; a rate is one between 0 and 1."""
    return Decimal(_entry(profile, name)["value"])


def has(profile: Profile, name: str) -> bool:
    """Whether the regime has a number called `name`."""
    return name in profile["numbers"] or FORMERLY.get(name) in profile["numbers"]


@dataclass(frozen=True)
class Period:
    """So many days, of the calendar or working ones."""

    count: int
    working: bool


def period(profile: Profile, name: str) -> Period:
    """The span of days called `name`."""
    return Period(number(profile, name), DAYS[_entry(profile, name)["unit"]])


SOURCE = re.compile(r"[:;]| [a-z]")
"""Where a source's name ends and what it was read as begins."""


def source(profile: Profile, name: str) -> str:
    """The article, or the rules, that the number called `name` is from."""
    return SOURCE.split(_entry(profile, name)["source"], maxsplit=1)[0]


def period_words(profile: Profile, name: str) -> tuple[str, str]:
    """The span of days called `name`, as it is said."""
    span = period(profile, name)
    return (f"{span.count} {'个工作日' if span.working else '日'}",
            f"{span.count} {'working ' if span.working else ''}days")


BY_METHOD = {"T2.comprehensive": "T2", "T2.other": "T2", "T3.clarification": "T3",
             "panel.size": "panel"}
"""Numbers for which a method may have one of its own: what stands before the method's word."""
OF_METHOD = {"inquiry": "inquiry"}
"""Method → the word of its own numbers, as in `T2.inquiry`."""


def rule_for(profile: Profile, method: str, rule: str) -> str:
    """The number that says `rule` for a lot put out by `method`: the method's own where the
    profile has one (询价: 74号令 7, 45), else the regime's."""
    own = f"{BY_METHOD[rule]}.{OF_METHOD[method]}" if method in OF_METHOD else rule
    return own if has(profile, own) else rule


def blocks(profile: Profile, name: str) -> bool:
    """Whether a breach of the number blocks whatever the reason: in the statutory regime always
    (rulebook §0), elsewhere where the profile says so or says nothing."""
    return profile["regime"] == "statutory" \
        or profile["numbers"].get(name, {}).get("breach", "block") == "block"


@cache
def shipped() -> tuple[Profile, ...]:
    """The profiles an installation begins with, checked."""
    folder = Path(__file__).with_name("profiles")
    found = tuple(check(json.loads(path.read_text("utf-8"))) for path in sorted(
        folder.glob("*.json")))
    names = [profile["id"] for profile in found]
    if len(set(names)) != len(names):
        raise BadProfile("two profiles share an id")
    return found


def choose(among: Iterable[Profile], regime: str, region: str, day: date) -> Profile:
    """The profile of `regime` in force on `day` where `region` lies; KeyError when there is none.

    The county's goes before the city's, that before the province's, that before the country's
    (`region` empty); within one place the one that came into force last.
    """
    fitting = [one for one in among if one["regime"] == regime
               and region.startswith(one["region"])
               and date.fromisoformat(one["valid_from"]) <= day]
    if not fitting:
        raise KeyError(regime)
    return max(fitting, key=lambda one: (len(one["region"]), one["valid_from"], one["version"]))


def shipped_for(regime: str, day: date) -> Profile:
    """The shipped profile of `regime` in force on `day`; KeyError when there is none."""
    return choose(shipped(), regime, "", day)


def amended(base: Profile, changes: Mapping[str, Mapping[str, object] | None]) -> dict[str, dict]:
    """The numbers of `base` with `changes`; None takes a number away."""
    numbers = {name: dict(entry) for name, entry in base["numbers"].items()}
    for name, entry in changes.items():
        if entry is None:
            numbers.pop(name, None)
        else:
            numbers[name] = dict(entry)
    return dict(sorted(numbers.items()))


STRICTER = {
    "T2.comprehensive": 1, "T2.other": 1, "T3.clarification": 1, "T8.publicity_days": 1,
    "T5.reply": -1, "T7.publicity_start_days": -1, "T13.contract_days": -1, "T14.report_days": -1,
    "T15.release": -1, "T16.release": -1, "BD1.rate": -1, "BD1.cap_works_fen": -1,
    "BD1.cap_goods_fen": -1, "BD1.cap_services_fen": -1, "R58.performance_rate": -1,
    "L28.tenderers": 1, "panel.size": 1, "panel.expert_thirds": 1, "candidates.max": -1,
}
"""Numbers of the law that a place may only make stricter in the statutory regime: 1, upward;
-1, downward."""

LIMITS = {"limit.works_fen": -1, "limit.goods_fen": -1, "limit.services_fen": -1}
"""From where on tendering is a must: the country's numbers, in every regime (必须招标的工程项目规定
5). A place that raised one would put tenders out of the law's reach."""


def looser(profile: Profile, law: Profile | None) -> list[str]:
    """The numbers with which a profile asks less than the law's own does: in the statutory regime
    any of the law, elsewhere the limits."""
    if law is None:
        return []
    ways = STRICTER if profile["regime"] == "statutory" else LIMITS
    return sorted(name for name, way in ways.items() if name in law["numbers"] and (
        name not in profile["numbers"]
        or profile["numbers"][name]["unit"] != law["numbers"][name]["unit"]
        or (rate(profile, name) - rate(law, name)) * way < 0))


REGION = re.compile(r"\A(|\d{2}|\d{4}|\d{6})\Z")
"""A place by the digits that say it: nothing, province, city, county (GB/T 2260)."""


def check(data: dict[str, object]) -> Profile:
    """Return `data` when it is a whole profile; raise BadProfile naming what is wrong."""
    for key, kind in (("id", str), ("regime", str), ("region", str), ("version", int),
                      ("valid_from", str), ("title", dict), ("numbers", dict)):
        if not isinstance(data.get(key), kind):
            raise BadProfile(f"{key} is missing")
    if data["regime"] not in REGIMES:
        raise BadProfile(f"no regime {data['regime']}")
    date.fromisoformat(data["valid_from"])
    if {"zh", "en"} - data["title"].keys():
        raise BadProfile("the title is not in both languages")
    if not REGION.match(data["region"]):
        raise BadProfile(f"no region {data['region']}")
    missing = (REQUIRED | NEEDED.get(data["regime"], set())) - data["numbers"].keys()
    if missing:
        raise BadProfile(f"missing: {', '.join(sorted(missing))}")
    strange = data["numbers"].keys() - REQUIRED - OPTIONAL
    if strange:
        raise BadProfile(f"no rule reads: {', '.join(sorted(strange))}")
    for name, entry in data["numbers"].items():
        _check_number(name, entry)
    return data


_ENTRY = {"value", "unit", "source", "mark", "breach"}


def unit_group(unit: str) -> str:
    """What kind of quantity a unit counts: days of either kind are one."""
    return "days" if unit in DAYS else unit


@cache
def _units() -> dict[str, str]:
    folder = Path(__file__).with_name("profiles")
    return {name: unit_group(entry["unit"]) for path in sorted(folder.glob("*.json"))
            for name, entry in json.loads(path.read_text("utf-8"))["numbers"].items()}


UNSHIPPED = {"T20.before_end": "days", "T20.answer_days": "days", "direct.limit_fen": "fen",
             "notice.signatures": "count", "award.hearing_days": "days"}
"""What only a place's own profile may say, and the kind of quantity it counts."""


def _group_of(name: str) -> str:
    """The kind of quantity the shipped profiles count `name` in."""
    return UNSHIPPED.get(name) or _units()[name]


def _check_number(name: str, entry: object) -> None:
    if not isinstance(entry, dict) or set(entry) != _ENTRY:
        raise BadProfile(f"{name} needs {', '.join(sorted(_ENTRY))}")
    if entry["unit"] not in UNITS or entry["mark"] not in MARKS or not entry["source"] \
            or entry["breach"] not in BREACHES:
        raise BadProfile(f"{name} has no known unit, mark, breach or source")
    if unit_group(entry["unit"]) != _group_of(name):
        raise BadProfile(f"{name} is not counted in {entry['unit']}")
    value = entry["value"]
    if entry["unit"] == "rate":
        if not isinstance(value, str) or not _DECIMAL.match(value) or Decimal(value) > 1:
            raise BadProfile(f"{name} is not a rate")
    elif not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise BadProfile(f"{name} is not a whole number")
    elif not LEAST.get(name, 0) <= value <= _most(name):
        raise BadProfile(f"{name} is not from {LEAST.get(name, 0)} to {_most(name)}")


def _most(name: str) -> int:
    return LIMITED.get(name) or MOST[_group_of(name)]
