"""Routes of the intermediary supermarket."""

from __future__ import annotations

from flask import Response
from sqlalchemy import select

from audit.actor import Actor
from kernel.canonical import b64
from kernel.refusal import NOT_FOUND
from people.edge import Book, allow, page
from people.exchange import reading as session
from tender.acts import paper_of
from tender.api.documents import send_document

from . import directory, drawing, ending, objecting, offers, reading, requests, schemas, views
from .model import Agency, Service, ServiceObjection

api = Book("services")


@api.get("/agencies", audience="open", returns=schemas.AgencyOut, many=True)
def list_agencies(actor: Actor):
    """The directory: entries with their papers, those waiting for approval among them."""
    return page(session(), select(Agency), Agency.entered_at, Agency.id)


@api.post("/agencies", action="agency.enter", body=schemas.AgencyIn, returns=schemas.AgencyOut,
          status=201)
def enter_agency(actor: Actor, body):
    """Enter one's own unit in the directory, or renew the entry."""
    return directory.enter_agency(actor, **body)


@api.post("/agencies/<agency_id>/proposal", action="agency.decide", body=schemas.ReadIn,
          returns=schemas.AgencyOut, status=201)
def propose_agency(actor: Actor, body, agency_id: str):
    """Find an entry good, as the first of two persons."""
    return directory.propose_agency(actor, agency_id, **body)


@api.post("/agencies/<agency_id>/approval", action="agency.decide", body=schemas.ReadIn,
          returns=schemas.AgencyOut, status=201)
def approve_agency(actor: Actor, body, agency_id: str):
    """Take an agency into the directory, as the second person."""
    return directory.approve_agency(actor, agency_id, **body)


@api.get("/agencies/<agency_id>/papers/<digest>", action="agency.decide")
def download_qualification(actor: Actor, agency_id: str, digest: str) -> Response:
    """A paper that an agency's entry names by its hash, for who must judge the entry."""
    found = session().get(Agency, agency_id)
    if found is None or digest not in {one["evidence_hash"] for one in found.qualifications}:
        raise NOT_FOUND()
    allow("agency.decide", region=found.region)
    return send_document(paper_of(session(), found.party_id, digest), cache="no-store")


@api.delete("/agencies/<agency_id>", action="agency.enter", returns=schemas.AgencyOut)
def leave_directory(actor: Actor, agency_id: str):
    """Take one's own unit out of the directory; entering anew brings it back."""
    return directory.leave_directory(actor, agency_id)


@api.post("/agencies/<agency_id>/sanctions", action="agency.decide", body=schemas.SanctionIn,
          returns=schemas.SanctionOut, status=201)
def propose_sanction(actor: Actor, body, agency_id: str):
    """Propose to keep an agency out of the directory for a time, as the first of two persons."""
    return directory.propose_sanction(actor, agency_id, **body)


@api.post("/agency-sanctions/<sanction_id>/approval", action="agency.decide",
          returns=schemas.SanctionOut, status=201)
def approve_sanction(actor: Actor, sanction_id: str):
    """Keep an agency out of the directory, as the second person."""
    return directory.approve_sanction(actor, sanction_id)


@api.get("/services", audience="open", returns=schemas.ServiceOut, many=True)
def list_services(actor: Actor):
    """Published requests for services, newest first."""
    return page(session(), select(Service).where(Service.approved_at.is_not(None)),
                Service.requested_at, Service.id, descending=True)


@api.get("/services/<service_id>", audience="open", returns=schemas.ServiceOut)
def get_service(actor: Actor, service_id: str):
    """A service: offers once they are revealed, draws, the signed result, ratings."""
    return reading.service(session(), service_id)


@api.post("/services", action="service.request", body=schemas.ServiceIn,
          returns=schemas.ServiceOut, status=201)
def request_service(actor: Actor, body):
    """Ask for a service in one's own unit; another person publishes it."""
    return requests.request_service(actor, **body)


@api.post("/services/<service_id>/approval", action="service.manage", body=schemas.ReadIn,
          returns=schemas.ServiceOut, status=201)
def approve_service(actor: Actor, body, service_id: str):
    """Publish a request of one's unit that another person submitted."""
    return requests.approve_service(actor, service_id, **body)


@api.post("/services/<service_id>/offers", action="service.offer", body=schemas.OfferIn,
          returns=schemas.OfferOut, status=201)
def make_offer(actor: Actor, body, service_id: str):
    """Hand in one's own sealed offer: its hash alone, once."""
    return offers.make_offer(actor, service_id, **body)


@api.post("/services/<service_id>/offers/mine", action="service.offer",
          body=schemas.SelectionRevealIn, returns=schemas.OfferOut, status=201)
