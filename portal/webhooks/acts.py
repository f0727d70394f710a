"""What the owner of a webhook, and the operator, may do with it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from audit.act import Act, act, wiring
from kernel.canonical import sha256
from kernel.db import new_id
from kernel.refusal import NOT_FOUND
from people.acts.own import own_account
from people.digests import seal
from tender import feed

from ..refusals import WEBHOOK_ADDRESS, WEBHOOKS_MANY, WEBHOOKS_OFF
from . import addresses, signing
from .model import Webhook, WebhookCourse, WebhookDelivery

MOST = 10
"""Webhooks an account may have."""
BOTH_SIGN = timedelta(hours=24)


@dataclass(frozen=True)
class Made:
    """A webhook and its secret, which is shown this once."""

    webhook: Webhook
    secret: str


@act("webhook.created", law="电子招标投标办法 42", by=("self",), disclose="never", veiled=True)
def create(ctx: Act, *, url: str, wish: dict) -> Made:
    """Have public acts told to an address of one's own, from now on.

    It is called once the operator approved it, or at once where the operator's list names its
    host. Raises WEBHOOKS_OFF, WEBHOOK_ADDRESS, WEBHOOKS_MANY.
    """
    account = own_account(ctx)
    rule = wiring().settings["webhooks"]
    if rule.off:
        raise WEBHOOKS_OFF()
    try:
        target = addresses.target(url, rule.networks)
    except addresses.BadTarget as error:
        raise WEBHOOK_ADDRESS(problem=str(error)) from error
    known = addresses.listed(target.host, rule.hosts)
    if rule.hosts and not known:
        raise WEBHOOK_ADDRESS(problem="the operator's list does not name this host")
    count = ctx.session.scalar(select(func.count()).where(
        Webhook.account_id == account.id, Webhook.ended_at.is_(None)))
    if count >= MOST:
        raise WEBHOOKS_MANY(most=MOST)
    secret = signing.spelled(secrets.token_bytes(32))
    webhook = Webhook(id=new_id(), account_id=account.id, url=url, secret=seal(secret), wish=wish,
                      created_at=ctx.now, approved_at=ctx.now if known else None)
    ctx.session.add(webhook)
    ctx.session.flush()
    ctx.session.add(WebhookCourse(webhook_id=webhook.id, cursor=feed.end(ctx.session)))
    ctx.record(webhook.id, {"url_hash": sha256(url.encode()).hex()}, party_id=account.party_id)
    return Made(webhook, secret)


@act("webhook.approved", law="电子招标投标办法 42", action="webhook.approve", by=("operator",),
     fresh=True, disclose="never", veiled=True)
def approve(ctx: Act, webhook_id: str) -> Webhook:
    """Let a webhook's address be called."""
    ctx.permit()
    webhook = _locked(ctx, webhook_id)
    webhook.approved_at = webhook.approved_at or ctx.now
    ctx.record(webhook.id, {"url_hash": sha256(webhook.url.encode()).hex()})
    return webhook


@act("webhook.rotated", law="等保 L3-CES1-01", by=("self",), disclose="never", veiled=True)
def rotate(ctx: Act, webhook_id: str) -> Made:
    """Give a webhook a new secret; the old one signs beside it for a day."""
    webhook = _own(ctx, webhook_id)
    secret = signing.spelled(secrets.token_bytes(32))
    webhook.old_secret, webhook.old_until = webhook.secret, ctx.now + BOTH_SIGN
    webhook.secret = seal(secret)
    ctx.record(webhook.id)
    return Made(webhook, secret)


@act("webhook.replayed", law="电子招标投标办法 42", by=("self",), disclose="never", veiled=True)
def replay(ctx: Act, webhook_id: str, *, cursor: str | None) -> Webhook:
    """Tell again what stands behind a cursor of the feed (None: go on where it stopped).

    A webhook that was stopped is called again. Raises MALFORMED, CURSOR_LOST.
    """
    webhook = _own(ctx, webhook_id)
    course = ctx.session.get_one(WebhookCourse, webhook.id, with_for_update=True)
    course.stopped_at, course.stopped_why = None, ""
    waiting = ctx.session.scalars(select(WebhookDelivery).where(
        WebhookDelivery.webhook_id == webhook.id, WebhookDelivery.state != "done"))
    for delivery in waiting:
        # The days of silence are counted anew, and what was given up is tried again.
        delivery.state, delivery.since, delivery.next_try_at = "waiting", ctx.now, ctx.now
    if cursor is not None:
        feed.checked(ctx.session, cursor)
        course.cursor = cursor
    ctx.record(webhook.id, {"from": cursor})
    return webhook


@act("webhook.ended", law="电子招标投标办法 42", by=("self",), disclose="never", veiled=True)
def end(ctx: Act, webhook_id: str) -> Webhook:
    """Tell nothing more to a webhook."""
    webhook = _own(ctx, webhook_id)
    webhook.ended_at = ctx.now
    ctx.record(webhook.id)
    return webhook


def _own(ctx: Act, webhook_id: str) -> Webhook:
    account = own_account(ctx)
    webhook = _locked(ctx, webhook_id)
    if webhook.account_id != account.id:
        raise NOT_FOUND()
    return webhook


def _locked(ctx: Act, webhook_id: str) -> Webhook:
    webhook = ctx.session.scalars(select(Webhook).where(
        Webhook.id == webhook_id, Webhook.ended_at.is_(None)).with_for_update()).first()
    if webhook is None:
        raise NOT_FOUND()
    return webhook
