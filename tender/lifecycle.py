"""The life of a lot: facts and outcomes in, phase out; nothing else decides a phase.

Facts are what somebody decided (an outcome, with its time) and the two times the law looks
at: the deadline and the end of the candidates' publicity. The phase is a pure function of
them and of `now`, so a late clock cannot keep a tender open and a clock set back cannot
re-open one: once the closing is an outcome, the outcome decides.

The phases carry the names of the permission table; the OCDS words are what is published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum


class Phase(Enum):
    """The fourteen phases: rank, sentence (zh, en), who moves next, the article."""

    DRAFT = (
        0, "正在编制，尚未发布。", "Being prepared; nobody outside the buyer's unit sees it.",
        "buyer", "招标投标法 9, 19")
    BIDDING = (
        1, "公告已发布，可提问、递交、替换或撤回投标。",
        "Published: questions, bids, replacements and withdrawals are taken.",
        "tenderer", "招标投标法 24, 28, 29")
    CLOSED = (
        2, "投标截止时间已到，不再接收任何文件。",
        "The deadline has passed; nothing is taken any more and nothing is opened yet.",
        "opener", "招标投标法 28, 34")
    OPENING = (
        3, "开标已授权，投标人与开标人员正在解密。",
        "The opening is authorised; tenderers and officials give their keys and shares.",
        "tenderer, opener", "电子招标投标办法 29, 30")
    OPENED = (
        4, "全部解密完毕，开标记录已公布。", "All that could be opened is opened; the record is public.",
        "buyer", "电子招标投标办法 32")
    EVALUATING = (
        5, "评标委员会已抽取，正在评审。", "The panel is drawn and judges the bids.",
        "expert", "招标投标法 37, 40")
    EVALUATED = (
        6, "评标报告已完成；候选人公示，组建定标委员会。",
        "The report is concluded; candidates stand in public and the award committee is formed.",
        "buyer", "实施条例 53, 54")
    AWARDING = (
        7, "公示期满，定标委员会投票。", "The publicity is over and the award committee votes.",
        "awarder, buyer", "招标投标法 40; 实施条例 55")
    AWARDED = (
        8, "中标人已确定，等待签订合同。", "The winner is known; the contract is awaited.",
        "buyer", "招标投标法 45, 46")
    CONTRACTED = (
        9, "合同已签订，保证金退还。", "The contract is signed; bid guarantees are released.",
        "clock", "招标投标法 46; 实施条例 57")
    ARCHIVED = (
        13, "已归档。", "Archived.", "nobody", "电子招标投标办法 40, 49")
    SUSPENDED = (
        10, "已暂停，等待监督机构处理；或时间存疑，等待两方决定。",
        "Suspended until the supervisor lifts it, or until two people settle a doubt about time.",
        "supervisor", "实施条例 22, 54, 62")
    TERMINATED = (
        12, "招标人已终止招标。", "The buyer has ended the tender.", "clock", "实施条例 31")
    FAILED = (
        11, "投标人不足三个，不开标，重新招标。",
        "Fewer than three tenderers: nothing is opened, the buyer tenders again.",
        "clock", "招标投标法 28; 实施条例 44")

    def __init__(self, rank: int, zh: str, en: str, moves_next: str, law: str):
        self.rank = rank
        self.zh = zh
        self.en = en
        self.moves_next = moves_next
        self.law = law


PHASES = tuple(Phase)

PUBLISHED = frozenset(Phase) - {Phase.DRAFT}
"""The macro `(published)` of the permission table."""

SEALED = frozenset({Phase.DRAFT, Phase.BIDDING, Phase.CLOSED, Phase.OPENING})
"""While a lot is in one of these, nothing may tell who has bid or how many."""


@dataclass(frozen=True)
class Step:
    """One outcome: from which phases it may be decided, who decides, and where it leads."""

    outcome: str
    before: frozenset[Phase]
    to: Phase
    who: str
    law: str
    zh: str
    en: str


def _step(outcome, before, to, who, law, zh, en) -> Step:
    return Step(outcome, frozenset(Phase[name] for name in before.split()), Phase[to],
                who, law, zh, en)


STEPS: dict[str, Step] = {step.outcome: step for step in (
    _step("published", "DRAFT", "BIDDING", "buyer (a second person of the unit)",
          "招标投标法 16; 电子招标投标办法 17", "公告发布。", "The notice is approved and published."),
    _step("closed", "CLOSED", "CLOSED", "clock, or the first act after the deadline",
          "招标投标法 28; 电子招标投标办法 27", "投标截止，封存投标集合。",
          "The set of standing bids is committed to the record."),
    _step("failed", "CLOSED OPENING OPENED EVALUATING EVALUATED AWARDING AWARDED", "FAILED",
          "clock; expert (the last signature); tenderer (the last answer); buyer (two persons)",
          "招标投标法 28, 42; 实施条例 44, 55; 电子招标投标办法 31",
          "投标人不足三个（含开标时视为撤回后不足），评标委员会否决全部投标，或中标人不签约而未确定其他候选人：流标。",
          "Fewer than three tenderers (also after bids deemed withdrawn at the opening), all bids "
          "rejected, or a winner that does not sign and no other awarded: the lot has failed."),
    _step("authorised", "CLOSED", "OPENING", "opener", "招标投标法 34, 36; 电子招标投标办法 29",
          "授权开标。", "The opening of exactly the standing bids is authorised."),
    _step("opened", "OPENING", "OPENED", "clock", "招标投标法 36; 电子招标投标办法 30, 32",
          "解密结束，公布开标记录。", "The window is over; the opening record is published."),
    _step("panel_drawn", "OPENED", "EVALUATING", "clock, after the buyer's announcement",
          "招标投标法 37; 实施条例 46", "评标委员会抽取完成。", "The panel is drawn."),
    _step("technical_signed", "EVALUATING", "EVALUATING", "expert (the last technical sheet)",
          "电子招标投标办法 29; 招标投标法 40",
          "双信封：技术评分全部签署，可授权开启报价。",
          "Two envelopes: all technical sheets are signed, the prices may be opened."),
    _step("prices_opened", "EVALUATING", "EVALUATING", "clock",
          "招标投标法 36; 电子招标投标办法 30, 32",
          "双信封：报价开启，公布第二次开标记录。",
          "Two envelopes: the prices are opened; the second opening record is public."),
    _step("report_concluded", "EVALUATING", "EVALUATED", "expert (the last signature)",
          "招标投标法 40; 实施条例 53", "评标报告完成。", "The evaluation report is concluded."),
    _step("ranked", "EVALUATED", "EVALUATED", "expert (the last signature); clock (the draw)",
          "政府采购非招标采购方式管理办法 48; 规则 §1.4",
          "询价按报价、摇号按抽取确定候选人顺序，排名第一者中标，不组建定标委员会。",
          "The order of the candidates is fixed, by price (inquiry) or by the draw (lottery): the "
          "first wins, and nobody votes."),
    _step("candidates_published", "EVALUATED", "EVALUATED", "buyer", "实施条例 54",
          "公示中标候选人。", "The candidates are published."),
    _step("committee_formed", "EVALUATED", "EVALUATED", "buyer", "招标投标法 40",
          "组建定标委员会。", "The award committee is formed."),
    _step("awarded", "AWARDING", "AWARDED", "buyer", "招标投标法 45; 实施条例 55",
          "确定中标人，发出中标通知书。", "The winner is confirmed and notified."),
    _step("awarded_anew", "AWARDED", "AWARDED", "buyer (two persons)", "实施条例 55",
          "取消中标后依次确定下一名候选人，重新发出中标通知书。",
          "An award fell; the next in the order is awarded and notified."),
    _step("contracted", "AWARDED", "CONTRACTED", "buyer", "招标投标法 46",
          "登记合同。", "The signed contract is registered."),
    _step("archived", "CONTRACTED FAILED TERMINATED", "ARCHIVED", "clock",
          "电子招标投标办法 40", "归档。", "The file is archived."),
    _step("terminated", "BIDDING CLOSED OPENED SUSPENDED", "TERMINATED", "buyer", "实施条例 31",
          "终止招标。", "The buyer ends the tender with a reason."),
)}
"""The one table of steps. Suspension is no outcome: it comes and goes, and has its own table."""

OUTCOMES = tuple(STEPS)

REPEATED = frozenset({"awarded_anew"})
"""Outcomes that may be decided more than once; the last one's time counts."""


