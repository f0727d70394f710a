"""Lists of those invited, against their hash and against the notice that two people approved; the
longer lists and the draws they come of, in government procurement."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation import draw, rules
from evaluation.inviting.model import InvitationDraw, InvitationWatcher
from evaluation.inviting.reading import drawn_of, tickets_of
from tender import invitation, longlist
from tender.invited import candidates_of, invitees_of, is_drawn
from tender.model import Invitation, LongList, Lot
from tender.reading import live_notice

from .entries import Entry
from .folds import Fold, Said, by_subject, hashed


def invitations(session: Session) -> Iterator[str]:
    """Every list is of its hash, and that of a published lot is the one in the notice."""
    for row, lot in session.execute(select(Invitation, Lot).join(
            Lot, Lot.id == Invitation.lot_id).order_by(Invitation.lot_id)):
        if invitation.commitment(lot.id, row.salt, invitees_of(session, lot.id)) != row.commitment:
            yield f"invitation {lot.id}: the companies invited are not those of its hash"
        notice = live_notice(session, lot.tender_id)
        if notice is None or notice.published_at is None or lot.method != "invite":
            continue
        more = json.loads(notice.content)["more"]
        if row.commitment not in {one["commitment"] for one in more.get("invitations", ())
                                  if one["lot"] == lot.id}:
            yield f"invitation {lot.id}: is not the list that the approved notice names"
        if is_drawn(lot):
            yield from _as_drawn(session, lot, more)
    for row in session.scalars(select(LongList).order_by(LongList.lot_id)):
        if longlist.commitment(row.lot_id, row.salt, row.source, row.wanted,
                               candidates_of(row)) != row.commitment:
            yield f"long_list {row.lot_id}: its suppliers are not those of its hash"
    for made in session.scalars(select(InvitationDraw).order_by(InvitationDraw.id)):
        yield from _draw(made)


def _as_drawn(session: Session, lot: Lot, more: dict) -> Iterator[str]:
    """Those invited to a published lot are those of its last draw, which the notice names."""
    said = next((one for one in more.get("invitation_draws", ()) if one["lot"] == lot.id), None)
    last = session.scalars(select(InvitationDraw).where(
        InvitationDraw.lot_id == lot.id).order_by(InvitationDraw.number.desc())).first()
    if said is None or last is None or last.document is None \
            or said["draw_hash"] != rules.digest(json.loads(last.document)):
        yield f"invitation {lot.id}: the draw is not the one that the approved notice names"
    elif sorted((one["uscc"], one["name"]) for one in drawn_of(last)) \
            != invitees_of(session, lot.id):
        yield f"invitation {lot.id}: those invited are not those drawn"


def _draw(made: InvitationDraw) -> Iterator[str]:
    announcement, kept = json.loads(made.announcement), made.long_list
    named = longlist.commitment(made.lot_id, kept["salt"], kept["source"], kept["wanted"],
                                [(one["uscc"], one["name"]) for one in kept["candidates"]])
    if named != announcement["list"] or sorted(tickets_of(made)) != draw.eligible(announcement):
        yield f"invitation_draw {made.id}: its tickets stand for other suppliers"


def _closed(entry: Entry) -> Iterator[Said]:
    if entry.said("facts.closed"):
        yield entry.record["subject"], {"closed_at": entry.said("at"), "closed_entry": entry.id,
                                        "nonce": entry.said("facts.nonce")}


def _held(entry: Entry) -> Iterator[Said]:
    void = entry.said("facts.void")
    yield entry.record["subject"], {"voided_at": entry.said("at"), "void_reason": void} if void \
        else {"drawn_at": entry.said("at"), "draw_hash": entry.said("facts.draw_hash")}


def _announcer(entry: Entry) -> Iterator[Said]:
    if entry.said("facts.stands"):
        yield from _watcher(entry)


def _watcher(entry: Entry) -> Iterator[Said]:
    yield (entry.record["subject"], entry.said("actor.person")), {
        "account_id": entry.said("actor.account"), "stood_at": entry.said("at")}


FOLDS = (
    Fold(InvitationDraw, {"invitation.announced": by_subject(
            lot_id="lot", number="facts.number", announced_at="at",
            announcement_hash="facts.announcement_hash")},
         {"invitation.watched": _closed, "invitation.drawn": _held},
         ("closed_at", "closed_entry", "nonce", "voided_at", "void_reason", "drawn_at",
          "draw_hash"),
         made={"announcement_hash": hashed("announcement"), "draw_hash": hashed("document")}),
    Fold(InvitationWatcher, {"invitation.announced": _announcer, "invitation.watched": _watcher},
         key=("draw_id", "person_id")),
)
"""Draws of those invited and who stood for them, as their acts made them."""
