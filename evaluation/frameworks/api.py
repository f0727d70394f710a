"""Routes of framework agreements."""

from __future__ import annotations

from flask import Response
from sqlalchemy import select

from audit.actor import Actor
from kernel.refusal import NOT_FOUND
from people.edge import Book, Page, allow, page
from people.exchange import moment
from people.exchange import reading as session
from tender.acts import paper_of
from tender.api.documents import send_document
from tender.reading import profile_in_force
from tender.timetable import beijing_day

from . import calling, ending, joining, offers, reading, rules, schemas, stating
from .model import Calloff, CalloffOffer, Framework, FrameworkApplication, FrameworkObjection

api = Book("frameworks")

OWN = "/frameworks/<framework_id>"
APPLICATION = "/framework-applications/<application_id>"
CALLOFF = "/calloffs/<calloff_id>"


def _framework(framework_id: str) -> Framework:
    found = session().get(Framework, framework_id)
    if found is None:
        raise NOT_FOUND()
    return found


# --- terms ----------------------------------------------------------------------------------------
@api.get("/frameworks", audience="open", returns=schemas.FrameworkRow, many=True)
def list_frameworks(actor: Actor) -> Page:
    """Published framework agreements, the newest first."""
    return page(session(), select(Framework).where(Framework.published_at.is_not(None)),
                Framework.published_at, Framework.id, descending=True)


@api.get("/frameworks/own", audience="self", returns=schemas.FrameworkRow, many=True)
def list_own_frameworks(actor: Actor) -> Page:
    """One's own unit's frameworks, drafts among them, the newest first."""
    if actor.party_id is None:
        return Page([])
    return page(session(), select(Framework).where(Framework.buyer_id == actor.party_id),
                Framework.drafted_at, Framework.id, descending=True)


@api.get("/frameworks/waiting", audience="self", returns=schemas.FrameworkWaitingOut)
def get_waiting(actor: Actor):
    """What of frameworks waits for the unit of who asks."""
    return reading.waiting(session(), actor.party_id, moment())


@api.post("/frameworks", action="framework.state", body=schemas.FrameworkIn,
          returns=schemas.FrameworkOut, status=201)
def state_framework(actor: Actor, body):
    """State the terms of a framework in one's own unit; a draft that another person publishes."""
    return stating.state_framework(actor, **body)


@api.get(OWN, audience="open", returns=schemas.FrameworkOut)
def get_framework(actor: Actor, framework_id: str):
    """A framework: its terms, who stands in it, what was bought; a draft for its own unit alone."""
    found = _framework(framework_id)
    if found.published_at is None and found.buyer_id != actor.party_id:
        raise NOT_FOUND()
    return found


@api.get(OWN + "/work", audience="self", returns=schemas.FrameworkWorkOut)
def get_framework_work(actor: Actor, framework_id: str):
    """How a framework of one's own unit stands: what keeps a draft from being published."""
    found = _framework(framework_id)
    if actor.account_id is None or found.buyer_id != actor.party_id:
        raise NOT_FOUND()
    now = moment()
    draft, wrong = reading.state_of(found, now) == "drafted", []
    if draft:
        wrong = rules.findings(found, profile_in_force(
            session(), rules.REGIME, found.region, beijing_day(now)), beijing_day(now))
    return {"id": found.id, "draft": draft, "findings": wrong,
            "own": found.drafted_person == actor.person_id}


@api.delete(OWN, action="framework.manage", returns=schemas.FrameworkOut)
def give_up_framework(actor: Actor, framework_id: str):
    """Give a draft up."""
    return stating.give_up_framework(actor, framework_id)


@api.post(OWN + "/approval", action="framework.manage", body=schemas.FrameworkReadIn,
          returns=schemas.FrameworkOut, status=201)
def publish_framework(actor: Actor, body, framework_id: str):
    """Publish the terms: another person, naming the hash of what it read."""
    return stating.publish_framework(actor, framework_id, **body)


