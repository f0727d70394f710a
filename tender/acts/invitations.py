"""Who is invited to a lot by invitation; fixed with the notice by its two people."""

from __future__ import annotations

import secrets

from sqlalchemy import delete, select

from audit.act import Act, act
from kernel.db import new_id
from people.model import Party

from .. import invitation, invited, longlist, sections
from ..companies import barred_doubts
from ..findings import finding
from ..method_refusals import INVITEE_NAMED, INVITEE_TWICE, INVITEES_DRAWN, INVITEES_NAMED
from ..model import (
    AgencyAuthority,
    Invitation,
    Invitee,
    LongList,
    Lot,
    ProcurementPlan,
    PublishedNotice,
    Registration,
    Tender,
)
from ..reading import documents_of, items_of, profiles_of
from ..reading import lot as read_lot
from ..refusals import MANY
from ..standing import debarments
from ..terms import terms_of
from ..timetable import beijing_day
from .course import changed_draft, lock_tender
from .papers import must_be_kept
from .publishing import content_hooks, content_of, finding_hooks


@act("invitees.set", law="招标投标法 17, 22", action="project.edit", lot=True)
def set_invitees(ctx: Act, lot_id: str, *, invitees: list[dict[str, str]],
                 if_match: int | None = None) -> Invitation:
    """State who is invited to a draft lot, the whole list; the record holds its salted hash only.

    Raises INVITEE_TWICE, MANY, INVITEES_DRAWN.
    """
    tender, lots = lock_tender(ctx, read_lot(ctx.session, lot_id).tender_id)
    ctx.permit(lot_id=lot_id)
    voided = changed_draft(ctx, tender, if_match)
    _refuse_list(invitees)
    if any(lot.id == lot_id and invited.is_drawn(lot) for lot in lots):
        raise INVITEES_DRAWN()
    row = invite(ctx, lot_id, invitees)
    ctx.record(lot_id, {"commitment": row.commitment, "version": tender.version,
                        "submission_voided": voided}, lot_id=lot_id, tender_id=tender.id)
    return row


def invite(ctx: Act, lot_id: str, invitees: list[dict[str, str]]) -> Invitation:
    """Make these the companies invited to a draft lot, under a salt of its own; joins the calling
    act, which holds the tender and records the commitment."""
    ctx.session.execute(delete(Invitee).where(Invitee.lot_id == lot_id))
    ctx.session.add_all(Invitee(id=new_id(), lot_id=lot_id, **one) for one in invitees)
    row = ctx.session.get(Invitation, lot_id) or Invitation(lot_id=lot_id)
    row.salt = secrets.token_hex(invitation.SALT)
    row.commitment = invitation.commitment(
        lot_id, row.salt, [(one["uscc"], one["name"]) for one in invitees])
    row.set_at = ctx.now
    ctx.session.add(row)
    ctx.session.flush()
    return row


def _refuse_list(companies: list[dict[str, str]]) -> None:
    if len(companies) > invitation.MOST:
        raise MANY(what="invitees", limit=invitation.MOST)
    if len({one["uscc"] for one in companies}) != len(companies):
        raise INVITEE_TWICE()


@act("long_list.set", law=longlist.LAW, action="project.edit", lot=True)
def set_long_list(ctx: Act, lot_id: str, *, source: str, basis: str, paper_hash: str, wanted: int,
                   candidates: list[dict[str, str]], if_match: int | None = None) -> LongList:
    """State the list from which those invited to a draft lot are drawn, before the draw; the record
    holds its salted hash only.

    Raises INVITEE_TWICE, MANY, INVITEES_NAMED, PAPER_MISSING.
    """
    tender, lots = lock_tender(ctx, read_lot(ctx.session, lot_id).tender_id)
    ctx.permit(lot_id=lot_id)
    voided = changed_draft(ctx, tender, if_match)
    _refuse_list(candidates)
    if not any(lot.id == lot_id and invited.is_drawn(lot) for lot in lots):
        raise INVITEES_NAMED()
    must_be_kept(ctx.session, ctx.actor.party_id, [paper_hash])
    row = ctx.session.get(LongList, lot_id) or LongList(lot_id=lot_id)
    row.source, row.basis, row.paper_hash, row.wanted = source, basis, paper_hash, wanted
    row.candidates = sorted(candidates, key=lambda one: one["uscc"])
    row.salt, row.set_at = secrets.token_hex(invitation.SALT), ctx.now
    row.commitment = longlist.commitment(lot_id, row.salt, source, wanted,
                                         invited.candidates_of(row))
    ctx.session.add(row)
    ctx.session.flush()
    ctx.record(lot_id, {"commitment": row.commitment, "version": tender.version,
                        "submission_voided": voided}, lot_id=lot_id, tender_id=tender.id)
    return row


