"""Telling webhooks what became public: at least once, in order per tender.

1. spread    what is behind each webhook's cursor is written down as deliveries, with the cursor,
             in one transaction. If we die before COMMIT it is done again; after it nothing
             depends on the feed.
2. claim     the first waiting delivery of each tender, and no later one of the same tender, is
             put off by its back-off before it is sent. If we die now it is sent after that.
3. send      outside every transaction.
4. settle    `done` at a 2xx. If we die between 3 and 4 it is sent again, under the same id: the
             receiver may hear it twice and never not at all.

A 410 stops the webhook. After DEAD days without an answer a delivery is given up where others
were taken meanwhile; else the whole webhook is stopped, and loses nothing: its owner sets it
going again and everything is told that waited.
"""

from __future__ import annotations

import logging
import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from audit.act import side_write, wiring
from evaluation.frameworks.model import Framework
from evaluation.services.model import Service
from kernel.canonical import jcs, time_text
from kernel.db import db, new_id
from kernel.refusal import Refused
from people.digests import unseal
from people.model import Account
from tender import feed
from tender.model import Change, DirectAward, Tender

from . import addresses, signing
from .model import Webhook, WebhookCourse, WebhookDelivery
from .sending import Unsent, post, resolve

log = logging.getLogger("yangguang.webhooks")

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=20), timedelta(hours=6)
DEAD = timedelta(days=5)
KEPT = timedelta(days=30)
"""How long the log of deliveries is kept after they were made."""
BATCH = 500
TURN_SECONDS, TURN_MOST = 20, 200
"""What one webhook is given in one round: seconds, and calls."""
AT_ONCE = 8

resolver = resolve
"""How names are resolved; tests put another in its place."""


def wait_after(attempts: int, chance: float) -> timedelta:
    """How long to wait after so many attempts: doubled each time, and up to half as much more by
    chance, so that all who failed together do not come back together."""
    return min(FIRST_WAIT * 2 ** min(attempts, 20), LONGEST_WAIT) * (1 + chance / 2)


def tell(now: datetime) -> None:
    """One round: write down what is new, send what is due. For the tick.

    Receivers may be slow, the tick may not: calls are made in threads beside it. A test has them
    made at once.
    """
    if wiring().settings["webhooks"].off:
        return
    spread(now)
    waiting = [one for one in _due(now) if one not in _busy]
    if current_app.testing:
        for webhook_id in waiting:
            serve(webhook_id)
        return
    for webhook_id in waiting[:AT_ONCE * 4]:
        _busy.add(webhook_id)
        _pool().submit(_beside, current_app._get_current_object(), webhook_id)


_busy: set[str] = set()
_pools: list[ThreadPoolExecutor] = []


def _pool() -> ThreadPoolExecutor:
    if not _pools:
        _pools.append(ThreadPoolExecutor(AT_ONCE, "webhook"))
    return _pools[0]


def _beside(app, webhook_id: str) -> None:
    try:
        with app.app_context():
            serve(webhook_id)
    except Exception:
        log.exception("webhook %s", webhook_id)
    finally:
        _busy.discard(webhook_id)


def _live():
    """Webhooks that may be called: approved, neither ended nor stopped, of a live account."""
    return (select(Webhook, WebhookCourse)
            .join(WebhookCourse, WebhookCourse.webhook_id == Webhook.id)
            .join(Account, Account.id == Webhook.account_id)
            .where(Webhook.ended_at.is_(None), Webhook.approved_at.is_not(None),
                   WebhookCourse.stopped_at.is_(None), Account.disabled_at.is_(None))
            .execution_options(populate_existing=True))


def spread(now: datetime) -> int:
    """Write down what became public behind each webhook's cursor; how many deliveries."""
    found = db.session().execute(_live()).all()
    live = [(webhook.id, dict(webhook.wish), course.cursor) for webhook, course in found]
    db.session().rollback()
    made = 0
    for webhook_id, wish, cursor in live:
        try:
            rows, after = feed.changes_after(db.session(), cursor, BATCH)
        except Refused as refused:
            log.warning("webhook %s: %s; it goes on from the end", webhook_id, refused.word.code)
            rows, after = [], feed.end(db.session())
        if after == cursor:
            continue
        wanted = [row for row in rows if _wanted(db.session(), row, wish)]
        with side_write() as session:
            course = session.get(WebhookCourse, webhook_id, with_for_update=True)
            if course.cursor != cursor:
                continue  # Another tick was here, or the owner has set it back.
            made += _write_down(session, webhook_id, wanted, now)
            course.cursor = after
    return made


_OTHERS = {"service_id": Service, "direct_award_id": DirectAward, "framework_id": Framework}


def _wanted(session: Session, row: Change, wish: dict) -> bool:
    types, tenders, region = (wish.get(name) for name in ("types", "tender_ids", "region"))
    if types and not any(row.type == one or (one.endswith(".*") and row.type.startswith(one[:-1]))
                         for one in types):
        return False
    if tenders and row.tender_id not in tenders:
        return False
    if not region:
        return True
    named = feed.process_of(row)
    table = next((table for name, table in _OTHERS.items() if name in named), Tender)
    place = session.scalar(select(table.region).where(table.id == row.tender_id))
    return bool(place and place.startswith(region))


