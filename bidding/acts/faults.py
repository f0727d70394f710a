"""Bids that could not be opened: named, their tenderers heard, the fault decided (办法 31).

Whose fault it was decides what the bid counts as: 撤销 (revoked; the security may be kept) when
it was the tenderer's, 撤回 (withdrawn; the security goes back, and damages may be claimed from
whose fault it was) when it was anybody else's. A named person decides, after the tenderer has
spoken or its time to speak is over; the opening of the others goes on with the decision. A buyer
that does not decide cannot hold the others up for ever: its omission is named, and they open.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

import guarantees.acts
from audit.act import Act, act
from audit.actor import Actor
from kernel.canonical import sha256, time_text
from kernel.refusal import NOT_FOUND
from people.relations import own_party
from tender.acts import lock_lot
from tender.model import Lot, Tender

from .. import rules
from ..model import FIRST, Bid, Opening, OpeningShare, PlainFile, UnopenedBid
from ..reading import count_standing
from ..refusals import ALREADY, HEARING_OVER, NOT_DECIDED, NOT_DUE, NOT_HEARD
from .submission import lot_of

HOUR = timedelta(hours=1)
REVOKED, WITHDRAWN = "revoked", "withdrawn"


class Moved(Exception):
    """A share came while the bids were being read: read them again."""


def given_for(session: Session, lot_id: str) -> int:
    """How much was given to open a lot so far; what comes while its bids are read shows in it."""
    return sum(session.scalar(select(func.count()).select_from(table).where(
        table.lot_id == lot_id)) for table in (OpeningShare, PlainFile))


@act("opening.unopened_named", law="电子招标投标办法 31", by=("clock",), disclose="opened")
def name_unopened(ctx: Act, lot_id: str, found: list[tuple[str, str, str]],
                  given: int, stage: int = FIRST) -> datetime:
    """Name the bids that a stage could not open, as (bid, party, reason); their hearing begins.

    Nothing of any bid is disclosed by it. Returns until when the tenderers may speak. Raises
    NOT_DUE while a share may still come, Moved where one has come since `given` were counted.
    """
    lot = lock_lot(ctx, lot_id)
    opening = ctx.session.scalars(select(Opening).where(
        Opening.lot_id == lot_id, Opening.stage == stage).with_for_update()
        .execution_options(populate_existing=True)).one()
    if opening.opened_at is not None or opening.named_at is not None:
        raise ALREADY()
    if ctx.now < opening.ends_at and opening.complete_at is None:
        raise NOT_DUE()
    if given_for(ctx.session, lot_id) != given:
        raise Moved
    until = ctx.now + rules.hearing(lot.profile)
    opening.named_at = ctx.now
    for bid_id, party_id, reason in found:
        ctx.session.add(UnopenedBid(lot_id=lot_id, bid_id=bid_id, party_id=party_id, stage=stage,
                                    reason=reason, heard_until=until))
    ctx.session.flush()
    ctx.record(lot_id, {"bids": [{"bid": bid_id, "reason": reason}
                                 for bid_id, _, reason in found],
                        "heard_until": time_text(until)}, lot_id=lot_id, tender_id=lot.tender_id)
    return until


def make_statement(actor: Actor, bid_id: str, *, text: str) -> UnopenedBid:
    """A tenderer says why its bid could not be opened; see `_state`."""
    return _state(actor, lot_of(bid_id), bid_id, text=text)


@act("opening.statement_made", law="电子招标投标办法 31", by=("self",), lot=True, disclose="opened",
     veiled=True)
def _state(ctx: Act, lot_id: str, bid_id: str, *, text: str) -> UnopenedBid:
    """Speak once, before a decision and before the time to speak is over."""
    lot, row = _own(ctx, lot_id, bid_id)
    if row.stated_at is not None or row.fault is not None or ctx.now >= row.heard_until:
        raise HEARING_OVER()
    row.statement, row.stated_at = text, ctx.now
    ctx.record(bid_id, {"statement_hash": sha256(text.encode()).hex()}, lot_id=lot_id,
               tender_id=lot.tender_id, party_id=row.party_id)
    return row


def decide_fault(actor: Actor, bid_id: str, *, fault: str, grounds: str,
                 evidence_hash: str) -> UnopenedBid:
    """The buyer decides whose fault it was; see `_decide`."""
    return _decide(actor, lot_of(bid_id), bid_id, fault=fault, grounds=grounds,
                   evidence_hash=evidence_hash)


@act("opening.fault_decided", law="电子招标投标办法 31; 实施条例 35", action="opening.fault_decide",
     lot=True, fresh=True, disclose="opened", veiled=True)
def _decide(ctx: Act, lot_id: str, bid_id: str, *, fault: str, grounds: str,
            evidence_hash: str) -> UnopenedBid:
    """Decide with grounds and evidence: `revoked` or `withdrawn`; once, after the hearing.

    What follows for the security: it may be kept of a revoked bid, and stays where it is until
    that is claimed; of a withdrawn one it goes back within five days. Raises NOT_HEARD, ALREADY.
    """
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    row = _row(ctx, bid_id)
    if row.fault is not None or row.omitted_at is not None:
        raise ALREADY()
    if row.stated_at is None and ctx.now < row.heard_until:
        raise NOT_HEARD(heard_until=time_text(row.heard_until))
    row.fault, row.grounds, row.evidence_hash = fault, grounds, evidence_hash
    row.decided_at, row.decided_by = ctx.now, ctx.actor.account_id
    if fault == WITHDRAWN:
        guarantees.acts.bid_withdrawn(ctx, lot_id, row.party_id)
    ctx.record(bid_id, {"fault": fault, "grounds_hash": sha256(grounds.encode()).hex(),
                        "evidence": evidence_hash, "heard": row.stated_at is not None,
                        "security": "may_be_kept" if fault == REVOKED else "returned"},
               lot_id=lot_id, tender_id=lot.tender_id, party_id=row.party_id)
    return row


@act("opening.fault_omitted", law="电子招标投标办法 31", by=("clock",), disclose="opened")
def name_omission(ctx: Act, lot_id: str) -> list[str]:
    """Name the buyer that has not decided in time, and the bids it left undecided.

    The supervisor reads it in the record; the others' opening goes on. The security of such a bid
    stays where it is. Returns the bids. Raises ALREADY while there is time, or nothing to name.
    """
    lot = lock_lot(ctx, lot_id)
    allowed = rules.decision(lot.profile)
    rows = ctx.session.scalars(
        _undecided(select(UnopenedBid), lot_id).order_by(UnopenedBid.bid_id)
        .with_for_update().execution_options(populate_existing=True)).all()
    if not rows or any(ctx.now < row.heard_until + allowed for row in rows):
        raise ALREADY()
    for row in rows:
        row.omitted_at = ctx.now
    buyer = ctx.session.get_one(Tender, lot.tender_id).buyer_id
    named = [row.bid_id for row in rows]
    ctx.record(lot_id, {"omitted_by": buyer, "bids": named, "hours": allowed // HOUR},
               lot_id=lot_id, tender_id=lot.tender_id)
    return named


def object_to_fault(actor: Actor, bid_id: str, *, text: str) -> UnopenedBid:
    """A tenderer objects to the decision about its bid; see `_object`."""
    return _object(actor, lot_of(bid_id), bid_id, text=text)


@act("opening.fault_objected", law="电子招标投标办法 31; 实施条例 44", by=("self",), lot=True,
     disclose="opened", veiled=True)
def _object(ctx: Act, lot_id: str, bid_id: str, *, text: str) -> UnopenedBid:
    """Object once to the decision; it stays in the file, the decision stands until undone by law."""
    lot, row = _own(ctx, lot_id, bid_id)
    if row.fault is None or row.objected_at is not None:
        raise NOT_DECIDED()
    row.objection, row.objected_at = text, ctx.now
    ctx.record(bid_id, {"objection_hash": sha256(text.encode()).hex()}, lot_id=lot_id,
               tender_id=lot.tender_id, party_id=row.party_id)
    return row


def _own(ctx: Act, lot_id: str, bid_id: str) -> tuple[Lot, UnopenedBid]:
    """One's own company's unopened bid, locked; NOT_FOUND for anybody else's."""
    lot = lock_lot(ctx, lot_id)
    bid = ctx.session.get(Bid, bid_id)
    if bid.party_id != own_party(ctx.session, ctx.actor, ctx.now):
        raise NOT_FOUND()
    ctx.permit(account=ctx.actor.account_id)
    return lot, _row(ctx, bid_id)


def _row(ctx: Act, bid_id: str) -> UnopenedBid:
    row = ctx.session.scalars(select(UnopenedBid).where(UnopenedBid.bid_id == bid_id)
                              .with_for_update().execution_options(populate_existing=True)
                              ).one_or_none()
    if row is None:
        raise NOT_FOUND()
    return row


def undecided(session: Session, lot_id: str) -> int:
    """How many named bids still wait for a decision that may yet come."""
    return session.scalar(_undecided(select(func.count()), lot_id))


def _undecided(query: Select, lot_id: str) -> Select:
    return query.where(UnopenedBid.lot_id == lot_id, UnopenedBid.fault.is_(None),
                       UnopenedBid.omitted_at.is_(None))


def tenderers_left(session: Session, lot: Lot) -> int:
    """How many tenderers count to the least number: the standing bids, without those deemed
    withdrawn at the opening where the profile does not count them (example OP-1)."""
    standing = count_standing(session, lot.id)
    if rules.withdrawn_count(lot.profile):
        return standing
    return standing - session.scalar(select(func.count()).where(
        UnopenedBid.lot_id == lot.id, UnopenedBid.fault == WITHDRAWN))
