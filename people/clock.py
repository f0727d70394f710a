"""What time does to people: nothing that is an act; old sessions and keys are swept away.

An account past its expiry, like an idle session, ends by time alone.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, or_

from audit.act import side_write

from . import idempotency, rules, throttle
from .authentication import ABSOLUTE
from .model import KnownDevice, LoginSession, PendingFactor, UsedStep

KEPT_AFTER_END = timedelta(days=1)
SWEEP_EVERY = timedelta(minutes=10)

_last: list[datetime] = []


def sweep(now: datetime) -> None:
    """Remove sessions, answers, counters, codes and drafts that can never count again."""
    if _last and timedelta(0) <= now - _last[0] < SWEEP_EVERY:
        return
    _last[:] = [now]
    with side_write() as session:
        session.execute(delete(LoginSession).where(or_(
            LoginSession.created_at < now - ABSOLUTE - KEPT_AFTER_END,
            LoginSession.ended_at < now - KEPT_AFTER_END)))
        session.execute(delete(UsedStep).where(UsedStep.used_at < now - KEPT_AFTER_END))
        session.execute(delete(PendingFactor).where(PendingFactor.at < now - rules.PENDING_LIVES))
        session.execute(delete(KnownDevice).where(KnownDevice.seen_at < now - rules.DEVICE_LIVES))
        idempotency.forget(session, now)
        throttle.forget(session, now)

