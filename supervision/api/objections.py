"""Routes of objections: to the documents, at the opening, to the candidates."""

from __future__ import annotations

from typing import BinaryIO

from flask import Response

from audit.actor import Actor
from kernel.refusal import NOT_FOUND
from people.edge import Page, allow, may, page
from people.exchange import moment
from people.exchange import reading as session
from people.model import Party
from people.reading import grants_of
from people.relations import own_party
from tender import files
from tender.api.documents import send_document, stored

from .. import acts
from ..model import Objection
from ..reading import objections as reading
from ..schemas import objections as schemas
from .book import api


# --- objections to documents and candidates -------------------------------------------------------
@api.post("/lots/<lot_id>/objection-evidence", action="objection.file",
          query=schemas.EvidenceQuery, returns=schemas.EvidenceOut, status=201, stream=True,
          limit=files.LIMIT)
def add_evidence(actor: Actor, body: BinaryIO, query, lot_id: str):
    """Send a file that an objection of one's own will rest on; its kind is told by its content."""
    allow("objection.file", lot_id=lot_id)
    return acts.add_evidence(actor, lot_id, **stored(body, query["name"]))


@api.post("/lots/<lot_id>/objections", action="objection.file", body=schemas.ObjectionIn,
          returns=schemas.ObjectionOut, status=201)
def file_objection(actor: Actor, body, lot_id: str):
    """Object to the documents, or to the candidates while they stand in public."""
    return acts.file_objection(actor, lot_id, **body)


@api.get("/lots/<lot_id>/objections", action="question.view_published",
         returns=schemas.ObjectionOut, many=True)
def list_objections(actor: Actor, lot_id: str):
    """Objections with their answers; who answers and who watches also sees those without one."""
    inside = any(may(action, lot_id=lot_id) for action in (
        "objection.answer", "opening.answer_objection", "tender.suspend", "tender.resume"))
    at_opening = inside or reading.opened(session(), lot_id) or may("opening.object",
                                                                    lot_id=lot_id)
    found = page(session(), reading.listed(lot_id, all_of_them=inside, at_opening=at_opening),
                 Objection.id)
    return Page(reading.seen(session(), found.items, inside=inside), found.next)


@api.get("/lots/<lot_id>/objections/mine", audience="self", returns=schemas.ObjectionOut,
         many=True)
def own_objections(actor: Actor, lot_id: str):
    """What one's own unit has objected to in a lot."""
    statement = reading.listed(lot_id, all_of_them=True, at_opening=True).where(
        Objection.party_id == own_party(session(), actor, moment()))
    found = page(session(), statement, Objection.id)
    return Page(reading.seen(session(), found.items, inside=True), found.next)


@api.get("/objections/waiting", audience="self", returns=schemas.WaitingObjectionOut, many=True)
def objections_waiting(actor: Actor):
    """Objections to one's own unit's tenders without an answer, what is due first before the rest."""
    if not any(grant.role == "buyer" for grant in grants_of(session(), actor.account_id)):
        return Page([])
    return Page(reading.waiting(session(), own_party(session(), actor, moment()), moment()))


@api.post("/objections/<objection_id>/answer", action="objection.answer",
          body=schemas.ObjectionAnswerIn, returns=schemas.ObjectionOut, status=201)
def answer_objection(actor: Actor, body, objection_id: str):
    """Answer an objection, once and before everybody; the lot goes on."""
    lot_id = reading.objection(session(), objection_id).lot_id
    return acts.answer_objection(actor, lot_id, objection_id, **body)


@api.get("/objections/<objection_id>/evidence/<evidence_id>", action="objection.answer")
def download_evidence(actor: Actor, objection_id: str, evidence_id: str) -> Response:
    """A file that an objection rests on, for who must answer it."""
    found = reading.objection(session(), objection_id)
    allow("objection.answer", lot_id=found.lot_id)
    one = next((one for one in reading.evidence_of(session(), objection_id)
                if one.id == evidence_id), None)
    if one is None:
        raise NOT_FOUND()
    return send_document(one, cache="no-store")


@api.get("/objections/<objection_id>/objector", action="question.view_asker",
         returns=schemas.ObjectorOut, sensitive=True)
def get_objector(actor: Actor, objection_id: str):
    """Who objects; for the supervisor after the opening, with a reason."""
    found = reading.objection(session(), objection_id)
    allow("question.view_asker", lot_id=found.lot_id)
    party = session().get(Party, found.party_id)
    return {"objection_id": found.id, "party_id": party.id, "name": party.name,
            "uscc": party.uscc}


# --- at the opening -------------------------------------------------------------------------------
@api.post("/lots/<lot_id>/opening/objections", action="opening.object",
          body=schemas.OpeningObjectionIn, returns=schemas.ObjectionOut, status=201)
def object_at_opening(actor: Actor, body, lot_id: str):
    """Object to the opening on the spot."""
    return acts.object_at_opening(actor, lot_id, **body)


@api.post("/opening-objections/<objection_id>/answer", action="opening.answer_objection",
          body=schemas.OpeningAnswerIn, returns=schemas.ObjectionOut, status=201)
def answer_at_opening(actor: Actor, body, objection_id: str):
    """Answer an objection to the opening on the spot; both are minuted."""
    lot_id = reading.objection(session(), objection_id).lot_id
    return acts.answer_at_opening(actor, lot_id, objection_id, **body)


@api.get("/lots/<lot_id>/opening-record/annex", action="opening_record.view",
         returns=schemas.AnnexOut)
def get_annex(actor: Actor, lot_id: str):
    """The annex of the opening record: what was objected at the opening, and the answers."""
    return reading.annex(session(), lot_id)
