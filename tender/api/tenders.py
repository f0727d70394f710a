"""Routes of projects and lots."""

from __future__ import annotations

from flask import Response
from sqlalchemy import select

from audit.actor import Actor
from kernel.refusal import NOT_FOUND
from people.edge import Page, allow, may, page
from people.exchange import moment
from people.exchange import reading as session

from .. import acts, ical, reading, schemas, shown, views, work
from ..model import Tender
from ..schedule import schedule
from .book import api


@api.post("/tenders", action="project.create", body=schemas.TenderIn,
          returns=schemas.TenderOut, status=201)
def create_tender(actor: Actor, body):
    """Create a project with its lots, in draft, in one's own unit."""
    return acts.create_tender(actor, **body)


@api.get("/tenders", action="notice.view", query=schemas.TenderQuery,
         returns=schemas.TenderRow, many=True)
def list_tenders(actor: Actor, query):
    """Published tenders, newest first; `mine=true`: one's own unit's and those it acts for, drafts
    among them."""
    allow("notice.view")
    statement = select(Tender)
    if query["mine"] == "true":
        if not may("project.create"):
            return Page([])
        statement = statement.where(work.own_tenders(session(), actor, moment()))
        found = page(session(), statement, Tender.created_at, Tender.id, descending=True)
    else:
        statement = statement.where(Tender.published_at.is_not(None))
        found = page(session(), statement, Tender.published_at, Tender.id, descending=True)
    return Page(views.tender_rows(found.items), found.next)


@api.get("/tenders/<tender_id>", action="notice.view", returns=schemas.TenderOut,
         kept=shown.TENDER)
def get_tender(actor: Actor, tender_id: str):
    """A tender with its lots and documents, and all a client needs to seal."""
    return reading.tender(session(), tender_id)


@api.patch("/tenders/<tender_id>", action="project.edit", body=schemas.TenderEdit,
           returns=schemas.TenderOut, if_match=True)
def edit_tender(actor: Actor, body, tender_id: str, if_match: int):
    """Change a draft; If-Match names the version it was read at."""
    return acts.edit_tender(actor, tender_id, if_match=if_match, **body)


@api.get("/lots/<lot_id>/calendar", action="notice.view")
def get_calendar(actor: Actor, lot_id: str) -> Response:
    """The lot's dates as an iCalendar file, the enforced ones."""
    lot = reading.lot(session(), lot_id)
    facts = reading.lot_facts(session(), lot_id)
    if facts.published is None:
        raise NOT_FOUND()
    stated = reading.notice_as_it_stands(session(), lot.tender_id)
    stamp, version = (stated.published_at, stated.version) if stated else (facts.published, 1)
    data = ical.calendar_file(lot.title, lot.id, schedule(
        lot, lot.profile, facts, suspended_until=reading.until_of(session(), lot.id, facts)),
                              stamp=stamp, sequence=version)
    return Response(data, mimetype="text/calendar", headers={
        "Content-Disposition": f'attachment; filename="{lot.section_code}.ics"',
        "X-Content-Type-Options": "nosniff"})


@api.get("/lots/<lot_id>", action="notice.view", returns=schemas.LotOut)
def get_lot(actor: Actor, lot_id: str):
    """A lot with all a client needs to seal: suite, policy, deadline, limits, log key."""
    return reading.lot(session(), lot_id)
