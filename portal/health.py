"""Whether the platform is up, for people: yes or no, and no number that could tell of a bid."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from audit.act import wiring
from audit.model import Checkpoint, PendingEntry
from kernel.db import db
from people.pagebook import Pages, draw

pages = Pages("portal", "health")

LATE = timedelta(minutes=10)
"""An entry that waits longer for its place in the record than a tick of the clock explains; one
that may wait for its beat is not counted."""


@pages.open("/health")
def health():
    """What answers just now: the database with the platform's time, and the public record."""
    try:
        now = wiring().clock.now(db.session().connection())
        behind = db.session.scalars(select(PendingEntry.id).where(
            PendingEntry.at < now - LATE, PendingEntry.veiled.is_(False)).limit(1)).first()
        signed = db.session.scalars(select(Checkpoint.size).limit(1)).first()
    except DBAPIError:
        db.session.rollback()
        return draw("portal/health.html", 503, up=False, record="unknown")
    record = "late" if behind else "none" if signed is None else "fresh"
    return draw("portal/health.html", up=True, record=record, now=now)
