"""Refusals of a bid are answered with a signed promise of refusal (sealed-bid A3.4, A3.5)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audit.act import Act, side_write, wiring
from audit.actor import Actor
from kernel.canonical import time_text
from kernel.db import Installation
from kernel.refusal import WRONG_PHASE, Refused
from people.model import Party
from people.reading import signing_key
from tender.model import Lot

from .. import promise, rules
from ..model import BidRefusal
from ..refusals import UNKNOWN_KEY

log = logging.getLogger("yangguang.bidding")

REFUSALS_KEPT = 200
"""Promises of refusal kept for one company in one lot; further ones are given, not kept."""


def log_origin(session: Session) -> str:
    """The name of this installation's record."""
    return session.execute(select(Installation.log_origin)).scalar_one()


def expected(session: Session, lot: Lot, party_id: str) -> rules.Expected:
    """What every declaration of this company in this lot must repeat."""
    return rules.Expected(log_origin(session), lot.suite, lot.policy, lot.policy_hash,
                          lot.tender_id, lot.id, session.get_one(Party, party_id).uscc)


def own_key(session: Session, party_id: str, key: str) -> None:
    """Refuse a signature by a key that is not registered, unrevoked, for this company."""
    if signing_key(session, party_id, key) is None:
        raise UNKNOWN_KEY()


def permit(ctx: Act, lot: Lot, owner: str | None = None) -> None:
    """Authority for an act of bidding; a bid that is late hears its article and both times."""
    try:
        ctx.permit(lot_id=lot.id, owner=owner)
    except Refused as refused:
        _late(refused, lot, ctx.now)
        raise
    rules.in_time(ctx.now, lot.deadline)


def _late(refused: Refused, lot: Lot, now) -> None:
    known = refused.facts.get("phase") not in (None, "DRAFT")
    if refused.word is WRONG_PHASE and known and lot.deadline is not None:
        rules.in_time(now, lot.deadline)


@contextmanager
def promising(actor: Actor, lot_id: str, bid_id: str | None = None) -> Iterator[None]:
    """Give every refusal of a bid its promise: `facts["promise"]` is a signed note.

    Wraps whatever judges or takes a bid, authority at the edge included: whoever reads a time
    past the deadline here closes the lot, even though what it wanted is refused.
    """
    try:
        yield
    except Refused as refused:
        found = _translated(lot_id, refused)
        if not found.word.code.startswith("bid.") or actor.party_id is None:
            raise
        if found.word.code == "bid.late":
            wiring().close_if_due(lot_id)
        if "promise" not in found.facts:
            found.facts["promise"] = _promise(actor, lot_id, bid_id, found)
        if found is refused:
            raise
        raise found from refused


def _translated(lot_id: str, refused: Refused) -> Refused:
    if refused.word is not WRONG_PHASE:
        return refused
    with side_write() as session:
        lot = session.get(Lot, lot_id)
        try:
            _late(refused, lot, wiring().clock.now(session.connection()))
        except Refused as late:
            return late
    return refused


def _promise(actor: Actor, lot_id: str, bid_id: str | None, refused: Refused) -> str:
    with side_write() as session:
        lot = session.get_one(Lot, lot_id)
        now = wiring().clock.now(session.connection())
        facts = {"code": refused.word.code, "law": refused.word.law, "tender": lot.tender_id,
                 "lot": lot_id, "bid": bid_id, "refused_at": time_text(now),
                 "tenderer": session.get_one(Party, actor.party_id).uscc,
                 "facts": {name: value for name, value in refused.facts.items()
                           if isinstance(value, (str, int))}}
        signed = promise.sign(promise.refusal(log_origin(session), facts), wiring().platform_key)
        kept = session.execute(select(func.count()).select_from(BidRefusal).where(
            BidRefusal.lot_id == lot_id, BidRefusal.party_id == actor.party_id)).scalar_one()
        if kept < REFUSALS_KEPT:
            session.add(BidRefusal(at=now, lot_id=lot_id, party_id=actor.party_id, bid_id=bid_id,
                                   code=refused.word.code, promise=signed))
    return signed
