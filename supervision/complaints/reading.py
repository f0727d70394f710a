"""What may be asked of complaints; nothing here changes anything.

`case` shows a case to one of three viewers: the body that handles it, the buyer, its own
complainant. Who complains is asked apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial

from sqlalchemy import ColumnElement, and_, exists, false, or_, select
from sqlalchemy import case as case_when
from sqlalchemy.orm import Session, aliased

from audit.actor import Actor
from audit.reading import closed
from evaluation.services.model import Service
from kernel.canonical import jcs, sha256, time_text
from kernel.refusal import NOT_FOUND
from people.model import Party, RoleGrant
from tender.acts import paper_of
from tender.model import DirectAward, Lot, LotOutcome, Paper, Tender
from tender.profile import period
from tender.relations import in_region

from ..model import Evidence, Objection
from ..reading import objections
from . import cases, matters, rules, states
from .cases import Case
from .matters import Matter
from .model import STEP, AnyComplaint, Complaint, ComplaintEvidence, CourseComplaint
from .states import State

BODY, BUYER, OWN = "body", "buyer", "own"
"""Who looks at a case."""

PAPER = ("hotline_no", "paper_no", "paper_raised", "paper_answered")
"""What points to who complains: the buyer has the challenge on paper before it, with its sender."""


def complaint(session: Session, complaint_id: str) -> AnyComplaint:
    """The complaint, or NOT_FOUND."""
    found = session.get(Complaint, complaint_id) or session.get(CourseComplaint, complaint_id)
    if found is None:
        raise NOT_FOUND()
    return found


def steps_of(session: Session, row: AnyComplaint) -> list:
    """The steps of a case in their order."""
    return cases.steps(session, [row.id], STEP[type(row)])[row.id]


def case_of(session: Session, row: AnyComplaint) -> Case:
    """One complaint with all from which it follows where it stands."""
    return cases.read(session, [row])[0]


def digest(row: AnyComplaint) -> str:
    """SHA-256 of what is complained of, hex; nothing of who is in it."""
    about = getattr(row, "lot_id", None) or row.award_id or row.service_id
    return sha256(jcs({"id": row.id, "lot": about, "subject": row.subject,
                       "facts": row.facts, "claims": row.claims, "hotline": row.hotline_no,
                       "paper": row.paper_no})).hex()


STATED = ("text", "document_no", "outcome", "basis", "law", "orders", "evidence_hash", "unit_id",
          "suspension_id")


def step_digest(row) -> str:
    """SHA-256 of what a step says, hex."""
    said = {name: getattr(row, name) or "" for name in STATED}
    return sha256(jcs(said | {"due": time_text(row.due) if row.due else ""})).hex()


def delivered(session: Session, row: AnyComplaint, now: datetime) -> bool:
    """Whether it has come to the supervisor."""
    return not row.sealed or case_of(session, row).delivered(now)


def state(session: Session, row: AnyComplaint, now: datetime,
          steps: Iterable | None = None) -> State:
    """Where the case stands."""
    return states.state(steps_of(session, row) if steps is None else steps,
                        delivered=delivered(session, row, now))


def evidence_of(session: Session, row: AnyComplaint) -> list[Evidence | Paper]:
    """The files a complaint or its correction rests on; of a direct award or a service they are
    papers of the unit."""
    if isinstance(row, CourseComplaint):
        added = [one for step in steps_of(session, row) for one in step.evidence or ()]
        return [paper_of(session, row.party_id, one) for one in dict.fromkeys(row.evidence + added)]
    return list(session.scalars(
        select(Evidence).join(ComplaintEvidence, ComplaintEvidence.evidence_id == Evidence.id)
        .where(ComplaintEvidence.complaint_id == row.id).order_by(Evidence.id)))


def last(steps: Iterable, *kinds: str):
    """The last step of these kinds."""
    return next((one for one in reversed(list(steps)) if one.kind in kinds), None)


def unit_of(steps: Iterable) -> str | None:
    """The supervisor that handles the case: who accepted it, or whom it was passed on to."""
    found = None
    for one in steps:
        if one.kind == "accepted" and found is None:
            found = one.party_id
        if one.kind == "passed_on":
            found = one.unit_id
    return found


def supervisors_of(session: Session, region: str) -> list[Party]:
    """The units that supervise a place, by name."""
    rows = session.execute(select(Party, RoleGrant.region).join(
        RoleGrant, RoleGrant.party_id == Party.id).where(
            RoleGrant.role == "supervisor", RoleGrant.approved_at.is_not(None),
            RoleGrant.revoked_at.is_(None)).order_by(Party.name, Party.id))
    return list(dict.fromkeys(party for party, place in rows if in_region(region, place)))


def matter_of(session: Session, row: AnyComplaint) -> Matter:
    """What a complaint is about."""
    return matters.of_rows(session, [row])[row.id]


def own_objected(session: Session, row: Objection) -> rules.Objected:
    """One's own objection as the rules read it."""
    answer = objections.answer_of(session, row.id)
    return rules.Objected(row.stage, answer and answer.answered_at, row.answer_by)