@api.post(OWN + "/end", action="framework.manage", body=schemas.FrameworkReasonIn,
          returns=schemas.FrameworkOut, status=201)
def stop_framework(actor: Actor, body, framework_id: str):
    """End a framework before its day, with a reason; what was given stands."""
    return stating.stop_framework(actor, framework_id, **body)


@api.get(OWN + "/notices/<int:number>/pdf", audience="open")
def get_framework_pdf(actor: Actor, framework_id: str, number: int) -> Response:
    """A published notice of a framework as PDF: the fields of its JSON, in their order."""
    from tender import notice_pdf  # slow to import, as for the other notices

    told = reading.notice(session(), framework_id, number)
    return Response(notice_pdf.pdf(told.content, told.content_hash, told.signature),
                    mimetype="application/pdf", headers={
                        "Content-Disposition": f'inline; filename="{told.kind}.pdf"',
                        "X-Content-Type-Options": "nosniff", "ETag": f'"{told.content_hash}"'})


# --- suppliers ------------------------------------------------------------------------------------
@api.post(OWN + "/applications", action="framework.join", body=schemas.ApplicationIn,
          returns=schemas.ApplicationOut, status=201)
def apply_to_framework(actor: Actor, body, framework_id: str):
    """Apply to stand in a framework, with a paper for each condition; at any time while it runs."""
    return joining.apply(actor, framework_id, **body)


@api.get(OWN + "/applications", action="framework.manage", returns=schemas.ApplicationOut,
         many=True)
def list_applications(actor: Actor, framework_id: str) -> Page:
    """Who applied to a framework of one's own unit, the newest first."""
    allow("framework.manage", owner=_framework(framework_id).buyer_id)
    return page(session(), select(FrameworkApplication).where(
        FrameworkApplication.framework_id == framework_id), FrameworkApplication.applied_at,
        FrameworkApplication.id, descending=True)


@api.get("/framework-applications/mine", audience="self", returns=schemas.ApplicationOut,
         many=True)
def list_own_applications(actor: Actor) -> Page:
    """One's own unit's applications, the newest first."""
    if actor.party_id is None:
        return Page([])
    return page(session(), select(FrameworkApplication).where(
        FrameworkApplication.party_id == actor.party_id), FrameworkApplication.applied_at,
        FrameworkApplication.id, descending=True)


@api.get(APPLICATION + "/papers/<digest>", action="framework.manage")
def download_application_paper(actor: Actor, application_id: str, digest: str) -> Response:
    """A paper that an application names by its hash, for the unit that decides it."""
    row = session().get(FrameworkApplication, application_id)
    if row is None or digest not in {one["evidence_hash"] for one in row.papers}:
        raise NOT_FOUND()
    allow("framework.manage", owner=_framework(row.framework_id).buyer_id)
    return send_document(paper_of(session(), row.party_id, digest), cache="no-store")


@api.post(APPLICATION + "/admission", action="framework.manage", returns=schemas.ApplicationOut,
          status=201)
def admit_supplier(actor: Actor, application_id: str):
    """Admit a supplier; it is published at once."""
    return joining.admit(actor, application_id)


@api.post(APPLICATION + "/refusal", action="framework.manage", body=schemas.RefusalIn,
          returns=schemas.ApplicationOut, status=201)
def refuse_supplier(actor: Actor, body, application_id: str):
    """Refuse an application, against published conditions, with a reason."""
    return joining.refuse(actor, application_id, **body)


@api.delete(APPLICATION, action="framework.join", returns=schemas.ApplicationOut)
def leave_framework(actor: Actor, application_id: str):
    """Leave a framework one stands in, or take back an application that is not decided."""
    row = session().get(FrameworkApplication, application_id)
    if row is not None and row.admitted_at is not None:
        return joining.leave(actor, application_id)
    return joining.withdraw(actor, application_id)


@api.post(APPLICATION + "/objections", action="framework.join", body=schemas.FrameworkObjectionIn,
          returns=schemas.FrameworkObjectionOut, status=201)
