"""How a case ends: a decision by two persons, what the buyer mends, the close (实施条例 61)."""

from __future__ import annotations

from datetime import date

from audit.act import Act, act
from evaluation.services.complained import settle_service
from tender import halted
from tender.acts import must_be_kept, resume_lot, settle_award
from tender.reading import suspension_of
from tender.timetable import beijing_day, end_of

from . import matters, reading
from .handling import HANDLE, QUIET, for_the_buyer
from .matters import Matter
from .model import Step
from .refusals import BASIS, MOVED_ON, NOT_SUSPENDED_BY, ORDER, PROPOSER_RECUSED, SAME_PERSON
from .rules import FALLS, basis_fits
from .taking import for_the_body, nameless, take

LAW = "招标投标法 65; 实施条例 61"


@act("complaint.decision_proposed", law=LAW, action=HANDLE, **QUIET)
def propose_decision(ctx: Act, lot_id: str | None, complaint_id: str, *, outcome: str, text: str,
                     law: str, document_no: str, basis: str = "", orders: str = "",
                     order_due: date | None = None) -> Step:
    """Propose how a case is decided: outcome, reasons (public), law, what is to be mended by when.

    Raises MOVED, BASIS, ORDER, NAMES.
    """
    matter, row, steps = for_the_body(ctx, lot_id, complaint_id, "proposed")
    nameless(ctx, row.party_id, text, orders, law, document_no)
    if not basis_fits(outcome, basis, course=matter.lot_id is None):
        raise BASIS()
    if bool(orders) != bool(order_due) or (orders and outcome != "upheld") \
            or (order_due and order_due <= beijing_day(ctx.now)):
        raise ORDER()
    return take(ctx, matter, row, steps, "proposed", outcome=outcome, basis=basis, text=text, law=law,
                document_no=document_no, orders=orders,
                due=end_of(order_due) if order_due else None)


@act("complaint.decision_returned", law="规则：两人决定", action=HANDLE, **QUIET)
def return_decision(ctx: Act, lot_id: str | None, complaint_id: str, *, text: str) -> Step:
    """Send a proposed decision back, with the reason. Raises MOVED."""
    matter, row, steps = for_the_body(ctx, lot_id, complaint_id, "sent_back")
    return take(ctx, matter, row, steps, "sent_back", text=text)


@act("complaint.decided", law=LAW, action=HANDLE, fresh=True, lot=True)
def approve_decision(ctx: Act, lot_id: str | None, complaint_id: str, *, proposal: int,
                     lift: bool = False) -> Step:
    """Approve the proposed decision as another person of the supervisor's: it is made, and public; what
    it says falls does, of a direct award or a service.

    `proposal`: the number of the step that was read; `lift`: the suspension that this case ordered
    ends with it. Raises MOVED, MOVED_ON, SAME_PERSON, PROPOSER_RECUSED, NOT_SUSPENDED_BY.
    """
    matter, row, steps = for_the_body(ctx, lot_id, complaint_id, "decided", halting=True)
    said = reading.last(steps, "proposed")
    if said.number != proposal:
        raise MOVED_ON()
    if ctx.actor.person_id == said.person_id:
        raise SAME_PERSON()
    if any(one.kind == "recused" and one.person_id == said.person_id for one in steps):
        raise PROPOSER_RECUSED()  # who proposed it has no part in the case any more: it is proposed anew
    halt_id = _lift(ctx, matter, steps, said) if lift else None
    if matter.lot_id is None:
        settles = settle_award if matter.kind == matters.AWARD else settle_service
        settles(ctx, matter.id, outcome=said.outcome, document_no=said.document_no,
                decision_hash=reading.step_digest(said), halt_id=halt_id,
                falls=said.basis == FALLS)
    return take(ctx, matter, row, steps, "decided", {
        "outcome": said.outcome, "document_no": said.document_no, "subject": row.subject,
        "decision_hash": reading.step_digest(said), "complaint_hash": reading.digest(row),
        "proposer": said.person_id}, outcome=said.outcome, document_no=said.document_no,
        suspension_id=halt_id)


def _lift(ctx: Act, matter: Matter, steps: list, said: Step) -> str:
    """End what the case halted: the lot here, an award or a service in the act that settles it."""
    standing = suspension_of(ctx.session, matter.id) if matter.lot_id \
        else halted.standing(ctx.session, matter.id, ctx.now)
    own = reading.suspended_by(steps)
    if standing is None or standing.id != own:
        raise NOT_SUSPENDED_BY()
    if matter.lot_id:
        resume_lot(ctx, matter.id, document_no=said.document_no, reason="投诉已作出处理决定")
    return own


@act("complaint.order_reported", law=LAW, action="complaint.answer", lot=True)
def report_order(ctx: Act, lot_id: str | None, complaint_id: str, *, text: str,
                 evidence_hash: str) -> Step:
    """Report, as the buyer, what was done of what was ordered, with a paper that its unit keeps
    here. Raises MOVED, PAPER_MISSING."""
    matter, row, steps = for_the_buyer(ctx, lot_id, complaint_id, "reported")
    must_be_kept(ctx.session, ctx.actor.party_id, [evidence_hash])
    return take(ctx, matter, row, steps, "reported", text=text, evidence_hash=evidence_hash)


@act("complaint.report_returned", law=LAW, action=HANDLE, lot=True)
def return_report(ctx: Act, lot_id: str | None, complaint_id: str, *, text: str) -> Step:
    """Send the report back: the evidence shows nothing mended. The day stays. Raises MOVED."""
    matter, row, steps = for_the_body(ctx, lot_id, complaint_id, "report_returned")
    nameless(ctx, row.party_id, text)
    return take(ctx, matter, row, steps, "report_returned", text=text)


@act("complaint.closed", law=LAW, action=HANDLE, fresh=True, lot=True)
def close_complaint(ctx: Act, lot_id: str | None, complaint_id: str, *, evidence_hash: str,
                    text: str = "") -> Step:
    """Close a case on the evidence that was read, named by its hash. Raises MOVED, MOVED_ON."""
    matter, row, steps = for_the_body(ctx, lot_id, complaint_id, "closed")
    nameless(ctx, row.party_id, text)
    if reading.last(steps, "reported").evidence_hash != evidence_hash:
        raise MOVED_ON()
    return take(ctx, matter, row, steps, "closed", text=text, evidence_hash=evidence_hash)
