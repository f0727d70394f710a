"""The record's routes, with what only the books above `audit` know: how far a lot has come."""

from __future__ import annotations

from sqlalchemy.orm import Session

import audit.api
import tender.reading
from people.edge import Book, allow, page

api = Book("audit")


def stage(session: Session, lot_id: str) -> tuple[str, str]:
    """(`sealed`, `opened` or `awarded`; the tender's id) of a lot. A lot that failed or was
    terminated before its opening stays sealed."""
    outcomes = tender.reading.lot_facts(session, lot_id).outcomes
    how_far = next((name for name in ("awarded", "opened") if name in outcomes), "sealed")
    return how_far, tender.reading.lot(session, lot_id).tender_id


audit.api.declare(api, stage=stage, page=page, allow=allow)
