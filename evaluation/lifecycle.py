"""The states of a draw and of a ballot, and the one table of steps of this book.

The phases of the lot are tender.lifecycle's; what stands here happens inside them. Nothing is
stored as a state: each is derived from rows and from the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class DrawState(Enum):
    """Where a draw stands: sentence (zh, en), who moves next."""

    COMMITTING = ("各方提交承诺。", "Contributors commit to their nonces.", "contributors")
    REVEALING = ("各方揭示随机数。", "Contributors reveal their nonces.", "contributors")
    SEALED = ("揭示截止，等待首个检查点。", "No nonce is taken any more; the next checkpoint decides.",
              "clock")
    DRAWN = ("已抽出评标委员会。", "The panel is drawn.", "panel")
    VOID = ("抽取作废。", "The draw is void, for the recorded reason.", "buyer")

    def __init__(self, zh: str, en: str, moves_next: str):
        self.zh = zh
        self.en = en
        self.moves_next = moves_next


@dataclass(frozen=True)
class DrawFacts:
    """What decides the state of a draw."""

    commit_by: datetime
    reveal_by: datetime
    drawn_at: datetime | None
    voided_at: datetime | None


def draw_state(facts: DrawFacts, now: datetime) -> DrawState:
    """The state of a draw at `now`."""
    if facts.voided_at is not None:
        return DrawState.VOID
    if facts.drawn_at is not None:
        return DrawState.DRAWN
    if now < facts.commit_by:
        return DrawState.COMMITTING
    return DrawState.REVEALING if now < facts.reveal_by else DrawState.SEALED


@dataclass(frozen=True)
class Step:
    """One act of this book: who, from which phase of the lot, to which outcome, by which law."""

    act: str
    who: str
    phase: str
    outcome: str | None
    law: str


STEPS: tuple[Step, ...] = (
    Step("draw.announced", "buyer", "OPENED", None, "实施条例 46"),
    Step("draw.committed", "buyer, tenderer, supervisor", "OPENED", None, "实施条例 46"),
    Step("draw.revealed", "buyer, tenderer, supervisor, clock", "OPENED", None, "实施条例 46"),
    Step("draw.closed", "clock", "OPENED", None, "实施条例 46"),
    Step("panel.drawn", "clock", "OPENED", "panel_drawn", "招标投标法 37"),
    Step("expert.declared", "expert", "EVALUATING", None, "实施条例 46, 48"),
    Step("score.saved", "expert", "EVALUATING", None, "招标投标法 40"),
    Step("score.signed", "expert", "EVALUATING", None, "招标投标法 40, 44"),
    Step("report.signed", "expert", "EVALUATING", None, "实施条例 53"),
    Step("report.concluded", "expert (the last signature)", "EVALUATING", "report_concluded",
         "招标投标法 40; 实施条例 53"),
    Step("candidates.published", "buyer", "EVALUATED", "candidates_published", "实施条例 54"),
    Step("award_committee.formed", "buyer", "EVALUATED", "committee_formed", "招标投标法 37"),
    Step("vote.cast", "awarder", "AWARDING", None, "招标投标法 40"),
    Step("award.confirmed", "buyer", "AWARDING", "awarded", "招标投标法 40, 45"),
    Step("contract.registered", "buyer", "AWARDED", "contracted", "招标投标法 46"),
)


def page() -> str:
    """The states of a draw and the steps of this book as they are printed in the documents."""
    lines = ["| draw | 中文 | meaning | moves next |", "|---|---|---|---|"]
    lines += [f"| `{one.name}` | {one.zh} | {one.en} | {one.moves_next} |" for one in DrawState]
    lines += ["", "| act | who | phase of the lot | outcome | article |", "|---|---|---|---|---|"]
    lines += [f"| `{step.act}` | {step.who} | {step.phase} | {step.outcome or '—'} | {step.law} |"
              for step in STEPS]
    return "\n".join(lines) + "\n"
