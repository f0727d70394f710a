"""Routes of the building itself: time, health and the API document."""

from __future__ import annotations

from flask import Response
from marshmallow import fields

from audit.act import wiring
from kernel.canonical import jcs
from kernel.db import db
from people.edge import Book
from people.exchange import moment
from people.fields import Out, Time

from . import openapi

api = Book("portal")


class TimeOut(Out):
    """The platform's time."""

    now = Time()
    zone = fields.String()


class HealthOut(Out):
    """Whether the platform is up; says no counts (they could tell of bids)."""

    status = fields.String()


@api.get("/time", audience="open", returns=TimeOut)
def time(actor):
    """The one clock that decides."""
    return {"now": moment(), "zone": "Asia/Shanghai"}


@api.get("/health", audience="open", returns=HealthOut)
def health(actor):
    """Whether the platform is up."""
    wiring().clock.now(db.session.connection())
    return {"status": "ok"}


@api.get("/openapi.json", audience="open")
def describe(actor):
    """This API, described (OpenAPI 3.1)."""
    return Response(jcs(openapi.document()), mimetype="application/json")
