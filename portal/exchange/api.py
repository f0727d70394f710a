"""The exchange route."""

from __future__ import annotations

from flask import Response, request
from marshmallow import fields, validate

from audit.act import wiring
from people.edge import Book
from people.exchange import moment, reading
from people.fields import In

from .formats import to_json, to_xml
from .rows import rows_of

api = Book("exchange")


class ExchangeQuery(In):
    """`form`: `xml` or `json`."""

    form = fields.String(load_default="xml", validate=validate.OneOf(("xml", "json")))


@api.get("/tenders/<tender_id>/exchange", action="notice.view", query=ExchangeQuery)
def exchange_of(actor, tender_id, query) -> Response:
    """What is public of a tender in the field set of 数据规范 V2.0, as XML or JSON."""
    base = str(wiring().settings.get("public_url") or request.url_root).rstrip("/")
    rows = rows_of(reading(), tender_id, moment(), base)
    if query["form"] == "json":
        return Response(to_json(rows), mimetype="application/json")
    return Response(to_xml(rows), content_type="application/xml; charset=utf-8")