def clocks(one: Case, stands: State) -> dict[str, datetime | None]:
    """Before when what happens next has to: acceptance, correction, statement, decision, order."""
    came, profile, steps = one.came, one.matter.profile, one.steps
    asked, said = last(steps, "statement_asked"), last(steps, "statement_given")
    proposal, mended = last(steps, "proposed"), last(steps, "correction_asked")
    waits = asked and (said is None or said.number < asked.number) and stands in states.LOOKED_INTO
    return {
        "acceptance_due": rules.acceptance_due(profile, came, steps)
        if came and stands is State.FILED else None,
        "correction_due": mended.due if mended and stands is State.CORRECTING else None,
        "statement_due": asked.due if waits else None,
        "decision_due": rules.decision_due(profile, steps)
        if stands in states.LOOKED_INTO else None,
        "order_due": proposal.due if proposal and stands in states.WITH_BUYER else None}


OVERDUE = {"overdue_acceptance": (State.FILED, "acceptance_due"),
           "overdue_decision": (State.ACCEPTED, "decision_due"),
           "overdue_order": (State.ORDERED, "order_due")}


def fallen_due(one: Case, now: datetime) -> tuple[str, datetime] | None:
    """The clock that ran out and of which that was not said yet: (kind of step, when)."""
    stands = one.state(now)
    times = clocks(one, stands)
    for kind, (where, name) in OVERDUE.items():
        at = times[name]
        if at is None or at > now or not states.may_take(kind, stands):
            continue
        again = last(one.steps, kind)
        if again is None or (where is State.ORDERED and last(one.steps, "report_returned") is not None
                             and last(one.steps, "report_returned").number > again.number):
            return kind, at
    return None


def _taken(*kinds: str, table: type = Complaint) -> ColumnElement[bool]:
    step = STEP[table]
    return exists().where(step.complaint_id == table.id, step.kind.in_(kinds))


def waited_for(session: Session, now: datetime, table: type = Complaint) -> list:
    """Complaints of which a clock may run out now or may have: not those of which that was said,
    nor those in which nothing is awaited any more; the oldest first."""
    step = STEP[table]
    taken = partial(_taken, table=table)
    ordered = exists().where(step.complaint_id == table.id, step.kind == "proposed",
                             step.orders != "", step.due <= now)
    waits = case_when(
        (taken("withdrawn", "not_accepted", "transferred", "closed"), false()),
        (taken("decided"), and_(ordered, or_(~taken("overdue_order"),
                                             taken("report_returned")))),
        (taken("accepted"), ~taken("overdue_decision")),
        else_=~taken("overdue_acceptance"))
    return list(session.scalars(select(table).where(waits).order_by(
        table.filed_at, table.id)))


def came_to_light(session: Session, now: datetime) -> ColumnElement[bool]:
    """Complaints that have come to the supervisor. Those of a lot under cover are left out here: a
    page from which they were taken afterwards would tell by its cursor that there are any."""
    outcome = aliased(LotOutcome)

    def came(*names: str) -> ColumnElement[bool]:
        return exists().where(outcome.lot_id == Complaint.lot_id, outcome.outcome.in_(names))

    unopened = and_(came("terminated", "failed"), ~came("opened"))
    rows = list(session.scalars(select(Complaint).where(Complaint.sealed, unopened)))
    late = [one.row.id for one in cases.read(session, rows) if one.delivered(now)]
    return or_(Complaint.sealed.is_(False), came("opened"), Complaint.id.in_(late))


