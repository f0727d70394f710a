"""Routes of registration, of what lots ask, of agencies' authority and of plans."""

from __future__ import annotations

from sqlalchemy import or_, select

from audit.actor import Actor
from kernel.canonical import time_text
from people.edge import Page, page
from people.exchange import reading as session

from .. import acts, companies, schemas
from ..model import AgencyAuthority, ProcurementPlan, Registration, Requirement, Tender
from .book import api


@api.put("/tenders/<tender_id>/registration", action="project.edit", body=schemas.RegistrationIn,
         returns=schemas.RegistrationOut, matched=True)
def set_registration(actor: Actor, body, tender_id: str, if_match: int | None):
    """State who approved a draft project, who pays, where it lies, when its site is shown."""
    visit = body["site_visit"]
    if visit is not None:
        body["site_visit"] = visit | {"at": time_text(visit["at"])}
    return acts.set_registration(actor, tender_id, if_match=if_match, **body)


@api.get("/tenders/<tender_id>/registration", action="notice.view",
         returns=schemas.RegistrationOut)
def get_registration(actor: Actor, tender_id: str):
    """A project's registration; empty where nothing was stated."""
    return session().get(Registration, tender_id) or Registration(
        tender_id=tender_id, approval_body="", funding=[], township="", village="")


@api.put("/lots/<lot_id>/requirements", action="project.edit", body=schemas.RequirementsIn,
         returns=schemas.RequirementsOut, matched=True)
def set_requirements(actor: Actor, body, lot_id: str, if_match: int | None):
    """State what a draft lot asks of tenderers, and whether consortia may bid."""
    return acts.set_requirements(actor, lot_id, if_match=if_match, **body)


@api.get("/lots/<lot_id>/requirements", action="notice.view", returns=schemas.RequirementsOut)
def get_requirements(actor: Actor, lot_id: str):
    """What a lot asks of tenderers; nothing, and no consortia, where nothing was stated."""
    return session().get(Requirement, lot_id) or Requirement(
        lot_id=lot_id, body=dict(companies.NO_REQUIREMENT))


@api.post("/agency-authorities", action="project.create", body=schemas.AuthorityIn,
          returns=schemas.AuthorityOut, status=201)
def authorise_agency(actor: Actor, body):
    """Let an agency act for one's own unit, as far and as long as its letter says."""
    return acts.authorise_agency(actor, **body)


@api.post("/agency-authorities/<authority_id>/revocation", action="project.create",
          returns=schemas.AuthorityOut, status=201)
def revoke_agency(actor: Actor, authority_id: str):
    """Take an agency's authority back, from this moment on."""
    return acts.revoke_agency(actor, authority_id)


@api.get("/agency-authorities", audience="self", returns=schemas.AuthorityOut, many=True)
def list_authorities(actor: Actor):
    """The authorities that one's own unit gave or was given."""
    own = AgencyAuthority
    return page(session(), select(own).where(or_(
        own.buyer_id == actor.party_id, own.agency_id == actor.party_id)), own.recorded_at, own.id,
        descending=True)


@api.post("/plans", action="project.create", body=schemas.PlanIn, returns=schemas.PlanOut,
          status=201)
def announce_plan(actor: Actor, body):
    """Announce ahead what one's unit means to put out."""
    return acts.announce_plan(actor, **body)


@api.get("/plans", audience="open", returns=schemas.PlanOut, many=True)
def list_plans(actor: Actor):
    """Plans announced ahead, newest first, with the tenders that came of them."""
    found = page(session(), select(ProcurementPlan), ProcurementPlan.announced_at,
                 ProcurementPlan.id, descending=True)
    return Page(_plans(found.items), found.next)


def _plans(plans: list[ProcurementPlan]) -> list[dict]:
    named: dict[str, list[str]] = {plan.id: [] for plan in plans}
    for plan_id, tender_id in session().execute(
            select(Registration.plan_id, Tender.id).join(Tender, Tender.id == Registration.tender_id)
            .where(Registration.plan_id.in_(named), Tender.published_at.is_not(None))
            .order_by(Tender.published_at)):
        named[plan_id].append(tender_id)
    return [{column.name: getattr(plan, column.name) for column in plan.__table__.columns}
            | {"tenders": named[plan.id]} for plan in plans]
