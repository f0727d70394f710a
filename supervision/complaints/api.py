"""Routes of complaints: filed by a company, handled by the supervisor, answered by the buyer."""

from __future__ import annotations

from typing import BinaryIO

from flask import Response
from sqlalchemy import or_

from audit.actor import Actor
from kernel.refusal import NOT_FOUND
from people.edge import Book, Page, allow, may, page
from people.exchange import moment
from people.exchange import reading as session
from people.model import Party
from people.reading import grants_of
from people.relations import own_party, relations
from tender import files
from tender.acts import paper_of
from tender.api.documents import send_document, stored
from tender.model import Tender
from tender.relations import prefix

from ..schemas.objections import EvidenceOut, EvidenceQuery
from . import cases, course_filing, deciding, filing, handling, matters, reading, schemas
from .model import AnyComplaint, Complaint, CourseComplaint
from .refusals import RECUSED, UNOPENED

api = Book("complaints")

HANDLE, FOLLOW, ANSWER = handling.HANDLE, "complaint.follow", "complaint.answer"


def viewer(actor: Actor, row: AnyComplaint) -> str:
    """As whom somebody looks at a case: its own, the supervisor's, the buyer's; else NOT_FOUND."""
    now = moment()
    if actor.party_id == row.party_id and own_party(session(), actor, now) == row.party_id:
        return reading.OWN
    matter = reading.matter_of(session(), row)
    as_body, as_buyer = ({"lot_id": row.lot_id},) * 2 if row.lot_id else (
        {"region": matter.region}, {"owner": matter.buyer_id})
    if reading.delivered(session(), row, now):
        if may(HANDLE, **as_body):
            _not_aside(actor, row)
            return reading.BODY
        if may(ANSWER, **as_buyer) \
                and reading.last(reading.steps_of(session(), row), "accepted"):
            return reading.BUYER
    raise NOT_FOUND()


def _not_aside(actor: Actor, row: AnyComplaint) -> None:
    """Refuse who stood aside in the case: it is read by that person no more. Raises RECUSED."""
    if reading.stood_aside(reading.steps_of(session(), row), actor.person_id):
        raise RECUSED()


# --- filing and reading ---------------------------------------------------------------------------
@api.post("/lots/<lot_id>/complaint-evidence", action="complaint.file", query=EvidenceQuery,
          returns=EvidenceOut, status=201, stream=True, limit=files.LIMIT)
def add_complaint_evidence(actor: Actor, body: BinaryIO, query, lot_id: str):
    """Send a file that a complaint of one's own will rest on; its kind is told by its content."""
    allow("complaint.file", lot_id=lot_id)
    return filing.add_complaint_evidence(actor, lot_id, **stored(body, query["name"]))


@api.post("/lots/<lot_id>/complaints", action="complaint.file", body=schemas.ComplaintIn,
          returns=schemas.CaseOut, status=201)
def file_complaint(actor: Actor, body, lot_id: str):
    """Complain to the supervisor; there is no fee."""
    return filing.file_complaint(actor, lot_id, **body)


@api.get("/lots/<lot_id>/complaints", action="question.view_published",
         returns=schemas.DecidedOut, many=True)
def list_complaints(actor: Actor, lot_id: str):
    """The decided complaints of a lot with their decisions; of others nobody is told here."""
    found = page(session(), reading.decided(lot_id), Complaint.id)
    return Page([reading.public(one) for one in cases.read(session(), found.items)], found.next)


@api.get("/lots/<lot_id>/complaints/mine", audience="self", returns=schemas.ListedOut, many=True)
def own_complaints(actor: Actor, lot_id: str):
    """What one's own unit has complained of in a lot."""
    party = own_party(session(), actor, moment())
    found = reading.of_company(session(), party, lot_id)
    return [reading.listed(one, reading.OWN, moment()) for one in cases.read(session(), found)]


@api.get("/complaints", audience="self", returns=schemas.ListedOut, many=True)
def list_cases(actor: Actor):
    """The cases one has to do with: a supervisor's of its places, a buyer's of its tenders once
    they are accepted, one's own."""
    now, which = moment(), []
    roles = relations(session(), actor, now)
    if "supervisor_out" in roles:
        which = [reading.of_tenders(session(), or_(*(
            Tender.region.startswith(prefix((grant.region or "").strip()) or "-")
            for grant in grants_of(session(), actor.account_id)
            if grant.role == "supervisor")), now).where(reading.not_aside(actor.person_id))]
    elif "buyer_other" in roles:
        which = [reading.of_tenders(session(), Tender.buyer_id == actor.party_id,
                                    now).where(reading.taken_up())]
    elif (party := own_party(session(), actor, now)) is not None and actor.party_id:
        which = [reading.of_party(party)]
    if not which:
        return Page([])
    found = page(session(), which[0], Complaint.id)
    mine = "supervisor_out" not in roles and "buyer_other" not in roles
    seen = reading.OWN if mine else reading.BODY if "supervisor_out" in roles else reading.BUYER
    return Page([reading.listed(one, seen, now)
                 for one in cases.read(session(), found.items)], found.next)