def reveal_offer(actor: Actor, body, service_id: str):
    """Reveal one's own offer, once the time for offers is over."""
    return offers.reveal_offer(actor, service_id, **body)


@api.post("/services/<service_id>/choice", action="service.manage", body=schemas.ChoiceIn,
          returns=schemas.ServiceOut, status=201)
def choose_offer(actor: Actor, body, service_id: str):
    """Choose among the offers displayed, with a reason that is published by its hash."""
    return offers.choose_offer(actor, service_id, **body)


@api.post("/services/<service_id>/screen", action="service.manage", body=schemas.ScreenIn,
          returns=schemas.ServiceOut, status=201)
def screen_offers(actor: Actor, body, service_id: str):
    """Screen every offer that stands, before any draw."""
    return offers.screen_offers(actor, service_id, **body)


@api.post("/services/<service_id>/draws", action="service.manage", body=schemas.SelectionAnnounceIn,
          returns=schemas.SelectionDrawOut, status=201)
def announce_selection(actor: Actor, body, service_id: str):
    """Announce the draw among the agencies that passed the screen."""
    return drawing.announce_selection(actor, service_id, **body)


@api.post("/service-draws/<draw_id>/commitments", action="selection.contribute",
          body=schemas.SelectionCommitIn, returns=schemas.SelectionDrawOut, status=201)
def commit_to_selection(actor: Actor, body, draw_id: str):
    """Commit to a nonce for the draw of an agency."""
    return drawing.commit_to_selection(actor, draw_id, **body)


@api.post("/service-draws/<draw_id>/reveals", action="selection.contribute",
          body=schemas.NonceIn, returns=schemas.SelectionDrawOut, status=201)
def reveal_to_selection(actor: Actor, body, draw_id: str):
    """Reveal the nonce that was committed."""
    return drawing.reveal_to_selection(actor, draw_id, nonce=b64(body["nonce"]))


@api.post("/services/<service_id>/contract", action="service.manage",
          body=schemas.SelectionContractIn, returns=schemas.ServiceOut, status=201)
def contract_service(actor: Actor, body, service_id: str):
    """Register the signed contract."""
    return ending.contract_service(actor, service_id, **body)


@api.post("/services/<service_id>/objections", action="service.offer",
          body=schemas.ResultObjectionIn, returns=schemas.ResultObjectionOut, status=201)
def object_to_result(actor: Actor, body, service_id: str):
    """Object to the result while it stands in public, as one who offered; once."""
    return views.objection_view(objecting.object_to_result(actor, service_id, **body),
                                inside=True)


@api.get("/services/<service_id>/objections", action="service.manage",
         returns=schemas.ResultObjectionOut, many=True)
def list_result_objections(actor: Actor, service_id: str):
    """What is objected to the result of one's own unit's service, without the objector."""
    found = reading.service(session(), service_id)
    allow("service.manage", owner=found.buyer_id)
    return [views.objection_view(one, inside=True)
            for one in reading.objections(session(), found.id)]


@api.get("/service-objections/<objection_id>/evidence/<digest>", action="service.manage")
def download_result_evidence(actor: Actor, objection_id: str, digest: str) -> Response:
    """A paper that an objection to a result rests on, for who must answer it."""
    row = session().get(ServiceObjection, objection_id)
    if row is None or digest not in row.evidence:
        raise NOT_FOUND()
    allow("service.manage", owner=reading.service(session(), row.service_id).buyer_id)
    return send_document(paper_of(session(), row.party_id, digest), cache="no-store")


@api.post("/service-objections/<objection_id>/answer", action="service.manage",
          body=schemas.ResultAnswerIn, returns=schemas.ResultObjectionOut, status=201)
def answer_result_objection(actor: Actor, body, objection_id: str):
    """Answer an objection to a result, once and before everybody; upheld, the result falls."""
    return views.objection_view(objecting.answer_objection(actor, objection_id, **body),
                                inside=True)


@api.post("/services/<service_id>/completion", action="service.manage",
          body=schemas.CompletionIn, returns=schemas.ServiceOut, status=201)
def finish_service(actor: Actor, body, service_id: str):
    """Take what the agency did; from now on each party may rate the other."""
    return ending.finish_service(actor, service_id, **body)


@api.post("/services/<service_id>/rating", action="service.manage", body=schemas.RatingIn,
          returns=schemas.RatingOut, status=201)
def rate_agency(actor: Actor, body, service_id: str):
    """Rate the agency, once."""
    return ending.rate_agency(actor, service_id, **body)


@api.post("/services/<service_id>/buyer-rating", action="service.offer", body=schemas.RatingIn,
          returns=schemas.RatingOut, status=201)
def rate_buyer(actor: Actor, body, service_id: str):
    """Rate the buyer, once, as the agency chosen."""
    return ending.rate_buyer(actor, service_id, **body)
