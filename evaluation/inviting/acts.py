"""The acts of a draw of those invited: announced, watched, drawn (87号令 14).

Why nobody chooses the result: list and announcement are in the record by their hashes before a
second person stands for the draw; the seed takes what the announced witnesses sign under the first
checkpoint that holds that person's entry (docs/adr/0004), and the platform's nonce, committed with
the announcement, so that the witnesses alone do not choose it either. A draw that does not suit
cannot be dropped in silence: the notice names every draw of the lot, with the cause of each.
"""

from __future__ import annotations

import json
import secrets

from sqlalchemy import func, select

from audit.act import Act, act
from kernel.canonical import b64, jcs
from kernel.db import new_id
from kernel.refusal import DENIED
from people import digests
from tender import longlist, sections
from tender.acts import (
    changed_draft,
    content_hooks,
    finding_hooks,
    invite,
    lock_tender,
    long_list_findings,
)
from tender.findings import finding
from tender.invited import invitees_of, is_drawn, long_list_of
from tender.model import LongList, Lot, Tender
from tender.profile import Profile
from tender.reading import lot as read_lot
from tender.reading import profiles_of
from tender.timetable import beijing_day

from .. import draw, rules, seeds
from ..refusals import DRAW_WAITS
from . import reading
from .model import InvitationDraw, InvitationWatcher
from .refusals import (
    CAUSE_NEEDED,
    CLOSED,
    LIST_WRONG,
    OTHER_ANNOUNCEMENT,
    STOOD,
    UNDER_WAY,
)


