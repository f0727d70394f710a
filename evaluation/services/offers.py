"""Sealed offers, their revealing, and how one of them is chosen."""

from __future__ import annotations

from sqlalchemy import select

from audit.act import Act, act, wiring
from kernel.canonical import jcs, sha256, time_text
from kernel.db import new_id
from tender.profile import number
from tender.timetable import beijing_day

from ..selection import Offer, State, commitment, lowest, objections_until, stands
from . import reading
from .model import Agency, Service, ServiceOffer
from .refusals import (
    AGENCY_OUT,
    NOT_AN_OFFER,
    NOT_ENTERED,
    OFFER_DIFFERS,
    SCREEN_INCOMPLETE,
    SERVICE_STATE,
)
from .requests import LAW, lock_service


def must_be(ctx: Act, found: Service, *states: State) -> None:
    """Refuse unless the service stands in one of these states."""
    standing = reading.state_of(ctx.session, found, ctx.now)
    if standing not in states:
        raise SERVICE_STATE(state=standing.value)


@act("offer.made", law=LAW, action="service.offer", disclose="never")
def make_offer(ctx: Act, service_id: str, *, sealed: str) -> ServiceOffer:
    """Hand in a sealed offer: its commitment alone, once.

    Raises SERVICE_STATE, NOT_ENTERED, AGENCY_OUT.
    """
    found = lock_service(ctx, service_id)
    ctx.permit()
    must_be(ctx, found, State.OFFERS)
    _entered(ctx, found)
    made = ServiceOffer(id=new_id(), service_id=found.id, party_id=ctx.actor.party_id,
                        commitment=sealed, offered_at=ctx.now)
    ctx.session.add(made)
    ctx.session.flush()
    ctx.record(found.id, {"commitment": sealed, "offer": made.id}, party_id=made.party_id,
               tender_id=found.id)
    return made


def _entered(ctx: Act, found: Service) -> None:
    agency = ctx.session.scalars(select(Agency).where(
        Agency.party_id == ctx.actor.party_id)).one_or_none()
    day = beijing_day(ctx.now)
    if agency is not None and (agency.left_at or reading.barred_until(
            ctx.session, agency, found.region, day)):
        raise AGENCY_OUT(until=reading.barred_until(ctx.session, agency, found.region, day) or "—")
    if agency is None or agency.approved_at is None or not stands(
            agency.kinds, agency.qualifications, found.kind, day):
        raise NOT_ENTERED()


@act("service.offers_closed", law=LAW, by=("clock",))
def close_offers(ctx: Act, service_id: str) -> Service:
    """Close the time for offers: all seals are published before the first is opened."""
    found = lock_service(ctx, service_id)
    ctx.permit()
    if found.closed_at is not None or ctx.now < found.offers_until or not found.approved_at:
        raise SERVICE_STATE(state=reading.state_of(ctx.session, found, ctx.now).value)
    found.closed_at = ctx.now
    seals = sorted(one.commitment for one in reading.offers(ctx.session, found.id))
    ctx.record(found.id, {"commitments": seals}, tender_id=found.id)
    return found


@act("offer.revealed", law=LAW, action="service.offer")
def reveal_offer(ctx: Act, service_id: str, *, price_fen: int, proposal_hash: str,
                 salt: str) -> ServiceOffer:
    """Open one's own offer. Raises SERVICE_STATE, OFFER_DIFFERS."""
    found = lock_service(ctx, service_id)
    ctx.permit()
    must_be(ctx, found, State.REVEALING)
    offer = ctx.session.scalars(select(ServiceOffer).where(
        ServiceOffer.service_id == found.id,
        ServiceOffer.party_id == ctx.actor.party_id)).one_or_none()
    sealed = commitment(found.id, ctx.actor.party_id, price_fen, proposal_hash, salt)
    if offer is None or offer.revealed_at is not None or offer.commitment != sealed:
        raise OFFER_DIFFERS()
    if found.closed_at is None:
        close_offers(ctx, found.id)
    offer.price_fen, offer.proposal_hash, offer.salt = price_fen, proposal_hash, salt
    offer.revealed_at = ctx.now
    ctx.record(found.id, {"party": offer.party_id, "price_fen": price_fen, "salt": salt,
                          "proposal_hash": proposal_hash, "commitment": sealed},
               party_id=offer.party_id, tender_id=found.id)
    return offer


