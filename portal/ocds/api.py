"""The open data route."""

from __future__ import annotations

from flask import Response, request

from audit.act import wiring
from people.edge import Book
from people.exchange import moment, reading

from . import exact
from .releases import release_package

api = Book("ocds")


@api.get("/tenders/<tender_id>/ocds", action="notice.view")
def release_package_of(actor, tender_id):
    """The tender's OCDS 1.1.5 release package, as far as it is public."""
    base = str(wiring().settings.get("public_url") or request.url_root).rstrip("/")
    package = release_package(reading(), tender_id, moment(), base=base,
                              publisher=str(wiring().settings.get("log_origin", "Yangguang")))
    return Response(exact.dumps(package), mimetype="application/json")
