"""JSON of complaints, in and out. Whoever may not know who complains finds no party in it."""

from __future__ import annotations

from datetime import date

from marshmallow import fields, pre_dump, validate

from people.exchange import moment
from people.exchange import reading as session
from people.fields import Flag, Hash, HexId, In, Out, Text, Time, Whole

from ..objections import MAX_EVIDENCE
from ..schemas.objections import EvidenceOut
from . import reading, rules
from .model import Complaint, CourseComplaint, Step

_SUBJECTS = [one.name.lower() for one in rules.Subject]


def _files():
    return fields.List(HexId(), load_default=list, validate=validate.Length(max=MAX_EVIDENCE))


def _day():
    """A Beijing day that times can be counted from."""
    return fields.Date(load_default=None,
                       validate=validate.Range(date(2000, 1, 1), date(2999, 12, 31)))


class ComplaintIn(In):
    """A complaint; name your company in none of its texts, before the opening in its files neither."""

    subject = fields.String(required=True, validate=validate.OneOf(_SUBJECTS))
    facts = Text(1, 8000, required=True)
    claims = Text(1, 4000, required=True)
    evidence = _files()
    objection_id = HexId(load_default=None)
    known_at = Time(load_default=None)
    hotline_no = Text(0, 40, load_default="")
    paper_no = Text(0, 100, load_default="")
    paper_raised = _day()
    paper_answered = _day()


class CourseComplaintIn(In):
    """A complaint of a direct award or a service; the own objection is found, evidence named by the
    hashes of one's own papers."""

    subject = fields.String(required=True, validate=validate.OneOf(
        sorted(one.name.lower() for one in rules.OF_COURSES)))
    facts = Text(1, 8000, required=True)
    claims = Text(1, 4000, required=True)
    evidence = fields.List(Hash(), load_default=list, validate=validate.Length(max=MAX_EVIDENCE))
    known_at = Time(load_default=None)
    hotline_no = Text(0, 40, load_default="")
    paper_no = Text(0, 100, load_default="")
    paper_raised = _day()
    paper_answered = _day()


class CorrectionIn(In):
    """What is said in the place of what was lacking."""

    text = Text(1, 8000, required=True)
    evidence = fields.List(Text(1, 64), load_default=list,
                           validate=validate.Length(max=MAX_EVIDENCE))
    """Ids of files sent for it; of a direct award or a service, hashes of one's own papers."""


class WhyIn(In):
    """The words of a step."""

    text = Text(1, 4000, required=True)


class AcceptanceIn(In):
    """The number of the document, and whether the lot is suspended by it."""

    document_no = Text(1, 100, required=True)
    suspend = Flag(load_default=False)
    reason = Text(0, 2000, load_default="")


class SuspensionIn(In):
    """The number of the order, and why it is necessary."""

    document_no = Text(1, 100, required=True)
    reason = Text(1, 2000, required=True)


class RefusalIn(In):
    """Why it is not accepted: a ground of the closed list, in words, by which document."""

    basis = fields.String(required=True, validate=validate.OneOf(list(rules.GROUNDS)))
    text = Text(1, 4000, required=True)
    document_no = Text(1, 100, required=True)


class PauseIn(In):
    """What the clock stands still for."""

    basis = fields.String(required=True, validate=validate.OneOf(list(rules.STOPS)))
    text = Text(1, 4000, required=True)


class TransferIn(In):
    """To whom: another supervisor here (`unit_id`), or a `department` outside the platform."""

    unit_id = HexId(load_default=None)
    department = Text(0, 100, load_default="")
    document_no = Text(1, 100, required=True)
    text = Text(1, 2000, required=True)


class StatementIn(In):
    """What the buyer has to say, with a paper of its unit."""

    text = Text(1, 8000, required=True)
    evidence_hash = Hash(load_default=None)


class ReportIn(In):
    """What was done of what was ordered, and the paper that shows it."""

    text = Text(1, 4000, required=True)
    evidence_hash = Hash(required=True)


