"""Mini-competitions (二次竞价): all admitted are asked; sealed by hash, revealed after the close."""

from __future__ import annotations

from sqlalchemy import select

from audit.act import Act, act
from kernel.db import new_id

from ..selection import Offer, commitment, lowest
from . import reading
from .calling import decide, lock_calloff, must_stand
from .joining import eligible, is_barred
from .model import Calloff, CalloffOffer, FrameworkApplication
from .refusals import APPLICATION_BARRED, CALLOFF_STATE, NOT_YOUR_TURN, OFFER_DIFFERS
from .stating import LAW


@act("calloff.offered", law=LAW, action="framework.join", disclose="never")
def offer(ctx: Act, calloff_id: str, *, sealed: str) -> CalloffOffer:
    """Hand in a sealed offer: its commitment alone, once, as one who is admitted.

    Raises CALLOFF_STATE, NOT_YOUR_TURN, OFFERED, APPLICATION_BARRED.
    """
    found, called = lock_calloff(ctx, calloff_id)
    ctx.permit()
    must_stand(ctx, called, "offers")
    own = next((one for one in reading.admitted(ctx.session, found.id)
                if one.party_id == ctx.actor.party_id), None)
    if own is None:
        raise NOT_YOUR_TURN()
    if is_barred(ctx, found, own.party_id):
        raise APPLICATION_BARRED()
    made = CalloffOffer(id=new_id(), calloff_id=called.id, application_id=own.id,
                        party_id=own.party_id, commitment=sealed, offered_at=ctx.now)
    ctx.session.add(made)
    ctx.session.flush()
    ctx.record(called.id, {"commitment": sealed, "offer": made.id, "application": own.id},
               party_id=made.party_id, tender_id=found.id)
    return made


@act("calloff.offers_closed", law=LAW, by=("clock",))
def close_offers(ctx: Act, calloff_id: str) -> Calloff:
    """Close the time for offers: all seals are published before the first is opened."""
    found, called = lock_calloff(ctx, calloff_id)
    ctx.permit()
    if called.method != "mini" or called.closed_at is not None or ctx.now < called.offers_until:
        raise CALLOFF_STATE(state=reading.call_state(ctx.session, called, ctx.now))
    called.closed_at = ctx.now
    seals = sorted(one.commitment for one in reading.offers(ctx.session, called.id))
    ctx.record(called.id, {"commitments": seals}, tender_id=found.id)
    return called


@act("calloff.revealed", law=LAW, action="framework.join")
def reveal(ctx: Act, calloff_id: str, *, price_fen: int, proposal_hash: str,
           salt: str) -> CalloffOffer:
    """Open one's own offer: the amount of the whole purchase. Raises CALLOFF_STATE,
    OFFER_DIFFERS."""
    found, called = lock_calloff(ctx, calloff_id)
    ctx.permit()
    must_stand(ctx, called, "revealing")
    sealed = commitment(called.id, ctx.actor.party_id, price_fen, proposal_hash, salt)
    # Who left and was admitted anew meanwhile may have two; the one of before does not stand.
    own = ctx.session.scalars(select(CalloffOffer).where(
        CalloffOffer.calloff_id == called.id, CalloffOffer.party_id == ctx.actor.party_id,
        CalloffOffer.commitment == sealed, CalloffOffer.revealed_at.is_(None)).order_by(
            CalloffOffer.offered_at.desc(), CalloffOffer.id)).first()
    if own is None:
        raise OFFER_DIFFERS()
    if called.closed_at is None:
        close_offers(ctx, called.id)
    own.price_fen, own.proposal_hash, own.salt = price_fen, proposal_hash, salt
    own.revealed_at = ctx.now
    ctx.record(called.id, {"party": own.party_id, "price_fen": price_fen, "salt": salt,
                           "proposal_hash": proposal_hash, "commitment": sealed},
               party_id=own.party_id, tender_id=found.id)
    return own


@act("calloff.settled", law=LAW, by=("clock",))
def settle(ctx: Act, calloff_id: str) -> Calloff:
    """End the revealing: the lowest of the offers that stand wins; without one it fails.

    An offer above its supplier's agreed price does not stand, nor one of who has left or is barred
    meanwhile.
    """
    found, called = lock_calloff(ctx, calloff_id)
    ctx.permit()
    if called.method != "mini" or called.settled_at is not None \
            or ctx.now < called.reveal_until:
        raise CALLOFF_STATE(state=reading.call_state(ctx.session, called, ctx.now))
    if called.closed_at is None:
        close_offers(ctx, called.id)
    called.settled_at = ctx.now
    may = {one.id for one in eligible(ctx, found)}
    standing = [one for one in reading.valid_offers(ctx.session, called)
                if one.application_id in may]
    said: dict[str, object] = {"failed": not standing}
    if standing:
        best = lowest(Offer(one.application_id, one.price_fen, one.offered_at)
                      for one in standing)
        said |= decide(ctx, found, called, ctx.session.get_one(
            FrameworkApplication, best.party), best.price_fen)
    else:
        called.failed_at, called.failure = ctx.now, "offers"
    ctx.record(called.id, said | {
        "standing": sorted(one.id for one in standing),
        "silent": sorted(one.commitment for one in reading.offers(ctx.session, called.id)
                         if one.revealed_at is None)}, tender_id=found.id)
    return called
