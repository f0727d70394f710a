"""What waits for time: releases for their day, and lots whose end no act here was told of.

The outcome of a terminated lot is written above this book, so it is watched; failed and
contracted lots are watched too, as a net below the downward calls: a release that is
forgotten is somebody's money.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from audit.act import Due, side_write, wiring
from audit.actor import CLOCK
from kernel.db import db
from kernel.refusal import Refused
from tender.model import LotOutcome

from . import gateway, reading, refusals
from .acts import confirm_release, order_release, schedule_release
from .lifecycle import Cause
from .model import Guarantor, Release, ReleaseDelivery, ReleaseOrder, StandingGuarantee

log = logging.getLogger("yangguang.guarantees")

ENDS = {"terminated": Cause.TERMINATED, "failed": Cause.FAILED, "contracted": Cause.CONTRACTED}
"""The outcomes that end a lot's need of security."""

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
"""Back-off of the outbox; the first wait outlasts a call that hangs (gateway.TIMEOUT_SECONDS)."""


def due(session: Session, now: datetime) -> Iterator[Due]:
    """Releases to order from their day on, and securities of lots that have ended."""
    for release in reading.unordered(session):
        yield Due(release.order_from, order_release, (release.id,))
    rows = session.execute(
        select(StandingGuarantee.guarantee_id, LotOutcome.outcome, LotOutcome.at)
        .join(LotOutcome, LotOutcome.lot_id == StandingGuarantee.lot_id)
        .where(LotOutcome.outcome.in_(ENDS)))
    for guarantee_id, outcome, at in rows:
        yield Due(at, schedule_release, (guarantee_id, ENDS[outcome].value, at))


def deliver(now: datetime) -> None:
    """Send the orders that wait to their guarantors and take their signed answers.

    A guarantor that does not answer is asked no more in this round. If we die after the call
    and before the act, the order is sent again with the same key and answered the same.
    """
    silent: set[str] = set()
    orders = reading.waiting(db.session, now)
    db.session.rollback()
    for release_id, guarantor_id in orders:
        if guarantor_id not in silent and _claim(release_id, now):
            try:
                _send(release_id, guarantor_id)
            except gateway.Unheard as error:
                silent.add(guarantor_id)
                _note(release_id, str(error))


def _claim(release_id: str, now: datetime) -> bool:
    with side_write() as session:
        row = session.get(ReleaseDelivery, release_id)
        wait = min(FIRST_WAIT * 2 ** min(row.attempts, 10), LONGEST_WAIT)
        claimed = session.execute(
            update(ReleaseDelivery)
            .where(ReleaseDelivery.release_id == release_id, ReleaseDelivery.next_try_at <= now)
            .values(attempts=ReleaseDelivery.attempts + 1, next_try_at=now + wait)
            .execution_options(synchronize_session=False))
        return claimed.rowcount == 1


def _send(release_id: str, guarantor_id: str) -> None:
    session = db.session
    order = session.get(ReleaseOrder, release_id)
    guarantor = session.get(Guarantor, guarantor_id)
    guarantee_id = session.get(Release, release_id).guarantee_id
    address, ref, body = guarantor.api_base, guarantor.credential_ref, order.body
    session.rollback()
    secret = gateway.credential(wiring().settings["keys"], ref)
    statement, signature = gateway.execute(address, secret, release_id, body)
    try:
        confirm_release(CLOCK, guarantee_id, statement=statement, signature=signature)
    except Refused as refused:
        if refused.word is not refusals.CONFIRMED:
            log.warning("release %s: the guarantor's answer is refused: %s", release_id,
                        refused.word.code)
            _note(release_id, refused.word.code)


def _note(release_id: str, problem: str) -> None:
    with side_write() as session:
        session.execute(update(ReleaseDelivery).where(ReleaseDelivery.release_id == release_id)
                        .values(last_error=problem[:200])
                        .execution_options(synchronize_session=False))

