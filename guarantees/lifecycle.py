"""How a bid security lives: every state with its sentence, who moves next, and the article.

No state is stored. Each follows from rows that are only ever added (lodged, scheduled,
ordered, confirmed) and, for what may be seen, from the lot's phase.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """Where one security stands."""

    STANDING = "standing"
    RELEASE_DUE = "release_due"
    RELEASE_ORDERED = "release_ordered"
    RELEASED = "released"
    FORFEITED = "forfeited"


@dataclass(frozen=True)
class Meaning:
    """One state in words: what is so, who moves next, and by what article."""

    zh: str
    en: str
    next: str
    law: str


MEANING = {
    State.STANDING: Meaning(
        "已提交，担保本投标人在本标段的投标；开标前除提交人与保函机构外无人可见。",
        "Lodged, and secures this tenderer in this lot; hidden from all others until the opening.",
        "clock", "实施条例 26"),
    State.RELEASE_DUE: Meaning(
        "应予退还，事由与期限已定。", "To be released; the cause and the last day are fixed.",
        "clock", "实施条例 31, 35, 57"),
    State.RELEASE_ORDERED: Meaning(
        "平台已向保函机构发出退还指令。", "The platform has ordered the guarantor to release it.",
        "guarantor", "实施条例 57"),
    State.RELEASED: Meaning(
        "保函机构已签名确认退还，事毕。",
        "The guarantor confirmed under signature that it was done.",
        "nobody", "实施条例 57"),
    State.FORFEITED: Meaning(
        "不予退还：金额、依据已定，招标人凭决定向保函机构主张。",
        "Forfeited: the sum and the article are fixed, and the buyer claims it at the guarantor.",
        "nobody", "实施条例 74"),
}

STEPS = {
    "guarantee.lodged": (None, State.STANDING),
    "guarantee.release_scheduled": (State.STANDING, State.RELEASE_DUE),
    "guarantee.release_ordered": (State.RELEASE_DUE, State.RELEASE_ORDERED),
    "guarantee.release_confirmed": (State.RELEASE_ORDERED, State.RELEASED),
    "guarantee.forfeited": (State.STANDING, State.FORFEITED),
}
"""The one table of steps: act → (from, to)."""

ROOMS = ("applied", "under_review", "sealed", "claimed", "examining", "paid", "claim_refused",
         "extended", "expired")
"""States that the money piece adds: blind issue, claims, extension."""


class Cause(Enum):
    """Why a security is released (I15: the closed list)."""

    WITHDRAWN = "withdrawn"
    LOST = "lost"
    CONTRACTED = "contracted"
    TERMINATED = "terminated"
    FAILED = "failed"
    PLATFORM_FAULT = "platform_fault"
    EXTENSION_REFUSED = "extension_refused"


CAUSE_LAW = {
    Cause.WITHDRAWN: "实施条例 35",
    Cause.LOST: "实施条例 57",
    Cause.CONTRACTED: "实施条例 57",
    Cause.TERMINATED: "实施条例 31",
    Cause.FAILED: "招标投标法 28; 实施条例 44",
    Cause.PLATFORM_FAULT: "电子招标投标办法 31",
    Cause.EXTENSION_REFUSED: "实施条例 25",
}


def state(*, scheduled: bool, ordered: bool, confirmed: bool, forfeited: bool = False) -> State:
    """The state that the rows of one security add up to."""
    if forfeited:
        return State.FORFEITED
    if confirmed:
        return State.RELEASED
    if ordered:
        return State.RELEASE_ORDERED
    return State.RELEASE_DUE if scheduled else State.STANDING


def causes(values: Iterable[Cause] = Cause) -> str:
    """The causes as a list for a check constraint of the database."""
    return ", ".join(f"'{cause.value}'" for cause in values)


def page() -> str:
    """The states, the steps and the causes as they are printed in the documents."""
    lines = ["| state | 中文 | meaning | moves next | article |", "|---|---|---|---|---|"]
    lines += [f"| `{one.value}` | {said.zh} | {said.en} | {said.next} | {said.law} |"
              for one, said in MEANING.items()]
    lines += ["", "| act | from | to |", "|---|---|---|"]
    lines += [f"| `{name}` | {start.value if start else '—'} | {end.value} |"
              for name, (start, end) in STEPS.items()]
    lines += ["", "| cause of release | article |", "|---|---|"]
    lines += [f"| `{cause.value}` | {law} |" for cause, law in CAUSE_LAW.items()]
    lines += ["", "Rooms for later: " + ", ".join(f"`{name}`" for name in ROOMS) + "."]
    return "\n".join(lines) + "\n"
