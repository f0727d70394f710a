"""The route of who watches: the lots under it."""

from __future__ import annotations

from audit.actor import Actor
from people.edge import Page, page
from people.exchange import moment
from people.exchange import reading as session
from tender.model import Lot

from ..reading import watch
from ..schemas import watch as schemas
from .book import api


@api.get("/watched-lots", audience="self", query=schemas.WatchQuery, returns=schemas.WatchedOut,
         many=True)
def watched_lots(actor: Actor, query):
    """The lots that one watches over: what waits and what is late."""
    statement = watch.listed(watch.watched(session(), actor, moment()), query["waiting"] == "true")
    found = page(session(), statement, Lot.id)
    return Page(watch.watch_rows(session(), found.items, moment()), found.next)
