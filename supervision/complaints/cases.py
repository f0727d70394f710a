"""Cases read at once: of however many a list or the clock asks, each table is asked once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tender.model import CourseHalt, LotSuspension
from tender.profile import number
from tender.reading import facts_of

from . import matters, rules, states
from .matters import Matter
from .model import STEP, AnyComplaint, Complaint, ComplaintStep


@dataclass(frozen=True)
class Case:
    """A complaint with all from which it follows where it stands."""

    row: AnyComplaint
    matter: Matter
    steps: list[ComplaintStep]
    came: datetime | None
    """When the supervisor got it, or None while it is kept (rules.received)."""
    halt: LotSuspension | CourseHalt | None
    """The suspension that it ordered."""

    def delivered(self, now: datetime) -> bool:
        """Whether it has come to the supervisor."""
        return self.came is not None and self.came <= now

    def suspended(self, now: datetime) -> bool:
        """Whether what it ordered to stand still does."""
        if isinstance(self.halt, CourseHalt):
            return self.halt.stands(now)
        return self.halt is not None and self.halt.resumed_at is None

    def state(self, now: datetime) -> states.State:
        """Where it stands."""
        return states.state(self.steps, delivered=self.delivered(now))


def steps(session: Session, complaint_ids: Iterable[str],
          table: type = ComplaintStep) -> dict[str, list[ComplaintStep]]:
    """The steps of each of these cases, in their order."""
    found: dict[str, list[ComplaintStep]] = {one: [] for one in complaint_ids}
    for one in session.scalars(select(table).where(
            table.complaint_id.in_(list(found))).order_by(table.number)
            .execution_options(populate_existing=True)):
        found[one.complaint_id].append(one)
    return found


def read(session: Session, rows: Sequence[AnyComplaint]) -> list[Case]:
    """These complaints as cases, in the same order; all of lots, or all of what is none."""
    if not rows:
        return []
    of_lots = isinstance(rows[0], Complaint)
    taken = steps(session, [one.id for one in rows], STEP[type(rows[0])])
    about = matters.of_rows(session, rows)
    kept = {one.lot_id for one in rows if one.sealed}
    outcomes = {lot_id: facts.outcomes for lot_id, facts in
                (facts_of(session, sorted(kept)) if kept else {}).items()}
    halting = {row.id: [one.suspension_id for one in taken[row.id] if one.suspension_id][-1:]
               for row in rows}
    ordered = [one for ids in halting.values() for one in ids]
    table = LotSuspension if of_lots else CourseHalt
    halts = {one.id: one for one in session.scalars(select(table).where(
        table.id.in_(ordered)))} if ordered else {}
    return [Case(row, about[row.id], taken[row.id],
                 _came(row, about[row.id], outcomes.get(row.lot_id, {})),
                 halts.get(*halting[row.id]) if halting[row.id] else None) for row in rows]


def _came(row: AnyComplaint, matter: Matter, outcomes: dict[str, datetime]) -> datetime | None:
    if not row.sealed:
        return row.filed_at
    ended = outcomes.get("terminated") or outcomes.get("failed")
    uncovered = ended and ended + timedelta(days=number(matter.profile, "cover.days"))
    return rules.received(row.filed_at, True, outcomes.get("opened"), uncovered)
