"""After the result: the contract, and what each party says of the other."""

from __future__ import annotations

from audit.act import Act, act
from kernel.canonical import sha256
from kernel.db import new_id

from ..selection import State
from .model import Service, ServiceRating
from .offers import must_be
from .refusals import CONTRACT_DIFFERS, NOT_YOURS
from .requests import LAW, lock_service


@act("service.contracted", law="招标投标法 46; 规则 §0：中介超市", action="service.manage")
def contract_service(ctx: Act, service_id: str, *, amount_fen: int,
                     document_hash: str) -> Service:
    """Register the signed contract. Raises CONTRACT_DIFFERS, SERVICE_STATE."""
    found = lock_service(ctx, service_id)
    ctx.permit(owner=found.buyer_id)
    must_be(ctx, found, State.RESULT)
    if amount_fen != found.price_fen:
        raise CONTRACT_DIFFERS(price_fen=found.price_fen)
    found.contracted_at, found.contract_hash = ctx.now, document_hash
    ctx.record(found.id, {"amount_fen": amount_fen, "document_hash": document_hash,
                          "winner": found.winner_id})
    return found


@act("service.rated", law=LAW, action="service.manage")
def rate_agency(ctx: Act, service_id: str, *, stars: int, text: str) -> ServiceRating:
    """The buyer rates the agency, once. Raises RATED, SERVICE_STATE."""
    found = lock_service(ctx, service_id)
    ctx.permit(owner=found.buyer_id)
    return _rate(ctx, found, found.buyer_id, found.winner_id, stars, text)


@act("buyer.rated", law=LAW, action="service.offer")
def rate_buyer(ctx: Act, service_id: str, *, stars: int, text: str) -> ServiceRating:
    """The agency chosen rates the buyer, once. Raises RATED, NOT_YOURS, SERVICE_STATE."""
    found = lock_service(ctx, service_id)
    ctx.permit()
    if found.winner_id is None or ctx.actor.party_id != found.winner_id:
        raise NOT_YOURS()
    return _rate(ctx, found, found.winner_id, found.buyer_id, stars, text)


def _rate(ctx: Act, found: Service, rater: str, rated: str | None, stars: int,
          text: str) -> ServiceRating:
    must_be(ctx, found, State.CONTRACTED)
    made = ServiceRating(id=new_id(), service_id=found.id, rater_id=rater, rated_id=rated,
                         stars=stars, text=text, rated_at=ctx.now)
    ctx.session.add(made)
    ctx.session.flush()
    ctx.record(found.id, {"rater": rater, "rated": rated, "stars": stars,
                          "text_hash": sha256(text.encode()).hex()}, party_id=rater)
    return made
