"""The directory of agencies: each enters itself, two persons of the supervisor approve."""

from __future__ import annotations

from sqlalchemy import select

from audit.act import Act, act
from kernel.canonical import jcs, sha256
from kernel.db import new_id
from kernel.refusal import DENIED, NOT_FOUND

from .model import Agency
from .refusals import AGENCY_SAME_PERSON, AGENCY_STATE

LAW = "规则 §0：中介超市; 招标投标法 13"


def digest(agency: Agency) -> str:
    """What approvers read of an entry, as a hash."""
    return sha256(jcs({"party": agency.party_id, "region": agency.region, "kinds": agency.kinds,
                       "qualifications": agency.qualifications})).hex()


@act("agency.entered", law=LAW, action="agency.enter")
def enter_agency(ctx: Act, *, region: str, kinds: list[str], qualifications: list[dict]) -> Agency:
    """Enter one's own unit in the directory, or renew the entry; then two persons approve it."""
    ctx.permit()
    found = ctx.session.scalars(select(Agency).where(Agency.party_id == ctx.actor.party_id)
                                .with_for_update()
                                .execution_options(populate_existing=True)).one_or_none()
    if found is None:
        found = Agency(id=new_id(), party_id=ctx.actor.party_id, version=0)
        ctx.session.add(found)
    found.region, found.kinds, found.qualifications = region, kinds, qualifications
    found.version, found.entered_at = found.version + 1, ctx.now
    found.proposed_at = found.proposed_person = found.approved_at = found.approved_person = None
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
    AGENCY_SAME_PERSON."""
    found = _lock(ctx, agency_id)
    ctx.permit(region=found.region)
    if found.proposed_at is None or found.approved_at is not None \
            or content_hash != digest(found):
        raise AGENCY_STATE()
    if ctx.actor.person_id in (None, found.proposed_person):
        raise AGENCY_SAME_PERSON()
    found.approved_at, found.approved_person = ctx.now, ctx.actor.person_id
    ctx.record(found.id, {"content_hash": content_hash}, party_id=found.party_id)
    return found


def _lock(ctx: Act, agency_id: str) -> Agency:
    found = ctx.session.scalars(select(Agency).where(Agency.id == agency_id).with_for_update()
                                .execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NOT_FOUND()
    return found
