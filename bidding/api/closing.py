"""The routes of a lot's close: its root and witnesses, deadlines in doubt and what is decided."""

from __future__ import annotations

from audit.actor import Actor
from kernel.refusal import NOT_FOUND
from people.edge import moment
from people.exchange import reading as session
from tender import deadlines
from tender.reading import lot as the_lot

from .. import acts, reading, schemas
from .book import api


@api.get("/lots/<lot_id>/closing", action="notice.view", returns=schemas.ClosingOut)
def closing(actor: Actor, lot_id: str):
    """The lot's close: its root, whether witnesses saw it, doubts about time and decisions."""
    return reading.closing_view(session(), the_lot(session(), lot_id), moment())


@api.post("/lots/<lot_id>/deadline-proposals", action="deadline.restore_propose",
          body=schemas.ProposalIn, returns=schemas.ProposalOut, status=201)
def propose_deadline(actor: Actor, body, lot_id: str):
    """Propose with evidence a later deadline, or that the close stands."""
    return deadlines.propose(actor, lot_id, **body)


@api.get("/lots/<lot_id>/deadline-proposals/last", action="deadline.restore_approve",
         returns=schemas.ProposalOut)
def last_proposal(actor: Actor, lot_id: str):
    """The proposal that waits for, or has, the supervisor's decision."""
    found = deadlines.last_proposal(session(), lot_id)
    if found is None:
        raise NOT_FOUND()
    return found


@api.post("/lots/<lot_id>/deadline-proposals/decision", action="deadline.restore_approve",
          body=schemas.DecisionIn, returns=schemas.ProposalOut, status=201)
def decide_deadline(actor: Actor, body, lot_id: str):
    """Approve the last proposal: a later deadline comes into force, or the close stands."""
    return acts.decide_deadline(actor, lot_id, **body)
