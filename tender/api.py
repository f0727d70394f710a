"""The JSON routes of the invitation."""

from __future__ import annotations

import tempfile
from typing import BinaryIO

from flask import Response, send_file
from sqlalchemy import select

from audit.act import wiring
from audit.actor import Actor
from kernel.db import db
from kernel.refusal import NOT_FOUND
from people.edge import Book, Page, allow, etag, may, page
from people.exchange import reading as session

from . import acts, files, reading, schemas, views
from .model import Document, Item, Question, Tender
from .refusals import FILE_DAMAGED, FILE_LARGE

api = Book("tender")

ITEMS_LIMIT = 8 * 1024 * 1024


@api.post("/tenders", action="project.create", body=schemas.TenderIn,
          returns=schemas.TenderOut, status=201)
def create_tender(actor: Actor, body):
    """Create a project with its lots, in draft, in one's own unit."""
    return acts.create_tender(actor, **body)


@api.get("/tenders", action="notice.view", query=schemas.TenderQuery,
         returns=schemas.TenderRow, many=True)
def list_tenders(actor: Actor, query):
    """Published tenders, newest first; `mine=true`: one's own unit's, drafts among them."""
    allow("notice.view")
    statement = select(Tender)
    if query["mine"] == "true":
        if not may("project.create"):
            return Page([])
        statement = statement.where(Tender.buyer_id == actor.party_id)
        found = page(session(), statement, Tender.created_at, Tender.id, descending=True)
    else:
        statement = statement.where(Tender.published_at.is_not(None))
        found = page(session(), statement, Tender.published_at, Tender.id, descending=True)
    return Page(views.tender_rows(found.items), found.next)


@api.get("/tenders/<tender_id>", action="notice.view", returns=schemas.TenderOut)
def get_tender(actor: Actor, tender_id: str):
    """A tender with its lots and documents, and all a client needs to seal."""
    return reading.tender(session(), tender_id)


@api.patch("/tenders/<tender_id>", action="project.edit", body=schemas.TenderEdit,
           returns=schemas.TenderOut, if_match=True)
def edit_tender(actor: Actor, body, tender_id: str, if_match: int):
    """Change a draft; If-Match names the version it was read at."""
    return acts.edit_tender(actor, tender_id, if_match=if_match, **body)


@api.post("/tenders/<tender_id>/documents", action="project.edit", query=schemas.DocumentQuery,
          returns=schemas.DocumentOut, status=201, stream=True, limit=files.LIMIT)
def add_document(actor: Actor, body: BinaryIO, query, tender_id: str):
    """Add a file to the bidding documents of a draft; its kind is told by its content."""
    allow("project.edit", tender_id=tender_id)
    db.session.rollback()  # no transaction stays open while a slow sender sends
    name = files.clean_name(query["name"])
    with tempfile.TemporaryFile(dir=wiring().store.root / "tmp") as spool:
        size = _spool(body, spool)
        media_type = files.media_type(spool, size, name)
        spool.seek(0)
        digest, size = wiring().store.put_stream(spool, files.LIMIT)
    return acts.add_document(actor, tender_id, name=name, kind=query["kind"],
                             media_type=media_type, size=size, digest=digest)


def _spool(body: BinaryIO, spool: BinaryIO) -> int:
    size = 0
    while chunk := body.read(1 << 20):
        size += len(chunk)
        if size > files.LIMIT:
            raise FILE_LARGE(limit=files.LIMIT)
        spool.write(chunk)
    return size


@api.delete("/tenders/<tender_id>/documents/<document_id>", action="project.edit",
            returns=schemas.TenderOut)
def remove_document(actor: Actor, tender_id: str, document_id: str):
    """Take a file out of a draft's bidding documents again."""
    return acts.remove_document(actor, tender_id, document_id)


@api.get("/tenders/<tender_id>/documents/<document_id>/content", action="tenderdoc.download")
def download_document(actor: Actor, tender_id: str, document_id: str) -> Response:
    """A file of the bidding documents; open to all, and nobody keeps a list of who took it."""
    document = session().get(Document, document_id)
    if document is None or document.tender_id != tender_id:
        raise NOT_FOUND()
    path = wiring().store.path(document.hash)
    if not path.exists() or path.stat().st_size != document.size:
        raise FILE_DAMAGED()
    answer = send_file(path, mimetype=document.media_type,
                       as_attachment=True, download_name=document.name, conditional=True,
                       etag=document.hash, last_modified=0)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["Cache-Control"] = "no-cache"
    del answer.headers["Last-Modified"]
    return answer


@api.put("/lots/<lot_id>/items", action="project.edit", body=schemas.ItemsIn,
         returns=schemas.LotOut, limit=ITEMS_LIMIT)
def set_items(actor: Actor, body, lot_id: str):
    """Replace the bill of quantities of a draft lot."""
    return acts.set_items(actor, lot_id, **body)


@api.get("/lots/<lot_id>/items", action="notice.view", returns=schemas.ItemOut, many=True)
def list_items(actor: Actor, lot_id: str):
    """The lot's bill of quantities, by position."""
    return page(session(), select(Item).where(Item.lot_id == lot_id), Item.position)


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


@api.get("/lots/<lot_id>", action="notice.view", returns=schemas.LotOut)
def get_lot(actor: Actor, lot_id: str):
    """A lot with all a client needs to seal: suite, policy, deadline, limits, log key."""
    return reading.lot(session(), lot_id)


@api.post("/lots/<lot_id>/questions", action="question.ask", body=schemas.QuestionIn,
          returns=schemas.QuestionOut, status=201)
def ask_question(actor: Actor, body, lot_id: str):
    """Ask about the bidding documents; nobody is shown who asked."""
    return acts.ask_question(actor, lot_id, **body)


@api.get("/lots/<lot_id>/questions", action="question.view_published",
         returns=schemas.QuestionOut, many=True)
def list_questions(actor: Actor, lot_id: str):
    """Questions with their answers; who may answer also sees those without one."""
    statement = select(Question).where(Question.lot_id == lot_id)
    if not may("question.answer", lot_id=lot_id):
        statement = statement.where(Question.answered_at.is_not(None))
    return page(session(), statement, Question.id)


@api.post("/questions/<question_id>/answer", action="question.answer", body=schemas.AnswerIn,
          returns=schemas.QuestionOut, status=201)
def answer_question(actor: Actor, body, question_id: str):
    """Answer a question, to everybody at once."""
    question = session().get(Question, question_id)
    if question is None:
        raise NOT_FOUND()
    return acts.answer_question(actor, question.lot_id, question_id, **body)
