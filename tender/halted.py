"""What is read of the halts of direct awards and services."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from .model import CourseHalt


def halts(session: Session, course_ids: Iterable[str]) -> dict[str, list[CourseHalt]]:
    """The halts of each of these, the oldest first."""
    found: dict[str, list[CourseHalt]] = {one: [] for one in course_ids}
    if found:
        for row in session.scalars(select(CourseHalt).where(
                CourseHalt.course_id.in_(list(found))).order_by(CourseHalt.halted_at)):
            found[row.course_id].append(row)
    return found


def standing(session: Session, course_id: str, now: datetime) -> CourseHalt | None:
    """The halt that lasts at `now`, or None."""
    return next((one for one in halts(session, [course_id])[course_id] if one.stands(now)), None)


def ended(rows: Iterable[CourseHalt]) -> list[datetime]:
    """When these ended, as far as that is known: times of signing are counted from then at the
    earliest."""
    return [one.ends for one in rows if one.ends]
