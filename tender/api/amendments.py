"""Routes of amendments: draft, restate, files, review, submit, approve, give up."""

from __future__ import annotations

import io
from typing import BinaryIO

from flask import Response
from sqlalchemy import select

from audit.actor import Actor
from kernel.db import db
from kernel.refusal import NOT_FOUND
from people.edge import allow, page
from people.exchange import moment
from people.exchange import reading as session

from .. import acts, amendment_work, bills, files, reviewing, schemas, signed, workbook
from ..model import DraftDocument, NoticeDraft, Tender
from ..reading import lots_of
from .book import api
from .documents import ITEMS_LIMIT, send_document, stored

OWN = "/tenders/<tender_id>/amendments/<amendment_id>"


@api.post("/tenders/<tender_id>/amendments", action="amendment.publish",
          body=schemas.AmendmentIn, returns=schemas.AmendmentOut, status=201, limit=ITEMS_LIMIT)
def draft_amendment(actor: Actor, body, tender_id: str):
    """Draft an amendment of a published tender: what changes, and why."""
    return acts.draft_amendment(actor, tender_id, **body)


@api.get("/tenders/<tender_id>/amendments", action="amendment.publish",
         returns=schemas.AmendmentOut, many=True)
def list_amendments(actor: Actor, tender_id: str):
    """The unit's own drafts of amendments, given up and published ones among them."""
    return page(session(), select(NoticeDraft).where(
        NoticeDraft.tender_id == tender_id, NoticeDraft.kind == "amendment"), NoticeDraft.number)


@api.get(OWN, action="amendment.publish", returns=schemas.AmendmentOut)
def get_amendment(actor: Actor, tender_id: str, amendment_id: str):
    """A draft of an amendment, with the content that a second person is to approve."""
    return _draft(tender_id, amendment_id)


def _draft(tender_id: str, amendment_id: str) -> NoticeDraft:
    found = session().get(NoticeDraft, amendment_id)
    if found is None or found.tender_id != tender_id or found.kind != "amendment":
        raise NOT_FOUND()
    return found


@api.patch(OWN, action="amendment.publish", body=schemas.RestatedIn, if_match=True,
           returns=schemas.AmendmentOut, limit=ITEMS_LIMIT)
def restate_amendment(actor: Actor, body, tender_id: str, amendment_id: str, if_match: int):
    """Change a draft; what is stated as it stands is no change. If-Match names its version."""
    return acts.restate_amendment(actor, tender_id, amendment_id, if_match=if_match, **body)


@api.put(OWN + "/lots/<lot_id>/bill", action="amendment.publish", returns=schemas.AmendmentOut,
         raw=True, limit=workbook.LIMIT, if_match=True)
def amend_bill(actor: Actor, body: bytes, tender_id: str, amendment_id: str, lot_id: str,
               if_match: int):
    """State a lot's whole new bill of quantities by a workbook; every error by its cell."""
    allow("amendment.publish", tender_id=tender_id)
    items = bills.read(io.BytesIO(body), len(body))
    return acts.restate_amendment(actor, tender_id, amendment_id, if_match=if_match,
                                  lots=[{"id": lot_id, "items": items}])


@api.get(OWN + "/reading", action="amendment.publish", returns=schemas.AmendmentReadOut)
def read_amendment(actor: Actor, tender_id: str, amendment_id: str):
    """What a draft would change now, what that asks of the deadlines, and what keeps it back."""
    draft = _draft(tender_id, amendment_id)
    if draft.ended_at is not None:
        raise NOT_FOUND()
    found = amendment_work.read(session(), session().get_one(Tender, tender_id), draft, moment())
    return found | {"signing": draft.content_hash and signed.waiting(
        session(), actor, draft, draft.content_hash,
        [one.profile for one in lots_of(session(), tender_id)],
        own=draft.submitted_person == actor.person_id)}


@api.get(OWN + "/documents/<document_id>/content", action="amendment.publish")
def get_amending_file(actor: Actor, tender_id: str, amendment_id: str,
                      document_id: str) -> Response:
    """A file that comes with an amendment, for the unit's own people who must read it first."""
    found = session().get(DraftDocument, document_id)
    if found is None or found.draft_id != _draft(tender_id, amendment_id).id:
        raise NOT_FOUND()
    return send_document(found, cache="no-store")


@api.delete(OWN + "/documents/<document_id>", action="amendment.publish",
            returns=schemas.AmendmentOut)
def remove_amending_file(actor: Actor, tender_id: str, amendment_id: str, document_id: str):
    """Take a file out of an amendment again."""
    return acts.remove_amending_file(actor, tender_id, amendment_id, document_id)


