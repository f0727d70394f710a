"""The draw among agencies that passed the screen, by the same means as that of a panel.

`evaluation.draw` gives the seed, the shuffle and the document; `yangguang draw verify` checks it.
"""

from __future__ import annotations

import json
import secrets
from datetime import timedelta

from sqlalchemy import select

from audit.act import Act, act
from kernel.canonical import b64, jcs, time_text
from kernel.db import new_id
from kernel.refusal import NOT_FOUND
from people import digests

from .. import draw, rules, seeds
from ..refusals import DRAW_WAITS
from ..selection import State
from . import reading
from .model import Service, ServiceDraw, ServiceNonce
from .offers import decide, must_be
from .refusals import DRAW_TIME, NO_SCREEN, NOT_YOURS, OFFER_DIFFERS
from .requests import lock_service

LAW = "公平竞争审查规则 8(4); 规则 §1.4"


@act("selection.announced", law=LAW, action="service.manage")
def announce_selection(ctx: Act, service_id: str, *, commit_minutes: int,
                       reveal_minutes: int) -> ServiceDraw:
    """Announce the draw among those who passed the screen. Raises NO_SCREEN, DRAW_ONCE."""
    found = lock_service(ctx, service_id)
    ctx.permit(owner=found.buyer_id)
    if found.method != "draw" or found.screened_at is None:
        raise NO_SCREEN()
    must_be(ctx, found, State.DECIDING)
    own, salt, nonce = new_id(), secrets.token_bytes(32), secrets.token_bytes(32)
    standing = reading.valid_offers(ctx.session, found)
    tickets = {draw.ticket(own, salt, one.party_id): one for one in standing}
    pool = [{"ticket": name, "excluded": None if tickets[name].passed else "failed_the_screen"}
            for name in sorted(tickets)]
    commit_by = ctx.now + timedelta(minutes=commit_minutes)
    reveal_by = commit_by + timedelta(minutes=reveal_minutes)
    passed = sum(one["excluded"] is None for one in pool)
    announcement = {
        "v": 1, "draw": own, "service": found.id, "lot": found.id, "tender": found.id,
        **seeds.announced(ctx), "commit_by": time_text(commit_by), "reveal_by": time_text(reveal_by),
        "contributors": ["platform", "buyer", "agency"], "specialty": found.kind, "seats": 1,
        "substitutes": min(2, passed - 1), "coefficients": [], "pool": pool, "cause": None,
        "screen": found.screen, "policy_document": found.policy_document,
        "platform_commitment": draw.commitment(nonce)}
    made = ServiceDraw(
        id=own, service_id=found.id, announcement=jcs(announcement).decode(), salt=salt.hex(),
        tickets={name: one.party_id for name, one in tickets.items()},
        sealed_nonce=digests.seal(b64(nonce)), announced_at=ctx.now, commit_by=commit_by,
        reveal_by=reveal_by)
    ctx.session.add(made)
    ctx.session.flush()
    ctx.session.add(ServiceNonce(draw_id=own, contributor=draw.PLATFORM,
                                 commitment=draw.commitment(nonce)))
    ctx.record(own, {"service": found.id, "announcement_hash": rules.digest(announcement),
                     "list_hash": draw.list_hash(pool), "eligible": passed,
                     "platform_commitment": draw.commitment(nonce)}, tender_id=found.id)
    return made


@act("selection.committed", law=LAW, action="selection.contribute")
def commit_to_selection(ctx: Act, draw_id: str, *, commitment: str) -> ServiceDraw:
    """Commit to a nonce: buyer and agencies of the selection, once each."""
    found, made = _lock(ctx, draw_id)
    ctx.permit()
    _party(ctx, found)
    if ctx.now >= made.commit_by:
        raise DRAW_TIME(commit_by=time_text(made.commit_by), reveal_by=time_text(made.reveal_by))
    ctx.session.add(ServiceNonce(draw_id=draw_id, contributor=ctx.actor.party_id,
                                 commitment=commitment))
    ctx.session.flush()
    ctx.record(draw_id, {"contributor": ctx.actor.party_id, "commitment": commitment},
               party_id=ctx.actor.party_id, tender_id=found.id)
    return made


