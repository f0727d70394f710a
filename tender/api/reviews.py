"""Routes of reviews before publication."""

from __future__ import annotations

from flask import Response
from sqlalchemy import select

from audit.actor import Actor
from kernel.db import db
from kernel.refusal import NOT_FOUND
from people.edge import Page, allow, page
from people.exchange import moment
from people.exchange import reading as session

from .. import acts, reviewing, schemas
from ..acts.reviews import may_read
from ..model import Document, OutsideReading, Tender
from ..timetable import beijing_day
from .book import api
from .documents import send_document


@api.post("/tenders/<tender_id>/review", action="project.edit", returns=schemas.ReviewOut,
          status=201, repeatable=True)
def make_review(actor: Actor, tender_id: str):
    """Review the draft's terms and documents by all rules; hits are advice, each with its place."""
    allow("project.edit", tender_id=tender_id)
    tender = db.session.get(Tender, tender_id)
    prepared = reviewing.prepare(db.session, tender, beijing_day(moment()))
    return acts.make_review(actor, tender_id, prepared=prepared)


@api.get("/tenders/<tender_id>/review", action="notice.view", returns=schemas.ReviewOut)
def get_review(actor: Actor, tender_id: str):
    """The last review with what was said of its hits; it is published with the notice."""
    last = reviewing.newest(session(), tender_id)
    if last is None:
        raise NOT_FOUND()
    return last


@api.post("/tenders/<tender_id>/review/answers", action="project.edit", body=schemas.HitAnswerIn,
          returns=schemas.ReviewOut, status=201)
def answer_hit(actor: Actor, body, tender_id: str):
    """Accept a hit, or justify what it hit; the reason is published with the notice."""
    return acts.answer_hit(actor, tender_id, **body)


@api.put("/tenders/<tender_id>/fairness-review", action="project.edit", body=schemas.FairnessIn,
         returns=schemas.FairnessOut, matched=True)
def record_fairness(actor: Actor, body, tender_id: str, if_match: int | None):
    """Record the 公平竞争审查 of the documents; it is published with the notice."""
    return acts.record_fairness(actor, tender_id, if_match=if_match, **body)


@api.get("/tenders/<tender_id>/fairness-review", action="notice.view",
         returns=schemas.FairnessOut)
def get_fairness(actor: Actor, tender_id: str):
    """The last record of a 公平竞争审查."""
    found = reviewing.newest_fairness(session(), tender_id)
    if found is None:
        raise NOT_FOUND()
    return found


@api.post("/tenders/<tender_id>/readings", action="project.edit", body=schemas.ReadingIn,
          returns=schemas.ReadingOut, status=201)
def ask_reading(actor: Actor, body, tender_id: str):
    """Ask another unit to read the notice; nobody approves before it has passed it."""
    return acts.ask_reading(actor, tender_id, **body)


@api.delete("/tenders/<tender_id>/readings/<reading_id>", action="project.edit",
            returns=schemas.ReadingOut)
def withdraw_reading(actor: Actor, tender_id: str, reading_id: str):
    """Ask a unit no longer; the draft must be submitted anew."""
    return acts.withdraw_reading(actor, tender_id, reading_id)


@api.get("/tenders/<tender_id>/readings", action="notice.submit", returns=schemas.ReadingOut,
         many=True)
def list_readings(actor: Actor, tender_id: str):
    """The units that were asked to read the draft, with their opinions."""
    return page(session(), select(OutsideReading).where(OutsideReading.tender_id == tender_id),
                OutsideReading.id)


@api.get("/readings", audience="self", returns=schemas.AskedOut, many=True)
def list_asked(actor: Actor):
    """What one's own unit is asked to read, with the content that was submitted."""
    if actor.party_id is None:
        return Page([])
    return page(session(), select(OutsideReading).where(
        OutsideReading.party_id == actor.party_id, OutsideReading.withdrawn_at.is_(None)),
        OutsideReading.id)


@api.get("/readings/<reading_id>/documents/<document_id>/content", audience="self")
def download_asked(actor: Actor, reading_id: str, document_id: str) -> Response:
    """A file of the bidding documents that one's own unit is asked to read."""
    asked = session().get(OutsideReading, reading_id)
    document = session().get(Document, document_id)
    if asked is None or document is None or document.tender_id != asked.tender_id \
            or not may_read(session(), actor, asked):
        raise NOT_FOUND()
    return send_document(document)


@api.post("/readings/<reading_id>/opinion", audience="self", body=schemas.OpinionIn,
          returns=schemas.OpinionOut, status=201)
def give_opinion(actor: Actor, body, reading_id: str):
    """Say for one's own unit whether the submitted notice passes."""
    return acts.give_opinion(actor, reading_id, **body)
