"""化整为零 across requests for services and tenders: what a buyer asks for in parts, summed."""

from __future__ import annotations

from datetime import date

from sqlalchemy import bindparam, literal_column, select
from sqlalchemy.orm import Session

from tender.parts import LOTS, published_parts, sources
from tender.profile import Profile
from tender.regime import Part, split_alert, split_since
from tender.timetable import beijing_day

from .model import Service


def part_of(one: Service) -> Part:
    """A request as the splitting check sees it: a service of its buyer's, at its budget."""
    return Part(one.id, one.title, "", "services", one.budget_fen,
                one.approved_at and beijing_day(one.approved_at))


_service = Service.__table__.c
REQUESTS = select(
    _service.id, _service.title, literal_column("''"), literal_column("'services'"),
    _service.budget_fen, _service.approved_at).where(
        _service.buyer_id == bindparam("buyer"), _service.approved_at >= bindparam("since"),
        _service.failed_at.is_(None))
"""The requests of a buyer that were published, but for those that failed; as `part_of` one."""


def alerts(session: Session, made: Service, profile: Profile,
           day: date) -> list[tuple[str, int, int, tuple[str, ...]]]:
    """With what of one project a request reaches the statutory limit only together: requests and
    tendered lots of the same buyer, within the months of the profile (regime.split_alert)."""
    since = split_since(profile, day)
    if since is None:
        return []
    earlier = published_parts(session, made.buyer_id, since, among=(LOTS, REQUESTS))
    return split_alert(profile, [part_of(made)],
                       [part for part in earlier if part.lot_id != made.id], day)


sources.append(REQUESTS)