def _write_down(session: Session, webhook_id: str, rows: list[Change], now: datetime) -> int:
    """New deliveries, and old ones again that a replay came past."""
    places = [row.position for row in rows]
    known = set(session.scalars(select(WebhookDelivery.position).where(
        WebhookDelivery.webhook_id == webhook_id, WebhookDelivery.position.in_(places))))
    again = {"state": "waiting", "attempts": 0, "since": now, "next_try_at": now, "problem": "",
             "ended_at": None}
    if known:
        session.execute(update(WebhookDelivery).where(
            WebhookDelivery.webhook_id == webhook_id, WebhookDelivery.position.in_(known))
            .values(again).execution_options(synchronize_session=False))
    new = [{"id": new_id(), "webhook_id": webhook_id, "position": row.position,
            "entry_id": row.entry_id, "tender_id": row.tender_id} | again
           for row in rows if row.position not in known]
    if new:
        session.execute(insert(WebhookDelivery), new)
    return len(rows)


def _heads(session: Session):
    """The first waiting delivery of each webhook and tender."""
    first = (select(func.min(WebhookDelivery.position).label("position"),
                    WebhookDelivery.webhook_id)
             .where(WebhookDelivery.state == "waiting")
             .group_by(WebhookDelivery.webhook_id, WebhookDelivery.tender_id).subquery())
    return (select(WebhookDelivery)
            .join(first, (first.c.webhook_id == WebhookDelivery.webhook_id)
                  & (first.c.position == WebhookDelivery.position))
            .order_by(WebhookDelivery.position).execution_options(populate_existing=True))


def _due(now: datetime) -> list[str]:
    session = db.session()
    live = {webhook.id for webhook, _ in session.execute(_live())}
    heads = session.scalars(_heads(session).where(WebhookDelivery.next_try_at <= now))
    found = list(dict.fromkeys(one.webhook_id for one in heads if one.webhook_id in live))
    session.rollback()
    return found


@dataclass(frozen=True)
class _Call:
    """One attempt, with all it needs: no transaction is open while it is made."""

    delivery_id: str
    target: addresses.Target
    body: bytes
    message_id: str
    secrets: list[str]


def serve(webhook_id: str) -> int:
    """Send what is due to one webhook, in order per tender; how many were taken."""
    taken, until = 0, time.monotonic() + TURN_SECONDS
    for _ in range(TURN_MOST):
        now = wiring().clock.now(db.session().connection())
        call = _claim(webhook_id, now)
        if call is None or time.monotonic() > until:
            break
        try:
            # The receiver holds the stamp against the true time, not against a demonstration's.
            headers = signing.signed(call.secrets, call.message_id, int(time.time()), call.body)
            status, problem = post(call.target, call.body, headers,
                                   wiring().settings["webhooks"].networks, resolver), ""
        except Unsent as error:
            status, problem = None, str(error)
        if not _settle(webhook_id, call.delivery_id, status, problem):
            continue
        taken += 1
    db.session().rollback()
    return taken


def _claim(webhook_id: str, now: datetime) -> _Call | None:
    with side_write() as session:
        row = session.execute(_live().where(Webhook.id == webhook_id)).first()
        delivery = session.scalars(_heads(session).where(
            WebhookDelivery.webhook_id == webhook_id,
            WebhookDelivery.next_try_at <= now).limit(1)).first()
        if row is None or delivery is None:
            return None
        webhook, rule = row.Webhook, wiring().settings["webhooks"]
        put_off = now + wait_after(delivery.attempts, random.random())
        claimed = session.execute(
            update(WebhookDelivery)
            .where(WebhookDelivery.id == delivery.id, WebhookDelivery.state == "waiting",
                   WebhookDelivery.next_try_at <= now)
            .values(attempts=WebhookDelivery.attempts + 1, next_try_at=put_off)
            .execution_options(synchronize_session=False))
        if claimed.rowcount != 1:
            return None
        secrets = [webhook.secret]
        if webhook.old_secret and webhook.old_until and now < webhook.old_until:
            secrets.append(webhook.old_secret)
        change = session.scalars(select(Change).where(
            Change.position == delivery.position)).one()
        return _Call(delivery.id, addresses.target(webhook.url, rule.networks), message(change),
                     delivery.entry_id, [unseal(one) for one in secrets])


def message(change: Change) -> bytes:
    """What is told of a public act: the same bytes at each attempt."""
    return jcs({"type": change.type, "timestamp": time_text(change.at), "data": {
        "id": change.entry_id, **feed.process_of(change), "lot_id": change.lot_id,
        "cursor": feed.cursor_of(change)}})


def _settle(webhook_id: str, delivery_id: str, status: int | None, problem: str) -> bool:
    """Write down what an attempt came to; whether the receiver took it."""
    taken = status is not None and 200 <= status < 300
    with side_write() as session:
        now = wiring().clock.now(session.connection())
        course = session.get(WebhookCourse, webhook_id, with_for_update=True)
        delivery = session.get(WebhookDelivery, delivery_id)
        if course is None or delivery is None:
            return taken  # its owner was erased meanwhile
        delivery.status, delivery.problem = status, problem[:120]
        if taken:
            delivery.state, delivery.ended_at, course.heard_at = "done", now, now
        elif status == 410:
            course.stopped_at, course.stopped_why = now, "gone"
        elif now - delivery.since > DEAD:
            if course.heard_at is not None and course.heard_at > delivery.since:
                delivery.state, delivery.ended_at = "dead", now
            else:
                course.stopped_at, course.stopped_why = now, "silent"
    return taken


def forget(now: datetime) -> None:
    """Remove the log of deliveries made long ago."""
    if _last and timedelta(0) <= now - _last[0] < timedelta(hours=1):
        return
    _last[:] = [now]
    with side_write() as session:
        session.execute(delete(WebhookDelivery).where(
            WebhookDelivery.state != "waiting", WebhookDelivery.ended_at < now - KEPT))


_last: list[datetime] = []
