"""Registration of a project and what its lots ask of tenderers; plans announced ahead."""

from __future__ import annotations

from sqlalchemy import Row, bindparam, select

from audit.act import Act, act
from audit.held import once
from kernel.canonical import jcs, sha256
from kernel.db import new_id
from people.model import Party

from .. import registration, sections
from ..hanging import hangs
from ..model import (
    AgencyAuthority,
    Lot,
    ProcurementPlan,
    Registration,
    Requirement,
    Tender,
)
from ..reading import lot as read_lot
from ..refusals import FUNDING_SHARES, PLAN_OTHER
from .course import changed_draft, lock_tender
from .publishing import content_hooks, finding_hooks


@act("registration.set", law="招标投标法 9; 实施条例 7, 28", action="project.edit")
def set_registration(ctx: Act, tender_id: str, *, plan_id: str | None, site_visit: dict | None,
                     if_match: int | None = None, **fields) -> Registration:
    """State who approved a draft project, who pays, where it lies, when its site is shown."""
    tender, _ = lock_tender(ctx, tender_id)
    ctx.permit(tender_id=tender_id)
    voided = changed_draft(ctx, tender, if_match)
    if registration.funding_wrong(fields["funding"]):
        raise FUNDING_SHARES()
    if plan_id is not None:
        plan = ctx.session.get(ProcurementPlan, plan_id)
        if plan is None or plan.buyer_id != tender.buyer_id:
            raise PLAN_OTHER()
    row = ctx.session.get(Registration, tender_id) or Registration(tender_id=tender_id)
    for name, value in {**fields, "plan_id": plan_id, "site_visit": site_visit}.items():
        setattr(row, name, value)
    row.set_at = ctx.now
    ctx.session.add(row)
    ctx.session.flush()
    ctx.record(tender_id, {"registration_hash": sha256(jcs(said(ctx.session, tender))).hex(),
                           "row_hash": registration_hash(row),
                           "plan": plan_id, "version": tender.version,
                           "submission_voided": voided}, tender_id=tender_id)
    return row


@act("requirements.set", law="招标投标法 18, 19, 31; 实施条例 32", action="project.edit", lot=True)
def set_requirements(ctx: Act, lot_id: str, *, if_match: int | None = None,
                     **body) -> Requirement:
    """State what a draft lot asks of tenderers, and whether consortia may bid."""
    tender, _ = lock_tender(ctx, read_lot(ctx.session, lot_id).tender_id)
    ctx.permit(lot_id=lot_id)
    voided = changed_draft(ctx, tender, if_match)
    row = ctx.session.get(Requirement, lot_id) or Requirement(lot_id=lot_id)
    row.body, row.set_at = body, ctx.now
    ctx.session.add(row)
    ctx.session.flush()
    ctx.record(lot_id, {"requirements_hash": sha256(jcs(body)).hex(), "version": tender.version,
                        "submission_voided": voided}, lot_id=lot_id, tender_id=tender.id)
    return row


@act("plan.announced", law="政府采购信息公开：采购意向", action="project.create")
def announce_plan(ctx: Act, **fields) -> ProcurementPlan:
    """Announce ahead what one's unit means to put out; tenders later name the plan."""
    ctx.permit()
    row = ProcurementPlan(id=new_id(), buyer_id=ctx.actor.party_id, announced_at=ctx.now,
                          announced_by=ctx.actor.account_id, **fields)
    ctx.session.add(row)
    ctx.session.flush()
    ctx.record(row.id, {"estimate_fen": row.estimate_fen, "expected": row.expected,
                        "region": row.region, "plan_hash": plan_hash(row)})
    return row


REGISTERED = ("tender_id", "approval_body", "funding", "township", "village", "site_visit", "plan_id")
PLANNED = ("id", "buyer_id", "title", "description", "region", "category", "estimate_fen", "expected")


def registration_hash(row) -> str:
    """SHA-256 over what is registered of a project, in canonical JSON."""
    return sha256(jcs({name: getattr(row, name) for name in REGISTERED})).hex()


def plan_hash(row) -> str:
    """SHA-256 over what a plan announces, in canonical JSON."""
    return sha256(jcs({name: getattr(row, name) for name in PLANNED})).hex()


def said(session, tender: Tender) -> dict[str, object]:
    """What a notice says of a project's registration; nothing of it where none was made."""
    row = _registered(session, tender)
    if row is None:
        return {}
    plan = row.plan_id and session.get(ProcurementPlan, row.plan_id)
    return {"approval_body": row.approval_body, "funding": row.funding, "township": row.township,
            "village": row.village, "site_visit": row.site_visit,
            "plan": plan and f"{plan.title} ({plan.id})", "agency": _agency(session, tender)}


def _registered(session, tender: Tender) -> Row | None:
    if not hangs(session, tender.id, Registration):
        return None
    session.flush()
    return once(session, ("registration", tender.id), ("registration",),
                lambda: session.connection().execute(
                    _REGISTERED, {"tender": tender.id}).one_or_none())


_REGISTERED = select(Registration.__table__).where(
    Registration.__table__.c.tender_id == bindparam("tender"))
_required = Requirement.__table__.c
_REQUIRED = select(_required.lot_id, _required.body).where(
    _required.lot_id.in_(bindparam("lots", expanding=True)))


def _agency(session, tender: Tender) -> dict[str, str] | None:
    """The agency that was given this very project; one for all of a buyer's is not named."""
    found = session.execute(
        select(AgencyAuthority, Party).join(Party, Party.id == AgencyAuthority.agency_id)
        .where(AgencyAuthority.tender_id == tender.id, AgencyAuthority.revoked_at.is_(None))
        .order_by(AgencyAuthority.recorded_at.desc())).first()
    if found is None:
        return None
    authority, agency = found
    return {"name": agency.name, "uscc": agency.uscc, "letter": authority.letter,
            "letter_hash": authority.letter_hash}


def _content(session, tender: Tender, lots: list[Lot]) -> dict[str, object]:
    more: dict[str, object] = {}
    registered = said(session, tender)
    if registered:
        more["registration"] = registered
    if not hangs(session, tender.id, Requirement):
        return more
    session.flush()
    bodies = dict(session.connection().execute(
        _REQUIRED, {"lots": [lot.id for lot in lots]}).all())
    asked = [{"lot": lot.id, "number": lot.number} | bodies[lot.id] for lot in lots
             if lot.id in bodies]
    if asked:
        more["requirements"] = asked
    return more


def _findings(ctx: Act, tender: Tender, lots: list[Lot]) -> list[dict]:
    row = _registered(ctx.session, tender)
    return registration.visit_findings(row and row.site_visit, ctx.now,
                                       [lot.deadline for lot in lots if lot.deadline])


content_hooks.append(_content)
finding_hooks.append(_findings)
sections.WORDED["registration"] = registration.sections
sections.WORDED["requirements"] = registration.requirement_sections

