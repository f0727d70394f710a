"""After the result: the contract in its time, what was done, what each party says of the other."""

from __future__ import annotations

from audit.act import Act, act
from kernel.canonical import sha256, time_text
from kernel.db import new_id
from tender import halted
from tender.acts.course_halting import must_run
from tender.profile import blocks
from tender.regime import REASON_LEAST

from ..selection import State
from . import reading
from .model import Service, ServiceRating
from .offers import must_be
from .refusals import CONTRACT_DIFFERS, CONTRACT_LATE, NOT_YOURS, SERVICE_STATE
from .requests import LAW, lock_service


@act("service.contracted", law="招标投标法 46; 规则 §0：中介超市", action="service.manage")
def contract_service(ctx: Act, service_id: str, *, amount_fen: int, document_hash: str,
                     late_reason: str = "") -> Service:
    """Register the signed contract, once nobody objects any more.

    Raises CONTRACT_DIFFERS, SERVICE_STATE, CONTRACT_LATE, HALTED.
    """
    found = lock_service(ctx, service_id)
    ctx.permit(owner=found.buyer_id)
    must_be(ctx, found, State.SIGNING)
    must_run(ctx, found.id)
    if amount_fen != found.price_fen:
        raise CONTRACT_DIFFERS(price_fen=found.price_fen)
    until = reading.contract_until(ctx.session, found)
    late = until is not None and ctx.now >= until
    if late and (blocks(found.profile, "service.contract_days")
                 or len(late_reason.strip()) < REASON_LEAST):
        raise CONTRACT_LATE(until=time_text(until), now=time_text(ctx.now))
    found.contracted_at, found.contract_hash = ctx.now, document_hash
    found.late_reason = late_reason if late else None
    ctx.record(found.id, {"amount_fen": amount_fen, "document_hash": document_hash,
                          "winner": found.winner_id, "late_reason": found.late_reason},
               tender_id=found.id)
    return found


@act("service.lapsed", law="招标投标法 46; 规则 §0：中介超市", by=("clock",))
def lapse(ctx: Act, service_id: str) -> Service:
    """End a request whose time for the contract is over, where the profile lets none be late."""
    found = lock_service(ctx, service_id)
    ctx.permit()
    if not lapsing(ctx.session, found, ctx.now):
        raise SERVICE_STATE(state=reading.state_of(ctx.session, found, ctx.now).value)
    found.failed_at, found.failure = ctx.now, "contract"
    ctx.record(found.id, {"winner": found.winner_id, "failure": found.failure,
                          "until": time_text(reading.contract_until(ctx.session, found))},
               tender_id=found.id)
    return found


def lapsing(session, found: Service, now) -> bool:
    """Whether a contract is due no longer: its time is over, and the profile lets none be late; never
    while it is halted."""
    if found.objections_until is None \
            or reading.state_of(session, found, now) is not State.SIGNING:
        return False  # a result from before this rule keeps its time
    if halted.standing(session, found.id, now):
        return False
    until = reading.contract_until(session, found)
    return until is not None and until <= now and blocks(found.profile, "service.contract_days")


@act("service.finished", law="民法典 509; 规则 §0：中介超市", action="service.manage")
def finish_service(ctx: Act, service_id: str, *, document_hash: str) -> Service:
    """Take what the agency did, by the SHA-256 of the paper that says so. Raises SERVICE_STATE."""
    found = lock_service(ctx, service_id)
    ctx.permit(owner=found.buyer_id)
    must_be(ctx, found, State.CONTRACTED)
    found.finished_at, found.finish_hash = ctx.now, document_hash
    ctx.record(found.id, {"document_hash": document_hash, "winner": found.winner_id},
               tender_id=found.id)
    return found


@act("service.rated", law=LAW, action="service.manage")
def rate_agency(ctx: Act, service_id: str, *, stars: int, text: str) -> ServiceRating:
    """The buyer rates the agency, once, when the service is finished. Raises RATED,
    SERVICE_STATE."""
    found = lock_service(ctx, service_id)
    ctx.permit(owner=found.buyer_id)
    return _rate(ctx, found, found.buyer_id, found.winner_id, stars, text)


@act("buyer.rated", law=LAW, action="service.offer")
def rate_buyer(ctx: Act, service_id: str, *, stars: int, text: str) -> ServiceRating:
    """The agency chosen rates the buyer, once, when the service is finished. Raises RATED,
    NOT_YOURS, SERVICE_STATE."""
    found = lock_service(ctx, service_id)
    ctx.permit()
    if found.winner_id is None or ctx.actor.party_id != found.winner_id:
        raise NOT_YOURS()
    return _rate(ctx, found, found.winner_id, found.buyer_id, stars, text)


def _rate(ctx: Act, found: Service, rater: str, rated: str | None, stars: int,
          text: str) -> ServiceRating:
    must_be(ctx, found, State.FINISHED)
    made = ServiceRating(id=new_id(), service_id=found.id, rater_id=rater, rated_id=rated,
                         stars=stars, text=text, rated_at=ctx.now)
    ctx.session.add(made)
    ctx.session.flush()
    ctx.record(found.id, {"rater": rater, "rated": rated, "stars": stars, "rating": made.id,
                          "text_hash": sha256(text.encode()).hex()}, party_id=rater,
               tender_id=found.id)
    return made
