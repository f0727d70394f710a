"""化整为零 across requests for services and tenders: what a buyer asks for in parts, summed."""

from __future__ import annotations

from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from tender import reading as tenders
from tender.profile import Profile
from tender.regime import Part, split_alert, split_since
from tender.timetable import beijing_day, end_of

from .model import Service


def part_of(one: Service) -> Part:
    """A request as the splitting check sees it: a service of its buyer's, at its budget."""
    return Part(one.id, one.title, "", "services", one.budget_fen,
                one.approved_at and beijing_day(one.approved_at))


def published_parts(session: Session, buyer_id: str, since: date) -> list[Part]:
    """The requests of a buyer published after a Beijing day, but for those that failed."""
    return [part_of(one) for one in session.scalars(
        _PUBLISHED, {"buyer": buyer_id, "since": end_of(since)})]


_PUBLISHED = select(Service).where(
    Service.buyer_id == bindparam("buyer"), Service.approved_at >= bindparam("since"),
    Service.failed_at.is_(None))


def alerts(session: Session, made: Service, profile: Profile,
           day: date) -> list[tuple[str, int, int, tuple[str, ...]]]:
    """With what of one project a request reaches the statutory limit only together: requests and
    tendered lots of the same buyer, within the months of the profile (regime.split_alert)."""
    since = split_since(profile, day)
    if since is None:
        return []
    earlier = [part for part in published_parts(session, made.buyer_id, since)
               if part.lot_id != made.id]
    return split_alert(profile, [part_of(made)], earlier + tenders.published_lots(
        session, made.buyer_id, since), day)


tenders.part_sources.append(published_parts)
