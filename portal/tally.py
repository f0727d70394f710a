"""The figures of a year on the first page, computed from what is public; never typed.

They count published lots by their state and awards by their published price, and nothing of a bid
before its opening (assurance Q24). Drawn by the server, as a table with bars: a library of charts
would weigh more than the page, and a table is read by everybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from evaluation.model import Award, Contract
from kernel.refusal import Refused
from supervision.figures import percent
from tender.model import Lot

from .search import finding


@dataclass(frozen=True)
class Bar:
    """One state: its place in the search, its words, the lots in it and their share in per cent."""

    state: str
    zh: str
    en: str
    lots: int
    share: str


@dataclass(frozen=True)
class Tally:
    """The figures since some moment."""

    lots: int
    bars: list[Bar]
    awards: int
    awarded_fen: int
    saved_fen: int
    """Ceilings less awards, over the awarded lots that had a ceiling."""
    saved_pct: str | None
    contracts: int
    in_time: int
    """Of these, signed within the days that the law gives (招标投标法 46)."""


def since(session: Session, begin: datetime, now: datetime,
          states: dict[str, tuple[str, str, str]]) -> Tally | None:
    """What was published, awarded and signed since `begin`; None where counting took too long.

    `states` are those of the search: (Chinese, English, the phases, comma-separated).
    """
    wish = finding.Wish(kind=finding.TENDER, published_from=begin)
    try:
        found = finding.phases(session, wish, now)
    except Refused:
        return None
    lots = sum(found.values())
    bars = []
    for state, (zh, en, phases) in states.items():
        count = sum(found.get(phase, 0) for phase in phases.split(","))
        if state:
            bars.append(Bar(state, zh, en, count, percent(count, lots) or "0"))
    limited = Lot.price_ceiling_fen > 0
    awards, awarded, below, ceilings, contracts, late = session.execute(
        select(func.count(Award.id), func.sum(Award.price_fen),
               func.sum(case((limited, Award.price_fen))), func.sum(Lot.price_ceiling_fen),
               func.count(Contract.id), func.count(Contract.late_reason))
        .join(Lot, Lot.id == Award.lot_id).outerjoin(Contract, Contract.award_id == Award.id)
        .where(Award.voided_at.is_(None), Award.decided_at >= begin)).one()
    saved = int(ceilings or 0) - int(below or 0)
    return Tally(lots, bars, awards, int(awarded or 0), saved, percent(saved, int(ceilings or 0)),
                 contracts, contracts - late)


__all__ = ["Bar", "Tally", "since"]
