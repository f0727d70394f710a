"""The exchange route."""

from __future__ import annotations

from flask import Response
from marshmallow import fields, validate

from people.edge import Book
from people.exchange import moment, reading
from people.fields import In

from ..site import site_address
from .formats import to_json, to_xml
from .rows import rows_of

api = Book("exchange")


class ExchangeQuery(In):
    """`form`: `xml` or `json`."""

    form = fields.String(load_default="xml", validate=validate.OneOf(("xml", "json")))


@api.get("/tenders/<tender_id>/exchange", action="notice.view", query=ExchangeQuery)
def exchange_of(actor, tender_id, query) -> Response:
    """What is public of a tender in the national field set (数据规范 V2.0), as XML or JSON."""
    rows = rows_of(reading(), tender_id, moment(), site_address())
    if query["form"] == "json":
        return Response(to_json(rows), mimetype="application/json")
    return Response(to_xml(rows), content_type="application/xml; charset=utf-8")