def of_party(party_id: str, table: type = Complaint):
    """The statement of a company's own complaints."""
    return select(table).where(table.party_id == party_id)


def of_company_in(session: Session, party_id: str | None, course_id: str) -> list[CourseComplaint]:
    """A company's own complaints of a direct award or a service, the oldest first."""
    return list(session.scalars(of_party(party_id or "", CourseComplaint).where(
        or_(CourseComplaint.award_id == course_id, CourseComplaint.service_id == course_id))
        .order_by(CourseComplaint.filed_at, CourseComplaint.id)))


def of_company(session: Session, party_id: str | None, lot_id: str) -> list[Complaint]:
    """A company's own complaints in a lot, the oldest first."""
    return list(session.scalars(of_party(party_id or "").where(
        Complaint.lot_id == lot_id).order_by(Complaint.filed_at, Complaint.id)))


def of_tenders(session: Session, which: ColumnElement[bool], now: datetime):
    """The statement of the complaints that have come in of these tenders."""
    return (select(Complaint).join(Lot, Lot.id == Complaint.lot_id).join(
        Tender, Tender.id == Lot.tender_id).where(which, came_to_light(session, now)))


def of_courses(which: Callable[[type], ColumnElement[bool]]):
    """The statement of the complaints of direct awards and services for which `which` of their
    tables holds."""
    return select(CourseComplaint).outerjoin(
        DirectAward, DirectAward.id == CourseComplaint.award_id).outerjoin(
        Service, Service.id == CourseComplaint.service_id).where(
        or_(which(DirectAward), which(Service)))


def stood_aside(steps: Iterable, person_id: str | None) -> bool:
    """Whether a person stood aside in a case: its file is closed to that person from then on
    (工程建设项目招标投标活动投诉处理办法 13), whatever account it uses."""
    return person_id is not None and any(
        one.kind == "recused" and one.person_id == person_id for one in steps)


def not_aside(person_id: str | None, table: type = Complaint) -> ColumnElement[bool]:
    """Complaints in which a person did not stand aside."""
    step = STEP[table]
    return ~exists().where(step.complaint_id == table.id, step.kind == "recused",
                           step.person_id == (person_id or ""))


def closed_to(session: Session, actor: Actor, lot_id: str) -> list[str]:
    """The ids by which a lot's record speaks of cases in which its reader stood aside."""
    if actor.person_id is None:
        return []
    aside = list(session.scalars(select(Complaint.id).where(
        Complaint.lot_id == lot_id, ~not_aside(actor.person_id))))
    return [*aside, *session.scalars(select(ComplaintEvidence.evidence_id).where(
        ComplaintEvidence.complaint_id.in_(aside)))] if aside else []


closed.append(closed_to)


def taken_up(table: type = Complaint) -> ColumnElement[bool]:
    """Complaints that were accepted: of these the buyer is told."""
    return _taken("accepted", table=table)


def decided(*lot_ids: str):
    """The statement of lots' decided complaints."""
    return select(Complaint).where(Complaint.lot_id.in_(lot_ids), _taken("decided"))


def decided_in(session: Session, lot_ids: Iterable[str]) -> list[tuple[str, dict[str, object]]]:
    """(lot, decision as everybody is shown it) of lots' decided complaints, the first one first."""
    rows = list(session.scalars(decided(*lot_ids)))
    found = [public(one) for one in cases.read(session, rows)]
    return [(one["lot_id"], one) for one in sorted(
        found, key=lambda one: (one["decided_at"], one["id"]))]


def decided_of(session: Session, course_id: str) -> list[dict[str, object]]:
    """The decided complaints of a direct award or a service as everybody is shown them."""
    rows = list(session.scalars(select(CourseComplaint).where(
        or_(CourseComplaint.award_id == course_id, CourseComplaint.service_id == course_id),
        _taken("decided", table=CourseComplaint))))
    return sorted((public(one) for one in cases.read(session, rows)),
                  key=lambda one: (one["decided_at"], one["id"]))


