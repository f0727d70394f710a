"""Routes of papers that a unit keeps here as evidence of what it states."""

from __future__ import annotations

from typing import BinaryIO

from flask import Response, request
from sqlalchemy import select

from audit.actor import Actor
from kernel.refusal import NOT_FOUND
from people.edge import page
from people.exchange import moment
from people.exchange import reading as session
from people.relations import own_party

from .. import acts, files, schemas
from ..model import Paper
from .book import api
from .documents import send_document, stored


@api.post("/papers", audience="self", query=schemas.PaperQuery, returns=schemas.PaperOut,
          status=201, stream=True, limit=files.LIMIT)
def keep_paper(actor: Actor, body: BinaryIO, query):
    """Keep a file of one's own unit; its kind is told by its content."""
    acts.check_room(session(), _party(actor), request.content_length or 0)
    return acts.keep_paper(actor, **stored(body, query["name"]))


@api.get("/papers", audience="self", returns=schemas.PaperOut, many=True)
def list_papers(actor: Actor):
    """The files that one's own unit keeps here, the newest first."""
    return page(session(), select(Paper).where(Paper.party_id == _party(actor)),
                Paper.added_at, Paper.id, descending=True)


@api.get("/papers/<paper_id>/content", audience="self")
def download_paper(actor: Actor, paper_id: str) -> Response:
    """A file of one's own unit."""
    found = session().get(Paper, paper_id)
    if found is None or found.party_id != _party(actor):
        raise NOT_FOUND()
    return send_document(found, cache="no-store")


def _party(actor: Actor) -> str | None:
    return own_party(session(), actor, moment())