def awarded_at(outcomes: Mapping[str, datetime]) -> datetime:
    """When the award that stands was made: what is owed of it is counted from there."""
    return outcomes.get("awarded_anew") or outcomes["awarded"]


@dataclass(frozen=True)
class Facts:
    """What is known of a lot. `outcomes` maps an outcome's name to the time it was decided; a
    closing counts for the deadline it closed, not for one that was restored after it."""

    deadline: datetime | None = None
    publicity_ends: datetime | None = None
    outcomes: Mapping[str, datetime] = field(default_factory=dict)
    suspended: bool = False
    doubted: bool = False
    """The time is in doubt near the deadline: nothing is taken and nothing closes (Q47)."""
    held: bool = False
    """An objection waits for its answer: a deadline that comes now does not take effect, and no
    award begins (实施条例 22, 54). Before that nothing shows it, so it tells of nobody."""

    @property
    def published(self) -> datetime | None:
        """When the notice was published, or None."""
        return self.outcomes.get("published")


_DECIDED = (
    ("archived", Phase.ARCHIVED), ("terminated", Phase.TERMINATED), ("failed", Phase.FAILED))
_COURSE = (
    ("contracted", Phase.CONTRACTED), ("awarded", Phase.AWARDED),
    ("report_concluded", Phase.EVALUATED), ("panel_drawn", Phase.EVALUATING),
    ("opened", Phase.OPENED), ("authorised", Phase.OPENING), ("closed", Phase.CLOSED))


