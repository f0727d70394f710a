"""What a complaint is about: a lot, a direct award, a service; what of it every case asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.services.model import Service
from kernel.refusal import NOT_FOUND
from tender.model import DirectAward, Lot, Tender
from tender.profile import Profile

from .model import AnyComplaint, Complaint

LOT, AWARD, SERVICE = "lot", "direct_award", "service"


@dataclass(frozen=True)
class Matter:
    """What is complained of, as cases see it, whatever it is."""

    kind: str
    id: str
    process_id: str
    """What entries of the record name: the tender, or the award or service itself."""
    profile: Profile
    region: str
    buyer_id: str
    title: str
    failed: datetime | None = None
    decided: datetime | None = None
    """When the result was public: only from then on may the supervisor ask who complains."""
    persons: frozenset[str] = frozenset()
    """Of the unit, who stated, asked for or approved it: none of them judges it (Q20)."""
    lot_number: int | None = None
    lot_title: str = ""

    @property
    def lot_id(self) -> str | None:
        """Of the lot, where it is one."""
        return self.id if self.kind == LOT else None


def of_lot(lot: Lot, tender: Tender) -> Matter:
    """A lot."""
    return Matter(LOT, lot.id, tender.id, lot.profile, tender.region, tender.buyer_id,
                  tender.title, lot_number=lot.number, lot_title=lot.title)


def of_award(row: DirectAward) -> Matter:
    """A direct award."""
    return Matter(AWARD, row.id, row.id, row.profile, row.region, row.buyer_id, row.title,
                  row.failed_at, row.published_at,
                  frozenset(filter(None, (row.drafted_person, row.approved_person))))


def of_service(row: Service) -> Matter:
    """A service."""
    return Matter(SERVICE, row.id, row.id, row.profile, row.region, row.buyer_id, row.title,
                  row.failed_at, row.decided_at or row.failed_at,
                  frozenset(filter(None, (row.requested_person, row.approved_person))))


def of_rows(session: Session, rows: Sequence[AnyComplaint]) -> dict[str, Matter]:
    """What each of these complaints is about, by its id."""
    lots = [one.lot_id for one in rows if isinstance(one, Complaint)]
    found = {lot.id: of_lot(lot, tender) for lot, tender in session.execute(
        select(Lot, Tender).join(Tender, Tender.id == Lot.tender_id)
        .where(Lot.id.in_(set(lots))))} if lots else {}
    rest = [one for one in rows if not isinstance(one, Complaint)]
    for table, said, ids in (
            (DirectAward, of_award, {one.award_id for one in rest if one.award_id}),
            (Service, of_service, {one.service_id for one in rest if one.service_id})):
        found |= {row.id: said(row) for row in _read(session, table, ids)}
    return {one.id: found[one.lot_id or one.course_id] for one in rows}


def _read(session: Session, table, ids: Iterable[str]):
    return session.scalars(select(table).where(table.id.in_(ids))) if ids else ()


def course(session: Session, kind: str, course_id: str) -> Matter:
    """The published award or service of this id. NOT_FOUND."""
    row = session.get(DirectAward if kind == AWARD else Service, course_id)
    at = row and (row.published_at if kind == AWARD else row.approved_at)
    if at is None:
        raise NOT_FOUND()
    return of_award(row) if kind == AWARD else of_service(row)
