"""The close and what follows it without anybody asking (sealed-bid A3.6).

Whoever first reads a time at or past the deadline commits the closing entry, in a transaction
of its own, even if what it wanted is refused. From then on the outcome decides: a clock set
back re-opens nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

import guarantees.acts
from audit.act import Act, act, wiring
from audit.actor import CLOCK
from kernel.canonical import time_text
from kernel.db import db, new_id
from kernel.refusal import NOT_FOUND, WRONG_PHASE, Refused
from tender.acts import decide_outcome, lock_lot, postpone_held, publish_notice
from tender.deadlines import doubt_of, doubt_time
from tender.lifecycle import close_due, postpone_due
from tender.model import Lot
from tender.notices import failed
from tender.reading import closed_lots, lot_facts
from tender.refusals import DECIDED

from .. import closing, promise, rules
from ..lifecycle import State, state
from ..model import BidPlace, BidVersion, LotClosing, StandingBid
from ..reading import Standing, close_stands, restorable, standing_bids
from ..refusals import ALREADY, CLOSE_LATE, CLOSE_UNWITNESSED
from . import faults

DOUBT_MINUTES = 15
"""How near a deadline is in doubt where the installation says nothing else."""


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
    try:
        if due is not None:
            due()
    except _NotDue:
        pass
    except Refused as refused:
        if refused.word is not DECIDED:
            raise


_DEADLINE = select(Lot.__table__.c.deadline).where(Lot.__table__.c.id == bindparam("lot"))


def _due(session: Session, lot_id: str) -> Callable[[], object] | None:
    """What the lot's deadline calls for now: its close, or in its place a doubt about the time
    that says so (Q47), or a later deadline while an objection is unanswered (实施条例 22)."""
    row = session.connection().execute(_DEADLINE, {"lot": lot_id}).one_or_none()
    if row is None or row.deadline is None:
        return None
    wiring().watch.keep(session.connection())
    if wiring().clock.now(session.connection()) < row.deadline:
        return None
    if session.execute(closed_lots().where(Lot.id == lot_id).limit(1)).first() \
            or doubt_of(session, lot_id) is not None:
        return None
    facts, now = lot_facts(session, lot_id), wiring().clock.now(session.connection())
    if postpone_due(facts, now):
        return partial(postpone_held, CLOCK, lot_id)
    if not close_due(facts, now):
        return None
    doubt = wiring().watch.doubt(session.connection())
    if doubt and doubt.near(row.deadline, doubt_margin()):
        return partial(doubt_time, CLOCK, lot_id, doubt)
    return partial(close_lot, CLOCK, lot_id)


def doubt_margin() -> timedelta:
    """How near to a deadline a disagreement of the clocks matters to it."""
    return timedelta(minutes=int(wiring().settings.get("doubt_minutes", DOUBT_MINUTES)))


def plant(ctx: Act, lot_id: str, purpose: str, bids: list[Standing], number: int = 1) -> str:
    """Build a tree over the bids, keep each one's place in it, return the root.

    `number` is the round of a closing."""
    root, places = closing.build([(bid.bid_id, bid.declaration_hash) for bid in bids])
    rows = [{"id": new_id(), "lot_id": lot_id, "purpose": purpose, "round": number,
             "bid_id": bid.bid_id, "version_id": bid.version_id,
             "place": places[bid.bid_id].to_json()} for bid in bids]
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
    root = plant(ctx, lot_id, "closing", standing_bids(ctx.session, lot_id), lot.round)
    row = LotClosing(lot_id=lot_id, round=lot.round, root=root, closed_at=ctx.now)
    ctx.record(lot_id, {"root": root, "deadline": time_text(lot.deadline), "round": lot.round},
               lot_id=lot_id, tender_id=lot.tender_id)
    row.entry_id = ctx.entry_id
    ctx.session.add(row)
    return root


def close_due_lot(who, lot_id: str) -> None:
    """The clock's way to close; does nothing when somebody was faster."""
    close_if_due(lot_id)


@act("lot.failed", law="招标投标法 28; 实施条例 44; 电子招标投标办法 31", by=("clock",))
def fail_lot(ctx: Act, lot_id: str) -> None:
    """Fewer than three tenderers, at the deadline or after bids were deemed withdrawn at the
    opening: nothing is disclosed, securities go back."""
    lot = lock_lot(ctx, lot_id)
    facts = lot_facts(ctx.session, lot_id)
    if "closed" not in facts.outcomes:
        raise WRONG_PHASE(phase="BIDDING")
    if not close_stands(ctx.session, lot, ctx.now):
        raise CLOSE_UNWITNESSED()  # a bid that was dropped may be why there are too few
    if "authorised" not in facts.outcomes and restorable(ctx.session, lot, ctx.now):
        raise CLOSE_LATE()  # who was kept out by an outage may be why there are too few
    least = rules.least_tenderers(lot.profile)
    if faults.tenderers_left(ctx.session, lot) >= least or faults.undecided(ctx.session, lot_id):
        raise ALREADY()
    decide_outcome(ctx, lot_id, "failed")
    publish_notice(ctx, lot.tender_id, "failure", failed(
        f"投标人少于 {least} 个，不予开标。", f"Fewer than {least} tenderers; nothing is opened."),
        lot_id=lot_id)
    guarantees.acts.lot_failed(ctx, lot_id)
    ctx.record(lot_id, {"least": least}, lot_id=lot_id, tender_id=lot.tender_id)


@act("bid.returned", law="招标投标法 28; 实施条例 31, 44", by=("clock",), disclose="party", veiled=True)
def return_bid(ctx: Act, version_id: str) -> None:
    """Return a bid of a failed or ended lot unopened: kept sealed for the term of retention,
    never read."""
    version = _version(ctx, version_id)
    lot = lock_lot(ctx, version.lot_id, share=True)
    facts = lot_facts(ctx.session, lot.id)
    # A lot may also fail after its opening, when the panel rejects all bids: nothing to return.
    unopened = {"failed", "terminated"} & facts.outcomes.keys() \
        and "opened" not in facts.outcomes
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
