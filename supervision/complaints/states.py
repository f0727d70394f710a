"""Where a complaint stands, and which step leads where. Pure.

A case is its complaint and its steps in their order; its state follows from them. What the parties
may do next, and who, is in the two tables below and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class State(Enum):
    """Where a case stands: a sentence (zh, en), who moves next, the article."""

    KEPT = ("平台代为保管，开标后送达监督机构。",
            "Kept by the platform; the supervisor gets it with the opening.",
            "clock", "招标投标法 22")
    FILED = ("已收到，监督机构决定是否受理。", "Received; the supervisor says whether it is accepted.",
             "supervisor", "实施条例 61")
    CORRECTING = ("等待投诉人补正，受理期限停止计算。",
                  "The complainant corrects the letter; the clock of acceptance stands still.",
                  "complainant", "政府采购质疑和投诉办法 21")
    ACCEPTED = ("已受理，正在调查。", "Accepted; it is being looked into.", "supervisor", "实施条例 61, 62")
    PAUSED = ("检验、检测、鉴定、专家评审中，处理期限停止计算。",
              "Tests, inspection or experts' review go on; the clock of the decision stands still.",
              "supervisor", "实施条例 61")
    PROPOSED = ("一人已提出处理决定，等待另一人批准。",
                "One person proposed a decision; another approves it.", "supervisor", "实施条例 61")
    ORDERED = ("已作出处理决定，招标人整改。", "Decided; the buyer mends what was ordered.",
               "buyer", "招标投标法 65; 实施条例 61")
    REPORTED = ("招标人已报告整改，监督机构核查。",
                "The buyer reports what it did; the supervisor looks at it.", "supervisor", "实施条例 61")
    DECIDED = ("已作出处理决定，没有整改要求。", "Decided; nothing is ordered.", "nobody", "实施条例 61")
    CLOSED = ("整改已核实，案件办结。", "What was ordered is done; the case is closed.",
              "nobody", "实施条例 61")
    NOT_ACCEPTED = ("不予受理。", "Not accepted.", "nobody", "实施条例 61")
    WITHDRAWN = ("投诉人已撤回。", "Withdrawn by the complainant.", "nobody",
                 "工程建设项目招标投标活动投诉处理办法 19")
    TRANSFERRED = ("已移送平台以外的有权部门。", "Passed on to a department outside the platform.",
                   "nobody", "实施条例 4, 61")

    def __init__(self, zh: str, en: str, moves_next: str, law: str):
        self.zh = zh
        self.en = en
        self.moves_next = moves_next
        self.law = law


UNDER_WAY = frozenset({State.FILED, State.CORRECTING, State.ACCEPTED, State.PAUSED, State.PROPOSED})
LOOKED_INTO = frozenset({State.ACCEPTED, State.PAUSED, State.PROPOSED})
OVER = frozenset({State.DECIDED, State.CLOSED, State.NOT_ACCEPTED, State.WITHDRAWN,
                  State.TRANSFERRED})
WITH_BUYER = frozenset({State.ORDERED, State.REPORTED})


@dataclass(frozen=True)
class Kind:
    """One kind of step: where it may be taken, where it leads (None: nowhere else), who takes it,
    the article, its words."""

    before: frozenset[State]
    to: State | None
    who: str
    law: str
    zh: str
    en: str


def _kind(before, to, who, law, zh, en) -> Kind:
    return Kind(frozenset(before), to, who, law, zh, en)


BODY, COMPLAINANT, BUYER, CLOCK = "supervisor", "complainant", "buyer", "clock"

KINDS: dict[str, Kind] = {
    "correction_asked": _kind({State.FILED}, State.CORRECTING, BODY, "政府采购质疑和投诉办法 21",
                              "要求补正投诉书", "Correction of the letter asked"),
    "corrected": _kind({State.CORRECTING}, State.FILED, COMPLAINANT, "政府采购质疑和投诉办法 21",
                       "补正投诉书", "Letter corrected"),
    "withdrawn": _kind(UNDER_WAY, State.WITHDRAWN, COMPLAINANT,
                       "工程建设项目招标投标活动投诉处理办法 19", "撤回投诉", "Complaint withdrawn"),
    "accepted": _kind({State.FILED}, State.ACCEPTED, BODY, "实施条例 61", "受理", "Accepted"),
    "not_accepted": _kind({State.FILED, State.CORRECTING}, State.NOT_ACCEPTED, BODY,
                          "实施条例 61; 工程建设项目招标投标活动投诉处理办法 12",
                          "不予受理", "Not accepted"),
    "statement_asked": _kind({State.ACCEPTED, State.PAUSED}, None, BODY, "实施条例 62",
                             "要求被投诉人说明", "Statement asked of the buyer"),
    "statement_given": _kind(LOOKED_INTO, None, BUYER, "实施条例 62", "被投诉人说明", "The buyer's statement"),
    "paused": _kind({State.ACCEPTED}, State.PAUSED, BODY, "实施条例 61",
                    "检验、检测、鉴定、专家评审开始", "Tests or review begun"),
    "resumed": _kind({State.PAUSED}, State.ACCEPTED, BODY, "实施条例 61",
                     "检验、检测、鉴定、专家评审结束", "Tests or review ended"),
    "passed_on": _kind(UNDER_WAY - {State.PROPOSED}, None, BODY, "实施条例 4, 61",
                       "移送另一监督部门", "Passed on to another supervisor"),
    "transferred": _kind(UNDER_WAY - {State.PROPOSED}, State.TRANSFERRED, BODY, "实施条例 4, 61",
                         "移送平台以外的部门", "Passed on outside the platform"),
    "recused": _kind(UNDER_WAY | WITH_BUYER, None, BODY,
                     "工程建设项目招标投标活动投诉处理办法 13", "办案人员回避", "A person stood aside"),
    "suspended": _kind(LOOKED_INTO, None, BODY, "实施条例 62", "责令暂停招标投标活动", "Suspension ordered"),
    "disclosed": _kind(LOOKED_INTO | WITH_BUYER, None, BODY, "实施条例 62",
                       "向被投诉人披露投诉人", "Complainant disclosed to the buyer"),
    "proposed": _kind({State.ACCEPTED}, State.PROPOSED, BODY, "实施条例 61",
                      "提出处理决定", "Decision proposed"),
    "sent_back": _kind({State.PROPOSED}, State.ACCEPTED, BODY, "规则：两人决定",
                       "退回处理决定", "Proposed decision sent back"),
    "decided": _kind({State.PROPOSED}, State.DECIDED, BODY, "实施条例 61; 招标投标法 65",
                     "作出处理决定", "Decided"),
    "reported": _kind({State.ORDERED}, State.REPORTED, BUYER, "招标投标法 65; 实施条例 61",
                      "报告整改情况", "What was ordered reported as done"),
    "report_returned": _kind({State.REPORTED}, State.ORDERED, BODY, "实施条例 61",
                             "退回整改报告", "Report sent back"),
    "closed": _kind({State.REPORTED}, State.CLOSED, BODY, "实施条例 61", "核实整改，办结", "Closed on evidence"),
    "overdue_acceptance": _kind({State.FILED}, None, CLOCK, "实施条例 61", "逾期未决定是否受理",
                                "Overdue: acceptance"),
    "overdue_decision": _kind({State.ACCEPTED, State.PROPOSED}, None, CLOCK, "实施条例 61",
                              "逾期未作出处理决定", "Overdue: decision"),
    "overdue_order": _kind({State.ORDERED}, None, CLOCK, "招标投标法 65; 实施条例 61",
                           "逾期未整改", "Overdue: what was ordered"),
}
"""Every step of a case. A decision that orders something leads to ORDERED."""

FOR_BODY_ALONE = frozenset({"proposed", "sent_back", "recused"})
"""Steps that neither the buyer nor the complainant is told."""


class Taken(Protocol):
    """One step as it was taken; a row of the database has these."""

    kind: str
    orders: str


def state(steps: Iterable[Taken], *, delivered: bool = True) -> State:
    """Where a case with these steps, in their order, stands."""
    found, orders = (State.FILED if delivered else State.KEPT), ""
    for one in steps:
        to = KINDS[one.kind].to
        if one.kind == "proposed":
            orders = one.orders
        if one.kind == "withdrawn" and not delivered:
            return State.WITHDRAWN
        if to is not None:
            found = State.ORDERED if to is State.DECIDED and orders else to
    return found


def may_take(kind: str, stands: State) -> bool:
    """Whether the step may be taken where the case stands; one that is kept can be withdrawn."""
    return stands in KINDS[kind].before or (kind == "withdrawn" and stands is State.KEPT)


def page() -> str:
    """The table of states and of steps, for the printed lifecycles."""
    lines = ["| state | means | moves next | law |", "|---|---|---|---|"]
    lines += [f"| `{one.name}` | {one.zh} {one.en} | {one.moves_next} | {one.law} |"
              for one in State]
    lines += ["", "| step | by | from | to | law |", "|---|---|---|---|---|"]
    for name, one in KINDS.items():
        before = ", ".join(f"`{state.name}`" for state in State if state in one.before)
        to = f"`{one.to.name}`" if one.to else "stays"
        if one.to is State.DECIDED:
            to += "; `ORDERED` where something is to be mended"
        lines.append(f"| `{name}` {one.zh} · {one.en} | {one.who} | {before} | {to} | {one.law} |")
    return "\n".join(lines) + "\n"
