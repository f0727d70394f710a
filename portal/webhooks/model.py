"""Webhooks: what their owners said (by acts), and how their deliveries go (by no act)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, Json, UtcTime, new_id

SENT = {"unrecorded": "deliveries: what is told was recorded when it happened"}


class Webhook(Base):
    """One subscription: where public acts are told, which, and with which secret they are signed."""

    __tablename__ = "webhook"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"), index=True)
    url: Mapped[str] = mapped_column(String(500))
    secret: Mapped[str] = mapped_column(Text)
    """Sealed under the installation's secret."""
    old_secret: Mapped[str | None] = mapped_column(Text)
    old_until: Mapped[datetime | None] = mapped_column(UtcTime)
    """Until then both secrets sign."""
    wish: Mapped[dict] = mapped_column(Json)
    """`types`, `tender_ids`, `region`: what is empty does not narrow."""
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    approved_at: Mapped[datetime | None] = mapped_column(UtcTime)
    """When the operator approved its address, or its creation where the address is listed."""
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)


class WebhookCourse(Base):
    """How far a webhook has come, and whether it was stopped."""

    __tablename__ = "webhook_course"
    __table_args__ = ({"info": SENT},)

    webhook_id: Mapped[str] = mapped_column(Id, ForeignKey("webhook.id"), primary_key=True)
    cursor: Mapped[str | None] = mapped_column(String(80))
    """Of tender.feed: up to there deliveries were written down."""
    heard_at: Mapped[datetime | None] = mapped_column(UtcTime)
    stopped_at: Mapped[datetime | None] = mapped_column(UtcTime)
    stopped_why: Mapped[str] = mapped_column(String(16), server_default="")
    """`gone` (410), `silent` (days without an answer)."""


class WebhookDelivery(Base):
    """One public act to be told to one webhook, and what became of it."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("webhook_id", "position", name="uq_webhook_delivery"),
        Index("ix_webhook_delivery_waiting", "state", "webhook_id", "tender_id", "position"),
        {"info": SENT},
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    webhook_id: Mapped[str] = mapped_column(Id, ForeignKey("webhook.id"))
    position: Mapped[int] = mapped_column(BigInteger)
    """The act's place in the feed."""
    entry_id: Mapped[str] = mapped_column(Id)
    """The act's entry, and the message's id: the same at each attempt and in each replay."""
    tender_id: Mapped[str] = mapped_column(Id)
    state: Mapped[str] = mapped_column(String(8))
    """`waiting`, `done`, or `dead`: given up after days, while others were taken."""
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    since: Mapped[datetime] = mapped_column(UtcTime)
    """When it was first to be sent."""
    next_try_at: Mapped[datetime] = mapped_column(UtcTime)
    status: Mapped[int | None] = mapped_column(Integer)
    """The HTTP status of the last answer."""
    problem: Mapped[str] = mapped_column(String(120), server_default="")
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)