def object_to_refusal(actor: Actor, body, application_id: str):
    """Object to the refusal of one's own application, in its time; once."""
    return ending.object_to_refusal(actor, application_id, **body)


@api.post(APPLICATION + "/strikes", action="framework.manage", body=schemas.StrikeIn,
          returns=schemas.StrikeOut, status=201)
def propose_strike(actor: Actor, body, application_id: str):
    """Propose to strike a supplier off, on a ground of the closed list; another person decides."""
    return joining.propose_strike(actor, application_id, **body)


@api.post("/framework-strikes/<strike_id>/approval", action="framework.manage",
          returns=schemas.StrikeOut, status=201)
def approve_strike(actor: Actor, strike_id: str):
    """Strike a supplier off, as the second person; it is published at once."""
    return joining.approve_strike(actor, strike_id)


# --- call-offs ------------------------------------------------------------------------------------
@api.post(OWN + "/calloffs", action="calloff.state", body=schemas.CalloffIn,
          returns=schemas.CalloffOut, status=201)
def state_calloff(actor: Actor, body, framework_id: str):
    """Buy under a framework: choose with a reason, ask whose turn it is, or ask all for offers."""
    return calling.state_calloff(actor, framework_id, **body)


@api.get("/calloffs/own", audience="self", returns=schemas.CalloffRow, many=True)
def list_own_calloffs(actor: Actor) -> Page:
    """What one's own unit bought under frameworks, the newest first."""
    if actor.party_id is None:
        return Page([])
    return page(session(), select(Calloff).where(Calloff.user_id == actor.party_id),
                Calloff.stated_at, Calloff.id, descending=True)


@api.get(CALLOFF, audience="open", returns=schemas.CalloffOut)
def get_calloff(actor: Actor, calloff_id: str):
    """A purchase under a framework: turns, offers once they are closed, the result."""
    return reading.calloff(session(), calloff_id)


@api.post(CALLOFF + "/turn", action="framework.join", returns=schemas.CalloffOut, status=201)
def take_turn(actor: Actor, calloff_id: str):
    """Take one's turn, at the price agreed."""
    return calling.take_turn(actor, calloff_id)


@api.post(CALLOFF + "/turn/declined", action="framework.join", body=schemas.DeclineIn,
          returns=schemas.CalloffOut, status=201)
def decline_turn(actor: Actor, body, calloff_id: str):
    """Decline one's turn, with a reason that the unit judges."""
    return calling.decline_turn(actor, calloff_id, **body)


@api.post(CALLOFF + "/turn/judgement", action="calloff.manage", body=schemas.JudgeIn,
          returns=schemas.CalloffOut, status=201)
def judge_decline(actor: Actor, body, calloff_id: str):
    """Say whether a reason to decline is good; then the next supplier is asked."""
    return calling.judge_decline(actor, calloff_id, **body)


@api.post(CALLOFF + "/offers", action="framework.join", body=schemas.CalloffOfferIn,
          returns=schemas.CalloffOfferOut, status=201)
def make_calloff_offer(actor: Actor, body, calloff_id: str):
    """Hand in one's own sealed offer: its hash alone, once."""
    return offers.offer(actor, calloff_id, **body)


@api.get(CALLOFF + "/offers/mine", audience="self", returns=schemas.CalloffOfferOut)
def get_own_offer(actor: Actor, calloff_id: str):
    """One's own unit's offer in a mini-competition."""
    found = session().scalars(select(CalloffOffer).where(
        CalloffOffer.calloff_id == calloff_id,
        CalloffOffer.party_id == actor.party_id).order_by(
            CalloffOffer.offered_at.desc(), CalloffOffer.id)).first() if actor.party_id else None
    if found is None:
        raise NOT_FOUND()
    return found


@api.post(CALLOFF + "/offers/mine", action="framework.join", body=schemas.CalloffRevealIn,
          returns=schemas.CalloffOfferOut, status=201)
def reveal_calloff_offer(actor: Actor, body, calloff_id: str):
    """Reveal one's own offer, once the time for offers is over."""
    return offers.reveal(actor, calloff_id, **body)


