"""Rule profiles: the numbers of a regime as dated data, each with its source.

A profile is a file in `profiles/`. It is chosen by regime and day of publication and frozen
into the lot, so that a later profile never changes a running tender (rulebook §0).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

Profile = Mapping[str, object]
"""`{id, regime, version, valid_from, title{zh,en}, numbers{name: {value, unit, source, mark}}}`."""

REGIMES = ("statutory", "below", "govproc", "village", "intermediary")
OFFERED = frozenset({"below"})

UNITS = ("calendar_days", "working_days", "minutes", "hours", "years", "fen", "rate", "count")
MARKS = ("found", "memory-H", "memory-M", "memory-L", "own")

REQUIRED = {
    "T2.comprehensive_days", "T2.other_working_days", "T3.clarification_working_days",
    "T4.objection_working_days", "T5.reply_days", "T7.publicity_start_days",
    "T8.publicity_days", "T12.award_notice_working_days", "T13.contract_days",
    "T15.release_days", "T16.release_days", "T17.release_days", "T17.failed_release_days",
    "T18.validity_days", "R57.deposit_rate", "BD1.rate", "BD1.cap_works_fen", "BD1.cap_goods_fen",
    "BD1.cap_services_fen", "R58.performance_rate", "L28.tenderers", "decrypt.minutes",
    "decrypt.minutes_max", "panel.size", "panel.expert_thirds", "candidates.max",
    "committee.size", "limit.works_fen", "limit.goods_fen", "limit.services_fen",
    "retention.years", "cover.days",
}

_DECIMAL = re.compile(r"\A(0|[1-9]\d{0,8})(\.\d{1,6})?\Z")


class BadProfile(ValueError):
    """A profile file does not say all it must, each number with unit, source and mark."""


def number(profile: Profile, name: str) -> int:
    """The whole number called `name`; KeyError when the profile has none."""
    value = profile["numbers"][name]["value"]
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadProfile(f"{name} is not a whole number")
    return value


def rate(profile: Profile, name: str) -> Decimal:
    """The rate called `name`, a Decimal between 0 and 1."""
    return Decimal(profile["numbers"][name]["value"])


@cache
def profiles() -> tuple[Profile, ...]:
    """Every profile on file, checked."""
    folder = Path(__file__).with_name("profiles")
    found = tuple(check(json.loads(path.read_text("utf-8"))) for path in sorted(
        folder.glob("*.json")))
    names = [profile["id"] for profile in found]
    if len(set(names)) != len(names):
        raise BadProfile("two profiles share an id")
    return found


def profile_for(regime: str, day: date) -> Profile:
    """The profile of `regime` in force on `day`; KeyError when there is none."""
    fitting = [one for one in profiles()
               if one["regime"] == regime and date.fromisoformat(one["valid_from"]) <= day]
    if not fitting:
        raise KeyError(regime)
    return max(fitting, key=lambda one: (one["valid_from"], one["version"]))


def check(data: dict[str, object]) -> Profile:
    """Return `data` when it is a whole profile; raise BadProfile naming what is wrong."""
    for key, kind in (("id", str), ("regime", str), ("version", int), ("valid_from", str),
                      ("title", dict), ("numbers", dict)):
        if not isinstance(data.get(key), kind):
            raise BadProfile(f"{key} is missing")
    if data["regime"] not in REGIMES:
        raise BadProfile(f"no regime {data['regime']}")
    date.fromisoformat(data["valid_from"])
    if {"zh", "en"} - data["title"].keys():
        raise BadProfile("the title is not in both languages")
    missing = REQUIRED - data["numbers"].keys()
    if missing:
        raise BadProfile(f"missing: {', '.join(sorted(missing))}")
    for name, entry in data["numbers"].items():
        _check_number(name, entry)
    return data


def _check_number(name: str, entry: object) -> None:
    if not isinstance(entry, dict) or set(entry) != {"value", "unit", "source", "mark"}:
        raise BadProfile(f"{name} needs value, unit, source and mark")
    if entry["unit"] not in UNITS or entry["mark"] not in MARKS or not entry["source"]:
        raise BadProfile(f"{name} has no known unit, mark or source")
    value = entry["value"]
    if entry["unit"] == "rate":
        if not isinstance(value, str) or not _DECIMAL.match(value) or Decimal(value) > 1:
            raise BadProfile(f"{name} is not a rate")
    elif not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise BadProfile(f"{name} is not a whole number")
