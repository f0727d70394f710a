"""Webhooks as JSON."""

from __future__ import annotations

from marshmallow import fields, pre_dump, validate
from sqlalchemy import func, select

from people.exchange import reading
from people.fields import HexId, In, Out, Text, Time, Whole
from people.model import Account

from .model import Webhook, WebhookCourse, WebhookDelivery

TYPE = validate.Regexp(r"\A[a-z_]{1,40}\.(?:[a-z_-]{1,40}|\*)\Z")


class WebhookWish(In):
    """Which acts are told; what is empty or left out does not narrow."""

    types = fields.List(fields.String(validate=TYPE), load_default=list,
                        validate=validate.Length(max=20))
    tender_ids = fields.List(HexId(), load_default=list, validate=validate.Length(max=50))
    region = fields.String(load_default="", validate=validate.Regexp(r"\A(?:[0-9]{2,12})?\Z"))


class WebhookIn(In):
    """Where public acts are to be told, and which."""

    url = Text(1, 500, required=True)
    wish = fields.Nested(WebhookWish, load_default=lambda: WebhookWish().load({}))


class ReplayIn(In):
    """`cursor`: of the feed, from where on to tell again; without it, go on."""

    cursor = Text(1, 80, load_default=None, allow_none=True)


class WebhookOut(Out):
    """A webhook and how it goes. `state`: waiting, live, stopped or ended."""

    id = HexId()
    url = fields.String()
    wish = fields.Nested(WebhookWish)
    state = fields.String()
    stopped_why = fields.String()
    cursor = fields.String(allow_none=True)
    waiting = Whole()
    created_at = Time()
    heard_at = Time()

    @pre_dump
    def _whole(self, given, **_kwargs):
        """A webhook with how it goes, read in the request's session."""
        made = getattr(given, "webhook", None)
        return view(given) if made is None else view(made) | {"secret": given.secret}


class WaitingOut(Out):
    """A webhook as who approves it sees it: where it leads, and whose it is."""

    id = HexId()
    url = fields.String()
    account_id = HexId()
    login = fields.Function(lambda row: reading().get(Account, row.account_id).login)
    created_at = Time()
    approved_at = Time()


class SecretOut(WebhookOut):
    """With its secret, which is shown this once."""

    secret = fields.String()


class DeliveryOut(Out):
    """One act to be told, and what became of it."""

    id = HexId()
    message_id = HexId(attribute="entry_id")
    tender_id = HexId()
    state = fields.String()
    attempts = Whole()
    since = Time()
    next_try_at = Time()
    status = Whole(allow_none=True)
    problem = fields.String()
    ended_at = Time()


def view(webhook: Webhook) -> dict[str, object]:
    """A webhook as WebhookOut shows it."""
    session = reading()
    course = session.get_one(WebhookCourse, webhook.id, populate_existing=True)
    state = "ended" if webhook.ended_at else "stopped" if course.stopped_at else \
        "live" if webhook.approved_at else "waiting"
    waiting = session.scalar(select(func.count()).where(
        WebhookDelivery.webhook_id == webhook.id, WebhookDelivery.state == "waiting"))
    return {"id": webhook.id, "url": webhook.url, "wish": webhook.wish, "state": state,
            "stopped_why": course.stopped_why, "cursor": course.cursor, "waiting": waiting,
            "created_at": webhook.created_at, "heard_at": course.heard_at}