def phase(facts: Facts, now: datetime) -> Phase:
    """The phase of a lot at `now` (aware). Total: every set of facts has one phase."""
    outcomes = facts.outcomes
    if "published" not in outcomes:
        return Phase.DRAFT
    for outcome, decided in _DECIDED:
        if outcome in outcomes:
            return decided
    if facts.suspended or facts.doubted:
        return Phase.SUSPENDED
    for outcome, reached in _COURSE:
        if outcome in outcomes:
            return _awarding(facts, now) if reached is Phase.EVALUATED else reached
    if not deadline_passed(facts, now):
        return Phase.BIDDING
    return Phase.SUSPENDED if facts.held else Phase.CLOSED


def _awarding(facts: Facts, now: datetime) -> Phase:
    ready = "candidates_published" in facts.outcomes \
        and not {"committee_formed", "ranked"}.isdisjoint(facts.outcomes)
    over = facts.publicity_ends is not None and now >= facts.publicity_ends
    return Phase.AWARDING if ready and over and not facts.held else Phase.EVALUATED


def beneath(facts: Facts, now: datetime) -> Phase:
    """The phase a lot would be in if nothing had suspended it."""
    return phase(replace(facts, suspended=False, doubted=False, held=False), now)


def postpone_due(facts: Facts, now: datetime) -> bool:
    """Whether the deadline has come while an objection is unanswered, so that it must be moved
    now instead of closing the lot (实施条例 22)."""
    return facts.held and not (facts.suspended or facts.doubted) \
        and deadline_passed(facts, now) and phase(facts, now) is Phase.SUSPENDED


def deadline_passed(facts: Facts, now: datetime) -> bool:
    """Whether `now` is at or past the deadline: t = D is late (招标投标法 28)."""
    return facts.deadline is not None and now >= facts.deadline


def close_due(facts: Facts, now: datetime) -> bool:
    """Whether the closing entry must be committed now (sealed-bid A3.6)."""
    return (phase(facts, now) is Phase.CLOSED and "closed" not in facts.outcomes)


OCDS_TENDER_STATUS: dict[Phase, str] = {
    Phase.DRAFT: "planning", Phase.BIDDING: "active", Phase.CLOSED: "active",
    Phase.OPENING: "active", Phase.OPENED: "active", Phase.EVALUATING: "active",
    Phase.EVALUATED: "active", Phase.AWARDING: "active", Phase.AWARDED: "complete",
    Phase.CONTRACTED: "complete", Phase.ARCHIVED: "complete", Phase.SUSPENDED: "active",
    Phase.TERMINATED: "cancelled", Phase.FAILED: "unsuccessful",
}
"""Phase → OCDS tender and lot status (codelist tenderStatus, also used by the lots extension)."""


def ocds_status(phase: Phase, facts: Facts) -> str:
    """The OCDS status of a lot; an archived lot keeps the word of what became of it."""
    if phase is Phase.ARCHIVED:
        if "terminated" in facts.outcomes:
            return OCDS_TENDER_STATUS[Phase.TERMINATED]
        if "failed" in facts.outcomes:
            return OCDS_TENDER_STATUS[Phase.FAILED]
    return OCDS_TENDER_STATUS[phase]


def facts_table() -> list[dict[str, str]]:
    """The table facts → phase → OCDS status as it is printed in the documents."""
    reached = {
        Phase.DRAFT: "no `published`",
        Phase.BIDDING: "`published`, now < deadline",
        Phase.CLOSED: "`closed`, or now ≥ deadline",
        Phase.EVALUATED: "`report_concluded`",
        Phase.AWARDING: "`candidates_published` and (`committee_formed` or `ranked`), now ≥ "
                        "publicity_ends, no objection unanswered",
        Phase.SUSPENDED: "a suspension that is not lifted, or a doubt about time that is not "
                         "settled; or now ≥ deadline, not `closed`, and an objection unanswered",
    }
    by_step = {step.to: f"`{step.outcome}`" for step in STEPS.values()}
    return [{"facts": reached.get(one) or by_step[one], "phase": one.name,
             "ocds": OCDS_TENDER_STATUS[one], "zh": one.zh, "en": one.en,
             "moves_next": one.moves_next, "law": one.law} for one in Phase]


def rank_of_tender(phases: list[Phase]) -> Phase:
    """The phase of a whole tender: that of its lot that has come least far."""
    return min(phases, key=lambda one: one.rank)


def page() -> str:
    """Phases, steps and the table facts → phase → OCDS as they are printed in the documents."""
    lines = ["| phase | 中文 | English | moves next | law |", "| --- | --- | --- | --- | --- |"]
    lines += [f"| {one.name} | {one.zh} | {one.en} | {one.moves_next} | {one.law} |"
              for one in Phase]
    lines += ["", "| outcome | in phase | leads to | who | 中文 | English | law |",
              "| --- | --- | --- | --- | --- | --- | --- |"]
    lines += [f"| `{step.outcome}` | {', '.join(one.name for one in Phase if one in step.before)}"
              f" | {step.to.name} | {step.who} | {step.zh} | {step.en} | {step.law} |"
              for step in STEPS.values()]
    lines += ["", "| facts | phase | OCDS tender.status |", "| --- | --- | --- |"]
    lines += [f"| {row['facts']} | {row['phase']} | {row['ocds']} |" for row in facts_table()]
    return "\n".join(lines) + "\n"