@act("selection.revealed", law=LAW, action="selection.contribute", by=("clock",))
def reveal_to_selection(ctx: Act, draw_id: str, *, nonce: str | None = None) -> ServiceDraw:
    """Reveal the nonce (base64) that was committed; the clock reveals the platform's."""
    found, made = _lock(ctx, draw_id)
    ctx.permit()
    platform = ctx.actor.kind == "clock"
    if not platform:
        _party(ctx, found)
    if not made.commit_by <= ctx.now < made.reveal_by:
        raise DRAW_TIME(commit_by=time_text(made.commit_by), reveal_by=time_text(made.reveal_by))
    name = draw.PLATFORM if platform else ctx.actor.party_id
    row = ctx.session.scalars(select(ServiceNonce).where(
        ServiceNonce.draw_id == draw_id, ServiceNonce.contributor == name)).one_or_none()
    nonce = digests.unseal(made.sealed_nonce) if platform else nonce
    if row is None or row.nonce is not None or not draw.opens(nonce, row.commitment):
        raise OFFER_DIFFERS()
    row.nonce = nonce
    ctx.record(draw_id, {"contributor": name, "nonce": nonce}, party_id=ctx.actor.party_id,
               tender_id=found.id)
    return made


@act("selection.closed", law=LAW, by=("clock",))
def close_selection(ctx: Act, draw_id: str) -> ServiceDraw:
    """Close the revealing and name who is left out; void where that is the platform."""
    _, made = _lock(ctx, draw_id)
    ctx.permit()
    if made.closed_at is not None or ctx.now < made.reveal_by:
        raise DRAW_TIME(commit_by=time_text(made.commit_by), reveal_by=time_text(made.reveal_by))
    left_out = draw.left_out(reading.contributions(ctx.session, draw_id))
    made.closed_at = ctx.now
    if draw.PLATFORM in left_out:
        made.voided_at = ctx.now
    ctx.record(draw_id, {"left_out": left_out, "void": made.voided_at is not None},
               tender_id=made.service_id)
    made.closed_entry = ctx.entry_id
    return made


@act("selection.drawn", law=LAW, by=("clock",))
def draw_selection(ctx: Act, draw_id: str) -> ServiceDraw:
    """Draw one agency from the first checkpoint that holds the close, and publish the result.

    Void where an announced witness stays silent. Raises DRAW_WAITS.
    """
    found, made = _lock(ctx, draw_id)
    ctx.permit()
    if made.drawn_at is not None or made.closed_at is None:
        raise DRAW_WAITS()
    checkpoint = seeds.ripe(ctx.session, made, ctx.now)
    if silent := seeds.silent_witnesses(made, checkpoint):
        made.voided_at = ctx.now
        ctx.record(draw_id, {"silent": silent, "void": True}, tender_id=found.id)
        return made
    document = draw.document(draw_id, json.loads(made.announcement),
                             reading.contributions(ctx.session, draw_id), checkpoint.note)
    made.drawn_at, made.document = ctx.now, jcs(document).decode()
    winner = made.tickets[document["panel"][0]]
    decide(ctx, found, winner, {"draw": draw_id, "draw_hash": rules.digest(document)})
    ctx.record(draw_id, {"draw_hash": rules.digest(document), "seed": document["seed"],
                         "service": found.id, "winner": winner,
                         "result_hash": reading.result_hash(found)}, tender_id=found.id)
    return made


def _lock(ctx: Act, draw_id: str) -> tuple[Service, ServiceDraw]:
    made = ctx.session.get(ServiceDraw, draw_id)
    if made is None or made.voided_at is not None:
        raise NOT_FOUND()
    found = lock_service(ctx, made.service_id)
    ctx.session.refresh(made)
    return found, made


def _party(ctx: Act, found: Service) -> None:
    """Refuse who is neither the buyer nor an agency that passed the screen."""
    passed = {one.party_id for one in reading.valid_offers(ctx.session, found) if one.passed}
    if ctx.actor.party_id not in passed | {found.buyer_id}:
        raise NOT_YOURS()


