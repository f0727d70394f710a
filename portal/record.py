"""The record's routes, with what only the books above `audit` know: how far a lot has come."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

import audit.api
import tender.reading
from audit.act import wiring
from audit.export import export
from audit.note import Verifier
from kernel.db import db
from people.edge import Book, allow, page

api = Book("audit")


def stage(session: Session, lot_id: str) -> tuple[str, str]:
    """(`sealed`, `opened` or `awarded`; the tender's id) of a lot. A lot that failed or was
    terminated before its opening stays sealed."""
    outcomes = tender.reading.lot_facts(session, lot_id).outcomes
    how_far = next((name for name in ("awarded", "opened") if name in outcomes), "sealed")
    return how_far, tender.reading.lot(session, lot_id).tender_id


def copy(target: Path) -> tuple[int, int]:
    """Write the record, as far as everybody may read it, to the folder `target`.

    (entries, records disclosed). What `python -m audit verify` checks. Raises UNPUBLISHED.
    """
    settings = wiring().settings
    db.session.rollback()
    return export(db.session(), settings["record"], target,
                  Verifier.parse(str(settings["log_vkey"])), stage)


audit.api.declare(api, stage=stage, page=page, allow=allow)
