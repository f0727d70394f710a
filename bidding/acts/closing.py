"""The close and what follows it without anybody asking (sealed-bid A3.6).

Whoever first reads a time at or past the deadline commits the closing entry, in a transaction
of its own, even if what it wanted is refused. From then on the outcome decides: a clock set
back re-opens nothing.
"""

from __future__ import annotations

import json

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

import guarantees.acts
from audit.act import Act, act, wiring
from audit.actor import CLOCK
from kernel.canonical import time_text
from kernel.db import db, new_id
from kernel.refusal import NOT_FOUND, WRONG_PHASE
from tender.acts import decide_outcome, lock_lot
from tender.lifecycle import close_due
from tender.model import Lot, LotOutcome
from tender.reading import lot_facts

from .. import closing, promise, rules
from ..lifecycle import State, state
from ..model import BidPlace, BidVersion, LotClosing, StandingBid
from ..reading import Standing, count_standing, standing_bids
from ..refusals import ALREADY


class _NotDue(Exception):
    """Somebody else has closed the lot meanwhile, or it is not due."""


def close_if_due(lot_id: str) -> None:
    """Close the lot if its deadline has passed and it is not closed; cheap when nothing is due.

    Called by every act on a lot before its own transaction, and again when it was refused.
    """
    session = db.session()
    session.rollback()
    due = _due(session, lot_id)
    session.rollback()
    if due:
        try:
            close_lot(CLOCK, lot_id)
        except _NotDue:
            pass


def _due(session: Session, lot_id: str) -> bool:
    row = session.execute(
        select(Lot.deadline).where(Lot.id == lot_id, Lot.deadline.is_not(None))).one_or_none()
    if row is None or wiring().clock.now(session.connection()) < row.deadline:
        return False
    decided = session.execute(select(LotOutcome.id).where(
        LotOutcome.lot_id == lot_id, LotOutcome.outcome == "closed").limit(1)).first()
    if decided:
        return False
    return close_due(lot_facts(session, lot_id), wiring().clock.now(session.connection()))


def plant(ctx: Act, lot_id: str, purpose: str, bids: list[Standing]) -> str:
    """Build a tree over the bids, keep each one's place in it, return the root."""
    root, places = closing.build([(bid.bid_id, bid.declaration_hash) for bid in bids])
    rows = [{"id": new_id(), "lot_id": lot_id, "purpose": purpose, "bid_id": bid.bid_id,
             "version_id": bid.version_id, "place": places[bid.bid_id].to_json()} for bid in bids]
    if rows:
        ctx.session.execute(insert(BidPlace), rows)
    return root


@act("lot.closed", law="招标投标法 28; 电子招标投标办法 27", by=("clock",), alone="closing")
def close_lot(ctx: Act, lot_id: str) -> str:
    """Commit to the bids that stand at the deadline: one root, no number; return it."""
    lot = lock_lot(ctx, lot_id)
    if not close_due(lot_facts(ctx.session, lot_id), ctx.now):
        raise _NotDue
    decide_outcome(ctx, lot_id, "closed")
    root = plant(ctx, lot_id, "closing", standing_bids(ctx.session, lot_id))
    ctx.session.add(LotClosing(lot_id=lot_id, root=root, closed_at=ctx.now))
    ctx.record(lot_id, {"root": root, "deadline": time_text(lot.deadline)}, lot_id=lot_id,
               tender_id=lot.tender_id)
    return root


def close_due_lot(who, lot_id: str) -> None:
    """The clock's way to close; does nothing when somebody was faster."""
    close_if_due(lot_id)


@act("lot.failed", law="招标投标法 28; 实施条例 44", by=("clock",))
def fail_lot(ctx: Act, lot_id: str) -> None:
    """Fewer than three tenderers at the deadline: nothing is opened, securities go back."""
    lot = lock_lot(ctx, lot_id)
    facts = lot_facts(ctx.session, lot_id)
    if "closed" not in facts.outcomes:
        raise WRONG_PHASE(phase="BIDDING")
    least = rules.least_tenderers(lot.profile)
    if count_standing(ctx.session, lot_id) >= least:
        raise ALREADY()
    decide_outcome(ctx, lot_id, "failed")
    guarantees.acts.lot_failed(ctx, lot_id)
    ctx.record(lot_id, {"least": least}, lot_id=lot_id, tender_id=lot.tender_id)


@act("bid.returned", law="招标投标法 28; 实施条例 44", by=("clock",), disclose="party", veiled=True)
def return_bid(ctx: Act, version_id: str) -> None:
    """Return a bid of a failed lot unopened: kept sealed for the term of retention, never read."""
    version = _version(ctx, version_id)
    lot = lock_lot(ctx, version.lot_id, share=True)
    facts = lot_facts(ctx.session, lot.id)
    # A lot may also fail after its opening, when the panel rejects all bids: nothing to return.
    unopened = "failed" in facts.outcomes and "authorised" not in facts.outcomes
    if not unopened or state(vars(version)) is not State.SUBMITTED:
        raise ALREADY()
    version.returned_at = ctx.now
    ctx.record(version.bid_id, {"version": version.version,
                                "declaration": version.declaration_hash},
               lot_id=lot.id, tender_id=lot.tender_id, party_id=version.party_id)


@act("bid.deemed_withdrawn", law="电子招标投标办法 27; 实施条例 35", by=("clock",), disclose="party",
     veiled=True)
def deem_withdrawn(ctx: Act, version_id: str) -> None:
    """Not completely received at the deadline: deemed withdrawn, and its tenderer is told so.

    Its security goes back unless an earlier version of the company still stands.
    """
    version = _version(ctx, version_id)
    lot = lock_lot(ctx, version.lot_id, share=True)
    facts = lot_facts(ctx.session, lot.id)
    if "closed" not in facts.outcomes or state(vars(version)) is not State.DECLARED:
        raise ALREADY()
    version.deemed_withdrawn_at = ctx.now
    declared = json.loads(version.declaration)
    said = promise.receipt(declared, version.declaration_hash, facts.outcomes["closed"],
                           lot.deadline, "bid-deemed-withdrawn")
    version.ending = promise.sign({**said, "deadline": time_text(lot.deadline)},
                                  wiring().platform_key)
    stands = ctx.session.execute(select(StandingBid.id).where(
        StandingBid.lot_id == lot.id, StandingBid.party_id == version.party_id)).first()
    if stands is None:
        guarantees.acts.bid_withdrawn(ctx, lot.id, version.party_id)
    ctx.record(version.bid_id, {"version": version.version,
                                "declaration": version.declaration_hash,
                                "deadline": time_text(lot.deadline)},
               lot_id=lot.id, tender_id=lot.tender_id, party_id=version.party_id)
    version.ending_entry_id = ctx.entry_id


def _version(ctx: Act, version_id: str) -> BidVersion:
    # Only the id of its lot is read before the lot is locked; the rest is judged afterwards.
    lot_id = ctx.session.execute(select(BidVersion.lot_id).where(
        BidVersion.id == version_id)).scalar_one_or_none()
    if lot_id is None:
        raise NOT_FOUND()
    lock_lot(ctx, lot_id, share=True)
    return ctx.session.scalars(
        select(BidVersion).where(BidVersion.id == version_id).with_for_update()
        .execution_options(populate_existing=True)).one()