@act("invitation.announced", law=longlist.LAW, action="project.edit", lot=True)
def announce_invitation(ctx: Act, lot_id: str, *, cause: str | None = None) -> InvitationDraw:
    """Announce the draw of those invited to a draft lot from its longer list, by salted hashes.

    Whoever announces stands for it, where it is a person of the buyer. Raises LIST_WRONG,
    UNDER_WAY, CAUSE_NEEDED after an earlier draw.
    """
    tender, lot = _lock(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    if ctx.actor.person_id is None:
        raise DENIED()
    before = reading.draws_of(ctx.session, lot_id)
    if any(one.drawn_at is None and one.voided_at is None for one in before):
        raise UNDER_WAY()
    cause = (cause or "").strip() or None
    if before and not cause:
        raise CAUSE_NEEDED()
    if wrong := _wrong(ctx, tender, lot):
        raise LIST_WRONG(count=len(wrong), findings=wrong)
    made = _announced(ctx, lot, len(before) + 1, cause)
    ctx.session.add(made)
    ctx.session.flush()
    if ctx.actor.party_id == tender.buyer_id:
        _stand(ctx, made)
    announcement = json.loads(made.announcement)
    ctx.record(made.id, {
        "announcement_hash": rules.digest(announcement), "list": announcement["list"],
        "list_hash": draw.list_hash(announcement["pool"]), "number": made.number,
        "platform_commitment": announcement["platform_commitment"],
        "stands": ctx.actor.party_id == tender.buyer_id}, lot_id=lot_id, tender_id=tender.id)
    return made


def _wrong(ctx: Act, tender: Tender, lot: Lot) -> list[dict]:
    if not is_drawn(lot):
        return [finding("method", "lot.not-drawn", longlist.LAW,
                        "只有政府采购的邀请招标才抽取受邀供应商。",
                        "Only in government procurement are those invited drawn.")]
    return long_list_findings(ctx, tender, lot)


def _announced(ctx: Act, lot: Lot, number: int, cause: str | None) -> InvitationDraw:
    draw_id, salt, nonce = new_id(), secrets.token_bytes(32), secrets.token_bytes(32)
    found = long_list_of(ctx.session, lot.id)
    kept = {name: found[name] for name in ("source", "basis", "wanted", "salt", "commitment",
                                           "candidates")}
    tickets = sorted(draw.ticket(draw_id, salt, one["uscc"]) for one in kept["candidates"])
    announcement = {
        "v": 1, "draw": draw_id, "invitation": lot.id, "lot": lot.id, "tender": lot.tender_id,
        "list": kept["commitment"], "source": kept["source"],
        **seeds.announced(ctx), "contributors": [draw.PLATFORM], "seats": kept["wanted"], "substitutes": 0,
        "coefficients": [], "pool": [{"ticket": name, "excluded": None} for name in tickets],
        "platform_commitment": draw.commitment(nonce), "cause": cause}
    return InvitationDraw(
        id=draw_id, lot_id=lot.id, number=number, announcement=jcs(announcement).decode(),
        salt=salt.hex(), long_list=kept, sealed_nonce=digests.seal(b64(nonce)), cause=cause,
        announced_at=ctx.now)


def _stand(ctx: Act, made: InvitationDraw) -> None:
    ctx.session.add(InvitationWatcher(draw_id=made.id, account_id=ctx.actor.account_id,
                                      person_id=ctx.actor.person_id, stood_at=ctx.now))
    ctx.session.flush()


@act("invitation.watched", law=longlist.LAW, action="invitation.watch", fresh=True,
     lot=True)
def watch_invitation(ctx: Act, lot_id: str, *, announcement_hash: str) -> InvitationDraw:
    """Stand for the draw of those invited, as another person of the buyer, naming what was announced.

    With as many as the profile asks for (two at least) the draw is closed: the platform's nonce is
    revealed, and the first checkpoint that holds this entry gives the seed. Raises CLOSED,
    STOOD, OTHER_ANNOUNCEMENT. An agency cannot stand for the buyer's people.
    """
    tender, lot = _lock(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    made = next((one for one in reading.draws_of(ctx.session, lot_id)
                 if one.closed_at is None and one.voided_at is None), None)
    if made is None:
        raise CLOSED()
    if ctx.actor.person_id is None:
        raise DENIED()
    if any(one.person_id == ctx.actor.person_id
           for one in reading.watchers_of(ctx.session, made.id)):
        raise STOOD()
    if announcement_hash != rules.digest(json.loads(made.announcement)):
        raise OTHER_ANNOUNCEMENT()
    _stand(ctx, made)
    enough = ctx.session.scalar(select(func.count()).where(
        InvitationWatcher.draw_id == made.id)) >= longlist.persons(_profile(ctx, tender, lot))
    if enough:
        made.closed_at, made.nonce = ctx.now, digests.unseal(made.sealed_nonce)
    ctx.record(made.id, {"announcement_hash": announcement_hash, "closed": enough,
                         "nonce": made.nonce}, lot_id=lot.id, tender_id=tender.id)
    if enough:
        made.closed_entry = ctx.entry_id
    return made


def _profile(ctx: Act, tender: Tender, lot: Lot) -> Profile:
    return profiles_of(ctx.session, tender, [lot], beijing_day(ctx.now))[lot.regime]


@act("invitation.drawn", law=longlist.LAW, by=("clock",))
def draw_invitation(ctx: Act, draw_id: str) -> InvitationDraw:
    """Draw those invited from the first checkpoint that holds the close; their list is made of it.

    Void where an announced witness stays silent, or where the longer list was changed meanwhile.
    Raises DRAW_WAITS.
    """
    tender, lot = _lock(ctx, reading.the_draw(ctx.session, draw_id).lot_id)
    ctx.permit(lot_id=lot.id)
    made = reading.the_draw(ctx.session, draw_id)
    if made.closed_at is None or made.drawn_at is not None or made.voided_at is not None:
        raise DRAW_WAITS()
    checkpoint = seeds.ripe(ctx.session, made, ctx.now)
    silent = seeds.silent_witnesses(made, checkpoint)
    standing = ctx.session.get(LongList, lot.id)
    if silent or not is_drawn(lot) or standing.commitment != made.long_list["commitment"]:
        made.voided_at = ctx.now
        made.void_reason = "witness_silent" if silent else "list_changed"
        ctx.record(draw_id, {"silent": silent, "void": made.void_reason}, lot_id=lot.id,
                   tender_id=tender.id)
        return made
    document = draw.document(draw_id, json.loads(made.announcement),
                             reading.contributions(made), checkpoint.note)
    made.drawn_at, made.document = ctx.now, jcs(document).decode()
    changed_draft(ctx, tender)
    row = invite(ctx, lot.id, reading.drawn_of(made))
    ctx.record(draw_id, {"draw_hash": rules.digest(document), "void": None,
                         "commitment": row.commitment, "version": tender.version},
               lot_id=lot.id, tender_id=tender.id)
    return made


def _lock(ctx: Act, lot_id: str) -> tuple[Tender, Lot]:
    tender, lots = lock_tender(ctx, read_lot(ctx.session, lot_id).tender_id)
    return tender, next(one for one in lots if one.id == lot_id)


# --- the notice -----------------------------------------------------------------------------------
def content(session, _tender: Tender, lots: list[Lot]) -> dict[str, object]:
    """What the notice says of the draws of a tender's lots: source, hashes, every draw."""
    said = []
    for lot in lots:
        draws = reading.draws_of(session, lot.id) if is_drawn(lot) else []
        if not draws or draws[-1].drawn_at is None:
            continue
        last = draws[-1]
        said.append({
            "lot": lot.id, "number": lot.number, "commitment": last.long_list["commitment"],
            "source": last.long_list["source"], "basis": last.long_list["basis"],
            "draw_hash": rules.digest(json.loads(last.document)),
            "draws": [{"draw": one.id, "cause": one.cause, "void": one.void_reason}
                      for one in draws]})
    return {"invitation_draws": said} if said else {}


def list_findings(ctx: Act, tender: Tender, lots: list[Lot]) -> list[dict]:
    """Those invited are the very ones that the last draw drew from the list as it stands."""
    found: list[dict] = []
    for lot in lots:
        if not is_drawn(lot):
            continue
        wrong = long_list_findings(ctx, tender, lot)
        draws = reading.draws_of(ctx.session, lot.id)
        last, standing = draws[-1] if draws else None, ctx.session.get(LongList, lot.id)
        drawn = reading.drawn_of(last) if last is not None and last.drawn_at is not None else []
        if not wrong and (not drawn or standing.commitment != last.long_list["commitment"]
                          or sorted((one["uscc"], one["name"]) for one in drawn)
                          != invitees_of(ctx.session, lot.id)):
            wrong = [finding(
                "invitees", "lot.invitees-undrawn", longlist.LAW,
                "受邀供应商尚未从现有备选名单中抽取（名单改过的须重新抽取）。",
                "Those invited are not drawn from the longer list as it stands; a list that was "
                "changed is drawn from anew.")]
        found += [one | {"field": f"lots[{lot.number}].{one['field']}"} for one in wrong]
    return found


content_hooks.append(content)
finding_hooks.append(list_findings)
sections.WORDED["invitation_draws"] = longlist.sections
