"""What every step of a case has in common: the locks, who may take it, its row and its entry."""

from __future__ import annotations

from audit.act import Act
from evaluation.services.requests import lock_service
from kernel.db import new_id
from kernel.refusal import DENIED, NOT_FOUND, Refused
from people import conflicts
from people.model import Party
from people.refusals import LOT_ROLES_CONFLICT
from tender.acts import lock_lot
from tender.acts.direct import lock_award
from tender.acts.halting import lock_of
from tender.model import Tender
from tender.rules import check_question

from . import matters, reading, states
from .matters import Matter
from .model import STEP, AnyComplaint
from .refusals import MOVED, NAMES, OTHER_UNIT, RECUSED
from .states import State


def lock_case(ctx: Act, lot_id: str | None, complaint_id: str, *, halting: bool = False,
              own: bool = False) -> tuple[Matter, AnyComplaint]:
    """Lock what is complained of (`halting`: a lot's whole tender) and with it its cases; what it
    is, the complaint. `lot_id`: None of a direct award or a service.

    Raises NOT_FOUND, also for one that has not come to the supervisor yet, unless `own`.
    """
    if lot_id is None:
        row = reading.complaint(ctx.session, complaint_id)
        if row.lot_id is not None:
            raise NOT_FOUND()
        return lock_course(ctx, matters.AWARD if row.award_id else matters.SERVICE,
                           row.course_id), row
    lot = lock_of(ctx, lot_id)[0] if halting else lock_lot(ctx, lot_id)
    row = reading.complaint(ctx.session, complaint_id)
    if row.lot_id != lot_id or not (own or reading.delivered(ctx.session, row, ctx.now)):
        raise NOT_FOUND()
    return matters.of_lot(lot, ctx.session.get_one(Tender, lot.tender_id)), row


def lock_course(ctx: Act, kind: str, course_id: str) -> Matter:
    """Lock a published direct award or service. NOT_FOUND."""
    if kind == matters.AWARD:
        lock_award(ctx, course_id, draft=False, own=False)
    else:
        lock_service(ctx, course_id)
    return matters.course(ctx.session, kind, course_id)


def for_the_body(ctx: Act, lot_id: str | None, complaint_id: str, kind: str, *,
                 halting: bool = False) -> tuple[Matter, AnyComplaint, list]:
    """Lock a case for a step of the supervisor's: allowed in this place, of the unit that handles
    it, a person who has no other part in the lot and did not stand aside.

    Raises NOT_FOUND, DENIED, OTHER_UNIT, RECUSED, LOT_ROLES_CONFLICT, MOVED.
    """
    matter, row = lock_case(ctx, lot_id, complaint_id, halting=halting)
    if lot_id is None:
        ctx.permit(region=matter.region)
    else:
        ctx.permit(lot_id=lot_id)
    if ctx.actor.person_id is None:
        raise DENIED()
    if ctx.actor.person_id in matter.persons:
        raise LOT_ROLES_CONFLICT(wanted="supervisor", held="buyer")
    if lot_id is not None:
        conflicts.no_two_roles(ctx.session, lot_id, ctx.actor.person_id, "supervisor")
    steps = reading.steps_of(ctx.session, row)
    if reading.unit_of(steps) not in (None, ctx.actor.party_id):
        raise OTHER_UNIT()
    if reading.stood_aside(steps, ctx.actor.person_id):
        raise RECUSED()
    must_stand(ctx, row, steps, kind)
    return matter, row, steps


def must_stand(ctx: Act, row: AnyComplaint, steps: list, kind: str) -> State:
    """The state, in which the step may be taken. Raises MOVED."""
    stands = reading.state(ctx.session, row, ctx.now, steps)
    if not states.may_take(kind, stands):
        raise MOVED(zh=stands.zh, en=stands.en)
    return stands


def nameless(ctx: Act, party_id: str, *texts: str) -> None:
    """Refuse a text that names who complains: others than the supervisor read it. Raises NAMES."""
    own = ctx.session.get_one(Party, party_id)
    for text in texts:
        try:
            check_question(text, (own.name, own.uscc))
        except Refused as refused:
            raise NAMES() from refused


def take(ctx: Act, matter: Matter, row: AnyComplaint, steps: list, kind: str,
         facts: dict[str, object] | None = None, **said: object):
    """Add the step behind the others and write the act's entry."""
    one = STEP[type(row)](
        id=new_id(), complaint_id=row.id, number=len(steps) + 1, kind=kind, at=ctx.now,
        account_id=ctx.actor.account_id, person_id=ctx.actor.person_id,
        party_id=ctx.actor.party_id, **{"text": ""} | said)
    for name in reading.STATED[:-2]:  # what the database would fill in is in the digest too
        if getattr(one, name) is None:
            setattr(one, name, "")
    ctx.session.add(one)
    ctx.session.flush()
    ctx.record(row.id, {"step": one.id, "number": one.number, "kind": kind,
                        "step_hash": reading.step_digest(one)} | (facts or {}),
               lot_id=matter.lot_id, tender_id=matter.process_id)
    return one
