"""The route of the search."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask import request

from audit.act import wiring
from audit.actor import Actor
from people.edge import Book, Page, allow
from people.exchange import moment, reading
from people.paging import size_asked
from tender.lifecycle import Phase
from tender.reading import deadlines_of

from . import finding, schemas
from .cutting import cutter

api = Book("search")


@api.get("/search", action="notice.view", query=schemas.SearchQuery, returns=schemas.FoundOut,
         many=True)
def search(actor: Actor, query):
    """Published lots, services and direct awards, and what is announced ahead, by words (`"side by side"`, `-not`, the beginning of a code) and filters.

    The newest first; `sort=best`: those with all words in titles and codes before the others.
    `phase` takes phases and OCDS statuses; a period's end is not part of it.
    """
    allow("notice.view")
    best = query.pop("sort") == "best"
    page = finding.find(reading(), finding.Wish(**query), moment(),
                        cutter(wiring().settings["cache"]), limit=size_asked(),
                        cursor=request.args.get("cursor"), best=best)
    live = deadlines_of(reading(), [entry.lot_id for entry, _ in page.items])
    return Page([shown(entry, snippet, live) for entry, snippet in page.items], page.next)


def shown(entry, snippet, live: Mapping[str, datetime | None]) -> dict[str, object]:
    """An indexed lot as FoundOut shows it. `live` are the deadlines themselves, by lot: the index is
    behind by a tick, and a deadline is said in one place (Q41)."""
    ahead, lots = entry.phase == Phase.DRAFT.name, entry.kind == finding.TENDER
    names = ("kind", "ocid", "section_code", "title", "lot_title", "buyer", "region",
             "category", "regime", "value_fen", "published_at")
    return {name: getattr(entry, name) for name in names} | {
        f"{kind}_id": entry.tender_id if kind == entry.kind else None for kind in schemas.KINDS} | {
        "lot_id": entry.lot_id if lots and not ahead else None,
        "notice_id": entry.lot_id if ahead else None,
        # Of a service no deadline moves.
        "deadline": live.get(entry.lot_id) if lots else entry.deadline,
        "phase": finding.phase_now(entry, moment()),
        "snippet": [{"text": text, "hit": hit} for text, hit in snippet]}
