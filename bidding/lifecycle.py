"""The life of one bid version, from the times that were written for it.

Nothing here is a column: the state follows from which times are set, in the order of the
steps below. A company's current version in a lot is the one whose state is SUBMITTED (later
OPENED, REJECTED, UNOPENED or RETURNED); there is at most one, by constraint.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """Where a bid version stands: a sentence (zh, en), who moves next, the article."""

    DECLARED = ("已声明，内容尚未全部收到。", "Declared and signed; not all bytes are here yet.",
                "tenderer", "电子招标投标办法 26")
    SUBMITTED = ("已完整收到，有效。", "Completely received before the deadline; it stands.",
                 "tenderer until the deadline, then clock", "电子招标投标办法 27")
    ABANDONED = ("被同版本的新声明取代，从未完整。",
                 "Another declaration took its place before it was complete.", "nobody",
                 "招标投标法 29")
    REPLACED = ("已被后一版本替换。", "A later version stands in its place.", "nobody",
                "招标投标法 29")
    WITHDRAWN = ("已撤回。", "Withdrawn by its tenderer before the deadline.", "nobody",
                 "招标投标法 29; 实施条例 35")
    DEEMED_WITHDRAWN = ("截止时未传输完成，视为撤回。",
                        "Not complete at the deadline: deemed withdrawn.", "nobody",
                        "电子招标投标办法 27")
    RETURNED = ("流标，未开启，退回。", "The lot failed; kept sealed and never opened.", "nobody",
                "招标投标法 28; 实施条例 44")
    OPENED = ("已开启。", "Opened; its form is part of the opening record.", "expert",
              "招标投标法 36; 电子招标投标办法 30")
    REJECTED = ("开启后与声明不符，否决。", "Opened, and not what was declared or not this company's.",
                "nobody", "电子招标投标办法 26, 31")
    UNOPENED = ("解密时间结束仍未能开启，待认定原因。",
                "Not opened when the window ended; whose fault it was is yet to be decided.",
                "tenderer (to be heard), buyer", "电子招标投标办法 31")
    DEEMED_REVOKED = ("因投标人原因未能开启，视为撤销投标；保证金可不予退还。",
                      "Not opened by its tenderer's fault: deemed revoked; its guarantee may be kept.",
                      "buyer", "电子招标投标办法 31; 实施条例 35")
    UNDECRYPTED_WITHDRAWN = ("非投标人原因未能开启，视为撤回投标；退还保证金，可向责任方索赔直接损失。",
                             "Not opened by another's fault: deemed withdrawn; its guarantee returns.",
                             "clock", "电子招标投标办法 31; 实施条例 35")

    LEFT_UNDECIDED = ("未能开启，招标人逾期未认定原因；其他投标已继续开标，保证金不得扣留。",
                      "Not opened, its fault left undecided; its guarantee may not be kept.",
                      "supervisor", "电子招标投标办法 31; 实施条例 35")

    def __init__(self, zh: str, en: str, moves_next: str, law: str):
        self.zh = zh
        self.en = en
        self.moves_next = moves_next
        self.law = law


@dataclass(frozen=True)
class Step:
    """One move of a bid version and the act that makes it."""

    before: State | None
    to: State
    act: str
    who: str


STEPS = (
    Step(None, State.DECLARED, "bid.declared", "tenderer"),
    Step(State.DECLARED, State.SUBMITTED, "bid.submitted, bid.replaced", "tenderer"),
    Step(State.DECLARED, State.ABANDONED, "bid.declared", "tenderer"),
    Step(State.DECLARED, State.DEEMED_WITHDRAWN, "bid.deemed_withdrawn", "clock"),
    Step(State.SUBMITTED, State.REPLACED, "bid.replaced", "tenderer"),
    Step(State.SUBMITTED, State.WITHDRAWN, "bid.withdrawn", "tenderer"),
    Step(State.DECLARED, State.WITHDRAWN, "bid.withdrawn", "tenderer"),
    Step(State.SUBMITTED, State.RETURNED, "bid.returned", "clock"),
    Step(State.SUBMITTED, State.OPENED, "lot.opened", "clock"),
    Step(State.SUBMITTED, State.REJECTED, "lot.opened", "clock"),
    Step(State.SUBMITTED, State.UNOPENED, "opening.unopened_named", "clock"),
    Step(State.UNOPENED, State.DEEMED_REVOKED, "opening.fault_decided", "buyer"),
    Step(State.UNOPENED, State.UNDECRYPTED_WITHDRAWN, "opening.fault_decided", "buyer"),
    Step(State.UNOPENED, State.LEFT_UNDECIDED, "opening.fault_omitted", "clock"),
    Step(State.OPENED, State.UNOPENED, "opening.unopened_named", "clock"),
    Step(State.OPENED, State.REJECTED, "lot.prices_opened", "clock"),
)

FAULTS = {"revoked": State.DEEMED_REVOKED, "withdrawn": State.UNDECRYPTED_WITHDRAWN,
          "undecided": State.UNOPENED, "omitted": State.LEFT_UNDECIDED}
"""What a bid that could not be opened is, by the decision about it."""

ORDER = (
    ("withdrawn_at", State.WITHDRAWN), ("replaced_at", State.REPLACED),
    ("abandoned_at", State.ABANDONED), ("deemed_withdrawn_at", State.DEEMED_WITHDRAWN),
    ("returned_at", State.RETURNED), ("submitted_at", State.SUBMITTED),
)


def state(times: Mapping[str, object], verdict: str | None = None,
          fault: str | None = None) -> State:
    """The state that follows from a version's times, from what the opening found, and from whose
    fault it was that nothing could be opened (a key of FAULTS)."""
    if fault is not None:
        return FAULTS[fault]
    if verdict is not None:
        return State[verdict.upper()]
    for name, reached in ORDER:
        if times.get(name) is not None:
            return reached
    return State.DECLARED


def page() -> str:
    """The states and steps as they are printed in the documents."""
    lines = ["| state | 中文 | English | moves next | law |", "| --- | --- | --- | --- | --- |"]
    lines += [f"| {one.name} | {one.zh} | {one.en} | {one.moves_next} | {one.law} |"
              for one in State]
    lines += ["", "| from | to | act | who |", "| --- | --- | --- | --- |"]
    lines += [f"| {step.before.name if step.before else '—'} | {step.to.name} | "
              f"{', '.join(f'`{name}`' for name in step.act.split(', '))} | {step.who} |"
              for step in STEPS]
    return "\n".join(lines) + "\n"
