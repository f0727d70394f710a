"""Whether a company may tender: licences on the day, debarments, relations between tenderers. Pure.

These are findings with their article for the people who decide. Nothing here rejects a bid: who is
qualified is the panel's to say (招标投标法 26; 实施条例 51).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

RELATIONS = ("principal", "controls", "controlled_by", "manages", "managed_by")
"""principal: who heads the unit; the others name another unit (实施条例 34)."""
NO_REQUIREMENT: Mapping[str, object] = {"licences": [], "personnel": [], "credit": [],
                                        "consortium": False, "members_max": 0}

_GRADES = {"特级": 0, "综合": 0, "一级": 1, "甲级": 1, "壹级": 1, "二级": 2, "乙级": 2, "贰级": 2,
           "三级": 3, "丙级": 3, "叁级": 3, "四级": 4, "丁级": 4}


@dataclass(frozen=True)
class Held:
    """A licence that a company declared; days are Beijing days, both included."""

    kind: str
    grade: str
    number: str
    valid_from: date
    valid_until: date | None
    evidence_hash: str


@dataclass(frozen=True)
class Barred:
    """A debarment in force from its first day to its last; `region` empty: everywhere."""

    uscc: str
    region: str
    from_day: date
    until_day: date
    authority: str
    document_no: str


@dataclass(frozen=True)
class Doubt:
    """Something about a company that a person should look at, with its article."""

    code: str
    law: str
    zh: str
    en: str
    with_uscc: str = ""
    """The other company, where it is about two."""


def grade_meets(held: str, asked: str) -> bool:
    """Whether a grade is the one asked for or a better one; unknown grades must be the same."""
    if not asked or held == asked:
        return True
    return held in _GRADES and asked in _GRADES and _GRADES[held] <= _GRADES[asked]


def valid_on(held: Held, day: date) -> bool:
    """Whether a licence is in force on the day, its first and last included."""
    return held.valid_from <= day and (held.valid_until is None or day <= held.valid_until)


SOON_DAYS = 60
"""Before its end a company is told that a licence runs out: ours, and a hint only."""


def validity(valid_from: date, valid_until: date | None, day: date) -> str:
    """What a licence is on a Beijing day: `ahead` of its first, `over`, `soon` over, `valid`."""
    if day < valid_from:
        return "ahead"
    if valid_until is None:
        return "valid"
    return "over" if valid_until < day else \
        "soon" if (valid_until - day).days < SOON_DAYS else "valid"


def licence_doubts(asked: Iterable[Mapping[str, str]], held: Sequence[Held],
                   day: date) -> list[Doubt]:
    """What a company lacks of the licences asked for, on the day of the deadline."""
    found = []
    for one in asked:
        name = f"{one['kind']} {one['grade']}".strip()
        same = [own for own in held if own.kind == one["kind"]
                and grade_meets(own.grade, one["grade"])]
        if not same:
            found.append(Doubt("licence.none", "招标投标法 26; 建筑法 26",
                               f"未登记“{name}”资质。", f"No licence “{name}” is declared."))
        elif not any(valid_on(own, day) for own in same):
            found.append(Doubt("licence.expired", "招标投标法 26; 建筑法 26",
                               f"“{name}”资质在投标截止日 {day} 无效。",
                               f"The licence “{name}” is not in force on {day}, the deadline's day."))
    return found


def barred_doubts(uscc: str, region: str, barred: Iterable[Barred], day: date) -> list[Doubt]:
    """The debarments of a company that hold in the region on the day."""
    return [Doubt("debarred", "招标投标法 53, 54, 60; 实施条例 67, 68",
                  f"被 {one.authority}（{one.document_no}）限制投标，至 {one.until_day}。",
                  f"Barred by {one.authority} ({one.document_no}) until {one.until_day}.")
            for one in barred
            if one.uscc == uscc and one.from_day <= day <= one.until_day
            and region.startswith(place(one.region))]


def place(region: str) -> str:
    """The prefix that a division code stands for: 330000 → 33, 330700 → 3307."""
    while region.endswith("00"):
        region = region[:-2]
    return region


def related(stated: Mapping[str, Iterable[tuple[str, str]]]) -> dict[str, list[Doubt]]:
    """Relations among tenderers of one lot, for each company (实施条例 34).

    `stated`: by credit code the (kind, other) that each company declared, or a registry says of it.
    One side's word is enough. Both companies of a pair get the doubt.
    """
    heads: dict[str, list[str]] = {}
    pairs: dict[tuple[str, str], tuple[str, str]] = {}
    for uscc, own in stated.items():
        for kind, other in own:
            if kind == "principal":
                heads.setdefault(other, []).append(uscc)
            elif other in stated and other != uscc:
                zh, en = ("控股", "control") if kind.startswith("control") else ("管理", "management")
                pairs[tuple(sorted((uscc, other)))] = (f"存在{zh}关系", f"are related by {en}")
    for units in heads.values():
        for first, second in ((one, two) for one in units for two in units if one < two):
            pairs[first, second] = ("单位负责人为同一人", "have the same principal")
    found: dict[str, list[Doubt]] = {uscc: [] for uscc in stated}
    for (first, second), (zh, en) in sorted(pairs.items()):
        for own, other in ((first, second), (second, first)):
            found[own].append(Doubt("related", "实施条例 34", f"与 {other} {zh}，相关投标均无效。",
                                    f"It and {other} {en}; both bids are invalid.", other))
    return found
