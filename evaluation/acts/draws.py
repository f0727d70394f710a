"""The acts of a draw: announced, committed, revealed, closed, drawn (sealed-bid C).

Nothing depends on when the clock gets round to its part, save one: the platform must reveal
within the time for revealing, or its draw is void.
"""

from __future__ import annotations

import json
import secrets
from collections import Counter
from datetime import timedelta

from sqlalchemy import select

from audit.act import Act, act
from kernel.canonical import b64, jcs, time_text
from kernel.db import new_id
from kernel.refusal import NOT_FOUND, Refused
from people import conflicts, digests
from people.model import Account, Party, RoleGrant
from people.reading import persons_of_parties, standing_grants
from people.relations import ended
from tender.acts import decide_outcome, lock_lot
from tender.model import Lot
from tender.reading import tender as tender_of

from .. import draw, reading, rules, seeds
from ..model import PANEL, Draw, DrawContribution, DrawPlace, Judge, PanelSeat
from ..refusals import (
    ALREADY_REVEALED,
    CAUSE_NEEDED,
    COMMIT_CLOSED,
    DRAW_EXISTS,
    DRAW_WAITS,
    NONCE_DIFFERS,
    NOT_COMMITTED,
    POOL_TOO_SMALL,
    REVEAL_NOT_OPEN,
)

CONTRIBUTORS = ["platform", "buyer", "supervisor", "tenderer"]


@act("draw.announced", law="实施条例 46; 招标投标法 37", action="committee.draw", lot=True)
def announce_draw(ctx: Act, lot_id: str, *, cause: str | None = None) -> Draw:
    """Announce the draw of panel, substitutes and coefficient, with its list as tickets.

    Raises DRAW_EXISTS while one is in force, CAUSE_NEEDED after a void one, POOL_TOO_SMALL.
    """
    lot = lock_lot(ctx, lot_id)
    ctx.permit(lot_id=lot_id)
    before = reading.draws_of(ctx.session, lot_id)
    if any(one.voided_at is None for one in before):
        raise DRAW_EXISTS()
    if before and not (cause or "").strip():
        raise CAUSE_NEEDED()
    draw_id, salt, nonce = new_id(), secrets.token_bytes(32), secrets.token_bytes(32)
    places = _pool(ctx, lot, draw_id, salt)
    eligible = sum(1 for place in places if place.excluded is None)
    if eligible < lot.panel["size"]:
        raise POOL_TOO_SMALL(eligible=eligible, seats=lot.panel["size"])
    commit_by = ctx.now + timedelta(minutes=lot.panel["commit_minutes"])
    reveal_by = commit_by + timedelta(minutes=lot.panel["reveal_minutes"])
    announcement = {
        "v": 1, "draw": draw_id, "lot": lot_id, "tender": lot.tender_id,
        **seeds.announced(ctx), "commit_by": time_text(commit_by),
        "reveal_by": time_text(reveal_by), "contributors": CONTRIBUTORS,
        "specialty": lot.panel.get("specialty", ""), "seats": lot.panel["size"],
        "substitutes": lot.panel.get("substitutes", 0),
        "coefficients": list(lot.price_method.get("coefficients", ())),
        "pool": [{"ticket": place.ticket, "excluded": place.excluded} for place in places],
        "platform_commitment": draw.commitment(nonce), "cause": cause,
    }
    found = Draw(
        id=draw_id, lot_id=lot_id, announcement=jcs(announcement).decode(), salt=salt.hex(),
        sealed_nonce=digests.seal(b64(nonce)), cause=cause, announced_at=ctx.now,
        commit_by=commit_by, reveal_by=reveal_by)
    ctx.session.add(found)
    ctx.session.flush()
    ctx.session.add_all(places)
    ctx.session.add(DrawContribution(
        draw_id=draw_id, contributor=draw.PLATFORM, commitment=draw.commitment(nonce),
        committed_at=ctx.now))
    excluded = Counter(place.excluded for place in places if place.excluded)
    ctx.record(draw_id, {
        "announcement_hash": rules.digest(announcement),
        "list_hash": draw.list_hash(announcement["pool"]), "eligible": eligible,
        "excluded": dict(sorted(excluded.items())), "seats": lot.panel["size"],
        "platform_commitment": draw.commitment(nonce), "commit_by": time_text(commit_by),
        "reveal_by": time_text(reveal_by), "cause": cause,
    }, lot_id=lot_id, tender_id=lot.tender_id)
    return found


