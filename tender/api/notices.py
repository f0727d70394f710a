"""Routes of the notice: submit, read, approve."""

from __future__ import annotations

from audit.actor import Actor
from kernel.refusal import NOT_FOUND
from people.edge import etag
from people.exchange import reading as session

from .. import acts, reading, schemas
from .book import api


@api.post("/tenders/<tender_id>/notice", action="notice.submit", returns=schemas.NoticeOut,
          status=201)
def submit_notice(actor: Actor, tender_id: str):
    """Submit the notice for approval; all that is missing or unlawful is listed at once."""
    return acts.submit_notice(actor, tender_id)


@api.get("/tenders/<tender_id>/notice", action="notice.view", returns=schemas.NoticeOut)
def get_notice(actor: Actor, tender_id: str):
    """The notice that stands: the frozen content, its hash, the proof of its approval."""
    notice = reading.live_notice(session(), tender_id)
    if notice is None:
        raise NOT_FOUND()
    etag(notice.number)
    columns = {column.name: getattr(notice, column.name) for column in notice.__table__.columns}
    return columns | reading.approval_proof(session(), notice)


@api.post("/tenders/<tender_id>/notice/approval", action="notice.approve",
          body=schemas.ApprovalIn, returns=schemas.NoticeOut, status=201)
def approve_notice(actor: Actor, body, tender_id: str):
    """Approve and so publish the notice: another person than the one who submitted it."""
    return acts.approve_notice(actor, tender_id, **body)