def suspended_by(steps: Iterable) -> str | None:
    """The id of the suspension that the case ordered, or None."""
    return next((one.suspension_id for one in reversed(list(steps)) if one.suspension_id), None)


def public(one: Case) -> dict[str, object]:
    """A decided complaint as everybody is shown it: the decision, and nothing of who and when."""
    row, matter, steps = one.row, one.matter, one.steps
    made, said, closed = last(steps, "decided"), last(steps, "proposed"), last(steps, "closed")
    return {
        "id": row.id, "lot_id": row.lot_id, "about": matter.kind, "about_id": matter.id,
        "subject": row.subject, "outcome": said.outcome,
        "basis": said.basis, "document_no": said.document_no, "text": said.text, "law": said.law,
        "orders": said.orders, "order_due": said.due, "decided_at": made.at,
        "decided_late": last(steps, "overdue_decision") is not None,
        "review_until": rules.review_until(matter.profile, made.at),
        "suit_until": rules.suit_until(matter.profile, made.at),
        "closed_at": closed and closed.at, "state": states.state(steps).name.lower()}


def listed(one: Case, viewer: str, now: datetime) -> dict[str, object]:
    """A case in a list of one of its three viewers: where, of what, how it stands, its days."""
    row, matter, stands = one.row, one.matter, one.state(now)
    return {
        "id": row.id, "lot_id": matter.lot_id, "about": matter.kind, "about_id": matter.id,
        "tender_id": matter.process_id if matter.lot_id else None, "tender_title": matter.title,
        "lot_number": matter.lot_number, "lot_title": matter.lot_title, "region": matter.region,
        "viewer": viewer, "subject": row.subject, "state": stands.name.lower(), "zh": stands.zh,
        "en": stands.en, "moves_next": stands.moves_next, "law": stands.law,
        "over": states.state(one.steps) in states.OVER, **clocks(one, stands),
        "overdue": [step.kind for step in one.steps if step.kind.startswith("overdue")],
        "suspended": one.suspended(now)}


def case(session: Session, row: AnyComplaint, viewer: str, now: datetime) -> dict[str, object]:
    """A case as one of its three viewers is shown it."""
    one = case_of(session, row)
    profile, steps, stands = one.matter.profile, one.steps, one.state(now)
    shown = [step for step in steps if viewer == BODY or step.kind not in states.FOR_BODY_ALONE]
    if viewer == BUYER:
        shown = [step for step in shown if step.kind not in ("correction_asked", "corrected")]
    named = viewer == OWN or (viewer == BUYER and last(steps, "disclosed") is not None)
    party = session.get(Party, row.party_id) if named else None
    proposal = last(steps, "proposed")
    return listed(one, viewer, now) | {
        "facts": row.facts, "claims": row.claims,
        "objection_id": row.objection_id,
        **({name: getattr(row, name) for name in PAPER} if viewer == BODY or named else
           {"hotline_no": "", "paper_no": "", "paper_raised": None, "paper_answered": None}),
        "last_at": row.last_at if viewer == OWN else None,
        "evidence": [] if viewer == BUYER and not named else evidence_of(session, row),
        "complainant": party and party.name,
        "steps": [_step(step) for step in shown],
        "may": [name for name, kind in states.KINDS.items()
                if kind.who == {BODY: "supervisor", BUYER: "buyer", OWN: "complainant"}[viewer]
                and states.may_take(name, stands)],
        "suspended_until": one.halt.until if one.suspended(now) else None,
        "proposal": proposal.number if proposal and stands is State.PROPOSED else None,
        "decision": public(one) if last(steps, "decided") else None,
        "acceptance_days": period(profile, "T11.acceptance").count,
        "decision_days": period(profile, "T11.decision").count}


def _step(one) -> dict[str, object]:
    kind = states.KINDS[one.kind]
    return {"id": one.id, "number": one.number, "kind": one.kind, "zh": kind.zh, "en": kind.en,
            "who": kind.who, "law": kind.law, "at": one.at, "text": one.text,
            "document_no": one.document_no, "due": one.due, "outcome": one.outcome,
            "basis": one.basis, "orders": one.orders,
            "evidence_hash": one.evidence_hash}