def _pool(ctx: Act, lot: Lot, draw_id: str, salt: bytes) -> list[DrawPlace]:
    """Every approved expert of the specialty with the reason that keeps him out, by ticket."""
    grants = standing_grants(ctx.session, "expert", ctx.now,
                             specialty=lot.panel.get("specialty", ""))
    buyer = ctx.session.get_one(Party, tender_of(ctx.session, lot.tender_id).buyer_id)
    companies = reading.tenderers_of(ctx.session, lot)
    parties = [buyer.id, *(party.id for party in companies)]
    ties = rules.Ties(
        buyer_uscc=buyer.uscc, tenderer_usccs={party.uscc for party in companies},
        party_persons=persons_of_parties(ctx.session, parties),
        other_roles=reading.supervisors_of(ctx.session, lot, ctx.now).union(*(
            persons for role, persons in conflicts.held_in_lot(ctx.session, lot.id).items()
            if role != "expert")))
    experts = [rules.Expert(grant.id, account.person_id, grant.employer_uscc or None)
               for grant, account in grants]
    reasons = rules.exclusions(experts, ties)
    places = [DrawPlace(
        draw_id=draw_id, ticket=draw.ticket(draw_id, salt, grant.id), grant_id=grant.id,
        account_id=account.id, person_id=account.person_id, excluded=reasons[grant.id])
        for grant, account in grants]
    return sorted(places, key=lambda place: place.ticket)


def _lock(ctx: Act, draw_id: str, *, share: bool = True) -> tuple[Lot, Draw]:
    """Lock the lot, then the draw; NOT_FOUND where there is none or it is void."""
    lot_id = reading.the_draw(ctx.session, draw_id).lot_id
    lot = lock_lot(ctx, lot_id, share=share)
    found = ctx.session.scalars(select(Draw).where(Draw.id == draw_id).with_for_update()
                                .execution_options(populate_existing=True)).one()
    if found.voided_at is not None:
        raise NOT_FOUND()
    return lot, found


@act("draw.committed", law="实施条例 46", action="draw.contribute")
def commit_nonce(ctx: Act, draw_id: str, *, commitment: str) -> Draw:
    """Commit to a nonce: its SHA-256 in hex. Once per party, before the commitments close."""
    lot, found = _lock(ctx, draw_id)
    ctx.permit(lot_id=lot.id)
    if ctx.now >= found.commit_by:
        raise COMMIT_CLOSED(until=time_text(found.commit_by))
    ctx.session.add(DrawContribution(
        draw_id=draw_id, contributor=ctx.actor.party_id, commitment=commitment,
        committed_at=ctx.now))
    ctx.record(draw_id, {"contributor": ctx.actor.party_id, "commitment": commitment},
               lot_id=lot.id, tender_id=lot.tender_id, party_id=ctx.actor.party_id)
    return found


@act("draw.revealed", law="实施条例 46", action="draw.contribute", by=("clock",))
def reveal_nonce(ctx: Act, draw_id: str, *, nonce: str | None = None) -> Draw:
    """Reveal the 32-byte nonce (base64) that was committed; the clock reveals the platform's."""
    lot, found = _lock(ctx, draw_id)
    ctx.permit(lot_id=lot.id)
    if not found.commit_by <= ctx.now < found.reveal_by:
        raise REVEAL_NOT_OPEN(since=time_text(found.commit_by), until=time_text(found.reveal_by))
    platform = ctx.actor.kind == "clock"
    contributor = draw.PLATFORM if platform else ctx.actor.party_id
    row = ctx.session.scalars(select(DrawContribution).where(
        DrawContribution.draw_id == draw_id,
        DrawContribution.contributor == contributor)).one_or_none()
    if row is None:
        raise NOT_COMMITTED()
    if row.nonce is not None:
        raise ALREADY_REVEALED()
    nonce = digests.unseal(found.sealed_nonce) if platform else nonce
    if not draw.opens(nonce, row.commitment):
        raise NONCE_DIFFERS()
    row.nonce, row.revealed_at = nonce, ctx.now
    ctx.record(draw_id, {"contributor": contributor, "nonce": nonce},
               lot_id=lot.id, tender_id=lot.tender_id, party_id=ctx.actor.party_id)
    return found


@act("draw.closed", law="实施条例 46", by=("clock",))
def close_draw(ctx: Act, draw_id: str) -> Draw:
    """Close the time for revealing: name who is left out; void the draw if it is the platform.

    The first checkpoint that holds this entry gives the seed.
    """
    lot, found = _lock(ctx, draw_id, share=False)
    ctx.permit(lot_id=lot.id)
    if found.closed_at is not None or ctx.now < found.reveal_by:
        raise REVEAL_NOT_OPEN(since=time_text(found.commit_by), until=time_text(found.reveal_by))
    left_out = draw.left_out(reading.contributions(ctx.session, draw_id))
    found.closed_at = ctx.now
    if draw.PLATFORM in left_out:
        found.voided_at, found.void_reason = ctx.now, "platform_did_not_reveal"
    ctx.record(draw_id, {"left_out": left_out, "void": found.void_reason},
               lot_id=lot.id, tender_id=lot.tender_id)
    found.closed_entry = ctx.entry_id
    return found


