"""Slowing down whoever guesses, by source and device, and never locking an account (Q03)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import case, delete, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from audit.act import side_write
from kernel.db import UtcTime

from .digests import keyed
from .model import Throttle
from .refusals import TOO_MANY

WINDOW = timedelta(minutes=15)
FREE = 5
"""Failures of one source in the window that cost nothing: people mistype."""
LONGEST = timedelta(minutes=5)


def bucket(kind: str, what: str) -> str:
    """The key of one counter: `source` and an address, `device` and its id, and so on."""
    return keyed("throttle", kind.encode(), what.encode())


def refuse_if_slowed(session: Session, now: datetime, key: str) -> None:
    """Raise session.slow-down (429) while the counter's pause lasts; such a try is not counted."""
    until = session.execute(select(Throttle.blocked_until).where(
        Throttle.key == key)).scalar_one_or_none()
    if until is not None and now < until:
        raise TOO_MANY(retry_after=int((until - now).total_seconds()) + 1)


def failed(now: datetime, key: str, free: int = FREE) -> None:
    """Count one failure; beyond `free` in 15 minutes each doubles the pause, up to 5 minutes."""
    with side_write() as session:
        dialect = sqlite if session.connection().dialect.name == "sqlite" else postgresql
        old = Throttle.since < now - WINDOW
        count = session.execute(dialect.insert(Throttle).values(
            key=key, failures=1, since=now).on_conflict_do_update(
            index_elements=[Throttle.key],
            set_={"failures": case((old, 1), else_=Throttle.failures + 1),
                  "since": case((old, literal(now, UtcTime)), else_=Throttle.since)},
        ).returning(Throttle.failures)).scalar_one()
        if count > free:
            pause = min(timedelta(seconds=2 ** min(count - free, 20)), LONGEST)
            session.execute(update(Throttle).where(Throttle.key == key).values(
                blocked_until=now + pause))


def succeeded(session: Session, key: str) -> None:
    """Forget the failures of a device or a session that has proved itself."""
    session.execute(delete(Throttle).where(Throttle.key == key))


def forget(session: Session, now: datetime) -> None:
    """Drop the counters whose window has passed."""
    session.execute(delete(Throttle).where(Throttle.since < now - 2 * WINDOW))
