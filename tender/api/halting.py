"""Routes of what halts, ends or repeats a lot."""

from __future__ import annotations

from audit.actor import Actor
from people.exchange import reading as session

from .. import acts, reading, schemas
from .book import api


@api.post("/lots/<lot_id>/suspension", action="tender.suspend", body=schemas.SuspensionIn,
          returns=schemas.SuspensionOut, status=201)
def suspend_lot(actor: Actor, body, lot_id: str):
    """Suspend a lot by a numbered document until it is lifted."""
    return acts.suspend_lot(actor, lot_id, **body)


@api.post("/lots/<lot_id>/resumption", action="tender.resume", body=schemas.SuspensionIn,
          returns=schemas.SuspensionOut, status=201)
def resume_lot(actor: Actor, body, lot_id: str):
    """Lift a suspension; deadline and publicity move by the time it lasted, never earlier."""
    return acts.resume_lot(actor, lot_id, **body)


@api.post("/lots/<lot_id>/termination", action="tender.terminate", body=schemas.TerminationIn,
          returns=schemas.TerminationOut, status=201)
def terminate_lot(actor: Actor, body, lot_id: str):
    """End a lot with a reason; sealed bids are never opened, securities go back."""
    return acts.terminate_lot(actor, lot_id, **body)


@api.post("/lots/<lot_id>/retender", action="tender.retender", body=schemas.RetenderIn,
          returns=schemas.TenderOut, status=201)
def retender_lot(actor: Actor, body, lot_id: str):
    """Begin the next round of a lot that failed or was ended: a draft linked to it."""
    return acts.retender(actor, lot_id, **body)


@api.get("/lots/<lot_id>/course", action="notice.view", returns=schemas.CourseOut)
def get_course(actor: Actor, lot_id: str):
    """What suspended or ended a lot, and which lots stand before and after it."""
    return reading.course_view(session(), reading.lot(session(), lot_id))
