"""Who stands how to a tender: the buyer's own people, the supervisor whose region it lies in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from audit.actor import Actor
from people.relations import effective_grants

from .model import Lot, Tender
from .reading import agency_authorities

REFINES = {"buyer_own": "buyer_other", "supervisor_in": "supervisor_out"}
"""The roles found here, each with the general one without which it is worth nothing."""


def relations(session: Session, actor: Actor, roles: set[str], *, lot_id: str | None = None,
              tender_id: str | None = None) -> set[str]:
    """`buyer_own` and `supervisor_in`, as far as they hold; nothing without lot or tender.

    A supervisor's jurisdiction is the prefix named in the grant; a grant without a region
    reaches nothing. `roles`: the actor's general ones.
    """
    if actor.account_id is None or roles.isdisjoint(REFINES.values()):
        return set()
    if tender_id is None and lot_id is not None:
        lot = session.get(Lot, lot_id)
        tender_id = lot.tender_id if lot else None
    tender = session.get(Tender, tender_id) if tender_id else None
    if tender is None:
        return set()
    found = set()
    for grant in effective_grants(session, actor.account_id):
        if grant.role == "buyer" and grant.party_id == tender.buyer_id == actor.party_id:
            found.add("buyer_own")
        if grant.role == "supervisor" and in_region(tender.region, grant.region):
            found.add("supervisor_in")
    return found


def agent_actions(session: Session, actor: Actor, roles: set[str], now: datetime, *,
                  lot_id: str | None = None, tender_id: str | None = None) -> frozenset[str]:
    """What an agency may do as the buyer's own people in this tender, under an authority in force
    at `now` (招标投标法 15); nothing for anybody else. `roles`: the actor's."""
    if "buyer_other" not in roles or actor.account_id is None:
        return frozenset()
    if tender_id is None and lot_id is not None:
        lot = session.get(Lot, lot_id)
        tender_id = lot.tender_id if lot else None
    tender = session.get(Tender, tender_id) if tender_id else None
    if tender is None or tender.buyer_id == actor.party_id:
        return frozenset()
    return frozenset(action for row in agency_authorities(
        session, actor.party_id, tender.buyer_id, tender.id, now) for action in row.actions)


def towards_region(session: Session, actor: Actor, region: str) -> set[str]:
    """`supervisor_in` for a place that lies in one of the actor's jurisdictions, else nothing."""
    if actor.account_id is None:
        return set()
    return {"supervisor_in" for grant in effective_grants(session, actor.account_id)
            if grant.role == "supervisor" and in_region(region, grant.region)}


def in_region(region: str, jurisdiction: str | None) -> bool:
    """Whether a tender's region lies in a jurisdiction, a prefix of whole divisions.

    `33` province, `3307` city, `330703` county; trailing zeros of a full code are its level.
    """
    code = prefix((jurisdiction or "").strip())
    return len(code) in (2, 4, 6) and code.isdigit() and region.startswith(code)


def prefix(jurisdiction: str) -> str:
    """A jurisdiction as the digits with which the regions in it begin."""
    code = jurisdiction
    if len(code) == 6:
        while code.endswith("00"):
            code = code[:-2]
    return code
