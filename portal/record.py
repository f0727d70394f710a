"""The record's routes, with what only the books above `audit` know: how far a lot has come."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

import audit.api
import tender.reading
from audit.act import wiring
from audit.export import export
from audit.model import SealedSpan
from audit.note import Verifier
from kernel.db import db
from people.edge import Book, allow, page

api = Book("audit")


def stage(session: Session, lot_id: str) -> tuple[str, str]:
    """(how far a lot has come, as `audit.disclosed.PUBLIC` names it; the tender's id). A lot that
    failed or was terminated before its opening stays sealed while its cover is kept."""
    outcomes = tender.reading.lot_facts(session, lot_id).outcomes
    how_far = next((name for name in ("awarded", "opened") if name in outcomes), "sealed")
    if how_far == "opened" and outcomes.keys() & {"failed", "terminated"}:
        how_far = "over"
    elif how_far == "sealed" and covered_no_more(session, lot_id):
        how_far = "ended"
    return how_far, tender.reading.lot(session, lot_id).tender_id


def covered_no_more(session: Session, lot_id: str) -> bool:
    """Whether the sequencer has seen the lot leave the sealed ones."""
    span = session.get(SealedSpan, lot_id)
    return span is not None and span.until is not None


def copy(target: Path, whole: bool = False) -> tuple[int, int]:
    """Write the record, as far as everybody may read it, to the folder `target`; with `whole` as
    far as supervisor and auditor may.

    (entries, records disclosed). What `python -m audit verify` checks. Raises UNPUBLISHED.
    """
    settings = wiring().settings
    db.session.rollback()
    return export(db.session(), settings["record"], target,
                  Verifier.parse(str(settings["log_vkey"])), stage, whole)


audit.api.declare(api, stage=stage, page=page, allow=allow)
