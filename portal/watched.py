"""What the page of village works shows: the register, the rates with their definitions, and of each
open finding its kind and its day, not its words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal, select, tuple_
from sqlalchemy.orm import Session

from supervision import reading
from supervision.lifecycle import overdue
from supervision.model import Work, WorkFinding
from supervision.workwords import KINDS, STATES
from tender.timetable import beijing_day

PER_PAGE = 100

_YEAR, _REGION = re.compile(r"(?:19|20)[0-9]{2}"), re.compile(r"[1-9][0-9](?:[0-9]{2}){0,2}")


@dataclass(frozen=True)
class Wish:
    """Of which year and place, and behind which work the page begins."""

    year: int
    region: str
    """The digits a division code begins with; empty: no place was chosen yet."""
    after: str


def wish(year: str, region: str, after: str, now: datetime) -> Wish:
    """What an address asks for; what makes no sense is this year, everywhere, from the start."""
    return Wish(int(year) if _YEAR.fullmatch(year) else beijing_day(now).year,
                region if _REGION.fullmatch(region) else "", after)


def shown(session: Session, asked: Wish, now: datetime) -> dict[str, object]:
    """The page's words: works, open findings by work and in all, and the figures of a place."""
    here = (Work.year == asked.year, Work.region.startswith(asked.region, autoescape=True))
    query = select(Work).where(*here).order_by(Work.entered_at.desc(), Work.id.desc())
    last = session.get(Work, asked.after) if asked.after else None
    if last is not None:
        query = query.where(tuple_(Work.entered_at, Work.id) < tuple_(
            literal(last.entered_at, Work.entered_at.type), literal(last.id)))
    rows = list(session.scalars(query.limit(PER_PAGE + 1)))
    works = rows[:PER_PAGE]
    findings: dict[str, list[dict]] = {}
    for one in session.scalars(select(WorkFinding).where(
            WorkFinding.closed_at.is_(None),
            WorkFinding.work_id.in_([work.id for work in works])).order_by(WorkFinding.due_at)):
        findings.setdefault(one.work_id, []).append({
            "kind": KINDS[one.kind], "due_at": one.due_at,
            "overdue": overdue(reading.finding_facts(one), now)})
    opened = session.execute(
        select(WorkFinding.kind, func.count()).where(
            WorkFinding.closed_at.is_(None),
            WorkFinding.region.startswith(asked.region, autoescape=True))
        .group_by(WorkFinding.kind)).all()
    return {"wish": asked, "works": works, "findings": findings, "states": STATES,
            "opened": [(KINDS[kind], count) for kind, count in sorted(opened)],
            "figures": reading.figures(session, asked.year, asked.region, now)
            if asked.region else None,
            "more": works[-1].id if len(rows) > PER_PAGE else None}
