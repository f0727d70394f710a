"""Routes of one's own webhooks."""

from __future__ import annotations

from sqlalchemy import select

from audit.actor import Actor
from kernel.refusal import NOT_FOUND
from people.edge import Book, allow, page
from people.exchange import reading

from . import acts, schemas
from .model import Webhook, WebhookDelivery

api = Book("webhooks")


@api.post("/webhooks", audience="self", body=schemas.WebhookIn, returns=schemas.SecretOut,
          status=201, secret=True)
def create_webhook(actor: Actor, body):
    """Have public acts told to an address of one's own; its secret is shown this once."""
    return acts.create(actor, **body)


@api.get("/webhooks", audience="self", many=True, returns=schemas.WebhookOut)
def list_webhooks(actor: Actor):
    """One's own webhooks."""
    return reading().scalars(select(Webhook).where(
        Webhook.account_id == actor.account_id, Webhook.ended_at.is_(None))
        .order_by(Webhook.created_at, Webhook.id)).all()


@api.get("/webhooks/waiting", action="webhook.approve", many=True, returns=schemas.WaitingOut)
def list_waiting(_actor: Actor):
    """Webhooks whose addresses wait to be approved, the oldest first."""
    allow("webhook.approve")
    return page(reading(), select(Webhook).where(
        Webhook.approved_at.is_(None), Webhook.ended_at.is_(None)), Webhook.created_at, Webhook.id)


@api.post("/webhooks/<webhook_id>/approval", action="webhook.approve",
          returns=schemas.WaitingOut)
def approve_webhook(actor: Actor, webhook_id: str):
    """Let a webhook's address be called, under step-up."""
    return acts.approve(actor, webhook_id)


@api.post("/webhooks/<webhook_id>/rotation", audience="self", returns=schemas.SecretOut,
          secret=True)
def rotate_webhook(actor: Actor, webhook_id: str):
    """A new secret, shown this once; the old one signs beside it for a day."""
    return acts.rotate(actor, webhook_id)


@api.post("/webhooks/<webhook_id>/replay", audience="self", body=schemas.ReplayIn,
          returns=schemas.WebhookOut)
def replay_webhook(actor: Actor, body, webhook_id: str):
    """Tell again from a cursor of the feed on; a webhook that was stopped goes on."""
    return acts.replay(actor, webhook_id, **body)


@api.delete("/webhooks/<webhook_id>", audience="self", status=204)
def end_webhook(actor: Actor, webhook_id: str):
    """Tell this address nothing more."""
    acts.end(actor, webhook_id)


@api.get("/webhooks/<webhook_id>/deliveries", audience="self", many=True,
         returns=schemas.DeliveryOut)
def list_deliveries(actor: Actor, webhook_id: str):
    """What was told, and what waits: the log of thirty days, the newest acts first."""
    own = reading().get(Webhook, webhook_id)
    if own is None or own.account_id != actor.account_id:
        raise NOT_FOUND()
    return page(reading(), select(WebhookDelivery).where(
        WebhookDelivery.webhook_id == webhook_id), WebhookDelivery.position, descending=True)
