"""Who is invited to a lot, as the rows have it: asked by authority, by notices, by readers."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import Session

from audit.act import Act
from audit.actor import Actor
from people.model import Party

from . import invitation, longlist
from .method_refusals import INVITEE_NAMED
from .model import Invitation, Invitee, LongList, Lot, LotOutcome, Tender

CLOSED_TO_OTHERS = frozenset({"bid.declare", "question.ask", "guarantee.submit"})
"""What only those invited may do in a lot by invitation. An objection to the documents stays open
to every company, that the lot is not put out openly among them (实施条例 22: 利害关系人)."""

_lot, _invitee, _party = Lot.__table__.c, Invitee.__table__.c, Party.__table__.c
_UNINVITED = select(_lot.id).where(
    _lot.id == bindparam("lot"), _lot.method == "invite",
    ~exists().where(_invitee.lot_id == _lot.id, _party.id == bindparam("party"),
                    _invitee.uscc == _party.uscc))


def turned_away(session: Session, actor: Actor, roles: set[str], lot_id: str | None) -> bool:
    """Whether a lot is put out by invitation and the actor's company is not invited.

    `roles`: the actor's towards the lot. Whoever has a bid there was invited. Of a guarantor it is
    not asked: its answer would tell it which of its clients are.
    """
    return lot_id is not None and "tenderer_outside" in roles and "guarantor" not in roles \
        and session.connection().execute(
            _UNINVITED, {"lot": lot_id, "party": actor.party_id}).first() is not None


def invitees_of(session: Session, lot_id: str) -> list[tuple[str, str]]:
    """(uscc, name) of those invited, by credit code."""
    return [(row.uscc, row.name) for row in session.execute(
        select(Invitee.uscc, Invitee.name).where(Invitee.lot_id == lot_id)
        .order_by(Invitee.uscc))]


def list_of(session: Session, lot_id: str) -> dict[str, object]:
    """The list of a lot with what proves it; empty where nobody was named."""
    row = session.get(Invitation, lot_id)
    return {"lot_id": lot_id, "salt": row and row.salt, "commitment": row and row.commitment,
            "set_at": row and row.set_at,
            "invitees": [{"uscc": uscc, "name": name}
                         for uscc, name in invitees_of(session, lot_id)]}


def candidates_of(row: LongList | None) -> list[tuple[str, str]]:
    """(uscc, name) of a longer list; none where there is none."""
    return [(one["uscc"], one["name"]) for one in row.candidates] if row else []


def long_list_of(session: Session, lot_id: str) -> dict[str, object]:
    """The longer list of a lot with what proves it; empty where nobody was named."""
    row = session.get(LongList, lot_id)
    names = ("source", "basis", "paper_hash", "wanted", "salt", "commitment", "set_at")
    return {"lot_id": lot_id} | {name: getattr(row, name, None) for name in names} \
        | {"candidates": row.candidates if row else []}


def is_drawn(lot: Lot) -> bool:
    """Whether those invited to a lot are drawn and not named (87号令 14)."""
    return lot.method == "invite" and lot.regime in longlist.DRAWN


def secret_names(session: Session, lots: Iterable[Lot]) -> list[tuple[str, str]]:
    """Those invited to any of these lots, and those on a list from which they are drawn, of whom
    nothing may be told yet: it is not opened."""
    wanted = [lot.id for lot in lots if lot.method == "invite"]
    if not wanted:
        return []
    opened = set(session.scalars(select(LotOutcome.lot_id).where(
        LotOutcome.lot_id.in_(wanted), LotOutcome.outcome == "opened")))
    shut = [lot_id for lot_id in wanted if lot_id not in opened]
    found = dict(one for lot_id in shut for one in invitees_of(session, lot_id))
    for row in session.scalars(select(LongList).where(LongList.lot_id.in_(shut))):
        found |= dict(candidates_of(row))
    return sorted(found.items())


def refuse_named(ctx: Act, lots: Iterable[Lot], text: str | Callable[[], str]) -> None:
    """Refuse a text (or what makes it, where it is only looked at for this) that is to be published and names somebody invited to a lot that is not
    opened (招标投标法 22): INVITEE_NAMED. `lots` are of one tender.

    Nothing is refused to a supervisor: it does not know the list, and could try names out.
    """
    lots = list(lots)
    secret = secret_names(ctx.session, lots)
    if not secret:
        return
    unit = ctx.actor.party_id and ctx.session.get(Party, ctx.actor.party_id)
    if unit is None or unit.kind == "supervisor":
        return
    tender = ctx.session.get_one(Tender, lots[0].tender_id)
    buyer = ctx.session.get_one(Party, tender.buyer_id)
    said = text if isinstance(text, str) else text()
    if invitation.names(said, secret, (buyer.name, buyer.uscc)):
        raise INVITEE_NAMED()
