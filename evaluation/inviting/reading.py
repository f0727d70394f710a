"""Draws of those invited, as the buyer sees them, and everybody once the lot is opened."""

from __future__ import annotations

import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel.canonical import unb64
from kernel.refusal import NOT_FOUND

from .. import draw, rules
from .model import InvitationDraw, InvitationWatcher


def the_draw(session: Session, draw_id: str) -> InvitationDraw:
    """The draw, read afresh, or NOT_FOUND."""
    found = session.get(InvitationDraw, draw_id, populate_existing=True)
    if found is None:
        raise NOT_FOUND()
    return found


def draws_of(session: Session, lot_id: str) -> list[InvitationDraw]:
    """Every draw of a lot, the first before the rest, the void ones included."""
    return list(session.scalars(select(InvitationDraw).where(InvitationDraw.lot_id == lot_id)
                                .order_by(InvitationDraw.number)))


def watchers_of(session: Session, draw_id: str) -> list[InvitationWatcher]:
    """Who stands for a draw, the first before the rest."""
    return list(session.scalars(select(InvitationWatcher).where(
        InvitationWatcher.draw_id == draw_id)
        .order_by(InvitationWatcher.stood_at, InvitationWatcher.id)))


def contributions(made: InvitationDraw) -> list[draw.Contribution]:
    """The platform's, the only one: the witnesses sign what nobody could know before."""
    return [draw.Contribution(draw.PLATFORM, json.loads(made.announcement)["platform_commitment"],
                              made.nonce and unb64(made.nonce))]


def tickets_of(made: InvitationDraw) -> dict[str, dict[str, str]]:
    """Ticket → {uscc, name} of the longer list."""
    salt = bytes.fromhex(made.salt)
    return {draw.ticket(made.id, salt, one["uscc"]): one
            for one in made.long_list["candidates"]}


def drawn_of(made: InvitationDraw) -> list[dict[str, str]]:
    """{uscc, name} of those a held draw drew, in the order drawn."""
    names = tickets_of(made)
    return [names[ticket] for ticket in json.loads(made.document)["panel"]]


def state_of(made: InvitationDraw) -> str:
    """ANNOUNCED, CLOSED (it waits for its checkpoint), DRAWN or VOID."""
    if made.voided_at is not None:
        return "VOID"
    if made.drawn_at is not None:
        return "DRAWN"
    return "ANNOUNCED" if made.closed_at is None else "CLOSED"


def page(session: Session, made: InvitationDraw, person_id: str | None = None
         ) -> dict[str, object]:
    """All of a draw, with what replays it. For the buyer; for everybody once the lot is opened.
    `stood`: whether the person who reads it, `person_id`, stands for it."""
    announcement, watchers = json.loads(made.announcement), watchers_of(session, made.id)
    return {
        "id": made.id, "lot_id": made.lot_id, "number": made.number, "state": state_of(made),
        "announcement": announcement, "announcement_hash": rules.digest(announcement),
        "announced_at": made.announced_at, "closed_at": made.closed_at, "drawn_at": made.drawn_at,
        "cause": made.cause, "void_reason": made.void_reason,
        "watchers": len(watchers),
        "stood": person_id is not None and person_id in {one.person_id for one in watchers},
        "caution": None if announcement["witnesses"] else draw.CAUTION,
        "long_list": made.long_list, "salt": made.salt,
        "drawn": drawn_of(made) if made.document else [],
        "document": made.document and json.loads(made.document)}


def evidence(session: Session, lot_id: str) -> dict[str, object]:
    """What an evidence folder keeps of all draws of an opened lot."""
    return {"lot_id": lot_id, "draws": [
        {"draw": one.id, "salt": one.salt, "long_list": one.long_list, "cause": one.cause,
         "announcement": json.loads(one.announcement), "void": one.void_reason,
         "document": one.document and json.loads(one.document)}
        for one in draws_of(session, lot_id)]}
