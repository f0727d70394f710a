"""How a case ends: a decision by two persons, what the buyer mends, the close (实施条例 61)."""

from __future__ import annotations

from datetime import date

from audit.act import Act, act
from tender.acts import must_be_kept, resume_lot
from tender.model import Lot, LotSuspension
from tender.reading import suspension_of
from tender.timetable import beijing_day, end_of

from . import reading
from .handling import HANDLE, QUIET, for_the_buyer
from .model import ComplaintStep
from .refusals import BASIS, MOVED_ON, NOT_SUSPENDED_BY, ORDER, PROPOSER_RECUSED, SAME_PERSON
from .taking import for_the_body, nameless, take

LAW = "招标投标法 65; 实施条例 61"


@act("complaint.decision_proposed", law=LAW, action=HANDLE, **QUIET)
def propose_decision(ctx: Act, lot_id: str, complaint_id: str, *, outcome: str, text: str,
                     law: str, document_no: str, basis: str = "", orders: str = "",
                     order_due: date | None = None) -> ComplaintStep:
    """Propose how a case is decided: outcome, reasons (public), law, what is to be mended by when.

    Raises MOVED, BASIS, ORDER, NAMES.
    """
    lot, row, steps = for_the_body(ctx, lot_id, complaint_id, "proposed")
    nameless(ctx, row.party_id, text, orders, law, document_no)
    if (outcome == "rejected") != bool(basis):
        raise BASIS()
    if bool(orders) != bool(order_due) or (orders and outcome != "upheld") \
            or (order_due and order_due <= beijing_day(ctx.now)):
        raise ORDER()
    return take(ctx, lot, row, steps, "proposed", outcome=outcome, basis=basis, text=text, law=law,
                document_no=document_no, orders=orders,
                due=end_of(order_due) if order_due else None)


@act("complaint.decision_returned", law="规则：两人决定", action=HANDLE, **QUIET)
def return_decision(ctx: Act, lot_id: str, complaint_id: str, *, text: str) -> ComplaintStep:
    """Send a proposed decision back, with the reason. Raises MOVED."""
    lot, row, steps = for_the_body(ctx, lot_id, complaint_id, "sent_back")
    return take(ctx, lot, row, steps, "sent_back", text=text)


@act("complaint.decided", law=LAW, action=HANDLE, fresh=True, lot=True)
def approve_decision(ctx: Act, lot_id: str, complaint_id: str, *, proposal: int,
                     lift: bool = False) -> ComplaintStep:
    """Approve the proposed decision as another person of the supervisor's: it is made, and public.

    `proposal`: the number of the step that was read; `lift`: the suspension that this case ordered
    ends with it. Raises MOVED, MOVED_ON, SAME_PERSON, PROPOSER_RECUSED, NOT_SUSPENDED_BY.
    """
    lot, row, steps = for_the_body(ctx, lot_id, complaint_id, "decided", halting=True)
    said = reading.last(steps, "proposed")
    if said.number != proposal:
        raise MOVED_ON()
    if ctx.actor.person_id == said.person_id:
        raise SAME_PERSON()
    if any(one.kind == "recused" and one.person_id == said.person_id for one in steps):
        raise PROPOSER_RECUSED()  # who proposed it has no part in the case any more: it is proposed anew
    halt = _lift(ctx, lot, steps, said) if lift else None
    return take(ctx, lot, row, steps, "decided", {
        "outcome": said.outcome, "document_no": said.document_no, "subject": row.subject,
        "decision_hash": reading.step_digest(said), "complaint_hash": reading.digest(row),
        "proposer": said.person_id}, outcome=said.outcome, document_no=said.document_no,
        suspension_id=halt and halt.id)


def _lift(ctx: Act, lot: Lot, steps: list[ComplaintStep], said: ComplaintStep) -> LotSuspension:
    standing, own = suspension_of(ctx.session, lot.id), reading.suspended_by(ctx.session, steps)
    if standing is None or own is None or standing.id != own.id:
        raise NOT_SUSPENDED_BY()
    return resume_lot(ctx, lot.id, document_no=said.document_no, reason="投诉已作出处理决定")


@act("complaint.order_reported", law=LAW, action="complaint.answer", lot=True)
def report_order(ctx: Act, lot_id: str, complaint_id: str, *, text: str,
                 evidence_hash: str) -> ComplaintStep:
    """Report, as the buyer, what was done of what was ordered, with a paper that its unit keeps
    here. Raises MOVED, PAPER_MISSING."""
    lot, row, steps = for_the_buyer(ctx, lot_id, complaint_id, "reported")
    must_be_kept(ctx.session, ctx.actor.party_id, [evidence_hash])
    return take(ctx, lot, row, steps, "reported", text=text, evidence_hash=evidence_hash)


@act("complaint.report_returned", law=LAW, action=HANDLE, lot=True)
def return_report(ctx: Act, lot_id: str, complaint_id: str, *, text: str) -> ComplaintStep:
    """Send the report back: the evidence shows nothing mended. The day stays. Raises MOVED."""
    lot, row, steps = for_the_body(ctx, lot_id, complaint_id, "report_returned")
    nameless(ctx, row.party_id, text)
    return take(ctx, lot, row, steps, "report_returned", text=text)


@act("complaint.closed", law=LAW, action=HANDLE, fresh=True, lot=True)
def close_complaint(ctx: Act, lot_id: str, complaint_id: str, *, evidence_hash: str,
                    text: str = "") -> ComplaintStep:
    """Close a case on the evidence that was read, named by its hash. Raises MOVED, MOVED_ON."""
    lot, row, steps = for_the_body(ctx, lot_id, complaint_id, "closed")
    nameless(ctx, row.party_id, text)
    if reading.last(steps, "reported").evidence_hash != evidence_hash:
        raise MOVED_ON()
    return take(ctx, lot, row, steps, "closed", text=text, evidence_hash=evidence_hash)