@act("panel.drawn", law="招标投标法 37; 实施条例 46", by=("clock",))
def draw_panel(ctx: Act, draw_id: str) -> Draw:
    """Draw panel, substitutes and coefficient from the first checkpoint that holds the close.

    Raises DRAW_WAITS until there is one with the lines of all announced witnesses. Where one
    stays silent, or too few of those drawn may still sit, the draw is void and the entry says so.
    """
    lot, found = _lock(ctx, draw_id, share=False)
    ctx.permit(lot_id=lot.id)
    if found.drawn_at is not None or found.closed_at is None:
        raise DRAW_WAITS()
    checkpoint = seeds.ripe(ctx.session, found, ctx.now)
    if silent := seeds.silent_witnesses(found, checkpoint):
        found.voided_at, found.void_reason = ctx.now, "witness_silent"
        ctx.record(draw_id, {"silent": silent, "void": found.void_reason}, lot_id=lot.id,
                   tender_id=lot.tender_id)
        return found
    announcement = json.loads(found.announcement)
    document = draw.document(draw_id, announcement,
                             reading.contributions(ctx.session, draw_id), checkpoint.note)
    places = {place.ticket: place for place in ctx.session.scalars(
        select(DrawPlace).where(DrawPlace.draw_id == draw_id))}
    for rank, name in enumerate(document["order"], 1):
        places[name].rank = rank
    found.drawn_at, found.document = ctx.now, jcs(document).decode()
    ctx.session.flush()
    chosen = _fit(ctx, found, announcement["seats"])
    facts: dict[str, object] = {
        "draw_hash": rules.digest(document), "seed": document["seed"],
        "coefficient": document["coefficient"],
        "passed_over": {place.ticket: place.passed_over
                        for place in places.values() if place.passed_over}}
    if len(chosen) < announcement["seats"]:
        found.voided_at, found.void_reason = ctx.now, "too_few_may_sit"
    else:
        for seat_number, place in enumerate(chosen, 1):
            _seat(ctx, found, place, seat_number)
        decide_outcome(ctx, lot.id, "panel_drawn")
        facts["panel"] = [place.ticket for place in chosen]
    ctx.record(draw_id, facts | {"void": found.void_reason}, lot_id=lot.id,
               tender_id=lot.tender_id)
    return found


def seat_next(ctx: Act, found: Draw, number: int) -> PanelSeat | None:
    """Seat the next drawn expert who may still sit; None when the order is used up.

    Joins the calling act, which holds the lot.
    """
    chosen = _fit(ctx, found, 1)
    return _seat(ctx, found, chosen[0], number) if chosen else None


def _fit(ctx: Act, found: Draw, wanted: int) -> list[DrawPlace]:
    """The next `wanted` places, fewer if there are no more, from which nobody was seated.

    Whoever lost the grant or took another role in the lot since the announcement is passed
    over, with the reason kept at his place.
    """
    used = set(ctx.session.scalars(select(PanelSeat.place_id).where(
        PanelSeat.draw_id == found.id)))
    fit: list[DrawPlace] = []
    for place in reading.place_order(ctx.session, found.id):
        if len(fit) == wanted:
            break
        if place.id in used or place.passed_over:
            continue
        place.passed_over = _unfit(ctx, found.lot_id, place)
        if not place.passed_over:
            fit.append(place)
    return fit


def _seat(ctx: Act, found: Draw, place: DrawPlace, number: int) -> PanelSeat:
    ctx.session.add(Judge(lot_id=found.lot_id, person_id=place.person_id, body=PANEL))
    ctx.session.flush()
    seat = PanelSeat(
        lot_id=found.lot_id, draw_id=found.id, place_id=place.id, number=number,
        rank=place.rank, account_id=place.account_id, person_id=place.person_id,
        seated_at=ctx.now)
    ctx.session.add(seat)
    ctx.session.flush()
    return seat


def _unfit(ctx: Act, lot_id: str, place: DrawPlace) -> str | None:
    grant = ctx.session.get_one(RoleGrant, place.grant_id)
    account = ctx.session.get_one(Account, place.account_id)
    if grant.revoked_at is not None or ended(account, ctx.now):
        return "grant_ended"
    try:
        conflicts.no_two_roles(ctx.session, lot_id, place.person_id, "expert")
    except Refused:
        return "other_role_in_lot"
    return None
