"""Routes of rule profiles: everybody reads them, two supervisors change them."""

from __future__ import annotations

from sqlalchemy import select

from audit.actor import Actor
from kernel.refusal import NOT_FOUND
from people.edge import page
from people.exchange import reading as session

from .. import acts, schemas
from ..model import RuleProfile
from .book import api


@api.get("/profiles", audience="open", query=schemas.ProfileQuery, returns=schemas.ProfileOut,
         many=True)
def list_profiles(actor: Actor, query):
    """Every rule profile, those proposed among them."""
    statement = select(RuleProfile)
    if "regime" in query:
        statement = statement.where(RuleProfile.regime == query["regime"])
    return page(session(), statement, RuleProfile.id)


@api.get("/profiles/<profile>", audience="open", returns=schemas.ProfileOut)
def get_profile(actor: Actor, profile: str):
    """One rule profile with its numbers and their sources."""
    row = session().get(RuleProfile, profile)
    if row is None:
        raise NOT_FOUND()
    return row


@api.post("/profiles", action="profile.propose", body=schemas.ProfileIn,
          returns=schemas.ProfileOut, status=201)
def propose_profile(actor: Actor, body):
    """Propose other numbers for a regime in one's own region, from a day on."""
    return acts.propose_profile(actor, **body)


@api.post("/profiles/<profile>/approval", action="profile.approve",
          body=schemas.ProfileApprovalIn, returns=schemas.ProfileOut, status=201)
def approve_profile(actor: Actor, body, profile: str):
    """Put a proposed profile in force: another person than the one who proposed it."""
    return acts.approve_profile(actor, profile, **body)
