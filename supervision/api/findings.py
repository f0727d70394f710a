"""Routes of findings on village works."""

from __future__ import annotations

from flask import Response
from sqlalchemy import select

from audit.actor import Actor
from kernel.refusal import NOT_FOUND
from people.edge import allow, page
from people.exchange import reading as session
from tender.acts import paper_of
from tender.api.documents import send_document

from .. import acts, reading, schemas
from ..model import WorkFinding
from .book import api


@api.get("/work-findings", audience="self", returns=schemas.FindingOut, many=True)
def list_findings(actor: Actor):
    """The findings that one's own unit must mend, and those of one's jurisdiction."""
    statement = select(WorkFinding).where(reading.findings(session(), actor))
    return page(session(), statement, WorkFinding.opened_at, WorkFinding.id, descending=True)


@api.post("/work-findings", action="works.watch", body=schemas.FindingIn,
          returns=schemas.FindingOut, status=201)
def open_finding(actor: Actor, body):
    """Open a finding on a work or on a payment, with the day by which it must be mended."""
    return acts.open_finding(actor, **body)


@api.post("/work-findings/<finding_id>/answer", action="works.amend", body=schemas.AnswerIn,
          returns=schemas.FindingOut, status=201)
def answer_finding(actor: Actor, body, finding_id: str):
    """Say how a finding of one's unit was mended, with the hash of the evidence."""
    return acts.answer_finding(actor, finding_id, **body)


@api.get("/work-findings/<finding_id>/evidence", action="works.watch")
def download_rectification(actor: Actor, finding_id: str) -> Response:
    """The file by which a unit says that a finding was mended, for who must judge it."""
    found = session().get(WorkFinding, finding_id)
    if found is None or found.evidence_hash is None:
        raise NOT_FOUND()
    allow("works.watch", region=found.region)
    return send_document(paper_of(session(), found.party_id, found.evidence_hash),
                         cache="no-store")


@api.post("/work-findings/<finding_id>/return", action="works.watch", body=schemas.ReturnIn,
          returns=schemas.FindingOut, status=201)
def return_finding(actor: Actor, body, finding_id: str):
    """Send an answer back: the evidence shows nothing mended."""
    return acts.return_finding(actor, finding_id, **body)


@api.post("/work-findings/<finding_id>/closing", action="works.watch", body=schemas.EvidenceIn,
          returns=schemas.FindingOut, status=201)
def propose_closing(actor: Actor, body, finding_id: str):
    """Propose to close a finding on the evidence that was read."""
    return acts.propose_closing(actor, finding_id, **body)


@api.post("/work-findings/<finding_id>/closing/approval", action="works.watch",
          body=schemas.EvidenceIn, returns=schemas.FindingOut, status=201)
def approve_closing(actor: Actor, body, finding_id: str):
    """Close a finding for good: another person than the one who proposed it."""
    return acts.approve_closing(actor, finding_id, **body)
