"""What every step of a case has in common: the locks, who may take it, its row and its entry."""

from __future__ import annotations

from audit.act import Act
from kernel.db import new_id
from kernel.refusal import DENIED, NOT_FOUND, Refused
from people import conflicts
from people.model import Party
from tender.acts import lock_lot
from tender.acts.halting import lock_of
from tender.model import Lot
from tender.rules import check_question

from . import reading, states
from .model import Complaint, ComplaintStep
from .refusals import MOVED, NAMES, OTHER_UNIT, RECUSED
from .states import State


def lock_case(ctx: Act, lot_id: str, complaint_id: str, *, halting: bool = False,
              own: bool = False) -> tuple[Lot, Complaint]:
    """Lock the lot (`halting`: its whole tender) and with it its cases; the lot, the complaint.

    Raises NOT_FOUND, also for one that has not come to the supervisor yet, unless `own`.
    """
    lot = lock_of(ctx, lot_id)[0] if halting else lock_lot(ctx, lot_id)
    row = ctx.session.get(Complaint, complaint_id)
    if row is None or row.lot_id != lot_id \
            or not (own or reading.delivered(ctx.session, row, ctx.now)):
        raise NOT_FOUND()
    return lot, row


def for_the_body(ctx: Act, lot_id: str, complaint_id: str, kind: str, *,
                 halting: bool = False) -> tuple[Lot, Complaint, list[ComplaintStep]]:
    """Lock a case for a step of the supervisor's: allowed in this place, of the unit that handles
    it, a person who has no other part in the lot and did not stand aside.

    Raises NOT_FOUND, DENIED, OTHER_UNIT, RECUSED, LOT_ROLES_CONFLICT, MOVED.
    """
    lot, row = lock_case(ctx, lot_id, complaint_id, halting=halting)
    ctx.permit(lot_id=lot_id)
    if ctx.actor.person_id is None:
        raise DENIED()
    conflicts.no_two_roles(ctx.session, lot_id, ctx.actor.person_id, "supervisor")
    steps = reading.steps_of(ctx.session, row.id)
    if reading.unit_of(steps) not in (None, ctx.actor.party_id):
        raise OTHER_UNIT()
    if any(one.kind == "recused" and one.person_id == ctx.actor.person_id for one in steps):
        raise RECUSED()
    must_stand(ctx, row, steps, kind)
    return lot, row, steps


def must_stand(ctx: Act, row: Complaint, steps: list[ComplaintStep], kind: str) -> State:
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


def take(ctx: Act, lot: Lot, row: Complaint, steps: list[ComplaintStep], kind: str,
         facts: dict[str, object] | None = None, **said: object) -> ComplaintStep:
    """Add the step behind the others and write the act's entry."""
    one = ComplaintStep(
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
               lot_id=lot.id, tender_id=lot.tender_id)
    return one
