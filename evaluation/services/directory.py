"""The directory of agencies: each enters itself, two persons of the supervisor approve it, and two
persons keep one out for a time."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from audit.act import Act, act
from kernel.canonical import jcs, sha256
from kernel.db import new_id
from kernel.refusal import DENIED, NOT_FOUND
from tender.acts import must_be_kept
from tender.timetable import beijing_day

from . import reading
from .model import Agency, AgencySanction
from .refusals import (
    AGENCY_OUT,
    AGENCY_SAME_PERSON,
    AGENCY_STATE,
    SANCTION_DAY,
)

LAW = "规则 §0：中介超市; 招标投标法 13"


def digest(agency: Agency) -> str:
    """What approvers read of an entry, as a hash."""
    return sha256(jcs({"party": agency.party_id, "region": agency.region, "kinds": agency.kinds,
                       "qualifications": agency.qualifications})).hex()


@act("agency.entered", law=LAW, action="agency.enter")
def enter_agency(ctx: Act, *, region: str, kinds: list[str], qualifications: list[dict]) -> Agency:
    """Enter one's own unit in the directory, or renew the entry; then two persons approve it. The
    evidence of its papers it keeps here. Raises PAPER_MISSING."""
    ctx.permit()
    must_be_kept(ctx.session, ctx.actor.party_id, [one["evidence_hash"] for one in qualifications])
    found = ctx.session.scalars(select(Agency).where(Agency.party_id == ctx.actor.party_id)
                                .with_for_update()
                                .execution_options(populate_existing=True)).one_or_none()
    if found is None:
        found = Agency(id=new_id(), party_id=ctx.actor.party_id, version=0)
        ctx.session.add(found)
    found.region, found.kinds, found.qualifications = region, kinds, qualifications
    found.version, found.entered_at = found.version + 1, ctx.now
    found.proposed_at = found.proposed_person = found.approved_at = found.approved_person = None
    found.left_at = None
    ctx.session.flush()
    ctx.record(found.id, {"content_hash": digest(found), "version": found.version,
                          "kinds": kinds, "region": region}, party_id=found.party_id)
    return found


@act("agency.proposed", law=LAW, action="agency.decide")
def propose_agency(ctx: Act, agency_id: str, *, content_hash: str) -> Agency:
    """Find an entry good, as the first of two. Raises AGENCY_STATE."""
    found = _lock(ctx, agency_id)
    ctx.permit(region=found.region)
    if found.proposed_at is not None or content_hash != digest(found):
        raise AGENCY_STATE()
    if ctx.actor.person_id is None:
        raise DENIED()
    found.proposed_at, found.proposed_person = ctx.now, ctx.actor.person_id
    ctx.record(found.id, {"content_hash": content_hash}, party_id=found.party_id)
    return found


@act("agency.approved", law=LAW, action="agency.decide", fresh=True)
def approve_agency(ctx: Act, agency_id: str, *, content_hash: str) -> Agency:
    """Take an agency into the directory, as the second person. Raises AGENCY_STATE,
    AGENCY_SAME_PERSON, AGENCY_OUT."""
    found = _lock(ctx, agency_id)
    ctx.permit(region=found.region)
    if found.proposed_at is None or found.approved_at is not None or found.left_at is not None \
            or content_hash != digest(found):
        raise AGENCY_STATE()
    if ctx.actor.person_id in (None, found.proposed_person):
        raise AGENCY_SAME_PERSON()
    if until := reading.barred_until(ctx.session, found, found.region, beijing_day(ctx.now)):
        raise AGENCY_OUT(until=until)
    found.approved_at, found.approved_person = ctx.now, ctx.actor.person_id
    ctx.record(found.id, {"content_hash": content_hash}, party_id=found.party_id)
    return found


@act("agency.left", law=LAW, action="agency.enter")
def leave_directory(ctx: Act, agency_id: str) -> Agency:
    """Take one's own unit out of the directory (退出). Offers and contracts stay what they are.

    Raises AGENCY_STATE.
    """
    found = _lock(ctx, agency_id)
    ctx.permit(owner=found.party_id)
    if found.left_at is not None:
        raise AGENCY_STATE()
    found.left_at = ctx.now
    ctx.record(found.id, {"version": found.version}, party_id=found.party_id)
    return found


@act("agency.sanction_proposed", law=LAW, action="agency.decide")
def propose_sanction(ctx: Act, agency_id: str, *, kind: str, document_no: str, reason: str,
                     until: date) -> AgencySanction:
    """Propose to keep an agency out of the directory until a day, by a numbered decision.

    Raises SANCTION_DAY, SANCTION_OPEN.
    """
    found = _lock(ctx, agency_id)
    ctx.permit(region=found.region)
    if ctx.actor.person_id is None:
        raise DENIED()
    if until <= beijing_day(ctx.now):
        raise SANCTION_DAY()
    made = AgencySanction(id=new_id(), agency_id=found.id, kind=kind, document_no=document_no,
                          reason=reason, until_day=until.isoformat(), proposed_at=ctx.now,
                          proposed_person=ctx.actor.person_id)
    ctx.session.add(made)
    ctx.session.flush()
    ctx.record(made.id, _facts(made), party_id=found.party_id)
    return made


@act("agency.sanctioned", law=LAW, action="agency.decide", fresh=True)
def approve_sanction(ctx: Act, sanction_id: str) -> AgencySanction:
    """Keep an agency out, as the second person; one that is removed must be approved anew.

    Raises AGENCY_STATE, AGENCY_SAME_PERSON, SANCTION_DAY.
    """
    made = ctx.session.get(AgencySanction, sanction_id)
    if made is None:
        raise NOT_FOUND()
    found = _lock(ctx, made.agency_id)
    ctx.session.refresh(made)
    ctx.permit(region=found.region)
    if made.approved_at is not None:
        raise AGENCY_STATE()
    if ctx.actor.person_id in (None, made.proposed_person):
        raise AGENCY_SAME_PERSON()
    if date.fromisoformat(made.until_day) < beijing_day(ctx.now):
        raise SANCTION_DAY()
    made.approved_at, made.approved_person = ctx.now, ctx.actor.person_id
    if made.kind == "removed":
        found.proposed_at = found.proposed_person = None
        found.approved_at = found.approved_person = None
    ctx.record(made.id, _facts(made), party_id=found.party_id)
    return made


def _facts(made: AgencySanction) -> dict[str, object]:
    return {"agency": made.agency_id, "kind": made.kind, "document_no": made.document_no,
            "until": made.until_day, "reason_hash": sha256(made.reason.encode()).hex()}


def _lock(ctx: Act, agency_id: str) -> Agency:
    found = ctx.session.scalars(select(Agency).where(Agency.id == agency_id).with_for_update()
                                .execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NOT_FOUND()
    return found
