"""A buyer's authority for an agency: given, and taken back (招标投标法 12-15)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from audit.act import Act, act
from kernel.canonical import time_text
from kernel.db import new_id
from kernel.refusal import NOT_FOUND
from people.model import Party

from ..model import AgencyAuthority, Tender
from ..reading import agency_authorities
from ..refusals import AGENCY_NONE, AUTHORITY_NONE, AUTHORITY_PERIOD
from .course import changed_draft, lock_tender


@act("agency.authorised", law="招标投标法 12, 15; 民法典 165", action="project.create", fresh=True)
def authorise_agency(ctx: Act, *, agency: str, tender_id: str | None, actions: list[str],
                     letter: str, letter_hash: str, valid_from: datetime,
                     valid_until: datetime) -> AgencyAuthority:
    """Let an agency (by its credit code) act for one's own unit: for one project, or for all.

    It counts from `valid_from` until `valid_until`. Raises AGENCY_NONE, AUTHORITY_PERIOD.
    """
    tender = lock_tender(ctx, tender_id)[0] if tender_id is not None else None
    ctx.permit()
    found = ctx.session.scalars(select(Party).where(Party.uscc == agency)).one_or_none()
    if found is None or found.kind != "agency" or found.id == ctx.actor.party_id:
        raise AGENCY_NONE(uscc=agency)
    if valid_until <= max(valid_from, ctx.now):
        raise AUTHORITY_PERIOD(until=time_text(valid_until))
    if tender is not None and tender.buyer_id != ctx.actor.party_id:
        raise NOT_FOUND()
    row = AgencyAuthority(
        id=new_id(), buyer_id=ctx.actor.party_id, agency_id=found.id, tender_id=tender_id,
        actions=sorted(set(actions)), letter=letter, letter_hash=letter_hash,
        valid_from=valid_from, valid_until=valid_until, recorded_at=ctx.now,
        recorded_by=ctx.actor.account_id)
    ctx.session.add(row)
    ctx.session.flush()
    _void(ctx, tender_id)
    ctx.record(row.id, {"agency": found.id, "buyer": row.buyer_id, "actions": row.actions,
                        "letter": letter, "letter_hash": letter_hash,
                        "valid_from": time_text(valid_from),
                        "valid_until": time_text(valid_until)}, tender_id=tender_id)
    return row


@act("agency.revoked", law="民法典 173", action="project.create")
def revoke_agency(ctx: Act, authority_id: str) -> AgencyAuthority:
    """Take an agency's authority back; from this moment it counts for nothing."""
    found = ctx.session.get(AgencyAuthority, authority_id)
    if found is not None and found.tender_id is not None:
        lock_tender(ctx, found.tender_id)  # the lots first, as every act that judges by this row
    row = ctx.session.scalars(
        select(AgencyAuthority).where(AgencyAuthority.id == authority_id).with_for_update()
        .execution_options(populate_existing=True)).one_or_none()
    ctx.permit()
    if row is None or row.buyer_id != ctx.actor.party_id:
        raise NOT_FOUND()
    if row.revoked_at is not None:
        raise AUTHORITY_NONE()
    row.revoked_at, row.revoked_by = ctx.now, ctx.actor.account_id
    ctx.session.flush()
    _void(ctx, row.tender_id)
    ctx.record(row.id, {"agency": row.agency_id}, tender_id=row.tender_id)
    return row


def _void(ctx: Act, tender_id: str | None) -> None:
    # The agency stands in the notice: a submission that waits for approval says something else now.
    tender = tender_id and ctx.session.get(Tender, tender_id)
    if tender and tender.published_at is None:
        changed_draft(ctx, tender)


def buyer_for(ctx: Act, uscc: str | None) -> Party:
    """Whose project the actor makes: its own unit's, or that of the buyer `uscc` that has given
    it authority for all its projects. Raises AUTHORITY_NONE."""
    own = ctx.session.get(Party, ctx.actor.party_id)
    if uscc is None or uscc == own.uscc:
        return own
    buyer = ctx.session.scalars(select(Party).where(Party.uscc == uscc)).one_or_none()
    standing = buyer and agency_authorities(ctx.session, ctx.actor.party_id, buyer.id, None, ctx.now)
    if not standing or not any("project.create" in row.actions for row in standing):
        raise AUTHORITY_NONE()
    return buyer