def long_list_findings(ctx: Act, tender: Tender, lot: Lot) -> list[dict]:
    """What keeps a draw from the lot's longer list, by the numbers of the day; told to the buyer's
    own people only."""
    row = ctx.session.get(LongList, lot.id)
    if row is None:
        return [finding("invitees", "lot.candidates-none", longlist.LAW,
                        "请先保存备选供应商名单。", "Save the longer list of suppliers first.")]
    profile = profiles_of(ctx.session, tender, [lot], beijing_day(ctx.now))[lot.regime]
    candidates = invited.candidates_of(row)
    return longlist.findings(
        profile, row.source, row.wanted, candidates, _own(ctx.session, tender),
        _barred(ctx.session, tender, lot, [uscc for uscc, _ in candidates], ctx.now))


def _by_invitation(lots: list[Lot]) -> list[Lot]:
    return [lot for lot in lots if lot.method == "invite"]


def _content(session, _tender: Tender, lots: list[Lot]) -> dict[str, object]:
    said = []
    for lot in _by_invitation(lots):
        row, grounds = session.get(Invitation, lot.id), terms_of(lot).grounds
        if row is not None and grounds.invite_ground in invitation.GROUNDS:
            said.append({"lot": lot.id, "number": lot.number, "commitment": row.commitment,
                         "ground": grounds.invite_ground, "reason": grounds.invite_reason,
                         "document": grounds.invite_document})
    return {"invitations": said} if said else {}


def _findings(ctx: Act, tender: Tender, lots: list[Lot]) -> list[dict]:
    """What keeps a list from being fixed: told to who submits, kept nowhere."""
    found: list[dict] = []
    if not _by_invitation(lots):
        return found
    own = _own(ctx.session, tender)
    profiles = profiles_of(ctx.session, tender, lots, beijing_day(ctx.now))
    hashes = {one.hash for one in documents_of(ctx.session, tender.id)}
    for lot in _by_invitation(lots):
        invitees = invited.invitees_of(ctx.session, lot.id)
        barred = _barred(ctx.session, tender, lot, [uscc for uscc, _ in invitees], ctx.now)
        said = invitation.list_findings(profiles[lot.regime], invitees, own, barred)
        needed = longlist.approval_needed(lot.regime, profiles[lot.regime], lot.category,
                                          lot.estimate_fen)
        said += invitation.paper_findings(needed, terms_of(lot).grounds, hashes)
        found += [one | {"field": f"lots[{lot.number}].{one['field']}"} for one in said]
    secret = invited.secret_names(ctx.session, lots)
    if secret and invitation.names(_all_said(ctx, tender, lots), secret, _names(ctx, tender)):
        found.append(finding("lots", "lot.invitee-named", INVITEE_NAMED.law, INVITEE_NAMED.zh,
                             INVITEE_NAMED.en))
    if secret and invitation.names(_announced(ctx, tender), secret, _names(ctx, tender)):
        found.append(finding(
            "lots", "lot.invitee-announced", INVITEE_NAMED.law,
            "已发布的预公告或采购意向出现拟邀请单位的名称或统一社会信用代码，不能再邀请该单位。",
            "The advance notice or the announced plan, which are published, name a company that is "
            "to be invited: it cannot be invited any more."))
    return found


def _own(session, tender: Tender) -> set[str]:
    """The credit codes of the buyer and of whoever acts for it in this project."""
    agencies = select(AgencyAuthority.agency_id).where(
        AgencyAuthority.buyer_id == tender.buyer_id, AgencyAuthority.revoked_at.is_(None),
        (AgencyAuthority.tender_id == tender.id) | AgencyAuthority.tender_id.is_(None))
    return set(session.scalars(select(Party.uscc).where(
        (Party.id == tender.buyer_id) | Party.id.in_(agencies))))


def _barred(session, tender: Tender, lot: Lot, codes: list[str], now) -> set[str]:
    day, rows = beijing_day(lot.deadline or now), debarments(session, codes)
    return {uscc for uscc in codes if barred_doubts(uscc, tender.region, rows, day)}


def _names(ctx: Act, tender: Tender) -> tuple[str, str]:
    buyer = ctx.session.get_one(Party, tender.buyer_id)
    return buyer.name, buyer.uscc


def _announced(ctx: Act, tender: Tender) -> str:
    """What was published of the tender before its list could be known."""
    texts = list(ctx.session.scalars(select(PublishedNotice.content).where(
        PublishedNotice.tender_id == tender.id)))
    plan = ctx.session.execute(
        select(ProcurementPlan.title, ProcurementPlan.description)
        .join(Registration, Registration.plan_id == ProcurementPlan.id)
        .where(Registration.tender_id == tender.id)).first()
    return "\n".join([*texts, *(plan or ())])


def _all_said(ctx: Act, tender: Tender, lots: list[Lot]) -> str:
    lines = [f"{item.code} {item.description}" for lot in lots
             for item in items_of(ctx.session, lot.id)]
    return "\n".join([content_of(ctx.session, tender, lots).decode(), *lines])


content_hooks.append(_content)
finding_hooks.append(_findings)
sections.WORDED["invitations"] = invitation.sections