def _course(name: str, kind: str, key: str) -> None:
    """The routes of complaints of direct awards, or of services."""
    path = f"/{name}/<{key}>/complaints"

    def file(actor: Actor, body, **ids):
        return course_filing.file_course_complaint(actor, kind, ids[key], **body)

    def decided(actor: Actor, **ids):
        return reading.decided_of(session(), matters.course(session(), kind, ids[key]).id)

    def mine(actor: Actor, **ids):
        about = matters.course(session(), kind, ids[key])
        found = reading.of_company_in(session(), own_party(session(), actor, moment()), about.id)
        return [reading.listed(one, reading.OWN, moment())
                for one in cases.read(session(), found)]

    word = kind.replace("_", " ")
    file.__name__, file.__doc__ = f"complain_of_{kind}", \
        f"Complain to the supervisor of a {word}; there is no fee."
    decided.__name__, decided.__doc__ = f"list_{kind}_complaints", \
        f"The decided complaints of a {word}; of others nobody is told here."
    mine.__name__, mine.__doc__ = f"own_{kind}_complaints", \
        f"What one's own unit has complained of in a {word}."
    api.post(path, action="complaint.course", body=schemas.CourseComplaintIn,
             returns=schemas.CaseOut, status=201)(file)
    api.get(path, audience="open", returns=schemas.DecidedOut, many=True)(decided)
    api.get(f"{path}/mine", audience="self", returns=schemas.ListedOut, many=True)(mine)


_course("direct-awards", matters.AWARD, "award_id")
_course("services", matters.SERVICE, "service_id")


@api.get("/complaints/courses", audience="self", returns=schemas.ListedOut, many=True)
def list_course_cases(actor: Actor):
    """The cases of direct awards and services one has to do with, as `/complaints` has those of
    lots."""
    now, roles = moment(), relations(session(), actor, moment())
    if "supervisor_out" in roles:
        seen, which = reading.BODY, reading.of_courses(lambda table: or_(*(
            table.region.startswith(prefix((grant.region or "").strip()) or "-")
            for grant in grants_of(session(), actor.account_id)
            if grant.role == "supervisor"))).where(
                reading.not_aside(actor.person_id, CourseComplaint))
    elif "buyer_other" in roles:
        seen, which = reading.BUYER, reading.of_courses(
            lambda table: table.buyer_id == actor.party_id).where(
            reading.taken_up(CourseComplaint))
    elif (party := own_party(session(), actor, now)) is not None and actor.party_id:
        seen, which = reading.OWN, reading.of_party(party, CourseComplaint)
    else:
        return Page([])
    found = page(session(), which, CourseComplaint.id)
    return Page([reading.listed(one, seen, now)
                 for one in cases.read(session(), found.items)], found.next)


@api.get("/complaints/<complaint_id>", audience="self", returns=schemas.CaseOut)
def get_case(actor: Actor, complaint_id: str):
    """A case, as far as its reader has to do with it."""
    row = reading.complaint(session(), complaint_id)
    return reading.case(session(), row, viewer(actor, row), moment())


@api.get("/complaints/<complaint_id>/files/<file_id>", audience="self")
def download_file(actor: Actor, complaint_id: str, file_id: str) -> Response:
    """A file that the complaint rests on, or the paper of a step, for who sees it in the case."""
    row = reading.complaint(session(), complaint_id)
    case = reading.case(session(), row, viewer(actor, row), moment())
    for one in case["evidence"]:
        if one.id == file_id:
            return send_document(one, cache="no-store")
    for one in reading.steps_of(session(), row):
        if one.id == file_id and one.evidence_hash and one.party_id \
                and any(said["id"] == file_id for said in case["steps"]):
            return send_document(paper_of(session(), one.party_id, one.evidence_hash),
                                 cache="no-store")
    raise NOT_FOUND()


@api.get("/complaints/<complaint_id>/complainant", action="question.view_asker",
         returns=schemas.ComplainantOut, sensitive=True)
def get_complainant(actor: Actor, complaint_id: str):
    """Who complains; for the supervisor after the opening, with a reason."""
    row = reading.complaint(session(), complaint_id)
    if row.lot_id is None:
        raise NOT_FOUND()
    allow("question.view_asker", lot_id=row.lot_id)
    if not reading.delivered(session(), row, moment()):
        raise NOT_FOUND()
    return _named(actor, row)


