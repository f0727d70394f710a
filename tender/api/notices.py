"""Routes of the notice: submit, read, approve."""

from __future__ import annotations

from flask import Response
from sqlalchemy import select

from audit.actor import Actor
from kernel.refusal import NOT_FOUND
from people.edge import etag, page
from people.exchange import reading as session

from .. import acts, reading, schemas, signed, signing
from ..model import PublishedNotice
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


@api.post("/tenders/<tender_id>/notice/signature", action="notice.submit", body=schemas.SignedIn,
          returns=schemas.SignedOut, status=201)
def sign_notice(actor: Actor, body, tender_id: str):
    """Sign the notice that one submitted, with a key of one's own; who approves signs with that."""
    return acts.sign_notice(actor, tender_id, **body)


@api.post("/tenders/<tender_id>/notice/return", action="notice.approve", body=schemas.SendBackIn,
          returns=schemas.NoticeOut, status=201)
def send_notice_back(actor: Actor, body, tender_id: str):
    """Send the submitted notice back with the reason, instead of approving it."""
    return acts.send_notice_back(actor, tender_id, **body)


@api.get("/notices", audience="open", query=schemas.NoticeQuery,
         returns=schemas.PublishedNoticeRow, many=True)
def list_notices(actor: Actor, query):
    """Published notices of every kind and version, the newest first."""
    found = select(PublishedNotice)
    if query["kind"]:
        found = found.where(PublishedNotice.kind == query["kind"])
    return page(session(), found, PublishedNotice.published_at, PublishedNotice.id,
                descending=True)


@api.get("/tenders/<tender_id>/notices", audience="open", query=schemas.NoticeQuery,
         returns=schemas.PublishedNoticeRow, many=True)
def list_notices_of_tender(actor: Actor, query, tender_id: str):
    """The published notices of a tender, in their order, every version of each."""
    reading.published_notices(session(), tender_id)
    found = select(PublishedNotice).where(PublishedNotice.tender_id == tender_id)
    if query["kind"]:
        found = found.where(PublishedNotice.kind == query["kind"])
    return page(session(), found, PublishedNotice.published_at, PublishedNotice.id)


@api.get("/notices/<notice_id>", audience="open", returns=schemas.PublishedNoticeOut)
def get_published_notice(actor: Actor, notice_id: str):
    """A published notice: its content, and the platform's signature over it."""
    return reading.published_notice(session(), notice_id)


@api.get("/notices/<notice_id>/pdf", audience="open")
def get_notice_pdf(actor: Actor, notice_id: str) -> Response:
    """A published notice as PDF: the fields of its JSON, in their order."""
    from .. import notice_pdf  # its libraries are a seventh of a process's start, and few print

    notice = reading.published_notice(session(), notice_id)
    data = notice_pdf.pdf(notice.content, notice.content_hash, notice.signature,
                          signing.as_text(signed.of_notices(session(), [notice])[notice.id]))
    return Response(data, mimetype="application/pdf", headers={
        "Content-Disposition": f'inline; filename="{notice.kind}-{notice.number}-'
                               f'{notice.version}.pdf"',
        "X-Content-Type-Options": "nosniff", "ETag": f'"{notice.content_hash}"'})


@api.post("/lots/<lot_id>/deadline-extensions", action="deadline.extend",
          body=schemas.ExtensionIn, returns=schemas.LotOut, status=201)
def extend_deadline(actor: Actor, body, lot_id: str):
    """Move the lot's deadline later, before it passes (fresh second factor)."""
    return acts.move_deadline(actor, lot_id, **body)


@api.post("/tenders/<tender_id>/pre-notice", action="notice.submit", body=schemas.PreNoticeIn,
          returns=schemas.PreNoticeOut, status=201)
def submit_pre_notice(actor: Actor, body, tender_id: str):
    """Submit an advance notice of a draft; another person publishes it."""
    return acts.submit_pre_notice(actor, tender_id, **body)


@api.post("/tenders/<tender_id>/pre-notice/signature", action="notice.submit",
          body=schemas.SignedIn, returns=schemas.SignedOut, status=201)
def sign_pre_notice(actor: Actor, body, tender_id: str):
    """Sign the advance notice that one submitted, with a key of one's own."""
    return acts.sign_pre_notice(actor, tender_id, **body)


@api.post("/tenders/<tender_id>/pre-notice/approval", action="notice.approve",
          body=schemas.ApprovalIn, returns=schemas.PreNoticeOut, status=201)
def approve_pre_notice(actor: Actor, body, tender_id: str):
    """Approve and so publish the advance notice; the tender stays a draft."""
    return acts.approve_pre_notice(actor, tender_id, **body)
