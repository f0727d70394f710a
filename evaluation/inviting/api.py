"""Routes of a draw of those invited: announce, stand for it, read."""

from __future__ import annotations

from audit.actor import Actor
from kernel.refusal import NOT_FOUND
from people.edge import Book
from people.exchange import moment
from people.exchange import reading as session
from tender.lifecycle import Phase, phase
from tender.reading import lot_facts

from . import acts, reading, schemas

api = Book("inviting")


@api.post("/lots/<lot_id>/invitation-draws", action="project.edit", body=schemas.InvitationDrawIn,
          returns=schemas.InvitationDrawOut, status=201)
def announce_invitation(actor: Actor, body, lot_id: str):
    """Announce the draw of those invited to a draft lot from its longer list."""
    return acts.announce_invitation(actor, lot_id, **body)


@api.post("/lots/<lot_id>/invitation-watchers", action="invitation.watch",
          body=schemas.InvitationWatchIn, returns=schemas.InvitationDrawOut, status=201)
def watch_invitation(actor: Actor, body, lot_id: str):
    """Stand for the draw of those invited that was announced, as another person of the buyer (fresh
    second factor)."""
    return acts.watch_invitation(actor, lot_id, **body)


@api.get("/lots/<lot_id>/invitation-draws", action="invitation.view",
         returns=schemas.InvitationDrawOut, many=True)
def list_invitation_draws(actor: Actor, lot_id: str):
    """Every draw of those invited to a lot: for the buyer, and for everybody once it is opened."""
    facts = lot_facts(session(), lot_id)
    if phase(facts, moment()) is Phase.ARCHIVED and "opened" not in facts.outcomes:
        raise NOT_FOUND()
    return reading.draws_of(session(), lot_id)