@api.get("/complaints/<complaint_id>/course-complainant", action=HANDLE,
         returns=schemas.ComplainantOut, sensitive=True)
def get_course_complainant(actor: Actor, complaint_id: str):
    """Who complains of a direct award or a service; for the supervisor once the result is public,
    with a reason."""
    row = reading.complaint(session(), complaint_id)
    if row.lot_id is not None:
        raise NOT_FOUND()
    matter = reading.matter_of(session(), row)
    allow(HANDLE, region=matter.region)
    if not handling.may_be_named(session(), matter, moment()):
        raise UNOPENED()
    return _named(actor, row)


def _named(actor: Actor, row: AnyComplaint) -> dict[str, str]:
    _not_aside(actor, row)
    party = session().get_one(Party, row.party_id)
    return {"complaint_id": row.id, "party_id": party.id, "name": party.name, "uscc": party.uscc}


@api.get("/complaints/<complaint_id>/supervisors", action=HANDLE, returns=schemas.UnitOut,
         many=True)
def list_supervisors(actor: Actor, complaint_id: str):
    """The units that supervise the place, to one of which a case may be passed on."""
    row = reading.complaint(session(), complaint_id)
    matter = reading.matter_of(session(), row)
    allow(HANDLE, lot_id=row.lot_id, region=None if row.lot_id else matter.region)
    _not_aside(actor, row)
    return reading.supervisors_of(session(), matter.region)


# --- steps ----------------------------------------------------------------------------------------
def _step(path: str, action: str, body: type, act, summary: str):
    """A route that takes one step of a case by one act."""
    def take(actor: Actor, body, complaint_id: str):
        lot_id = reading.complaint(session(), complaint_id).lot_id
        return act(actor, lot_id, complaint_id, **body)

    take.__name__, take.__doc__ = act.__name__, summary
    return api.post(f"/complaints/<complaint_id>/{path}", action=action, body=body,
                    returns=schemas.TakenOut, status=201)(take)


_step("correction", FOLLOW, schemas.CorrectionIn, filing.correct_complaint,
      "Correct one's own letter as the supervisor asked.")
_step("withdrawal", FOLLOW, schemas.WhyIn, filing.withdraw_complaint,
      "Take one's own complaint back.")
_step("correction-request", HANDLE, schemas.WhyIn, handling.ask_correction,
      "Have the complainant correct the letter; the clock of acceptance stands still.")
_step("acceptance", HANDLE, schemas.AcceptanceIn, handling.accept_complaint,
      "Accept a complaint; where it is necessary suspend the lot with it (fresh second factor).")
_step("refusal", HANDLE, schemas.RefusalIn, handling.refuse_complaint,
      "Do not accept a complaint, on a ground of the closed list (fresh second factor).")
_step("suspension", HANDLE, schemas.SuspensionIn, handling.order_suspension,
      "Suspend the lot for a case that is looked into (fresh second factor).")
_step("statement-request", HANDLE, schemas.WhyIn, handling.ask_statement,
      "Ask the buyer for its statement.")
_step("statement", ANSWER, schemas.StatementIn, handling.give_statement,
      "State what the buyer has to say.")
_step("pause", HANDLE, schemas.PauseIn, handling.pause_complaint,
      "Say that tests or experts' review begin: their time is not counted.")
_step("resumption", HANDLE, schemas.WhyIn, handling.resume_complaint,
      "Say that they ended and what they found.")
_step("transfer", HANDLE, schemas.TransferIn, handling.transfer_complaint,
      "Pass a case on to another supervisor or department (fresh second factor).")
_step("recusal", HANDLE, schemas.WhyIn, handling.stand_aside,
      "Stand aside in a case, with the reason.")
_step("disclosure", HANDLE, schemas.WhyIn, handling.disclose_complainant,
      "Tell the buyer who complains, after the opening (fresh second factor).")
_step("proposal", HANDLE, schemas.ProposalIn, deciding.propose_decision,
      "Propose how a case is decided.")
_step("proposal-return", HANDLE, schemas.WhyIn, deciding.return_decision,
      "Send a proposed decision back.")
_step("decision", HANDLE, schemas.DecisionIn, deciding.approve_decision,
      "Approve a proposed decision as another person (fresh second factor).")
_step("report", ANSWER, schemas.ReportIn, deciding.report_order,
      "Report what was done of what was ordered.")
_step("report-return", HANDLE, schemas.WhyIn, deciding.return_report,
      "Send the buyer's report back.")
_step("closing", HANDLE, schemas.ClosingIn, deciding.close_complaint,
      "Close a case on evidence (fresh second factor).")