@api.post(OWN + "/documents", action="amendment.publish", query=schemas.AmendingFileQuery,
          returns=schemas.AmendmentOut, status=201, stream=True, limit=files.LIMIT)
def add_amending_file(actor: Actor, body: BinaryIO, query, tender_id: str, amendment_id: str):
    """Add a file to an amendment; nobody else sees it before the amendment is published."""
    allow("amendment.publish", tender_id=tender_id)
    _draft(tender_id, amendment_id)  # before a byte is kept
    return acts.add_amending_file(actor, tender_id, amendment_id, kind=query["kind"],
                                  replaces=query["replaces"], **stored(body, query["name"]))


@api.post(OWN + "/review", action="amendment.publish", returns=schemas.ReviewOut, status=201,
          repeatable=True)
def review_amendment(actor: Actor, tender_id: str, amendment_id: str):
    """Review the tender as the amendment would have it by all rules, its new files among them."""
    allow("amendment.publish", tender_id=tender_id)
    draft, tender = _draft(tender_id, amendment_id), db.session.get(Tender, tender_id)
    prepared = reviewing.prepare_amendment(db.session, tender, draft)
    return acts.review_amendment(actor, tender_id, amendment_id, prepared=prepared)


@api.get(OWN + "/review", action="amendment.publish", returns=schemas.ReviewOut)
def get_amendment_review(actor: Actor, tender_id: str, amendment_id: str):
    """The amendment's last review, for the buyer's unit; published with the amendment."""
    found = reviewing.newest_amended(session(), _draft(tender_id, amendment_id).id)
    if found is None:
        raise NOT_FOUND()
    return found


@api.post(OWN + "/review/answers", action="amendment.publish", body=schemas.HitAnswerIn,
          returns=schemas.ReviewOut, status=201)
def answer_amended_hit(actor: Actor, body, tender_id: str, amendment_id: str):
    """Accept a hit of the amendment's review, or justify it; published with the amendment."""
    return acts.answer_amended_hit(actor, tender_id, amendment_id, **body)


@api.put(OWN + "/fairness-review", action="amendment.publish", body=schemas.FairnessIn,
         returns=schemas.FairnessOut, matched=True)
def record_amended_fairness(actor: Actor, body, tender_id: str, amendment_id: str,
                            if_match: int | None):
    """Record the 公平竞争审查 of an amendment; published with it."""
    return acts.record_amended_fairness(actor, tender_id, amendment_id, if_match=if_match, **body)


@api.get(OWN + "/fairness-review", action="amendment.publish", returns=schemas.FairnessOut)
def get_amended_fairness(actor: Actor, tender_id: str, amendment_id: str):
    """The amendment's last record of a 公平竞争审查, for the buyer's unit."""
    allow("amendment.publish", tender_id=tender_id)
    found = reviewing.newest_amended_fairness(session(), _draft(tender_id, amendment_id).id)
    if found is None:
        raise NOT_FOUND()
    return found


@api.post(OWN + "/submission", action="amendment.publish", returns=schemas.AmendmentOut,
          status=201)
def submit_amendment(actor: Actor, tender_id: str, amendment_id: str):
    """Submit an amendment; all that is unlawful is listed, with the earliest lawful deadline."""
    return acts.submit_amendment(actor, tender_id, amendment_id)


@api.post(OWN + "/signature", action="amendment.publish", body=schemas.SignedIn,
          returns=schemas.SignedOut, status=201)
def sign_amendment(actor: Actor, body, tender_id: str, amendment_id: str):
    """Sign the amendment that one submitted, with a key of one's own."""
    return acts.sign_amendment(actor, tender_id, amendment_id, **body)


@api.post(OWN + "/approval", action="amendment.publish", body=schemas.ApprovalIn,
          returns=schemas.AmendmentOut, status=201)
def approve_amendment(actor: Actor, body, tender_id: str, amendment_id: str):
    """Approve and so publish an amendment: another person than the one who submitted it."""
    return acts.approve_amendment(actor, tender_id, amendment_id, **body)


@api.post(OWN + "/return", action="amendment.publish", body=schemas.SendBackIn,
          returns=schemas.AmendmentOut, status=201)
def send_amendment_back(actor: Actor, body, tender_id: str, amendment_id: str):
    """Send a submitted amendment back with the reason, instead of approving it."""
    return acts.send_amendment_back(actor, tender_id, amendment_id, **body)


@api.delete(OWN, action="amendment.publish", returns=schemas.AmendmentOut)
def give_up_amendment(actor: Actor, tender_id: str, amendment_id: str):
    """Give an amendment up before it is published."""
    return acts.give_up_amendment(actor, tender_id, amendment_id)