@act("service.settled", law=LAW, by=("clock",))
def settle(ctx: Act, service_id: str) -> Service:
    """End the revealing: name the offers that stand; the lowest wins a quote; too few fail it."""
    found = lock_service(ctx, service_id)
    ctx.permit()
    if found.settled_at is not None or not found.approved_at or ctx.now < found.reveal_until:
        raise SERVICE_STATE(state=reading.state_of(ctx.session, found, ctx.now).value)
    if found.closed_at is None:
        close_offers(ctx, found.id)
    found.settled_at = ctx.now
    standing = reading.valid_offers(ctx.session, found)
    least = number(found.profile, "L28.tenderers")
    if len(standing) < least:
        found.failed_at, found.failure = ctx.now, "offers"
    elif found.method == "quote":
        best = lowest(Offer(one.party_id, one.price_fen, one.offered_at) for one in standing)
        _decide(ctx, found, best.party, "")
    ctx.record(found.id, {
        "standing": [{"party": one.party_id, "price_fen": one.price_fen} for one in standing],
        "silent": sorted(one.commitment for one in reading.offers(ctx.session, found.id)
                         if one.revealed_at is None),
        "failed": found.failed_at is not None, "winner": found.winner_id,
        "result_hash": reading.result_hash(found)}, tender_id=found.id)
    return found


@act("service.chosen", law=LAW, action="service.manage", fresh=True)
def choose_offer(ctx: Act, service_id: str, *, party_id: str, reason: str) -> Service:
    """Choose among the offers displayed, with the reason that is published."""
    found = lock_service(ctx, service_id)
    ctx.permit(owner=found.buyer_id)
    must_be(ctx, found, State.DECIDING)
    if found.method != "display" or found.settled_at is None:
        raise SERVICE_STATE(state=reading.state_of(ctx.session, found, ctx.now).value)
    if party_id not in {one.party_id for one in reading.valid_offers(ctx.session, found)}:
        raise NOT_AN_OFFER()
    _decide(ctx, found, party_id, reason)
    ctx.record(found.id, {"winner": party_id, "price_fen": found.price_fen,
                          "reason_hash": sha256(reason.encode()).hex(),
                          "result_hash": reading.result_hash(found)}, tender_id=found.id)
    return found


@act("service.screened", law="公平竞争审查规则 8(4); 规则 §1.4", action="service.manage")
def screen_offers(ctx: Act, service_id: str, *, verdicts: list[dict]) -> Service:
    """Say of every offer that stands whether its agency passes the published screen."""
    found = lock_service(ctx, service_id)
    ctx.permit(owner=found.buyer_id)
    must_be(ctx, found, State.DECIDING)
    if found.method != "draw" or found.settled_at is None or found.screened_at is not None:
        raise SERVICE_STATE(state=reading.state_of(ctx.session, found, ctx.now).value)
    said = {one["party_id"]: one for one in verdicts}
    standing = reading.valid_offers(ctx.session, found)
    if len(said) != len(verdicts) or set(said) != {one.party_id for one in standing} \
            or any(not one["passed"] and not one["because"].strip() for one in verdicts):
        raise SCREEN_INCOMPLETE()
    for offer in standing:
        offer.passed = int(said[offer.party_id]["passed"])
        offer.failed_because = None if offer.passed else said[offer.party_id]["because"]
    found.screened_at = ctx.now
    if not any(one.passed for one in standing):
        found.failed_at, found.failure = ctx.now, "screen"
    ctx.record(found.id, {
        "passed": sorted(one.party_id for one in standing if one.passed),
        "failed": {one.party_id: sha256(one.failed_because.encode()).hex()
                   for one in standing if not one.passed}}, tender_id=found.id)
    return found


def _decide(ctx: Act, found: Service, party_id: str, reason: str) -> None:
    decide(ctx, found, party_id, {"reason": reason} if reason else {})


def decide(ctx: Act, found: Service, party_id: str, more: dict[str, object]) -> None:
    """Write the result and its signed notice; the calling act records it."""
    offer = next(one for one in reading.valid_offers(ctx.session, found)
                 if one.party_id == party_id)
    found.decided_at, found.winner_id, found.price_fen = ctx.now, party_id, offer.price_fen
    found.objections_until = objections_until(found.profile, ctx.now)
    found.result = wiring().platform_key.sign(jcs({
        "v": 1, "type": "service-result", "service": found.id, "code": found.code,
        "buyer": found.buyer_id, "title": found.title, "method": found.method,
        "winner": party_id, "price_fen": offer.price_fen, "decided_at": time_text(ctx.now),
        "objections_until": time_text(found.objections_until),
        "profile": found.profile["id"], **more}).decode() + "\n")