@api.post(CALLOFF + "/contract", action="calloff.manage", body=schemas.CalloffContractIn,
          returns=schemas.CalloffOut, status=201)
def contract_calloff(actor: Actor, body, calloff_id: str):
    """Register the signed contract."""
    return ending.contract(actor, calloff_id, **body)


@api.post(CALLOFF + "/end", action="calloff.manage", body=schemas.FrameworkReasonIn,
          returns=schemas.CalloffOut, status=201)
def give_up_calloff(actor: Actor, body, calloff_id: str):
    """End a purchase whose contract was not signed, with a reason."""
    return ending.give_up(actor, calloff_id, **body)


# --- objections -----------------------------------------------------------------------------------
@api.post(CALLOFF + "/objections", action="framework.join", body=schemas.FrameworkObjectionIn,
          returns=schemas.FrameworkObjectionOut, status=201)
def object_to_calloff(actor: Actor, body, calloff_id: str):
    """Object to a result while it stands in public, as another who is admitted; once."""
    return ending.object_to_result(actor, calloff_id, **body)


@api.get(OWN + "/objections", action="framework.manage", returns=schemas.FrameworkObjectionOut,
         many=True)
def list_refusal_objections(actor: Actor, framework_id: str):
    """What is objected to refusals of one's own unit's framework."""
    allow("framework.manage", owner=_framework(framework_id).buyer_id)
    return reading.objections(session(), framework_id=framework_id, calloff_id=None)


@api.get(CALLOFF + "/objections", action="calloff.manage", returns=schemas.FrameworkObjectionOut,
         many=True)
def list_calloff_objections(actor: Actor, calloff_id: str):
    """What is objected to a result of one's own unit, without the objector."""
    called = reading.calloff(session(), calloff_id)
    allow("calloff.manage", owner=called.user_id)
    return reading.objections(session(), calloff_id=called.id)


def _objection(objection_id: str, digest: str | None = None) -> FrameworkObjection:
    row = session().get(FrameworkObjection, objection_id)
    if row is None or (digest is not None and digest not in row.evidence):
        raise NOT_FOUND()
    return row


@api.get("/framework-objections/<objection_id>/evidence/<digest>", action="framework.manage")
def download_refusal_evidence(actor: Actor, objection_id: str, digest: str) -> Response:
    """A paper that an objection to a refusal rests on, for who must answer it."""
    row = _objection(objection_id, digest)
    if row.application_id is None:
        raise NOT_FOUND()
    allow("framework.manage", owner=_framework(row.framework_id).buyer_id)
    return send_document(paper_of(session(), row.party_id, digest), cache="no-store")


@api.get("/calloff-objections/<objection_id>/evidence/<digest>", action="calloff.manage")
def download_calloff_evidence(actor: Actor, objection_id: str, digest: str) -> Response:
    """A paper that an objection to a result rests on, for who must answer it."""
    row = _objection(objection_id, digest)
    if row.calloff_id is None:
        raise NOT_FOUND()
    allow("calloff.manage", owner=reading.calloff(session(), row.calloff_id).user_id)
    return send_document(paper_of(session(), row.party_id, digest), cache="no-store")


@api.post("/framework-objections/<objection_id>/answer", action="framework.manage",
          body=schemas.FrameworkAnswerIn, returns=schemas.FrameworkObjectionOut, status=201)
def answer_refusal_objection(actor: Actor, body, objection_id: str):
    """Answer an objection to a refusal, once and before everybody; upheld, the supplier is
    admitted."""
    return ending.answer_refusal_objection(actor, objection_id, **body)


@api.post("/calloff-objections/<objection_id>/answer", action="calloff.manage",
          body=schemas.FrameworkAnswerIn, returns=schemas.FrameworkObjectionOut, status=201)
def answer_calloff_objection(actor: Actor, body, objection_id: str):
    """Answer an objection to a result, once and before everybody; upheld, the result falls."""
    return ending.answer_result_objection(actor, objection_id, **body)
