"""The feed of changes over HTTP."""

from __future__ import annotations

from flask import Response, request

from audit.actor import Actor
from kernel.canonical import jcs
from kernel.db import db
from people.edge import allow

from .. import feed, schemas
from .book import api


@api.get("/changes", action="notice.view", query=schemas.ChangesQuery,
         returns=schemas.ChangesOut)
def list_changes(actor: Actor, query) -> Response:
    """Public acts of published tenders, each once, in an order in which none is ever lost.

    Keep `next` and ask again with `after=next`. A page that was full never changes again.
    """
    allow("notice.view")
    limit = int(query["limit"])
    rows, cursor = feed.changes_after(db.session(), query["after"], limit, query["tender_id"])
    body = schemas.ChangesOut().dump({
        "items": [{"id": row.entry_id, "type": row.type, "at": row.at, **feed.process_of(row),
                   "lot_id": row.lot_id, "cursor": feed.cursor_of(row)} for row in rows],
        "next": cursor, "more": len(rows) == limit})
    answer = Response(jcs(body), mimetype="application/json")
    answer.headers["Cache-Control"] = "no-cache"
    answer.add_etag()
    return answer.make_conditional(request)