class ProposalIn(In):
    """How the case is to be decided; the reasons are public and do not name the complainant."""

    outcome = fields.String(required=True, validate=validate.OneOf(list(rules.OUTCOMES)))
    basis = fields.String(load_default="", validate=validate.OneOf(
        ["", *rules.BASES, rules.FALLS]))
    text = Text(1, 8000, required=True)
    law = Text(1, 300, required=True)
    document_no = Text(1, 100, required=True)
    orders = Text(0, 4000, load_default="")
    order_due = _day()


class DecisionIn(In):
    """The number of the proposal that was read; `lift`: the case's suspension ends with it."""

    proposal = Whole(1, 10_000, required=True)
    lift = Flag(load_default=False)


class ClosingIn(In):
    """The paper that was read."""

    evidence_hash = Hash(required=True)
    text = Text(0, 2000, load_default="")


class StepOut(Out):
    """One step of a case."""

    id = HexId()
    number = fields.Integer()
    kind = fields.String()
    zh = fields.String()
    en = fields.String()
    who = fields.String()
    law = fields.String()
    at = Time()
    text = fields.String()
    document_no = fields.String()
    due = Time(allow_none=True)
    outcome = fields.String()
    basis = fields.String()
    orders = fields.String()
    evidence_hash = fields.String()


class DecidedOut(Out):
    """A decided complaint as everybody is shown it."""

    id = HexId()
    lot_id = HexId(allow_none=True)
    about = fields.String()
    about_id = HexId()
    subject = fields.String()
    outcome = fields.String()
    basis = fields.String()
    document_no = fields.String()
    text = fields.String()
    law = fields.String()
    orders = fields.String()
    order_due = Time(allow_none=True)
    decided_at = Time()
    decided_late = fields.Boolean()
    review_until = fields.Date()
    suit_until = fields.Date()
    closed_at = Time(allow_none=True)
    state = fields.String()


class ListedOut(Out):
    """A case in a list: where, of what, how it stands, its next days."""

    id = HexId()
    lot_id = HexId(allow_none=True)
    about = fields.String()
    about_id = HexId()
    tender_id = HexId(allow_none=True)
    tender_title = fields.String()
    lot_number = fields.Integer(allow_none=True)
    lot_title = fields.String()
    region = fields.String()
    viewer = fields.String()
    subject = fields.String()
    state = fields.String()
    zh = fields.String()
    en = fields.String()
    moves_next = fields.String()
    law = fields.String()
    over = fields.Boolean()
    acceptance_due = Time(allow_none=True)
    correction_due = Time(allow_none=True)
    statement_due = Time(allow_none=True)
    decision_due = Time(allow_none=True)
    order_due = Time(allow_none=True)
    overdue = fields.List(fields.String())
    suspended = fields.Boolean()


class CaseOut(ListedOut):
    """A case as its viewer is shown it."""

    facts = fields.String()
    claims = fields.String()
    objection_id = HexId(allow_none=True)
    hotline_no = fields.String()
    paper_no = fields.String()
    paper_raised = fields.Date(allow_none=True)
    paper_answered = fields.Date(allow_none=True)
    last_at = Time(allow_none=True)
    evidence = fields.List(fields.Nested(EvidenceOut))
    complainant = fields.String(allow_none=True)
    steps = fields.List(fields.Nested(StepOut))
    may = fields.List(fields.String())
    suspended_until = Time(allow_none=True)
    proposal = fields.Integer(allow_none=True)
    decision = fields.Nested(DecidedOut, allow_none=True)
    acceptance_days = fields.Integer()
    decision_days = fields.Integer()

    @pre_dump
    def _seen(self, said, **_):
        """Whoever files one is shown it as its own."""
        return reading.case(session(), said, reading.OWN, moment()) \
            if isinstance(said, Complaint | CourseComplaint) else said


class TakenOut(Out):
    """The step that was taken."""

    complaint_id = HexId()
    number = fields.Integer()
    kind = fields.String()
    at = Time()
    due = Time(allow_none=True)

    @pre_dump
    def _taken(self, said: Step, **_):
        return {"complaint_id": said.complaint_id, "number": said.number, "kind": said.kind,
                "at": said.at, "due": said.due}


class ComplainantOut(Out):
    """Who complains."""

    complaint_id = HexId()
    party_id = HexId()
    name = fields.String()
    uscc = fields.String()


class UnitOut(Out):
    """A unit that supervises the place."""

    id = HexId()
    name = fields.String()
