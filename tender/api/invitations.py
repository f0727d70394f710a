"""Routes of tenders by invitation."""

from __future__ import annotations

from sqlalchemy import select

from audit.actor import Actor
from kernel.refusal import NOT_FOUND
from people.edge import Page, page
from people.exchange import ahead, moment
from people.exchange import reading as session
from people.model import Party
from people.relations import own_party

from .. import acts, invited, reading, schemas
from ..lifecycle import Facts, Phase, phase
from ..model import Invitee, Lot, Tender
from .book import api


@api.put("/lots/<lot_id>/invitees", action="project.edit", body=schemas.InviteesIn,
         returns=schemas.InviteesOut, matched=True)
def set_invitees(actor: Actor, body, lot_id: str, if_match: int | None):
    """State who is invited to a draft lot by invitation: the whole list, three or more."""
    acts.set_invitees(actor, lot_id, if_match=if_match, **body)
    return invited.list_of(session(), lot_id)


@api.get("/lots/<lot_id>/invitees", action="invitation.view", returns=schemas.InviteesOut)
def get_invitees(actor: Actor, lot_id: str):
    """Who is invited: for the buyer's own people, and for everybody once the lot is opened."""
    _opened_if_archived(lot_id)
    return invited.list_of(session(), lot_id)


def _opened_if_archived(lot_id: str) -> None:
    facts = reading.lot_facts(session(), lot_id)
    if phase(facts, moment()) is Phase.ARCHIVED and "opened" not in facts.outcomes:
        raise NOT_FOUND()  # it ended unopened, and the next round may invite the same


@api.put("/lots/<lot_id>/long-list", action="project.edit", body=schemas.LongListIn,
         returns=schemas.LongListOut, matched=True)
def set_long_list(actor: Actor, body, lot_id: str, if_match: int | None):
    """State the list from which those invited to a draft lot of government procurement are drawn."""
    acts.set_long_list(actor, lot_id, if_match=if_match, **body)
    return invited.long_list_of(session(), lot_id)


@api.get("/lots/<lot_id>/long-list", action="invitation.view", returns=schemas.LongListOut)
def get_long_list(actor: Actor, lot_id: str):
    """The list from which those invited were drawn: for whom those invited themselves are."""
    _opened_if_archived(lot_id)
    return invited.long_list_of(session(), lot_id)


@api.get("/invitations", audience="self", returns=schemas.InvitationOut, many=True)
def list_invitations(actor: Actor):
    """The published lots that one's own company is invited to, the latest deadline first."""
    party_id = own_party(session(), actor, moment())
    if party_id is None:
        return Page([])
    own = session().get_one(Party, party_id).uscc
    found = page(session(), select(Lot).join(Invitee, Invitee.lot_id == Lot.id)
                 .join(Tender, Tender.id == Lot.tender_id)
                 .where(Invitee.uscc == own, Lot.method == "invite",
                        Tender.published_at.is_not(None)),
                 Lot.deadline, Lot.id, descending=True)
    ahead(Tender, (lot.tender_id for lot in found.items))
    facts = reading.facts_of(session(), [lot.id for lot in found.items])
    return Page([_invitation(lot, facts[lot.id]) for lot in found.items], found.next)


def _invitation(lot: Lot, facts: Facts) -> dict[str, object]:
    tender = reading.tender(session(), lot.tender_id)
    return {"lot_id": lot.id, "tender_id": tender.id, "title": tender.title,
            "lot_title": lot.title, "deadline": lot.deadline,
            "published_at": tender.published_at,
            "phase": phase(facts, moment()).name}
